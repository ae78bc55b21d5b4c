"""Deleting: what is asked, what Enter does not do, and what became of each file."""

import shutil
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.widgets import Button, Input, Static

from files_tui.ui.screens.delete import DeleteScreen
from tests.demo_server import running_demo
from tests.ui.conftest import LIVE
from tests.ui.helpers import Browser, browsing, entries
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]


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


class EndsWhileItIsLookedAt:
    """A batch whose last file fails just after its numbers were read."""

    is_over = False

    @property
    def ended(self) -> Counter[str]:
        seen = Counter(failed=1) if self.is_over else Counter[str]()
        self.is_over = True
        return seen


async def test_a_failure_that_comes_between_two_looks_is_shown() -> None:
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            screen = await dialog(b)
            screen._batch = EndsWhileItIsLookedAt()  # type: ignore[assignment]
            screen._show_outcomes()
            screen._show_outcomes()
            await b.see("0 of 0 deleted, 1 failed")
            assert b.app.screen is screen


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
            await b.main()
            await b.refreshed(9)
            assert b.marks == 0


@pytest.mark.parametrize(("confirm", "files", "keys"), [("always", 1, ["y", "1", "enter"]), ("ask", 11, ["y"])])
async def test_how_sure_one_has_to_be_is_a_setting(confirm: str, files: int, keys: list[str]) -> None:
    with ScriptedServer([remote(n) for n in range(files)]) as server:
        async with browsing(server.base_url, confirm=confirm) as b:
            await b.press("a")
            await dialog(b)
            for key in keys:
                assert deletes(server) == []
                await b.press(key)
            await b.until(lambda: len(deletes(server)) == files)


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
            assert b.browse.session
            assert b.browse.session.queue.progress().failed == 0  # since it was seen


# With a copy first


def content(number: int) -> tuple[str, str]:
    """The request for the content of a scripted file."""
    return "GET", f"/files/file-{number:04}/content"


async def keeping(b: Browser) -> None:
    """Open the dialog and ask for copies."""
    await dialog(b)
    await b.press("k")
    await b.see("Each is saved first; only what arrived whole is deleted.")


async def test_a_copy_is_saved_before_the_file_goes(here: Path) -> None:
    with ScriptedServer([remote(1, "a.txt", bytes=3)]) as server:
        server.contents["file-0001"] = b"abc"
        async with browsing(server.base_url) as b:
            await keeping(b)
            assert b.widget("#copy-folder", Input).value == str(here)
            await b.press("y")
            await b.toast(f"Deleted: a.txt; a copy is {here}/a.txt")
            await b.until(lambda: b.rows == [])
        assert server.requests[-2:] == [" ".join(content(1)), "DELETE /files/file-0001"]
    assert (here / "a.txt").read_bytes() == b"abc"


async def test_copies_get_names_of_their_own_and_replace_nothing(here: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "a.txt").write_text("old")
    with ScriptedServer([remote(n, name, bytes=1) for n, name in enumerate(("a.txt", "../a.txt", "b.txt"))]) as server:
        server.contents = {f"file-{n:04}": str(n).encode() for n in range(3)}
        async with browsing(server.base_url) as b:
            await b.press("a")
            await keeping(b)
            await b.value("#copy-folder", str(folder))
            await b.press("enter", "enter")  # to the button, and on it
            await b.toast("Deletes ended: 3 files deleted, copies in ")
            await b.until(lambda: b.rows == [])
    saved = {name: (folder / name).read_text() for name in entries(folder)}
    assert saved.pop("a.txt") == "old"
    assert saved == {"a (1).txt": "1", "a (2).txt": "0", "b.txt": "2"}


async def test_what_is_not_given_out_is_kept_and_the_reason_shown(here: Path) -> None:
    with ScriptedServer([remote(n, bytes=10) for n in range(3)]) as server:
        refusal = "Not allowed to download files of purpose: user_data [/x]"
        server.refuse[content(1)] = Reply(400, refusal)
        async with browsing(server.base_url) as b:
            await b.press("a")
            await keeping(b)
            await b.press("y")
            await b.see("2 of 3 deleted, 1 failed: r tries them again")
            lines = b.words("#delete-files").split("\n")
            assert lines[0].startswith("✗ data-0001")
            assert lines[1].strip() == f"kept, since no copy could be made: {refusal} (HTTP 400)"
            assert sorted(deletes(server)) == ["DELETE /files/file-0000", "DELETE /files/file-0002"]
            assert entries(here) == ["data-0000.jsonl", "data-0002.jsonl"]

            server.refuse.clear()
            await b.press("r")
            await b.toast(f"Deleted: data-0001.jsonl; a copy is {here}/data-0001.jsonl")
            await b.main()
            await b.until(lambda: b.rows == [])
    assert len(entries(here)) == 3


async def test_a_copy_that_is_there_is_not_made_again(here: Path) -> None:
    with ScriptedServer([remote(1, "a.txt", bytes=10)]) as server:
        server.refuse["DELETE", "/files/file-0001"] = Reply(403, "in use")
        async with browsing(server.base_url) as b:
            await keeping(b)
            await b.press("y")
            await b.see("0 of 1 deleted, 1 failed: r tries them again")
            assert "in use (HTTP 403)" in b.text
            server.refuse.clear()
            await b.press("r")
            await b.toast("Deleted: a.txt; a copy is ")
        assert server.requests.count(" ".join(content(1))) == 1
    assert entries(here) == ["a.txt"]


async def test_a_folder_that_takes_no_copies_is_told_in_place(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer([remote(n, f"f{n}", bytes=1000) for n in range(2)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            await keeping(b)
            await b.value("#copy-folder", "/nowhere/[/x]")
            await b.press("enter", "enter")
            await b.see("no such folder: /nowhere/[/x]")
            assert b.widget("#copy-folder", Input).value == "/nowhere/[/x]"
            with monkeypatch.context() as patch:
                patch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1500))
                await b.value("#copy-folder", str(here))
                await b.press("enter", "y")
                await b.see("2.0 kB are wanted, and ")
            assert deletes(server) == []
            await b.press("y")
            await b.toast("Deletes ended: 2 files deleted, copies in ")
    assert entries(here) == ["f0", "f1"]


async def test_k_again_deletes_without_copies(here: Path) -> None:
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            await keeping(b)
            assert b.label("#keep") == "No copies k"
            await b.press("k")
            await b.see("This cannot be undone.")
            assert b.label("#keep") == "Keep a copy first k"
            await b.press("y")
            await b.toast("Deleted: data-0001.jsonl")
            assert " ".join(content(1)) not in server.requests
    assert entries(here) == []


async def test_letters_are_keys_where_the_number_is_typed_but_not_in_the_folder(here: Path) -> None:
    with ScriptedServer([remote(n) for n in range(11)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a")
            await keeping(b)
            assert b.widget("#count", Input).has_focus
            b.widget("#copy-folder", Input).focus()
            await b.press("end", "k", "n", "y", "r")
            assert b.widget("#copy-folder", Input).value == f"{here}knyr"
            await b.press("enter")
            assert b.widget("#count", Input).has_focus
            await b.press("1", "k", "y", "1", "n")
            await b.main()
            assert deletes(server) == []
