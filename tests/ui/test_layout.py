"""What is shown at which size, what stands out, and the detail pane."""

import time
from functools import partial
from pathlib import Path

import pytest
from rich.text import Text

from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob
from files_tui.transfers.journal import Journal, journal_path
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.detail import DetailScreen
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.quit import QuitScreen
from files_tui.ui.screens.resume import ResumeScreen
from files_tui.ui.screens.transfers import TransfersScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.widgets.detail import DetailPane
from files_tui.ui.widgets.search_line import SearchLine
from tests.files import a_file
from tests.ui.helpers import Browser, account, browsing
from tests.ui.scripted import NOON, Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio

ALL = ["Status", "Size", "Created ▾", "Expires", "Purpose", "Name"]


async def test_columns_leave_as_the_width_shrinks(hundred: str) -> None:
    async with browsing(hundred, size=(160, 24)) as b:

        def has(width: int, gone: list[str]) -> bool:
            is_fitted = b.app.screen.size.width == b.browse.query_one("#foot").outer_size.width == width
            return is_fitted and b.heads == [head for head in ALL if head not in gone] and b.settled

        for width, gone in (
            (160, []),
            (118, []),
            (99, []),
            (80, []),
            (70, ["Expires"]),
            (60, ["Expires", "Created ▾"]),
            (40, ["Expires", "Created ▾", "Size"]),
        ):
            await b.pilot.resize_terminal(width, 24)
            await b.until(partial(has, width, gone))
            assert b.browse.query_one(DetailPane).display == (width >= 100)
            assert all(len(line) <= width for line in b.text.split("\n"))
            assert "Name" in b.text
            assert b.table.max_scroll_x == 0


async def test_columns_are_those_of_the_settings_in_their_order(hundred: str) -> None:
    async with browsing(hundred, columns=("expires", "size", "name"), size=(80, 24)) as b:
        assert b.heads == ["Expires", "Size", "Name"]
        await b.press("space")
        assert [row[0][:2] for row in b.rows][:2] == ["▌ ", "  "]
        assert "▌ never" in b.text
        name = b.names[1]
        for width, heads in ((60, ["Expires", "Size", "Name"]), (40, ["Size", "Name"])):
            await b.pilot.resize_terminal(width, 24)
            await b.until(partial(lambda heads: b.heads == heads, heads))
            assert b.names[1] == name
    async with browsing(hundred, columns=("name",)) as b:
        await b.press("space")
        assert b.heads == ["Name"]
        assert b.names[0].startswith("▌ ")


async def test_a_narrow_screen_shows_the_detail_on_enter(hundred: str) -> None:
    async with browsing(hundred, size=(80, 24)) as b:
        wanted = b.table.files[1]
        await b.press("j", "enter")
        await b.screen(DetailScreen)
        await b.see(wanted.id.true)
        assert f'"filename": "{wanted.filename}"' in b.text
        await b.press("escape")
        await b.main()
        assert b.current == wanted.id


async def test_a_search_that_is_typed_as_the_window_becomes_tiny_is_made_when_there_is_room(
    hundred: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("files_tui.ui.widgets.search_line.DELAY", 1000.0)
    async with browsing(hundred) as b:
        wanted = b.ids[7]
        await b.press("slash", *wanted)
        line = b.widget("SearchLine", SearchLine)
        await b.pilot.resize_terminal(30, 5)
        await b.until(lambda: not b.table.size.height)
        line._paused(wanted)
        await b.until(lambda: b.browse.view.text == wanted)
        await b.pilot.resize_terminal(120, 40)
        await b.until(lambda: b.ids == [wanted])


@pytest.mark.parametrize("size", [(39, 20), (60, 9)])
async def test_a_tiny_terminal_says_so_in_one_line(hundred: str, size: tuple[int, int]) -> None:
    async with browsing(hundred, size=size, synced=False) as b:
        assert b.text.strip() == "files-tui needs 40×10 cells"


async def test_no_other_size_says_that_it_is_too_small(hundred: str) -> None:
    async with browsing(hundred, size=(40, 10)) as b:
        assert "needs" not in b.text
        assert len(b.rows) >= 2


async def test_a_status_is_a_glyph_and_a_word() -> None:
    shown = {
        "processed": "● ready",
        "uploaded": "◐ busy",
        "error": "✗ failed",
        "paused": "○ paused",
        None: "○ –",
    }
    with ScriptedServer([remote(-n, status=status) for n, status in enumerate(shown)]) as server:
        async with browsing(server.base_url) as b:
            assert b.column("Status") == list(shown.values())
            assert all(words in b.text for words in shown.values())


async def test_an_expiry_within_a_day_stands_out() -> None:
    now = int(time.time())
    shown = {5 * 3600 + 1800: "in 5 h !", 45 * 60 + 59: "in 45 min !", 3 * 86400 + 3600: "in 3 d", None: "never"}
    files = [remote(-n, expires_at=now + left if left else None) for n, left in enumerate(shown)]
    with ScriptedServer(files) as server:
        async with browsing(server.base_url, size=(90, 24)) as b:
            assert b.column("Expires") == list(shown.values())
            assert all(f"{words} " in b.text for words in shown.values())
            for row, words in enumerate(shown.values()):
                cell = b.table.get_row_at(row)[b.heads.index("Expires")]
                assert isinstance(cell, Text)
                assert (cell.spans[0].style == "bold red" if cell.spans else False) == words.endswith("!")


async def test_a_deleted_file_says_so() -> None:
    with ScriptedServer([remote(1, status="deleted")]) as server:
        async with browsing(server.base_url) as b:
            assert b.column("Status") == ["⌀ deleted"]


async def test_the_detail_pane_follows_the_cursor() -> None:
    files = [
        remote(2, "broken.jsonl", status="error", status_details="Line 7 is no dictionary", bytes=1234567),
        remote(1, purpose="batch", expires_at=NOON + 10**7, bytes=None),
    ]
    with ScriptedServer(files) as server:
        async with browsing(server.base_url) as b:
            moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(NOON + 2))
            for field, words in {
                "name": "broken.jsonl",
                "id": "file-0002",
                "status": "✗ error",
                "details": "Line 7 is no dictionary",
                "size": "1.2 MB (1,234,567)",
                "created": moment,
                "expires": "never",
                "purpose": "fine-tune",
            }.items():
                await b.detail(field, words)
            await b.press("j")
            await b.detail("id", "file-0001")
            await b.detail("purpose", "batch")
            await b.detail("size", "–")
            await b.detail("expires", time.strftime("%Y-%m-%d", time.localtime(NOON + 10**7)))
            assert "Line 7" not in b.text
            server.files = []
            await b.refreshed(0)
            await b.until(lambda: "file-0001" not in b.text)


