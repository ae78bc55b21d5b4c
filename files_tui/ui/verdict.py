"""What the upload dialog says of all its files together, above its buttons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from files_tui import text
from files_tui.ui.checks import Look
from files_tui.ui.report_rows import LOOKS, Source, percent_of, verdict_of

if TYPE_CHECKING:
    from files_tui.preflight import Report


_WORDS = {"error": "with errors", "not checked": "not checked", "changes": "changing", "warning": "with warnings"}


class Summary(NamedTuple):
    """One line for all files, and what can be done about them.

    `refused` tells that the server would refuse some of them, `found` that there is something to look at, and
    `mendable` holds the reports of those of which a mended copy can be made.
    """

    line: Text
    refused: bool = False
    found: bool = False
    mendable: tuple[Report, ...] = ()


NOTHING = Summary(Text())
NO_PURPOSE = Summary(Text("As soon as a purpose is typed, it is checked.", "dim"))


def summary_of(sources: Sequence[Source], look: Look) -> Summary:
    """How the files stand at the moment."""
    if not sources or not look.purpose:
        return NOTHING
    reports = [report for source in sources if (report := look.report(source.path)) is not None]
    refused = any(report.would_be_refused for report in reports)
    found = any(report.findings for report in reports)
    mendable = tuple(report for report in reports if report.mendable)
    line = _of_one(sources[0], look) if len(sources) == 1 else _of_several(sources, look)
    return Summary(line, refused, found, mendable)


def advice_of(summary: Summary, *, several: bool, in_list: bool) -> str:
    """What can be done about what was found, with names of bindings for keys; `in_list` tells where the focus is."""
    ways = []
    if summary.refused and not in_list:
        ways.append(f"{{upload.accept}} uploads {'them' if several else 'it'} anyway")
    if summary.mendable:
        ways.append(f"{{upload.mend}} {'mends copies' if several else 'mends a copy'}")
    if summary.found:
        ways.append(f"{{{'reports.open' if in_list else 'choice.up'}}} shows {'why' if summary.refused else 'more'}")
    refused = f"{'Some' if several else 'It'} would be refused: " if summary.refused else ""
    return refused + ", ".join(ways)


def _of_one(source: Source, look: Look) -> Text:
    outcome = look.outcomes.get(source.path)
    verdict = verdict_of(source, look)
    words = verdict.words
    if outcome is not None:
        words = outcome if isinstance(outcome, str) else outcome.headline()
    return Text(f"{verdict.glyph} {words}", verdict.style)


def _of_several(sources: Sequence[Source], look: Look) -> Text:
    """How far the check is, and how many files stand how."""
    parts = []
    if left := [source for source in sources if source.path not in look.outcomes]:
        now = next((source for source in left if source.path == look.at), left[0])
        at = len(sources) - len(left) + 1
        parts.append(Text(f"◐ checking {at} of {len(sources)}: {percent_of(now, look)} %", "yellow"))
    kinds = Counter(verdict_of(source, look).kind for source in sources)
    for kind, words in _WORDS.items():
        if kinds[kind]:
            glyph, style = LOOKS[kind]
            parts.append(Text(f"{glyph} {text.plural(kinds[kind], 'file')} {words}", style))
    return Text(" · ").join(parts) if parts else Text(f"✓ {text.plural(len(sources), 'file')}, no problems", "green")
