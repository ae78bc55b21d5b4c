"""The first lines of a file, as the detail pane shows them."""

from __future__ import annotations

from rich.text import Text

from files_tui.contents.kinds import Kind, called, kind_of
from files_tui.contents.records import summary
from files_tui.text import safe
from files_tui.ui.preview.structures import drawn

LINES = 5
WIDEST = 120
"""Characters; no pane is wider."""


def first_lines(name: str, data: bytes, *, whole: bool) -> list[Text]:
    """A few lines, each to be cut where the pane ends; of what is no text, what it is."""
    kind = kind_of(name, data)
    if kind is Kind.EMPTY:
        return []
    if kind in (Kind.IMAGE, Kind.BINARY):
        return [Text(called(kind, data), "dim")]
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n", LINES)
    has_ended = [*[True] * (len(lines) - 1), whole]
    if kind in (Kind.JSONL, Kind.BATCH_OUTPUT):
        shown = [_brief(line, whole=ended) for line, ended in zip(lines, has_ended, strict=True)]
    else:
        shown = [
            Text(safe(line[: 4 * WIDEST].decode("utf-8", "replace").removesuffix("\r").expandtabs(4)[:WIDEST]))
            for line in lines
        ]
    return shown[:LINES]


def _brief(record: bytes, *, whole: bool) -> Text:
    """What a record is about, without what only tells its shape."""
    fragments = summary(record, whole=whole)
    shown = Text()
    for fragment in [each for each in fragments if each.tone != "dim"] or fragments:
        if shown and not shown.plain.endswith(" ") and not fragment.words.startswith(" "):
            shown.append("  ")
        shown.append_text(drawn([fragment]))
    return shown
