"""A file's content as items that can be drawn, searched and copied one by one, so that none needs all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from rich.text import Text

from files_tui.contents.lines import BLOCK, Pieces
from files_tui.contents.pretty import indented, layout
from files_tui.contents.records import Fragment, Tone, rows, summary
from files_tui.text import Safe, safe

TONES: dict[Tone, str] = {
    "plain": "",
    "dim": "dim",
    "key": "cyan",
    "good": "green",
    "bad": "bold red",
    "system": "magenta",
    "user": "bold cyan",
    "assistant": "bold green",
    "tool": "yellow",
}
FOLDED, OPEN = "▸ ", "▾ "
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


class TextLines(Bytes):
    """Plain text, a line each; a very long one in pieces."""

    def __init__(self, data: bytearray) -> None:
        super().__init__(data)
        self._pieces = Pieces(data, cuts=True)

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

    def label(self, index: int) -> Safe:
        number = self._pieces.number(index)
        return Safe("" if number is None else str(number))

    def rows(self, index: int) -> list[Text]:
        start, end = self.span(index)
        shown = Text(safe(_line(self.data[start:end]).expandtabs(_TAB)))
        if end == self.end and not self.whole and self.data[end - 1] != 10:
            shown.append(" …", "dim")
        return [shown]

    def true(self, index: int) -> str:
        start, end = self._pieces.line(index)
        return _line(self.data[start:end])


def _line(data: bytearray) -> str:
    """A line without its end."""
    return data.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


class Records(Bytes):
    """A value of JSON a line, folded to what it is about."""

    noun = "record"

    def __init__(self, data: bytearray) -> None:
        super().__init__(data)
        self._pieces = Pieces(data, cuts=False)
        self._unfolded: set[int] = set()
        self._all = False
        """Whether those are folded that are in the set, and no others."""

    @property
    def count(self) -> int:
        return self._pieces.count

    def grow(self, end: int, *, whole: bool) -> None:
        super().grow(end, whole=whole)
        self._pieces.extend(end)

    def span(self, index: int) -> tuple[int, int]:
        return self._pieces.span(index)

    def at(self, offset: int) -> int:
        return self._pieces.at(offset)

    def patterns(self, words: str) -> set[bytes]:
        escaped = (json.dumps(words, ensure_ascii=each)[1:-1] for each in (True, False))
        return super().patterns(words) | {each.encode("utf-8", "replace").lower() for each in escaped}

    def _is_open(self, index: int) -> bool:
        return (index in self._unfolded) != self._all

    def rows(self, index: int) -> list[Text]:
        start, end = self.span(index)
        record = bytes(self.data[start:end])
        has_ended = record.endswith(b"\n") or self.whole
        is_open = self._is_open(index)
        shown = [drawn(summary(record, whole=has_ended), OPEN if is_open else FOLDED)]
        shown[0].no_wrap = True
        if is_open:
            if has_ended:
                shown += [drawn(row, "    ") for row in rows(record)]
            else:
                cut = safe(record[:BLOCK].decode("utf-8", "replace"))
                shown += [Text(f"    {cut}"), Text("    … not all of this record has come; h shows it as text", "dim")]
        return shown

    def true(self, index: int) -> str:
        start, end = self.span(index)
        return _line(self.data[start:end])

    def fold(self, index: int) -> int | None:
        self._unfolded ^= {index}
        return index

    def fold_all(self) -> bool:
        self._all = not (self._all or self._unfolded)
        self._unfolded.clear()
        return True

    def reveal(self, index: int) -> bool:
        is_folded = not self._is_open(index)
        if is_folded:
            self.fold(index)
        return is_folded


def drawn(row: Sequence[Fragment], before: str = "") -> Text:
    """A row of a record in its colours."""
    shown = Text(before)
    for fragment in row:
        shown.append(fragment.words, TONES[fragment.tone])
    return shown


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


class Tree(Document):
    """One value of JSON, laid out, whose objects and arrays fold."""

    def __init__(self, text: str, note: str = "") -> None:
        self._layout = layout(text)
        self._note = note or ("… and more lines, which the view as text shows" if self._layout.is_cut else "")
        self._folded: set[int] = set()
        self._visible: list[int] = []
        self._see()

    def _see(self) -> None:
        """Find out which lines are hidden in none that is folded."""
        self._visible = []
        at = 0
        while at < len(self._layout.lines):
            self._visible.append(at)
            at = self._layout.closed_by.get(at, at) + 1 if at in self._folded else at + 1

    @property
    def count(self) -> int:
        return len(self._visible) + bool(self._note)

    @property
    def numbers(self) -> int:
        return len(self._layout.lines)

    def label(self, index: int) -> Safe:
        return Safe(str(self._visible[index] + 1) if index < len(self._visible) else "")

    def rows(self, index: int) -> list[Text]:
        if index >= len(self._visible):
            return [Text(self._note, "dim")]
        line = self._visible[index]
        words, depth = self._layout.lines[line], self._layout.depths[line]
        before = indented("", depth)
        sign = FOLDED if line in self._folded else OPEN if line in self._layout.closed_by else "  "
        shown = Text(f"{before}{sign}")
        key, colon, value = words.partition('": ')
        if colon and words.startswith('"'):
            shown.append(_cut(f"{key}{colon}"), "cyan")
            words = value
        shown.append(_cut(words))
        if line in self._folded:
            hidden = self._layout.closed_by[line] - line - 1
            shown.append(f" … {hidden:,} … {self._layout.lines[self._layout.closed_by[line]]}", "dim")
        return [shown]

    def true(self, index: int) -> str:
        if index >= len(self._visible):
            return ""
        line = self._visible[index]
        last = self._layout.closed_by.get(line, line)
        depths = self._layout.depths
        whole = range(line, last + 1) if line in self._folded else (line,)
        return "\n".join("  " * (depths[each] - depths[line]) + self._layout.lines[each] for each in whole)

    def find(self, words: str, index: int, step: int) -> int | None:
        wanted = words.lower()
        last = len(self._layout.lines)
        line = -1 if index < 0 else self._visible[index] if index < len(self._visible) else last
        lines = range(line + 1, last) if step > 0 else range(line - 1, -1, -1)
        found = next((each for each in lines if wanted in self._layout.lines[each].lower()), None)
        if found is None:
            return None
        self._folded = {each for each in self._folded if not each < found <= self._layout.closed_by[each]}
        self._see()
        return self._visible.index(found)

    def fold(self, index: int) -> int | None:
        if index >= len(self._visible):
            return None
        line, closed_by = self._visible[index], self._layout.closed_by
        if line not in closed_by:  # what it is in, from the inside outward
            line = next((each for each in range(line - 1, -1, -1) if closed_by.get(each, -1) >= line), -1)
        if line < 0:
            return None
        self._folded ^= {line}
        self._see()
        return self._visible.index(line)

    def fold_all(self) -> bool:
        inner = {each for each in self._layout.closed_by if self._layout.depths[each] == 1}
        self._folded = set() if self._folded else inner or set(self._layout.closed_by)
        self._see()
        return True


def _cut(words: str) -> Safe:
    return safe(words, 4 * BLOCK)
