"""What the app does with transfers, without a screen: a program for tests to kill.

    python -m tests.moving FOLDER BASE_URL [--load FILE] [--die POINT:N] [--no-links] [--patient]

It goes on with what the journal in FOLDER has left over, takes on the load of a file, and waits until all is over or
it is asked to end (SIGTERM). Each line on stdout names a point that it has come to, the last one is its report as
JSON. With `--die` it kills itself when it comes to a point for the N-th time; with `--no-links` its file system has no
hard links; with `--patient` it looks for a lost upload for as long as a slow server may need.
"""

from __future__ import annotations

import argparse
import errno
import functools
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from types import FrameType
from typing import ParamSpec, TypeVar

import msgspec

import files_tui.api.large
import files_tui.api.lost
import files_tui.transfers.large
import files_tui.transfers.queue
from files_tui.api.client import FilesClient
from files_tui.api.models import Exchange, File
from files_tui.api.multipart import UploadForm
from files_tui.settings import Account, Secret
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob
from files_tui.transfers.journal import Journal
from files_tui.transfers.queue import TransferQueue
from files_tui.transfers.rate import Meter
from tests.waiting import DEADLINE

JOURNAL = "account.journal"
BEGUN = "begun"
PART_SIZE = 256 << 10
LOOKS = (0.0, 0.05, 0.1)
"""Seconds before each look for a lost upload: the server of the tests lists a file as soon as it is there."""

PATIENT_LOOKS = (*LOOKS, *[0.5] * 40)

os_unlink = os.unlink

P = ParamSpec("P")
T = TypeVar("T")


class Upload(msgspec.Struct):
    """A local file that is to be sent."""

    path: str
    in_parts: bool = False


class Saving(msgspec.Struct):
    """A remote file that is to be saved there."""

    file: File
    target: str


class Load(msgspec.Struct):
    """What is to be moved; `copied` are deletes with a copy first."""

    purpose: str
    uploads: list[Upload] = []
    downloads: list[Saving] = []
    deletes: list[File] = []
    copied: list[Saving] = []

    def jobs(self) -> Iterator[list[Job]]:
        """Batches of one kind each."""
        yield [UploadJob(Path(upload.path), self.purpose, in_parts=upload.in_parts) for upload in self.uploads]
        yield [DownloadJob(saving.file, Path(saving.target)) for saving in self.downloads]
        yield [DeleteJob(file) for file in self.deletes]
        yield [DeleteJob(saving.file, Path(saving.target)) for saving in self.copied]


class Ended(msgspec.Struct):
    """What became of a job: `source` is the path or the id of what it moved."""

    kind: str
    source: str
    state: str
    message: str


class Points:
    """Tells on stdout where the program is, and kills it where that is wanted."""

    def __init__(self, deadly: str) -> None:
        self._deadly = deadly
        self._lock = threading.Lock()
        self._passed: Counter[str] = Counter()

    def at(self, point: str) -> None:
        """The program is there."""
        with self._lock:
            self._passed[point] += 1
            if f"{point}:{self._passed[point]}" == self._deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(sys.stdout.fileno(), f"{point}\n".encode())

    def around(self, name: str, call: Callable[P, T]) -> Callable[P, T]:
        """The same call, with a point before it and one after it; of files that go, their suffix is told, too."""

        @functools.wraps(call)
        def told(*args: P.args, **kwargs: P.kwargs) -> T:
            full = f"{name} {Path(str(args[0])).suffix}" if call is os_unlink else name
            self.at(f"before {full}")
            result = call(*args, **kwargs)
            self.at(f"after {full}")
            return result

        return told

    def answered(self, exchange: Exchange) -> None:
        """A request has ended: its point tells the method and the path without ids."""
        words = exchange.path.partition("?")[0].split("/")[1::2]
        self.at(" ".join((exchange.method, *words)))


def mark(points: Points) -> None:
    """Make points of all that a crash may come between."""
    for owner, names in (
        (Journal, ("write_expected", "note", "claim", "settle", "left_over")),
        (Meter, ("add",)),
        (os, ("link", "unlink", "replace", "fsync")),
    ):
        for name in names:
            setattr(owner, name, points.around(name, getattr(owner, name)))
    chunks = UploadForm.__iter__

    def sending(form: UploadForm) -> Iterator[bytes]:
        for chunk in chunks(form):
            points.at("chunk")
            yield chunk
        points.at("sent")

    UploadForm.__iter__ = sending  # type: ignore[method-assign]


def of_one_kind(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """The jobs in batches as a queue takes them."""
    for kind in (UploadJob, DownloadJob, DeleteJob):
        yield [job for job in jobs if isinstance(job, kind)]


def ended(job: Job) -> Ended:
    """The line of a report."""
    match job:
        case UploadJob():
            source = str(job.path)
        case DownloadJob() | DeleteJob():
            source = job.file.id.true
        case _:
            raise TypeError(type(job))
    return Ended(type(job).__name__, source, job.state, job.message)


def no_links(*_: object, **__: object) -> None:
    """What `os.link` does where there are none."""
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def main() -> None:
    """Move until all is over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("base_url")
    parser.add_argument("--load", type=Path)
    parser.add_argument("--die", default="")
    parser.add_argument("--no-links", action="store_true")
    parser.add_argument("--patient", action="store_true")
    options = parser.parse_args()
    for module in (files_tui.api.large, files_tui.transfers.large):
        vars(module)["PART_SIZE"] = PART_SIZE
    files_tui.transfers.queue.LEAVING_SECONDS = DEADLINE
    vars(files_tui.api.lost)["PAUSES"] = PATIENT_LOOKS if options.patient else LOOKS
    if options.no_links:
        os.link = no_links
    points = Points(options.die)
    mark(points)

    news: SimpleQueue[None] = SimpleQueue()
    leaves = False

    def leave(_number: int, _frame: FrameType | None) -> None:
        nonlocal leaves
        leaves = True
        news.put(None)

    signal.signal(signal.SIGTERM, leave)

    def heard(_changes: object) -> None:
        news.put(None)

    client = FilesClient(Account(base_url=options.base_url, key=Secret("x")), points.answered)
    journal = Journal(options.folder / JOURNAL)
    queue = TransferQueue(client, journal, lambda name, size: (), heard)
    batches = list(of_one_kind(journal.left_over()))
    if options.load:
        batches += msgspec.json.decode(options.load.read_bytes(), type=Load).jobs()
    jobs = [job for batch in batches for job in batch]
    journal.expect(job for job in jobs if job.entry is None)
    journal.write_expected()
    points.at(BEGUN)  # from here on nothing of the load may be lost
    for batch in batches:
        if batch:
            queue.submit(batch)
    while queue.active and not leaves:
        news.get()
    queue.close(remember=True)
    client.close()
    journal.close()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it could only spoil the end of a program that ends anyway
    os.write(sys.stdout.fileno(), msgspec.json.encode([ended(job) for job in jobs]))


if __name__ == "__main__":
    main()
