"""The installed program where it is used: a bare terminal, tmux, GNU screen, sshd, and tmux behind it.

In each a file is searched for by keyboard, its id is copied and has arrived where the message says, and the terminal is
a shell's again. A place whose parts are not installed is skipped.
"""

from __future__ import annotations

import base64
import contextlib
import os
import pwd
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui.clipboard import OSC52, TMUX_AND_TERMINAL, TMUX_ONLY
from tests.terminal import COOKED, KEY, TIMEOUT, Terminal, assert_left_usable, environment
from tests.ui.scripted import ScriptedServer, remote
from tests.waiting import until

FOUND = ["file-0007", "file-0005", "file-0002"]
SBIN = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def needed(name: str) -> str:
    """The path of a part that this machine may lack."""
    path = shutil.which(name, path=SBIN)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    files = [remote(n, f"train-{n}.jsonl" if f"file-{n:04}" in FOUND else None) for n in range(9)]
    with ScriptedServer(files) as server:
        yield server.base_url


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder for sockets, whose paths may have about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield Path(folder)


# The program, which gives tmux as long to take a copy as the tests wait for it.
PATIENT = f"""
import sys
from files_tui import clipboard
from files_tui.cli import main

clipboard.TIME_LIMIT = {TIMEOUT}
sys.exit(main())
"""


