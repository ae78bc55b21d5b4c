"""The results of a fine-tuning job: a table of what was measured at each step.

OpenAI has delivered them as CSV and as the base64 of that CSV; both are understood. Older ones say -1 where nothing
was measured, newer ones leave the cell empty.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from files_tui.contents import delimited
from files_tui.contents.decoding import decoded
from files_tui.contents.delimited import Table
from files_tui.text import Safe, Untrusted, safe

MOST_SERIES = 24
MOST_STEPS, MOST_CELLS = 200_000, 600_000
LARGEST = 1e100
"""Numbers beyond it are drawn as if they were it."""

_STEP = ("step", "steps", "global_step", "step_number")
_MEASURES = ("loss", "accuracy", "reward")
# Possessive, since going back over line ends would take the square of their number.
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]++={0,2}\s*+")
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at a step; NaN where that is no number."""

    step: float
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """One column of measures, in the order of the steps."""

    name: Untrusted
    points: tuple[Point, ...]

    @property
    def label(self) -> Safe:
        """The name in words."""
        return safe(self.name.true.strip().replace("_", " "), 40)

    @property
    def is_loss(self) -> bool:
        """Whether less is better."""
        return "loss" in self.name.true.lower()

    @property
    def is_validation(self) -> bool:
        """Whether it was measured on the validation file."""
        return "valid" in self.name.true.lower()

    @property
    def is_full(self) -> bool:
        """Whether it was measured on the whole of that file, as after an epoch."""
        return "full" in self.name.true.lower()

    @property
    def numbers(self) -> list[Point]:
        """Those points that are numbers."""
        return [point for point in self.points if not math.isnan(point.value)]

    @property
    def best(self) -> Point:
        """The first of the best points; there must be one that is a number."""
        pick = min if self.is_loss else max
        return pick(self.numbers, key=lambda point: point.value)


@dataclass(frozen=True, slots=True)
class Results:
    """What a job has measured."""

    table: Table
    series: tuple[Series, ...]
    is_wrapped: bool
    """Whether the file is the base64 of its table."""


def is_results(head: bytes) -> bool:
    """Whether a file that begins so holds the results of a fine-tuning job."""
    head = unwrapped(head[:_HEAD]) or head[:_HEAD]
    first = decoded(head, False).lstrip().splitlines()[:1]
    names = [name.strip().strip('"').lower() for name in re.split("[,;\t]", first[0])] if first else []
    return names[:1] != [] and names[0] in _STEP and any(measure in name for name in names for measure in _MEASURES)


def unwrapped(data: bytes) -> bytes | None:
    """What `data` is the base64 of, as far as it goes; None where it is nothing of the kind."""
    if not _BASE64.fullmatch(data):
        return None
    packed = data.translate(None, b"\r\n\t\x0b\x0c ").rstrip(b"=")
    spare = len(packed) % 4
    try:
        return base64.b64decode(packed + b"==" if spare > 1 else packed[: len(packed) - spare])
    except binascii.Error:
        return None


def read(data: bytes, whole: bool) -> Results:
    """The results in `data`; a table without columns of measures has no series."""
    plain = unwrapped(data)
    table = delimited.read(decoded(data if plain is None else plain, whole), whole, MOST_STEPS, MOST_CELLS)
    return Results(table, tuple(_series(table)), plain is not None)


def _series(table: Table) -> Iterator[Series]:
    names = [name.true.strip().lower() for name in table.columns]
    at = next((number for number, name in enumerate(names) if name in _STEP), None)
    steps = [_number(cell) for cell in table.column(at)] if at is not None else []
    measures = [number for number, name in enumerate(names) if any(measure in name for measure in _MEASURES)]
    for number in measures[:MOST_SERIES]:
        points = []
        for row, cell in enumerate(table.column(number)):
            step = steps[row] if steps and not math.isnan(steps[row]) else float(row + 1)
            if cell.strip() and not (cell.strip() in ("-1", "-1.0") and "reward" not in names[number]):
                points.append(Point(step, _number(cell)))
        if any(not math.isnan(point.value) for point in points):
            yield Series(table.columns[number], tuple(sorted(points, key=lambda point: point.step)))


def _number(cell: str) -> float:
    """A number that can be reckoned with; NaN where it is none, or has no end."""
    try:
        number = float(cell) if len(cell) < 64 else math.nan
    except ValueError:
        return math.nan
    return max(-LARGEST, min(number, LARGEST)) if math.isfinite(number) else math.nan
