"""What the first screen says before, while and instead of listing files."""

import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.demo_server import running_demo
from tests.terminal import KEY, assert_no_secret, browsing
from tests.wire import Received, Reply, json_answer, serving

TOTAL = 12_345


def test_rows_come_before_the_second_page(tmp_path: Path) -> None:
    files = [
        {"id": f"file-{number:05}", "filename": f"part-{number:05}.jsonl", "bytes": 10, "created_at": TOTAL - number}
        for number in range(TOTAL)
    ]
    asked: list[str | None] = []
    release = threading.Event()

    def respond(request: Received) -> Reply:
        query = parse_qs(urlsplit(request.target).query)
        after = query.get("after", [None])[0]
        limit = int(query["limit"][0])
        start = int(after.removeprefix("file-")) + 1 if after else 0
        asked.append(after)
        page: Sequence[object] = files[start : start + limit]
        reply = json_answer({"object": "list", "data": page, "has_more": start + limit < TOTAL})
        return reply if after is None else [release, reply]

    with serving(respond) as server, browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        server.arrived(2)
        terminal.wait_for("part-00000.jsonl")
        terminal.wait_for("1,000 files")
        terminal.keys("j", "space")
        terminal.wait_for("1 marked")
        assert len(asked) == 2
        assert "synced" not in terminal.text
        release.set()
        terminal.wait_for("12,345 files", "synced", "1 marked")
        assert len(asked) == 13
        assert len(set(asked)) == 13
        terminal.keys("c")
        terminal.wait_for("file-00001")
        terminal.keys("/")
        terminal.send("part-12344")
        terminal.wait_for("of 1 ")


def test_a_key_that_is_rejected(tmp_path: Path) -> None:
    with running_demo("--key", "sk-another") as url, browsing(tmp_path, OPENAI_BASE_URL=url) as terminal:
        terminal.wait_for("The key was rejected")
        terminal.wait_for("It came from OPENAI_API_KEY: set another one")
        terminal.wait_for("✗ key rejected · r tries again")
        assert_no_secret(terminal)


def test_the_right_key_is_taken(tmp_path: Path) -> None:
    with (
        running_demo("--key", KEY, "--empty") as url,
        browsing(tmp_path, "--log-file", str(tmp_path / "log"), OPENAI_BASE_URL=url) as terminal,
    ):
        terminal.wait_for("No files yet")
        terminal.wait_for("u uploads the first one.")
        terminal.keys("u")
        terminal.wait_for("Upload: choose files")
        terminal.keys("esc")
        terminal.wait_for("No files yet")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
        assert_no_secret(terminal)
        log = (tmp_path / "log").read_text()
        assert "GET /files" in log
        assert KEY not in log


def test_a_server_that_is_not_there_and_then_is(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with browsing(tmp_path, OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1") as terminal:
        terminal.wait_for("The server cannot be reached")
        terminal.wait_for("OPENAI_BASE_URL or --base-url; r tries again")
        terminal.wait_for("✗ offline · r tries again")
        with running_demo("--port", str(port)):
            terminal.keys("r")
            terminal.wait_for("259 files")
            terminal.wait_for("support-handbook.pdf")


def test_no_key_breaks_an_empty_listing(tmp_path: Path) -> None:
    with running_demo("--empty") as url, browsing(tmp_path, OPENAI_BASE_URL=url) as terminal:
        terminal.wait_for("No files yet")
        terminal.keys("x", "d", "c", "y", "enter", "space", "a", "*", "n", "p", "g", "G", "j", "k", "S", "9", "0")
        screens = {"s": "Sort", "f": "Filter", "t": "Nothing has moved", "l": "Request log", "?": "Keys"}
        for key, shows in screens.items():
            terminal.keys(key)
            terminal.wait_for(shows)
            terminal.keys("esc")
            terminal.wait_for("No files yet")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
