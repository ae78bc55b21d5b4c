"""What a program may send to a terminal: a grammar of all bytes, in which nothing is allowed but what is listed."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Sequence

CONTEXT = 60

_OWN = frozenset(
    [f"\x1b[?{mode}{switch}" for mode in (1000, 1003, 1006, 1015, 1004, 1049, 2004, 2026, 25, 7) for switch in "hl"]
    + ["\x1b[>25u", "\x1b[<u"]  # the kitty keyboard
    + ["\x1b[?2026$p", "\x1b[?2048$p"]  # whether it takes whole frames, and tells of its size by itself
    + ["\x1b]22;default\x07", "\x1b]22;pointer\x07", "\x1b]22;text\x07"]  # the shape of the pointer
)
"""Every sequence that never changes."""

_PLACE = re.compile(r"\x1b\[[1-9][0-9]*(?:;[1-9][0-9]*H|G)")
_LOOK = re.compile(r"\x1b\[(?:(?:0|1|2|3|4|7|9|[34]9|[34]8;5;[0-9]+|[34]8;2;[0-9]+;[0-9]+;[0-9]+)(?:;(?!m)|(?=m)))+m")
_COPY = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/]+=*)\x07")

# From its first character to its end, or to where it cannot go on: only for telling of it.
_ANY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|.?)|.", re.DOTALL)

ONCE = ("\x1b[?1049h", "\x1b[?1049l", "\x1b[?25l", "\x1b[?2004l", "\x1b[>25u", "\x1b[<u")
"""What a program sends once in its life, unless it is suspended: a second one is not its own."""


def foreign(raw: bytes, copied: Sequence[str] = ()) -> list[str]:
    """Everything in the bytes that is none of the program's own, with what stands around it.

    `copied` are the texts that the person has copied, in that order: no other may be sent to the clipboard.
    """
    try:
        shown = raw.decode()
    except UnicodeDecodeError as error:
        return [f"no UTF-8 at {error.start}: {raw[max(0, error.start - CONTEXT) : error.start + CONTEXT]!r}"]
    found: list[str] = []
    waiting = [base64.b64encode(text.encode()).decode() for text in copied]
    at = 0
    while at < len(shown):
        end = _end_of_own(shown, at, waiting)
        if end is None:
            end = _ANY.match(shown, at).end()  # type: ignore[union-attr]
            found.append(f"{shown[at:end]!r} in {shown[max(0, at - CONTEXT) : end + CONTEXT]!r}")
        at = end
    found += [f"never copied: {text!r}" for text in waiting]
    return found + [f"{sequence!r} {count} times" for sequence in ONCE if (count := shown.count(sequence)) > 1]


_PLAIN = re.compile(r"[^\x00-\x1f\x7f-\x9f\u00ad]+")


def _end_of_own(shown: str, at: int, waiting: list[str]) -> int | None:
    """Where that ends which begins here and may be sent; None where it may not."""
    if plain := _PLAIN.match(shown, at):
        odd = next((n for n, char in enumerate(plain[0]) if not _is_visible(char)), None)
        return None if odd == 0 else plain.end() if odd is None else at + odd
    if shown.startswith("\r\n", at):
        return at + 2
    for form in (_PLACE, _LOOK):
        if own := form.match(shown, at):
            return own.end()
    for sequence in _OWN:
        if shown.startswith(sequence, at):
            return at + len(sequence)
    if (copy := _COPY.match(shown, at)) and waiting and copy[1] == waiting[0]:
        del waiting[0]
        return copy.end()
    return None


def _is_visible(char: str) -> bool:
    return char.isascii() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
