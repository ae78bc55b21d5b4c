"""Names that would be markup, escape sequences or wider than they look, on every screen."""

import time
from pathlib import Path
from typing import Any

import pytest
from textual.geometry import Offset

from files_tui.clipboard import Copied
from files_tui.text import safe
from files_tui.transfers.jobs import DeleteJob, DownloadJob, UploadJob
from files_tui.transfers.journal import Journal, journal_path
from files_tui.ui.screens.copy import CopyScreen
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.detail import DetailScreen
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.filter import FilterScreen
from files_tui.ui.screens.log import LogScreen
from files_tui.ui.screens.pick import PickScreen
from files_tui.ui.screens.quit import QuitScreen
from files_tui.ui.screens.resume import ResumeScreen
from files_tui.ui.screens.show import ShowScreen
from files_tui.ui.screens.transfers import TransfersScreen
from files_tui.ui.screens.upload import UploadScreen
from tests.demo_server import LIVE, running_demo
from tests.files import a_file
from tests.ui.helpers import Browser, account, browsing
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio

HOSTILE = [
    "[/x] a[/ \x1b]52;c;UFdORUQ=\x07\x1b[2J \x9b31m\x7f\x00 f\u202edp\u200b\u2066 two\nlines\tand a tab.txt",
    "[@click=app.quit]quit[/] [bold]b[/bold] {1} :smile: 🚀👍🏽🇩🇪 会议纪要.md",
    "é" * 300,
    "",
]


def check(b: Browser) -> None:
    """Nothing on the screen can be taken for a command by a terminal."""
    shown = b.text.replace("\n", "").replace("\u00a0", " ")
    assert shown.isprintable(), [char for char in shown if not char.isprintable()]
    assert "😄" not in shown
    assert b.app.is_running


def hostile(number: int, name: str) -> dict[str, Any]:
    return remote(
        number, name, id=f"file-{number}-{name[:60]}?", purpose=name, status=name, status_details=name, bytes=5
    )


