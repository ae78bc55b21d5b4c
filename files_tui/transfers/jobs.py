"""A job is one upload, download or delete, and this is its life:

    waiting ──▶ running ──▶ done
       ▲ │        │ ▲
       │ │        │ └────── retrying     for as long as the server or the network asks for
       │ │        ├──────▶ retrying
       │ │        ├──────▶ waiting       a delete whose copy is saved waits in the other line
       │ │        ├──────▶ failed
       │ │        ├──────▶ unknown
       │ └────────┴──────▶ cancelled     from retrying, too
       └── failed, unknown, cancelled    tried again

`unknown` is an upload whose answer was lost and that was not found: sending it again could make a second file, so
that to try it again means to look for it once more.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from files_tui.api.abort import Abort
from files_tui.api.models import LARGEST_UPLOAD, File
from files_tui.text import Safe, safe
from files_tui.transfers.originals import Original
from files_tui.transfers.rate import Rate

State = Literal["waiting", "running", "retrying", "done", "failed", "unknown", "cancelled"]
Change = tuple["Job", State]

ACTIVE: frozenset[State] = frozenset(("waiting", "running", "retrying"))
NEXT: Mapping[State, frozenset[State]] = {
    "waiting": frozenset(("running", "cancelled")),
    "running": frozenset(("retrying", "waiting", "done", "failed", "unknown", "cancelled")),
    "retrying": frozenset(("running", "cancelled")),
    "done": frozenset(),
    "failed": frozenset(("waiting",)),
    "unknown": frozenset(("waiting",)),
    "cancelled": frozenset(("waiting",)),
}

_numbers = itertools.count(1)
_NOTHING_RUNS = Abort()


@dataclass(slots=True, eq=False)
class Job:
    """What all jobs have. A thread of the queue writes the fields, the screen reads them.

    `moved` and `total` are bytes, `total` None when unknown; `message` says on one safe line how it ended or why it
    waits, `advice` what to do about it, and `seen` whether the person has been shown that. `tries` counts the attempts
    that failed without getting any further, `retry_at` is the monotonic time of the next. `entry` is its number in the
    journal, None as long as it is not there; `planned` the bytes that its batch counts for it.
    """

    state: State = field(default="waiting", init=False)
    moved: int = field(default=0, init=False)
    total: int | None = field(default=None, init=False)
    message: Safe = field(default=Safe(""), init=False)
    advice: str = field(default="", init=False)
    seen: bool = field(default=False, init=False)
    number: int = field(default_factory=lambda: next(_numbers), init=False)
    tries: int = field(default=0, init=False)
    retry_at: float | None = field(default=None, init=False)
    began: float | None = field(default=None, init=False)
    ended: float | None = field(default=None, init=False)
    entry: int | None = field(default=None, init=False)
    batch: Batch | None = field(default=None, init=False)
    planned: int = field(default=0, init=False)
    # Made when it first runs, since there may be a hundred thousand jobs.
    abort: Abort = field(default_factory=lambda: _NOTHING_RUNS, init=False)
    rate: Rate | None = field(default=None, init=False)

    @property
    def title(self) -> Safe:
        """The file's name, safe to show."""
        raise NotImplementedError

    @property
    def length(self) -> int:
        """The bytes that it will move, as far as that is known."""
        return self.total or 0

    @property
    def is_over(self) -> bool:
        """Whether the job has ended, in whatever way."""
        return self.state not in ACTIVE

    @property
    def can_retry(self) -> bool:
        """Whether it may be tried again without doing anything twice."""
        return "waiting" in NEXT[self.state] and self.state != "running"

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began

    def enter(self, state: State) -> None:
        """Go into a state; the queue alone does this. Raises `ValueError` for one that cannot follow."""
        if state not in NEXT[self.state]:
            raise ValueError(f"a job that is {self.state} cannot be {state}")
        if state == "running":
            self.abort = Abort()
            self.began = self.began or time.monotonic()
            self.rate = Rate()
        elif state == "waiting" and self.state != "running":
            self._reset()
        elif state not in ACTIVE:
            self.ended = time.monotonic()
        self.state = state  # last: a screen that finds the job over must find all else, too

    def _reset(self) -> None:
        self.moved = self.tries = 0
        self.seen = False
        self.message, self.advice = Safe(""), ""
        self.began = self.ended = self.retry_at = self.rate = None


