import pytest
from pathlib import Path
from tests.ui.helpers import *
from tests.ui.scripted import *
from tests.ui.conftest import *
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.transfers import TransfersScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.screens.quit import QuitScreen
from files_tui.ui.screens.resume import ResumeScreen
from files_tui.transfers.journal import *
from files_tui.transfers.jobs import *
from files_tui.api.models import File
pytestmark = pytest.mark.anyio
@pytest.mark.parametrize("size",[(80,24),(40,10)])
async def test_x(here,size):
    with ScriptedServer([remote(n, f"f{n}.txt", bytes=10) for n in range(12)]) as server:
        j = Journal(journal_path(account(server.base_url)))
        j.expect([*(UploadJob(here / f"up{n}.txt", "batch", size=123456) for n in range(5)), *(DownloadJob(File(id=f"file-{n}", filename=f"name {n}.txt", bytes=999999), here / "ff") for n in range(5)), *(DeleteJob(File(id=f"file-{n}", filename=f"name {n}.txt", bytes=999999)) for n in range(5))])
        j.write_expected()
        j.close()
        path = here / "f3.txt"
        path.write_bytes(b"0123456789")
        async with browsing(server.base_url, size=size) as b:
            await b.screen(ResumeScreen)
            print(b.text)
            await b.press("escape")
            await b.press("d")
            await b.screen(DownloadScreen)
            await b.value("#name", "f3.txt")
            await b.press("enter")
            await b.see("exists")
            print(b.text)
            await b.press("escape", "a", "x")
            await b.screen(DeleteScreen)
            await b.press("k")
            print(b.text)
            b.app.screen.action_keep()
            await b.pilot.pause()
            print(b.text)
            await b.press("escape")
            b.browse.open_upload([path])
            await b.screen(UploadScreen)
            print(b.text)
            await b.press("left")
            await b.press("enter")
            await b.pilot.pause()
            print(b.text)
