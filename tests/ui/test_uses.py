"""Where files are used: in the detail pane, in a dialog that leads from file to file, and before a delete."""

import time
from typing import Any

import pytest

from files_tui.catalog.uses import Looked
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.detach import DetachScreen
from files_tui.ui.screens.uses import UsesScreen
from tests.ui.helpers import Browser, browsing
from tests.ui.scripted import NOON, Reply, ScriptedServer, remote

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

FILES = [
    remote(1, "in.jsonl", purpose="batch"),
    remote(2, "out.jsonl", purpose="batch_output"),
    remote(3, "doc.md", purpose="assistants"),
    remote(4, "free.md", purpose="assistants"),
]
UNLISTED = remote(9, "errors.jsonl", purpose="batch_output")
BATCH = {
    "id": "batch_[/x]",
    "endpoint": "/v1/\x1b[31membeddings",
    "status": "completed",
    "created_at": NOON,
    "input_file_id": "file-0001",
    "output_file_id": "file-0002",
    "error_file_id": "file-0009",
}


def lists() -> dict[str, list[dict[str, Any]]]:
    stores = [{"id": f"vs_{n}", "name": f"Store {n}", "created_at": n} for n in range(2)]
    members = {f"/vector_stores/vs_{n}/files": [{"id": "file-0003"}] for n in range(2)}
    return {"/batches": [BATCH], "/vector_stores": stores, **members}


async def uses(b: Browser) -> UsesScreen:
    await b.press("w")
    return await b.screen(UsesScreen)


def looks(server: ScriptedServer) -> int:
    return server.looks.count("GET /batches")


async def to(b: Browser, name: str) -> None:
    """Put the cursor on a file."""
    await b.press("home", *["j"] * b.names.index(name))


async def test_the_pane_tells_and_the_dialog_leads_from_file_to_file(clipboard: list[str]) -> None:
    with ScriptedServer(list(FILES)) as server:
        server.lists = lists()
        async with browsing(server.base_url) as b:
            await to(b, "in.jsonl")
            await b.detail("used", "w looks")
            assert server.looks == []
            await uses(b)
            await b.see("batch /v1/␛[31membeddings · batch_[/x] · completed")
            await b.see("this server does not tell of fine-tuning jobs")
            await b.see("· 1 batch, 2 vector stores looked at")
            assert "this file" in b.text
            await b.press("k", "c")
            await b.until(lambda: clipboard == ["batch_[/x]"])
            await b.press("j", "enter")
            await b.main()
            assert b.current == "file-0002"
            await b.detail("used", "1 batch\nas of ")
            await uses(b)
            await b.see("this file")
            await b.press("enter")
            await b.main()
            assert b.current == "file-0001"
            assert looks(server) == 1

            await b.press("1")  # a purpose that the other file does not have
            await b.until(lambda: b.names == ["in.jsonl"])
            await uses(b)
            await b.press("enter")
            await b.main()
            await b.until(lambda: b.current == "file-0002")
            await uses(b)
            await b.press("enter")
            await b.main()
            await b.until(lambda: b.current == "file-0001")

            server.files.append(UNLISTED)
            await b.press("1")
            await uses(b)
            await b.press("j", "enter")  # which the listing does not have yet
            await b.main()
            await b.until(lambda: b.current == "file-0009")
            await to(b, "free.md")
            await b.detail("used", "not known")

            server.lists["/fine_tuning/jobs"] = [{"id": "ftjob-1", "training_file": "file-0004", "created_at": NOON}]
            await uses(b)
            await b.see("Nothing is known to use it.")
            await b.press("w")
            await b.see("fine-tuning job ftjob-1")
            assert looks(server) == 2
            await b.press("escape")
            await b.main()
            await b.detail("used", "1 job\nas of ")
        async with browsing(server.base_url) as b:  # it is kept
            await to(b, "doc.md")
            await b.detail("used", "2 stores\nas of ")
            assert looks(server) == 2


