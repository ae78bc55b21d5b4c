"""Curves over an axis, drawn with braille dots and marks, so that they are told apart without colours."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.text import Text

from files_tui.contents.results import Point
from files_tui.ui.preview import parts
from files_tui.ui.preview.dots import ACROSS, DOWN, Canvas

DOTS = "⣿"
"""The glyph of a curve that is drawn as a line; any other is drawn as marks."""

_STRETCH = 5
"""Cells that two marks share, where there are more points than cells."""
_TICK_ROWS, _TICK_CELLS = 4, 14
"""How far apart the numbers of an axis stand at least, in cells."""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: points in the order of their steps, NaN where it has a gap."""

    points: Sequence[Point]
    glyph: str
    style: str


@dataclass(slots=True)
class _Column:
    """What falls into one column of dots."""

    first: float
    last: float
    low: float
    high: float
    after_gap: bool


def number(value: float) -> str:
    """A number as short as its meaning allows."""
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    return f"{value:.4g}" if 1e-4 <= abs(value) < 1e9 else f"{value:.2e}"


def plotted(curves: Sequence[Line], width: int, rows: int) -> list[Text]:
    """The curves in `width` cells and `rows` lines, and two more lines for the steps below."""
    values = [point.value for curve in curves for point in curve.points if not math.isnan(point.value)]
    steps = [point.step for curve in curves for point in curve.points]
    low, high, ticks = _scale(min(values), max(values), max(2, rows // _TICK_ROWS + 1))
    labels = {_place(tick, low, high, rows * DOWN) // DOWN: _tick(tick, ticks) for tick in ticks}
    margin = max(map(len, labels.values())) + 1
    canvas = Canvas(max(1, width - margin - 1), rows)
    first, last = min(steps), max(steps)
    for curve in curves:
        draw = _trace if curve.glyph == DOTS else _mark
        draw(canvas, curve, (first, last), (low, high))
    line_style = next((curve.style for curve in curves if curve.glyph == DOTS), "")
    shown = []
    for row in range(rows):
        label = labels.get(row, "")
        axis = parts.line(f"{label:>{margin - 1}} {'┤' if label else '│'}", "dim")
        shown.append(axis.append_text(canvas.row(row, line_style)))
    return [*shown, *_steps_below(first, last, canvas.width, margin)]


def _scale(low: float, high: float, wanted: int) -> tuple[float, float, list[float]]:
    """Round bounds around `low` and `high`, and the round numbers between them."""
    if high - low <= abs(high) * 1e-9:
        spread = abs(high) * 0.1 or 1.0
        low, high = low - spread, high + spread
    step = _round_step((high - low) / wanted)
    first, last = math.floor(low / step), math.ceil(high / step)
    return first * step, last * step, [tick * step for tick in range(first, last + 1)]


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5 and 5 times a power of ten that is not less."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in (1, 2, 2.5, 5, 10, 20) if times * power >= least)


def _tick(tick: float, ticks: Sequence[float]) -> str:
    """A number of an axis, as exact as its neighbours ask for."""
    step = ticks[1] - ticks[0]
    if not 1e-4 <= step < 1e6:
        return f"{tick:.2g}"
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{tick:.{places + (round(step * 10**places, 6) % 1 > 0)}f}"


def _place(value: float, low: float, high: float, dots: int) -> int:
    """How many dots below the top a value is."""
    return max(0, min(dots - 1, round((high - value) / (high - low) * (dots - 1))))


def _columns(points: Sequence[Point], span: tuple[float, float], dots: int) -> dict[int, _Column]:
    """The points by column: each keeps its first, last, least and greatest, so that no peak is lost."""
    columns: dict[int, _Column] = {}
    gap = False
    for point in points:
        value = point.value
        if math.isnan(value):
            gap = True
            continue
        x = _across(point.step, span, dots)
        if column := columns.get(x):
            column.last, column.low, column.high = value, min(column.low, value), max(column.high, value)
        else:
            columns[x] = _Column(value, value, value, value, gap)
        gap = False
    return columns


def _trace(canvas: Canvas, curve: Line, span: tuple[float, float], bounds: tuple[float, float]) -> None:
    """Draw a line through the points, broken where there are gaps."""
    height = canvas.rows * DOWN
    columns = _columns(curve.points, span, canvas.width * ACROSS)
    for x, column in columns.items():
        top, bottom = (_place(value, *bounds, height) for value in (column.high, column.low))
        for y in range(top, bottom + 1):
            canvas.dot(x, y)
    for (start, before), (end, column) in pairwise(columns.items()):
        if not column.after_gap:
            for x, y in _between(
                start, _place(before.last, *bounds, height), end, _place(column.first, *bounds, height)
            ):
                canvas.dot(x, y)


def _between(start: int, first: int, end: int, last: int) -> Iterator[tuple[int, int]]:
    """The dots of a straight line from one column to another, without holes."""
    before = first
    for x in range(start, end + 1):
        y = first + round((last - first) * (x - start) / (end - start))
        for dot in range(min(before, y), max(before, y) + 1):
            yield x, dot
        before = y


def _mark(canvas: Canvas, curve: Line, span: tuple[float, float], bounds: tuple[float, float]) -> None:
    """Draw points as marks; of many the least and the greatest of a stretch, so that a line behind them is seen."""
    stretches: dict[int, tuple[Point, Point]] = {}
    for point in curve.points:
        if not math.isnan(point.value):
            at = _across(point.step, span, canvas.width) // _STRETCH
            least, most = stretches.get(at, (point, point))
            stretches[at] = (
                point if point.value < least.value else least,
                point if point.value > most.value else most,
            )
    for point in (point for stretch in stretches.values() for point in stretch):
        place = _place(point.value, *bounds, canvas.rows * DOWN) // DOWN, _across(point.step, span, canvas.width)
        canvas.marks[place] = curve.glyph, curve.style


def _across(step: float, span: tuple[float, float], places: int) -> int:
    """How many places right of the axis a step is."""
    first, last = span
    return round((step - first) / (last - first) * (places - 1)) if last > first else places // 2


def _steps_below(first: float, last: float, width: int, margin: int) -> list[Text]:
    """The axis of the steps, and their numbers below it: the last one first, since it says what they are."""
    end = f"step {number(last)}"[-width:]
    axis, names = ["─"] * width, [" "] * (width - len(end)) + list(end)
    if last > first:
        axis[-1] = "┐"
        _, _, rounds = _scale(first, last, max(1, width // _TICK_CELLS))
        free = 0
        for tick in [first, *(tick for tick in rounds if first < tick < last)]:
            at, name = _across(tick, (first, last), width), number(tick)
            start = max(0, at - len(name) // 2)
            if start >= free and start + len(name) + 2 <= width - len(end):
                names[start : start + len(name)] = name
                axis[at], free = "┬", start + len(name) + 2
    return [
        parts.line(" " * margin + "└" + "".join(axis), "dim"),
        parts.line(" " * margin + " " + "".join(names), "dim"),
    ]
