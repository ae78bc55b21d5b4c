"""Transfers on the way: the line that is always there, and the panel with a line for each."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui.clipboard import Copied
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.widgets.job_list import JobList
from tests.store_server import Store
from tests.ui.helpers import Browser, browsing, entries, jsonl, kept
from tests.ui.scripted import Reply, ScriptedServer, remote
from tests.wire import RESET, Received, Step, answer, page_answer, serving
from tests.wire import Reply as WireReply

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

QUARTER = 250_000


def note(b: Browser) -> str:
    return b.words("#transfer-note")


def states(b: Browser) -> list[str]:
    return [line.state for line in b.moving]


def content(number: int) -> tuple[str, str]:
    """The request for the content of a scripted file."""
    return "GET", f"/files/file-{number:04}/content"


class InQuarters:
    """A server with one file, of which it gives a quarter more each time that it is told to."""

    def __init__(self, *, says_length: bool = True) -> None:
        self.more = [threading.Event() for _ in range(4)]
        self._says_length = says_length

    def __call__(self, request: Received) -> WireReply:
        if request.target.endswith("/content"):
            return self._give()
        length = 4 * QUARTER if self._says_length else None
        return page_answer({"id": "file-1", "filename": "big.bin", "bytes": length, "created_at": 1})

    def _give(self) -> Iterator[Step]:
        yield answer(200, headers={"content-length": str(4 * QUARTER) if self._says_length else ""})
        for event in self.more:
            yield event
            yield b"x" * QUARTER


async def test_a_running_transfer_shows_in_the_foot_and_with_its_progress(here: Path) -> None:
    slow = InQuarters()
    with serving(slow) as server:
        async with browsing(server.base_url) as b:
            await b.download()
            await b.until(lambda: b.foot.endswith("↓ big.bin · 0 % · –/s · --:--"))
            for event in slow.more[:2]:
                event.set()
            await b.until(lambda: re.search(r"↓ big.bin · 50 % · \d\S* [kM]B/s · 0:\d\d$", b.foot))
            await b.transfers()
            await b.until(lambda: b.moving[0].numbers.startswith("500.0 kB of 1.0 MB · "))
            arrow, state, _, progress, name = b.moving[0]
            assert (arrow, state, progress) == ("↓", "running", "━━━━━─────")
            assert name.startswith(f"big.bin  → {here}"[:40])
            slow.more[2].set()
            await b.until(lambda: re.fullmatch(r"750\.0 kB of 1\.0 MB · \d\S* [kM]B/s · 0:\d\d", b.moving[0].numbers))
            assert b.moving[0].bar == "━━━━━━━───"
            slow.more[3].set()
            await b.until(lambda: states(b) == ["done"])
            assert re.fullmatch(r"1\.0 MB in 0:\d\d, \d\S* [kM]B/s", b.moving[0].numbers)
            assert b.moving[0].bar == ""
            await b.press("escape")
            await b.main()
            await b.until(lambda: "big.bin" not in b.foot)
    assert (here / "big.bin").stat().st_size == 4 * QUARTER


async def test_a_length_that_is_not_known_leaves_percent_and_time_open(here: Path) -> None:
    slow = InQuarters(says_length=False)
    with serving(slow) as server:
        async with browsing(server.base_url) as b:
            await b.download()
            await b.until(lambda: b.foot.endswith("↓ big.bin · 0 B · –/s · --:--"))
            slow.more[0].set()
            await b.until(lambda: re.search(r"↓ big.bin · \S+ k?B · \d\S* [kM]B/s · --:--$", b.foot))
            await b.transfers()
            await b.until(lambda: re.fullmatch(r"250\.0 kB · \S+( [kM]B)?/s · --:--", b.moving[0].numbers))
            assert b.moving[0].bar == "──────────"


async def test_transfers_of_several_kinds_are_counted_in_the_foot(here: Path) -> None:
    with ScriptedServer([remote(n, bytes=1000) for n in range(3)]) as server:
        server.held = True
        async with browsing(server.base_url) as b:
            await b.press("space", "space")
            await b.download()
            b.browse.open_upload([jsonl(here / "a.jsonl", lines=100)])
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.main()
            await b.until(lambda: re.search(r"  ↑ 1 ↓ 2 · \d\d % · \S+( [kM]?B)?/s · \S+$", b.foot))


async def test_a_cancelled_download_leaves_nothing_and_can_be_tried_again(here: Path) -> None:
    with ScriptedServer([remote(1, "a", bytes=1000), remote(2, "b", bytes=1000)]) as server:
        async with browsing(server.base_url) as b:
            await b.download()
            await b.toast("Saved")
            server.held = True
            await b.press("j")
            await b.download()
            await b.until(server.arrived.is_set)
            await b.transfers()
            assert states(b) == ["running", "done"]
            await b.press("j", "k", "x")
            await b.until(lambda: states(b)[0] == "cancelled")
            assert entries(here) == ["b"]
            server.held = False
            await b.press("r")
            await b.until(lambda: states(b)[0] == "done")
            assert entries(here) == ["a", "b"]
            await b.press("x", "r")
            assert states(b) == ["done", "done"]


async def test_all_are_cancelled_at_once_and_nothing_is_said_of_it(here: Path) -> None:
    with ScriptedServer([remote(n, bytes=1000) for n in range(6)]) as server:
        server.held = True
        async with browsing(server.base_url) as b:
            await b.press("a")
            await b.download()
            await b.transfers()
            await b.until(lambda: states(b).count("running") == 4)
            await b.press("X")
            await b.until(lambda: states(b) == ["cancelled"] * 6)
            assert entries(here) == []
            await b.press("escape")
            await b.main()
            await b.until(lambda: not b.foot.endswith("%") and "↓" not in b.foot)
            assert b.toasts == []


async def test_a_failed_transfer_says_why_and_is_tried_again(here: Path) -> None:
    with ScriptedServer([remote(1, "a", bytes=10)]) as server:
        server.refuse[content(1)] = Reply(404, "gone [/away]")
        async with browsing(server.base_url) as b:
            await b.download()
            await b.toast("Download failed: a: gone [/away]")
            await b.see("1 failed · t shows them")
            assert b.toasts  # which does not hide that line
            await b.transfers()
            assert b.moving[0][1:4] == ("failed", "gone [/away] (HTTP 404)", "")
            assert "It is gone, or it belongs to another project." in note(b)
            server.refuse.clear()
            await b.press("r")
            await b.until(lambda: states(b) == ["done"])
            await b.press("q")
            await b.main()
            await b.until(lambda: "failed" not in b.foot)


async def test_failures_that_were_looked_at_leave_the_foot(here: Path) -> None:
    with ScriptedServer([remote(1, "a", bytes=10)]) as server:
        server.refuse[content(1)] = Reply(404, "gone")
        async with browsing(server.base_url) as b:
            await b.download()
            await b.toast("Download failed")
            await b.until(lambda: "1 failed · t shows them" in b.foot)
            await b.until(lambda: not b.browse._ticker._active.is_set())  # nothing would draw that line again
            await b.transfers()
            await b.press("t")
            await b.main()
            await b.until(lambda: "failed" not in b.foot)
            await b.download()
            await b.until(lambda: "1 failed · t shows them" in b.foot)  # the second one, not both


async def test_all_that_failed_is_tried_again_whatever_it_was(here: Path) -> None:
    with ScriptedServer([remote(1, "a", bytes=10), remote(2, "b", bytes=10)]) as server:
        for number in (1, 2):
            server.refuse[content(number)] = Reply(404, "gone")
        server.refuse["POST", "/files"] = Reply(400, "no room")
        async with browsing(server.base_url) as b:
            await b.press("a")
            await b.download()
            b.browse.open_upload([jsonl(here / "c.jsonl")])
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.main()
            await b.until(lambda: "3 failed · t shows them" in b.foot)
            await b.transfers()
            assert states(b) == ["failed"] * 3
            server.refuse.clear()
            await b.press("R")
            await b.until(lambda: states(b) == ["done"] * 3)
            assert entries(here) == ["a", "b", "c.jsonl"]


async def test_an_unclear_upload_that_is_tried_again_is_looked_for_and_not_sent_twice(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0,))
    store, lags = Store(), True

    def lagging(request: Received) -> WireReply | None:
        return page_answer() if lags and request.target.startswith("/v1/files?") else None

    store.before = lagging
    store.after = lambda request, reply: [RESET] if request.method == "POST" else reply
    with serving(store) as server:
        async with browsing(server.base_url, upload=(jsonl(here / "a.jsonl"),)) as b:
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("Upload unclear: a.jsonl: the answer was lost")
            await b.until(lambda: "1 failed · t shows them" in b.foot)
            await b.transfers()
            assert states(b) == ["unclear"]
            assert "the file is not in the list yet Look for the file in the list" in note(b)
            lags = False
            await b.press("r")
            await b.until(lambda: states(b) == ["done"])
            await b.press("escape")
            await b.main()
            await b.until(lambda: b.ids == ["file-1"])
        assert sum(request.method == "POST" for request in server.requests) == 1
    assert len(store.files) == 1


async def test_what_has_ended_is_cleared_away_and_the_rest_goes_on(here: Path) -> None:
    with ScriptedServer([remote(n, f"f{n}", bytes=1000) for n in range(3)]) as server:
        server.refuse[content(1)] = Reply(404, "gone")
        async with browsing(server.base_url) as b:
            await b.press("j")
            await b.download()
            await b.toast("gone")
            await b.press("k")
            await b.download()
            await b.toast("Saved")
            server.held = True
            await b.press("end")
            await b.download()
            await b.until(server.arrived.is_set)
            await b.transfers()
            assert states(b) == ["running", "done", "failed"]
            await b.press("G", "c")
            assert [line.name[:2] for line in b.moving] == ["f0"]
            await b.press("R", "r")
            assert states(b) == ["running"]
            server.release()
            await b.until(lambda: states(b) == ["done"])
            await b.press("c")
            await b.until(lambda: note(b) == "Nothing has moved yet.")
            assert b.moving == []
        assert kept(server.base_url) == []  # a failure that was not cleared would be told of again
    assert entries(here) == ["f0", "f2"]


async def test_the_path_of_the_folder_is_copied(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    def copy(words: str, **_: object) -> Copied:
        copied.append(words)
        return Copied("the clipboard")

    monkeypatch.setattr("files_tui.clipboard.copy", copy)
    source = tmp_path / "source"
    source.mkdir()
    with ScriptedServer([remote(1, "a", bytes=10)]) as server:
        async with browsing(server.base_url) as b:
            await b.download()
            await b.toast("Saved")
            b.browse.open_upload([jsonl(source / "up.jsonl")])
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("Uploaded")
            await b.transfers()
            await b.press("y")
            await b.until(lambda: copied == [str(source)])
            await b.press("j", "y")
            await b.until(lambda: copied == [str(source), str(here)])
            await b.toast("Sent, not confirmed: ")
            await b.press("escape")
            await b.main()
            await b.press("x", "y")
            await b.main()
            await b.toast("Deleted")
            await b.transfers()
            await b.press("y")
            await b.toast("A delete has no folder.")
    assert len(copied) == 2


async def test_with_nothing_moving_it_says_so_and_t_closes(shared_empty: str) -> None:
    async with browsing(shared_empty) as b:
        await b.transfers()
        assert note(b) == "Nothing has moved yet."
        await b.press("x", "X", "r", "R", "c", "y", "j", "k", "enter", "t")
        await b.main()


async def test_a_new_transfer_is_on_top_and_the_cursor_stays(here: Path) -> None:
    with ScriptedServer([remote(n, f"f{n}", bytes=10) for n in range(3)]) as server:
        server.refuse[content(0)] = Reply(404, "gone")
        async with browsing(server.base_url) as b:
            await b.press("a")
            await b.download()
            await b.until(lambda: b.browse.session and len(b.browse.session.queue.jobs) == 3)
            await b.until(lambda: not b.browse.active)
            await b.transfers()
            assert [line.name[:2] for line in b.moving] == ["f2", "f1", "f0"]
            await b.press("j")
            assert b.browse.session
            queue = b.browse.session.queue
            queue.retry(queue.troubled)
            await b.until(lambda: [line.name[:2] for line in b.moving] == ["f0", "f2", "f1"])
            assert b.app.screen.query_one(JobList).cursor == 2


async def test_an_upload_that_is_held_can_be_cancelled(here: Path) -> None:
    with ScriptedServer([]) as server:
        server.held = True
        path = jsonl(here / "a.jsonl")
        async with browsing(server.base_url, upload=(path,)) as b:
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.until(server.arrived.is_set)
            await b.transfers()
            assert b.moving[0].name == "a.jsonl  as fine-tune"
            await b.until(lambda: b.moving[0].numbers == f"{path.stat().st_size} B sent, no answer yet")
            await b.press("delete")
            await b.until(lambda: states(b) == ["cancelled"])


async def test_a_pause_that_the_server_asks_for_is_counted_down(here: Path) -> None:
    with ScriptedServer([remote(n, bytes=10) for n in range(2)]) as server:
        for number in (0, 1):
            server.refuse[content(number)] = Reply(429, "slow down [/x]", {"Retry-After": "200"})
        async with browsing(server.base_url) as b:
            await b.press("a")
            await b.download()

            def left() -> str:
                return b.head.partition("waiting to try again: ")[2]

            await b.until(left)
            before = left()
            assert before <= "3:20"
            await b.until(lambda: "" < left() < before)
            await b.transfers()
            await b.until(lambda: any(line.state == "retrying" for line in b.moving))
            wait = next(line for line in b.moving if line.state == "retrying").numbers
            await b.until(lambda: re.search(r"Transfers · waiting to try again: [23]:\d\d", b.text))
            assert re.fullmatch(r"in [23]:\d\d: slow down \[/x\].*", wait)
            await b.press("X")
            await b.until(lambda: set(states(b)) == {"cancelled"})
            await b.press("escape")
            await b.main()
            await b.until(lambda: "waiting" not in b.head)


async def test_after_the_pause_it_goes_on_by_itself(here: Path) -> None:
    with ScriptedServer([remote(1, "a", bytes=10)]) as server:
        server.refuse[content(1)] = Reply(429, "slow down", {"Retry-After-Ms": "700"})
        async with browsing(server.base_url) as b:
            await b.download()
            await b.until(lambda: "waiting to try again: 0:0" in b.head)
            server.refuse.clear()
            await b.toast("Saved")
            await b.until(lambda: "waiting" not in b.head and "synced" in b.head)
