"""Hostile texts in every dialog: names of files here and there, ids, folders, and what a server or a disk says."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from files_tui.catalog.capabilities import learn
from files_tui.clipboard import Copied
from files_tui.text import file_name
from files_tui.transfers.jobs import DeleteJob, DownloadJob, UploadJob
from files_tui.transfers.originals import Original
from files_tui.ui.preview.screen import PreviewScreen
from files_tui.ui.screens.copy import CopyScreen
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.detach import DetachScreen
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.finding import FindingScreen
from files_tui.ui.screens.open import OpenScreen
from files_tui.ui.screens.pick import PickScreen
from files_tui.ui.screens.refused import Found, RefusedScreen
from files_tui.ui.screens.resume import ResumeScreen
from files_tui.ui.screens.show import ShowScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.screens.uses import UsesScreen
from files_tui.ui.widgets.field import Field
from files_tui.ui.widgets.options import Options
from files_tui.ui.widgets.report_list import ReportList
from tests.hostile import HOSTILE, TELLING, local_name
from tests.ui.helpers import Browser
from tests.ui.hostile import FEW, TEXTS, Place, folded, hostile_file, see_all, some, untoasted, visit, with_each
from tests.ui.scripted import Reply, ScriptedServer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

Steps = AsyncIterator[Iterable[str]]
NAMES = sorted({local_name(text) for text in HOSTILE.values()})
FEW_NAMES = sorted({local_name(HOSTILE[name]) for name in TELLING})
LOST = b"bad-\xff\x9b.txt".decode("utf-8", "surrogateescape")
"""A name that is no UTF-8."""


def touch_all(folder: Path) -> list[Path]:
    """A file of five bytes under each name that this machine can have."""
    paths = [folder / name for name in (*NAMES, LOST)]
    for path in paths:
        path.write_bytes(b"hello")
    return paths


async def copying(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The menu, with one file or with all."""
    async for text in with_each(b, ["y"], lambda: b.screen(CopyScreen)):
        yield [text, "client.files.retr"]
    await b.press("a", "y")
    await b.screen(CopyScreen)
    yield [folded(TEXTS[0])]


