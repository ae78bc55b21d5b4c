"""Playing a schedule of faults, and judging what came of it.

`play` runs all of its jobs through a queue, then a listing, all under the faults; then what did not end well is tried
again on a server without faults, and everything is listed once more. After each of the two the judge compares what the
program says with what the server and the folder hold, and raises `Wrong` for

    lost            a file that is said to be there and is not, or that went though nobody deleted it
    doubled         a file that is there more often than it was uploaded
    half-written    a download that is not whole, or a temporary file that is left
    wrong success   a delete that left the file, a listing that is called whole and is not
    endless         a job that does not end, or that asks without end
    crash           an error that tells nobody what to do
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from files_tui.api.errors import ApiError
from files_tui.api.models import File, read_file
from files_tui.catalog.catalog import Catalog, temporary_catalog
from files_tui.catalog.query import Query
from files_tui.catalog.sync import Sync
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob
from files_tui.transfers.saving import EXTRACTED
from tests.dialects import OPENAI
from tests.faults import Faulty, Rule
from tests.operations import CONTENT, LIMIT, SENT, impatient
from tests.queues import Bench
from tests.schedules import LAG, Schedule
from tests.store_server import Kept, Store
from tests.wire import Received, Reply, answer, serving

SILENCE = 0.15
"""Seconds that a silence lasts for, while there are faults."""

MOST_REQUESTS = 60
"""So many requests for each job and listing are none without end."""

KINDS = ("lost", "doubled", "half-written", "wrong success", "endless", "crash")


class Wrong(Exception):
    """Something that must never happen; `kind` is one of `KINDS`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


@dataclass
class Tally:
    """What came of a schedule, or of many."""

    schedules: int = 0
    requests: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count another one's, too."""
        self.schedules += other.schedules
        self.requests += other.requests
        self.faults += other.faults
        self.states += other.states


def elsewhere(request: Received) -> Reply:
    """Another server, to which content may be redirected."""
    return answer(200, CONTENT) if request.target.endswith("/content") else answer(500)


