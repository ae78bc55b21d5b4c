"""The upload dialog, and what becomes of an upload."""

import os
import threading
import time
from pathlib import Path

import pytest
from textual.widgets import Button, Input

from files_tui.api.models import LARGEST_UPLOAD
from files_tui.transfers.jobs import UploadJob
from files_tui.transfers.journal import Journal, journal_path
from files_tui.transfers.source import span_seconds
from files_tui.ui.guess import guess_purpose
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.session import Session
from files_tui.ui.widgets.choice import Choice
from tests.demo_server import running_demo
from tests.ui.conftest import LIVE
from tests.ui.helpers import Browser, account, browsing, jsonl, reported
from tests.ui.scripted import ScriptedServer, remote

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("names", "last", "purpose"),
    [
        (["train.jsonl"], None, "fine-tune"),
        (["x.jsonl"], None, "fine-tune"),
        (["x.jsonl"], "batch", "batch"),
        (["x.jsonl"], "vision", "fine-tune"),
        (["Batch-7.JSONL"], "fine-tune", "batch"),
        (["nightly-requests.jsonl"], None, "batch"),
        (["eval-1.jsonl", "train.jsonl"], None, "evals"),
        (["a.png", "b.JPG"], "batch", "vision"),
        (["a.png", "b.txt"], None, "user_data"),
        (["b.pdf"], "assistants", "assistants"),
        (["b.pdf"], "fine-tune", "user_data"),
        (["b.pdf"], "odd", "user_data"),
        ([], None, "user_data"),
    ],
)
def test_a_purpose_is_guessed_from_names_and_habit(names: list[str], last: str | None, purpose: str) -> None:
    assert guess_purpose([Path(name) for name in names], last) == purpose


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("12h", 43200),
        (" 3 D ", 259200),
        ("60m", 3600),
        ("2 days", 172800),
        ("30d", 2592000),
        ("31d", None),
        ("59m", None),
        ("", None),
        ("h", None),
        ("-3d", None),
        ("3", None),
        ("99999999d", None),
    ],
)
def test_a_span_is_read_within_what_the_api_takes(words: str, seconds: int | None) -> None:
    assert span_seconds(words) == seconds


async def dialog(b: Browser) -> UploadScreen:
    return await b.screen(UploadScreen)


def purpose(b: Browser) -> object:
    return b.widget("#purpose", Choice).value


def last_job(b: Browser) -> UploadJob:
    assert b.browse.session
    job = b.browse.session.queue.jobs[-1]
    assert isinstance(job, UploadJob)
    return job


async def test_an_uploaded_file_is_selected_and_its_purpose_remembered(here: Path) -> None:
    path = jsonl(here / "train.jsonl")
    jsonl(here / "x.jsonl")
    with running_demo(*LIVE) as base_url:
        async with browsing(base_url, size=(120, 24)) as b:
            await b.press("n")
            await b.until(lambda: "page 2" in b.foot)
            await b.press("u", *"train.jsonl", "enter")
            await dialog(b)
            assert f"{path.stat().st_size} B train.jsonl" in reported(b)[0]
            assert purpose(b) == "fine-tune"
            await b.press("right")
            assert purpose(b) == "batch"
            await b.press("left", "left", "left")
            assert purpose(b) == "evals"
            await b.press("enter")
            await b.toast("train.jsonl is file-")
            await b.until(lambda: b.table.current and b.table.current.filename == "train.jsonl")
            assert b.table.current is not None
            assert b.table.current.purpose == "evals"
            assert b.foot.startswith("page 1 ")
            assert "260 files" in b.head
            await b.press("u", *"x.jsonl", "enter")
            await dialog(b)
            assert purpose(b) == "evals"


