"""Random schedules: a server of some dialect, jobs that run at once, and faults that happen to their requests.

`drawn` makes one of a number, which `tests.playing` runs and judges.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.answers import Whole
from tests.dialects import DIALECTS, OPENAI, Dialect
from tests.fault_list import DOWNLOAD, TIMES, rows
from tests.faults import Fault, broken, changed, half_of, silence
from tests.operations import ROUTES


@dataclass(frozen=True)
class Strike:
    """A fault and the requests that it happens to."""

    fault: Fault
    route: str
    skip: int
    times: int | None


@dataclass(frozen=True)
class Schedule:
    """What runs at once: uploads by the number in their name, so that equal numbers are equal files; downloads,
    deletes, and deletes that keep a copy, each of a file of its own. `cancelled` jobs are cancelled once they run, by
    their place among all jobs. `twin` tells that a file like upload 0 is there and known from the beginning."""

    dialect: Dialect
    strikes: Sequence[Strike]
    uploads: Sequence[int]
    downloads: int
    deletes: int
    moves: int
    cancelled: frozenset[int]
    twin: bool


def _lagging(whole: Whole) -> Whole:
    """A list answer that does not hold the newest file yet."""
    page = whole.value
    if isinstance(page, dict) and isinstance(page.get("data"), list):
        page = {**page, "data": page["data"][1:]}
    return replace(Whole.of(whole.status, page), headers=whole.headers)


LAG = changed("the list lags", _lagging)
SLOW = {row.fault.name for row in TIMES}
SILENCES = (
    broken("silence before the work", silence, after_work=False),
    broken("silence after the work", silence),
    broken("silence in the middle of the answer", half_of, silence),
)


def _possible(elsewhere: str, *, sized: bool) -> list[tuple[Fault, str]]:
    """The faults, each with a route; the slow ones are left out, since they are the same but for their time.

    Where the server is not `sized`, so are those that no client could notice there.
    """
    found = [
        (row.fault, ROUTES[operation])
        for row in rows(elsewhere)
        if row.beside is None and row.fault.name not in SLOW
        for operation in row.to
        if sized or operation != DOWNLOAD
    ]
    return [*found, *((fault, route) for fault in SILENCES for route in ROUTES.values()), *[(LAG, "GET /files")] * 12]


def drawn(number: int, elsewhere: str) -> Schedule:
    """The schedule of this number; the URL is that of another server."""
    dice = random.Random(number)
    dialect = dice.choice([OPENAI, dice.choice(DIALECTS)])
    possible = _possible(elsewhere, sized=dialect.tells_sizes)
    strikes = []
    for _ in range(dice.randint(1, 5)):
        fault, route = dice.choice(possible)
        strikes.append(Strike(fault, route, dice.choice([0, 0, 1, 2, 3]), dice.choice([1, 1, 1, 2, 3, 5, None])))
    return Schedule(
        dialect=dialect,
        strikes=strikes,
        uploads=[dice.randrange(3) for _ in range(dice.randrange(5))],
        downloads=dice.randrange(4),
        deletes=dice.randrange(4),
        moves=dice.randrange(3),
        cancelled=frozenset(dice.randrange(12) for _ in range(dice.randrange(3))),
        twin=dice.random() < 0.5,
    )
