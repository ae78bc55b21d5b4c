"""What an earlier run has left in the middle is offered at the start, and gone on with where it was."""

import functools
import shutil
import threading
import time
from pathlib import Path

import pytest
from textual.widgets import Button

from files_tui.api.models import File
from files_tui.text import Safe
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, LargeSession, UploadJob
from files_tui.transfers.journal import Journal, journal_path
from files_tui.ui.app import FilesApp
from files_tui.ui.browse.commands import FileCommands
from files_tui.ui.messages import LeftOver
from files_tui.ui.screens.resume import ResumeScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.session import Session
from tests.files import a_file
from tests.store_server import Session as LargeUpload
from tests.store_server import Store
from tests.ui.helpers import Browser, account, browsing, entries, jsonl, kept
from tests.ui.scripted import ScriptedServer, remote
from tests.waiting import until
from tests.wire import RESET, Received, page_answer, serving
from tests.wire import Reply as WireReply

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

starting = functools.partial(browsing, synced=False)
"""A start at which a dialog comes before the listing is there."""

CONTENT = bytes(range(256)) * 100
HALF = len(CONTENT) // 2
PART = 1000


def leave(base_url: str, *jobs: Job) -> None:
    """Write a journal as a run does that ends in the middle of these; one with a message is unclear."""
    write(base_url, *jobs).close()


def write(base_url: str, *jobs: Job) -> Journal:
    """The same for a run that goes on, which holds its lock."""
    journal = Journal(journal_path(account(base_url)))
    journal.expect(jobs)
    journal.write_expected()
    for job in jobs:
        if job.message:  # it is unclear, and was told of
            job.enter("running")
            job.enter("unknown")
            journal.note(job)
    return journal


def file(number: int = 1) -> File:
    return a_file(id=f"old-{number}", filename=f"data-{number}.bin", bytes=len(CONTENT), purpose="user_data")


def half_saved(here: Path, number: int = 1) -> DownloadJob:
    """A download whose first half is in its temporary file."""
    job = DownloadJob(file(number), here / f"data-{number}.bin")
    job.part = here / f".data-{number}.bin.0000.part"
    job.part.write_bytes(CONTENT[:HALF])
    return job


@pytest.fixture(autouse=True)
def toasts_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is said for as long as a test may take to look at all of it."""
    monkeypatch.setattr(FilesApp, "NOTIFICATION_TIMEOUT", 60)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[list[Job]]:
    """What each look for transfers of earlier runs has found."""
    found: list[list[Job]] = []
    look = Session.left_over

    def spy(session: Session) -> list[Job]:
        jobs = look(session)
        found.append(jobs)
        return jobs

    monkeypatch.setattr(Session, "left_over", spy)
    return found


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many jobs the screen has heard of, each time that it thought of asking."""
    heard: list[int] = []
    think = FileCommands.on_left_over

    def spy(screen: FileCommands, message: LeftOver) -> None:
        think(screen, message)
        heard.append(len(message.jobs))

    monkeypatch.setattr(FileCommands, "on_left_over", spy)
    return heard


@pytest.fixture
def store() -> Store:
    """A server with two files."""
    store = Store()
    for number in (1, 2):
        kept = store.files.pop(store.add(f"data-{number}.bin", CONTENT).id)
        kept.id = f"old-{number}"  # which no new file is given
        store.files[kept.id] = kept
    return store


def asked_for(requests: list[Received], method: str, path: str) -> list[Received]:
    """The requests of a method for a path and what is below it."""
    return [request for request in requests if request.method == method and path in request.target]


async def offered(b: Browser) -> str:
    await b.screen(ResumeScreen)
    await b.see("Interrupted transfers")
    return b.words("#resume-list")


async def not_offered(b: Browser, looked: list[list[Job]], *, looks: int = 1) -> None:
    """Wait until it was looked for so often in all starts, this time in vain."""
    await b.until(lambda: len(looked) == looks)
    assert looked[-1] == []
    assert b.app.screen is b.browse


