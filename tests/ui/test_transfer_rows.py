"""The lines of the transfers panel: a job, or many jobs that were asked for together."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from rich.text import Text

from files_tui.text import Safe
from files_tui.transfers.jobs import Batch, DeleteJob, DownloadJob, Job, State, UploadJob
from files_tui.transfers.queue import TransferQueue
from files_tui.transfers.rate import Rate
from files_tui.ui import transfer_rows
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.transfer_rows import SHOWN, Room, Row, cells_of, rows_of
from tests.files import a_file
from tests.ui.helpers import browsing, entries
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]


def upload(number: int = 0) -> UploadJob:
    return UploadJob(Path(f"/from/up-{number}.jsonl"), "fine-tune", size=1000)


def download(number: int = 0) -> DownloadJob:
    return DownloadJob(a_file(id=f"file-{number}", filename=f"down-{number}", bytes=1000), Path(f"/to/down-{number}"))


def delete(number: int = 0) -> DeleteJob:
    return DeleteJob(a_file(id=f"file-{number}", filename=f"gone-{number}", bytes=1000))


def ended(job: Job, state: State, message: str = "") -> Job:
    """The job as it is at its end."""
    job.enter("running")
    job.message = Safe(message)
    job.enter(state)
    assert job.batch
    job.batch.ended[state] += 1
    return job


def rows(*batches: Batch, opened: tuple[Batch, ...] = (), shown: int = SHOWN) -> list[Job | Batch]:
    """The lines for batches in the order that they were asked for."""
    troubled = [job for batch in batches for job in batch.jobs if job.state in ("failed", "unknown")]
    return rows_of(cast(TransferQueue, SimpleNamespace(batches=list(batches), troubled=troubled)), opened)


def words(row: Job | Batch, *, roomy: bool = True) -> list[str]:
    """What the cells of a line say."""
    return [cell.plain for cell in cells_of(row, "roomy" if roomy else "usual")]


@pytest.mark.parametrize(
    ("make", "most"), [(upload, 10), (download, 10), (delete, 1)], ids=["upload", "download", "delete"]
)
def test_more_jobs_than_that_are_one_line(make: Callable[[int], Job], most: int) -> None:
    few, many = Batch([make(n) for n in range(most)]), Batch([make(n) for n in range(most + 1)])
    assert rows(few) == few.jobs
    assert rows(many) == [many]
    assert rows(many, opened=(many,)) == [many, *many.jobs]
    assert rows(few, many, opened=(many,)) == [many, *many.jobs, *few.jobs]


def test_a_folded_line_shows_what_failed_and_is_unclear() -> None:
    batch = Batch([upload(n) for n in range(11)])
    failed, unclear = ended(batch.jobs[3], "failed", "no room"), ended(batch.jobs[7], "unknown", "lost")
    ended(batch.jobs[0], "done")
    ended(batch.jobs[1], "cancelled")
    assert rows(batch) == [batch, failed, unclear]
    assert words(batch) == [" ↑", "moving", "4 of 11, 2 failed", "━━━───────", "11 uploads  11.0 kB"]
    assert words(failed) == [" ↑", "failed", "no room", "", "  up-3.jsonl  as fine-tune"]
    assert words(unclear)[:3] == [" ↑", "unclear", "lost"]


def test_a_job_that_is_tried_again_is_in_its_new_batch_alone() -> None:
    first = Batch([download(n) for n in range(3)])
    again = Batch([first.jobs[1]])
    assert rows(first, again) == [again.jobs[0], first.jobs[0], first.jobs[2]]


def test_no_more_lines_are_made_than_anyone_looks_through() -> None:
    old, many = Batch([download()]), Batch([delete(n) for n in range(SHOWN * 2)])
    assert rows(old, many) == [many, *old.jobs]
    assert rows(old, many, opened=(many,)) == [many, *many.jobs[: SHOWN - 1]]


def test_a_folded_line_tells_how_it_stands() -> None:
    batch = Batch([delete(n) for n in range(4)])
    assert words(batch) == [" ✕", "moving", "0 of 4", "──────────", "4 deletes"]
    for job in batch.jobs[:3]:
        ended(job, "done")
    assert words(batch, roomy=False) == [" ✕", "moving", "3 of 4", "━━━━──", "4 deletes"]
    last = ended(batch.jobs[3], "failed")
    assert words(batch)[1:3] == ["ended", "4 of 4, 1 failed"]
    batch.ended.clear()
    batch.ended["done"] = 4
    assert words(batch)[1:4] == ["done", "4 of 4", "━━━━━━━━━━"]
    assert last.state == "failed"


def test_a_job_that_waits_for_its_next_try_tells_how_long_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_rows, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    job = download()
    job.enter("running")
    job.message, job.retry_at = Safe("too many requests"), 1002.4
    job.enter("retrying")
    assert words(job)[1:4] == ["retrying", "in 0:03: too many requests", ""]
    job.retry_at = 999.0
    assert words(job)[2] == "in 0:01: too many requests"


@pytest.mark.parametrize(
    ("moved", "total", "numbers", "bar"),
    [
        (250, 1000, "250 B of 1.0 kB · 125 B/s · 0:06", "━━────────"),
        (250, None, "250 B · 125 B/s · --:--", "──────────"),
        (0, 1000, "0 B of 1.0 kB · –/s · --:--", "──────────"),
        (999, 1000, "999 B of 1.0 kB · 499 B/s · 0:00", "━━━━━━━━━─"),
    ],
)
def test_a_running_job_tells_bytes_speed_and_time_left(moved: int, total: int | None, numbers: str, bar: str) -> None:
    job = download()
    job.enter("running")
    now = 0.0
    job.rate = Rate(lambda: now)
    job.rate.read(0)
    now = 2.0
    job.rate.read(moved)
    job.moved, job.total = moved, total
    assert words(job)[1:4] == ["running", numbers, bar]
    assert words(job, roomy=False)[2] == numbers.replace(" of 1.0 kB", "")


def test_a_job_that_has_ended_tells_how_fast_it_was() -> None:
    job = download()
    Batch([job])
    ended(job, "done")
    job.moved, job.began, job.ended = 3_000_000, 10.0, 12.0
    assert words(job)[1:4] == ["done", "3.0 MB in 0:02, 1.5 MB/s", ""]
    job.saved_as = Path("/to/down-0 (1)")
    assert words(job)[4] == "down-0  → /to/down-0 (1)"


def test_an_upload_that_is_sent_waits_for_its_answer() -> None:
    job = upload()
    job.enter("running")
    job.moved = job.total = 1000
    assert words(job)[2:4] == ["1.0 kB sent, no answer yet", "━━━━━━━━━━"]


def test_a_delete_shows_a_bar_while_its_copy_comes() -> None:
    job = DeleteJob(a_file(id="x", filename="x", bytes=1000), Path("/to/x"))
    job.enter("running")
    job.moved, job.total, job.began = 500, 1000, time.monotonic()
    assert words(job)[2:4] == ["500 B of 1.0 kB · –/s · --:--", "━━━━━─────"]
    job.saved_as = Path("/to/x")
    job.message = Safe("saved")
    assert words(job)[2:4] == ["saved", ""]


async def test_many_files_are_one_line_that_enter_opens(here: Path) -> None:
    with ScriptedServer([remote(n, f"f{n:02}", bytes=1000) for n in range(12)]) as server:
        for number in (3, 5):
            server.refuse["GET", f"/files/file-{number:04}/content"] = Reply(404, "gone [/x]")
        async with browsing(server.base_url) as b:
            await b.press("a")
            await b.download()
            await b.toast("Downloads ended with failures: 10 files saved in ")
            await b.transfers()
            first, *failed = [line.name.split("  →")[0] for line in b.moving]
            assert (first, sorted(failed)) == ("12 downloads  12.0 kB", ["f03", "f05"])
            assert b.moving[0][:4] == ("↓", "ended", "12 of 12, 2 failed", "━━━━━━━━━━")
            assert b.moving[1].numbers == "gone [/x] (HTTP 404)"
            assert "⏎ shows each of them" in b.words("#transfer-note")

            await b.press("enter")
            names = [f"f{n:02}" for n in range(11, -1, -1)]
            assert [line.name.split("  →")[0] for line in b.moving] == [first, *names]
            await b.press("j", "j", "enter")  # from a line within it, too
            assert len(b.moving) == 3

            server.refuse.clear()
            await b.press("g", "r")
            await b.until(lambda: [line.state for line in b.moving][:2] == ["done", "done"])
            assert sorted(line.name.split("  →")[0] for line in b.moving[:2]) == ["f03", "f05"]
    assert len(entries(here)) == 12
    assert sum("content" in request for request in server.requests) == 14


async def test_a_folded_line_is_cancelled_as_a_whole(here: Path) -> None:
    with ScriptedServer([remote(n, f"f{n:02}", bytes=1000) for n in range(12)]) as server:
        server.held = True
        async with browsing(server.base_url) as b:
            await b.press("j")
            await b.download()
            await b.press("a")
            await b.download()
            await b.until(lambda: sum("content" in request for request in server.requests) == 4)
            await b.transfers()
            assert [line.state for line in b.moving] == ["moving", "running"]
            await b.press("x")
            await b.until(lambda: b.browse.active == 1)
            assert b.moving[1].state == "running"
            await b.press("enter")
            await b.until(lambda: [line.state for line in b.moving[1:13]] == ["cancelled"] * 12)
            server.release()
            await b.until(lambda: b.moving[13].state == "done")
    assert entries(here) == ["f10"]


async def test_deletes_are_one_line_from_two_on() -> None:
    with ScriptedServer([remote(n, f"f{n}") for n in range(5)]) as server:
        server.refuse["DELETE", "/files/file-0001"] = Reply(403, "in use")
        async with browsing(server.base_url) as b:
            await b.press("a", "x", "y")
            await b.screen(DeleteScreen)
            await b.see("4 of 5 deleted, 1 failed")
            await b.press("escape")
            await b.main()
            await b.transfers()
            assert [(line.state, line.name) for line in b.moving] == [("ended", "5 deletes"), ("failed", "f1")]
            await b.press("j", "r")
            await b.until(lambda: [line.name for line in b.moving] == ["f1", "5 deletes"])
            await b.until(lambda: b.moving[0][1:3] == ("failed", "in use (HTTP 403)"))
            server.refuse.clear()
            await b.press("R")
            await b.until(lambda: b.moving[0] == ("✕", "done", "deleted", "", "f1"))
            await b.press("c")
            assert b.moving == []
            await b.press("t")
            await b.main()
            await b.until(lambda: b.rows == [])


async def test_only_lines_of_what_moves_are_made_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def cells(row: Row, room: Room) -> list[Text]:
        made.append(row.state if isinstance(row, Job) else "batch")
        return cells_of(row, room)

    monkeypatch.setattr("files_tui.ui.widgets.job_list.cells_of", cells)
    with ScriptedServer([remote(n, f"f{n}", bytes=10) for n in range(4)]) as server:
        async with browsing(server.base_url) as b:
            await b.press("space", "space", "space")
            await b.download()
            await b.until(lambda: b.browse.session and len(b.browse.session.queue.jobs) == 3)
            await b.until(lambda: not b.browse.active)
            server.held = True
            await b.press("escape", "end")
            await b.download()
            await b.until(server.arrived.is_set)
            await b.transfers()
            await b.until(lambda: [line.state for line in b.moving] == ["running", "done", "done", "done"])
            made.clear()
            await b.press("j", "j", "j")
            await b.until(lambda: len(made) > 5)
            assert set(made) == {"running"}
            await b.pilot.resize_terminal(90, 24)
            await b.until(lambda: made.count("done") == 3)
            server.release()
            await b.until(lambda: made.count("done") == 4)
