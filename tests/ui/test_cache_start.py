"""Starting with a listing that was kept: it is there at once, and the news come behind it."""

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from files_tui.api import retry
from files_tui.catalog.cache import catalog_path, open_catalog
from files_tui.settings import cache_dir
from files_tui.ui.screens.delete import DeleteScreen
from tests.ui.helpers import account, browsing
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio

HOUR = 3600


def ids(*numbers: int) -> list[str]:
    return [f"file-{number:04}" for number in numbers]


def grow_old(base_url: str, hours: int) -> None:
    """Let the kept listing be as old as this."""
    opened = open_catalog(account(base_url), keep=True)
    opened.catalog.note("synced_at", int(time.time()) - hours * HOUR - 1)
    opened.close()


async def start_once(server: ScriptedServer) -> None:
    """Let a first start keep the listing."""
    async with browsing(server.base_url) as b:
        await b.synced(len(server.files))
        await b.at_rest()
    server.asked.clear()


async def test_the_next_start_shows_the_old_rows_then_the_new_ones() -> None:
    with ScriptedServer([remote(n) for n in range(10)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            assert b.marks == 10
        grow_old(server.base_url, 3)
        server.files = [remote(11), remote(10), *(remote(n) for n in range(10) if n not in (2, 7))]
        server.files[2]["status"] = "error"
        gate = server.gate(1)
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: b.rows)
            assert b.ids == ids(*range(9, -1, -1))
            await b.until(lambda: "10 files · 10.0 kB · as of 3 h ago · refreshing…" in b.head)
            assert b.foot.startswith("page 1 of 1 · 1–10 of 10")
            assert b.marks == 0
            assert "data-0009.jsonl" in b.text
            gate.set()
            await b.synced(10)
            assert b.ids == ids(11, 10, 9, 8, 6, 5, 4, 3, 1, 0)
            assert [status for status in b.column("Status") if status != "● ready"] == ["✗ failed"]
            assert len(server.asked) == 2


async def test_the_cursor_stays_on_its_file_when_the_news_come() -> None:
    with ScriptedServer([remote(n) for n in range(60)]) as server:
        await start_once(server)
        server.files = [remote(n) for n in range(70) if n not in (55, 50)]
        gate = server.gate(1)
        async with browsing(server.base_url, synced=False, page_size=20) as b:
            await b.until(lambda: b.rows)
            await b.press(*["j"] * 5)
            assert b.current == "file-0054"
            await b.press("a", "escape", "space")
            gate.set()
            await b.synced(68)
            assert (b.current, b.table.cursor_row) == ("file-0053", 15)
            assert b.marks == 1
            await b.press("space")
            assert b.marks == 2
            await b.press("g")
            assert b.ids[0] == "file-0069"


async def test_the_cursor_stays_on_its_file_on_another_page_and_under_a_filter() -> None:
    with ScriptedServer([remote(n, purpose="batch" if n % 2 else "evals") for n in range(90)]) as server:
        await start_once(server)
        server.files += [remote(n, purpose="batch") for n in range(90, 120)]
        gate = server.gate(1)
        async with browsing(server.base_url, synced=False, page_size=10) as b:
            await b.until(lambda: b.rows)
            await b.press("1", "n", "n", "j", "j")
            wanted = b.current
            assert b.foot.startswith("45 of 90 · page 3 of 5 · 21–30")
            gate.set()
            await b.synced(120)
            assert b.current == wanted
            assert b.foot.startswith("75 of 120 · page 6 of 8 · 51–60")


async def test_a_file_under_the_cursor_that_is_gone_leaves_its_row_to_the_next() -> None:
    with ScriptedServer([remote(n) for n in range(10)]) as server:
        await start_once(server)
        server.files = [file for file in server.files if file["id"] != "file-0005"]
        gate = server.gate(1)
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: b.rows)
            await b.press(*["j"] * 4, "space", "k")
            assert b.current == "file-0005"
            gate.set()
            await b.synced(9)
            assert b.current == "file-0004"
            await b.until(lambda: b.marks == 0 and "marked" not in b.foot)


async def test_everything_works_on_the_kept_listing_before_the_server_answers() -> None:
    with ScriptedServer([remote(n, purpose="batch" if n % 2 else "evals") for n in range(40)]) as server:
        await start_once(server)
        server.gate(1)
        async with browsing(server.base_url, synced=False, page_size=10, purpose="batch") as b:
            await b.until(lambda: b.rows)
            assert b.foot.startswith("20 of 40 · page 1 of 2 · 1–10")
            await b.press("slash", *"data-001", "enter")
            await b.until(lambda: b.foot.startswith("5 of 40 · page 1 of 1 · 1–5"))
            await b.press("escape", "escape", "S", "G")
            await b.until(lambda: b.foot.startswith("page 4 of 4 · 31–40 of 40"))
            assert b.current == "file-0039"
            await b.press("a")
            assert "40 marked" in b.foot
            assert "so far" not in b.foot


