"""Makes the pictures of this folder from the real program and the embedded server.

    python screenshots/make.py [--into FOLDER]

Needs the extras `demo` and `test`. It fails when a picture cannot be made.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from textual.pilot import Pilot

from files_tui.catalog.query import Query
from files_tui.demo.launch import DemoServer
from files_tui.settings import Account, Secret, Settings
from files_tui.text import Untrusted
from files_tui.transfers.jobs import DownloadJob, UploadJob
from files_tui.ui.app import FilesApp
from files_tui.ui.widgets.path_list import PathList

HERE = Path(__file__).parent
PATIENCE = 30.0
LARGE = 480 << 20
LARGE_NAMES = ("scans-2026-10.png", "scans-2026-11.png", "scans-2026-12.png")


def keys(words: str) -> list[str]:
    """The keys that type these words."""
    return [{"-": "minus", ".": "full_stop"}.get(letter, letter) for letter in words]


class Studio:
    """Takes pictures of one run of the program."""

    def __init__(self, app: FilesApp, pilot: Pilot[None], into: Path) -> None:
        self.app, self._pilot, self._into = app, pilot, into

    async def until(self, shown: Callable[[], object]) -> None:
        """Wait until the program is as it should be."""
        deadline = time.monotonic() + PATIENCE
        while not shown():
            if time.monotonic() > deadline:
                raise SystemExit("the program does not come to the state that a picture needs")
            await self._pilot.pause(0.02)

    async def press(self, *names: str) -> None:
        """Press keys and let the screen settle."""
        await self._pilot.press(*names)
        await self._pilot.pause(0.3)

    @property
    def words(self) -> str:
        """The screen as it is painted, without colours."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    def take(self, name: str) -> None:
        """Save the screen as NAME.svg."""
        path = self._into / f"{name}.svg"
        path.write_text(self.app.export_screenshot(title="files-tui"), encoding="utf-8")
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")


@contextlib.asynccontextmanager
async def program(base_url: str, size: tuple[int, int], into: Path) -> AsyncIterator[Studio]:
    """The program with rows on its screen."""
    settings = Settings(demo=True, theme="textual-dark")  # whatever the terminal that this runs in has
    account = Account(base_url=base_url, key=Secret("demo"))
    app = FilesApp(settings, lambda: account)
    async with app.run_test(size=size, notifications=False) as pilot:
        studio = Studio(app, pilot, into)
        await studio.until(lambda: "synced" in str(app.browse.query_one("#head").render()))
        await studio.press("j", "j")
        yield studio


def examples() -> Iterator[dict[str, list[dict[str, object]]]]:
    """Conversations to be trained on, three of which are not quite right."""
    for number in range(260):
        asks = {"role": "User" if number == 16 else "user", "content": f"Where is parcel {number}?"}
        answers = {"role": "assistant", "content": None if number == 40 else "On its way since noon."}
        weight = {"weight": 1} if number == 203 else {}
        yield {"messages": [{"role": "system", "content": "Answer in one line."}, {**asks, **weight}, answers]}


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """A folder with files to upload, as the working folder."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "project"
        home.mkdir()
        (home / "train-2026-11.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in examples()))
        (home / "eval-questions.jsonl").write_text('{"item": {"question": "Where?"}}\n' * 280)
        (home / "notes.md").write_text("Notes\n" * 305)
        (home / "batches").mkdir()
        for name in LARGE_NAMES:
            with (home / name).open("wb") as large:
                large.truncate(LARGE)
        os.environ["HOME"] = folder
        os.chdir(home)
        try:
            yield home
        finally:
            os.chdir(before)


def _moves(studio: Studio) -> bool:
    """Whether two files at least move with a speed that is known."""
    return studio.words.count("MB/s · 0:") >= 2


async def make(base_url: str, into: Path) -> None:
    """Take every picture."""
    async with program(base_url, (120, 36), into) as studio:
        await studio.until(lambda: "req-000004" in studio.words)  # the last of the first lines
        studio.take("main")
        await studio.press("question_mark")
        studio.take("help")
        await studio.press("escape", "i")
        await studio.until(lambda: "looking" not in studio.words)
        studio.take("storage")
        await studio.press("escape", "o")
        await studio.until(lambda: "succeeded" in studio.words)
        await studio.press("h", "j", "space", "j")
        studio.take("preview")
        await studio.press("escape", "slash", *keys("step"), "enter", "o")
        await studio.until(lambda: "valid loss" in studio.words)
        studio.take("curve")
        await studio.press("escape", "escape", "slash", *keys("chats"), "enter")
        await studio.press("f", "down", "right")
        studio.take("filter")
        await studio.press("enter")
        studio.take("search")
        await studio.press("escape", "escape", "u")
        await studio.until(lambda: studio.app.screen.query_one(PathList).entries)
        studio.take("picker")
        await studio.press(*keys("train"), "tab", "enter")
        await studio.until(lambda: "Upload anyway" in studio.words)
        studio.take("upload")
        await studio.press("up", "enter")
        await studio.until(lambda: "▲" in studio.words)
        studio.take("problem")
        await studio.press("escape", "tab", "enter")
        await studio.press("d")
        studio.take("download")
        await studio.press("escape", "space", "space", "space", "x")
        studio.take("delete")
        await studio.press("escape", "escape")
        await studio.press("t")
        assert studio.app.browse.session is not None
        queue = studio.app.browse.session.queue
        listed = studio.app.browse.session.catalog.page(Query(purpose=Untrusted("batch_output")), 40)
        queue.submit([DownloadJob(file, Path(f"results-{n}.jsonl")) for n, file in enumerate(listed)])
        await studio.until(lambda: not queue.active)
        # A dialog for each would be slower than their way over the loopback.
        queue.submit([UploadJob(Path(name), "vision", size=LARGE) for name in LARGE_NAMES])
        await studio.until(lambda: _moves(studio))
        studio.take("transfers")
    async with program(base_url, (80, 24), into) as studio:
        studio.take("main-80x24")


def main() -> None:
    """Read the command line and make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=HERE)
    into = parser.parse_args().into
    os.environ.pop("NO_COLOR", None)
    with DemoServer() as demo, work_folder():
        asyncio.run(make(demo.base_url(), into.resolve()))


if __name__ == "__main__":
    main()
