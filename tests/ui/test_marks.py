"""Marks are a set of files, whatever page, order or filter is shown; and what becomes of them and of new files."""

import re
from pathlib import Path

import pytest

from files_tui.transfers.jobs import Change
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.session import Session
from tests.ui.helpers import Browser, browsing, jsonl
from tests.ui.scripted import Reply, ScriptedServer, remote
from tests.waiting import until

pytestmark = pytest.mark.anyio


def listed(count: int) -> ScriptedServer:
    return ScriptedServer([remote(n, purpose="batch" if n % 2 else "evals", bytes=1000) for n in range(count)])


def said(b: Browser) -> str:
    """What the foot says of the marks."""
    found = re.search(r"[\d,]+ marked, [\d.]+ \w?B", b.foot)
    return found[0] if found else ""


async def delete_all_marked(b: Browser) -> None:
    await b.press("x")
    await b.screen(DeleteScreen)
    await b.press("y")


async def test_they_survive_pages_orders_filters_and_refreshes() -> None:
    with listed(30) as server:
        async with browsing(server.base_url, page_size=10) as b:
            await b.press("space", "j", "space", "n", "space")
            await b.until(lambda: b.marks == 3)
            assert said(b) == "3 marked, 3.0 kB"
            for keys in (["G"], ["g"], ["s", "n"], ["S"], ["2"], ["slash", *"data-002", "enter"], ["r"], ["0"]):
                await b.press(*keys)
                assert b.marks == 3
                await b.until(lambda: said(b) == "3 marked, 3.0 kB")
            await b.until(lambda: len(b.rows) == 10 and "· synced" in b.head)
            wanted = {"file-0029", "file-0027", "file-0019"}
            assert {b.ids[row] for row in b.marked} == wanted & set(b.ids)
            await b.press("escape")
            assert (b.marks, said(b)) == (0, "")


async def test_mark_all_adds_up_over_filters_and_inverting_takes_away() -> None:
    with listed(30) as server:
        async with browsing(server.base_url, page_size=10) as b:
            await b.press("1", "a")
            assert said(b) == "15 marked, 15.0 kB"
            await b.press("2", "a")
            assert said(b) == "30 marked, 30.0 kB"
            await b.press("asterisk")
            assert said(b) == "15 marked, 15.0 kB"
            assert b.marked == []
            await b.press("1")
            assert b.marked == list(range(10))
            await b.press("a", "a", "space")
            assert said(b) == "14 marked, 14.0 kB"


async def test_new_files_are_not_marked_by_an_earlier_mark_all() -> None:
    with listed(5) as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            server.files.append(remote(9))
            await b.refreshed(6)
            assert b.marks == 5
            assert b.marked == [1, 2, 3, 4, 5]


async def test_deleted_files_leave_the_marks_and_the_others_stay() -> None:
    with listed(6) as server:
        server.refuse["DELETE", "/files/file-0003"] = Reply(403, "in use")
        async with browsing(server.base_url) as b:
            await b.press("a", "j", "space")
            assert b.marks == 5
            await delete_all_marked(b)
            await b.see("4 of 5 deleted, 1 failed")
            await b.press("escape")
            await b.main()
            await b.until(lambda: b.ids == ["file-0004", "file-0003"])
            await b.until(lambda: said(b) == "1 marked, 1.0 kB")
            assert b.marked == [1]
            server.refuse.clear()
            await delete_all_marked(b)
            await b.until(lambda: b.ids == ["file-0004"])
            await b.until(lambda: (b.marks, said(b)) == (0, ""))
            await b.main()
            await b.press("space")
            assert said(b) == "1 marked, 1.0 kB"


async def test_marked_files_that_the_filter_hides_are_counted_before_they_are_deleted() -> None:
    with listed(6) as server:
        async with browsing(server.base_url) as b:
            await b.press("a", "1")
            await b.until(lambda: len(b.rows) == 3)
            await b.press("x")
            await b.screen(DeleteScreen)
            title = str(b.app.screen.query_one(".dialog").border_title)
            assert title == "Delete 6 files, 6.0 kB, 3 of them not shown"


async def test_a_click_and_the_cursor_mark_nothing() -> None:
    with listed(6) as server:
        async with browsing(server.base_url) as b:
            await b.press("j", "end", "home")
            await b.pilot.click("#files", offset=(20, 3))
            assert b.marks == 0


async def test_an_upload_that_the_filter_hides_is_there_when_the_filter_is_gone(here: Path) -> None:
    with ScriptedServer([remote(n, purpose="batch") for n in range(30)]) as server:
        async with browsing(server.base_url, purpose="batch", page_size=10, upload=(jsonl(here / "a.jsonl"),)) as b:
            await b.screen(UploadScreen)
            await b.press("escape")
            await b.main()
            await b.synced(30)
            await b.until(lambda: b.settled)
            await b.press("n", "j", "j", "space")
            wanted = b.current
            b.browse.open_upload([here / "a.jsonl"])
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("The new file is hidden by the filter; esc clears it.")
            assert b.current == wanted
            assert b.foot.startswith("30 of 31 · page 2 of 3 · 11–20 · 1 marked")
            assert "31 files" in b.head
            await b.press("escape", "escape")
            await b.until(lambda: b.ids[0] == "file-0130")
            assert b.foot.startswith("page 1 of 4 · 1–10 of 31")


async def test_an_upload_that_is_over_before_its_beginning_is_heard_of_is_told_of_when_it_is_listed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = Session._jobs_changed

    def late(session: Session, changes: list[Change]) -> None:
        until(lambda: all(job.is_over for job, _ in changes))
        tell(session, changes)

    monkeypatch.setattr(Session, "_jobs_changed", late)
    with listed(3) as server:
        async with browsing(server.base_url) as b:
            b.browse.open_upload([jsonl(here / "a.jsonl")])
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("a.jsonl is file-0103")
            assert b.current == "file-0103"
            assert len(b.toasts) == 1


@pytest.mark.parametrize(("keys", "place"), [("sn", "31–31 of 31"), ("S", "31–31 of 31"), ("sz", "1–10 of 31")])
async def test_an_uploaded_file_is_found_on_its_page_in_any_order(here: Path, keys: str, place: str) -> None:
    with ScriptedServer([remote(n, bytes=n) for n in range(30)]) as server:
        async with browsing(server.base_url, page_size=10) as b:
            await b.press(*keys)
            await b.main()
            await b.until(lambda: b.settled)
            b.browse.open_upload([jsonl(here / "a.jsonl")])
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("a.jsonl is file-0130")
            await b.until(lambda: b.table.current and b.current == "file-0130" and f" · {place}" in b.foot)
