"""Quitting: at once where nothing moves, and else as the person wants it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from files_tui.transfers.journal import journal_path
from files_tui.ui.screens.quit import QuitScreen
from files_tui.ui.screens.upload import UploadScreen
from tests.store_server import Store, route
from tests.ui.helpers import Browser, account, browsing, entries, kept
from tests.ui.scripted import ScriptedServer, remote
from tests.waiting import until
from tests.wire import Received, serving

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

KIB = 1024


@pytest.fixture(autouse=True)
def ends_are_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait until threads have ended, however slow they are: what is left half done is looked for after it."""
    monkeypatch.setattr("files_tui.transfers.queue.LEAVING_SECONDS", 20.0)


async def quit_dialog(b: Browser) -> None:
    await b.press("q")
    await b.screen(QuitScreen)


async def ended(b: Browser) -> None:
    await b.until(lambda: not b.app.is_running)


@contextmanager
def half_given(*names: str) -> Iterator[ScriptedServer]:
    """A server that stops in the middle of each content until it is released."""
    with ScriptedServer([remote(n, name, bytes=1000) for n, name in enumerate(names, 1)]) as server:
        server.held = True
        yield server


async def begin(b: Browser, server: ScriptedServer) -> None:
    """Download the first file, up to its half."""
    await b.download()
    await b.until(server.arrived.is_set)


async def test_q_quits_when_nothing_runs(shared_empty: str) -> None:
    async with browsing(shared_empty) as b:
        await b.press("q")
        await ended(b)


async def test_escape_stays_and_what_moves_goes_on(here: Path) -> None:
    with half_given("a") as server:
        async with browsing(server.base_url) as b:
            await begin(b, server)
            await quit_dialog(b)
            assert "Quit? 1 transfer has not ended" in b.text
            await b.press("q", "n", "y", "escape")
            await b.main()
            server.release()
            await b.toast("Saved")
            assert b.app.is_running
    assert entries(here) == ["a"]


async def test_waiting_ends_by_itself_with_the_last_transfer(here: Path) -> None:
    with half_given("a", "b") as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            await begin(b, server)
            await quit_dialog(b)
            assert "Quit? 2 transfers have not ended" in b.text
            await b.press("w")
            await b.main()
            await b.until(lambda: b.foot.endswith("· then quits"))
            assert b.app.is_running
            server.release()
            await ended(b)
    assert entries(here) == ["a", "b"]
    assert kept(server.base_url) == []


async def test_what_fails_while_nobody_looks_is_told_of_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "going"
    folder.mkdir()
    with half_given("a") as server:
        async with browsing(server.base_url, download_dir=folder) as b:
            await begin(b, server)
            await quit_dialog(b)
            await b.press("w")
            await b.main()
            await b.until(lambda: entries(folder))
            shutil.rmtree(folder)
            server.release()
            await ended(b)
        (left,) = kept(server.base_url)
        assert (left.title, left.message[:25]) == ("a", "No such file or directory")


async def test_the_question_is_asked_once_however_often_one_quits(here: Path) -> None:
    with half_given("a") as server:
        async with browsing(server.base_url) as b:
            await begin(b, server)
            await b.press("ctrl+q", "ctrl+q")
            await b.screen(QuitScreen)
            await b.press("escape")
            await b.main()


async def test_a_wait_can_be_taken_back(here: Path) -> None:
    with half_given("a") as server:
        async with browsing(server.base_url) as b:
            await begin(b, server)
            await quit_dialog(b)
            await b.press("w")
            await b.main()
            await quit_dialog(b)
            await b.press("escape")
            await b.main()
            server.release()
            await b.toast("Saved")
            await b.until(lambda: not b.foot.endswith("quits"))
            assert b.app.is_running


async def test_a_wait_for_what_has_ended_meanwhile_is_over_at_once(here: Path) -> None:
    with half_given("a") as server:
        async with browsing(server.base_url) as b:
            await begin(b, server)
            await quit_dialog(b)
            server.release()
            await b.toast("Saved")
            await b.press("w")
            await ended(b)


async def test_remembered_transfers_are_there_for_the_next_start(here: Path) -> None:
    with half_given("a") as server:
        async with browsing(server.base_url) as b:
            await begin(b, server)
            await b.until(lambda: any((here / name).stat().st_size == 500 for name in entries(here)))
            await quit_dialog(b)
            await b.press("r")
            await ended(b)
        left = entries(here)
        assert [Path(name).suffix for name in left] == [".part"]
        assert (here / left[0]).stat().st_size == 500
        assert [job.title for job in kept(server.base_url)] == ["a"]


async def test_stopped_transfers_leave_nothing(here: Path) -> None:
    with half_given("a") as server:
        async with browsing(server.base_url) as b:
            await begin(b, server)
            await b.until(lambda: entries(here))
            await quit_dialog(b)
            await b.press("x")
            await ended(b)
        assert entries(here) == []
        assert kept(server.base_url) == []
        assert list(journal_path(account(server.base_url)).parent.glob("*.lock")) == []


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("api", "transfers"):
        monkeypatch.setattr(f"files_tui.{module}.large.PART_SIZE", 64 * KIB)


@pytest.mark.usefixtures("in_small_parts")
@pytest.mark.parametrize(
    ("key", "status", "jobs"), [("x", "cancelled", 0), ("r", "pending", 1)], ids=["stop", "remember"]
)
async def test_a_large_upload_is_cancelled_on_the_server_or_remembered(
    here: Path, key: str, status: str, jobs: int
) -> None:
    (here / "large.bin").write_bytes(b"x" * 256 * KIB)
    store, release = Store(), threading.Event()
    store.before = second_part_waits(release)
    with serving(store) as server:
        async with browsing(server.base_url, upload=(here / "large.bin",)) as b:
            await b.screen(UploadScreen)
            await b.press("down", "down", "right", "enter")
            await b.main()
            await b.until(lambda: store.sessions and store.sessions["upload_1"].parts)
            await quit_dialog(b)
            await b.press(key)
            await ended(b)
        until(lambda: store.sessions["upload_1"].status == status)
        release.set()
        assert len(kept(server.base_url)) == jobs
        assert store.files == {}


def second_part_waits(release: threading.Event) -> Callable[[Received], None]:
    """Take one part of a large upload, and no other before the event."""
    one = threading.Semaphore(1)

    def before(request: Received) -> None:
        if route(request) == "POST /uploads/parts" and not one.acquire(blocking=False):
            release.wait()

    return before


async def test_what_a_demo_moves_cannot_be_remembered(here: Path) -> None:
    with half_given("a") as server:
        async with browsing(server.base_url, demo=True) as b:
            await begin(b, server)
            await quit_dialog(b)
            assert "wait" in b.text
            assert "remember" not in b.text
            await b.press("r")
            assert isinstance(b.app.screen, QuitScreen)
            await b.press("x")
            await ended(b)
    assert entries(here) == []
