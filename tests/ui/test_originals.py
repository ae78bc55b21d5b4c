"""What a file was uploaded from: told beside it, and offered where the server does not give it out."""

import threading
from pathlib import Path

import pytest

from files_tui.transfers.originals import Original
from files_tui.ui.preview.screen import PreviewScreen
from files_tui.ui.screens.detail import DetailScreen
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.refused import Found, RefusedScreen
from files_tui.ui.screens.upload import UploadScreen
from tests.ui.helpers import Browser, browsing, entries, jsonl
from tests.ui.scripted import Reply, ScriptedServer, remote
from tests.ui.test_fits import every_size

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]

REFUSAL = "Not allowed to download files of purpose: fine-tune"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, by whose short name paths fit on a line."""
    monkeypatch.chdir(Path.home())
    return Path.home()


async def upload(b: Browser, path: Path, became: str) -> None:
    b.browse.open_upload([path])
    await b.screen(UploadScreen)
    await b.press("enter")
    await b.toast("Uploaded")
    await b.until(lambda: b.current == became)


async def test_an_original_is_told_of_and_offered_where_the_content_is_refused(
    home: Path, clipboard: list[str]
) -> None:
    path = jsonl(home / "[a]\x1b.jsonl")
    with ScriptedServer([remote(1)]) as server:
        for name in ("0001", "0101"):
            server.refuse["GET", f"/files/file-{name}/content"] = Reply(400, REFUSAL)
        async with browsing(server.base_url) as b:
            await upload(b, path, "file-0101")
            await b.detail("details", "original: ~/[a]␛.jsonl, unchanged")
            await b.press("j")
            await b.until(lambda: "original" not in b.text)
            await b.press("k", "d")
            await b.screen(DownloadScreen)
            await b.press("enter")
            await b.toast(f"{REFUSAL}")
            await b.toast("The original is still at ~/[a]␛.jsonl, unchanged.")
            await b.transfers()
            await b.press("c", "escape")
            await b.main()
        content = path.read_bytes()
        path.write_bytes(content.upper())
        async with browsing(server.base_url, theme="ansi-light") as b:  # another run knows it, too
            await b.detail("details", "perhaps changed since")
            await b.press("enter")
            await b.screen(DetailScreen)
            await b.see("original  ~/[a]␛.jsonl, changed since")  # since it was looked into
            await b.press("escape", "o")
            await b.screen(PreviewScreen)
            await b.see(".jsonl, changed since. d offers it.")
            await b.press("d")
            await b.screen(RefusedScreen)
            await b.see(".jsonl, changed since.")
            await every_size(b, "Not given out")
            await b.press("c")
            await b.until(lambda: clipboard == [str(path)])
            await b.press("k")
            await b.main()
            await b.toast(f"Copied from the original: {home}/data-0101.jsonl")
            assert (home / "data-0101.jsonl").read_bytes() == content.upper()

            (home / "data-0101.jsonl").unlink()
            path.unlink()
            await b.press("a", "d")
            await b.screen(RefusedScreen)
            await b.see(".jsonl, is gone.")
            await b.press("k")
            assert isinstance(b.app.screen, RefusedScreen)
            assert [name for name in entries(home) if "jsonl" in name] == []
            await b.press("escape", "escape", "j", "d")
            await b.toast("This server gives out no content of purpose fine-tune")
        async with browsing(server.base_url, cache=False) as b:
            other = jsonl(home / "b.jsonl")
            await upload(b, other, "file-0102")
            await b.detail("details", "b.jsonl, unchanged")
        async with browsing(server.base_url) as b:  # that run has kept nothing
            await b.press("home", "enter")
            await b.screen(DetailScreen)
            await b.see("file-0102")
            await b.until(lambda: not any(thread.name == "original" for thread in threading.enumerate()))
            assert "original" not in b.text


async def test_a_copy_of_an_original_that_cannot_be_made(home: Path) -> None:
    path = jsonl(home / "a.jsonl")
    nowhere = home / "nowhere"
    with ScriptedServer([]) as server:
        server.refuse["GET", "/files/file-0100/content"] = Reply(400, REFUSAL)
        async with browsing(server.base_url) as b:
            await upload(b, path, "file-0100")
            await b.press("d")
            await b.screen(DownloadScreen)
            await b.press("enter")
            await b.toast(REFUSAL)
            b.browse._download_dir = nowhere
            await b.press("d")
            await b.screen(RefusedScreen)
            await b.press("k")
            await b.see("✗ no such folder: ")
            nowhere.mkdir()
            await b.press("k")
            await b.main()
            assert entries(nowhere) == ["data-0100.jsonl"]

            lost, there = (Original(home / name, (5, 0), None) for name in ("lost.txt", "there.txt"))
            there.path.write_bytes(b"there")
            file = b.table.files[0]
            found: list[Found] = [(file, lost, "unchanged"), (file, there, "unchanged")]
            b.app.push_screen(RefusedScreen("no", found, nowhere, lambda *_: None))
            await b.screen(RefusedScreen)
            await b.press("k")
            await b.see("✗ 1 file copied; ")
            await b.see("lost.txt: No such file")
            assert len(entries(nowhere)) == 2
            lost.path.write_bytes(b"found")
            await b.press("k")
            await b.main()
            assert len(entries(nowhere)) == 3
