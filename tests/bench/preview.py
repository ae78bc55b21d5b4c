"""What a look into a large file costs: bytes on the line, memory, and time.

    python -m tests.bench.preview [NAME ...]

The program runs in a process of its own, without a terminal, against a raw socket that sends 500 MB of one content. A
first screen is looked at, then as much as is kept of a file, its end and each other view of it. `sent` is what the
server could hand to its socket, whose buffer is small, until the first screen stood there, `came` what the program has
read of that, `ms` how long it took; `MiB` is by how much the process grew until the end of it all, over what it held
with the listing on its screen, and `keys` the longest time (ms) until what a key asks
for stood there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LENGTH = 500_000_000
FIRST_BAR = 512_000
"""Bytes that may have been sent when the first screen stands there."""

MEMORY_BAR = 64.0
"""MiB: sixteen of a file, a copy of them in the widest characters that are in sight, and what draws them."""

AT_ONCE = 1 << 20
LOOK = 60.0
_RANGE = re.compile(r"range: bytes=(\d+)-(\d*)\r\n", re.IGNORECASE)


class Case(NamedTuple):
    """A content that repeats a piece behind its start, and how it is sent."""

    name: str
    file: str
    piece: bytes
    start: bytes = b""
    ranges: bool = True

    def part(self, at: int, count: int) -> bytes:
        """So many bytes of it."""
        head = self.start[at : at + count]
        at = max(0, at - len(self.start)) % len(self.piece)
        return head + (self.piece * (count // len(self.piece) + 2))[at : at + count - len(head)]


CHAT = b'{"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "good day"}]}\n'
OUTPUT = (
    b'{"custom_id": "r", "response": {"status_code": 429, "body": {"error": {"message": "slow"}}}, "error": null}\n'
)
CASES = (
    Case("chats", "chats.jsonl", CHAT),
    Case("chats, no ranges", "chats.jsonl", CHAT, ranges=False),
    Case("one line", "line.jsonl", b"a", b'{"a": "'),
    Case("one line, no ranges", "line.txt", b"a", ranges=False),
    Case("levels of nesting", "deep.json", b"["),
    Case("levels in each record", "deep.jsonl", b"[" * 10_000 + b"\n"),
    Case("objects of JSON", "wide.json", b'{"a": [1, 2, {"b": null}]},', b"["),
    Case("line ends", "ends.txt", b"\n"),
    Case("broken UTF-8", "broken.txt", b"a \xff\xe4\xb8 b\n" * 9 + b"the rest of it is all in order\n" * 9),
    Case("wide characters", "wide.txt", "訓練データ🔥".encode() * 40 + b"\n"),
    Case("marks without end", "marks.txt", "e\u0301\u0302\u0303".encode()),
    Case("escape sequences", "escapes.txt", b"\x1b[2J\x1b]52;c;aGk=\x07 and words that go on\n"),
    Case("zeros", "zeros.bin", b"\0"),
    Case("a batch's output", "output.jsonl", OUTPUT),
    Case("a table", "orders.csv", b"7,2026-11-28,DE,seven of them\n", b"id,day,country,note\n"),
    Case("results", "step_metrics.csv", b"7,0.5,0.25,,\n", b"step,train_loss,train_accuracy,valid_loss,x\n"),
    Case("Markdown", "a.md", b"## Head\n\n- one **two**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"),
    Case("source", "a.py", b"def f(x: int) -> str:\n    return 'a' * x  # so\n"),
    Case("a picture", "a.png", b"\x89PNG\r\n\x1a\n"),
)


class Server:
    """Lists the file of a case and sends its content; `sent` counts what of that its socket took."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.sent = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(LOOK)  # so that each send gives what was taken at once, and not when all of it was
        with contextlib.suppress(OSError), connection:
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    if not (data := connection.recv(65536)):
                        return
                    head += data
                self._answer(connection, head.decode("latin-1"))

    def _answer(self, connection: socket.socket, head: str) -> None:
        if "/content" not in head.split(" ")[1]:
            file = {"id": "file-1", "object": "file", "bytes": LENGTH, "filename": self.case.file, "purpose": "batch"}
            body = json.dumps({"object": "list", "data": [file], "has_more": False}).encode()
            connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
            return
        found = _RANGE.search(head) if self.case.ranges else None
        start = int(found[1]) if found else 0
        end = min(LENGTH, int(found[2]) + 1) if found and found[2] else LENGTH
        about = f"206 Partial Content\r\ncontent-range: bytes {start}-{end - 1}/{LENGTH}" if found else "200 OK"
        connection.sendall(f"HTTP/1.1 {about}\r\ncontent-length: {end - start}\r\n\r\n".encode())
        for at in range(start, end, AT_ONCE):
            part = memoryview(self.case.part(at, min(AT_ONCE, end - at)))
            while part:
                taken = connection.send(part)
                self.sent += taken
                part = part[taken:]