async def test_a_long_listing_that_is_fresh_is_asked_for_its_news_only() -> None:
    with ScriptedServer([remote(n) for n in range(250)]) as server:
        server.allowed = 100
        await start_once(server)
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "new files" in b.head)
            when = time.strftime("%H:%M", time.localtime(b.catalog.noted("synced_at")))
            assert f"· synced {when}" in b.head
            assert len(server.asked) == 1
        server.asked.clear()
        server.files = [remote(n) for n in range(310) if n != 7]
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "310 files" in b.head and "new files" in b.head)
            assert [request.limit for request in server.asked][1:] == [100, 100]
            await b.press("g")
            assert b.ids[0] == "file-0309"
            await b.refreshed(309)
            assert "new files" not in b.head


async def test_a_long_listing_that_is_old_is_asked_for_whole() -> None:
    with ScriptedServer([remote(n) for n in range(250)]) as server:
        server.allowed = 100
        await start_once(server)
        grow_old(server.base_url, 1)
        server.files.pop(7)
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "249 files" in b.head and "new files" not in b.head and "synced" in b.head)


async def test_without_a_server_the_rows_are_there_and_r_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 0)
    with ScriptedServer([remote(n) for n in range(10)]) as server:
        await start_once(server)
        grow_old(server.base_url, 3)
        port = int(server.base_url.split(":")[2].split("/")[0])
        base_url = server.base_url
    with socket.socket() as taken:  # or another process might get the port meanwhile
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        async with browsing(base_url, synced=False) as b:
            await b.until(lambda: "10 files · 10.0 kB · as of 3 h ago · ✗ offline · r tries again" in b.head)
            assert b.ids == ids(*range(9, -1, -1))
            assert b.notice == ""
            await b.press("j", "slash", *"0004", "enter")
            await b.until(lambda: b.ids == ids(4))
            await b.press("escape")
            await b.until(lambda: len(b.rows) == 10)
            await b.press("r")
            await b.until(lambda: "as of 3 h ago · ✗ offline" in b.head)
            assert len(b.rows) == 10
            taken.close()
            with ScriptedServer([remote(n) for n in range(12)], port=port):
                await b.refreshed(12)
                assert b.ids == ids(*range(11, -1, -1))


async def test_a_key_that_is_rejected_now_does_not_hide_what_was_kept() -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        await start_once(server)
        server.refuse["GET", "/files"] = Reply(401, "Incorrect API key provided")
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "as of just now · ✗ key rejected" in b.head)
            await b.toast("Incorrect API key provided")
            assert len(b.rows) == 3


async def test_another_key_sees_nothing_of_it() -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        await start_once(server)
        server.gate(1)
        async with browsing(server.base_url, synced=False, key="sk-other") as b:
            await b.until(lambda: "loading…" in b.head)
            assert b.rows == []
            assert b.catalog.purposes() == {}


@pytest.mark.parametrize("settings", [{"cache": False}, {"demo": True}])
async def test_nothing_is_kept_where_that_is_not_wanted(settings: dict[str, Any]) -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        async with browsing(server.base_url, **settings) as b:
            await b.synced(3)
            assert not cache_dir().exists()
        assert not cache_dir().exists()
        await start_once(server)
        server.gate(1)
        async with browsing(server.base_url, synced=False, **settings) as b:
            await b.until(lambda: "loading…" in b.head)
            assert b.rows == []


async def test_what_is_kept_is_one_file_for_its_owner_without_the_key() -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        await start_once(server)
        path = catalog_path(account(server.base_url))
        assert sorted(each.name for each in cache_dir().iterdir()) == sorted([path.name, "salt"])
        assert path.stat().st_mode & 0o077 == 0
        assert b"sk-test" not in path.read_bytes()
        assert "sk-test" not in path.name


async def test_a_folder_that_cannot_be_written_is_told_of_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "home" / ".cache").write_text("a file, no folder")
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        async with browsing(server.base_url) as b:
            await b.toast("the listing cannot be kept on disk")
            await b.synced(3)
            assert len(b.rows) == 3


async def test_two_programs_share_one_listing() -> None:
    with ScriptedServer([remote(n) for n in range(5)]) as server:
        async with browsing(server.base_url) as first, browsing(server.base_url) as second:
            await second.press("j", "x")
            await second.screen(DeleteScreen)
            await second.press("y")
            await second.toast("Deleted: data-0003.jsonl")
            await second.until(lambda: second.ids == ids(4, 2, 1, 0))
            await first.refreshed(4)
            assert first.ids == second.ids