async def test_the_detail_pane_shows_the_file_under_the_cursor_as_it_is_now() -> None:
    with ScriptedServer([remote(1, status="uploaded")]) as server:
        async with browsing(server.base_url) as b:
            await b.detail("status", "uploaded")
            server.files = [remote(1, status="processed")]
            await b.refreshed(1)
            await b.until(lambda: b.column("Status")[0] == "● ready")
            await b.detail("status", "processed")


async def test_the_detail_pane_is_filled_when_the_screen_becomes_wide(hundred: str) -> None:
    async with browsing(hundred, size=(80, 24)) as b:
        await b.press("j")
        await b.pilot.resize_terminal(120, 40)
        await b.detail("id", b.current)


async def test_head_line_tells_account_and_totals(hundred: str) -> None:
    async with browsing(hundred) as b:
        assert b.head.startswith(f"files-tui · {hundred.split('/')[2]} · default")
        assert "100 files · " in b.head
    async with browsing(hundred, demo=True, read_only=True) as b:
        assert b.head.startswith("files-tui · read-only · demo server")


@pytest.mark.usefixtures("quick_ticks")
@pytest.mark.parametrize("size", [(80, 24), (40, 10)], ids=["80x24", "40x10"])
async def test_every_dialog_about_transfers_shows_its_buttons(here: Path, size: tuple[int, int]) -> None:
    files = [remote(n, f"f{n}.txt", bytes=1000) for n in range(12)]
    for path in (here / "f10.txt", here / "f11.txt"):
        path.write_bytes(b"x" * 1000)
    with ScriptedServer(files) as server:
        journal = Journal(journal_path(account(server.base_url)))
        jobs: list[list[Job]] = [
            [UploadJob(here / f"up-{n}.txt", "batch", size=10) for n in range(5)],
            [DownloadJob(a_file(id=f"x-{n}", filename="x"), here / "x") for n in range(5)],
            [DeleteJob(a_file(id=f"x-{n}", filename="x")) for n in range(5)],
        ]
        journal.expect(job for same in jobs for job in same)
        journal.write_expected()
        journal.close()
        server.held = True
        async with browsing(server.base_url, size=size, synced=False) as b:
            await b.screen(ResumeScreen)
            await sees(b, "Later esc", "Forget F", "Go on y", "5 uploads", "5 downloads", "5 deletes", "sent, saved")
            await b.press("escape")
            await b.main()
            await b.until(lambda: "synced" in b.head and b.settled)

            await b.press("d")
            await b.screen(DownloadScreen)
            await sees(b, "Cancel esc", "Download ⏎", "of the download", "creation")
            await b.press("enter")
            await sees(b, "Keep both k", "Replace r", "Cancel esc", "f11.txt exists: 1.0 kB")
            await b.press("k")
            await b.main()

            await b.press("q")
            await b.screen(QuitScreen)
            await sees(b, "Quit? 1 transfer", "w  wait", "r  remember", "x  stop")
            await b.press("escape", "t")
            await b.screen(TransfersScreen)
            await sees(b, "running" if size[0] == 80 else "50 %", "f11.txt", "x X cancel", "esc close")
            await b.press("escape")

            b.browse.open_upload([here / "f11.txt", here / "f10.txt", here / "nothing"])
            await b.screen(UploadScreen)
            await sees(b, "Cancel esc", "Upload ⏎", "purpose   fine-tune")
            await b.press("left", "down", "left")
            await sees(b, "Cancel esc", "Upload anyway ⏎", "custom")
            await b.press("escape", "x")

            await b.screen(DeleteScreen)
            await sees(b, "Cancel n", "opy first k", "Delete y")
            await b.press("escape", "a", "x")
            await b.screen(DeleteScreen)
            await sees(b, "Cancel n", "opy first k", "Delete y", "Type 12 to confirm", "cannot be undone")
            await b.press("k")
            await sees(b, "Cancel n", "No copies k", "Delete y", "Type 12 to confirm", "copies go to")
            await b.press("k")
            server.refuse["DELETE", "/files/file-0011"] = Reply(403, "in use")
            await b.write("12")
            await b.press("enter")
            await sees(b, "Close esc", "11 of 12 deleted, 1 failed", "in use (HTTP 403)")


async def sees(b: Browser, *words: str) -> None:
    """Wait until all of it is in sight."""
    await b.until(lambda: all(each in b.text.replace("\u00a0", " ") for each in words))
