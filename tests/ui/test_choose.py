"""Choosing files for a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from files_tui.ui.screens.quit import QuitScreen
from tests.ui.helpers import browsing
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("blank", ["\n", " ", "\t", "\x1b"])
async def test_no_id_passes_for_two(clipboard: list[str], blank: str) -> None:
    wrong = f"file-a{blank}file-b"
    with ScriptedServer([remote(1, id=wrong), remote(2)]) as server:
        async with browsing(server.base_url, pick=True, read_only=True) as b:
            await b.press("a", "enter")
            await b.toast("would not take it for one id: “file-a")
            assert b.app.chosen == []
            await b.press("c")
            await b.until(lambda: clipboard)
            assert clipboard == [f"file-0002\n{wrong}"]
            shown = {"\n": "␊", "\t": "␉", "\x1b": "␛"}.get(blank, blank)
            assert list(b.app.copier.copied) == ["file-0002", f"file-a{shown}file-b"]


async def test_who_chooses_while_a_copy_comes_is_asked_what_becomes_of_it(here: Path) -> None:
    with ScriptedServer([remote(1), remote(2)]) as server:
        server.held = True
        async with browsing(server.base_url, pick=True, read_only=True) as b:
            await b.download()
            await b.until(server.arrived.is_set)
            await b.press("enter")
            await b.screen(QuitScreen)
            await b.press("escape")
            await b.main()
            assert b.app.chosen == []
            await b.press("enter")
            await b.screen(QuitScreen)
            await b.press("w")
            await b.main()
            server.release()
            await b.until(lambda: b.app._exit)
            assert (b.app.chosen, b.app.return_code) == (["file-0002"], 0)


async def test_who_chooses_is_brought_back_to_where_it_began_and_then_out() -> None:
    with ScriptedServer([remote(1), remote(2, purpose="batch")]) as server:
        async with browsing(server.base_url, pick=True, read_only=True, purpose="batch") as b:
            await b.press("0")
            await b.until(lambda: "1–2 of 2" in b.text)
            await b.press("escape")
            await b.until(lambda: "1 of 2 · page 1" in b.text)
            assert b.app.return_code is None
            await b.press("escape")
            await b.until(lambda: b.app._exit)
            assert b.app.return_code == 1
