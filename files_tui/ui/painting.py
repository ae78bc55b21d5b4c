"""Only cells that have changed go to the terminal; Textual by itself writes whole regions again, changed or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from rich.cells import split_graphemes
from rich.color import Color, ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

NEAR = 6
"""So many cells that are the same are written again, since going around them takes as many bytes."""

_NARROW = re.compile("[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2500-\u25fc]*")
"""One cell wide each, and most of what is drawn is made of them."""

_UNSEEN_ON_BLANKS = frozenset(("", "1", "2", "3", "1;2", "1;3", "2;3", "1;2;3"))
"""Bold, dim and italic."""


class Look(NamedTuple):
    """How a cell is drawn, as SGR codes; "" is the terminal's own. With `letters` None there are none to be seen."""

    attributes: str
    letters: str | None
    ground: str


PLAIN = Look("", "", "")

Line = tuple[list[str], list[Look | None]]
"""For each cell its text, "" in the second one of a wide character, and its look, None where that is not known."""


class Changes(CompositorUpdate):
    """Sequences that are ready to be written."""

    def __init__(self, sequences: str) -> None:
        self._sequences = sequences

    def render_segments(self, console: Console) -> str:  # noqa: ARG002
        return self._sequences


class Painted:
    """What the terminal shows, cell by cell, as far as it is known."""

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._lines: list[Line] = []

    def forget(self) -> None:
        """Anything may stand on the terminal from now on."""
        self._size = Size(0, 0)

    def changes(self, update: object, size: Size, console: Console) -> object:
        """What of an update the terminal does not show already, None where it shows all of it.

        Anything else but an update is given back.
        """
        if not isinstance(update, LayoutUpdate | ChopsUpdate):
            return update
        if size != self._size:
            self._size = size
            self._lines = [([" "] * size.width, [None] * size.width) for _ in range(size.height)]
        system = COLOR_SYSTEMS[console.color_system or "truecolor"]
        lines: dict[int, Line] = {}
        for y, x, strip in _pieces(update):
            if y < size.height:
                if y not in lines:
                    texts, looks = self._lines[y]
                    lines[y] = texts[:], looks[:]
                _draw(lines[y], x, strip, system)
        pen = Pen()
        for y, line in lines.items():
            for cells in line:
                del cells[size.width :]
            if line != self._lines[y]:
                pen.write_changes(y, self._lines[y], line)
                self._lines[y] = line
        return Changes(pen.lift()) if pen.has_written else None


def _pieces(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """The parts of an update: line, column, and what is to stand there."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                yield y, x, strip
                x += strip.cell_length
        return
    for y, start, stop in update.spans:
        for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if chop is not None and x < stop and end > start:
                yield y, x, chop if end <= stop else chop.crop(0, stop - x)


def _draw(line: Line, x: int, strip: Strip, system: ColorSystem) -> None:
    texts, looks = line
    for text, style, control in strip:
        if control or not text:
            continue
        cells = list(text) if _NARROW.fullmatch(text) else _cells(text)
        end = x + len(cells)
        look, blank = _looks(style or Style.null(), system)
        texts[x:end] = cells
        looks[x:end] = [blank if cell == " " else look for cell in cells] if " " in text else [look] * len(cells)
        x = end


@lru_cache(1024)
def _cells(text: str) -> list[str]:
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells += [text[start:end], *[""] * (width - 1)]
        elif cells:
            cells[-1] += text[start:end]
    return cells


@lru_cache(4096)
def _looks(style: Style, system: ColorSystem) -> tuple[Look, Look]:
    """How a style draws letters, and blanks."""
    attributes = Strip.render_ansi(style.without_color, system)
    letters, ground = _codes(style.color, system, letters=True), _codes(style.bgcolor, system, letters=False)
    look = Look(attributes, letters, ground)
    return look, Look("", None, ground) if attributes in _UNSEEN_ON_BLANKS else look


def _codes(color: Color | None, system: ColorSystem, *, letters: bool) -> str:
    codes = ";".join(color.downgrade(system).get_ansi_codes(letters)) if color else ""
    return "" if codes in ("39", "49") else codes


class Pen:
    """Writes cells, with as few bytes in between as it can."""

    def __init__(self) -> None:
        self._sequences: list[str] = []
        self._look = PLAIN

    @property
    def has_written(self) -> bool:
        """Whether there is anything to write at all."""
        return bool(self._sequences)

    def lift(self) -> str:
        """All that was written, with no look left behind."""
        return "".join(self._sequences) + ("\x1b[0m" if self._look != PLAIN else "")

    def write_changes(self, y: int, before: Line, now: Line) -> None:
        """Write where two states of a line differ."""
        texts, looks = now
        if not any(before[1]):
            differ = [look is not None for look in looks]
        else:
            differ = [a != b or c != d for a, b, c, d in zip(texts, before[0], looks, before[1], strict=True)]
        place = f"\x1b[{y + 1};%dH"
        x = 0
        while True in differ[x:]:
            x = differ.index(True, x)
            end = x + 1
            while True in differ[end : end + NEAR]:
                end = differ.index(True, end) + 1
            while end < len(texts) and not texts[end]:  # both cells of a wide character
                end += 1
            self._sequences.append(place % (x + 1))
            self._write(x, texts[x:end], looks[x:end])
            place = "\x1b[%dG"
            x = end

    def _write(self, x: int, texts: list[str], looks: list[Look | None]) -> None:
        at = 0
        for look, same in groupby(looks):
            if look is not None and look is not self._look:
                self._take(look)
            end = at + len(list(same))
            text = "".join(texts[at:end])
            self._sequences.append(text if _NARROW.fullmatch(text) else _placed(x + at, texts[at:end]))
            at = end

    def _take(self, look: Look) -> None:
        """Change from one look to another."""
        now = self._look
        attributes, letters, ground = look
        if letters is None:
            letters = now.letters
            if now.attributes in _UNSEEN_ON_BLANKS:
                attributes = now.attributes
                if ground == now.ground:
                    return
        codes = []
        if attributes != now.attributes:
            if now.attributes:
                now = PLAIN
                codes.append("0")
            if attributes:
                codes.append(attributes)
        if letters != now.letters:
            codes.append(letters or "39")
        if ground != now.ground:
            codes.append(ground or "49")
        if codes:
            self._sequences.append(f"\x1b[{';'.join(codes)}m")
        self._look = Look(attributes, letters, ground)


def _placed(x: int, texts: list[str]) -> str:
    """Cells of which some may be wider or narrower on the terminal: such a one leaves no hole, and shifts nothing."""
    parts = []
    for at, text in enumerate(texts):
        width = 1 + next((n for n, more in enumerate(texts[at + 1 :]) if more), len(texts) - at - 1)
        if _is_doubtful(text, width):
            text = f"{' ' * width}\x1b[{x + at + 1}G{text}\x1b[{x + at + width + 1}G"
        parts.append(text)
    return "".join(parts)


def _is_doubtful(text: str, width: int) -> bool:
    """Whether terminals differ about the width of a character: of what is composed, and of pictures."""
    return len(text) > 1 or text >= "\U0001f000" or (width > 1 and text < "\u2e80")