async def _look(base_url: str) -> None:
    """Look at the file, and print what that took; a line on standard input comes when the first screen was counted."""
    from files_tui.settings import Account, Secret, Settings
    from files_tui.ui.app import FilesApp
    from files_tui.ui.browse import screen as browse
    from files_tui.ui.preview.screen import PreviewScreen

    vars(browse)["REST"] = LOOK
    account = Account(base_url=base_url, key=Secret("x"))
    app = FilesApp(Settings(account=account, cache=False), lambda: account)
    async with app.run_test(size=(120, 40)) as pilot:
        while app.browse.current is None:
            await pilot.pause(0.01)
        await pilot.pause(0.3)
        held, began = _status("VmRSS"), time.perf_counter()
        await pilot.press("o")
        while not isinstance(app.screen, PreviewScreen) or app.screen.document is None:
            await pilot.pause(0)
        first = (time.perf_counter() - began) * 1000
        preview = app.screen
        assert preview.excerpt is not None
        print(preview.excerpt.received, first, flush=True)
        sys.stdin.readline()
        longest = 0.0
        while preview.excerpt.can_grow:
            before = len(preview.excerpt.data)
            await pilot.press("m")
            while len(preview.excerpt.data) == before or preview.is_fetching:
                began = time.perf_counter()
                await asyncio.sleep(0.001)
                longest = max(longest, time.perf_counter() - began)
        for key in ("G", "k", "pageup", "space", "j", "h", "G", "k", "w", "right", "h", "G", "k", "h"):
            began = time.perf_counter()
            await pilot.press(key)
            await pilot.pause(0)
            longest = max(longest, time.perf_counter() - began)
        print(_status("VmHWM") - held, longest * 1000, len(preview.excerpt.data), flush=True)


def _status(name: str) -> float:
    """A line of this process's memory in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


class Figures(NamedTuple):
    """What a case took; see the module."""

    sent: int
    came: int
    first: float
    grown: float
    longest: float


def measured(case: Case) -> Figures:
    """Look into the content of a case."""
    server = Server(case)
    arguments = [sys.executable, "-m", "tests.bench.preview", "--look", server.base_url]
    with _running(arguments) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if not (line := process.stdout.readline().split()):
            raise SystemExit(f"{case.name}: there was no first screen")
        sent = server.sent
        process.stdin.write("\n")
        process.stdin.flush()
        rest = process.stdout.readline().split()
        if not rest:
            raise SystemExit(f"{case.name}: it ended after the first screen")
    return Figures(sent, int(line[0]), float(line[1]), float(rest[0]), float(rest[1]))


@contextlib.contextmanager
def _running(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--look", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.look:
        asyncio.run(_look(options.look))
        return
    print(f"{'content':24}{'sent':>9}{'came':>9}{'ms':>7}{'MiB':>7}{'keys':>7}")
    for case in CASES:
        if not options.names or any(name in case.name for name in options.names):
            each = measured(case)
            verdict = "  ✗" if each.sent > FIRST_BAR or each.grown > MEMORY_BAR else ""
            numbers = f"{each.sent:9,}{each.came:9,}{each.first:7.0f}{each.grown:7.0f}{each.longest:7.0f}"
            print(f"{case.name:24}{numbers}{verdict}", flush=True)


if __name__ == "__main__":
    main()
