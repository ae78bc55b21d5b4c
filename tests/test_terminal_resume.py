"""A program that ends in the middle, however it does, and the next one that goes on where it was."""

import contextlib
import signal
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.store_server import Store, route
from tests.terminal import Terminal, assert_left_usable, browsing
from tests.waiting import until
from tests.wire import RESET, Received, Reply, Step, serving

CONTENT = bytes(range(256)) * 1000
HALF = len(CONTENT) // 2
SENT = b"sent but not answered\n" * 100


class Broken:
    """Gives half of a content and takes an upload without an answer, until `mended` is set."""

    def __init__(self) -> None:
        self.mended = threading.Event()

    def __call__(self, request: Received, reply: bytes) -> Reply:
        if self.mended.is_set() or route(request) not in ("GET /files/content", "POST /files"):
            return reply
        return self._break(request, reply)

    def _break(self, request: Received, reply: bytes) -> Iterator[Step]:
        if request.method == "GET":
            yield reply[: len(reply) - len(CONTENT) + HALF]
        yield self.mended
        yield RESET


def begin(terminal: Terminal, source: Path, store: Store) -> None:
    """Start a download and an upload, and wait until both are in the middle."""
    terminal.wait_for("1 file ·", "synced")
    terminal.keys("d")
    terminal.wait_for("Download big.bin")
    terminal.keys("enter")
    terminal.wait_for("↓ big.bin · 50 %")
    choose(terminal, source)
    terminal.keys("enter")
    terminal.wait_for("↑ 1 ↓ 1 · ")
    until(lambda: store.named(source.name))


def choose(terminal: Terminal, source: Path) -> None:
    """Open the upload dialog for a file."""
    terminal.keys("u")
    terminal.wait_for("Upload: choose files")
    terminal.send(f"{source}\r")
    terminal.wait_for("Upload 1 file, 2.2 kB")


def journaled(folder: Path) -> int:
    """How many jobs are kept for the next start."""
    (path,) = (folder / "home").rglob("*.journal")
    with contextlib.closing(sqlite3.connect(path)) as base:
        return int(base.execute("select count(*) from jobs").fetchone()[0])


def test_what_one_signal_after_another_cuts_off_is_gone_on_with(tmp_path: Path) -> None:
    source, work = tmp_path / "sent.txt", tmp_path / "work"
    source.write_bytes(SENT)
    store, broken = Store(), Broken()
    store.add("big.bin", CONTENT)
    store.after = broken
    with serving(store) as server:
        for number, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGHUP, 129), (signal.SIGTERM, 143)):
            with browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
                if number == signal.SIGKILL:
                    begin(terminal, source, store)
                    with browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as other:
                        other.wait_for("synced")
                        choose(other, source)
                        other.wait_for("⚠ is being uploaded by another files-tui")
                else:
                    terminal.wait_for("Interrupted transfers", "↓ 1 download", "big.bin", "Go on ⏎")
                    assert ("↑ 1 upload" in terminal.text) == (number == signal.SIGHUP)
                    terminal.keys("enter")
                    terminal.wait_for("↓ big.bin · 50 %", "2 files ·")
                terminal.signal(number)
                assert terminal.wait_exit() == code
                if number != signal.SIGKILL:
                    assert_left_usable(terminal)
            left = list(work.iterdir())
            assert [(path.suffix, path.stat().st_size) for path in left] == [(".part", HALF)]
        broken.mended.set()

        with browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
            terminal.wait_for("Interrupted transfers", "↓ 1 download", "big.bin", "Go on ⏎")
            terminal.keys("enter")
            terminal.wait_for("Saved")
            terminal.keys("q")
            assert terminal.wait_exit() == 0
        assert sum(request.method == "POST" for request in server.requests) == 1
        contents = [request for request in server.requests if request.target.endswith("/content")]
        assert [request.headers.get("range") for request in contents] == [None, *[f"bytes={HALF - 4096}-"] * 3]
    assert [path.name for path in work.iterdir()] == ["big.bin"]
    assert (work / "big.bin").read_bytes() == CONTENT
    assert store.named("sent.txt") == [SENT]
    assert list((tmp_path / "home").rglob("*.lock")) == []


def test_remembered_on_quitting_and_forgotten_later(tmp_path: Path) -> None:
    store, broken = Store(), Broken()
    store.add("big.bin", CONTENT)
    store.after = broken
    with serving(store) as server:
        with browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
            terminal.wait_for("1 file ·", "synced")
            terminal.keys("d")
            terminal.wait_for("Download big.bin")
            terminal.keys("enter")
            terminal.wait_for("↓ big.bin · 50 %")
            terminal.keys("q")
            terminal.wait_for("Quit? 1 transfer has not ended", "at the next start", "esc stays")
            terminal.keys("r")
            assert terminal.wait_exit() == 0
            assert_left_usable(terminal)
        assert [path.suffix for path in (tmp_path / "work").iterdir()] == [".part"]
        with browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
            terminal.wait_for("Interrupted transfers", "big.bin", "Forget F")
            terminal.keys("F")
            terminal.wait_for("F once more")
            terminal.keys("F")
            terminal.wait_for("1 file ·")
            until(lambda: not journaled(tmp_path))
            terminal.keys("q")
            assert terminal.wait_exit() == 0
    assert list((tmp_path / "work").iterdir()) == []
    assert list((tmp_path / "home").rglob("*.lock")) == []
