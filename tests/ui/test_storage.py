"""The storage view: what takes the space, and the way from each line to its files."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from files_tui.catalog.catalog import Catalog, Twins, temporary_catalog
from files_tui.settings import Account
from files_tui.text import DAY
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.storage import BarList, StorageScreen, bar
from tests.ui.helpers import Browser, browsing
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio

NOW = int(time.time())
FILES = [
    remote(1, "old_output.jsonl", purpose="batch_output", bytes=4_000_000, created_at=NOW - 40 * DAY),
    remote(2, "new_output.jsonl", purpose="batch_output", bytes=1_000_000, created_at=NOW - 3 * DAY),
    remote(3, "broken.jsonl", purpose="fine-tune", bytes=10, created_at=NOW - 60, status="error"),
    remote(4, "twin.txt", purpose="user_data", bytes=7_000_000, created_at=NOW - 60, expires_at=NOW + DAY // 2),
    remote(5, "Twin.txt", purpose="user_data", bytes=7_000_000, created_at=NOW - 9 * DAY, expires_at=NOW + 99 * DAY),
    remote(6, "gone.txt", purpose="user_data", bytes=20, created_at=NOW - 8 * DAY, expires_at=NOW - 60),
]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer([dict(file) for file in FILES]) as server:
        yield server


async def storage(b: Browser) -> StorageScreen:
    """Open it and wait for all that it shows."""
    await b.press("i")
    screen = await b.screen(StorageScreen)
    await b.until(lambda: lines(b, "#shares") and screen._twins is not None)
    return screen


def lines(b: Browser, selector: str) -> list[str]:
    return [" ".join(str(option.prompt).split()) for option in b.widget(selector, BarList).options]


async def choose(b: Browser, label: str) -> None:
    """Press Enter on the line that begins with these words."""
    focused = b.app.focused
    assert isinstance(focused, BarList)
    wanted = next(n for n, option in enumerate(focused.options) if str(option.prompt).strip().startswith(label))
    for _ in range(len(focused.options)):
        if focused.highlighted == wanted:
            break
        await b.press("j")
    assert focused.highlighted == wanted
    await b.press("enter")
    await b.main()


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0.0, "    "), (0.0001, "▏   "), (0.25, "█   "), (0.3, "█▎  "), (0.5, "██  "), (1.0, "████"), (2.0, "████")],
)
def test_a_bar_is_drawn_in_eighths_and_what_is_there_is_seen(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn


async def test_everything_is_summed_by_purpose_age_and_expiry(server: ScriptedServer) -> None:
    async with browsing(server.base_url) as b:
        await storage(b)
        assert b.words("#storage-head") == "Storage: 6 files, 19.0 MB"
        said = [line.translate(str.maketrans("", "", "█▏▎▍▌▋▊▉")).split() for line in lines(b, "#shares")]
        assert [" ".join(words) for words in said] == [
            "Worth clearing",
            "batch_output, age > 30 d 4.0 MB 1",
            "expired 20 B 1",
            "failed 10 B 1",
            "By purpose",
            "user_data 14.0 MB 3",
            "batch_output 5.0 MB 2",
            "fine-tune 10 B 1",
            "By age",
            "last day 7.0 MB 2",
            "last week 1.0 MB 1",
            "last month 7.0 MB 2",
            "older 4.0 MB 1",
            "By expiry",
            "today 7.0 MB 1",
            "this week 0 B 0",
            "this month 0 B 0",
            "later 7.0 MB 1",
            "never 5.0 MB 3",
        ]
        assert lines(b, "#singles")[:4] == [
            "Likely duplicates: same name and size",
            "twin.txt 2 × 7.0 MB",
            "The 6 largest",
            lines(b, "#singles")[3],
        ]
        assert [line.split()[0] for line in lines(b, "#singles")[3:]] == [
            *("Twin.txt", "twin.txt", "old_output.jsonl", "new_output.jsonl", "gone.txt", "broken.jsonl"),
        ]


@pytest.mark.parametrize(
    ("label", "names", "chips"),
    [
        ("batch_output, age", ["old_output.jsonl"], ["purpose: batch_output", "age > 30 d"]),
        ("expired", ["gone.txt"], ["expired"]),
        ("failed", ["broken.jsonl"], ["failed"]),
        ("fine-tune", ["broken.jsonl"], ["purpose: fine-tune"]),
        ("last week", ["new_output.jsonl"], ["age 1 d – 7 d"]),
        ("today", ["twin.txt"], ["expires < 1 d"]),
        ("never", ["old_output.jsonl", "new_output.jsonl", "broken.jsonl"], ["never expires"]),
        ("this week", [], ["expires 1 d – 7 d"]),
    ],
)
async def test_enter_on_a_bar_shows_its_files(
    server: ScriptedServer, label: str, names: list[str], chips: list[str]
) -> None:
    async with browsing(server.base_url) as b:
        await storage(b)
        await choose(b, label)
        await b.until(lambda: b.chips == chips)
        assert b.names == names
        if not names:
            assert "Nothing matches" in b.notice


@pytest.mark.parametrize("key", ["tab", "right", "left", "l"])
async def test_the_other_list_leads_to_duplicates_and_to_single_files(server: ScriptedServer, key: str) -> None:
    async with browsing(server.base_url) as b:
        await storage(b)
        assert b.widget("#shares", BarList).has_focus
        await b.press(key)
        assert b.widget("#singles", BarList).has_focus
        await b.press(key, key)
        await choose(b, "twin.txt")
        await b.until(lambda: sorted(b.names) == ["Twin.txt", "twin.txt"])
        await storage(b)
        await b.press(key)
        await choose(b, "broken.jsonl")
        await b.until(lambda: b.names == ["broken.jsonl"])
        assert "name: broken.jsonl" in b.chips


async def test_batch_outputs_older_than_a_month_are_deleted_with_four_keys(server: ScriptedServer) -> None:
    for number in range(12):
        server.files.append(
            remote(20 + number, purpose="batch_output", bytes=1000, created_at=NOW - (31 + number) * DAY)
        )
    async with browsing(server.base_url) as b:
        await storage(b)
        await b.press("enter")
        await b.main()
        await b.until(lambda: b.chips == ["purpose: batch_output", "age > 30 d"])
        await b.press("a", "x")
        await b.screen(DeleteScreen)
        assert str(b.app.screen.query_one(".dialog").border_title) == "Delete 13 files, 4.0 MB"
        assert b.widget("#count", Input).has_focus
        await b.press("1", "3", "enter")
        await b.toast("Deletes ended: 13 files deleted")
        await b.until(lambda: "Nothing matches purpose: batch_output · age > 30 d" in b.notice)
        assert "Without age > 30 d: 1 file" in b.notice
        assert b.marks == 0
        assert sorted(file["filename"] for file in server.files) == sorted(file["filename"] for file in FILES[1:])


@pytest.mark.parametrize("key", ["escape", "q", "i"])
async def test_leaving_changes_nothing(server: ScriptedServer, key: str) -> None:
    async with browsing(server.base_url) as b:
        await b.press("3", "j")
        before = (b.browse.view, b.current)
        await storage(b)
        await b.press(key)
        await b.main()
        assert (b.browse.view, b.current) == before


async def test_an_account_without_files() -> None:
    with ScriptedServer() as server:
        async with browsing(server.base_url) as b:
            await storage(b)
            assert b.words("#storage-head") == "Storage: 0 files, 0 B"
            assert lines(b, "#singles") == ["Likely duplicates: same name and size", "none", "The 0 largest"]
            await b.press("enter", "tab", "enter", "j", "enter", "escape")
            await b.main()


async def test_a_listing_that_is_not_whole_yet_says_so() -> None:
    with ScriptedServer([remote(n) for n in range(60)]) as server:
        gate = server.gate(2)
        async with browsing(server.base_url, synced=False, page_size=30) as b:
            await b.until(lambda: len(b.rows) == 30)
            await storage(b)
            assert b.words("#storage-head") == "Storage: 30 files, 31.3 kB  as far as it is loaded"
            await b.press("escape")
            gate.set()
            await b.synced(60)
            await storage(b)
            assert b.words("#storage-head") == "Storage: 60 files, 61.8 kB"


@pytest.mark.parametrize("width", [60, 80, 115, 116, 200])
async def test_a_narrow_screen_shows_one_list_at_a_time(server: ScriptedServer, width: int) -> None:
    async with browsing(server.base_url, size=(width, 30)) as b:
        await storage(b)
        both = width >= 116
        shares, singles = b.widget("#shares", BarList), b.widget("#singles", BarList)
        assert (shares.region.width > 0, singles.region.width > 0) == (True, both)
        assert ("Worth clearing" in b.text, "Likely duplicates" in b.text) == (True, both)
        assert "4.0 MB" in b.text
        await b.press("tab")
        await b.see("Likely duplicates")
        assert ("Worth clearing" in b.text) == both
        assert "2 × 7.0 MB" in b.text
        assert all(len(line) <= width for line in b.text.split("\n"))
        await b.press("tab")
        await b.see("Worth clearing")


@pytest.mark.parametrize(
    ("address", "is_told"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://API.OpenAI.com/v1", True),
        ("https://api.openai.com.example.net/v1", False),
        ("https://notapi.openai.com/v1", False),
        ("https://api.example.net/api.openai.com", False),
        ("http://127.0.0.1:8080/v1", False),
    ],
)
async def test_the_share_of_the_limit_is_told_for_one_server_only(address: str, is_told: bool) -> None:
    with temporary_catalog() as catalog:
        head = str(StorageScreen(catalog, Account(base_url=address), is_whole=True)._heading())
    assert ("of the project's 2.5 TB" in head) == is_told


async def test_the_cursor_stays_on_its_line_when_the_duplicates_are_found(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = threading.Event()
    likely_duplicates = Catalog.likely_duplicates

    def slow(catalog: Catalog, limit: int) -> list[Twins]:
        found.wait(20)
        return likely_duplicates(catalog, limit)

    monkeypatch.setattr(Catalog, "likely_duplicates", slow)
    server.files += [remote(60 + n, f"other-{n % 3}.txt", bytes=5) for n in range(6)]
    async with browsing(server.base_url) as b:
        await b.press("i")
        await b.screen(StorageScreen)
        await b.until(lambda: lines(b, "#shares") and lines(b, "#singles"))
        await b.press("tab", "j", "j")
        singles = b.widget("#singles", BarList)
        assert singles.highlighted is not None
        assert lines(b, "#singles")[singles.highlighted].startswith("old_output.jsonl")
        assert "looking…" in lines(b, "#singles")
        found.set()
        await b.until(lambda: "looking…" not in lines(b, "#singles"))
        assert lines(b, "#singles")[singles.highlighted].startswith("old_output.jsonl")


async def test_hostile_names_are_lines_of_their_own(server: ScriptedServer, tmp_path: Path) -> None:
    hostile: list[dict[str, Any]] = [
        remote(30 + n, "[red]\x1b[31m\nnew line\u202e" + "x" * 300, purpose="p\n[/q]", bytes=99_000_000)
        for n in range(2)
    ]
    server.files += hostile
    async with browsing(server.base_url) as b:
        await storage(b)
        assert "[red]" in b.text
        assert "p␊[/q]" in b.text
        assert "\u202e" not in b.text
        await b.press("tab", "enter")
        await b.main()
        await b.until(lambda: len(b.rows) == 2)


async def test_a_catalog_that_grows_meanwhile_is_no_trouble(server: ScriptedServer) -> None:
    async with browsing(server.base_url) as b:
        await storage(b)
        server.files.append(remote(50, created_at=NOW))
        b.browse.action_refresh_listing()
        await b.until(lambda: len(server.asked) == 2)
        await b.press("escape")
        await b.main()
        await b.synced(7)
        await storage(b)
        assert "7 files" in b.words("#storage-head")
