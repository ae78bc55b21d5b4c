"""A large upload: parts that move side by side, each tried again alone, and joined in their order."""

from __future__ import annotations

import threading
import time
from collections import deque

from files_tui.api.errors import Aborted, ApiError, ConnectionFailed, SourceChanged
from files_tui.api.large import PART_SIZE
from files_tui.api.lost import Lost
from files_tui.api.models import File
from files_tui.api.multipart import Slice
from files_tui.transfers.jobs import LargeSession, UploadJob
from files_tui.transfers.originals import Original, digest_of
from files_tui.transfers.tools import Tools, is_throttled, pause_before_retry

AT_ONCE = 4
LEAST_LIFE = 60.0
"""A session that ends within so many seconds is not worth going on with."""


def upload_in_parts(job: UploadJob, tools: Tools) -> File:
    """Send the file of a job as a large upload, from the parts on that an earlier try has finished.

    Raises `SourceChanged` for a file that is not what it was at the beginning, `UploadUnknown` when the last answer is
    lost and so is what became of it, `ApiError`, `Aborted` and `OSError`.
    """
    stamp = _stamp(job)
    if job.session is not None and job.session.stamp != stamp:
        raise SourceChanged(f"{job.path.name} changed since its upload began: the upload was given up")
    if not is_alive(job.session):
        job.session = _begin(job, tools, stamp)
    session = job.session
    assert session is not None
    run = _Run(job, session, tools)
    threads = [threading.Thread(target=run.send, name=f"part-{n + 1}", daemon=True) for n in range(AT_ONCE)]
    for thread in threads[: len(run.waiting)]:
        thread.start()
    try:
        digest = digest_of(job.path, "md5:", job.abort)
    except (Aborted, OSError) as error:
        run.fail(error)
    for thread in threads:
        if thread.ident is not None:
            thread.join()
    if run.failure is not None:
        raise run.failure
    job.abort.check()
    ids = [session.parts[number] for number in range(run.count)]
    may_be_done = job.sent is not None
    job.sent = time.time()
    tools.journal.note(job, durably=True)
    file = _complete(job, session, tools, ids, digest.removeprefix("md5:"), may_be_done=may_be_done)
    tools.journal.claim(file.id.true, job)
    job.original = Original(job.path, stamp, digest)
    job.session = None  # so that it is not given up later
    return file


def is_alive(session: LargeSession | None) -> bool:
    """Whether there is a session that is worth going on with."""
    return session is not None and session.ends > time.time() + LEAST_LIFE


def _stamp(job: UploadJob) -> tuple[int, int]:
    info = job.path.stat()
    return info.st_size, info.st_mtime_ns


def _begin(job: UploadJob, tools: Tools, stamp: tuple[int, int]) -> LargeSession:
    job.known = frozenset(tools.twins(job.path.name, stamp[0]))
    job.started, job.sent = time.time(), None
    started = tools.client.large.start(
        name=job.path.name,
        size=stamp[0],
        purpose=job.purpose,
        expires_after=job.expires_after,
        abort=job.abort,
    )
    session = LargeSession(started.id, started.ends, stamp)
    job.session = session
    tools.journal.note(job, durably=True)
    return session


class _Run:
    """The parts of one upload that are still to be sent; `failure` is why the others need not be."""

    def __init__(self, job: UploadJob, session: LargeSession, tools: Tools) -> None:
        self._job, self._session, self._tools = job, session, tools
        self._lock = threading.Lock()
        self._size = session.stamp[0]
        self.count = -(-self._size // PART_SIZE)
        self.waiting = deque(n for n in range(self.count) if n not in session.parts)
        self.failure: Exception | None = None
        job.moved = sum(self._length(n) for n in session.parts)

    def _length(self, number: int) -> int:
        return min(PART_SIZE, self._size - number * PART_SIZE)

    def send(self) -> None:
        """Send parts until none waits; one that fails for good ends the others by the job's own switch."""
        while True:
            with self._lock:
                if not self.waiting or self.failure is not None:
                    return
                number = self.waiting.popleft()
            try:
                with self._tools.part_slot(self._job.abort):
                    part = self._send_one(number)
                with self._lock:
                    self._session.parts[number] = part
                    self._tools.journal.note(self._job)
            except Exception as error:
                self.fail(error)

    def fail(self, error: Exception) -> None:
        """Remember the first failure, and end what still moves."""
        with self._lock:
            if self.failure is None:
                self.failure = error
        self._job.abort.cancel()

    def _send_one(self, number: int) -> str:
        piece = Slice(self._job.path, number * PART_SIZE, self._length(number), self._session.stamp)
        tries = 0
        while True:
            sent = 0

            def moved(now: int) -> None:
                nonlocal sent
                with self._lock:
                    self._job.moved += now - sent
                self._tools.meter.add(now - sent)
                sent = now

            self._tools.wait_for_pace(self._job.abort)
            try:
                return self._tools.client.large.add_part(self._session.id, piece, on_bytes=moved, abort=self._job.abort)
            except ApiError as error:
                with self._lock:
                    self._job.moved -= sent
                wait = pause_before_retry(error, tries)
                if wait is None:
                    raise
                tries += 1
                if is_throttled(error):
                    self._tools.slow_down(wait)
                else:
                    self._job.abort.wait(wait)


def _complete(
    job: UploadJob, session: LargeSession, tools: Tools, ids: list[str], md5: str, *, may_be_done: bool
) -> File:
    """Join the parts. Asked for a second time it makes no second file, since a large upload ends but once.

    `may_be_done` tells that it was asked for before, without an answer.
    """
    tries = 0
    while True:
        tools.wait_for_pace(job.abort)
        try:
            return tools.client.large.complete(session.id, ids, md5=md5, size=session.stamp[0], abort=job.abort)
        except ApiError as error:
            is_refused = error.status is not None and 300 <= error.status < 500 and error.status != 408
            may_be_done |= error.reached_server and not is_refused
            wait = pause_before_retry(error, tries)
            if wait is None:
                found = None
                if may_be_done:
                    found = tools.client.look_for(_lost(job, session, tools, error), job.abort)
                if found is None:
                    job.sent = None
                    raise
                return found
            tries += 1
            if is_throttled(error):
                tools.slow_down(wait)
            else:
                job.abort.wait(wait)


def _lost(job: UploadJob, session: LargeSession, tools: Tools, error: ApiError) -> Lost:
    assert job.started is not None
    return Lost(
        name=job.path.name,
        size=session.stamp[0],
        purpose=job.purpose,
        started=job.started,
        sent=job.sent,
        claim=lambda file_id: tools.claim(job, file_id),
        error=error if error.status is None or error.status >= 500 else ConnectionFailed(error.message),
        is_contested=lambda file_ids: tools.is_contested(job, file_ids),
    )
