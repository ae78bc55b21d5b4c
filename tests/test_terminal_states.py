"""What the first screen says before, while and instead of listing files."""

import re
import socket
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.demo_server import running_demo
from tests.terminal import KEY, assert_no_secret, browsing
from tests.waiting import until
from tests.wire import Received, Reply, json_answer, page_answer, serving

TOTAL = 12_345


class Listing:
    """Lists many files page by page; all but the first small page wait for `release`."""

    def __init__(self) -> None:
        self.files = [
            {
                "id": f"file-{number:05}",
                "filename": f"part-{number:05}.jsonl",
                "bytes": 10,
                "created_at": TOTAL - number,
            }
            for number in range(TOTAL)
        ]
        self.asked: list[tuple[int, str | None]] = []
        self.release = threading.Event()

    def __call__(self, request: Received) -> Reply:
        query = parse_qs(urlsplit(request.target).query)
        after = query.get("after", [None])[0]
        limit = int(query["limit"][0])
        start = int(after.removeprefix("file-")) + 1 if after else 0
        self.asked.append((limit, after))
        page = self.files[start : start + limit]
        reply = json_answer({"object": "list", "data": page, "has_more": start + limit < len(self.files)})
        return reply if limit == 20 else [self.release, reply]


def test_rows_come_before_the_rest_of_the_listing(tmp_path: Path) -> None:
    listing = Listing()
    with serving(listing) as server, browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        until(lambda: len(listing.asked) == 2)
        terminal.wait_for("part-00000.jsonl", "20 files", "loading… 20 so far")
        terminal.keys("j", "space")
        terminal.wait_for("1 marked")
        assert listing.asked == [(20, None), (10_000, None)]
        listing.release.set()
        terminal.wait_for("12,345 files", "synced", "1 marked", "of 12,345")
        # A second pass over the two pages makes sure of what came and went during the first one.
        until(lambda: len(listing.asked) >= 5)
        assert listing.asked[2:] == [(10_000, "file-09999"), (10_000, None), (10_000, "file-09999")]
        terminal.keys("c")
        terminal.wait_for("file-00001")
        terminal.keys("/")
        terminal.send("part-12344")
        terminal.wait_for("1 of 12,345 · page 1 of 1", "“part-12344” ×")


def test_the_next_start_begins_with_what_was_kept_though_the_server_is_away(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    taken = socket.socket()  # which keeps the port from all others, and lets the server listen there
    request.addfinalizer(taken.close)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}/v1"
    with running_demo("--port", str(port)), browsing(tmp_path, OPENAI_BASE_URL=url) as terminal:
        terminal.wait_for("259 files", "synced", "support-handbook.pdf")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
    # Both at once, since each tries for seconds before it says that there is no server.
    with (
        browsing(tmp_path, OPENAI_BASE_URL=url, columns=120) as kept,
        browsing(tmp_path, "--no-cache", OPENAI_BASE_URL=url) as blank,
    ):
        offline = re.compile(r"as of (just now|1 min ago) · ✗ offline · r tries again")
        kept.wait_for("support-handbook.pdf", "259 files", offline.search)
        kept.wait_for("page 1 of ")
        kept.keys("/")
        kept.send("handbook")
        kept.wait_for("1 of 259 · page 1 of 1")
        kept.keys("esc")
        kept.wait_for(re.compile(r"–\d+ of 259").search)
        kept.keys("G")
        kept.wait_for("–259 of 259")
        assert_no_secret(kept)

        blank.wait_for("The server cannot be reached")
        blank.wait_for("OPENAI_BASE_URL or --base-url; r tries again")
        blank.wait_for("✗ offline · r tries again")
        assert "support-handbook.pdf" not in blank.text

        with running_demo("--port", str(port)):
            for terminal in (blank, kept):
                terminal.keys("r")
                terminal.wait_for("259 files", "synced")
                terminal.keys("g")
                terminal.wait_for("support-handbook.pdf")
        kept.keys("q")
        assert kept.wait_exit() == 0


def test_without_a_cache_nothing_is_kept(tmp_path: Path, samples: str) -> None:
    with browsing(tmp_path, "--no-cache", OPENAI_BASE_URL=samples) as terminal:
        terminal.wait_for("259 files", "synced")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
    assert not list((tmp_path / "home").rglob("*.sqlite*"))
    assert not list((tmp_path / "home").rglob("salt"))


def test_the_mouse_sorts_filters_and_takes_filters_away(tmp_path: Path, samples: str) -> None:
    with browsing(tmp_path, OPENAI_BASE_URL=samples, columns=100) as terminal:
        terminal.wait_for("259 files", "synced")

        def click(words: str) -> None:
            row, line = next((row, line) for row, line in enumerate(terminal.lines) if words in line)
            place = f"{line.index(words) + 1};{row + 1}"
            terminal.send(f"\x1b[<0;{place}M\x1b[<0;{place}m")

        click("Size")
        terminal.wait_for("Size ▾")
        click("Size ▾")
        terminal.wait_for("Size ▴")
        click("batch_output")
        terminal.wait_for("purpose: batch_output ×")
        click("purpose: batch_output ×")
        terminal.wait_gone("purpose: batch_output ×")
        terminal.wait_for("of 259")


def test_a_key_that_is_rejected(tmp_path: Path) -> None:
    with running_demo("--empty", "--key", "sk-another") as url, browsing(tmp_path, OPENAI_BASE_URL=url) as terminal:
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


def test_no_key_breaks_an_empty_listing(tmp_path: Path) -> None:
    with serving(lambda _: page_answer()) as server, browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        terminal.wait_for("No files yet")
        terminal.keys("x", "d", "c", "y", "enter", "space", "a", "*", "n", "p", "g", "G", "j", "k", "S", "9", "0")
        screens = {
            "s": "Sort",
            "f": "Filter",
            "i": "Storage: 0 files",
            "t": "Nothing has moved",
            "l": "Request log",
            "?": "Keys",
        }
        for key, shows in screens.items():
            terminal.keys(key)
            terminal.wait_for(shows)
            terminal.keys("esc")
            terminal.wait_for("No files yet")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
