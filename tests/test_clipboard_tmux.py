"""The clipboard in a real tmux, where one is installed."""

import base64
import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import tempfile
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui import clipboard
from files_tui.clipboard import OSC52, TMUX_AND_OUTER, TMUX_AND_TERMINAL, TMUX_ONLY, Copied, copy
from tests.test_clipboard import osc52
from tests.waiting import DEADLINE, until


class Tmux:
    """A tmux server of our own, and the terminals that look at it."""

    def __init__(self, folder: Path, socket: str) -> None:
        self.socket = socket
        self.environ = {name: value for name, value in os.environ.items() if name not in ("TMUX", "TMUX_PANE", "STY")}
        configuration = folder / "tmux.conf"
        configuration.write_text("set -s set-clipboard external\n")
        self.do("-f", str(configuration), "new-session", "-d", "-s", "main", "cat")
        pane = self.do("display-message", "-p", "-t", "main", "#{socket_path},#{pid},0 #{pane_id}").split()
        self.inside = self.environ | {"TMUX": pane[0], "TMUX_PANE": pane[1], "TERM": "screen"}
        self.screens: list[tuple[subprocess.Popen[bytes], int]] = []

    def do(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self.socket, *arguments], env=self.environ, capture_output=True, text=True, check=True
        )
        return done.stdout

    def attach(self, terminal: str) -> int:
        """Show the session in a terminal of that kind, and give the end from which its bytes are read."""
        outer, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        client = subprocess.Popen(
            ["tmux", "-S", self.socket, "attach", "-t", "main"],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env=self.environ | {"TERM": terminal},
            start_new_session=True,
        )
        os.close(inner)
        self.screens.append((client, outer))
        until(lambda: terminal in self.do("list-clients", "-F", "#{client_termname}").split())
        return outer

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.do("kill-server")
        for client, outer in self.screens:
            os.close(outer)
            client.wait(DEADLINE)


@contextlib.contextmanager
def tmux_server(folder: Path) -> Iterator[Tmux]:
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    # A socket's path may have about a hundred characters, which pytest's folders can exceed.
    with tempfile.TemporaryDirectory(prefix="tmux-") as short, pytest.MonkeyPatch.context() as patch:
        patch.setattr(clipboard, "TIME_LIMIT", DEADLINE)
        tmux = Tmux(folder, f"{short}/s")
        yield tmux
        tmux.close()


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    with tmux_server(tmp_path) as tmux:
        yield tmux


@pytest.fixture
def outer_tmux(tmp_path: Path) -> Iterator[Tmux]:
    with tmux_server(tmp_path) as tmux:
        yield tmux


def read_until(outer: int, expected: bytes) -> bytes:
    seen = b""

    def arrived() -> bool:
        nonlocal seen
        while select.select([outer], [], [], 0)[0]:
            seen += os.read(outer, 65536)
        return expected in seen

    until(arrived)
    return seen


def test_real_tmux_fills_its_buffer_and_the_outer_terminal(tmux: Tmux) -> None:
    outer = tmux.attach("xterm-256color")
    terminal: list[str] = []
    text = "file-été 🗂\n\ttwo"
    result = copy(text, write=terminal.append, environ=tmux.inside)
    assert result == Copied(TMUX_AND_TERMINAL, confirmed=True)
    assert tmux.do("show-buffer") == text
    assert terminal == []
    payload = base64.b64encode(text.encode())
    assert re.search(rb"\x1b\]52;c?;" + re.escape(payload) + rb"(\x07|\x1b\\)", read_until(outer, payload))


def test_real_tmux_in_a_terminal_without_osc52_has_the_buffer_only(tmux: Tmux) -> None:
    tmux.attach("vt100")
    result = copy("file-abc", write=lambda sequence: None, environ=tmux.inside)
    assert result.route == TMUX_ONLY
    assert result.note.endswith("set -as terminal-features ',vt100:clipboard'")
    assert tmux.do("show-buffer") == "file-abc"


def test_real_tmux_in_another_does_not_vouch_for_it(tmux: Tmux, outer_tmux: Tmux) -> None:
    outer_tmux.do("new-window", "-d", f"env -u TMUX tmux -S {tmux.socket} attach -t main")
    until(lambda: "clipboard" in tmux.do("list-clients", "-F", "#{client_termfeatures}"))
    result = copy("file-abc", write=lambda sequence: None, environ=tmux.inside)
    assert (result.route, result.confirmed) == (TMUX_AND_OUTER, False)
    assert tmux.do("show-buffer") == "file-abc"


def test_real_tmux_that_nobody_looks_at_has_the_buffer_only(tmux: Tmux) -> None:
    assert copy("file-abc", write=lambda sequence: None, environ=tmux.inside) == Copied(TMUX_ONLY)
    assert tmux.do("show-buffer") == "file-abc"


def test_real_tmux_whose_server_is_gone_leaves_the_terminal(tmux: Tmux) -> None:
    terminal: list[str] = []
    gone = tmux.inside | {"TMUX": tmux.inside["TMUX"].replace(tmux.socket, tmux.socket + "-gone")}
    assert copy("file-abc", write=terminal.append, environ=gone).route == OSC52
    assert terminal == [osc52("file-abc")]
