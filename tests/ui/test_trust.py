"""What the screen does about a server that cannot, a key that may not, and a session that must not."""

from pathlib import Path

import pytest

from files_tui.catalog import capabilities
from files_tui.catalog.catalog import Catalog
from files_tui.settings import Account, Secret, Settings
from files_tui.text import DAY, Untrusted
from files_tui.ui.app import FilesApp
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.open import OpenScreen
from files_tui.ui.screens.upload import UploadScreen
from tests.ui.helpers import Browser, browsing, entries
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = pytest.mark.anyio

NO_SCOPE = "You have insufficient permissions for this operation. Missing scopes: api.files.write."


async def delete(b: Browser) -> None:
    await b.press("x")
    await b.screen(DeleteScreen)
    await b.press("y")


async def open_by_id(b: Browser, ids: str) -> None:
    await b.press("O")
    await b.screen(OpenScreen)
    await b.write(ids)
    await b.press("enter")
    await b.main()


async def test_a_server_that_does_not_delete_is_asked_once() -> None:
    with ScriptedServer([remote(1), remote(2)]) as server:
        server.refuse["DELETE", "/files/file-0002"] = Reply(405, "Method Not Allowed")
        async with browsing(server.base_url) as b:
            await delete(b)
            await b.see("r tries them again")
            await b.press("escape")
            await b.main()
            for _ in range(2):
                await b.press("x")
                await b.toast("This server does not delete files")
                assert b.app.screen is b.browse
            assert server.requests.count("DELETE /files/file-0002") == 1
            await b.refreshed(2)
            await b.press("x")
            await b.screen(DeleteScreen)
        async with browsing(server.base_url) as b:
            await b.press("x")
            await b.screen(DeleteScreen)  # since r has made that a thing of the past


async def test_content_of_a_purpose_that_was_refused_is_not_asked_for_again(here: Path) -> None:
    files = [remote(1), remote(2, purpose="user_data"), remote(3, purpose="user_data")]
    with ScriptedServer(files) as server:
        for number in (2, 3):
            path = f"/files/file-000{number}/content"
            server.refuse["GET", path] = Reply(400, "Not allowed to download files of purpose: user_data")
        async with browsing(server.base_url) as b:
            await b.press("d")
            await b.screen(DownloadScreen)
            await b.press("enter")
            await b.toast("keep a copy of your own")
            await b.transfers()
            await b.press("c", "escape")
            await b.main()
        async with browsing(server.base_url) as b:
            await b.press("d")
            await b.toast("This server gives out no content of purpose user_data")
            assert b.app.screen is b.browse
            await b.press("a", "d")
            await b.screen(DownloadScreen)
            await b.see("2 files left out: this server gives out no content of purpose")
            await b.press("enter")
            await b.until(lambda: entries(here) == ["data-0001.jsonl"])
    assert server.requests.count("GET /files/file-0003/content") == 1
    assert server.requests.count("GET /files/file-0002/content") == 0


async def test_files_of_a_server_without_a_listing_open_by_their_ids() -> None:
    with ScriptedServer([remote(1), remote(2)]) as server:
        server.refuse["GET", "/files"] = Reply(405, "Method Not Allowed")
        async with browsing(server.base_url, synced=False) as b:
            await b.see("This server cannot list files")
            await b.see("O opens a file by its id")
            await open_by_id(b, "file-0001, file-0002 file-9")
            await b.until(lambda: b.ids == ["file-0002", "file-0001"])
            await b.toast("file-9: No such File object: file-9")
            assert "server cannot list" in b.head
            await delete(b)
            await b.until(lambda: b.ids == ["file-0001"] or b.ids == ["file-0002"])
        asked = server.requests.count("GET /files")
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: len(b.ids) == 1)
            await b.see("server cannot list")
            assert server.requests.count("GET /files") == asked
            await b.press("r")
            await b.until(lambda: server.requests.count("GET /files") == asked + 1)


async def test_a_file_opens_by_its_id_where_the_server_tells_nothing_of_it() -> None:
    with ScriptedServer([]) as server:
        server.refuse["GET", "/files"] = Reply(501)
        server.refuse["GET", "/files/a/b=%"] = Reply(405)
        async with browsing(server.base_url, synced=False) as b:
            await b.see("This server cannot list files")
            await open_by_id(b, "a/b=%")
            await b.until(lambda: b.ids == ["a/b=%"])


async def test_the_dialog_wants_an_id() -> None:
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("O")
            await b.screen(OpenScreen)
            await b.press("enter")
            await b.see("An id is wanted")
            await b.write(" ".join(f"x{n}" for n in range(101)))
            await b.press("enter")
            await b.see("At most 100 at once")
            await b.press("escape")
            await b.main()
    assert not any("/x" in request for request in server.requests)


async def test_a_key_that_may_not_write_turns_the_session_read_only(here: Path) -> None:
    (here / "a.txt").write_text("x")
    with ScriptedServer([remote(1), remote(2)]) as server:
        server.refuse["DELETE", "/files/file-0002"] = Reply(401, NO_SCOPE)
        async with browsing(server.base_url) as b:
            assert " x delete" in b.text
            await delete(b)
            await b.see("r tries them again")
            await b.press("escape")
            await b.main()
            await b.toast("This session is read-only now")
            await b.until(lambda: "read-only" in b.head)
            await b.see("d download")
            assert " x delete" not in b.text
            assert " u upload" not in b.text
            await b.press("x", "u")
            assert b.app.screen is b.browse
            b.browse.open_upload([here / "a.txt"])  # as a dialog that was open before
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("this session is read-only: nothing was sent")
    assert [request for request in server.requests if not request.startswith("GET")] == ["DELETE /files/file-0002"]


