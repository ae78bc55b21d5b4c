"""What is said when there is nothing to list: what it is, and what helps."""

import pytest

from files_tui.api import retry
from files_tui.settings import Account, Settings
from files_tui.ui.app import FilesApp
from tests.ui.helpers import Browser, account, browsing
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio


async def test_a_rejected_key_says_where_it_came_from() -> None:
    with ScriptedServer() as server:
        server.refuse["GET", "/files"] = Reply(401, "Incorrect API key provided")
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "The key was rejected" in b.notice)
            assert "Incorrect API key provided (HTTP 401)" in b.notice
            assert "It came from OPENAI_API_KEY" in b.notice
            assert "key rejected" in b.head
            assert "The key was rejected" in b.text


async def test_offline_says_what_to_check_and_r_tries_again(nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "RETRIES", 0)
    async with browsing(nowhere, synced=False) as b:
        await b.until(lambda: "The server cannot be reached" in b.notice)
        assert "--base-url" in b.notice
        assert "r tries again" in b.notice
        assert "offline" in b.head


async def test_r_recovers_from_a_failed_listing() -> None:
    with ScriptedServer([remote(1)]) as server:
        server.refuse["GET", "/files"] = Reply(400, "bad day")
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "bad day" in b.notice)
            server.refuse.clear()
            await b.refreshed(1)
            assert b.notice == ""
            assert len(b.rows) == 1


async def test_an_account_without_files_is_empty_under_every_purpose() -> None:
    with ScriptedServer([]) as server:
        async with browsing(server.base_url, purpose="batch") as b:
            await b.until(lambda: "No files yet" in b.notice)


async def test_an_empty_account_says_which_key_uploads() -> None:
    with ScriptedServer() as server:
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "No files yet" in b.notice)
            assert "u uploads the first one" in b.notice
        async with browsing(server.base_url, synced=False, read_only=True) as b:
            await b.until(lambda: "No files yet" in b.notice)
            assert "upload" not in b.notice


async def test_filtered_to_nothing_says_by_what_and_esc_clears_it(hundred: str) -> None:
    async with browsing(hundred) as b:
        await b.press("slash", *"zz[/x]", "enter")
        await b.until(lambda: "Nothing matches “zz[/x]”" in b.notice)
        assert "esc clears it" in b.notice
        assert b.rows == []
        await b.press("j", "space", "k", "n", "p", "c", "y", "d", "x", "enter", "G", "space", "a")
        assert b.app.screen is b.browse
        await b.press("escape")
        await b.until(lambda: len(b.rows) > 10)
        assert b.notice == ""


async def test_a_server_that_cannot_list_can_still_take_uploads() -> None:
    with ScriptedServer() as server:
        server.refuse["GET", "/files"] = Reply(405, "Method Not Allowed")
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "This server cannot list files" in b.notice)
            assert "O opens a file by its id, u uploads, r asks again." in b.notice
            assert "server cannot list" in b.head


async def test_a_rate_limit_counts_down_and_r_need_not_wait() -> None:
    with ScriptedServer([remote(1)]) as server:
        server.refuse["GET", "/files"] = Reply(429, "Rate limit reached", {"Retry-After": "300"})
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "Rate limit reached" in b.notice)
            assert "The server asks to wait 5 min" in b.notice

            def left() -> str:
                return b.head.partition("waiting to try again: ")[2]

            await b.until(left)
            before = left()
            await b.until(lambda: "" < left() < before)
            asked = len(server.requests)
            server.refuse.clear()
            await b.refreshed(1)
            assert len(server.requests) == asked + 1


async def test_a_rate_limit_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "LONGEST_WAIT", 0.01)
    with ScriptedServer([remote(1)]) as server:
        server.refuse["GET", "/files"] = Reply(429, "Rate limit reached", {"Retry-After-Ms": "50"})
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: server.requests)
            server.refuse.clear()
            await b.synced(1)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(403, "no access"), "The key may not do this"),
        (Reply(401, "You have insufficient permissions: missing scopes: api.files.read"), "The key may not do this"),
        (Reply(404, "Not Found"), "The listing failed"),
    ],
)
async def test_other_refusals_name_the_problem_and_the_advice(reply: Reply, words: str) -> None:
    with ScriptedServer() as server:
        server.refuse["GET", "/files"] = reply
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: words in b.notice)
            assert reply.message in b.notice


async def test_a_failing_refresh_keeps_the_rows_and_says_so() -> None:
    with ScriptedServer([remote(n) for n in range(3)]) as server:
        async with browsing(server.base_url) as b:
            server.refuse["GET", "/files"] = Reply(403, "no more")
            await b.press("j", "r")
            await b.toast("no more")
            assert len(b.rows) == 3
            assert b.current == "file-0001"
            assert b.notice == ""
            await b.until(lambda: "✗ no permission" in b.head)
            server.refuse.clear()
            await b.refreshed(3)


async def test_an_account_that_cannot_be_opened_says_why_and_r_tries_again(hundred: str) -> None:
    answers = [ValueError("the demo [/x] did not start"), None]

    def open_account() -> Account:
        if error := answers.pop(0):
            raise error
        return account(hundred)

    app = FilesApp(Settings(), open_account)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        b = Browser(app, pilot)
        await b.until(lambda: "Not connected" in b.notice)
        assert "the demo [/x] did not start" in b.notice
        await b.press("r")
        await b.synced(100)
        assert b.notice == ""


async def test_r_while_connecting_opens_no_second_session(hundred: str) -> None:
    opened: list[int] = []
    with ScriptedServer([remote(1)]) as server:

        def open_account() -> Account:
            opened.append(1)
            server.wait()
            return account(server.base_url)

        app = FilesApp(Settings(), open_account)
        async with app.run_test(size=(120, 40)) as pilot:
            b = Browser(app, pilot)
            await b.until(server.arrived.is_set)
            await b.press("r", "r", "j", "space", "a", "c", "y", "d", "x", "u", "t", "f", "escape", "s", "escape")
            server.release()
            await b.synced(1)
        assert len(opened) == 1


async def test_the_paging_that_leads_in_a_circle_is_told() -> None:
    with ScriptedServer([remote(1)]) as server:
        server.has_more = True
        async with browsing(server.base_url, synced=False) as b:
            await b.toast("the list may be incomplete")
            await b.until(lambda: len(b.rows) == 1)
            await b.until(lambda: "not whole · r tries again" in b.head)
            server.has_more = False
            await b.refreshed(1)
