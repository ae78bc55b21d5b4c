"""The file picker."""

import os
import threading
from pathlib import Path

import pytest
from textual import events
from textual.strip import Strip
from textual.widgets import Input

from files_tui.ui.screens.pick import PickScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.widgets.path_list import Entry, PathList
from tests.ui.helpers import Browser, browsing, jsonl

pytestmark = pytest.mark.anyio


def tree(folder: Path) -> None:
    """Two folders, four files and two hidden entries."""
    for name in ("alpha", "beta", ".secret"):
        (folder / name).mkdir()
    for name in ("train-a.jsonl", "train-b.jsonl", "notes.txt", ".hidden", "alpha/inner.jsonl"):
        jsonl(folder / name)


def listed(b: Browser) -> list[str]:
    return [entry.path.name for entry in b.widget("#entries", PathList).entries]


def at(b: Browser) -> str:
    current = b.widget("#entries", PathList).current
    return current.path.name if current else ""


def typed(b: Browser) -> str:
    return b.widget("#path", Input).value


async def pick(b: Browser) -> PickScreen:
    await b.press("u")
    screen = await b.screen(PickScreen)
    await b.until(lambda: screen._read)
    return screen


async def chosen(b: Browser) -> list[str]:
    screen = await b.screen(UploadScreen)
    return [source.path.name for source in screen._sources]


async def test_folders_come_first_and_hidden_entries_on_demand(here: Path, shared_empty: str) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await pick(b)
        usual = ["alpha", "beta", "notes.txt", "train-a.jsonl", "train-b.jsonl"]
        assert listed(b) == usual
        assert "5 entries" in b.words("#pick-foot")
        assert str(here) in b.words("#pick-folder")
        await b.press("down", "full_stop")
        await b.until(lambda: listed(b)[0] == ".secret")
        assert len(listed(b)) == 7
        await b.press("full_stop")
        await b.until(lambda: listed(b) == usual)
        await b.press("escape")
        await b.main()


async def test_typing_narrows_and_enter_takes_the_first(here: Path, shared_empty: str) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.write("TRAIN")
        await b.until(lambda: listed(b) == ["train-a.jsonl", "train-b.jsonl"])
        await b.press("enter")
        assert await chosen(b) == ["train-a.jsonl"]


async def test_a_typed_path_and_enter_are_enough(here: Path, shared_empty: str) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.write("alpha/inner.jsonl")
        await b.press("enter")
        assert await chosen(b) == ["inner.jsonl"]


async def test_a_path_typed_at_once_is_not_lost(here: Path, shared_empty: str) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await b.press("u", *"notes.txt", "enter")
        assert await chosen(b) == ["notes.txt"]


async def test_home_is_a_tilde(here: Path, shared_empty: str) -> None:
    jsonl(Path.home() / "home.jsonl")
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.write("~/")
        await b.until(lambda: listed(b) == ["home.jsonl"])
        await b.write("home.jsonl")
        await b.press("enter")
        assert await chosen(b) == ["home.jsonl"]


async def test_a_pasted_path_loses_its_wrapping(here: Path, shared_empty: str) -> None:
    path = jsonl(here / "my file.jsonl")
    async with browsing(shared_empty) as b:
        await pick(b)
        for pasted in (f"'{path}'", f'"{path}"', f"{path}\n", path.as_uri(), f"{path}".replace(" ", "\\ ")):
            await b.value("#path", "")
            b.app.post_message(events.Paste(pasted))
            await b.until(lambda: typed(b) == str(path))
        await b.press("enter")
        assert await chosen(b) == ["my file.jsonl"]


async def test_tab_completes_what_names_have_in_common(here: Path, shared_empty: str) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.write("tr")
        await b.press("tab")
        await b.until(lambda: typed(b) == "train-")
        await b.value("#path", "al")
        await b.until(lambda: listed(b) == ["alpha"])
        await b.press("tab")
        await b.until(lambda: typed(b) == "alpha/" and listed(b) == ["inner.jsonl"])
        await b.press("tab")
        await b.until(lambda: typed(b) == "alpha/inner.jsonl")
        await b.value("#path", "NOT")
        await b.until(lambda: listed(b) == ["notes.txt"])
        await b.press("tab")
        await b.until(lambda: typed(b) == "notes.txt")
        await b.value("#path", "zz")
        await b.press("tab")
        assert typed(b) == "zz"


