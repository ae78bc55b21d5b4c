"""The clipboard against programs that behave, refuse and hang, and against a real tmux."""

import base64
import contextlib
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui import clipboard
from files_tui.clipboard import OSC52, TMUX_AND_OSC52, TMUX_AND_OUTER, TMUX_AND_TERMINAL, TMUX_ONLY, Copied, copy
from tests.waiting import DEADLINE, until

HANG = "sleep 1000 & echo $$ $! >>{home}/pids; wait"

# Like the real one: it stays behind with every stream it was given, to serve the clipboard.
XCLIP = """
case "$*" in
*-o*) cat {home}/copied ;;
*) cat >{home}/copied; sleep 1000 & echo $! >{home}/pids ;;
esac
"""


def osc52(text: str) -> str:
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"


def runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class Machine:
    """A PATH with nothing on it but what a test installs, and a terminal that keeps what it is sent."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.bin = home / "bin"
        self.bin.mkdir()
        self.environ = {"PATH": str(self.bin), "TERM": "xterm-256color"}
        self.terminal: list[str] = []

    def install(self, name: str, script: str) -> None:
        program = self.bin / name
        script = script.replace("{home}", str(self.home))
        program.write_text(f"#!/bin/sh\nPATH=/bin:/usr/bin\n{script}\n")
        program.chmod(0o755)

    def copy(self, text: str, **environ: str) -> Copied:
        return copy(text, write=self.terminal.append, environ=self.environ | environ)

    def pids(self) -> list[int]:
        """The processes that a program of ours has left behind or hung in."""
        noted = self.home / "pids"
        return [int(pid) for pid in noted.read_text().split()] if noted.exists() else []

    def close(self) -> None:
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setattr(clipboard, "TIME_LIMIT", DEADLINE)
    machine = Machine(tmp_path)
    yield machine
    machine.close()


# OSC 52


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"SSH_TTY": "/dev/pts/1", "DISPLAY": ":0"},
        {"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22", "WAYLAND_DISPLAY": "wayland-0"},
        {"SSH_CLIENT": "1.2.3.4 5 22", "DISPLAY": "localhost:10.0"},
    ],
    ids=["no display", "ssh tty", "ssh connection", "ssh client"],
)
def test_over_ssh_or_without_a_display_the_terminal_gets_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("xclip", "wl-copy", "wl-paste"):
        machine.install(name, "touch {home}/called")
    assert machine.copy("file-abc", **environ) == Copied(OSC52)
    assert machine.terminal == [osc52("file-abc")]
    assert not (machine.home / "called").exists()


@pytest.mark.parametrize(
    ("text", "arrives"),
    [
        ("été 🗂\n\x1b[31m\x00", "été 🗂\n\x1b[31m\x00"),
        ("a\ud83dz", "a\ufffdz"),
        ("end\udcff", "end\ufffd"),
        ("\ud83d\uddc2", "🗂"),
    ],
    ids=["true text", "lone high", "lone low", "pair"],
)
def test_text_arrives_as_it_is_and_lone_surrogates_as_replacement(machine: Machine, text: str, arrives: str) -> None:
    assert machine.copy(text, SSH_TTY="tty").words == "sent to terminal (OSC 52)"
    assert machine.terminal == [osc52(arrives)]


def test_screen_gets_it_in_short_dcs_pieces(machine: Machine) -> None:
    machine.install("xclip", XCLIP)
    text = "file-" * 400
    assert machine.copy(text, STY="1.pts-0.host", DISPLAY=":0") == Copied(OSC52)
    (sequence,) = machine.terminal
    pieces: list[str] = re.findall(r"\x1bP.*?\x1b\\", sequence, re.DOTALL)
    assert "".join(pieces) == sequence
    assert max(map(len, pieces)) <= 240
    assert "".join(piece[2:-2] for piece in pieces) == osc52(text)


@pytest.mark.parametrize(
    ("environ", "most", "taker"),
    [({"SSH_TTY": "tty"}, 75_000, "a terminal"), ({"STY": "1.host"}, 6_000, "GNU screen")],
    ids=["terminal", "screen"],
)
def test_what_would_be_cut_is_not_sent(machine: Machine, environ: dict[str, str], most: int, taker: str) -> None:
    assert machine.copy("x" * most, **environ) == Copied(OSC52)
    machine.terminal.clear()
    result = machine.copy("x" * (most + 1), **environ)
    assert (result.failed, result.words) == (True, "not copied")
    assert result.note == f"{most + 1:,} characters are more than {taker} takes"
    assert machine.terminal == []


@pytest.mark.parametrize("terminal", ["linux", "dumb"])
def test_a_console_without_a_clipboard_is_a_failure(machine: Machine, terminal: str) -> None:
    result = machine.copy("file-abc", SSH_TTY="tty", TERM=terminal)
    assert result.failed
    assert result.note == f"a terminal with TERM={terminal} has no clipboard"
    assert machine.terminal == []


def test_no_text_leaves_the_clipboard_alone(machine: Machine) -> None:
    assert machine.copy("", SSH_TTY="tty").failed
    assert machine.terminal == []


def test_a_terminal_that_is_gone_is_a_failure(machine: Machine) -> None:
    def gone(sequence: str) -> None:
        raise OSError(5, "Input/output error")

    result = copy("file-abc", write=gone, environ=machine.environ | {"SSH_TTY": "tty"})
    assert result == Copied(note="the terminal cannot be written to: Input/output error")


def test_the_environment_is_that_of_the_process_by_default(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSH_TTY", "tty")
    monkeypatch.setenv("TERM", "dumb")
    assert copy("file-abc", write=machine.terminal.append).note == "a terminal with TERM=dumb has no clipboard"


# A local display

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="pyperclip looks for xclip on Linux alone")


@LINUX
def test_a_display_that_pastes_it_back_confirms(machine: Machine) -> None:
    machine.install("xclip", XCLIP)
    text = "été\n file-abc\r\n"
    assert machine.copy(text, DISPLAY=":0") == Copied("xclip", confirmed=True)
    assert machine.terminal == [osc52(text)]
    assert (machine.home / "copied").read_bytes() == text.encode()
    (left_behind,) = machine.pids()
    assert runs(left_behind)


@LINUX
def test_wayland_is_named_by_its_program(machine: Machine) -> None:
    machine.install("wl-copy", "cat >{home}/copied")
    machine.install("wl-paste", "cat {home}/copied")
    assert machine.copy("file-abc", WAYLAND_DISPLAY="wayland-0") == Copied("wl-copy", confirmed=True)


@LINUX
def test_a_display_too_takes_what_is_too_long_for_a_terminal(machine: Machine) -> None:
    machine.install("xclip", XCLIP)
    assert machine.copy("x" * 300_000, DISPLAY=":0") == Copied("xclip", confirmed=True)
    assert machine.terminal == []


@pytest.mark.parametrize(
    "script",
    [
        'echo noise; echo "Error: Can\'t open display" >&2; exit 1',
        'case "$*" in *-o*) echo older ;; *) cat >/dev/null ;; esac',
    ],
    ids=["refused", "pastes another text"],
)
def test_a_dead_display_leaves_the_terminal_route_and_no_noise(
    machine: Machine, capfd: pytest.CaptureFixture[str], script: str
) -> None:
    machine.install("xclip", script)
    assert machine.copy("file-abc", DISPLAY=":0") == Copied(OSC52)
    assert machine.copy("file-abc", DISPLAY=":0", TERM="linux") == Copied(
        note="a terminal with TERM=linux has no clipboard, and no clipboard program took it"
    )
    assert capfd.readouterr() == ("", "")


@LINUX
def test_a_display_that_does_not_answer_is_left_with_nothing_running(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "TIME_LIMIT", 1.0)
    machine.install("xclip", HANG)
    assert machine.copy("x" * 70_000, DISPLAY=":0") == Copied(OSC52)
    until(lambda: not any(map(runs, machine.pids())))


def test_a_display_without_a_program_leaves_the_terminal_route(machine: Machine) -> None:
    assert machine.copy("file-abc", DISPLAY=":0") == Copied(OSC52)


@pytest.mark.parametrize("name", ["darwin", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"])
def test_where_a_desktop_is_looked_for(machine: Machine, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(clipboard, "_DESKTOP_PROGRAM", "print('asked')")
    monkeypatch.setattr(sys, "platform", name if name == "darwin" else "linux")
    assert machine.copy("file-abc", **{name: "1"}) == Copied("asked", confirmed=True)


def test_a_module_in_the_working_folder_is_not_run(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine.home / "pyperclip.py").write_text("open('called', 'w').close()")
    monkeypatch.chdir(machine.home)
    machine.copy("file-abc", DISPLAY=":0")
    assert not (machine.home / "called").exists()


# tmux, played

TMUX = "/tmp/tmux-0/default,1,0"


def fake_tmux(features: str, *, old: bool = False) -> str:
    refuse = 'case "$*" in *-w*) exit 1 ;; esac' if old else ""
    return f"""{refuse}
