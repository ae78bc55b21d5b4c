"""A file's content as items that can be drawn, searched and copied one by one, so that none needs all of it."""

from __future__ import annotations

import re

from rich.text import Text

from files_tui.contents.lines import Pieces
from files_tui.text import Safe, safe

ROW = 16
"""Bytes of a row in hex."""

_WINDOW = 1 << 20
_TAB = 4
_HEX = re.compile(r"(?:[0-9a-fA-F]{2} )+[0-9a-fA-F]{2}")


class Document:
    """Items that are numbered from 0 on; an item has one row or several, however wide."""

    noun = "line"
    """What an item is called."""

    @property
    def count(self) -> int:
        """How many items there are."""
        raise NotImplementedError

    @property
    def numbers(self) -> int:
        """The highest number of an item."""
        return self.count

    def label(self, index: int) -> Safe:
        """What stands before an item: its number, nothing where it goes on with the one before it."""
        return Safe(str(index + 1))

    def rows(self, index: int) -> list[Text]:
        """What an item says."""
        raise NotImplementedError

    def true(self, index: int) -> str:
        """What is copied of it."""
        raise NotImplementedError

    def has_come(self, index: int) -> bool:  # noqa: ARG002
        """Whether what is copied of an item is all of it."""
        return True

    def find(self, words: str, index: int, step: int) -> int | None:
        """The nearest item behind `index`, or with a negative `step` before it, in which these words are."""
        raise NotImplementedError

    def grow(self, end: int, *, whole: bool) -> None:
        """Take in what has come up to `end`."""

    def fold(self, index: int) -> int | None:  # noqa: ARG002
        """Fold or unfold the item, or what it is in; gives the item that stands there now, None where nothing folds."""
        return None

    def fold_all(self) -> bool:
        """Fold or unfold everything; False where nothing folds."""
        return False

    def reveal(self, index: int) -> bool:  # noqa: ARG002
        """Unfold an item that is folded, since something in it is looked for; gives whether it was."""
        return False


class Bytes(Document):
    """Items that are spans of bytes."""

    def __init__(self, data: bytearray) -> None:
        self.data = data
        self.end = 0
        self.whole = False

    def grow(self, end: int, *, whole: bool) -> None:
        self.end, self.whole = end, whole

    def span(self, index: int) -> tuple[int, int]:
        """The bytes of an item."""
        raise NotImplementedError

    def at(self, offset: int) -> int:
        """The item that a byte is in."""
        raise NotImplementedError

    def patterns(self, words: str) -> set[bytes]:
        """The bytes that stand for these words, in small letters of ASCII."""
        return {words.encode("utf-8", "replace").lower()}

    def find(self, words: str, index: int, step: int) -> int | None:
        if not self.count:
            return None
        start, end = self.span(index) if index >= 0 else (0, 0)
        patterns = self.patterns(words)
        offset = _after(self.data, patterns, end, self.end) if step > 0 else _before(self.data, patterns, start)
        return None if offset is None else self.at(offset)


def _after(data: bytearray, patterns: set[bytes], start: int, end: int) -> int | None:
    longest = max(map(len, patterns))
    for at in range(start, end, _WINDOW):
        window = data[at : min(end, at + _WINDOW + longest)].lower()
        if found := [place for pattern in patterns if (place := window.find(pattern)) >= 0]:
            return at + min(found)
    return None


def _before(data: bytearray, patterns: set[bytes], end: int) -> int | None:
    longest = max(map(len, patterns))
    for at in range(end, 0, -_WINDOW):
        first = max(0, at - _WINDOW)
        window = data[first : min(end, at + longest)].lower()
        if found := [place for pattern in patterns if (place := window.rfind(pattern)) >= 0]:
            return first + max(found)
    return None


class Lines(Bytes):
    """Items that are lines or, with `cuts`, pieces of those that are very long."""

    def __init__(self, data: bytearray, *, cuts: bool) -> None:
        super().__init__(data)
        self._pieces = Pieces(data, cuts=cuts)

    @property
    def count(self) -> int:
        return self._pieces.count

    @property
    def numbers(self) -> int:
        return self._pieces.lines

    def grow(self, end: int, *, whole: bool) -> None:
        super().grow(end, whole=whole)
        self._pieces.extend(end)

    def span(self, index: int) -> tuple[int, int]:
        return self._pieces.span(index)

    def at(self, offset: int) -> int:
        return self._pieces.at(offset)

    def true(self, index: int) -> str:
        start, end = self._pieces.line(index)
        return _line(self.data[start:end])

    def has_come(self, index: int) -> bool:
        return self.whole or self.data[self._pieces.line(index)[1] - 1] == 10


class TextLines(Lines):
    """Plain text, a line each."""

    def __init__(self, data: bytearray) -> None:
        super().__init__(data, cuts=True)

    def label(self, index: int) -> Safe:
        number = self._pieces.number(index)
        return Safe("" if number is None else str(number))

    def rows(self, index: int) -> list[Text]:
        start, end = self.span(index)
        shown = Text(safe(_line(self.data[start:end]).expandtabs(_TAB)))
        if end == self.end and not self.whole and self.data[end - 1] != 10:
            shown.append(" …", "dim")
        return [shown]


def _line(data: bytearray) -> str:
    """A line without its end."""
    return data.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


class Hex(Bytes):
    """Sixteen bytes a row: their place, the bytes, and their letters."""

    noun = "row"

    @property
    def count(self) -> int:
        return -(-self.end // ROW)

    def span(self, index: int) -> tuple[int, int]:
        return index * ROW, min(self.end, (index + 1) * ROW)

    def at(self, offset: int) -> int:
        return offset // ROW

    def label(self, index: int) -> Safe:
        return Safe(f"{index * ROW:08x}")

    @property
    def numbers(self) -> int:
        return 10_000_000  # as wide as a place is

    def patterns(self, words: str) -> set[bytes]:
        values = {bytes.fromhex(words).lower()} if _HEX.fullmatch(words) else set()
        return super().patterns(words) | values

    def rows(self, index: int) -> list[Text]:
        start, end = self.span(index)
        data = bytes(self.data[start:end])
        shown = Text(no_wrap=True)
        for half in (data[:8], data[8:]):
            shown.append(f" {half.hex(' '):<24}")
        letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in data)
        return [shown.append(f" {letters}", "cyan")]

    def true(self, index: int) -> str:
        return self.rows(index)[0].plain.strip()


class Drawn(Document):
    """Lines that are ready to be shown; `note` is a last one."""

    def __init__(self, lines: list[Text], note: str = "") -> None:
        self._lines = [*lines, *([Text(note, "dim")] if note else [])]

    @property
    def count(self) -> int:
        return len(self._lines)

    def label(self, index: int) -> Safe:  # noqa: ARG002
        return Safe("")

    @property
    def numbers(self) -> int:
        return 0

    def rows(self, index: int) -> list[Text]:
        return [self._lines[index]]

    def true(self, index: int) -> str:
        return self._lines[index].plain.rstrip()

    def find(self, words: str, index: int, step: int) -> int | None:
        wanted = words.lower()
        places = range(index + 1, self.count) if step > 0 else range(index - 1, -1, -1)
        return next((place for place in places if wanted in self._lines[place].plain.lower()), None)
