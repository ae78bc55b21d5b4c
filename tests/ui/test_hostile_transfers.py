"""Hostile texts in what moves, in what is said of its end, and in what is asked before the program leaves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, UploadJob
from files_tui.ui.screens.quit import QuitScreen
from files_tui.ui.screens.transfers import TransfersScreen
from tests.hostile import HOSTILE, for_header, local_name
from tests.ui.helpers import Browser
from tests.ui.hostile import FEW, SIZE, TEXTS, Place, see_all, some, toasted, untoasted, visit
from tests.ui.scripted import Reply, ScriptedServer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

Steps = AsyncIterator[Iterable[str]]
FINAL = {"x-should-retry": "false"}
NAMES = sorted({local_name(text) for text in HOSTILE.values()})


def refuse_all(server: ScriptedServer, status: int, headers: dict[str, str]) -> None:
    """Every content and every delete, each for a reason of its own."""
    for file, text in zip(server.files, TEXTS, strict=True):
        for method, path in (("GET", f"/files/{file['id']}/content"), ("DELETE", f"/files/{file['id']}")):
            server.refuse[method, path] = Reply(status, f"{text[:9]}, it says", headers)


def downloads(b: Browser, here: Path) -> list[Job]:
    """Of each file of the page, to a name of its kind in the working folder, so that the line has room for it."""
    return [DownloadJob(file, Path(local_name(file.filename.true))) for file in b.table.files]


def submit(b: Browser, *jobs: Job) -> None:
    assert b.browse.session is not None
    b.browse.session.queue.submit(jobs)


async def failed_downloads(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """One line with all that failed, then every line, then what is said of each."""
    refuse_all(server, 400, FINAL)
    await b.transfers()
    submit(b, *downloads(b, here))
    await b.see(f"{len(TEXTS)} of {len(TEXTS)}, {len(TEXTS)} failed")
    await see_all(b, TEXTS)
    yield TEXTS
    for _ in TEXTS:
        await b.press("j")
        yield ["Transfers"]
    await b.press("home", "enter")
    yield TEXTS


async def retried_downloads(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Those that wait for the next try say why."""
    refuse_all(server, 500, {})
    await b.transfers()
    for jobs in some(downloads(b, here), 10):
        submit(b, *jobs)
        await b.until(lambda: "retrying" in b.text)
        yield []
        await b.press("X")
        await b.until(lambda: not b.browse.active)
        await b.press("c")


async def done_downloads(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Where they were saved, one by one in toasts and all in the panel."""
    for jobs in some(downloads(b, here), 5):
        for job in jobs:
            submit(b, job)
        await toasted(b, len(jobs), "Saved")
        yield []
        await untoasted(b)
    odd = here / local_name("[@click=app.quit]\x1b[2J\u202e")
    odd.mkdir()
    submit(b, *(DownloadJob(file, odd / "x") for file in b.table.files[:2]))
    await toasted(b, 1, "saved in")
    yield []
    await b.transfers()
    yield TEXTS


async def toasts(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Downloads and deletes that failed, one by one."""
    refuse_all(server, 400, FINAL)
    jobs = [
        job
        for pair in zip(downloads(b, here), [DeleteJob(file) for file in b.table.files], strict=True)
        for job in pair
    ]
    for few in some(jobs, 4):
        for job in few:
            submit(b, job)
        await toasted(b, len(few), " failed")
        yield []
        await untoasted(b)


async def uploads(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Local names, purposes of any kind, and messages or addresses in the answers."""
    jobs: list[Job] = []
    for name, text in zip(NAMES, TEXTS, strict=False):
        (here / name).write_bytes(b"hello")
        jobs.append(UploadJob(here / name, text, size=5))
    await b.transfers()
    for few in some(jobs, 14):
        words = " ".join(text[:40] for text in TEXTS[jobs.index(few[0]) : jobs.index(few[-1]) + 1])
        elsewhere = "http://x.example/" + for_header("".join(char for char in words if char > "\x7f"))
        for reply in (Reply(400, words, FINAL), Reply(302, headers={"Location": elsewhere})):
            server.refuse["POST", "/files"] = reply
            submit(b, *few)
            await b.until(lambda: not b.browse.active)
            yield []
            for _ in few[:3]:
                await b.press("j")
                yield []
            again = [job for job in few if job.can_retry]
            assert again == list(few)
            await b.press("c")
            few = [UploadJob(job.path, job.purpose, size=5) for job in few if isinstance(job, UploadJob)]


async def uploaded(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """What arrived is told of with the server's id for it."""
    for name, file in list(zip(NAMES, server.files, strict=False))[::4]:
        (here / name).write_bytes(b"hello")
        job = UploadJob(here / name, "batch", size=5)
        server.refuse["POST", "/files"] = Reply(200, body=server.encoded(file))
        submit(b, job)
        await toasted(b, 1, "Uploaded")
        yield []
        await untoasted(b)


async def moving(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The foot of the main screen, the panel, and the question before quitting."""
    server.held = True
    assert b.browse.session is not None
    jobs = [job for job in downloads(b, here) if isinstance(job, DownloadJob) and job.file.filename.true in FEW]
    for job in jobs:
        submit(b, job)
        await b.until(lambda: "↓ " in b.foot and "40 %" in b.foot)
        yield []
        if job.number % 5 == 0:
            await b.press("t")
            await b.screen(TransfersScreen)
            yield []
            await b.press("q", "q")
            await b.screen(QuitScreen)
            yield ["Quit?"]
            await b.press("escape")
            await b.main()
        b.browse.session.queue.cancel([job])
        await b.until(lambda: not b.browse.active and "↓" not in b.foot)
    server.release()


PLACES: dict[str, Place] = {
    place.__name__: place
    for place in (failed_downloads, retried_downloads, done_downloads, toasts, uploads, uploaded, moving)
}


@pytest.mark.parametrize("place", PLACES)
async def test_a_place_shows_every_text_as_it_is(place: str, here: Path) -> None:
    await visit(PLACES[place], here)


async def test_a_narrow_panel(here: Path) -> None:
    await visit(failed_downloads_in_a_few_columns, here, size=(60, SIZE[1]))


async def failed_downloads_in_a_few_columns(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    refuse_all(server, 400, FINAL)
    await b.transfers()
    submit(b, *downloads(b, here))
    await b.until(lambda: b.text.count("failed") > len(TEXTS))
    for _ in TEXTS:
        await b.press("j")
        yield []
