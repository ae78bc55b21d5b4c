"""What became of a batch, in a few lines: counts, tokens, and the errors by their kind."""

from __future__ import annotations

from rich.text import Text

from files_tui import text
from files_tui.contents import batch_output
from files_tui.contents.batch_output import Failure, Outcome
from files_tui.ui.preview import parts

MESSAGE_LINES = 3
BAR = 40
_INDENT = 9


def lines(data: bytes, whole: bool, width: int) -> list[Text]:
    """What is told by the lines in `data`, as far as they have arrived."""
    outcome = batch_output.read(data, whole)
    shown = [_head(outcome, whole), *_bar(outcome, width), *_tokens(outcome)]
    if outcome.unreadable:
        words = f"{text.plural(outcome.unreadable, 'line')} without a JSON object, the first is line "
        shown.append(parts.problem(f"{words}{outcome.first_unreadable:,}"))
    for failure in outcome.failures:
        shown.extend([parts.line(), *_failure(failure, width)])
    if outcome.other_failures:
        shown.extend([parts.line(), parts.note(f"… {text.plural(outcome.other_failures, 'failure')} of other kinds")])
    return parts.fitted(shown, width)


def _head(outcome: Outcome, whole: bool) -> Text:
    requests = outcome.succeeded + outcome.failed
    if not requests:
        return parts.head("no request has an outcome", whole=whole)
    shown = parts.line(text.plural(requests, "request"), "bold").append(" · ")
    shown.append(f"✓ {outcome.succeeded:,} succeeded", "green").append(" · ")
    shown.append(f"✗ {outcome.failed:,} failed", "bold red" if outcome.failed else "")
    return shown if whole else shown.append(f" · {parts.SO_FAR}", "yellow")


def _bar(outcome: Outcome, width: int) -> list[Text]:
    """The share of requests that succeeded; a single failure is seen in it."""
    requests = outcome.succeeded + outcome.failed
    if not (outcome.succeeded and outcome.failed):
        return []
    room = max(2, min(BAR, width - 16))
    good = min(room - 1, max(1, room * outcome.succeeded // requests))
    share = outcome.succeeded * 1000 // requests / 10
    return [parts.line("█" * good, "green").append("░" * (room - good), "red").append(f" {share:.1f} %")]


def _tokens(outcome: Outcome) -> list[Text]:
    tokens = outcome.tokens
    total = max(tokens.total, tokens.read + tokens.written)
    if not total:
        return []
    words = [f"{count:,} {what}" for count, what in ((tokens.read, "read"), (tokens.written, "written")) if count]
    return [parts.line("tokens  ", "dim").append(" · ".join([*words, f"{total:,} in all"]))]


def _failure(failure: Failure, width: int) -> list[Text]:
    """How often, status and code, then whom it met first, then what was said."""
    shown = parts.line(f"{failure.count:>6,} ✗ ", "bold red")
    code = parts.cut(failure.code, 60)
    shown.append(" ".join(filter(None, (str(failure.status or ""), code))) or "no status", "bold")
    if failure.first:
        shown.append("  first: ", "dim").append(parts.cut(failure.first, 64))
    message = text.one_line(failure.message) or "no message"
    said = parts.wrapped(Text(message), max(1, width - _INDENT), MESSAGE_LINES)
    return [shown, *(parts.line(" " * _INDENT).append_text(part) for part in said)]