class _Play:
    """One schedule while it runs."""

    def __init__(self, schedule: Schedule, faulty: Faulty, bench: Bench, folder: Path) -> None:
        self.schedule = schedule
        self.faulty = faulty
        self.store: Store = faulty.store
        self.bench = bench
        self.folder = folder
        self.jobs: list[Job] = []
        self.kept: dict[Job, Kept] = {}
        self.first = dict(self.store.files)
        files = iter(list(self.first.values())[1:])
        for number in schedule.uploads:
            path = folder / f"{number}.jsonl"
            path.write_bytes(SENT)
            self.jobs.append(UploadJob(path, "user_data"))
        for number in range(schedule.downloads):
            self._take(DownloadJob(self._file(kept := next(files)), folder / "saved" / f"{number}.bin"), kept)
        for number in range(schedule.deletes + schedule.moves):
            copy = folder / "saved" / f"copy {number}.bin" if number >= schedule.deletes else None
            self._take(DeleteJob(self._file(kept := next(files)), copy=copy), kept)

    def _take(self, job: Job, kept: Kept) -> None:
        self.jobs.append(job)
        self.kept[job] = kept

    def _file(self, kept: Kept) -> File:
        file = read_file(self.faulty.dialect.file(kept.listed()))
        assert file is not None
        return file

    def run(self) -> Tally:
        with contextlib.suppress(ApiError):
            self.bench.client.list_page(limit=100)
        with contextlib.suppress(ApiError):
            self.bench.client.retrieve(next(iter(self.store.files)))
        with temporary_catalog() as catalog:
            with contextlib.suppress(ApiError):
                Sync(self.bench.client, catalog, force=True, screen=2, page_size=self._page_size).run()
            with impatient(self.bench.client, SILENCE):
                states = self._under_faults(catalog)
            self.faulty.rules = []
            self.bench.queue.retry_each([job for job in self.jobs if job.state != "done"])
            self._over()
            self._judge()
            self._all_ended_well()
            self._list(catalog)
        if self.faulty.asked.total() > MOST_REQUESTS * (len(self.jobs) + 2):
            raise Wrong("endless", f"{self.faulty.asked.total()} requests")
        return Tally(1, self.faulty.asked.total(), self.faulty.hits, states)

    def _under_faults(self, catalog: Catalog) -> Counter[str]:
        """Let everything run while there are faults, and judge; gives how often what ended how."""
        self.faulty.rules = [Rule(each.fault, each.route, each.skip, each.times) for each in self.schedule.strikes]
        for kind in (UploadJob, DownloadJob, DeleteJob):
            if jobs := [job for job in self.jobs if isinstance(job, kind)]:
                self.bench.queue.submit(jobs)
        self.bench.queue.cancel([job for place, job in enumerate(self.jobs) if place in self.schedule.cancelled])
        self._over()
        states = Counter(f"{type(job).__name__} {job.state}" for job in self.jobs)
        self._judge()
        self._list(catalog)
        return states

    def _over(self) -> None:
        """Wait for the end of all jobs."""
        tick, deadline = threading.Event(), time.monotonic() + LIMIT
        while not all(job.is_over for job in self.jobs):
            tick.wait(0.002)
            if time.monotonic() > deadline:
                raise Wrong("endless", ", ".join(f"{type(job).__name__} {job.state}" for job in self.jobs))
        self.bench.settled()

    def _judge(self) -> None:
        for job in self.jobs:
            if "error of our own" in job.message or (job.state not in ("done", "cancelled") and not job.message):
                raise Wrong("crash", f"{type(job).__name__} {job.state}: {job.message!r}")
        self._judge_uploads()
        deleting = {kept.id for job, kept in self.kept.items() if isinstance(job, DeleteJob)}
        if gone := self.first.keys() - deleting - self.store.files.keys():
            raise Wrong("lost", f"nobody deleted {sorted(gone)}")
        allowed = set()
        for job, kept in self.kept.items():
            is_there = kept.id in self.store.files
            if isinstance(job, DeleteJob) and job.state == "done" and is_there and not self._is_denied(job):
                raise Wrong("wrong success", f"{kept.id} is there: {job.message}")
            saved = self._saved(job, kept)
            allowed |= saved
            if isinstance(job, DeleteJob) and job.copy is not None and not is_there and not saved:
                raise Wrong("lost", f"{kept.id} is gone, and there is no copy")
        if left := set((self.folder / "saved").iterdir()) - allowed:
            raise Wrong("half-written", f"{sorted(path.name for path in left)} is left")

    def _is_denied(self, job: DeleteJob) -> bool:
        """Whether the server said twice that it has no such file, which is the proof (API reference, "Delete")."""
        strikes = self.schedule.strikes
        denies = any((each.fault.name, each.route) == ("404", "GET /files/…") for each in strikes)
        return denies and job.message == "already gone"

    def _saved(self, job: Job, kept: Kept) -> set[Path]:
        """Where the file of a job was saved, whole or with a note that it may not be."""
        if not isinstance(job, DeleteJob | DownloadJob) or job.saved_as is None:
            if isinstance(job, DownloadJob) and job.state == "done":
                raise Wrong("lost", "a file that was saved is nowhere")
            return set()
        is_noted = isinstance(job, DownloadJob) and bool(job.message)
        if not is_noted and job.saved_as.read_bytes() != kept.content:
            raise Wrong("half-written", f"{job.saved_as.name} holds {job.saved_as.stat().st_size} bytes: {job.message}")
        return {job.saved_as}

    def _judge_uploads(self) -> None:
        uploads = [job for job in self.jobs if isinstance(job, UploadJob)]
        for name in {job.path.name for job in uploads}:
            states = Counter(job.state for job in uploads if job.path.name == name)
            new = [kept for kept in self.store.files.values() if kept.filename == name and kept.id not in self.first]
            if len(new) < states["done"]:
                raise Wrong("lost", f"{name} is there {len(new)} times: {states}")
            if len(new) > states["done"] + states["unknown"] + states["cancelled"]:
                raise Wrong("doubled", f"{name} is there {len(new)} times: {states}")
            if any(kept.content != SENT for kept in new):
                raise Wrong("half-written", f"{name} is not as it was sent")

    def _all_ended_well(self) -> None:
        dialect = self.schedule.dialect
        for job in self.jobs:
            if job.state == "done" or (isinstance(job, UploadJob) and job.state == "unknown"):
                continue
            if isinstance(job, DeleteJob) and job.copy and job.file.purpose == EXTRACTED:
                continue  # the copy is not the file, which therefore stays
            needs = {"POST /files"} if isinstance(job, UploadJob) else set()
            if isinstance(job, DeleteJob):
                needs |= {"DELETE /files/…", "GET /files/…"}
            if isinstance(job, DownloadJob) or (isinstance(job, DeleteJob) and job.copy):
                needs.add("GET /files/content")
            may_not_write = self.bench.client.read_only and bool(needs & {"POST /files", "DELETE /files/…"})
            if not needs & dialect.lacks and not may_not_write:
                raise Wrong("crash", f"{type(job).__name__} {job.state} without any fault: {job.message}")

    def _list(self, catalog: Catalog) -> None:
        hits = self.faulty.hits[LAG.name]
        before = self._known(catalog)
        try:
            synced = Sync(self.bench.client, catalog, force=True, screen=2, page_size=self._page_size).run()
        except ApiError as error:
            if not str(error) or not error.advice:
                raise Wrong("crash", f"{type(error).__name__} says too little") from error
            if hits == self.faulty.hits[LAG.name] and (before & self.store.files.keys()) - self._known(catalog):
                raise Wrong("lost", "a listing that failed has removed files") from error
            return
        is_whole = synced.whole and not synced.note and hits == self.faulty.hits[LAG.name]
        if is_whole and self._known(catalog) != self.store.files.keys():
            raise Wrong("wrong success", f"{len(self._known(catalog))} of {len(self.store.files)} files are the whole")

    @property
    def _page_size(self) -> int | None:
        return None if self.schedule.dialect.limits else 5

    def _known(self, catalog: Catalog) -> set[object]:
        return {file.id for file in catalog.page(Query(), 1000)}


