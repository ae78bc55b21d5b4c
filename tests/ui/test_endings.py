"""What is said when jobs have ended: one message for all that were asked for together."""

from pathlib import Path

import pytest

from files_tui.text import Safe
from files_tui.transfers.jobs import Batch, DeleteJob, DownloadJob, Job, State, UploadJob
from files_tui.ui.endings import Ending, ending_of
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.upload import UploadScreen
from tests.files import a_file
from tests.ui.helpers import KEYS, browsing, jsonl
from tests.ui.scripted import Reply, ScriptedServer, remote

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

HOSTILE = "[|x] [@click=app.quit]\x1b[2J.txt"


def over(*jobs: tuple[Job, State], message: str = "", advice: str = "") -> Batch:
    """A batch whose jobs ended like that; the message is that of all which did not end well, or of the only one."""
    batch = Batch([job for job, _ in jobs])
    for job, state in jobs:
        job.enter("running")
        if state in ("failed", "unknown") or len(jobs) == 1:
            job.message, job.advice = Safe(message), advice
        if state == "done" and isinstance(job, UploadJob):
            job.file = a_file(id="file-new", filename=job.path.name)
        if state == "done" and isinstance(job, DownloadJob):
            job.saved_as = job.target
        if state == "done" and isinstance(job, DeleteJob):
            job.saved_as = job.copy
        job.enter(state)
        batch.ended[state] += 1
    assert batch.is_over
    return batch


def upload(name: str = "a.jsonl") -> UploadJob:
    return UploadJob(Path("/from") / name, "batch")


def download(name: str = "a.txt") -> DownloadJob:
    return DownloadJob(a_file(id="file-1", filename=name), Path("/to") / name)


def delete(name: str = "a.txt", copy: str | None = None) -> DeleteJob:
    return DeleteJob(a_file(id="file-1", filename=name), Path(copy) if copy else None)


@pytest.mark.parametrize(
    ("batch", "title", "words"),
    [
        (over((upload(), "done")), "Uploaded", "a.jsonl is file-new"),
        (over((upload(), "done"), message="found"), "Uploaded", "a.jsonl is file-new\nfound"),
        (over((download(), "done")), "Saved", "/to/a.txt"),
        (over((download(), "done"), message="look at it"), "Saved", "/to/a.txt\nlook at it"),
        (over((delete(), "done"), message="deleted"), "Deleted", "a.txt"),
        (over((delete(), "done"), message="already gone"), "Deleted", "a.txt: already gone"),
        (over((delete(copy="/to/a"), "done"), message="deleted"), "Deleted", "a.txt; a copy is /to/a"),
        (over((download(HOSTILE), "done")), "Saved", "/to/[|x] [@click=app.quit]␛[2J.txt"),
    ],
)
def test_one_that_went_well(batch: Batch, title: str, words: str) -> None:
    assert ending_of(batch, KEYS) == Ending(title, words, is_trouble=False)


@pytest.mark.parametrize(
    ("batch", "title"),
    [
        (over((upload(HOSTILE), "failed"), message="no", advice="Do more."), "Upload failed"),
        (over((upload(HOSTILE), "unknown"), message="no", advice="Do more."), "Upload unclear"),
        (over((download(HOSTILE), "failed"), message="no", advice="Do more."), "Download failed"),
        (over((delete(HOSTILE), "failed"), message="no", advice="Do more."), "Delete failed"),
    ],
)
def test_one_that_did_not(batch: Batch, title: str) -> None:
    assert ending_of(batch, KEYS) == Ending(title, "[|x] [@click=app.quit]␛[2J.txt: no\nDo more.", is_trouble=True)


def test_a_failure_without_advice_ends_with_its_reason() -> None:
    assert ending_of(over((upload(), "failed"), message="no"), KEYS) == Ending(
        "Upload failed", "a.jsonl: no", is_trouble=True
    )


@pytest.mark.parametrize(
    ("batch", "title", "words"),
    [
        (over(*((upload(), "done") for _ in range(1200))), "Uploads ended", "1,200 files uploaded"),
        (over((download(), "done"), (download(), "done")), "Downloads ended", "2 files saved in /to"),
        (over((delete(), "done"), (delete(), "done")), "Deletes ended", "2 files deleted"),
        (
            over((delete(copy="/to/a"), "done"), (delete(copy="/to/b"), "done")),
            "Deletes ended",
            "2 files deleted, copies in /to",
        ),
        (over((download(), "done"), (download(), "cancelled")), "Downloads ended", "1 file saved in /to, 1 cancelled"),
    ],
)
def test_many_that_went_well(batch: Batch, title: str, words: str) -> None:
    assert ending_of(batch, KEYS) == Ending(title, words, is_trouble=False)


def test_files_that_were_gone_already_are_counted() -> None:
    batch = over((delete(), "done"), (delete(), "done"))
    batch.jobs[0].message = Safe("already gone")
    assert ending_of(batch, KEYS) == Ending("Deletes ended", "2 files deleted (1 gone already)", is_trouble=False)


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        (
            over(*((delete(), "done") for _ in range(498)), (delete(), "failed"), (delete(), "failed")),
            "Deletes ended with failures: 498 files deleted, 2 failed: t shows them",
        ),
        (
            over((upload(), "done"), (upload(), "failed"), (upload(), "unknown"), (upload(), "cancelled")),
            "Uploads ended with failures: 1 file uploaded, 1 failed, 1 unclear, 1 cancelled: t shows them",
        ),
        (over((download(), "failed"), (download(), "failed")), "Downloads ended with failures: 2 failed: t shows them"),
    ],
)
def test_many_that_did_not(batch: Batch, words: str) -> None:
    told = ending_of(batch, KEYS)
    assert told is not None
    assert (f"{told.title}: {told.words}", told.is_trouble) == (words, True)


def test_nothing_is_said_of_what_the_person_has_cancelled() -> None:
    assert ending_of(over((download(), "cancelled")), KEYS) is None
    assert ending_of(over((download(), "cancelled"), (download(), "cancelled")), KEYS) is None


async def test_three_hundred_deletes_that_are_left_early_end_with_one_toast() -> None:
    with ScriptedServer([remote(n) for n in range(300)]) as server:
        for number in (7, 8):
            server.refuse["DELETE", f"/files/file-{number:04}"] = Reply(403, "in use")
        async with browsing(server.base_url) as b:
            await b.press("a", "x")
            await b.screen(DeleteScreen)
            await b.write("300")
            await b.press("enter", "escape")
            await b.main()
            await b.until(lambda: b.toasts)
            assert b.toasts == ["Deletes ended with failures: 298 files deleted, 2 failed: t shows them"]
            await b.until(lambda: b.ids == ["file-0008", "file-0007"])
            await b.until(lambda: "2 failed · t shows them" in b.foot and not b.browse.active)
            assert len(b.toasts) == 1


async def test_what_is_asked_for_apart_is_told_apart(here: Path) -> None:
    with ScriptedServer([remote(1, "a", bytes=10)]) as server:
        async with browsing(server.base_url) as b:
            await b.download()
            await b.toast("Saved: ")
            b.browse.open_upload([jsonl(here / f"{name}.jsonl") for name in "xyz"])
            await b.screen(UploadScreen)
            await b.press("enter")
            await b.toast("Uploads ended: 3 files uploaded")
            assert len(b.toasts) == 1  # the dialog took the other one away
            assert b.browse.session
            last = b.browse.session.queue.jobs[-1]
            assert isinstance(last, UploadJob)
            assert last.file
            wanted = last.file.id
            await b.until(lambda: b.table.current and b.table.current.id == wanted)