async def test_every_widget_shows_a_hostile_file_as_it_is(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [hostile(number, name) for number, name in enumerate(HOSTILE)]
    with ScriptedServer(files) as server:
        for file in files:
            server.refuse["GET", f"/files/{file['id']}/content"] = Reply(400, file["filename"])
        async with browsing(server.base_url) as b:
            for _ in files:
                wanted = b.current
                await b.detail("id", wanted[:7])
                check(b)
                for key, kind in (
                    ("enter", DetailScreen),
                    ("y", CopyScreen),
                    ("d", DownloadScreen),
                    ("x", DeleteScreen),
                    ("f", FilterScreen),
                    ("l", LogScreen),
                ):
                    await b.press(key)
                    await b.screen(kind)
                    check(b)
                    await b.press("escape")
                    await b.main()
                await b.press("j")
            await b.press("a", "d")
            await b.screen(DownloadScreen)
            await b.press("enter")
            await b.until(lambda: b.browse.session and len(b.browse.session.queue.jobs) == len(files))
            await b.until(lambda: not b.browse.active and b.toasts)
            check(b)
            await b.press("t")
            await b.screen(TransfersScreen)
            await b.see("failed")
            check(b)


async def test_a_text_that_could_not_be_copied_is_shown_safely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.clipboard.copy", lambda *_, **__: Copied(note="[/no] way\x1b"))
    with ScriptedServer([hostile(1, HOSTILE[0])]) as server:
        async with browsing(server.base_url) as b:
            await b.press("c")
            await b.screen(ShowScreen)
            await b.see("[/no] way␛")
            check(b)


async def test_columns_stay_straight_under_wide_names(samples: str) -> None:
    async with browsing(samples, size=(80, 40)) as b:
        await b.press("6")
        await b.until(lambda: len(set(b.column("Purpose"))) == 1)
        for x, y in ((60, row) for row in range(3, 3 + len(b.rows))):
            style = b.app.screen.get_style_at(x, y)
            assert "@click" not in style.meta
        assert b.table.max_scroll_x == 0
        check(b)


async def test_clicking_a_name_runs_no_action() -> None:
    with ScriptedServer([remote(1, "[@click=app.quit]quit[/]"), remote(2)]) as server:
        async with browsing(server.base_url) as b:
            row = b.text.split("\n")[4]
            await b.pilot.click(offset=Offset(row.index("quit"), 4))
            await b.pilot.click(offset=Offset(row.index("quit]quit") + 6, 4))
            assert b.app.is_running
            assert b.names[1].startswith("[@click=app.quit]")


async def test_a_hostile_error_message_is_told_as_it_is() -> None:
    for message in ("[/red] \x1b]0;x\x07 {0}", "[@click=app.quit]press[/]"):
        with ScriptedServer([]) as server:
            server.refuse["GET", "/files"] = Reply(418, message)
            async with browsing(server.base_url, synced=False) as b:
                await b.see("The listing failed")
                assert message.split("\x1b")[0] in b.notice
                check(b)


async def test_hostile_local_names_are_listed_and_uploaded(here: Path) -> None:
    names = ["[|x].txt", "esc\x1b[31m.txt", "new\nline.txt", "rtl\u202e.txt", "会议.txt", "[bold]a.txt"]
    for name in names:
        (here / name).write_text("text")
    (here / b"bad-\xff.txt".decode("utf-8", "surrogateescape")).write_text("{}")
    with running_demo("--empty", *LIVE) as base_url:
        async with browsing(base_url) as b:
            await b.press("u")
            await b.screen(PickScreen)
            await b.see("[|x].txt")
            check(b)
            await b.press("down", *["space"] * 7)
            await b.until(lambda: "7 marked" in b.words("#pick-foot"))
            check(b)
            await b.press("enter")
            await b.screen(UploadScreen)
            check(b)
            await b.press("enter")
            await b.until(lambda: b.browse.session and len(b.browse.session.queue.jobs) == 7)
            await b.until(lambda: not b.browse.active)
            assert [job.message for job in b.browse.session.queue.jobs if job.state != "done"] == []  # type: ignore[union-attr]
            await b.until(lambda: len(b.rows) == 7)
            check(b)


async def test_odd_numbers_are_shown_without_harm() -> None:
    far = 10**15
    files = [
        remote(1, bytes=2**62, created_at=far, expires_at=far),
        remote(2, bytes=None, created_at=None, expires_at=0),
        remote(3, bytes=0, created_at=int(time.time()) + 10**6, expires_at=-5),
    ]
    with ScriptedServer([]) as server:
        server.files = [{**file, "created_at": file["created_at"] or 0} for file in files]
        async with browsing(server.base_url) as b:
            for _ in range(3):
                await b.press("j")
                await b.press("enter")
                await b.screen(DetailScreen)
                check(b)
                await b.press("escape")
                await b.main()


LOCAL = [
    "[|x] a[ \x1b]52;c;UFdORUQ=\x07\x1b[2J \x9b31m f\u202edp two\nlines.txt",
    "[@click=app.quit]q[].txt",
    "会🚀.txt",
]
"""The same for names of files on this machine, which hold no slash."""


async def test_interrupted_transfers_of_hostile_names(here: Path) -> None:
    with ScriptedServer([remote(1)]) as server:
        files = [a_file(id=f"file-{n}-{name[:60]}", filename=name, bytes=5) for n, name in enumerate(HOSTILE)]
        unclear = UploadJob(here / LOCAL[0], "batch", size=5)
        downloads = [DownloadJob(file, here / f"{n}-{LOCAL[0]}") for n, file in enumerate(files)]
        journal = Journal(journal_path(account(server.base_url)))
        journal.expect([unclear, *(UploadJob(here / name, LOCAL[0], size=5) for name in LOCAL)])
        journal.expect([*downloads, *(DeleteJob(file) for file in files)])
        journal.write_expected()
        unclear.enter("running")
        unclear.message = safe(HOSTILE[0])
        unclear.enter("unknown")
        journal.note(unclear)
        journal.close()
        for file in files:
            server.refuse["GET", f"/files/{file.id.true}/content"] = Reply(400, HOSTILE[0])
            server.refuse["DELETE", f"/files/{file.id.true}"] = Reply(400, HOSTILE[1])
        async with browsing(server.base_url, synced=False) as b:
            await b.screen(ResumeScreen)
            await b.see("[|x] a[ ␛]52;c;UFdORUQ=␇")
            await b.see("[@click=app.quit]quit[/]")
            check(b)
            await b.press("y")
            await b.main()
            await b.until(lambda: len(b.toasts) == 3)
            check(b)
            await b.transfers()
            await b.until(lambda: b.moving[0].numbers == "4 of 4, 4 failed")
            assert [line.state for line in b.moving] == ["ended"] + ["failed"] * 12
            for _ in b.moving:
                await b.press("j")
                check(b)


async def test_a_hostile_file_that_moves(here: Path) -> None:
    with ScriptedServer([remote(n, name, bytes=1000) for n, name in enumerate(HOSTILE)]) as server:
        server.held = True
        async with browsing(server.base_url, size=(140, 30)) as b:
            await b.press("end", "k")
            await b.download()
            await b.until(lambda: "↓ [@click=app.quit" in b.foot and "50 %" in b.foot)
            check(b)
            await b.transfers()
            await b.see("[@click=app.quit]quit[/]")
            check(b)
            await b.press("escape")
            await b.main()
            await b.press("q")
            await b.screen(QuitScreen)
            check(b)
            await b.press("escape", "end")
            await b.main()
            await b.download()
            await b.until(lambda: "↓ 2 · " in b.foot)
            await b.transfers()
            await b.until(lambda: sum("running" in line for line in b.text.split("\n")) == 2)
            check(b)
            server.release()
            await b.until(lambda: not b.browse.active)
            await b.press("escape")
            await b.main()
            await b.toast("two")
            check(b)


async def test_a_hostile_twin_is_pointed_out_as_it_is(here: Path) -> None:
    (here / LOCAL[0]).write_text("hello")
    twins = [remote(n, LOCAL[0], id=f"file-{name}", bytes=5) for n, name in enumerate(reversed(HOSTILE))]
    with ScriptedServer(twins) as server:
        async with browsing(server.base_url) as b:
            b.browse.open_upload([here / LOCAL[0]])
            await b.screen(UploadScreen)
            await b.see("⚠ is there already: file-[/x] a[/ ␛]52;")
            check(b)
