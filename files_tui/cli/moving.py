"""Jobs of a command in the queue that the screen has, too, from their beginning to their end."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TypeVar

from files_tui import text
from files_tui.api.client import FilesClient
from files_tui.cli.status import StatusLine
from files_tui.cli.words import FAILED, say, say_failed
from files_tui.transfers.jobs import ACTIVE, Change, Job
from files_tui.transfers.journal import Journal, JournalFailed, open_journal
from files_tui.transfers.queue import TransferQueue
from files_tui.transfers.words import moving_words

J = TypeVar("J", bound=Job)

LOOK = 0.25
"""Seconds between two looks whether a signal came."""

NO_TWINS: dict[tuple[str, int], list[str]] = {}


class Moving:
    """Runs the jobs of one command; use `moving`."""

    def __init__(self, queue: TransferQueue, journal: Journal, news: SimpleQueue[list[Change]]) -> None:
        self._queue = queue
        self._journal = journal
        self._news = news
        self._left: dict[Job, Callable[[], None]] = {}
        self.failed = False

    @property
    def code(self) -> int:
        """The exit code of the command, once its jobs have ended."""
        return FAILED if self.failed else 0

    def gone_on_with(self, jobs: Sequence[J], known_by: Callable[[Job], Hashable]) -> list[J]:
        """The same jobs, or in their place those which an earlier run has begun and not ended, `known_by` the same."""
        try:
            begun = {known_by(job): job for job in self._journal.left_over()}
        except JournalFailed as error:
            say_failed("", f"the list of interrupted transfers cannot be read: {error}")
            return list(jobs)
        found = [(job, begun.get(known_by(job))) for job in jobs]
        return [old if isinstance(old, type(new)) else new for new, old in found]

    def run(self, jobs: Sequence[J], done: Callable[[J], None]) -> None:
        """Do all of them, and tell of each as soon as it has ended: to `done`, or on standard error why not."""
        self._left = {job: partial(done, job) for job in jobs}
        if jobs:
            self._queue.submit(jobs)
        with StatusLine(self._words):
            while self._left:
                with contextlib.suppress(Empty):  # a signal that comes just before a wait does not end it
                    self._hear(self._news.get(timeout=LOOK))

    def stop(self, *, remember: bool) -> None:
        """End what is under way, and tell what that is; with `remember` it can be gone on with."""
        try:
            self._queue.close(remember=remember)
            while not self._news.empty():
                self._hear(self._news.get())
        finally:
            self._journal.close()
        for job in self._left:
            say(f"files-tui: {text.safe(job.title, 60)}: {'not ended, and kept' if remember else 'cancelled'}")
        if remember and self._left:
            say("files-tui: the same command goes on with what was kept, and so does the next start of files-tui")

    def _hear(self, changes: list[Change]) -> None:
        for job, state in changes:
            if state == job.state == "retrying":  # its message may be a later one else
                say_failed(text.safe(job.title, 60), job.message, "It is tried again.")
            if state in ACTIVE or job not in self._left:
                continue
            done = self._left.pop(job)
            if state == "done":
                done()
            else:
                self.failed = True
                say_failed(text.safe(job.title, 60), job.message, job.advice)

    def _words(self) -> str:
        if pause := self._queue.pause_left:
            return f"waiting to try again: {text.clock(pause + 1)}"
        return moving_words(self._queue.progress())


@contextlib.contextmanager
def moving(client: FilesClient, *, keep: bool, twins: dict[tuple[str, int], list[str]] = NO_TWINS) -> Iterator[Moving]:
    """A queue for one command; with `keep`, what a crash or a signal cuts off can be gone on with.

    `twins` are the known ids of files with a name and a size (bytes). Ctrl-C cancels everything and leaves nothing
    half done.
    """
    news: SimpleQueue[list[Change]] = SimpleQueue()
    journal, note = open_journal(client.account, keep=keep)
    if note:
        say(f"files-tui: {note}")

    def known(name: str, size: int) -> Collection[str]:
        return twins.get((name, size), ())

    made = Moving(TransferQueue(client, journal, known, news.put), journal, news)
    remember = False
    with _ended_by_signals():
        try:
            yield made
        except SystemExit:  # the machine or the connection goes down, and nobody wants it gone
            remember = keep
            raise
        finally:
            made.stop(remember=remember)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the program by an exception, unless they are to be ignored, as under `nohup`."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.getsignal(number)) for number in numbers]
    for number, handler in before:
        if handler is not signal.SIG_IGN:
            signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
