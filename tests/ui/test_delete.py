"""Deleting: what is asked, what Enter does not do, and what became of each file."""

import pytest
from textual.widgets import Button, Input, Static

from files_tui.ui.screens.delete import DeleteScreen
from tests.demo_server import running_demo
from tests.ui.conftest import LIVE
from tests.ui.helpers import Browser, browsing
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio


async def dialog(b: Browser) -> DeleteScreen:
    await b.press("x")
    return await b.screen(DeleteScreen)


def title(b: Browser) -> str:
    return str(b.app.screen.query_one(".dialog").border_title)


def deletes(server: ScriptedServer) -> list[str]:
    return [request for request in server.requests if request.startswith("DELETE")]


async def test_names_ids_number_and_bytes_are_shown_and_enter_does_not_delete() -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("space", "space")
            await dialog(b)
            assert title(b) == "Delete 2 files, 2.0 kB"
            words = b.words("#delete-files")
            for each in ("data-0002.jsonl", "file-0002", "data-0001.jsonl", "file-0001"):
                assert each in words
            assert "0000" not in words
            assert "cannot be undone" in b.words("#delete-warning")
            assert b.widget("#cancel", Button).has_focus
            await b.press("enter")
            await b.main()
            assert deletes(server) == []
            assert "2 marked" in b.foot


@pytest.mark.parametrize("key", ["n", "escape"])
async def test_no_deletes_nothing(key: str) -> None:
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            await dialog(b)
            await b.press(key)
            await b.main()
            assert deletes(server) == []


@pytest.mark.parametrize("keys", [["y"], ["right", "right", "enter"]])
async def test_yes_deletes_and_the_row_goes(keys: list[str]) -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("j")
            await dialog(b)
            assert title(b) == "Delete 1 file, 1.0 kB"
            await b.press(*keys)
            await b.toast("Deleted: data-0001.jsonl")
            await b.until(lambda: b.ids == ["file-0002", "file-0000"])
            assert b.current == "file-0000"
            assert "2 files" in b.head
            assert deletes(server) == ["DELETE /files/file-0001"]


async def test_a_real_server_forgets_the_files() -> None:
    with running_demo("--bulk", "12", *LIVE) as base_url:
        async with browsing(base_url) as b:
            await b.press("space", "space", "space", "delete")
            await b.screen(DeleteScreen)
            await b.press("y")
            await b.toast("Deletes ended: 3 files deleted")
            await b.refreshed(9)
            assert b.marks == 0


async def test_more_than_ten_files_need_their_number_typed() -> None:
    with ScriptedServer([remote(n) for n in range(11)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            await dialog(b)
            assert b.widget("#count", Input).has_focus
            await b.press("y", "enter", "1", "enter", "2", "enter")
            assert deletes(server) == []
            assert b.widget("#delete", Button).disabled
            await b.press("backspace", "1", "enter")
            await b.toast("Deletes ended: 11 files deleted")
            assert len(deletes(server)) == 11
            await b.until(lambda: "No files yet" in b.notice)


async def test_ten_files_do_not() -> None:
    with ScriptedServer([remote(n) for n in range(10)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            await dialog(b)
            await b.press("y")
            await b.toast("Deletes ended: 10 files deleted")


async def test_a_file_that_is_gone_already_counts_as_gone() -> None:
    with ScriptedServer([remote(1), remote(2)]) as server:
        for method in ("DELETE", "GET"):
            server.refuse[method, "/files/file-0001"] = Reply(404, "No such File object: file-0001")
        async with browsing(server.base_url) as b:
            await b.press("a")
            await dialog(b)
            await b.press("y")
            await b.toast("Deletes ended: 2 files deleted (1 gone already)")
            await b.until(lambda: b.rows == [])


async def test_outcomes_are_shown_when_some_fail_and_r_tries_those_again() -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        server.refuse["DELETE", "/files/file-0001"] = Reply(403, "in use by [/job]")
        async with browsing(server.base_url) as b:
            await b.press("a")
            await dialog(b)
            await b.press("r")
            assert deletes(server) == []
            await b.press("y")
            await b.until(lambda: "2 of 3 deleted, 1 failed: r tries them again" in b.words("#delete-warning"))
            lines = b.words("#delete-files").split("\n")
            assert lines[0].startswith("✗ data-0001")
            assert "in use by [/job]" in lines[1]
            assert [line[:11] for line in lines[2:]] == ["✓ data-0002", "✓ data-0000"]
            assert b.label("#cancel") == "Close esc"
            assert b.toasts == []
            server.refuse.clear()
            await b.press("y", "r")
            await b.toast("Deleted: data-0001.jsonl")
            await b.main()
            assert len(deletes(server)) == 4
            await b.until(lambda: b.rows == [])


async def test_leaving_after_a_failure_keeps_the_file() -> None:
    with ScriptedServer([remote(n) for n in range(2)]) as server:
        server.refuse["DELETE", "/files/file-0001"] = Reply(403, "no")
        async with browsing(server.base_url) as b:
            await dialog(b)
            await b.press("y")
            await b.until(lambda: "0 of 1 deleted, 1 failed" in str(b.widget("#delete-warning", Static).content))
            await b.press("escape")
            await b.main()
            assert len(b.rows) == 2
            assert b.toasts == []
            assert "failed" not in b.foot