async def test_marks_survive_a_change_of_folder(here: Path, shared_empty: str) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.press("down", "down", "down", "space", "space")
        await b.until(lambda: "2 marked" in b.words("#pick-foot"))
        await b.press("home", "enter")
        await b.until(lambda: listed(b) == ["inner.jsonl"])
        await b.press("space")
        await b.until(lambda: "3 marked" in b.words("#pick-foot"))
        await b.press("enter")
        assert sorted(await chosen(b)) == ["inner.jsonl", "notes.txt", "train-a.jsonl"]


async def test_a_mark_is_taken_back_and_folders_take_none(here: Path, shared_empty: str) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.press("down", "space", "j", "space", "k", "space")
        assert b.widget("#entries", PathList).marks == {}
        await b.until(lambda: "5 entries" in b.words("#pick-foot"))


async def test_backspace_goes_up_to_the_folder_one_came_from(here: Path, shared_empty: str) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.press("down", "j", "enter")
        await b.until(lambda: str(here / "beta") in b.words("#pick-folder"))
        await b.press("backspace")
        await b.until(lambda: len(listed(b)) == 5)
        assert at(b) == "beta"
        await b.press("h")
        await b.until(lambda: at(b) == "here")


async def test_up_from_the_first_line_goes_back_to_the_field(here: Path, shared_empty: str) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.press("down", "up")
        await b.until(lambda: b.widget("#path", Input).has_focus)
        await b.press("down", "slash")
        await b.until(lambda: typed(b) == "/")
        assert b.widget("#path", Input).has_focus


@pytest.mark.parametrize(("words", "says"), [("nowhere/", "No such file"), ("notes.txt/", "Not a directory")])
async def test_a_folder_that_cannot_be_read_says_so_in_place(
    here: Path, shared_empty: str, words: str, says: str
) -> None:
    tree(here)
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.write(words)
        await b.until(lambda: says in b.words("#pick-folder"))
        assert listed(b) == []
        await b.press(*["backspace"] * len(words))
        await b.until(lambda: len(listed(b)) == 5)


async def test_a_folder_without_permission_says_so(
    here: Path, shared_empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(here)
    scan = os.scandir

    def refuse(path: Path) -> object:
        if isinstance(path, Path) and path.name == "beta":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr("files_tui.ui.folder.os.scandir", refuse)
    async with browsing(shared_empty) as b:
        await pick(b)
        await b.press("down", "j", "enter")
        await b.until(lambda: "Permission denied" in b.words("#pick-folder"))
        await b.press("backspace")
        await b.until(lambda: at(b) == "beta")


async def test_ten_thousand_entries_are_listed_and_only_those_in_sight_are_drawn(
    here: Path, shared_empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [Entry(here / f"f{number:05}", False, number) for number in range(10_000)]
    go_on = threading.Event()
    readers: list[threading.Thread] = []

    def read(_: Path) -> list[Entry]:
        readers.append(threading.current_thread())
        go_on.wait(5)
        return entries

    drawn: list[int] = []
    draw = PathList.render_line

    def counted(self: PathList, y: int) -> Strip:
        drawn.append(y)
        return draw(self, y)

    monkeypatch.setattr("files_tui.ui.folder.read_folder", read)
    monkeypatch.setattr(PathList, "render_line", counted)
    async with browsing(shared_empty) as b:
        await b.press("u")
        await b.screen(PickScreen)
        await b.until(lambda: readers)
        await b.write("f0")
        assert typed(b) == "f0"
        go_on.set()
        await b.until(lambda: len(listed(b)) == 10_000)
        await b.press("backspace", "backspace", "down", "G", "k")
        await b.until(lambda: at(b) == "f09998")
        await b.see("f09998")
        await b.press("g")
        await b.see("f00000")
        assert 0 < len(drawn) < 1000
        await b.press("up")
        await b.write("f0123")
        await b.until(lambda: len(listed(b)) == 10)
    assert threading.main_thread() not in readers
