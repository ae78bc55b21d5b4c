"""Keys that come before what they are meant for has the focus: none is lost, and none overtakes another."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.help import HelpScreen
from files_tui.ui.screens.pick import PickScreen
from files_tui.ui.screens.sort import SortScreen
from files_tui.ui.screens.transfers import TransfersScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.widgets.choice import Choice
from files_tui.ui.widgets.search_line import SearchLine
from tests.ui.helpers import Browser, browsing, jsonl
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio

PATH = "~/a path of/some length/that nobody has.jsonl"
WORDS = "which of them all has these words"
TURNS = (0, 1, 3, 8, 21)


async def type_in_pieces(b: Browser, keys: Iterable[str], turns: int) -> None:
    """Type as a terminal sends it that is read now and then: some keys, turns of the loop, the rest."""
    for n, key in enumerate(keys):
        if n % 7 == 3:
            for _ in range(turns):
                await asyncio.sleep(0)
        b.send(key)


async def test_a_path_typed_ahead_keeps_its_order(shared_empty: str) -> None:
    async with browsing(shared_empty) as b:
        for turns in TURNS:
            await type_in_pieces(b, f"u{PATH}", turns)
            await b.screen(PickScreen)
            await b.until(lambda: len(b.widget("#path", Input).value) >= len(PATH))
            assert (turns, b.widget("#path", Input).value) == (turns, PATH)
            await b.press("escape")
            await b.main()


async def test_words_for_the_search_line_keep_their_order(shared_empty: str) -> None:
    async with browsing(shared_empty) as b:
        for turns in TURNS:
            await type_in_pieces(b, f"/{WORDS}", turns)
            await b.until(lambda: isinstance(b.app.focused, Input) and len(b.app.focused.value) >= len(WORDS))
            assert (turns, b.browse.query_one(SearchLine).field.value) == (turns, WORDS)
            await b.press("escape")
            await b.until(lambda: b.app.focused is b.table)


async def test_keys_behind_an_enter_reach_the_dialog_that_it_leads_to(here: Path, shared_empty: str) -> None:
    jsonl(here / "ahead.jsonl")
    async with browsing(shared_empty) as b:
        for turns in TURNS:
            await type_in_pieces(b, [*"u./ahead.jsonl", "enter", "right", "right"], turns)
            await b.screen(UploadScreen)
            await b.until(lambda: b.widget("#purpose", Choice).value == "assistants")
            await type_in_pieces(b, ["escape", "t", "escape", "question_mark"], turns)
            await b.screen(HelpScreen)
            await type_in_pieces(b, ["escape", "slash", "x", "enter", "t"], turns)
            await b.screen(TransfersScreen)
            assert b.chips == ["“x”"]
            await type_in_pieces(b, ["escape", "escape"], turns)
            await b.main()
            await b.until(lambda: not b.chips)


async def test_keys_behind_a_letter_that_ends_a_dialog_reach_what_is_below_it(shared_empty: str) -> None:
    async with browsing(shared_empty) as b:
        for turns in TURNS:
            await b.press("s")
            await b.screen(SortScreen)
            await type_in_pieces(b, ["n", "slash", *"abcd"], turns)
            await b.until(lambda: isinstance(b.app.focused, Input) and len(b.app.focused.value) >= 4)
            assert (turns, b.browse.query_one(SearchLine).field.value) == (turns, "abcd")
            await b.press("escape")
            await b.until(lambda: b.app.focused is b.table)


async def asked_for_the_number(b: Browser) -> DeleteScreen:
    await b.press("a", "x")
    screen = await b.screen(DeleteScreen)
    await b.until(lambda: screen.is_readable)
    return screen


async def test_a_binding_with_priority_does_not_overtake_what_is_typed() -> None:
    with ScriptedServer([remote(n) for n in range(12)]) as server:
        async with browsing(server.base_url) as b:
            for turns in TURNS:
                screen = await asked_for_the_number(b)
                await type_in_pieces(b, ["1", "2", "3", "y"], turns)
                await b.until(lambda: b.widget("#count", Input).value == "123" and not b.app._held)
                assert b.app.screen is screen
                await b.press("escape", "escape")
                await b.main()
            await asked_for_the_number(b)
            await type_in_pieces(b, ["1", "2", "y"], 0)
            await b.toast("Deletes ended: 12 files deleted")


async def test_no_key_is_sent_any_more_once_the_program_ends(shared_empty: str) -> None:
    async with browsing(shared_empty) as b:
        await type_in_pieces(b, ["q", "x", "u"], 0)
        await b.until(lambda: not b.app.is_running)
        assert b.app.return_code == 0
    async with browsing(shared_empty) as b:
        b.app.exit(None, 5)
        await type_in_pieces(b, ["u", "question_mark"], 0)
        await b.until(lambda: not b.app.is_running)
        assert (b.app.return_code, len(b.app._held)) == (5, 2)


async def test_a_menu_takes_no_letter_after_it_has_ended(shared_empty: str) -> None:
    async with browsing(shared_empty) as b:
        await b.press("s")
        menu = await b.screen(SortScreen)
        await b.until(lambda: menu.is_readable)
        menu.dismiss(None)
        letter = events.Key("n", "n")
        menu.on_key(letter)
        assert not letter._stop_propagation
        await b.main()
