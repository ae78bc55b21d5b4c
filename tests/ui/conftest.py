"""What the tests of the screens share: servers, and an environment of no one's own."""

import os
import socket
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from files_tui.clipboard import Copied
from files_tui.settings import make_private, state_dir
from files_tui.ui.browse.look import Patience
from files_tui.ui.greeting import NOTE
from tests.demo_server import LIVE as LIVE

# How long the app waits for more before it draws: what it shows in the end does not depend on it.
WAITS = (
    *("browse.screen.REFRESH_DELAY", "browse.beside.DELAY", "browse.screen.TICK"),
    *("widgets.search_line.DELAY", "session.FIRST_PICTURE"),
)

AROUND = ("NO_COLOR", "TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
"""What tells the program where it runs, and so which way a copy goes."""

PATIENCE = 60.0
"""Seconds, more than any stall takes."""


class _Rules(dict[tuple[Any, ...], list[RuleSet]]):
    """The rules that style sheets with the same variables have parsed so far."""

    def clear(self) -> None:
        """A sheet that is given other variables looks elsewhere, and leaves these to the others."""


class _ParsedOnce:
    """Lets all apps of a process share what a style sheet otherwise parses again for each of them."""

    def __init__(self) -> None:
        self._parsed: defaultdict[frozenset[tuple[str, str]], _Rules] = defaultdict(_Rules)

    def __get__(self, sheet: Stylesheet, _: object) -> _Rules:
        return self._parsed[frozenset(sheet._variables.items())]

    def __set__(self, sheet: Stylesheet, _: object) -> None:
        """A new sheet begins with what is there."""


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_cache", _ParsedOnce(), raising=False)
        yield


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name in AROUND or name.startswith(("TEXTUAL", "OPENAI_", "AZURE_OPENAI_", "XDG_", "SSH_")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")
    # A person who has been here before.
    make_private(state_dir())
    (state_dir() / NOTE).touch(0o600)


@pytest.fixture
def quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is looked at now and then be looked at more often, so that tests wait less."""
    for module in ("browse.screen", "screens.transfers", "screens.delete"):
        monkeypatch.setattr(f"files_tui.ui.{module}.TICK", 0.05)
    monkeypatch.setattr("files_tui.ui.browse.account.LEFT_OVER_DELAY", 0.05)
    monkeypatch.setattr("files_tui.ui.browse.commands.OFFERED_AGAIN", 0.05)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in WAITS:
        monkeypatch.setattr(f"files_tui.ui.{name}", 0.02)
    monkeypatch.setattr("files_tui.ui.screens.dialog.READING", 0)
    # Servers count what is asked of them; whoever looks at the first lines says so.
    monkeypatch.setattr("files_tui.ui.browse.beside.REST", 1000.0)


@pytest.fixture(autouse=True)
def long_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer of a catalog be too slow, and no toast go before it is looked at, however slow the machine is."""
    monkeypatch.setattr("files_tui.ui.browse.looking.AT_ONCE", Patience(files=PATIENCE, numbers=PATIENCE))
    monkeypatch.setattr("files_tui.ui.browse.looking.AT_LEISURE", Patience(numbers=PATIENCE))
    monkeypatch.setattr("files_tui.ui.notices.WORTH_WAITING", PATIENCE)
    monkeypatch.setattr("files_tui.ui.app.FilesApp.NOTIFICATION_TIMEOUT", PATIENCE)


@pytest.fixture
def clipboard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was copied, in order."""
    copied: list[str] = []

    def copy(words: str, **_: object) -> Copied:
        copied.append(words)
        return Copied("sent to terminal (OSC 52)")

    monkeypatch.setattr("files_tui.clipboard.copy", copy)
    return copied


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, empty at first."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address at which nothing listens, and no other process can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