@dataclass(slots=True, eq=False)
class UploadJob(Job):
    """A local file on its way to the server; `file` is what became of it, `original` what was sent, if that is known.

    `started` tells when its request began, which may have arrived, and `sent` when the last of it left (unix seconds);
    `known` are the ids of files of that name and size that were there before; `session` is its large upload.
    """

    path: Path
    purpose: str
    expires_after: int | None = None
    in_parts: bool = False
    size: int | None = None
    started: float | None = field(default=None, init=False)
    sent: float | None = field(default=None, init=False)
    known: frozenset[str] = field(default=frozenset(), init=False)
    session: LargeSession | None = field(default=None, init=False)
    file: File | None = field(default=None, init=False)
    original: Original | None = field(default=None, init=False)

    @property
    def title(self) -> Safe:
        return safe(self.path.name)

    @property
    def length(self) -> int:
        return self.total or self.size or 0

    @property
    def goes_in_parts(self) -> bool:
        """Whether it is sent as a large upload."""
        return self.in_parts or (self.total or 0) > LARGEST_UPLOAD


@dataclass(slots=True)
class LargeSession:
    """A large upload on the server until its end (unix seconds), and the ids of the parts that are there by number.

    `stamp` is the size (bytes) and modification time (ns) that the local file had at its beginning.
    """

    id: str
    ends: float
    stamp: tuple[int, int]
    parts: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class SavingJob(Job):
    """What saves a remote file: `part` is the temporary file, `saved_as` where it finally is.

    `settling` is the name that `part` is being given, or was given before a crash could be noted. `furthest` are the
    most bytes that a try which failed has moved.
    """

    file: File
    part: Path | None = field(default=None, init=False, kw_only=True)
    settling: Path | None = field(default=None, init=False, kw_only=True)
    saved_as: Path | None = field(default=None, init=False, kw_only=True)
    furthest: int = field(default=0, init=False, kw_only=True)

    @property
    def title(self) -> Safe:
        return safe(self.file.filename or self.file.id)

    @property
    def length(self) -> int:
        return self.total or self.file.bytes or 0


@dataclass(slots=True, eq=False)
class DownloadJob(SavingJob):
    """A remote file on its way to `target`, which it may `replace`; `dated` gives it the time of its creation."""

    target: Path
    replace: bool = False
    dated: bool = False


@dataclass(slots=True, eq=False)
class DeleteJob(SavingJob):
    """A remote file that is to go; with `copy`, only after it was saved there."""

    copy: Path | None = None

    @property
    def saves(self) -> bool:
        """Whether its copy is still to be made."""
        return self.copy is not None and self.saved_as is None

    @property
    def length(self) -> int:
        return (self.total or self.file.bytes or 0) if self.copy else 0


class Batch:
    """Jobs that were asked for together, counted as they end; `length` is their bytes, `over` those of ended jobs.

    `last` is the one that ended last: whoever hears of that in turn has heard how all others ended.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.jobs = list(jobs)
        self.ended: Counter[State] = Counter()
        self.last: Job | None = None
        self.length = self.over = 0
        for job in jobs:
            job.batch = self
            job.planned = job.length
            self.length += job.planned

    @property
    def kind(self) -> type[Job]:
        """Of which kind its jobs are."""
        return type(self.jobs[0])

    @property
    def is_over(self) -> bool:
        """Whether all of its jobs have ended."""
        return self.ended.total() == len(self.jobs)