async def test_a_look_goes_on_beside_browsing_and_can_be_stopped() -> None:
    with ScriptedServer([*FILES, *(remote(n) for n in range(10, 20))]) as server:
        server.lists = lists()
        server.holds_looks = True
        async with browsing(server.base_url, cache=False) as b:
            await uses(b)
            await b.see("looking at batches… · x stops")
            await b.press("escape", "j")
            await b.main()
            await b.detail("used", "looking…")
            assert b.table.cursor_row == 1
            await uses(b)
            await b.press("x")
            await b.until(lambda: b.browse.session and b.browse.session.uses._looking is None)
            assert b.catalog.uses.looked() == {}
            b.catalog.uses.finish("batch", b.catalog.uses.begin(), Looked(int(time.time())))
            await b.press("escape", "w")
            await b.see("looking at batches…")
            assert "were not looked at" not in b.text
            await b.press("x")
            await b.see("vector stores were not looked at")
            await b.until(lambda: b.browse.session and b.browse.session.uses._looking is None)
            await b.press("r")
            await b.see("looking at batches…")
            server.release()
            server.holds_looks = False
            await b.see("as of ")
            await b.see("Nothing is known to use it.")


async def test_a_delete_says_what_is_in_use_and_detaches_first_where_that_is_wanted() -> None:
    with ScriptedServer(list(FILES)) as server:
        server.lists = lists()
        async with browsing(server.base_url) as b:
            await to(b, "doc.md")
            await b.press("x")
            await b.screen(DeleteScreen)
            await b.see("In use (v detaches) by 2 vector stores, as of")
            server.refuse["DELETE", "/vector_stores/vs_1/files/file-0003"] = Reply(400, "not [/now]")
            await b.press("v")
            await b.screen(DetachScreen)
            await b.see("Detach doc.md from 2 vector stores")
            await b.see("Store 1  vs_1  doc.md")
            await b.press("n")
            await b.screen(DeleteScreen)
            assert not any("DELETE" in each for each in server.looks)
            await b.press("v", "y")
            await b.see("✗ Store 1")
            await b.see("not [/now]")
            await b.see("1 of 2 detached; y tries again, n leaves")
            server.refuse.clear()
            await b.press("y")
            await b.screen(DeleteScreen)
            await b.see("Not known to be in use by batches, jobs or vector stores")
            assert server.lists["/vector_stores/vs_0/files"] == []
            assert server.lists["/vector_stores/vs_1/files"] == []
            assert len(server.files) == 4
            await b.press("v")
            await b.screen(DeleteScreen)
            await b.press("y")
            await b.toast("Deleted: doc.md")
            await b.main()
            await b.until(lambda: len(b.rows) == 3)

            await b.press("a", "x")
            await b.screen(DeleteScreen)
            await b.see("2 of 3 in use by 1 batch, as of")
            assert looks(server) == 1


async def test_a_delete_waits_for_no_look() -> None:
    with ScriptedServer(list(FILES)) as server:
        server.lists = lists()
        server.holds_looks = True
        async with browsing(server.base_url) as b:
            await b.press("x")
            await b.screen(DeleteScreen)
            await b.see("looking where it is used…")
            await b.press("y")
            await b.toast("Deleted: free.md")
            await b.main()
            await b.until(
                lambda: b.browse.session and b.browse.session.uses.words is None
            )  # since nobody asks any more


async def test_a_server_that_tells_of_nothing_says_nothing_in_the_way(clipboard: list[str]) -> None:
    with ScriptedServer(list(FILES)) as server:
        async with browsing(server.base_url, size=(80, 24)) as b:
            await b.press("x")
            await b.screen(DeleteScreen)
            await b.until(lambda: len(server.looks) == 3)
            await b.until(lambda: b.words("#delete-uses") == "")
            await b.press("n")
            await b.main()
            await uses(b)
            await b.see("this server does not tell of batches")
            await b.see("Nothing is known to use it.")
            await b.press("enter", "c", "escape", "x")
            await b.screen(DeleteScreen)
            assert len(server.looks) == 3
            assert clipboard == []
