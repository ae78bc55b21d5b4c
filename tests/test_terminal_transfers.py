"""Large transfers through the screen: keys answer meanwhile, and what is cancelled leaves nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path

from tests.terminal import Terminal, browsing
from tests.wire import Received, Reply, Server, Step, Take, answer, json_answer, page_answer, serving

MIB = 1 << 20
SIZE = 64 * MIB
BLOCK = bytes(range(256)) * (MIB // 256)
FILES = [
    {"id": f"file-{number}", "filename": f"big-{number}.bin", "bytes": SIZE, "created_at": 9 - number}
    for number in range(5)
]


class Throttled:
    """A server that takes or gives half of a file, then waits for `release`."""

    def __init__(self) -> None:
        self.release = threading.Event()

    def __call__(self, request: Received) -> Reply:
        if request.method == "POST":
            return self.take()
        if request.target.endswith("/content"):
            return self.give()
        return page_answer(*FILES)

    def give(self) -> Iterator[Step]:
        """Half a body, and the rest when told."""
        yield answer(200, headers={"content-length": str(SIZE)})
        for number in range(SIZE // MIB):
            if number == SIZE // MIB // 2:
                yield self.release
            yield BLOCK

    def take(self) -> Iterator[Step]:
        """The same for a body that comes."""
        yield Take(SIZE // 2)
        yield self.release
        yield Take()
        yield json_answer({"id": "file-new", "filename": "new.bin", "bytes": SIZE, "created_at": 99})


def cursor_moves(terminal: Terminal) -> None:
    """Keys are answered: the cursor goes to another file and back, marks come and go."""
    terminal.keys("G", "space")
    terminal.wait_for("1 marked")
    terminal.keys("g")
    for name in ("big-1.bin", "big-2.bin"):
        terminal.keys("j", "enter")
        terminal.wait_for(name, "c copies the id")
        terminal.keys("q")
        terminal.wait_for("1 marked")
    terminal.keys("esc")
    terminal.wait_gone("1 marked")
    terminal.keys("g")


def start_download(terminal: Terminal) -> None:
    """Begin to download the first file, and wait until its half is here."""
    terminal.wait_for("5 files ·")
    terminal.keys("d")
    terminal.wait_for("Download big-0.bin")
    terminal.keys("enter")
    terminal.wait_for("↓ big-0.bin · 50 %")


def start_upload(terminal: Terminal, server: Server, source: Path) -> Received:
    """Begin to upload a file, and wait until the server has a part of it and takes no more; gives the request."""
    terminal.keys("u")
    terminal.wait_for("Upload: choose files")
    terminal.send(str(source))
    terminal.wait_for(source.name)
    terminal.keys("enter")
    terminal.wait_for("Upload 1 file, 67.1 MB")
    terminal.keys("enter")
    terminal.wait_for(f"↑ {source.name}")
    upload = server.arrived(3)
    assert upload.method == "POST"
    server.wait_for(lambda: upload.body_length >= SIZE // 2)
    return upload


def test_keys_answer_while_files_move(tmp_path: Path) -> None:
    source = tmp_path / "new.bin"
    source.write_bytes(BLOCK * (SIZE // MIB))
    slow = Throttled()
    with serving(slow, read_body=False) as server, browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        start_download(terminal)
        cursor_moves(terminal)
        assert not (tmp_path / "work" / "big-0.bin").exists()
        slow.release.set()
        terminal.wait_for("Saved")
        assert (tmp_path / "work" / "big-0.bin").read_bytes() == source.read_bytes()

        slow.release.clear()
        upload = start_upload(terminal, server, source)
        cursor_moves(terminal)
        assert not upload.complete
        slow.release.set()
        terminal.wait_for("Uploaded")
        terminal.wait_for("6 files ·")
        assert SIZE < upload.body_length == upload.announced < SIZE + 2000


def test_cancelled_transfers_leave_nothing(tmp_path: Path) -> None:
    source = tmp_path / "new.bin"
    source.write_bytes(BLOCK * (SIZE // MIB))
    slow = Throttled()
    with serving(slow, read_body=False) as server, browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        work = tmp_path / "work"
        start_download(terminal)
        assert [path.suffix for path in work.iterdir()] == [".part"]
        terminal.keys("t")
        terminal.wait_for("running")
        terminal.keys("x")
        terminal.wait_for("cancelled")
        assert list(work.iterdir()) == []
        terminal.keys("q")
        terminal.wait_for("5 files ·")

        upload = start_upload(terminal, server, source)
        terminal.keys("t")
        terminal.wait_for("running")
        terminal.keys("x")
        terminal.wait_for(lambda screen: screen.count("cancelled") >= 2 and "running" not in screen)
        assert not upload.complete

        slow.release.set()
        terminal.keys("j", "r")
        terminal.wait_for(" done ")
        assert (work / "big-0.bin").stat().st_size == SIZE
        assert [path.name for path in work.iterdir()] == ["big-0.bin"]
        terminal.keys("q")
        terminal.wait_for("5 files ·")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
