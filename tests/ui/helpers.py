"""The app as a person has it: keys go in, words and rows come out."""

import asyncio
import contextlib
import itertools
import os
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unittest.mock import patch

from textual import events
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.keys import _character_to_key
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from files_tui.accounts import Accounts
from files_tui.catalog.catalog import Catalog
from files_tui.settings import Account, Secret, Settings
from files_tui.text import Untrusted
from files_tui.transfers.jobs import Job
from files_tui.transfers.journal import Journal, journal_path
from files_tui.ui.app import FilesApp
from files_tui.ui.browse.screen import BrowseScreen
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.transfers import TransfersScreen
from files_tui.ui.widgets.chip_bar import ChipBar
from files_tui.ui.widgets.detail import DetailPane
from files_tui.ui.widgets.files_table import FilesTable
from files_tui.ui.widgets.job_list import JobList
from files_tui.ui.widgets.report_list import ReportList

DEADLINE = 60.0
KEY = "sk-test"
KEYS = {"list.refresh": "r", "show.transfers": "t"}.__getitem__
"""The keys that words name, where no key map has changed them."""

CHARACTERS = {"space": " ", "slash": "/", "asterisk": "*", "full_stop": ".", "colon": ":", "question_mark": "?"}

W = TypeVar("W", bound=Widget)
S = TypeVar("S", bound=Screen[Any])


async def wait_until(pilot: Pilot[Any], predicate: Callable[[], object]) -> None:
    """Let the app run until something is so; fails when it never is."""
    started = looked = time.monotonic()
    while not predicate():
        now = time.monotonic()
        assert now < started + DEADLINE, f"never so; the screen shows:\n{screen_text(pilot.app.screen)}\n{_at_work()}"
        await asyncio.sleep(max(0.005, now - looked))  # the app has as much time as the looking takes
        looked = time.monotonic()
    await pilot.pause(0)  # what is so now is drawn


def _at_work() -> str:
    """Where each thread of this process is."""
    return "\n".join("".join(traceback.format_stack(frame)[-4:]) for frame in sys._current_frames().values())


def screen_text(screen: Screen[Any]) -> str:
    """The screen as it is painted, without colours."""
    strips = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def account(base_url: str, key: str = KEY) -> Account:
    return Account(base_url=base_url, key=Secret(key))


class Moving(NamedTuple):
    """A line of the transfers panel as it is painted on 100 columns or more."""

    kind: str
    state: str
    numbers: str
    bar: str
    name: str


