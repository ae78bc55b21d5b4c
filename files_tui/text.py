"""Making untrusted text safe to show, and quantities readable.

Every text that a server or a file system chose is an `Untrusted`, which is no `str`, so that nothing draws it unless it
went through `safe` before: neither Textual nor Rich stops an escape sequence, and a zero-width or bidirectional
character can hide what a name says.
"""

from __future__ import annotations

import os
import re
import time
import unicodedata
from functools import lru_cache
from pathlib import PurePath
from typing import NewType

import humanize
import msgspec

Safe = NewType("Safe", str)
"""Text of one line that holds no control, escape, bidirectional or zero-width character."""


class Untrusted(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Text that a server or a file system chose; `true` is what it really is, for requests, disk and clipboard.

    Made into a `str`, or formatted, it is safe to show. It compares as its true text does, with plain text, too.
    """

    true: str

    def __str__(self) -> str:
        return safe(self.true)

    def __format__(self, spec: str) -> str:
        return format(safe(self.true), spec)

    def __bool__(self) -> bool:
        return bool(self.true)

    def __hash__(self) -> int:
        return hash(self.true)

    def __eq__(self, other: object) -> bool:
        return self.true == (other.true if isinstance(other, Untrusted) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other  # msgspec's own would compare the objects

    def __lt__(self, other: Untrusted) -> bool:
        return self.true < other.true


def name_of(path: PurePath) -> Untrusted:
    """The last part of a path, which whoever made the file has chosen."""
    return Untrusted(path.name)


def path_of(path: PurePath) -> Untrusted:
    """A whole path."""
    return Untrusted(str(path))


def true(text: str | Untrusted) -> str:
    """What a text really is."""
    return text.true if isinstance(text, Untrusted) else text


MINUTE, HOUR, DAY = 60, 3600, 86400
MAX_MARKS = 3
FLOOD = 1000

# Letters that are drawn as nothing at all, though Unicode calls them printable.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800")
_WHITE = re.compile(r"\s+")
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE)
_UNSAFE_IN_NAME = re.compile(r'[<>:"|?*]')


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if code in (0xFE0E, 0xFE0F) or 0x1F3FB <= code <= 0x1F3FF:
        return ""  # terminals disagree about the width that emoji and skin-tone selectors make
    if unicodedata.category(char) == "Zs":
        return " "
    if char.isprintable() and not _is_invisible(char, code):
        return char
    return _escaped(char)


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    """Whether a character takes no place of its own; a vowel or final of Korean then belongs to the letter before."""
    korean = "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff"
    return korean or unicodedata.category(char) in ("Mn", "Mc", "Me")


def _is_invisible(char: str, code: int) -> bool:
    return (
        char in _BLANK
        or 0x1F1E6 <= code <= 0x1F1FF  # flags: a pair is one picture here and two letters there
        or 0xFE00 <= code <= 0xFE0D
        or 0x180B <= code <= 0x180F
        or 0xE0100 <= code <= 0xE01EF
    )


def safe(text: str | Untrusted, limit: int | None = None) -> Safe:
    """`text` as one visible line: what cannot be shown as it is appears as a symbol or as `\\uXXXX`.

    With a `limit` (characters) the middle of a longer text gives way to an ellipsis, since both ends of a file
    name tell files apart.
    """
    text = true(text)
    if limit is not None and len(text) > limit:
        head = limit * 2 // 3
        text = f"{text[:head]}…{text[len(text) - (limit - head - 1) :]}"
    if text.isascii() and text.isprintable():
        return Safe(text)
    return _visible(text) if len(text) <= FLOOD else _made_visible(text)


def _made_visible(text: str) -> Safe:
    text = "".join(char for char in text if _shown(char))
    if len(text) > FLOOD:
        text = _carried(text)  # since normalizing takes the square of the time for a run of marks
    return Safe("".join(map(_shown, _carried(unicodedata.normalize("NFC", text)))))


_visible = lru_cache(maxsize=512)(_made_visible)
"""What is on the screen is drawn again and again."""


def _carried(text: str) -> str:
    """`text` with those marks written as `\\uXXXX` that no visible character carries, or that are too many for one."""
    shown: list[str] = []
    marks, carrier = 0, False
    for char in text:
        if _is_mark(char):
            marks += 1
            carrier = carrier and marks <= MAX_MARKS and _shown(char) == char
            shown.append(char if carrier else _escaped(char))
        else:
            marks, carrier = 0, not char.isspace() and _shown(char) == char
            shown.append(char)
    return "".join(shown)


def is_word(text: str | Untrusted) -> bool:
    """Whether a script takes it for one thing: visible characters without a blank between them."""
    text = true(text)
    return bool(text) and text.isprintable() and not any(map(str.isspace, text))


def sign(char: str) -> str:
    """One visible character that stands for any one, where each has to keep its place, as in a field to type in."""
    shown = safe(char)
    return shown if len(shown) == 1 else "\ufffd"


def one_line(text: str | Untrusted, limit: int = 300) -> Safe:
    """A message from a server on one line: white space folded, made safe, cut at `limit` characters."""
    text = true(text)
    folded = _WHITE.sub(" ", text[: limit * 4]).strip()
    return safe(folded if len(folded) <= limit else folded[: limit - 1] + "…")


def file_name(name: str | Untrusted) -> str:
    """The name under which a remote file may be saved: a plain basename, whatever `name` tries.

    Path separators, control, invisible and reserved characters become `_`; a name that is empty, reserved on
    some system, hidden or longer than 200 bytes is mended.
    """
    base = re.split(r"[/\\]", true(name).rstrip("/\\"))[-1]
    base = "".join(c if c.isprintable() and _shown(c) == c else "_" for c in base if _shown(c))
    base = _UNSAFE_IN_NAME.sub("_", base).rstrip(". ").lstrip(" ")
    if not base.strip("._"):
        return "download"
    if base.startswith(".") or _RESERVED.fullmatch(base):
        base = "_" + base
    stem, suffix = os.path.splitext(base)
    suffix = suffix if len(suffix.encode()) <= 20 else ""
    room = 200 - len(suffix.encode())
    stem = stem if suffix else base
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode(errors="ignore").rstrip(". ")
    return stem + suffix


def size(count: int | None) -> str:
    """Bytes in words: `88 B`, `12.4 MB`; `–` when unknown."""
    if count is None:
        return "–"
    if abs(count) < 1000:
        return f"{count} B"
    return str(humanize.naturalsize(count, format="%.1f"))


def count(number: int) -> str:
    """A number with thousands separators."""
    return f"{number:,}"


def plural(number: int, word: str) -> str:
    """`1 file`, `1,284 files`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def span(seconds: float) -> str:
    """A length of time in its largest unit: `45 s`, `3 h`, `27 d`, `5 mo`, `2 y`."""
    seconds = int(seconds)
    for unit, name in ((365 * DAY, "y"), (30 * DAY, "mo"), (DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= unit * (2 if unit == DAY else 1):
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def age(created_at: int | None, now: float | None = None) -> str:
    """How long ago, from unix seconds: `just now`, `2 h ago`; `–` when unknown."""
    if created_at is None:
        return "–"
    passed = (time.time() if now is None else now) - created_at
    return "just now" if passed < MINUTE else f"{span(passed)} ago"


def expiry(expires_at: int | None, now: float | None = None) -> str:
    """When a file ends, from unix seconds: `never`, `in 27 d`, `expired`."""
    if expires_at is None:
        return "never"
    left = expires_at - (time.time() if now is None else now)
    return f"in {span(left)}" if left > 0 else "expired"


def moment(at: float | None) -> str:
    """Unix seconds as local date and time; `–` when unknown or beyond the calendar."""
    if at is None:
        return "–"
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
    except (OverflowError, OSError, ValueError):
        return "–"


def clock(seconds: float | None) -> str:
    """Time left as `0:12` or `1:02:03`; `--:--` when unknown."""
    if seconds is None:
        return "--:--"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
