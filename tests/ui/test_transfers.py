"""Transfers on the way: progress, cancel and retry, a line each."""

from pathlib import Path

import pytest
from textual.widgets import DataTable, Static

from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.transfers import TransfersScreen
from tests.ui.helpers import Browser, browsing, entries, jsonl
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio


def jobs(b: Browser) -> list[list[str]]:
    table = b.app.screen.query_one(DataTable)
    return [[str(cell).strip() for cell in table.get_row_at(n)] for n in range(table.row_count)]


def note(b: Browser) -> str:
    return str(b.widget("#transfer-note", Static).content)


async def download(b: Browser) -> None:
    await b.press("d")
    await b.screen(DownloadScreen)
    await b.press("enter")
    await b.main()


async def transfers(b: Browser) -> None:
    await b.press("t")
    await b.screen(TransfersScreen)


async def test_a_running_transfer_shows_in_the_foot_and_with_its_progress(here: Path) -> None:
    with ScriptedServer([remote(1, "big.bin", bytes=1_000_000)]) as server:
        server.held = True
        async with browsing(server.base_url) as b:
            await download(b)
            await b.until(lambda: "↓ big.bin 50 %" in b.foot)
            await transfers(b)
            await b.until(lambda: "500.0 kB of 1.0 MB" in jobs(b)[0][2])
            arrow, state, progress, name = jobs(b)[0]
            assert (arrow, state) == ("↓", "running")
            assert progress.startswith("━━━━━───── ")
            assert name == f"big.bin  → {here / 'big.bin'}"
            server.release()
            await b.until(lambda: jobs(b)[0][1] == "done")
            assert jobs(b)[0][2].startswith("1.0 MB in 0:0")
            await b.press("escape")
            await b.main()
            await b.until(lambda: "big.bin" not in b.foot)
    assert (here / "big.bin").stat().st_size == 1_000_000


async def test_a_cancelled_download_leaves_nothing_and_can_be_tried_again(here: Path) -> None:
    with ScriptedServer([remote(1, "a", bytes=1000), remote(2, "b", bytes=1000)]) as server:
        async with browsing(server.base_url) as b:
            await download(b)
            await b.toast("Saved")
            server.held = True
            await b.press("j")
            await download(b)
            await b.until(server.arrived.is_set)
            await transfers(b)
            assert [row[1] for row in jobs(b)] == ["running", "done"]
            await b.press("j", "k", "x")
            await b.until(lambda: jobs(b)[0][1] == "cancelled")
            assert entries(here) == ["b"]
            server.held = False
            await b.press("r")
            await b.until(lambda: jobs(b)[0][1] == "done")
            assert entries(here) == ["a", "b"]
            await b.press("x", "r")
            assert [row[1] for row in jobs(b)] == ["done", "done"]


async def test_a_failed_transfer_says_why_and_is_tried_again(here: Path) -> None:
    with ScriptedServer([remote(1, "a", bytes=10)]) as server:
        server.refuse["GET", "/files/file-0001/content"] = Reply(404, "gone [/away]")
        async with browsing(server.base_url) as b:
            await download(b)
            await b.toast("gone [/away]")
            await b.until(lambda: "1 failed · t shows them" in b.foot)
            await transfers(b)
            assert jobs(b)[0][1] == "failed"
            assert "gone [/away] (HTTP 404)" in jobs(b)[0][2]
            assert "It is gone, or it belongs to another project." in note(b)
            server.refuse.clear()
            await b.press("r")
            await b.until(lambda: jobs(b)[0][1] == "done")
            await b.press("q")
            await b.main()
            await b.until(lambda: "failed" not in b.foot)


async def test_with_nothing_moving_it_says_so_and_t_closes(shared_empty: str) -> None:
    async with browsing(shared_empty) as b:
        await transfers(b)
        assert note(b) == "Nothing has moved yet."
        await b.press("x", "r", "j", "k", "enter", "t")
        await b.main()


async def test_a_new_transfer_is_on_top_and_the_cursor_stays(here: Path) -> None:
    with ScriptedServer([remote(n, f"f{n}", bytes=10) for n in range(3)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            await download(b)
            await b.until(lambda: b.browse.session and len(b.browse.session.queue.jobs) == 3)
            await b.until(lambda: not b.browse.active)
            await transfers(b)
            assert [row[3][:2] for row in jobs(b)] == ["f0", "f1", "f2"]
            await b.press("j")
            assert b.browse.session
            b.browse.session.queue.retry(job := b.browse.session.queue.jobs[0])
            assert job.state == "done"
            table = b.app.screen.query_one(DataTable)
            assert table.cursor_row == 1


async def test_an_upload_that_is_held_can_be_cancelled(here: Path) -> None:
    with ScriptedServer([]) as server:
        server.held = True
        async with browsing(server.base_url, synced=False, upload=(jsonl(here / "a.jsonl"),)) as b:
            await b.until(lambda: b.app.screen is not b.browse)
            await b.press("enter")
            await b.until(server.arrived.is_set)
            await transfers(b)
            assert jobs(b)[0][3] == "a.jsonl  as fine-tune"
            await b.press("delete")
            await b.until(lambda: jobs(b)[0][1] == "cancelled")
