"""Copying: what is put on the clipboard, and what is said about it."""

import json
import re
import threading
from functools import partial
from typing import Any

import pytest

import files_tui.clipboard
from files_tui.clipboard import TMUX_AND_TERMINAL, TMUX_ONLY, Copied
from files_tui.settings import Account, Secret, Settings
from files_tui.ui.app import FilesApp
from files_tui.ui.screens.copy import CopyScreen
from files_tui.ui.screens.detail import DetailScreen
from files_tui.ui.screens.show import ShowScreen
from tests.ui.helpers import KEY, Browser, browsing
from tests.ui.scripted import PATIENCE, ScriptedServer, remote

pytestmark = pytest.mark.anyio


async def test_c_copies_the_id_and_says_which_way(clipboard: list[str]) -> None:
    with ScriptedServer([remote(1), remote(2)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("j", "c")
            await b.toast("Sent, not confirmed: file-0001\nsent to terminal (OSC 52)")
    assert clipboard == ["file-0001"]


async def test_c_copies_the_ids_of_all_marked_files_a_line_each(clipboard: list[str]) -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("space", "j", "space", "c")
            await b.toast("2 ids")
    assert clipboard == ["file-0002\nfile-0000"]


async def test_what_was_copied_last_is_on_the_clipboard_however_long_the_copy_before_it_takes(
    clipboard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = files_tui.clipboard.copy
    begun: list[str] = []
    gate = threading.Event()

    def slow(words: str, **options: Any) -> Copied:
        begun.append(words)
        if len(begun) == 1:
            gate.wait(PATIENCE)
        return copy(words, **options)

    monkeypatch.setattr("files_tui.clipboard.copy", slow)
    with ScriptedServer([remote(1), remote(2)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("c", "j", "c")
            await b.until(lambda: begun)
            gate.set()
            await b.until(lambda: len(clipboard) == 2)
    assert clipboard == ["file-0002", "file-0001"]


async def test_the_menu_copies_id_name_json_curl_and_python(clipboard: list[str]) -> None:
    file = remote(1, "it's [/x].txt", extra={"a": [True, None]})
    with ScriptedServer([file]) as server:
        async with browsing(server.base_url) as b:

            def enough(number: int) -> bool:
                return len(clipboard) == number

            for number, key in enumerate("inocp", 1):
                await b.press("y")
                await b.screen(CopyScreen)
                await b.press(key)
                await b.until(partial(enough, number))
                await b.main()
            assert KEY not in b.text
        assert clipboard[:2] == ["file-0001", "it's [/x].txt"]
        assert json.loads(clipboard[2]) == file
        address = f"{server.base_url}/files/file-0001/content"
        assert clipboard[3].startswith(f'curl {address} -H "Authorization: Bearer $OPENAI_API_KEY" -o ')
        assert clipboard[3].endswith("x].txt'") or clipboard[3].endswith("x].txt")
        assert KEY not in "".join(clipboard)
        assert clipboard[4] == "client.files.retrieve('file-0001')"


async def test_the_menu_works_by_arrows_and_for_several_files(clipboard: list[str]) -> None:
    with ScriptedServer([remote(n, id=f"file {n}") for n in range(2)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a", "y")
            await b.screen(CopyScreen)
            await b.press("down", "down", "down", "up", "enter")
            await b.until(lambda: clipboard)
            assert [each["id"] for each in json.loads(clipboard[0])] == ["file 1", "file 0"]
            await b.press("y")
            await b.screen(CopyScreen)
            await b.press("c")
            await b.until(lambda: len(clipboard) == 2)
            assert re.findall(r"/files/(\S+?)/content", clipboard[1]) == ["file%201", "file%200"]
            await b.press("y")
            await b.screen(CopyScreen)
            await b.press("escape")
            await b.main()
    assert len(clipboard) == 2


async def test_the_command_line_names_the_variable_of_the_account(clipboard: list[str]) -> None:
    with ScriptedServer([remote(1)]) as server:
        azure = Account(
            base_url=server.base_url,
            key=Secret(KEY),
            auth="api-key",
            query={"api-version": "2024-10-21"},
            key_from="AZURE_OPENAI_API_KEY",
        )
        app = FilesApp(Settings(account=azure), lambda: azure)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            b = Browser(app, pilot)
            await b.synced(1)
            await b.press("y")
            await b.screen(CopyScreen)
            await b.press("c")
            await b.until(lambda: clipboard)
    assert '-H "api-key: $AZURE_OPENAI_API_KEY"' in clipboard[0]
    assert "?api-version=2024-10-21'" in clipboard[0]


async def test_the_detail_screen_copies_too(clipboard: list[str]) -> None:
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("enter")
            await b.screen(DetailScreen)
            await b.press("c")
            await b.toast("file-0001")
    assert clipboard == ["file-0001"]


async def test_a_text_that_nothing_took_is_shown_to_be_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.clipboard.copy", lambda *_, **__: Copied(note="no way"))
    with ScriptedServer([remote(n) for n in range(2)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("a", "c")
            await b.screen(ShowScreen)
            await b.see("mark it by hand")
            lines = b.text.split("\n")
            assert [line for line in lines if line.startswith("file-")] == ["file-0001", "file-0000"]
            assert "no way · esc closes" in b.text
            await b.press("escape")
            await b.main()


async def test_a_sequence_reaches_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("SSH_TTY", "/dev/pts/7")
    written: list[str] = []
    monkeypatch.setattr(FilesApp, "write_to_terminal", lambda _, sequence: written.append(sequence))
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("c")
            await b.toast("OSC 52")
    assert written == ["\x1b]52;c;ZmlsZS0wMDAx\x07"]


async def test_the_menu_shows_all_bare_and_lends_the_mouse_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(FilesApp, "write_to_terminal", lambda _, sequence: written.append(sequence))
    with ScriptedServer([remote(n) for n in range(2)]) as server:
        async with browsing(server.base_url) as b:
            assert b.app._driver is not None
            monkeypatch.setattr(b.app._driver, "_mouse", True)
            await b.press("a", "y")
            await b.screen(CopyScreen)
            await b.press("s")
            await b.screen(ShowScreen)
            await b.see("client.files.retrieve('file-0000')")
            assert "file-0001\nfile-0000\n\n" in b.text
            assert written == ["\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"]
            b.app.app_resume_signal.publish(b.app)
            await b.until(lambda: written[1:] == written[:1])  # after ctrl+z, too, the mouse is the terminal's
            monkeypatch.setattr(b.app._driver, "_mouse_pixels", True, raising=False)
            await b.press("escape")
            await b.until(lambda: len(written) > 2)
            assert written[2:] == ["\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h\x1b[?1016h"]


async def test_there_is_nothing_to_copy_where_there_is_no_file(clipboard: list[str]) -> None:
    with ScriptedServer() as server:
        async with browsing(server.base_url) as b:
            await b.press("c")
            await b.toast("no file here to copy the id of")
            await b.press("y")
            await b.toast("no file here to copy from")
    assert clipboard == []


async def test_what_did_not_leave_tmux_is_not_called_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = Copied(TMUX_ONLY)
    monkeypatch.setattr("files_tui.clipboard.copy", lambda *_, **__: outcome)
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("c")
            await b.toast("Copied: file-0001\ntmux buffer only (prefix ] pastes)")
            outcome = Copied(TMUX_AND_TERMINAL, confirmed=True)
            await b.press("c")
            await b.toast("Copied: file-0001\ntmux buffer, and sent to your terminal")
            assert not any("does not say" in toast for toast in b.toasts)