async def test_a_grave_question_takes_no_answer_before_it_could_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.ui.screens.dialog.READING", 600.0)
    with ScriptedServer([remote(n) for n in range(12)]) as server:
        async with browsing(server.base_url) as b:
            await b.write("xy")
            await b.screen(DeleteScreen)
            await b.press("y", "tab", "tab", "enter")
            assert isinstance(b.app.screen, DeleteScreen)
            assert b.label("#delete") == "Delete"
            await b.press("escape")
            await b.main()
            await b.press("a", "x")
            await b.screen(DeleteScreen)
            await b.write("12")
            await b.press("enter", "y")
            assert isinstance(b.app.screen, DeleteScreen)
    assert not any(request.startswith("DELETE") for request in server.requests)


async def test_the_question_names_the_account() -> None:
    with ScriptedServer([remote(1)]) as server:
        account = Account(
            base_url=server.base_url, key=Secret("k" * 9), profile="wo[/]rk", project="proj_1", organization="org_2"
        )
        app = FilesApp(Settings(account=account), lambda: account)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            b = Browser(app, pilot)
            await b.until(lambda: "synced" in b.head and b.ids)
            await b.press("x")
            await b.screen(DeleteScreen)
            await b.see(f"from {account.host} · wo[/]rk · proj_1 · org_2")


async def test_a_server_that_shows_no_files_is_sent_no_delete() -> None:
    with ScriptedServer([remote(1)]) as server:
        async with browsing(server.base_url) as b:
            await b.until(lambda: b.ids)
        server.refuse["GET", "/files"] = Reply(200, body=b'["another", "api"]')
        server.refuse["GET", "/files/file-0001"] = Reply(404, body=b'{"detail": "Not Found"}')
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "✗ listing failed" in b.head)
            assert b.ids == ["file-0001"]
            await delete(b)
            await b.see("not deleted, since this server has not shown itself")
    assert not any(request.startswith("DELETE") for request in server.requests)


async def test_plain_http_to_another_machine_is_pointed_out() -> None:
    account = Account(base_url="http://files.invalid/v1", key=Secret("k" * 9))
    app = FilesApp(Settings(account=account), lambda: account)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        b = Browser(app, pilot)
        await b.until(lambda: "plain http, so without the key" in b.head)


async def test_silence_is_told_of_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.ui.browse.standing.SILENCE", 0)
    with ScriptedServer([remote(1)]) as server:
        gate = server.gate(1)
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: "no answer for" in b.head)
            gate.set()
            await b.until(lambda: "synced" in b.head)


def test_what_a_server_cannot_do_is_believed_for_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    purpose, other = Untrusted("ass\ud800istants"), Untrusted("")
    now = 1_800_000_000
    monkeypatch.setattr("files_tui.catalog.capabilities.time.time", lambda: now)
    capabilities.learn(catalog, "content", purpose)
    capabilities.learn(catalog, "list")
    catalog.note("page_limit", 100)
    assert capabilities.lacks(catalog, "content", purpose) == now
    assert capabilities.lacks(catalog, "content", other) is None
    assert capabilities.lacks(catalog, "delete") is None
    for later, believed in ((now + DAY - 1, True), (now + DAY, False), (now - 1, False)):
        monkeypatch.setattr("files_tui.catalog.capabilities.time.time", lambda later=later: later)
        assert (capabilities.lacks(catalog, "list") is not None) == believed
    monkeypatch.setattr("files_tui.catalog.capabilities.time.time", lambda: now)
    capabilities.forget(catalog)
    assert capabilities.lacks(catalog, "list") is None
    assert capabilities.lacks(catalog, "content", purpose) is None
    assert catalog.noted("page_limit") == 100
    catalog.close()


async def test_one_odd_id_does_not_tell_what_the_server_can_do() -> None:
    with ScriptedServer([remote(1), remote(2, id="a/b")]) as server:
        server.refuse["DELETE", "/files/a/b"] = Reply(405, "Method Not Allowed")
        async with browsing(server.base_url) as b:
            await delete(b)
            await b.see("r tries them again")
            await b.press("escape")
            await b.main()
            await delete(b)
            await b.see("r tries them again")  # it was asked again


async def test_a_refusal_after_a_success_is_about_one_file() -> None:
    with ScriptedServer([remote(1), remote(2), remote(3)]) as server:
        server.refuse["DELETE", "/files/file-0002"] = Reply(405, "Method Not Allowed")
        async with browsing(server.base_url) as b:
            await delete(b)
            await b.until(lambda: b.ids == ["file-0002", "file-0001"])
            for _ in range(2):
                await delete(b)
                await b.see("r tries them again")
                await b.press("escape")
                await b.main()


async def test_a_listing_that_is_refused_again_and_again_is_asked_for_ever_more_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("files_tui.api.retry.RETRIES", 0)
    monkeypatch.setattr("files_tui.ui.browse.account.LEAST_PAUSE", 0.01)
    with ScriptedServer([remote(1)]) as server:
        server.refuse["GET", "/files"] = Reply(429, "slow down", {"retry-after-ms": "1"})
        async with browsing(server.base_url, synced=False) as b:
            await b.until(lambda: b.browse.pause_left > 0.3)
            del server.refuse["GET", "/files"]
            await b.until(lambda: "synced" in b.head)
            assert b.browse._refused == 0
