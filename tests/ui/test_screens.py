"""Log, help, palette, and what a read-only session hides."""

from pathlib import Path
from typing import cast

import pytest
from textual import events
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widgets import DataTable, OptionList

from files_tui.ui.screens.copy import CopyScreen
from files_tui.ui.screens.dialog import Palette
from files_tui.ui.screens.filter import FilterScreen
from files_tui.ui.screens.help import HelpScreen, help_sections
from files_tui.ui.screens.log import LogScreen
from files_tui.ui.screens.pick import PickScreen
from tests.ui.helpers import KEY, Browser, browsing
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio


def log(b: Browser) -> list[list[str]]:
    table = b.app.screen.query_one(DataTable)
    return [[str(cell).strip() for cell in table.get_row_at(n)] for n in range(table.row_count)]


def main(b: Browser) -> Screen[object]:
    return cast(Screen[object], b.browse)


async def test_the_log_lists_requests_newest_first_and_never_the_key() -> None:
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            server.refuse["GET", "/files"] = Reply(403, f"no [/way] for {'x' * 5}", {"x-request-id": "req_7"})
            await b.press("r")
            await b.toast("no [/way]")
            await b.press("l")
            await b.screen(LogScreen)
            assert [row[2] for row in log(b)] == ["403", "200"]
            assert log(b)[0][4].startswith("GET /files?limit=")
            assert "req_7" in log(b)[0][4]
            assert "no [/way]" in log(b)[0][4]
            assert all(row[3] == "1" for row in log(b))
            assert KEY not in b.text
            assert KEY not in str(list(b.app.exchanges))
            await b.press("j", "k", "l")
            await b.main()


async def test_the_log_grows_while_it_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.ui.screens.log.TICK", 0.02)
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("l")
            await b.screen(LogScreen)
            b.browse.action_refresh_listing()
            await b.until(lambda: len(log(b)) == 2)


async def test_help_lists_every_key_of_the_main_screen(shared_empty: str) -> None:
    async with browsing(shared_empty) as b:
        keys = [key for commands in help_sections(main(b)).values() for command in commands for key in command.keys]
        for key in "cyudx/fsSa*tlrjkgGnp:?q":
            assert key in keys
        assert {"0–9", "space", "esc"} <= set(keys)
        await b.press("question_mark")
        await b.screen(HelpScreen)
        for says in ("Upload files", "Clear marks, search, filter", "Every command, by name"):
            await b.see(says)
        await b.press("j", "k", "question_mark")
        await b.main()


async def test_a_question_mark_in_a_field_is_a_question_mark(here: Path, hundred: str) -> None:
    async with browsing(hundred) as b:
        await b.press("slash", "question_mark", "q", "colon", "enter")
        await b.until(lambda: b.chips == ["“?q:”"])
        await b.press("u")
        await b.screen(PickScreen)
        await b.press("question_mark", "q")
        assert isinstance(b.app.screen, PickScreen)


async def test_the_palette_knows_every_command(hundred: str) -> None:
    async with browsing(hundred) as b:
        titles = [command.title.lower() for command in b.app.get_system_commands(main(b))]
        assert len(titles) == len(set(titles))
        bound = [binding for _, binding, enabled, _ in b.browse.active_bindings.values() if enabled and binding.id]
        wanted = {x.description.lower() for x in bound if not x.system and x.action != "command_palette"}
        assert wanted <= set(titles)
        assert "theme" in titles


async def test_the_palette_runs_a_command(hundred: str) -> None:
    async with browsing(hundred) as b:
        for words, kind in (("Copy menu", CopyScreen), ("Filter", FilterScreen), ("Request log", LogScreen)):
            await b.press("colon")
            await b.screen(CommandPalette)
            await b.write(words)
            await go_to(b, words)
            await b.press("enter")
            await b.screen(kind)
            await b.press("escape")
            await b.main()


async def go_to(b: Browser, words: str) -> None:
    """Wait for the line of the palette that begins so, and put the cursor on it: other lines may come before it."""
    options = b.app.screen.query_one(OptionList)
    await b.until(lambda: any(str(option.prompt).startswith(words) for option in options.options))
    for _ in range(options.option_count):
        at = options.highlighted
        if at is not None and str(options.get_option_at_index(at).prompt).startswith(words):
            return
        await b.press("down")
    raise AssertionError(f"no line of {words}")


@pytest.mark.parametrize("title", ["Next page", "Last row", "Help"])
async def test_the_palette_runs_what_is_bound_elsewhere(
    hundred: str, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    async with browsing(hundred) as b:
        next(each.callback for each in b.app.get_system_commands(main(b)) if each.title == title)()
        await b.until(lambda: "page 2" in b.foot or b.table.cursor_row > 1 or isinstance(b.app.screen, HelpScreen))


async def test_read_only_hides_upload_and_delete(here: Path, hundred: str) -> None:
    async with browsing(hundred, read_only=True) as b:
        last = b.text.split("\n")[-1]
        assert "download" in last
        assert "upload" not in last
        assert "delete" not in last
        await b.press("u", "x", "delete")
        assert b.app.screen is b.browse
        says = " ".join(command.words for commands in help_sections(main(b)).values() for command in commands)
        assert "Download" in says
        assert "Upload" not in says
        assert "Delete" not in says
        titles = {command.title for command in b.app.get_system_commands(main(b))}
        assert not {"Upload", "Delete"} & titles


async def test_the_last_line_names_the_keys_and_takes_clicks(hundred: str) -> None:
    async with browsing(hundred) as b:
        last = b.text.split("\n")[-1]
        for words in ("c copy id", "u upload", "d download", "x delete", "/ search", "f filter", "s sort", "? help"):
            assert words in last
        await b.pilot.click(offset=(last.index("filter"), 39))
        await b.screen(FilterScreen)
        await b.press("escape")
        await b.main()
        await b.pilot.click(offset=(last.index("help"), 39))
        await b.screen(HelpScreen)


async def test_a_burst_closes_the_palette_once(hundred: str) -> None:
    async with browsing(hundred) as b:
        await b.write(":")
        await b.screen(Palette)
        await b.write("reverse")
        await b.until(lambda: b.app.screen.query_one(OptionList).option_count == 1)
        for _ in range(4):
            b.app.post_message(events.Key("enter", "\r"))
        await b.until(lambda: not isinstance(b.app.screen, Palette) and not b.browse.view.descending)
        assert b.app.is_running