class Browser:
    """A running app."""

    def __init__(self, app: FilesApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each when what the one before it did is done."""
        for key in keys:
            self.send(key)
            await self._handled()

    async def write(self, words: str) -> None:
        """Type words as fast as a terminal sends them."""
        for character in words:
            self.send(character)
        await self._handled()

    def send(self, key: str) -> None:
        key, character = (_character_to_key(key), key) if len(key) == 1 else (key, CHARACTERS.get(key))
        self.app.post_message(events.Key(key, character))

    async def _handled(self) -> None:
        # A key goes down to the focus and up again, and what it sets off takes the same way.
        for _ in range(2):
            await self._pass(self.app)
            while self.app._awaited and self.app.is_running:  # noqa: ASYNC110 - keys are held meanwhile
                await asyncio.sleep(0)
            focused = self.app.focused
            for pump in focused.ancestors_with_self if focused else (self.app.screen, self.app):
                await self._pass(pump)

    @staticmethod
    async def _pass(pump: MessagePump) -> None:
        """Wait until all that a widget has been sent so far is handled."""
        passed = asyncio.Event()
        pump.call_later(passed.set)
        while not passed.is_set() and pump.is_running:  # noqa: ASYNC110 - what has ended sets nothing
            await asyncio.sleep(0)

    async def until(self, predicate: Callable[[], object]) -> None:
        await wait_until(self.pilot, predicate)

    async def screen(self, kind: type[S]) -> S:
        """Wait for a screen of this kind to be on top and ready for keys."""
        await self.until(lambda: isinstance(self.app.screen, kind) and self.app.screen.is_mounted)
        await self.pilot.pause(0)
        assert isinstance(self.app.screen, kind)
        return self.app.screen

    async def main(self) -> None:
        await self.screen(BrowseScreen)

    async def see(self, words: str) -> None:
        """Wait until the screen shows some words."""
        await self.until(lambda: words in self.text)

    def widget(self, selector: str, kind: type[W]) -> W:
        return self.app.screen.query_one(selector, kind)

    def words(self, selector: str) -> str:
        """What a static widget of the screen on top says."""
        return str(self.widget(selector, Static).content)

    def label(self, selector: str) -> str:
        return str(self.widget(selector, Button).label)

    @property
    def text(self) -> str:
        return screen_text(self.app.screen)

    @property
    def browse(self) -> BrowseScreen:
        return self.app.browse

    @property
    def table(self) -> FilesTable:
        return self.browse.query_one(FilesTable)

    @property
    def names(self) -> list[str]:
        """The names in the table, from top to bottom."""
        return [row[-1] for row in self.rows]

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the table as they are shown."""
        table = self.table
        return [[str(cell) for cell in table.get_row_at(n)] for n in range(table.row_count)]

    @property
    def heads(self) -> list[str]:
        return [title for column in self.table.ordered_columns if (title := str(column.label).strip())]

    def column(self, title: str) -> list[str]:
        """What one column says, from top to bottom."""
        place = next(n for n, c in enumerate(self.table.ordered_columns) if str(c.label).strip().startswith(title))
        return [row[place].removeprefix("▌").strip() for row in self.rows]

    @property
    def ids(self) -> list[str]:
        return [file.id.true for file in self.table.files]

    @property
    def current(self) -> str:
        """The id of the file under the cursor."""
        assert self.table.current is not None
        return self.table.current.id.true

    @property
    def marked(self) -> list[int]:
        """The rows that are shown as marked."""
        return [n for n, row in enumerate(self.rows) if "▌" in "".join(row)]

    @property
    def marks(self) -> int:
        """How many files are marked, shown or not."""
        return self.catalog.marks.totals.files

    @property
    def catalog(self) -> Catalog:
        assert self.browse.session is not None
        return self.browse.session.catalog

    def _said(self, selector: str) -> str:
        return str(self.browse.query_one(selector, Static).content)

    @property
    def settled(self) -> bool:
        """Whether the page is as long as it is going to be."""
        shown = self.browse.shown
        if self.browse.session is None or shown.first is None or shown.totals is None:
            return False
        rows = min(shown.totals.files - shown.first, self.browse.page_length)
        files = sum(self.browse.session.catalog.purposes().values())
        # The bar of purposes comes after the first rows, and may take one of them for its second line.
        ready = f" All {files:,} " in self.purposes and self.browse._refresh_timer is None
        return ready and self.table.row_count == rows

    @property
    def head(self) -> str:
        return self._said("#head")

    @property
    def foot(self) -> str:
        return self._said("#foot")

    @property
    def purposes(self) -> str:
        return self._said("#purposes")

    @property
    def chips(self) -> list[str]:
        """The filters in their line, from left to right."""
        return [words.strip() for words in str(self.browse.query_one(ChipBar).content).split("×")[:-1]]

    @property
    def notice(self) -> str:
        """What is said in place of rows; empty while there are rows."""
        notice = self.browse.query_one("#notice", Static)
        return str(notice.content) if notice.display else ""

    async def download(self) -> None:
        """Download what is marked, or what the cursor is on, as the dialog proposes."""
        await self.press("d")
        await self.screen(DownloadScreen)
        await self.press("enter")
        await self.main()

    async def transfers(self) -> None:
        """Open the transfers panel."""
        await self.press("t")
        await self.screen(TransfersScreen)

    @property
    def moving(self) -> list[Moving]:
        """The lines of the transfers panel."""
        lines = self.text.split("\n")[1 : 1 + self.app.screen.query_one(JobList).count]
        places = (0, 4, 14, 55, 66, None)
        return [Moving(*(line[a:b].strip() for a, b in itertools.pairwise(places))) for line in lines]

    @property
    def toasts(self) -> list[str]:
        return [f"{note.title}: {note.message}" for note in self.app._notifications]

    async def toast(self, words: str) -> None:
        """Wait for a toast that holds these words."""
        await self.until(lambda: any(words in toast for toast in self.toasts))

    async def detail(self, field: str, words: str) -> None:
        """Wait until a field of the detail pane says this."""
        fields = self.browse.query_one(DetailPane)
        await self.until(
            lambda: any(words in str(each.content) for each in fields.query(f"#detail-{field}").results(Static))
        )

    async def value(self, selector: str, value: str) -> None:
        """Put a value into a field, as a person who cleared it first."""
        field = self.widget(selector, Input)
        field.focus()
        field.value = value
        await self.pilot.pause(0)

    async def refreshed(self, files: int) -> None:
        """Ask the server again and wait until so many files are counted."""
        await self.press("r")
        await self.synced(files)

    async def synced(self, files: int | None = None) -> None:
        counted = "synced" if files is None else f"{files:,} file{'' if files == 1 else 's'} · "
        await self.until(lambda: counted in self.head and "· synced" in self.head)

    async def at_rest(self) -> None:
        """Wait until a listing that is synced is asked for no further, and the catalog is not worked on any more."""
        await self.until(lambda: not any(thread.name in ("open", "sync", "mend") for thread in threading.enumerate()))


def _not_drawn(compositor: Compositor, screen_stack: list[Screen[object]] | None = None) -> None:
    """In place of a frame, which nobody would see: what is looked at is rendered when it is."""
    visible_screen_stack.set(screen_stack or [])
    compositor._dirty_regions.clear()


@contextlib.asynccontextmanager
async def browsing(
    base_url: str,
    *,
    size: tuple[int, int] = (120, 40),
    synced: bool = True,
    key: str = KEY,
    purpose: str | None = None,
    accounts: Accounts | None = None,
    **settings: Any,
) -> AsyncIterator[Browser]:
    """The app on a server, by default with the whole listing shown; below the dialog of an upload it is not drawn."""
    opened = account(base_url, key)
    wanted = None if purpose is None else Untrusted(purpose)
    app = FilesApp(Settings(account=opened, purpose=wanted, **settings), lambda: opened, accounts=accounts)
    with patch.object(Compositor, "render_update", _not_drawn):
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            browser = Browser(app, pilot)
            if synced and "upload" not in settings:
                await browser.until(lambda: "synced" in browser.head and browser.settled)
                await browser.at_rest()  # or the last it has to say would come at any time
                await browser.until(lambda: browser.settled)
            yield browser


def reported(b: Browser) -> list[str]:
    """The lines about files in the upload dialog, those out of sight too, without the room between their words."""
    lines = b.widget("#sources", ReportList)
    return [" ".join(lines.words(index, 200).plain.split()) for index in range(lines.count)]


def entries(folder: Path) -> list[str]:
    """The names in a folder of this machine, sorted."""
    return sorted(os.listdir(folder))


def jsonl(path: Path, lines: int = 1) -> Path:
    """A training file that the server takes."""
    path.write_text('{"messages": [{"role": "user", "content": "hello"}]}\n' * lines)
    return path


def kept(base_url: str) -> list[Job]:
    """The transfers that a run which has ended would have the next one go on with."""
    journal = Journal(journal_path(account(base_url)))
    try:
        return journal.left_over()
    finally:
        journal.close()