async def copied(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The toast that says what was copied."""
    for file in b.table.files[::5]:
        b.app.copier.tell("", str(file.id), Copied("sent", note="[/no] way\x1b"))
        await b.see("[/no] way")
        yield ["[/no]"]
        b.app.clear_notifications()
        await b.until(lambda: "[/no]" not in b.text)


async def by_hand(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """What nothing could copy is shown, on several lines where it has them."""
    for text in FEW:
        b.app.copier.show_by_hand(text, "", Copied(note=f"no way: {text}"))
        await b.screen(ShowScreen)
        yield [text.split("\n")[0]]
        await b.press("escape")
        await b.main()


async def download(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The dialog, its question about a file that exists, and a folder that does not."""
    for file in server.files:
        (here / file_name(file["filename"] or file["id"])).touch()
    async for text in with_each(b, ["d"], lambda: b.screen(DownloadScreen)):
        yield [text[:20]]
        await b.press("enter")
        await b.until(lambda: b.words(".problem"))
        yield [text[:3].strip("./ ")] if len(text) < 100 and text.isprintable() and "/" not in text else []
        await b.value("#folder", f"{here}/{text[:100]}/nowhere")
        await b.press("enter")
        await b.until(lambda: "such folder" in b.words(".problem") or "cannot write" in b.words(".problem"))
        yield []


async def left_out(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Purposes of which the server gives out no content, in the dialog and without one."""
    assert b.browse.session is not None
    for file in b.table.files[:-1]:
        if file.filename.true in FEW:
            learn(b.browse.session.catalog, "content", file.purpose)
    words = "This server gives out no content"
    async for _ in with_each(b, ["d"], lambda: b.see(words)):
        yield [words]
        await untoasted(b)
    await b.press("a", "d")
    await b.screen(DownloadScreen)
    yield ["left out"]


async def folders(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Downloads and copies that go to a folder with a name of this kind."""
    for name in FEW_NAMES:
        folder = here / name
        folder.mkdir()
        b.browse._download_dir = folder
        await b.press("d")
        await b.screen(DownloadScreen)
        yield []
        await b.press("escape")
        await b.main()
        await b.press("x")
        await b.screen(DeleteScreen)
        await b.press("k")
        await b.see("copies go to")
        yield ["copies go to"]
        await b.press("n")
        await b.main()


async def deleting(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The question, the wait for the outcome, and what failed."""
    for file, text in zip(server.files, TEXTS, strict=True):
        server.refuse["DELETE", f"/files/{file['id']}"] = Reply(400, f"{text} said")
        server.refuse["GET", f"/files/{file['id']}"] = Reply(400, f"{text} said")
    assert b.browse.session is not None
    b.browse.session.account = replace(
        b.browse.session.account, project="[/x]\x1b[2J", organization="[@click=app.quit]\u202e"
    )
    await b.press("a", "x")
    await b.screen(DeleteScreen)
    b.app.screen.query_one("#delete-list").styles.max_height = len(TEXTS) + 2
    await see_all(b, TEXTS)
    yield TEXTS
    await b.press(*str(len(TEXTS)), "enter")
    yield []
    await b.until(lambda: f"{len(TEXTS)} failed: r tries" in b.words("#delete-warning"))
    yield []
    listing = b.app.screen.query_one("#delete-list")
    for at in range(0, 2 * len(TEXTS), 20):
        listing.scroll_to(y=at, animate=False, force=True)
        await b.pilot.pause(0)
        yield []


async def uploading(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The dialog: names, twins with their ids, and why a file cannot be uploaded."""
    paths = touch_all(here)
    server.files = [
        hostile_file(number, path.name.encode("utf-8", "replace").decode()) for number, path in enumerate(paths)
    ]
    await b.refreshed(len(paths))
    b.browse.open_upload([*paths, *(here / f"{path.name[:50]}-gone" for path in paths)])
    await b.screen(UploadScreen)
    listing = b.app.screen.query_one("#sources")
    listing.styles.height = 60
    for at in range(0, 3 * len(paths), 40):
        listing.scroll_to(y=at, animate=False, force=True)
        await b.pilot.pause(0)
        yield ["⚠ is there already: "] if at == 0 else []
    await b.value("#other-purpose", "x")
    b.app.screen.query_one("#other-purpose").display = True
    for text in TEXTS:
        await b.value("#other-purpose", text[:200])
        yield []


async def problems(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Lines of a file that are no JSON, in the list and one by one."""
    texts = [text for text in (" ".join(text.splitlines()).strip() for text in FEW) if text and "\0" not in text]
    (here / "train.jsonl").write_text("\n".join(texts) + "\n", encoding="utf-8")
    b.browse.open_upload([here / "train.jsonl"])
    upload = await b.screen(UploadScreen)
    await b.see("Upload anyway")
    yield ["train.jsonl"]
    upload.query_one(ReportList).focus()
    await b.press("enter")
    await b.screen(FindingScreen)
    for number, text in enumerate(texts, 1):
        await b.see(f"line {number},")
        await see_all(b, [text])
        yield [text]
        await b.press("n")


async def picking(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """The list of a folder, what is typed, completed or pasted above it, and folders that do not exist."""
    touch_all(here)
    for name in NAMES:
        (here / f"in {name}"[:60]).mkdir()
    await b.press("u")
    await b.screen(PickScreen)
    await b.until(lambda: " entries" in b.words("#pick-foot"))
    yield ["in [⧸x]"]
    await b.press("down", "end")
    yield []
    for name in (*FEW_NAMES, LOST):
        await paste(b, b.widget("#path", Field), name[: max(1, len(name) - 1)])
        yield []
        await b.press("tab")
        yield []
        await b.value("#path", f"{name[:50]}-nowhere/")
        await b.until(lambda: ": " in b.words("#pick-folder"))
        yield []
        await b.value("#path", "")
        await b.until(lambda: ": " not in b.words("#pick-folder"))


async def paste(b: Browser, field: Field, text: str) -> None:
    """Put a text into an empty field; one of nothing but white space stays out."""
    field.focus()
    field.value = ""
    field.post_message(events.Paste(text))
    await b.until(lambda: field.value or not text.strip())


async def going_into(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """A folder with a name of this kind is where the dialog is."""
    for name in NAMES:
        (here / name).mkdir()
        (here / name / "inner [x].txt").touch()
    await b.press("u")
    pick = await b.screen(PickScreen)
    for name in NAMES:
        pick._go_to(here / name)
        await b.until(lambda: pick._read is not None and os.path.basename(pick._read) == name)  # noqa: B023
        await b.see("inner [x]")
        yield []


async def resuming(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """What an earlier run has left."""
    for files in some(b.table.files, 3):
        jobs = [
            *(UploadJob(here / local_name(file.filename.true), file.purpose.true, size=5) for file in files),
            *(DownloadJob(file, here / "x") for file in files),
            *(DeleteJob(file) for file in files),
        ]
        b.app.push_screen(ResumeScreen(jobs))
        await b.screen(ResumeScreen)
        yield [file.filename.true for file in files]
        await b.press("escape")
        await b.main()


async def opening(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Ids that were pasted, and what is said of those that do not open."""
    for text in (text for text in FEW if text.split() and len(text) < 200):
        await b.press("O")
        await b.screen(OpenScreen)
        await b.value("#ids", text)
        yield []
        await b.press("enter")
        await b.main()
        await b.toast("Not opened")
        await b.see("Not opened")
        yield [text.replace(",", " ").split()[0][:3]]
        b.app.clear_notifications()
        await b.until(lambda: "Not opened" not in b.text)


async def using(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """What uses a file, and the vector stores that it can be taken out of."""
    await b.press("home")
    file_id = server.files[0]["id"]
    for number, text in enumerate(TEXTS):
        words = {"id": f"{text[:200]}-{number}", "status": text, "created_at": 1000 - number}
        other = server.files[number]["id"]
        server.lists.setdefault("/batches", []).append(
            {**words, "endpoint": text, "input_file_id": file_id, "output_file_id": other, "error_file_id": text}
        )
        server.lists.setdefault("/vector_stores", []).append({**words, "name": text})
        server.lists[f"/vector_stores/{words['id']}/files"] = [{"id": file_id}]
    await b.press("w")
    await b.screen(UsesScreen)
    b.widget("Options", Options).styles.max_height = len(TEXTS) + 10
    await b.see("as of ")
    for place in (0, 3 * len(TEXTS)):
        b.widget("Options", Options).scroll_to(y=place, animate=False, force=True)
        await b.pilot.pause(0)
        yield ["as of"]
    await b.press("escape", "x")
    await b.screen(DeleteScreen)
    await b.see("v detaches")
    await b.press("v")
    await b.screen(DetachScreen)
    b.app.screen.query_one("#delete-list").styles.max_height = len(TEXTS) + 2
    await see_all(b, TEXTS)
    yield TEXTS


async def refused(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """Originals with names of this kind."""
    for files in some(b.table.files, 12):
        folder = here / files[0].filename.true
        found: list[Found] = [(file, Original(here / file.filename.true, (5, 5), None), "changed") for file in files]
        b.app.push_screen(RefusedScreen(f"no {files[0].purpose}", found, folder, lambda *_: None))
        await b.screen(RefusedScreen)
        yield [file.filename.true for file in files[:1]]
        await b.press("escape")
        await b.main()


async def looking_inside(b: Browser, server: ScriptedServer, here: Path) -> Steps:
    """A file with such a name, in whose records every word is such a text; as text, and where nothing can be had."""
    records = [{"messages": [{"role": text, "content": text, text: text}]} for text in TEXTS]
    path = f"/files/{b.current}/content"
    for ascii_ in (True, False):
        content = "\n".join(json.dumps(record, ensure_ascii=ascii_) for record in records)
        server.contents[b.current] = content.encode("utf-8", "replace")
        server.refuse["GET", path] = Reply(503, TEXTS[1])
        await b.press("o")
        await b.screen(PreviewScreen)
        await b.see("m tries again")
        yield [folded(TEXTS[1])]
        server.refuse.clear()
        await b.press("m")
        await b.see(f"{len(TEXTS)} ▸ ")
        yield []
        for key in ("z", "h", "w", "right", "h"):
            await b.press(key)
            yield []
        await b.press("q")
        await b.main()


PLACES: dict[str, Place] = {
    place.__name__: place
    for place in (
        left_out,
        copying,
        copied,
        by_hand,
        download,
        folders,
        deleting,
        uploading,
        problems,
        picking,
        going_into,
        resuming,
        opening,
        using,
        refused,
        looking_inside,
    )
}


@pytest.mark.parametrize("place", PLACES)
async def test_a_place_shows_every_text_as_it_is(place: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await visit(PLACES[place], here)