def play(schedule: Schedule, folder: Path) -> Tally:
    """Run a schedule in an empty folder; raises `Wrong`."""
    (folder / "saved").mkdir()
    store = schedule.dialect.store()
    store.add("0.jsonl" if schedule.twin else "twin.jsonl", SENT)
    for number in range(11):
        store.add(f"{number}.txt", CONTENT)
    known = {(kept.filename, len(kept.content)): [kept.id] for kept in store.files.values()}
    faulty = Faulty(store, schedule.dialect)
    with serving(faulty, read_body=False) as server:
        bench = Bench(server.base_url, lambda name, size: known.get((name, size), ()), None)
        bench.client._guard.has_shown_files = False  # it has to see that for itself
        try:
            return _Play(schedule, faulty, bench, folder).run()
        finally:
            bench.queue.close(remember=False)
            bench.client.close()
            bench.journal.close()


def _simpler(schedule: Schedule) -> Iterator[Schedule]:
    """What is a little less of a schedule, in one way or another."""
    for place in range(len(schedule.strikes)):
        yield replace(schedule, strikes=[*schedule.strikes[:place], *schedule.strikes[place + 1 :]])
    if schedule.dialect is not OPENAI:
        yield replace(schedule, dialect=OPENAI)
    if schedule.uploads:
        yield replace(schedule, uploads=schedule.uploads[1:])
    for kind in ("downloads", "deletes", "moves"):
        if getattr(schedule, kind):
            yield replace(schedule, **{kind: getattr(schedule, kind) - 1})
    if schedule.cancelled:
        yield replace(schedule, cancelled=frozenset())
    if schedule.twin:
        yield replace(schedule, twin=False)


def simplest(schedule: Schedule) -> tuple[Schedule, Wrong | None]:
    """The least of a schedule that still goes wrong, and how; None where it goes well when it is played again.

    What does not end is left as it is: to find out takes too long.
    """
    found = _wrong(schedule)
    while found and found.kind != "endless":
        less = next(((each, wrong) for each in _simpler(schedule) if (wrong := _wrong(each))), None)
        if less is None:
            break
        schedule, found = less
    return schedule, found


def _wrong(schedule: Schedule) -> Wrong | None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            play(schedule, Path(folder))
        except Wrong as wrong:
            return wrong
    return None
