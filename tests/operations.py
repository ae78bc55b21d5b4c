"""What the program does on a server, and a judge that compares what was said with what the server holds.

    with world(OPENAI) as there:
        there.faulty.rules = [Rule(RESET_DONE, "POST /files")]
        told = there.do(UPLOAD)

`do` gives how the operation ended in the program's own words. It raises `Wrong` where that is no way to end: any
exception but those that tell what to do, a call that never returns, too many requests, or a success that was none.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError
from files_tui.api.models import File, read_file
from files_tui.catalog.catalog import Catalog, temporary_catalog
from files_tui.catalog.query import Query
from files_tui.catalog.sync import Sync
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, SavingJob, UploadJob
from tests.dialects import Dialect
from tests.fault_list import DELETE, DOWNLOAD, LIST, MOVE, PAGE, RETRIEVE, UNSIZED, UPLOAD
from tests.faults import Faulty, Rule
from tests.queues import Bench
from tests.store_server import Kept
from tests.wire import Doing, serving

ROUTES = {
    LIST: "GET /files",
    PAGE: "GET /files?after",
    RETRIEVE: "GET /files/…",
    UPLOAD: "POST /files",
    DOWNLOAD: "GET /files/content",
    UNSIZED: "GET /files/content",
    DELETE: "DELETE /files/…",
    MOVE: "GET /files/content",
}
FILES = 12
CONTENT = bytes(range(256)) * 20
SENT = b'{"prompt": "a"}\n' * 200
MOST_REQUESTS = 60
LIMIT = 60.0
PATIENCE = 60.0
"""Seconds that no server takes for an answer, unless it is meant to be silent."""
SILENCE = 2.5
ANSWER = 4.0


class Wrong(Exception):
    """The program ended in a way that it must never end in."""


@dataclass(frozen=True)
class Told:
    """How an operation ended: in a word, whether with a `note`, and why or how on one line."""

    word: str
    note: bool = False
    message: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it claims success."""
        return self.word == "done"

    def __str__(self) -> str:
        return f"{self.word}, noted" if self.note else self.word


@contextlib.contextmanager
def impatient(client: FilesClient, silence: float = SILENCE, answer: float = ANSWER) -> Iterator[None]:
    """Let this client alone wait no longer than so many seconds for its server, which is meant to be silent."""
    wire = client._wire
    wait = wire._deadlines.set

    def hurry(work: object, seconds: float, end: Callable[[], None]) -> None:
        wait(work, answer, end)

    def build(real: Callable[..., httpx.Request]) -> Callable[..., httpx.Request]:
        def build_request(*args: Any, timeout: httpx.Timeout, **options: Any) -> httpx.Request:
            brief = httpx.Timeout(connect=timeout.connect, read=silence, write=timeout.write, pool=None)
            return real(*args, timeout=brief, **options)

        return build_request

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(wire._deadlines, "set", hurry)
        for each in (wire._calls, wire._transfers):
            monkeypatch.setattr(each, "build_request", build(each.build_request))
        yield


