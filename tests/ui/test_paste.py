"""Text that is pasted on the main screen, or files that are dragged onto the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from files_tui.ui.folder import pasted_paths
from files_tui.ui.screens.pick import PickScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.terminal_input import TerminalInput
from tests.ui.helpers import Browser, browsing, jsonl
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio


async def paste(b: Browser, words: str) -> None:
    b.app.post_message(events.Paste(words))
    await b._handled()


async def uploads(b: Browser) -> list[str]:
    screen = await b.screen(UploadScreen)
    names = [source.path.name for source in screen._sources]
    await b.press("escape")
    await b.main()
    return names


def test_how_terminals_paste_and_drop_paths(here: Path) -> None:
    one, two = jsonl(here / "a.jsonl"), jsonl(here / "it's (b).jsonl")
    both = [one, two]
    for words in (
        f"{one}\n{two}\n",
        f"'{one}' \"{two}\"",
        f"file://{one}\r\nfile://{str(two).replace(' ', '%20')}\r\n",
        f"{one} {str(two).translate({ord(c): f'{chr(92)}{c}' for c in ' ()' + chr(39)})} ",
        f"{one}\n{two}\n{one}",
    ):
        assert pasted_paths(words, here) == both, words
    assert pasted_paths("a.jsonl", here) == [one]
    assert pasted_paths(str(two), here) == [two]
    for words in ("", " \n", "a.jsonl none.jsonl", f"{here}", "it's", "a\0b", "x" * 200_000):
        assert pasted_paths(words, here) == [], words


def read(*pieces: str) -> list[tuple[str, str]]:
    """What a terminal's bytes, in these pieces, are taken for: keys and pastes."""
    parser = TerminalInput()
    found = [message for piece in pieces for message in parser.feed(piece)]
    assert all(isinstance(message, events.Key | events.Paste) for message in found)
    return [("key", each.key) if isinstance(each, events.Key) else ("paste", each.text) for each in found]  # type: ignore[attr-defined]


def test_escapes_inside_a_paste_are_no_keys_wherever_it_is_cut() -> None:
    sent = "a\x1b[200~x\x1b\x1b[A\x1bOP\x1b[31my\x1b[20\x1b[201~b\x1b[B\x1b[200~\x1b[201~\x1b[200~q\x1b[201~"
    meant = [
        ("key", "a"),
        ("paste", "x��[A�OP�[31my�[20"),
        ("key", "b"),
        ("key", "down"),
        ("paste", ""),
        ("paste", "q"),
    ]
    assert read(sent) == meant
    for place in range(1, len(sent)):
        assert read(sent[:place], sent[place:]) == meant, place
    assert read(*sent) == meant
    assert read("\x1b[A[200~", "\x1b[200", "~\x1b", "[201~") == [*[("key", "up")], *read("[200~"), ("paste", "")]


def test_a_key_in_a_form_that_was_not_asked_for_is_none() -> None:
    assert read("a\x1b[47;2:1ub\x1b[:uc") == [("key", "a"), ("key", "b"), ("key", "c")]


async def test_pasted_files_are_offered_for_upload(here: Path) -> None:
    one, two = jsonl(here / "a.jsonl"), jsonl(here / "b.jsonl")
    with ScriptedServer([remote(1), remote(2)]) as server:
        async with browsing(server.base_url) as b:
            await paste(b, f"'{one}'\n'{two}'\n")
            assert await uploads(b) == ["a.jsonl", "b.jsonl"]
            await b.press("u")
            await b.screen(PickScreen)
            await paste(b, f"{one} {two}")
            assert await uploads(b) == ["a.jsonl", "b.jsonl"]


async def test_a_pasted_id_is_looked_for_and_anything_else_does_nothing(here: Path) -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        async with browsing(server.base_url) as b:
            await paste(b, " file-0000\n")
            await b.until(lambda: b.current == "file-0000")
            await paste(b, "file-0001, file-0000\nfile-0002\n")
            await b.until(lambda: b.current == "file-0001")
            await paste(b, "x")
            await b.toast("neither the path of a file here nor the id")
            await b.main()
            assert b.marks == 0


async def test_nothing_is_uploaded_by_a_paste_where_nothing_is_to_change(here: Path) -> None:
    one = jsonl(here / "a.jsonl")
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url, read_only=True) as b:
            await paste(b, str(one))
            await b.toast("it is read-only")
            await b.main()
