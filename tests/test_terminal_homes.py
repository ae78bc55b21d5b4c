"""The installed program where it is used: a bare terminal, tmux, GNU screen, sshd, and tmux behind it.

Each is one run by keyboard. What the message says of a copied id is held against what reached the outermost terminal.
"""

from __future__ import annotations

import base64
import contextlib
import getpass
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from files_tui.clipboard import OSC52, TMUX_AND_TERMINAL, TMUX_ONLY
from tests.terminal import COOKED, Terminal, environment
from tests.waiting import until

PROGRAM = str(Path(sys.executable).with_name("files-tui"))
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
UNCONFIRMED = "Sent, not confirmed"

Home = Callable[[Path, dict[str, str]], contextlib.AbstractContextManager[list[str]]]
"""Gives the command that shows the program there; the folder is short enough for a socket's path."""


def needs(name: str, found: str | None = None) -> str:
    path = found or shutil.which(name)
    if not path:
        pytest.skip(f"{name} is not installed")
    return path


@contextlib.contextmanager
def bare(folder: Path, environ: dict[str, str]) -> Iterator[list[str]]:
    yield [PROGRAM]


def in_tmux(setting: str | None, outside: str = "xterm-256color") -> Home:
    @contextlib.contextmanager
    def home(folder: Path, environ: dict[str, str]) -> Iterator[list[str]]:
        configuration = folder / "tmux.conf"
        configuration.write_text(f"set -s set-clipboard {setting}\n" if setting else "")
        tmux = [needs("tmux"), "-S", str(folder / "tmux"), "-f", str(configuration)]
        environ["TERM"] = outside
        yield [*tmux, "-u", "new-session", PROGRAM]
        subprocess.run([*tmux, "kill-server"], capture_output=True, check=False)

    return home


@contextlib.contextmanager
def in_screen(folder: Path, environ: dict[str, str]) -> Iterator[list[str]]:
    (folder / "screens").mkdir(mode=0o700)
    environ["SCREENDIR"] = str(folder / "screens")
    yield [needs("screen"), "-c", "/dev/null", "-U", PROGRAM]


@contextlib.contextmanager
def running(command: list[str], folder: Path) -> Iterator[None]:
    """A program in the background, whose words are kept in a file."""
    with (folder / "words").open("wb") as words:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def by_ssh(there: Home) -> Home:
    @contextlib.contextmanager
    def home(folder: Path, environ: dict[str, str]) -> Iterator[list[str]]:
        daemon, ssh = needs("sshd", SSHD), needs("ssh")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where sshd, run by root, wants to be locked in
        for name in ("host", "person"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        (folder / "sshd.conf").write_text(
            f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/person.pub\n"
            "StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nPasswordAuthentication no\n"
        )
        client = f"-F /dev/null -i {folder}/person -p {port} -o LogLevel=ERROR -o IdentitiesOnly=yes -tt"
        known = "-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no"
        variables = [f"{name}={value}" for name, value in environ.items() if name != "TERM"]
        with there(folder, environ) as command, running([daemon, "-D", "-e", "-f", f"{folder}/sshd.conf"], folder):
            until(lambda: listens(port))
            line = shlex.join(["env", *variables, *command])
            yield [ssh, *client.split(), *known.split(), f"{getpass.getuser()}@127.0.0.1", line]

    return home


# What is said of the copy there, and whether the outermost terminal got it.
HOMES: dict[str, tuple[Home, str, bool]] = {
    "bare": (bare, OSC52, True),
    "tmux": (in_tmux(None), TMUX_AND_TERMINAL, True),
    "tmux, on": (in_tmux("on"), TMUX_AND_TERMINAL, True),
    "tmux, external": (in_tmux("external"), TMUX_AND_TERMINAL, True),
    "tmux, off": (in_tmux("off"), TMUX_AND_TERMINAL, True),
    "tmux in a terminal that takes no copies": (in_tmux(None, "vt100"), TMUX_ONLY, False),
    "screen": (in_screen, OSC52, True),
    "ssh": (by_ssh(bare), OSC52, True),
    "tmux by ssh": (by_ssh(in_tmux(None)), TMUX_AND_TERMINAL, True),
}


def arrived(terminal: Terminal, start: int) -> list[str]:
    """What the outermost terminal was asked to put on its clipboard, screen's pieces put together."""
    raw = terminal.raw[start:].replace(b"\x1b\\\x1bP", b"")
    return [base64.b64decode(each).decode() for each in re.findall(rb"\x1b\]52;c?;([A-Za-z0-9+/=]+)", raw)]


@pytest.mark.parametrize("name", HOMES)
def test_the_main_job_by_keyboard_and_a_copy_of_which_the_truth_is_told(
    tmp_path: Path, samples: str, name: str
) -> None:
    home, route, arrives = HOMES[name]
    environ = environment(tmp_path, OPENAI_BASE_URL=samples)
    with (
        tempfile.TemporaryDirectory(prefix="home-") as short,
        home(Path(short), environ) as command,
        Terminal(command, environ, 120, 40, tmp_path) as terminal,
    ):
        terminal.wait_for("of 259", "synced")
        terminal.keys("/")
        terminal.send("handbook")
        terminal.wait_for("1 of 259")
        terminal.keys("enter")
        terminal.wait_gone("/handbook")
        in_detail = re.compile(r"│ support-handbook\.pdf").search
        shown = terminal.wait_for("“handbook”", in_detail)
        found = re.search(r"id +(file-[A-Za-z0-9]{22})", shown)
        assert found
        start = terminal.mark
        terminal.keys("c")
        terminal.wait_for(route)
        assert (UNCONFIRMED in terminal.text) == (route == OSC52)
        if arrives:
            until(lambda: found[1] in arrived(terminal, start))
        else:
            assert arrived(terminal, start) == []
        terminal.keys("q")
        terminal.wait_exit()
        assert terminal.modes == COOKED