def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program pause as long, and read as much, as a test has time for, and wait for a slow machine."""
    for constant, value in {
        "api.wire.SILENCE_SECONDS": PATIENCE,
        "api.client.SILENCE_SECONDS": PATIENCE,
        "api.wire.ANSWER_SECONDS": PATIENCE,
        "api.lost.PAUSES": (0.0, 0.02),
        "api.lost.PAGE_SIZE": 5,
        "api.client.LARGEST_LISTING": 1 << 20,
        "api.retry.random": SimpleNamespace(uniform=lambda low, high: 0.002),
    }.items():
        monkeypatch.setattr(f"files_tui.{constant}", value)


class World:
    """A server with a dozen files, and a program that knows it: its client, its queue, and a folder.

    `is_impatient` is for faults that nothing but the patience of the client ends.
    """

    is_impatient = False

    def __init__(self, faulty: Faulty, bench: Bench, folder: Path) -> None:
        self.faulty = faulty
        self.store = faulty.store
        self.client = bench.client
        self.queue = bench.queue
        self.folder = folder
        self._ends = bench
        self._impatience = contextlib.ExitStack()
        (folder / "saved").mkdir()
        (folder / "new.jsonl").write_bytes(SENT)

    @property
    def newest(self) -> Kept:
        """The file that things are done to."""
        return list(self.store.files.values())[-1]

    def do(self, operation: str, rules: Callable[[str], list[Rule]] = lambda route: []) -> Told:
        """Do it once with these rules, made for its route, and judge. What did not end well is then tried again on a
        server without faults, and has to end well."""
        if operation in (LIST, PAGE):
            return self._list(rules(ROUTES[operation]))
        self._meet(operation)
        if operation == RETRIEVE:
            self._arm(rules(ROUTES[operation]))
            return self._retrieve(self.newest)
        job, judge = self._job(operation)
        kept = {each for each in self.store.files if not isinstance(job, DeleteJob) or job.file.id != each}
        self._arm(rules(ROUTES[operation]))
        self.queue.submit([job])
        told = self._judged(job, judge, kept)
        if not told.is_done:
            self.disarm()
            self.queue.retry([job])
            again = self._judged(job, judge, kept)
            if not again.is_done and not (told.word == again.word == "unknown") and not self._refuses(operation):
                raise Wrong(f"{told}, and {again} when tried again: {again.message}")
        return told

    def _meet(self, operation: str) -> None:
        """Let the program see that this is a Files API, as a person does before anything else."""
        with contextlib.suppress(ApiError):
            self.client.list_page(limit=100)
        if operation in (DELETE, MOVE) or not self.client._guard.has_shown_files:  # a delete builds on both
            with contextlib.suppress(ApiError):
                self.client.retrieve(self.newest.id)

    def _arm(self, rules: list[Rule]) -> None:
        self.faulty.asked.clear()
        self.faulty.rules = rules
        if self.is_impatient:
            self._impatience.enter_context(impatient(self.client))

    def disarm(self) -> None:
        """Let the server be without faults from now on."""
        self.faulty.rules = []
        self._impatience.close()

    def _refuses(self, operation: str) -> bool:
        """Whether it may fail without any fault; a delete whose answer is lost is proven by a retrieve alone."""
        needs = {ROUTES[operation].partition("?")[0], *([ROUTES[RETRIEVE]] if operation == DELETE else [])}
        return bool(needs & self.faulty.dialect.lacks) or (
            self.client.read_only and operation in (UPLOAD, DELETE, MOVE)
        )

    # Calls

    def _list(self, rules: list[Rule]) -> Told:
        with temporary_catalog() as catalog:
            with contextlib.suppress(ApiError):
                self._sync(catalog, page_size=100)
            if not self.client._guard.has_shown_files:
                self._meet(LIST)
            old = _ids(catalog)
            self.store.add("later.txt", CONTENT)
            del self.store.files[next(iter(self.store.files))]
            now: set[object] = set(self.store.files)
            self._arm(rules)
            told = self._called(lambda: self._sync(catalog))
            if told.is_done and not told.note and _ids(catalog) != now:
                raise Wrong(f"{sorted(map(str, _ids(catalog)))} was called the whole listing")
            if told.is_done and (other := [file for file in catalog.page(Query(), 1000) if not self._is_same(file)]):
                raise Wrong(f"{other} are not what the server holds")
            if not told.is_done and _ids(catalog) < (old & now):
                raise Wrong(f"a listing that failed with {told.word} has removed files")
            if not told.is_done and rules:
                self.disarm()
                again = self._called(lambda: self._sync(catalog))
                if again.is_done and not again.note and _ids(catalog) != now:
                    raise Wrong("the next listing was not whole")
                if not again.is_done and not self._refuses(LIST):
                    raise Wrong(f"the next listing ended as {again}: {again.message}")
            return told

    def _is_same(self, file: File) -> bool:
        """Whether what is known of a file is true, as far as anything is."""
        kept = self.store.files.get(file.id.true)
        return kept is None or (
            file.filename in ("", kept.filename)
            and file.bytes in (None, len(kept.content))
            and file.created_at in (None, kept.created_at)
        )

    def _sync(self, catalog: Catalog, page_size: int = 5) -> Told:
        size = None if self.faulty.dialect.limits else page_size
        outcome = Sync(self.client, catalog, force=True, screen=2, page_size=size).run()
        if outcome.whole and not outcome.note and len(_ids(catalog)) != outcome.files:
            raise Wrong(f"{outcome.files} files were counted, and {len(_ids(catalog))} are there")
        return Told("done", note=bool(outcome.note), message=outcome.note or "")

    def _retrieve(self, kept: Kept) -> Told:
        def retrieve() -> Told:
            file = self.client.retrieve(kept.id).value
            if file.id != kept.id:
                raise Wrong(f"{file} is another file")
            return Told("done")

        return self._called(retrieve)

    def _called(self, call: Callable[[], Told]) -> Told:
        try:
            outcome = Doing(call).outcome
        except AssertionError as error:
            raise Wrong("hangs") from error
        self._count()
        if isinstance(outcome, Told):
            return outcome
        if not isinstance(outcome, ApiError):
            raise Wrong(f"{type(outcome).__name__}: {outcome}")
        if not str(outcome) or not outcome.advice:
            raise Wrong(f"{type(outcome).__name__} says too little: {outcome} | {outcome.advice}")
        return Told(type(outcome).__name__, message=str(outcome))

    # Jobs

    def _job(self, operation: str) -> tuple[Job, Callable[[Told], str | None]]:
        """A job, and what is wrong with an end of it, if anything."""
        kept = self.newest
        match operation:
            case "upload":
                return UploadJob(self.folder / "new.jsonl", "user_data"), self._wrong_upload
            case "delete":
                return DeleteJob(self._file(kept)), lambda told: self._wrong_delete(told, kept)
        target = self.folder / "saved" / "new.bin"
        if operation == MOVE:
            moving = DeleteJob(self._file(kept, sized=False), copy=target)
            return moving, lambda told: self._wrong_move(told, kept, moving)
        job = DownloadJob(self._file(kept, sized=operation == DOWNLOAD), target)
        return job, lambda told: self._wrong_download(told, kept, job)

    def _file(self, kept: Kept, *, sized: bool = True) -> File:
        listed = self.faulty.dialect.file(kept.listed())
        file = read_file({**listed, "bytes": listed.get("bytes") if sized else None})
        assert file is not None
        return file

    def _judged(self, job: Job, judge: Callable[[Told], str | None], kept: set[str]) -> Told:
        deadline = time.monotonic() + LIMIT
        tick = threading.Event()
        while not job.is_over:
            tick.wait(0.002)
            if time.monotonic() > deadline:
                raise Wrong("hangs")
        self._ends.settled()
        self._count()
        told = Told(job.state, note=job.state == "done" and job.message not in ("", "deleted"), message=job.message)
        if job.state != "done" and not job.message:
            raise Wrong(f"{job.state} says nothing")
        if "error of our own" in job.message:
            raise Wrong(job.message)
        wrong = judge(told) or ("other files are gone" if not kept <= set(self.store.files) else None)
        if wrong:
            raise Wrong(f"{told}, but {wrong}: {job.message}")
        return told

    def _wrong_upload(self, told: Told) -> str | None:
        there = self.store.named("new.jsonl")
        if told.is_done:
            return None if there == [SENT] else f"{len(there)} files are there"
        if told.word == "failed":
            return f"{len(there)} files are there" if there else None
        return f"{len(there)} files are there" if len(there) > 1 else None

    def _wrong_delete(self, told: Told, kept: Kept) -> str | None:
        return "the file is there" if told.is_done and kept.id in self.store.files else None

    def _wrong_move(self, told: Told, kept: Kept, job: SavingJob) -> str | None:
        """A file that is gone has a whole copy; one that could not be deleted after all may have one."""
        is_there = kept.id in self.store.files
        if is_there and told.is_done:
            return "the file is there"
        return self._wrong_download(Told("done" if job.saved_as or not is_there else told.word), kept, job)

    def _wrong_download(self, told: Told, kept: Kept, job: SavingJob) -> str | None:
        found = {path.name: path.read_bytes() for path in (self.folder / "saved").iterdir()}
        if not told.is_done:
            return f"{sorted(found)} is left" if found else None
        if told.note:
            return None if found.keys() == {"new.bin"} else f"{sorted(found)} is there"
        return None if found == {"new.bin": kept.content} else f"the file is not the server's: {sorted(found)}"

    def _count(self) -> None:
        if self.faulty.asked.total() > MOST_REQUESTS:
            raise Wrong(f"{self.faulty.asked.total()} requests")


def _ids(catalog: Catalog) -> set[object]:
    return {file.id for file in catalog.page(Query(), 1000)}


@contextlib.contextmanager
def world(dialect: Dialect, folder: Path, tls: ssl.SSLContext | None = None) -> Iterator[World]:
    """A world of its own, that ends with the block."""
    store = dialect.store()
    for number in range(FILES):
        store.add(f"{number}.txt", CONTENT)
    faulty = Faulty(store, dialect)
    with serving(faulty, read_body=False, tls=tls) as server:
        bench = Bench(server.base_url, lambda name, size: (), None)
        bench.client._guard.has_shown_files = False  # it has to see that for itself
        try:
            yield World(faulty, bench, folder)
        finally:
            bench.queue.close(remember=False)
            bench.client.close()
            bench.journal.close()