def in_a_shell(folder: Path, base_url: str, *program: str) -> str:
    """A shell's words that run the program, tell how it ended, and show whether the terminal takes a line again.

    What the program is to know stands in them, since neither a server of tmux nor sshd hands it on.
    """
    if not program:
        installed = shutil.which("files-tui", path=os.path.dirname(sys.executable))
        assert installed, "the program is not installed in this environment"
        program = (installed,)
    keep = ("HOME", "LANG", "OPENAI_API_KEY", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    environ = environment(folder)
    variables = [f"{name}={environ[name]}" for name in keep]
    command = shlex.join(["env", *variables, *program, "--base-url", base_url, "--no-cache"])
    after = """echo "ended with $?"; IFS= read -r line; echo "the line is <$line>"; IFS= read -r line"""
    return shlex.join(["sh", "-c", f"{command}; {after}"])


def find(terminal: Terminal) -> None:
    """Search, so that the cursor stands on the first of the files looked for."""
    terminal.wait_for("page 1 of 1", "data-0008")
    terminal.send("/train-\r")
    terminal.wait_for("3 of 9", FOUND[0], lambda screen: "data-" not in screen)


def osc52(words: str) -> re.Pattern[bytes]:
    payload = re.escape(base64.b64encode(words.encode()))
    return re.compile(rb"\x1b\]52;c?;" + payload + rb"(\x07|\x1b\\)")


def assert_arrives(terminal: Terminal, words: str, start: int) -> None:
    """The terminal that the person sits at is given these words for its clipboard."""
    terminal.wait_for(lambda _: osc52(words).search(terminal.raw, start))


def leave(terminal: Terminal) -> None:
    """End the program, and see that the terminal takes and echoes a line as before."""
    terminal.keys("q")
    terminal.wait_for("ended with 0")
    terminal.send("hello\r")
    terminal.wait_for(re.compile(r"^hello", re.MULTILINE).search, "the line is <hello>")
    terminal.keys("enter")
    terminal.wait_exit()
    assert terminal.modes == COOKED
    assert KEY.encode() not in terminal.raw


def assert_sent_unconfirmed(terminal: Terminal) -> None:
    """A terminal alone gets the id, and the message does not say more than that it was sent."""
    find(terminal)
    start = terminal.mark
    terminal.keys("c")
    terminal.wait_for("Sent, not confirmed", OSC52)
    assert_arrives(terminal, FOUND[0], start)
    assert_shown_bare(terminal)
    leave(terminal)


def assert_shown_bare(terminal: Terminal) -> None:
    """The id stands on a line of its own, and the mouse marks there as it does outside of the program."""
    start = terminal.mark
    terminal.keys("y", "s")
    terminal.wait_for("Mark it with the mouse", lambda _: FOUND[0] in terminal.lines)
    assert mouse_is_reported(terminal, start) is False
    start = terminal.mark
    terminal.keys("q")
    terminal.wait_for("3 of 9")
    assert mouse_is_reported(terminal, start) is True


def mouse_is_reported(terminal: Terminal, start: int) -> bool:
    """What the terminal was told last; it is told before the screen that needs it is drawn."""
    terminal.wait_for(lambda _: re.search(rb"\x1b\[\?1003[hl]", terminal.raw[start:]))
    raw = terminal.raw[start:]
    return raw.rfind(b"\x1b[?1003h") > raw.rfind(b"\x1b[?1003l")


def test_bare_terminal(tmp_path: Path, base_url: str) -> None:
    command = shlex.split(in_a_shell(tmp_path, base_url))
    with Terminal(command, environment(tmp_path), 100, 24, tmp_path) as terminal:
        assert_sent_unconfirmed(terminal)
        assert_left_usable(terminal)


def test_gnu_screen(tmp_path: Path, short: Path, base_url: str) -> None:
    short.chmod(0o700)
    environ = environment(tmp_path, SCREENDIR=str(short), SYSSCREENRC="/dev/null")
    command = [needed("screen"), "-U", "-c", "/dev/null", "-S", "bench", *shlex.split(in_a_shell(tmp_path, base_url))]
    with Terminal(command, environ, 100, 24, tmp_path) as terminal:
        try:
            assert_sent_unconfirmed(terminal)
        finally:
            subprocess.run([command[0], "-S", "bench", "-X", "quit"], env=environ, capture_output=True, check=False)


def in_a_tmux(folder: Path, base_url: str) -> str:
    """The same words with the program that gives tmux time."""
    return in_a_shell(folder, base_url, sys.executable, "-c", PATIENT)


class Tmux:
    """A server of tmux with a socket of its own, which no one's configuration has a say in."""

    def __init__(self, folder: Path) -> None:
        self._program = [needed("tmux"), "-S", str(folder / "tmux"), "-f", "/dev/null"]

    def showing(self, words: str) -> list[str]:
        """A command that shows a shell's words in a new session."""
        return [*self._program, "-u", "new-session", words]

    def do(self, *arguments: str) -> str:
        return subprocess.run([*self._program, *arguments], capture_output=True, text=True, check=True).stdout

    def close(self) -> None:
        subprocess.run([*self._program, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def tmux(short: Path) -> Iterator[Tmux]:
    tmux = Tmux(short)
    yield tmux
    tmux.close()


def assert_copied_by_tmux(terminal: Terminal, tmux: Tmux, words: str) -> None:
    start = terminal.mark
    terminal.keys("c")
    assert_arrives(terminal, words, start)
    terminal.wait_for("Copied", words, TMUX_AND_TERMINAL)
    assert tmux.do("show-buffer") == words
    assert "not confirmed" not in terminal.text


def test_tmux_whatever_its_set_clipboard(tmp_path: Path, tmux: Tmux, base_url: str) -> None:
    with Terminal(tmux.showing(in_a_tmux(tmp_path, base_url)), environment(tmp_path), 100, 24, tmp_path) as terminal:
        find(terminal)
        assert tmux.do("show", "-sv", "set-clipboard") == "external\n"
        for file_id, setting in zip(FOUND, ("external", "on", "off"), strict=True):
            tmux.do("set", "-s", "set-clipboard", setting)
            assert_copied_by_tmux(terminal, tmux, file_id)
            terminal.keys("j")
        leave(terminal)


def test_tmux_in_a_terminal_that_takes_no_copies(tmp_path: Path, tmux: Tmux, base_url: str) -> None:
    environ = environment(tmp_path, TERM="vt100")
    with Terminal(tmux.showing(in_a_tmux(tmp_path, base_url)), environ, 100, 24, tmp_path) as terminal:
        find(terminal)
        terminal.keys("c")
        terminal.wait_for("Copied", TMUX_ONLY, "terminal-features")
        assert tmux.do("show-buffer") == FOUND[0]
        assert b"\x1b]52;" not in terminal.raw
        leave(terminal)


class Sshd:
    """An SSH server on this machine alone, for this user alone, with a key and a configuration of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ssh = needed("ssh")
        self._log = folder / "log"
        self._kept = socket.socket()  # which keeps the port from all others, and lets sshd listen there
        self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._kept.bind(("127.0.0.1", 0))
        self._port = self._kept.getsockname()[1]
        for name in ("host", "user"):
            make = [needed("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(make, check=True, capture_output=True)
        host = (folder / "host.pub").read_text()
        (folder / "known").write_text(f"[127.0.0.1]:{self._port} {host}")
        (folder / "authorized").write_text((folder / "user.pub").read_text())
        settings = {
            "ListenAddress": "127.0.0.1",
            "Port": self._port,
            "HostKey": folder / "host",
            "AuthorizedKeysFile": folder / "authorized",
            "PidFile": "none",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
            "PermitUserRC": "no",
            "StrictModes": "no",
            "UsePAM": "no",
            "PrintMotd": "no",
            "PrintLastLog": "no",
        }
        configuration = folder / "sshd_config"
        configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        command = [needed("sshd"), "-f", str(configuration)]
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where sshd, run by root, wants to be locked in
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        if checked.returncode:
            pytest.skip(f"sshd cannot run here: {checked.stderr.strip()}")
        self._process = subprocess.Popen([*command, "-D", "-E", str(self._log)])
        until(lambda: "Server listening" in self._log.read_text() if self._log.exists() else False)
        if subprocess.run(self.running("true"), stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode:
            self.close()
            pytest.skip(f"sshd lets no one in here: {self._log.read_text().splitlines()[-1]}")

    def running(self, words: str) -> list[str]:
        """A command that runs a shell's words at the other end, in a terminal there."""
        options = {
            "IdentityFile": self._folder / "user",
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self._folder / "known",
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
            "LogLevel": "ERROR",
        }
        flags = [flag for name, value in options.items() for flag in ("-o", f"{name}={value}")]
        there = f"{pwd.getpwuid(os.getuid()).pw_name}@127.0.0.1"
        return [self._ssh, "-F", "/dev/null", "-tt", *flags, "-p", str(self._port), there, f"exec {words}"]

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._kept.close()


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    with tempfile.TemporaryDirectory(prefix="sshd-") as folder, contextlib.closing(Sshd(Path(folder))) as sshd:
        yield sshd


def test_over_ssh(tmp_path: Path, sshd: Sshd, base_url: str) -> None:
    command = sshd.running(in_a_shell(tmp_path, base_url))
    with Terminal(command, environment(tmp_path), 100, 24, tmp_path) as terminal:
        assert_sent_unconfirmed(terminal)
        assert_left_usable(terminal)


def test_tmux_over_ssh(tmp_path: Path, sshd: Sshd, tmux: Tmux, base_url: str) -> None:
    command = sshd.running(shlex.join(tmux.showing(in_a_tmux(tmp_path, base_url))))
    with Terminal(command, environment(tmp_path), 100, 24, tmp_path) as terminal:
        find(terminal)
        assert_copied_by_tmux(terminal, tmux, FOUND[0])
        leave(terminal)