case "$1" in
load-buffer) echo "$@" >{{home}}/arguments; cat >{{home}}/copied ;;
display-message) echo "{features}" ;;
esac
"""


def test_tmux_takes_the_text_itself_on_its_input(machine: Machine) -> None:
    machine.install("tmux", fake_tmux("xterm-256color,256,clipboard,title"))
    machine.install("xclip", "touch {home}/called")
    text = "-été\n" + "x" * 200_000
    result = machine.copy(text, TMUX=TMUX, SSH_TTY="tty", STY="1.host", DISPLAY=":0")
    assert result == Copied(TMUX_AND_TERMINAL, confirmed=True)
    assert (machine.home / "copied").read_bytes() == text.encode()
    assert (machine.home / "arguments").read_text() == "load-buffer -w -\n"
    assert machine.terminal == []
    assert not (machine.home / "called").exists()


@pytest.mark.parametrize(
    ("answer", "route", "note"),
    [
        ("rxvt,256,title", TMUX_ONLY, "set -as terminal-features ',rxvt:clipboard'"),
        (",", TMUX_ONLY, None),
        ("", TMUX_ONLY, None),
        ("screen,256,title", TMUX_ONLY, None),
        (
            "tmux-256color,256,clipboard",
            TMUX_AND_OUTER,
            "the outer tmux passes it on after: set -s set-clipboard on",
        ),
    ],
    ids=["no OSC 52", "no client", "no answer", "GNU screen outside", "tmux outside"],
)
def test_the_buffer_alone_is_not_called_the_clipboard(
    machine: Machine, answer: str, route: str, note: str | None
) -> None:
    machine.install("tmux", fake_tmux(answer))
    result = machine.copy("file-abc", TMUX=TMUX)
    assert (result.route, result.confirmed, result.failed) == (route, False, False)
    assert result.note.endswith(note) if note else not result.note


def test_an_old_tmux_takes_it_without_the_flag(machine: Machine) -> None:
    machine.install("tmux", fake_tmux("", old=True))
    result = machine.copy("file-abc", TMUX=TMUX, STY="1.host")
    assert result == Copied(TMUX_AND_OSC52, note="tmux passes it to the terminal after: set -s set-clipboard on")
    assert (machine.home / "copied").read_text() == "file-abc"
    assert machine.terminal == [osc52("file-abc")]
    assert machine.copy("x" * 75_001, TMUX=TMUX).route == TMUX_ONLY


@pytest.mark.parametrize("script", [None, "echo no server running >&2; exit 1"], ids=["missing", "no server"])
def test_without_tmux_the_terminal_gets_it(
    machine: Machine, capfd: pytest.CaptureFixture[str], script: str | None
) -> None:
    if script:
        machine.install("tmux", script)
    result = machine.copy("file-abc", TMUX=TMUX)
    assert (result.route, result.confirmed) == (OSC52, False)
    assert result.note.endswith("set -s set-clipboard on")
    assert machine.terminal == [osc52("file-abc")]
    assert capfd.readouterr() == ("", "")
    assert machine.copy("file-abc", TMUX=TMUX, TERM="dumb").failed


def test_a_tmux_that_hangs_is_ended_with_its_children_and_not_asked_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "TIME_LIMIT", 0.5)
    machine.install("tmux", HANG)
    assert machine.copy("x" * 70_000, TMUX=TMUX).route == OSC52
    until(lambda: not any(map(runs, machine.pids())))
    assert len(machine.pids()) <= 2