async def test_all_kinds_go_on_with_y(here: Path, store: Store) -> None:
    source = jsonl(here / "up.jsonl")
    with serving(store) as server:
        job = half_saved(here)
        leave(server.base_url, UploadJob(source, "user_data", size=53), job, DeleteJob(file(2)))
        async with starting(server.base_url) as b:
            words = await offered(b)
            assert words.split("\n") == [
                "↑ 1 upload",
                "  up.jsonl  53 B",
                "↓ 1 download",
                "  data-1.bin  25.6 kB",
                "✕ 1 delete",
                "  data-2.bin",
            ]
            assert b.widget("#later", Button).has_focus
            assert b.label("#go-on") == "Go on y"
            await b.press("y")
            await b.main()
            for words in ("Uploaded: up.jsonl is file-", f"Saved: {here}/data-1.bin", "Deleted: data-2.bin"):
                await b.toast(words)
            await b.until(lambda: sorted(b.names) == ["data-1.bin", "up.jsonl"])
        ranges = [each.headers.get("range") for each in asked_for(server.requests, "GET", "/content")]
        assert ranges == [f"bytes={HALF - 4096}-"]
        assert len(asked_for(server.requests, "POST", "/files")) == 1
        assert kept(server.base_url) == []
    assert (here / "data-1.bin").read_bytes() == CONTENT
    assert entries(here) == ["data-1.bin", "up.jsonl"]


async def test_many_are_counted_and_the_first_of_them_named(here: Path, shared_empty: str) -> None:
    unclear = UploadJob(here / "odd[|x]\x1b.txt", "batch", size=5)
    unclear.message = Safe("the answer was lost")
    jobs = [DownloadJob(file(n), here / f"{n}") for n in range(1, 1201)]
    leave(shared_empty, unclear, *jobs)
    async with starting(shared_empty) as b:
        words = await offered(b)
        assert words.split("\n") == [
            "↑ 1 upload",
            "  odd[|x]␛.txt  5 B  the answer was lost",
            "↓ 1,200 downloads",
            *(f"  data-{n}.bin  25.6 kB" for n in (1, 2, 3)),
            "  … and 1,197 more",
        ]
        await b.press("escape")


