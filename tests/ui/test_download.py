"""The download dialog, and what becomes of a download."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from files_tui.ui.screens.download import DownloadScreen
from tests.ui.helpers import Browser, browsing, entries
from tests.ui.scripted import NOON, Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio


async def dialog(b: Browser) -> DownloadScreen:
    await b.press("d")
    return await b.screen(DownloadScreen)


def problem(b: Browser) -> str:
    return str(b.widget(".problem", Static).content)


async def test_enter_accepts_the_proposal(here: Path) -> None:
    with ScriptedServer([remote(1, "../../etc/pass:wd.txt", bytes=6)]) as server:
        server.contents["file-0001"] = b"hello\n"
        async with browsing(server.base_url) as b:
            await dialog(b)
            assert b.widget("#folder", Input).value == str(here)
            assert b.widget("#name", Input).value == "pass_wd.txt"
            await b.press("enter")
            await b.toast("Saved: " + str(here / "pass_wd.txt"))
    assert (here / "pass_wd.txt").read_bytes() == b"hello\n"
    assert entries(here) == ["pass_wd.txt"]


async def test_a_real_server_gives_the_same_bytes(here: Path, samples: str) -> None:
    async with browsing(samples, purpose="batch_output") as b:
        assert b.table.current is not None
        name, size = b.table.current.filename.true, b.table.current.bytes
        await dialog(b)
        await b.press("enter")
        await b.toast(name)
        assert (here / name).stat().st_size == size


async def test_the_folder_of_the_settings_and_then_the_last_one_are_proposed(here: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with ScriptedServer([remote(1, "a")]) as server:
        async with browsing(server.base_url, download_dir=first) as b:
            await dialog(b)
            assert b.widget("#folder", Input).value == str(first)
            await b.value("#folder", str(second))
            await b.value("#name", "b")
            await b.press("enter")
            await b.toast(str(second / "b"))
            await dialog(b)
            assert b.widget("#folder", Input).value == str(second)
            assert b.widget("#name", Input).value == "a"


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [("k", "old", "a (1).txt"), ("enter", "old", "a (1).txt"), ("r", "new", "a.txt"), ("escape", "old", None)],
)
async def test_an_existing_file_is_asked_about(here: Path, key: str, old: str, new: str | None) -> None:
    (here / "a.txt").write_text("old")
    with ScriptedServer([remote(1, "a.txt", bytes=3)]) as server:
        server.contents["file-0001"] = b"new"
        async with browsing(server.base_url) as b:
            await dialog(b)
            await b.press("enter")
            await b.until(lambda: "a.txt exists: 3 B, just now" in problem(b))
            assert b.widget("#keep", Button).has_focus
            await b.press(key)
            await b.main()
            if new:
                await b.toast(str(here / new))
            else:
                assert not b.browse.active
    assert (here / "a.txt").read_text() == old
    assert entries(here) == sorted({"a.txt", new or "a.txt"})


async def test_another_name_takes_the_question_back(here: Path) -> None:
    (here / "a.txt").write_text("old")
    with ScriptedServer([remote(1, "a.txt", bytes=3)]) as server:
        async with browsing(server.base_url) as b:
            await dialog(b)
            await b.press("enter")
            await b.until(lambda: "exists" in problem(b))
            await b.value("#name", "b.txt")
            await b.until(lambda: problem(b) == "")
            assert b.widget("#ask-buttons", Horizontal).display
            await b.press("enter")
            await b.toast(str(here / "b.txt"))


async def test_letters_in_the_fields_are_no_answers(here: Path) -> None:
    with ScriptedServer([remote(1, "a")]) as server:
        async with browsing(server.base_url) as b:
            await dialog(b)
            await b.press("down", "end", "k", "r")
            assert b.widget("#name", Input).value == "akr"
            assert b.app.screen is not b.browse


async def test_a_bad_place_is_told_and_the_input_stays(here: Path) -> None:
    (here / "taken").mkdir()
    with ScriptedServer([remote(1, "a")]) as server:
        async with browsing(server.base_url) as b:
            await dialog(b)
            for field, value, says in (
                ("#name", "", "a file name is wanted"),
                ("#name", "a/b", "a file name is wanted"),
                ("#name", "..", "a file name is wanted"),
                ("#name", "taken", "is a folder"),
                ("#folder", "/nowhere/[/x]", "no such folder: /nowhere/[/x]"),
            ):
                await b.value(field, value)
                await b.until(lambda: problem(b) == "")
                await b.press("enter")
                await b.see(says)
                assert b.widget(field, Input).value == value


async def test_many_files_get_names_of_their_own(here: Path) -> None:
    (here / "x.txt").write_text("old")
    names = ["x.txt", "x.txt", "a/x.txt", "y.txt", ""]
    with ScriptedServer([remote(n, name, bytes=1) for n, name in enumerate(names)]) as server:
        server.contents = {f"file-{n:04}": str(n).encode() for n in range(5)}
        async with browsing(server.base_url) as b:
            await b.press("a")
            await dialog(b)
            assert not b.app.screen.query("#name")
            await b.press("enter")
            await b.until(lambda: "x.txt exists" in problem(b))
            await b.press("k")
            await b.main()
            await b.until(lambda: b.browse.session and len(b.browse.session.queue.jobs) == 5)
            await b.until(lambda: not b.browse.active)
    saved = {name: (here / name).read_text() for name in entries(here)}
    assert saved.pop("x.txt") == "old"
    assert sorted(saved.values()) == list("01234")
    assert {"y.txt", "x (1).txt", "x (2).txt", "x (3).txt"} < set(saved)


async def test_a_purpose_that_is_not_given_out_says_why(here: Path, samples: str) -> None:
    async with browsing(samples, purpose="user_data") as b:
        await dialog(b)
        await b.press("enter")
        await b.toast("Not allowed to download files of purpose: user_data")
        assert any("no content of this purpose; keep a copy of your own" in toast for toast in b.toasts)
        assert entries(here) == []


async def test_a_file_that_is_gone_says_so(here: Path) -> None:
    with ScriptedServer([remote(1)]) as server:
        server.refuse["GET", "/files/file-0001/content"] = Reply(404, "No such File object")
        async with browsing(server.base_url) as b:
            await dialog(b)
            await b.press("enter")
            await b.toast("It is gone")
            assert entries(here) == []


async def test_the_date_of_the_files_creation_can_be_kept(here: Path) -> None:
    with ScriptedServer([remote(1, "a", bytes=1), remote(2, "b", bytes=1)]) as server:
        async with browsing(server.base_url) as b:
            await dialog(b)
            await b.press("down", "down", "right", "enter")
            await b.toast(str(here / "b"))
            await b.press("j")
            await dialog(b)
            await b.press("down", "down", "right", "right", "enter")  # and back
            await b.toast(str(here / "a"))
    assert (here / "b").stat().st_mtime == NOON + 2
    assert (here / "a").stat().st_mtime != NOON + 1


async def test_all_files_together_must_fit(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1999))
    with ScriptedServer([remote(1, "a", bytes=1000), remote(2, "b", bytes=1000)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            await dialog(b)
            await b.press("enter")
            await b.see("2.0 kB are wanted, and ")
            assert entries(here) == []
            await b.press("escape")
            await b.main()
            await b.press("escape")
            assert b.marks == 0
            await dialog(b)
            await b.press("enter")
            await b.toast(str(here / "b"))