async def test_a_new_file_is_followed_until_it_is_ready(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.ui.follow.FIRST_LOOK", 0.05)
    look, go_on = Session._look_at, threading.Event()

    def looks_later(session: Session, file_id: str) -> bool:
        go_on.wait(20)
        return look(session, file_id)

    monkeypatch.setattr(Session, "_look_at", looks_later)
    path = jsonl(here / "train.jsonl")
    with running_demo("--empty", "--processing-seconds", "0.3") as base_url:
        async with browsing(base_url, upload=(path,)) as b:
            await dialog(b)
            await b.until(lambda: b.browse.standing.is_fresh)  # or the first listing may be one of later
            await b.press("enter")
            await b.until(lambda: b.rows and b.column("Status") == ["◐ busy"])
            go_on.set()
            await b.until(lambda: b.column("Status") == ["● ready"])
            await b.detail("status", "processed")


async def test_several_files_at_once_by_the_command_line(here: Path) -> None:
    paths = tuple(jsonl(here / f"{name}.jsonl", lines=3) for name in "abc")
    with running_demo("--empty", *LIVE) as base_url:
        async with browsing(base_url, upload=paths) as b:
            await dialog(b)
            assert [line.split()[-1] for line in reported(b)] == ["a.jsonl", "b.jsonl", "c.jsonl"]
            await b.press("enter")
            await b.until(lambda: sorted(b.names) == ["a.jsonl", "b.jsonl", "c.jsonl"])
            await b.until(lambda: "3 files" in b.head)


async def test_an_expiry_is_chosen_and_sent(here: Path) -> None:
    path = jsonl(here / "train.jsonl")
    with running_demo("--empty", *LIVE) as base_url:
        async with browsing(base_url, upload=(path,)) as b:
            await dialog(b)
            await b.press("down", "right", "right", "enter")
            await b.until(lambda: b.rows)
            assert last_job(b).expires_after == 86400
            assert b.column("Expires")[0].startswith("in 23 h")


async def test_custom_expiry_and_other_purpose_are_checked_in_place(here: Path, shared_empty: str) -> None:
    path = jsonl(here / "data.jsonl")
    async with browsing(shared_empty, upload=(path,)) as b:
        await dialog(b)
        assert not b.widget("#other-purpose", Input).display
        await b.press("left")
        await b.until(lambda: b.widget("#other-purpose", Input).display)
        await b.press("enter")
        await b.until(lambda: "A purpose is wanted" in b.words(".problem"))
        assert b.widget("#other-purpose", Input).has_focus
        await b.write("file-extract")
        await b.press("down", "left")
        await b.until(lambda: b.widget("#custom-expiry", Input).display)
        await b.press("enter")
        await b.until(lambda: "Between 1 hour and 30 days" in b.words(".problem"))
        assert b.widget("#custom-expiry", Input).has_focus
        await b.write("90m")
        await b.press("enter")
        await b.main()
        await b.toast("'file-extract' is not one of")
        assert (last_job(b).purpose, last_job(b).expires_after) == ("file-extract", 5400)


async def test_problems_are_listed_per_path_and_the_rest_is_uploaded(here: Path, shared_empty: str) -> None:
    good = jsonl(here / "good.jsonl")
    (here / "empty.txt").touch()
    (here / "folder").mkdir()
    paths = (here / "missing[/].txt", here / "folder", here / "empty.txt", good)
    async with browsing(shared_empty, upload=paths) as b:
        await dialog(b)
        words = "\n".join(reported(b))
        assert "no such file" in words
        assert "missing[/].txt" in words
        assert "folder is a folder" in words
        assert "empty.txt is empty" in words
        assert "good.jsonl" in words
        await b.press("enter")
        await b.main()
        await b.toast("good.jsonl is file-")
        assert b.browse.session
        assert len(b.browse.session.queue.jobs) == 1


async def test_nothing_to_upload_is_said_and_esc_leaves(here: Path, shared_empty: str) -> None:
    async with browsing(shared_empty, upload=(here / "missing",)) as b:
        await dialog(b)
        assert b.widget("#upload", Button).disabled
        await b.press("enter")
        await b.until(lambda: "Nothing here can be uploaded" in b.words(".problem"))
        await b.press("escape")
        await b.main()
        assert b.browse.session
        assert b.browse.session.queue.jobs == []


async def test_esc_uploads_nothing(here: Path, shared_empty: str) -> None:
    async with browsing(shared_empty, upload=(jsonl(here / "a.jsonl"),)) as b:
        await dialog(b)
        await b.press("escape")
        await b.main()
        assert b.browse.session
        assert b.browse.session.queue.jobs == []


async def test_batch_says_that_it_expires_by_itself(here: Path, shared_empty: str) -> None:
    (here / "batch.jsonl").write_text("{}\n")
    async with browsing(shared_empty, upload=(here / "batch.jsonl",)) as b:
        await dialog(b)
        assert "expire after 30 days" in b.words("#upload-hint")
        await b.press("down", "right")
        await b.until(lambda: b.words("#upload-hint") == "")


async def test_a_refused_upload_says_why(here: Path, shared_empty: str) -> None:
    (here / "bad.jsonl").write_text("not json\n")
    async with browsing(shared_empty, upload=(here / "bad.jsonl",)) as b:
        await dialog(b)
        await b.press("enter")
        await b.toast("Expected file to have JSONL format")
        assert "Upload failed" in b.toasts[0]
        await b.until(lambda: "1 failed · t shows them" in b.foot)


async def test_a_file_that_the_filter_hides_is_told(here: Path) -> None:
    with ScriptedServer([remote(1, purpose="batch")]) as server:
        async with browsing(server.base_url, purpose="batch", upload=(jsonl(here / "a.jsonl"),)) as b:
            await dialog(b)
            await b.press("enter")
            await b.toast("hidden by the filter")
            await b.until(lambda: b.ids == ["file-0001"])


async def test_many_busy_files_hold_up_nothing_else(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("files_tui.ui.follow.FIRST_LOOK", 60.0)  # a second round would have a thread of its own
    paths = [tmp_path / f"many-{number}.md" for number in range(10)]
    for path in paths:
        path.write_text("a")
    with running_demo("--empty", "--processing-seconds", "3600") as url:
        async with browsing(url, upload=tuple(paths)) as b:
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.until(lambda: len(b.rows) == len(paths))
            await b.until(lambda: sum(thread.name == "follow" for thread in threading.enumerate()) == 1)
            await b.press("r")
            await b.refreshed(len(paths))


async def test_in_parts_on_demand_it_arrives_all_the_same(here: Path) -> None:
    path = jsonl(here / "a.jsonl", lines=10)
    with running_demo("--empty", *LIVE) as base_url:
        async with browsing(base_url, upload=(path,)) as b:
            await dialog(b)
            await b.press("down", "down", "right", "enter")
            await b.toast("a.jsonl is file-")
            assert last_job(b).in_parts
            asked = [exchange.path for exchange in b.app.exchanges if exchange.method == "POST"]
            assert [path.split("/")[-1] for path in asked] == ["uploads", "parts", "complete"]
            await b.detail("size", f"{path.stat().st_size} B")


async def test_what_is_too_large_for_one_request_says_how_it_goes(here: Path, shared_empty: str) -> None:
    large, at_most = here / "large.bin", here / "at-most.bin"
    for path, size in ((large, LARGEST_UPLOAD + 1), (at_most, LARGEST_UPLOAD)):
        path.touch()
        os.truncate(path, size)
    async with browsing(shared_empty, upload=(at_most, large)) as b:
        await dialog(b)
        assert b.words("#upload-hint") == "What is larger than 512 MiB is sent in parts."
        await b.press("down", "down", "right")
        await b.until(lambda: b.words("#upload-hint") == "")
        await b.press("escape")
        await b.main()
        b.browse.open_upload([at_most])
        await dialog(b)
        assert b.words("#upload-hint") == ""


async def test_what_is_there_already_is_pointed_out(here: Path) -> None:
    paths = [jsonl(here / name) for name in ("a.jsonl", "b.jsonl", "c.jsonl")]
    now = int(time.time())
    files = [
        remote(1, "a.jsonl", bytes=53, created_at=now - 7200),
        remote(2, "b.jsonl", bytes=54),
        remote(3, "c.jsonl", bytes=53, created_at=now - 61),
        remote(4, "c.jsonl", bytes=53, created_at=now - 9000),
    ]
    with ScriptedServer(files) as server:
        async with browsing(server.base_url) as b:
            b.browse.open_upload(paths)
            await dialog(b)
            lines = reported(b)
            assert [lines[at].split()[-1] for at in (0, 2, 3)] == ["a.jsonl", "b.jsonl", "c.jsonl"]
            assert lines[1] == "⚠ is there already: file-0001, 2 h ago"
            assert lines[4] == "⚠ is there already: file-0003, 1 min ago, and 1 other"


async def test_what_another_program_uploads_at_the_moment_is_pointed_out(here: Path, shared_empty: str) -> None:
    path = jsonl(here / "a.jsonl")
    other = Journal(journal_path(account(shared_empty)))
    other.expect([UploadJob(path, "fine-tune", size=path.stat().st_size)])
    other.write_expected()
    async with browsing(shared_empty, upload=(path,)) as b:
        await dialog(b)
        assert "⚠ is being uploaded by another files-tui" in reported(b)
        other.close()
