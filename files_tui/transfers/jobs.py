"""A job is one upload, download or delete, and this is its life:

    waiting ──▶ running ──▶ done
       │           ├──────▶ failed ─────┐
       │           ├──────▶ unknown     ├──▶ waiting (tried again)
       └───────────┴──────▶ cancelled ──┘

`unknown` is an upload whose answer was lost and that could not be looked for: sending it again could make a second
file, so only failed and cancelled jobs are tried again.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from files_tui.api.abort import Abort
from files_tui.api.models import File
from files_tui.text import Safe, safe
from files_tui.transfers.rate import Rate

State = Literal["waiting", "running", "done", "failed", "unknown", "cancelled"]

_numbers = itertools.count(1)


@dataclass(slots=True, eq=False)
class Job:
    """What all jobs have. A thread of the queue writes the fields, the screen reads them.

    `moved` and `total` are bytes, `total` None when unknown; `message` says on one safe line how it ended, `advice`
    what to do about it, and `seen` whether the person has been shown that.
    """

    state: State = field(default="waiting", init=False)
    moved: int = field(default=0, init=False)
    total: int | None = field(default=None, init=False)
    message: Safe = field(default=Safe(""), init=False)
    advice: str = field(default="", init=False)
    seen: bool = field(default=False, init=False)
    number: int = field(default_factory=lambda: next(_numbers), init=False)
    abort: Abort = field(default_factory=Abort, init=False)
    rate: Rate = field(default_factory=Rate, init=False)
    began: float | None = field(default=None, init=False)
    ended: float | None = field(default=None, init=False)

    @property
    def title(self) -> Safe:
        """The file's name, safe to show."""
        raise NotImplementedError

    @property
    def is_over(self) -> bool:
        """Whether the job has ended, in whatever way."""
        return self.state not in ("waiting", "running")

    @property
    def can_retry(self) -> bool:
        """Whether it may be tried again without doing anything twice."""
        return self.state in ("failed", "cancelled")

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began

    def reset(self) -> None:
        """Make an ended job ready to run again."""
        self.moved = 0
        self.seen = False
        self.message, self.advice = Safe(""), ""
        self.began = self.ended = None
        self.abort = Abort()
        self.rate = Rate()
        self.state = "waiting"  # last, since from here on a thread of the queue may take the job


@dataclass(slots=True, eq=False)
class UploadJob(Job):
    """A local file on its way to the server; `file` is what became of it."""

    path: Path
    purpose: str
    expires_after: int | None = None
    file: File | None = field(default=None, init=False)

    @property
    def title(self) -> Safe:
        return safe(self.path.name)


@dataclass(slots=True, eq=False)
class DownloadJob(Job):
    """A remote file on its way to `target`; `saved_as` is where it really went."""

    file: File
    target: Path
    replace: bool = False
    saved_as: Path | None = field(default=None, init=False)

    @property
    def title(self) -> Safe:
        return safe(self.file.filename or self.file.id)


@dataclass(slots=True, eq=False)
class DeleteJob(Job):
    """A remote file that is to go."""

    file: File

    @property
    def title(self) -> Safe:
        return safe(self.file.filename or self.file.id)