async def test_a_large_upload_goes_on_with_the_parts_that_are_missing(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("api", "transfers"):
        monkeypatch.setattr(f"files_tui.{module}.large.PART_SIZE", PART)
    source, store = here / "large.bin", Store()
    source.write_bytes(CONTENT[: 4 * PART])
    with serving(store) as server:
        leave(server.base_url, large(store, source))
        async with starting(server.base_url) as b:
            assert "large.bin  4.0 kB" in await offered(b)
            await b.press("y")
            await b.toast("Uploaded: large.bin is file-1")
        assert len(asked_for(server.requests, "POST", "/parts")) == 3
        assert kept(server.base_url) == []
    assert store.named("large.bin") == [source.read_bytes()]


def large(store: Store, source: Path) -> UploadJob:
    """A large upload that the server has the first part of."""
    wanted = {"filename": source.name, "purpose": "user_data", "bytes": 4 * PART}
    store.sessions["upload_1"] = LargeUpload(wanted, {"part_1": source.read_bytes()[:PART]})
    job = UploadJob(source, "user_data", in_parts=True, size=4 * PART)
    info = source.stat()
    job.started = time.time()
    job.session = LargeSession("upload_1", time.time() + 3000, (info.st_size, info.st_mtime_ns), {0: "part_1"})
    return job


async def test_forgotten_transfers_leave_nothing_here_and_on_the_server(
    here: Path, store: Store, looked: list[list[Job]]
) -> None:
    source = here / "large.bin"
    source.write_bytes(CONTENT[: 4 * PART])
    with serving(store) as server:
        leave(server.base_url, half_saved(here), large(store, source), DeleteJob(file(2)))
        async with starting(server.base_url) as b:
            await offered(b)
            await b.press("F")
            await b.see("F once more")
            await b.press("F")
            await b.main()
            await b.until(lambda: entries(here) == ["large.bin"])
            await b.until(lambda: store.sessions["upload_1"].status == "cancelled")
            await b.until(lambda: not any(thread.name == "give up" for thread in threading.enumerate()))
        assert sorted(store.files) == ["old-1", "old-2"]
        assert asked_for(server.requests, "GET", "/content") == []
        assert kept(server.base_url) == []
        async with browsing(server.base_url) as b:
            await not_offered(b, looked, looks=2)


async def test_escape_asks_again_at_the_next_start(here: Path, store: Store) -> None:
    with serving(store) as server:
        leave(server.base_url, half_saved(here))
        for _ in range(2):
            async with starting(server.base_url) as b:
                assert "data-1.bin" in await offered(b)
                await b.press("escape")
                await b.main()
                await b.press("q")
                await b.until(lambda: not b.app.is_running)
        assert [job.title for job in kept(server.base_url)] == ["data-1.bin"]
        assert asked_for(server.requests, "GET", "/content") == []
    assert entries(here) == [".data-1.bin.0000.part"]


async def test_a_read_only_session_offers_downloads_alone(here: Path, store: Store, heard: list[int]) -> None:
    source = jsonl(here / "up.jsonl")
    with serving(store) as server:
        leave(server.base_url, UploadJob(source, "user_data", size=53), half_saved(here), DeleteJob(file(2)))
        async with starting(server.base_url, read_only=True) as b:
            words = await offered(b)
            assert words.split("\n") == ["↓ 1 download", "  data-1.bin  25.6 kB"]
            await b.press("enter")
            await b.toast("Saved")
        async with browsing(server.base_url, read_only=True) as b:
            await b.until(lambda: heard == [3, 2])
            assert b.app.screen is b.browse
        assert [job.title for job in kept(server.base_url)] == ["up.jsonl", "data-2.bin"]
        assert {request.method for request in server.requests} == {"GET"}


async def test_nothing_is_asked_where_nothing_is_left_over(shared_empty: str, looked: list[list[Job]]) -> None:
    async with browsing(shared_empty) as b:
        await not_offered(b, looked)
    leave(shared_empty)
    async with browsing(shared_empty) as b:
        await not_offered(b, looked, looks=2)


async def test_a_demo_begins_anew(here: Path, shared_empty: str, looked: list[list[Job]]) -> None:
    leave(shared_empty, half_saved(here))
    async with browsing(shared_empty, demo=True) as b:
        await not_offered(b, looked)
    assert [job.title for job in kept(shared_empty)] == ["data-1.bin"]


async def test_what_a_program_that_lives_moves_is_its_own(here: Path, store: Store, looked: list[list[Job]]) -> None:
    with serving(store) as server:
        other = write(server.base_url, half_saved(here))
        async with browsing(server.base_url) as b:
            await not_offered(b, looked)
        other.close()
        async with starting(server.base_url) as first:
            assert "data-1.bin" in await offered(first)
            async with starting(server.base_url) as second:
                await not_offered(second, looked, looks=3)  # the first one asks already
            await first.press("enter")
            await first.toast("Saved")


async def test_it_waits_until_no_other_dialog_is_open(here: Path, store: Store, heard: list[int]) -> None:
    with serving(store) as server:
        leave(server.base_url, half_saved(here))
        async with starting(server.base_url, upload=(jsonl(here / "a.jsonl"),)) as b:
            await b.screen(UploadScreen)
            await b.until(lambda: len(heard) >= 3)
            assert isinstance(b.app.screen, UploadScreen)
            await b.press("escape")
            assert "data-1.bin" in await offered(b)


async def test_an_unclear_upload_is_looked_for_and_not_sent_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0,))
    store, lags = Store(), True

    def lagging(request: Received) -> WireReply | None:
        return page_answer() if lags and request.target.startswith("/v1/files?") else None

    store.before = lagging
    store.after = lambda request, reply: [RESET] if request.method == "POST" else reply
    with serving(store) as server:
        async with starting(server.base_url, upload=(jsonl(here / "a.jsonl"),)) as b:
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("Upload unclear")
            await b.press("q")
            await b.until(lambda: not b.app.is_running)
        lags = False
        async with starting(server.base_url) as b:
            words = await offered(b)
            assert words.startswith("↑ 1 upload\n  a.jsonl  53 B  the answer was lost (")
            await b.press("enter")
            await b.toast("Uploaded: a.jsonl is file-1\nthe answer was lost, and the file was found on the server")
        assert len(asked_for(server.requests, "POST", "/files")) == 1
        assert kept(server.base_url) == []
    assert len(store.files) == 1


async def test_a_journal_that_is_damaged_is_set_aside_and_told_of(here: Path, store: Store) -> None:
    with serving(store) as server:
        path = journal_path(account(server.base_url))
        path.write_bytes(b"no journal at all" * 1000)
        async with browsing(server.base_url) as b:
            aside = path.with_suffix(".aside")
            await b.toast(f"Transfers: the list of interrupted transfers was damaged and is set aside as {aside.name}")
            await b.download()
            await b.toast("Saved")
        assert aside.exists()
        until(path.exists)


async def test_where_nothing_can_be_kept_transfers_go_on_all_the_same(here: Path, store: Store, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "home" / ".local")
    (tmp_path / "home" / ".local").write_text("a file, no folder")
    with serving(store) as server:
        async with browsing(server.base_url) as b:
            await b.download()
            await b.until(lambda: entries(here))
            await b.toast("Transfers: transfers cannot be gone on with after a crash: ")
            await b.toast("Saved")


async def test_several_deletes_end_with_one_toast() -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        leave(server.base_url, *(DeleteJob(a_file(id=f"file-{n:04}", filename="x")) for n in range(4)))
        async with starting(server.base_url) as b:
            await offered(b)
            await b.press("y")
            await b.toast("Deletes ended: 4 files deleted")
            await b.until(lambda: b.ids == ["file-0004"])
            assert len(b.toasts) == 1
