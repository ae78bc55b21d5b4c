"""A real terminal for tests: a program in a pty, a screen that shows what a person would see, and every raw byte.

It takes whole frames (mode 2026), so that no test sees half a picture. Nothing here sleeps: `wait_for` ends as soon
as the screen shows what is expected, and fails with a picture of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.picture import Picture

KEY = "sk-test-MARK-4f1c9e77"
PROGRAM = [sys.executable, "-m", "files_tui"]
TIMEOUT = 60.0

_NAMED = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "delete": "\x1b[3~",
    "ctrl+z": "\x1a",
    "ctrl+c": "\x03",
    "ctrl+l": "\x0c",
    "ctrl+p": "\x10",
}

_ASKS_FOR_FRAMES, _HAS_FRAMES = b"\x1b[?2026$p", "\x1b[?2026;2$y"
_LAST = b"\x1b[0m\x1b]2;nothing comes behind this\x07"

# The program runs in a process group of its own, as under a shell. Its parent holds the terminal: the kernel resets
# the settings of a pty whose first process ends, and no test could see then how the program left them.
_HOLDER = """
import os, signal, sys
told, command = int(sys.argv[1]), sys.argv[2:]
terminal = os.open("/dev/tty", os.O_RDWR)
begin, go = os.pipe()
program = os.fork()
if not program:
    os.close(go)
    os.read(begin, 1)
    os.close(begin)
    os.close(terminal)
    os.close(told)
    os.execvp(command[0], command)
os.close(begin)
os.setpgid(program, program)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGHUP, lambda *_: os.killpg(program, signal.SIGHUP))  # only this first process hears of it
os.tcsetpgrp(terminal, program)
os.close(go)
os.write(told, b"%d\\n" % program)
_, how = os.waitpid(program, 0)
os.write(told, b"%d\\n" % os.waitstatus_to_exitcode(how))
while True:
    signal.pause()
