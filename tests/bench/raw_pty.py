"""A program in a pty, read as bytes and never drawn: what a slow line would carry, and when."""

from __future__ import annotations

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
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

PROGRAM = str(Path(sys.executable).with_name("files-tui"))
COLUMNS, ROWS = 120, 40
LIMIT = 30.0
QUIET = 0.4
"""Seconds without a byte after which an answer is taken as whole; the detail pane follows the cursor after 0.1 s."""

_ASKS_FOR_FRAMES, _HAS_FRAMES = b"\x1b[?2026$p", b"\x1b[?2026;2$y"


def environment(folder: Path, base_url: str, **more: str) -> dict[str, str]:
    """What a program needs to run, with everything that it keeps inside `folder`."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "OPENAI_API_KEY": "sk-bench",
        "OPENAI_BASE_URL": base_url,
        "ESCDELAY": "25",
        **more,
    }


class Answer(NamedTuple):
    """What came back: the bytes, and the milliseconds until the first and the last of them."""

    data: bytes
    first: float
    last: float


class RawPty:
    """A command in a pty of 120×40 cells that knows synchronised output; leaving the context kills it."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._command = command
        self._environ = environ
        self.seen = b""

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            self._command, stdin=slave, stdout=slave, stderr=slave, env=dict(self._environ), start_new_session=True
        )
        os.close(slave)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._master)

    def _read(self, patience: float) -> bytes:
        """What has come, nothing where that takes longer than `patience` seconds."""
        if not select.select([self._master], [], [], patience)[0]:
            return b""
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the program has ended
            return b""
        if _ASKS_FOR_FRAMES in data:
            os.write(self._master, _HAS_FRAMES)
        self.seen += data
        return data

    def wait_for(self, marker: bytes) -> float:
        """Wait until these bytes have come; gives the milliseconds since the start."""
        while marker not in self.seen:
            if time.perf_counter() - self.began > LIMIT or not self._read(LIMIT):
                raise SystemExit(f"{marker!r} did not come within {LIMIT:.0f} s but: {self.seen[-400:]!r}")
        return (time.perf_counter() - self.began) * 1000

    def send(self, keys: str, quiet: float = QUIET) -> Answer:
        """Type, and read until nothing has come for `quiet` seconds."""
        data, first, last = b"", 0.0, 0.0
        began = time.perf_counter()
        os.write(self._master, keys.encode())
        while came := self._read(quiet):
            last = (time.perf_counter() - began) * 1000
            first = first or last
            data += came
        return Answer(data, first, last)

    def idle(self, seconds: float) -> int:
        """How many bytes come within so many seconds."""
        until, before = time.perf_counter() + seconds, len(self.seen)
        while (left := until - time.perf_counter()) > 0:
            self._read(left)
        return len(self.seen) - before

    @property
    def peak(self) -> float:
        """The process's peak memory so far, in MiB."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self._process.pid}/status").read_text())
        assert found
        return int(found[1]) / 1024
