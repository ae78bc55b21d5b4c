"""The results of a fine-tuning job: a loss curve, the measures in words, and the table that they come from."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from files_tui import text
from files_tui.contents import results
from files_tui.contents.results import Results, Series
from files_tui.ui.preview import parts, table
from files_tui.ui.preview.plot import DOTS, Line, number, plotted

LEAST_WIDTH = 24
LEAST_ROWS, MOST_ROWS = 4, 16
"""Rows of the curve itself."""
OTHER_ROWS = 8
"""The first line, the two axes, and the beginning of the table."""
_GLYPHS = ("◆", "○", "✕", "□")
_STYLES = ("yellow", "magenta", "green", "blue")


def lines(data: bytes, whole: bool, width: int, height: int) -> list[Text]:
    """What is in `data`, so that the curve and the words have room in `height` lines."""
    found = results.read(data, whole)
    drawn = _drawn(found)
    words = _words(found, drawn)
    rows = min(MOST_ROWS, height - len(words) - OTHER_ROWS)
    shown = [_head(found, whole)]
    if drawn and width >= LEAST_WIDTH and rows >= LEAST_ROWS:
        shown.append(parts.note("loss" if drawn[0].is_loss else "reward"))
        shown.extend(plotted([Line(series.points, *_look(series, drawn)) for series in drawn], width, rows))
    return parts.fitted([*shown, *words, *table.drawn(found.table, width)], width)


def _head(found: Results, whole: bool) -> Text:
    steps = text.plural(found.table.count, "step") if found.table.columns else "no steps"
    kept, count = len(found.table.rows), found.table.count
    cut = f"the first {kept:,} of them are drawn" if kept < count else ""
    return parts.head(steps, cut, "decoded from base64" if found.is_wrapped else "", whole=whole)


def _drawn(found: Results) -> list[Series]:
    """The losses; the rewards, where no loss was measured."""
    losses = [series for series in found.series if series.is_loss]
    return losses or [series for series in found.series if "reward" in series.name.true.lower()]


def _look(series: Series, drawn: Sequence[Series]) -> tuple[str, str]:
    """How a series is told from the others: that of the training as a line, each other by a mark of its own."""
    lead = next((each for each in drawn if not each.is_validation), None)
    if series is lead:
        return DOTS, "cyan"
    place = [each for each in drawn if each is not lead].index(series) % len(_GLYPHS)
    return _GLYPHS[place], _STYLES[place]


def _words(found: Results, drawn: Sequence[Series]) -> list[Text]:
    """A line for each series, with the glyph of those that are drawn; and what of it is no number."""
    shown = []
    widest = max((cell_len(series.label) for series in found.series), default=0)
    for series in found.series:
        glyph, style = _look(series, drawn) if series in drawn else (" ", "")
        points, best = series.numbers, series.best
        words = parts.line(f"{glyph} ", style).append(f"{parts.padded(series.label, widest)}  ", "bold")
        words.append(f"first {_measure(points[0].value)}")
        if len(points) > 1:
            words.append(f"  {'least' if series.is_loss else 'most'} {_measure(best.value)} at {number(best.step)}")
            words.append(f"  last {_measure(points[-1].value)}")
        shown.append(words)
        if none := [point for point in series.points if math.isnan(point.value)]:
            steps = f"{text.plural(len(none), 'step')} of {series.label} without a number"
            shown.append(parts.problem(f"{steps}, the first at {number(none[0].step)}"))
    return shown


def _measure(value: float) -> str:
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e3 else number(value)
