"""Contents whose items fold: records, a line each, and one value of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.text import Text

from files_tui.contents.lines import BLOCK
from files_tui.contents.pretty import indented, layout
from files_tui.contents.records import Fragment, Tone, summary
from files_tui.contents.shapes import rows
from files_tui.text import Safe, safe
from files_tui.ui.preview.documents import Document, Lines

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
MORE = "… not all of this record has come; the view as text shows what has"


class Records(Lines):
    """A value of JSON a line, folded to what it is about."""

    noun = "record"

    def __init__(self, data: bytearray) -> None:
        super().__init__(data, cuts=False)
        self._unfolded: set[int] = set()
        self._all = False
        """Whether those are folded that are in the set, and no others."""

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
                shown += [Text(f"    {cut}"), Text(f"    {MORE}", "dim")]
        return shown

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