"""


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Only what a program needs to run, with every place to keep things inside `folder`, and a key."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    environ = {name: os.environ[name] for name in ("PATH", "VIRTUAL_ENV", "PYTHONPATH") if name in os.environ}
    environ |= {"HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8", "OPENAI_API_KEY": KEY}
    environ["ESCDELAY"] = "25"  # Textual waits so many ms behind an ESC, and what is typed here comes in one piece
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        environ[name] = str(home / name.lower())
    # A person who has been here before.
    state = home / "xdg_state_home" / "files-tui"
    if not state.exists():
        state.mkdir(mode=0o700, parents=True)
        (state / "greeted").touch(0o600)
    return environ | more


@dataclass
class Terminal:
    """A command in a pty of its own session, with the screen it draws on.

    `stdin` and `stderr` replace the terminal where a test wants that. Leaving the context kills what still runs.
    """

    command: Sequence[str]
    environ: Mapping[str, str]
    columns: int = 80
    rows: int = 24
    cwd: Path | None = None
    stdin: int | IO[bytes] | None = None
    stderr: int | IO[bytes] | None = None
    raw: bytes = field(default=b"", init=False)
    pid: int = field(default=0, init=False)

    def __enter__(self) -> Self:
        self._picture = Picture(self.columns, self.rows)
        self._changed = threading.Condition()
        self._code: int | None = None
        self._asked = 0
        self._ends, self._end = os.pipe()
        self._master, self._slave = pty.openpty()
        self._set_size()
        hears, told = os.pipe()
        slave = self._slave
        self._holder = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _HOLDER, str(told), *self.command],
            stdin=slave if self.stdin is None else self.stdin,
            stdout=slave,
            stderr=slave if self.stderr is None else self.stderr,
            env=dict(self.environ),
            cwd=self.cwd,
            pass_fds=[told],
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0),
        )
        os.close(told)
        self._told = os.fdopen(hears)
        self.pid = int(self._told.readline())
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._reader.start()
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._holder.kill()
        self._holder.wait()
        self._watcher.join(TIMEOUT)
        self._told.close()
        if self._reader.is_alive():
            self.hang_up()
        os.close(self._ends)

    def hang_up(self) -> None:
        """Take the terminal away, as when the connection to a remote machine breaks."""
        os.close(self._end)
        self._reader.join(TIMEOUT)
        os.close(self._master)
        os.close(self._slave)

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._ends], [], [])
            data = b""
            if self._ends not in ready:
                with contextlib.suppress(OSError):
                    data = os.read(self._master, 65536)
            with self._changed:
                self.raw += data
                self._picture.feed(data)
                asked, self._asked = self._asked, self.raw.count(_ASKS_FOR_FRAMES)
                self._changed.notify_all()
            for _ in range(self._asked - asked):
                self.send(_HAS_FRAMES)
            if not data:
                return

    def _watch(self) -> None:
        code = self._told.readline()
        with self._changed:
            self._code = int(code) if code else -signal.SIGKILL
            self._changed.notify_all()

    def _set_size(self) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    # What a person does

    def send(self, text: str) -> None:
        """Type a text."""
        data = text.encode("utf-8", "surrogateescape")
        while data:
            data = data[os.write(self._master, data) :]

    def keys(self, *names: str) -> None:
        """Press keys: single characters are themselves, others have a name."""
        self.send("".join(name if len(name) == 1 else _NAMED[name] for name in names))

    def paste(self, text: str) -> None:
        """Paste a text, bracketed, as terminals do when the program asked for that."""
        assert b"\x1b[?2004h" in self.raw, "the program did not ask for bracketed pastes"
        self.send(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the kernel tells the program."""
        with self._changed:
            self.columns, self.rows = columns, rows
            self._picture.screen.resize(rows, columns)
            self._set_size()

    def signal(self, number: int) -> None:
        """Send a signal to the program alone."""
        os.kill(self.pid, number)

    # What a person sees

    @property
    def lines(self) -> list[str]:
        """The screen's lines."""
        with self._changed:
            return self._picture.lines

    @property
    def text(self) -> str:
        """All lines of the screen."""
        return "\n".join(self.lines)

    @property
    def mark(self) -> int:
        """How many bytes have come, to look at later ones only."""
        with self._changed:
            return len(self.raw)

    def wait_for(self, *wanted: str | Callable[[str], object], timeout: float = TIMEOUT) -> str:
        """Wait until the screen holds all these texts, and all these functions of its text are true; gives its text."""

        def shows(screen: str) -> bool:
            return all(each in screen if isinstance(each, str) else each(screen) for each in wanted)

        return self._wait(lambda: shows(self._picture.text), timeout, wanted)

    def wait_gone(self, text: str, timeout: float = TIMEOUT) -> str:
        """Wait until the screen holds a text no longer."""
        return self.wait_for(lambda screen: text not in screen, timeout=timeout)

    def wait_raw(self, wanted: bytes, start: int = 0, timeout: float = TIMEOUT) -> None:
        """Wait until these bytes have come, behind the first `start` ones."""
        self._wait(lambda: wanted in self.raw[start:], timeout, wanted)

    def wait_fresh(self, wanted: str, start: int, timeout: float = TIMEOUT) -> None:
        """Wait until a new screen, fed with the bytes behind the first `start` ones alone, holds a text."""

        def shows() -> bool:
            picture = Picture(self.columns, self.rows)
            picture.feed(self.raw[start:])
            return wanted in picture.text

        self._wait(shows, timeout, wanted)

    def _wait(self, done: Callable[[], object], timeout: float, wanted: object) -> str:
        deadline = time.monotonic() + timeout
        with self._changed:
            while not done():
                left = deadline - time.monotonic()
                if left <= 0 or self._code is not None:
                    break
                self._changed.wait(left)
            else:
                return self._picture.text
        if self._code is not None:
            self._drain()
        with self._changed:
            if not done():
                raise AssertionError(f"{wanted!r} never came:\n{self._framed()}\n{self.raw[-300:]!r}")
            return self._picture.text

    def _framed(self) -> str:
        edge = "+" + "-" * self.columns + "+"
        return "\n".join([edge, *(f"|{line:<{self.columns}}|" for line in self._picture.lines), edge])

    # How it ends

    def wait_exit(self) -> int:
        """Wait until the program has ended and all it wrote is here; gives its exit code, negative for a signal."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._code is not None, TIMEOUT):
                raise AssertionError(f"it did not end:\n{self._framed()}")
        self._drain()
        assert self._code is not None
        return self._code

    def _drain(self) -> None:
        """Wait for bytes that are still on their way: what is written to the terminal now comes behind them."""
        if not self._reader.is_alive():
            return
        os.write(self._slave, _LAST)
        with self._changed:
            assert self._changed.wait_for(lambda: _LAST in self.raw, TIMEOUT), "the end never came"
            self.raw = self.raw.replace(_LAST, b"")

    @property
    def foreground(self) -> int:
        """The process group that the terminal belongs to now."""
        return os.tcgetpgrp(self._master)

    @property
    def modes(self) -> list[int]:
        """The terminal's local modes that are set, of canonical input, echo and signals."""
        flags = termios.tcgetattr(self._slave)[3]
        return [flag for flag in (termios.ICANON, termios.ECHO, termios.ISIG) if flags & flag]


COOKED = [termios.ICANON, termios.ECHO, termios.ISIG]


def assert_left_usable(terminal: Terminal) -> None:
    """Whatever the program switched on in the terminal is off again."""
    for on in re.findall(rb"\x1b\[\?([0-9]+)h", terminal.raw):
        last = re.findall(rb"\x1b\[\?" + on + rb"([hl])", terminal.raw)[-1]
        expected = b"h" if on in (b"25", b"7") else b"l"
        assert last == expected, f"mode {on.decode()} was left {'on' if last == b'h' else 'off'}"
    for mode in (b"1049", b"1000", b"25"):
        assert b"\x1b[?" + mode in terminal.raw, "it never used the whole screen"
    assert terminal.raw.rindex(b"\x1b[?25h") > terminal.raw.rindex(b"\x1b[?25l"), "the cursor was left hidden"
    assert terminal.raw.count(b"\x1b[<u") >= len(re.findall(rb"\x1b\[>[0-9]+u", terminal.raw)), "kitty keys left on"
    assert terminal.modes == COOKED


def assert_no_secret(terminal: Terminal) -> None:
    """Neither the key nor its header was ever written to the terminal."""
    assert KEY.encode() not in terminal.raw
    assert b"Bearer " not in terminal.raw


@contextlib.contextmanager
def browsing(folder: Path, *arguments: str, columns: int = 80, rows: int = 24, **variables: str) -> Iterator[Terminal]:
    """The program in a terminal; variables are added to its environment."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    with Terminal([*PROGRAM, *arguments], environment(folder, **variables), columns, rows, work) as terminal:
        yield terminal
