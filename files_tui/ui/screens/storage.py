"""What takes the space, drawn: bars that lead to their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from files_tui import text
from files_tui.catalog.errors import CatalogFailed
from files_tui.catalog.query import Query
from files_tui.catalog.storage import PROJECT_LIMIT, Share, Storage, same_as, storage_of
from files_tui.ui.background import in_background
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.options import Options

if TYPE_CHECKING:
    from files_tui.catalog.catalog import Catalog, Twins
    from files_tui.settings import Account

WIDE = 116
GROUPS = 20
LEAST = 30
LEAST_BARS = 8
"""Where there is less room for both bars, the numbers stand alone."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_LABEL, _SIZE, _FILES = 18, 9, 8


class StorageScreen(Dialog[Query | None]):
    """Gives the query for the bar, file or group that was chosen.

    `is_whole` tells that the catalog holds all files. On a narrow screen one of the two lists is shown at a time.
    """

    CSS_PATH = ["dialog.tcss", "storage.tcss"]
    AUTO_FOCUS = "#shares"

    BINDINGS = [
        Binding("escape,q,i", "leave", "Close", id="storage.close"),
    ]

    def __init__(self, catalog: Catalog, account: Account, is_whole: bool) -> None:
        super().__init__()
        self._catalog = catalog
        self._storage = storage_of(catalog)
        self._is_limited = f".{urlsplit(account.base_url).hostname}".endswith(".api.openai.com")
        self._is_whole = is_whole
        self._twins: list[Twins] | None = None

    def compose(self) -> ComposeResult:
        yield Static(self._heading(), id="storage-head", markup=False)
        with Horizontal():
            yield BarList(partial(_shares, self._storage), id="shares")
            yield BarList(lambda width: _singles(self._storage, self._twins, width), id="singles")
        keys = "{options.choose} shows the files · {storage.other} single files and duplicates · {storage.close} closes"
        yield Static(self.hint(keys, BarList), id="storage-keys", classes="hint", markup=False)

    def on_mount(self) -> None:
        in_background(self, self._look_for_twins, "duplicates")

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.width < WIDE, "narrow")

    def _look_for_twins(self) -> None:
        try:
            twins = self._catalog.likely_duplicates(GROUPS)
        except CatalogFailed:
            twins = []  # closed meanwhile
        self.call_later(self._found, twins)

    def _found(self, twins: list[Twins]) -> None:
        self._twins = twins
        self.query_one("#singles", BarList).fill()

    def action_other(self) -> None:
        """Go to the other list."""
        shares, singles = self.query(BarList)
        other = shares if singles.has_focus else singles
        self.set_class(other is singles, "singles")  # first, since what is hidden takes no focus
        self.set_focus(other)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        query = self.query_one(f"#{event.option_list.id}", BarList).queries[event.option_index]
        if query is not None:
            self.dismiss(query)

    def _heading(self) -> Text:
        everything = self._storage.everything
        head = Text(f"Storage: {text.plural(everything.files, 'file')}, {text.size(everything.bytes)}", "bold")
        if self._is_limited:
            share = everything.bytes / PROJECT_LIMIT
            head.append(f"  {bar(share, 20)}", "cyan")
            head.append(f" {share:.1%} of the project's 2.5 TB", "not bold")
        if not self._is_whole:
            head.append("  as far as it is loaded", "not bold yellow")
        return head


Line = tuple[Text, Query | None]


class BarList(Options):
    """Lines that lead to a query, between headings that do not."""

    BINDINGS = [
        Binding("right,tab,l,left,h", "screen.other", "The other list", id="storage.other"),
    ]

    def __init__(self, lines: Callable[[int], Iterator[Line]], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._lines_for = lines
        self.queries: list[Query | None] = []
        self._shown: list[Line] = []

    def on_resize(self) -> None:
        self.fill()

    def fill(self) -> None:
        """Show the lines for this width, with the cursor where it was."""
        if not self.size.width:
            return
        shown = list(self._lines_for(max(LEAST, self.content_size.width - 2)))
        if shown == self._shown:
            return
        self._shown = shown
        kept = self.queries[self.highlighted] if self.highlighted is not None else None
        self.queries = [query for _, query in shown]
        self.clear_options()
        self.add_options([Option(words, disabled=query is None) for words, query in shown])
        # Disabled lines have no query, and cannot be where the cursor was.
        wanted = kept or next(filter(None, self.queries), None)
        self.highlighted = next((at for at, query in enumerate(self.queries) if query and query == wanted), None)


def bar(share: float, width: int) -> str:
    """A bar of at most `width` cells, in steps of an eighth; what is there at all is seen."""
    eighths = min(width * 8, max(round(share * width * 8), 1 if share > 0 else 0))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(width)


def _shares(storage: Storage, width: int) -> Iterator[Line]:
    sections = (
        ("Worth clearing", storage.clearable),
        ("By purpose", storage.purposes),
        ("By age", storage.ages),
        ("By expiry", storage.expiries),
    )
    for title, shares in sections:
        if shares:
            yield Text(title, "bold"), None
            yield from _bars(shares, width, drawn=shares is not storage.clearable)


def _bars(shares: Sequence[Share], width: int, *, drawn: bool) -> Iterator[Line]:
    """Two bars a line, of bytes and of files, the longest of either filling its room."""
    most_bytes = max(share.totals.bytes for share in shares)
    most_files = max(share.totals.files for share in shares)
    room = width - _LABEL - _SIZE - _FILES - 4
    drawn = drawn and room >= LEAST_BARS
    long, short = (room * 2 // 3, room - room * 2 // 3) if room >= LEAST_BARS else (room, 0)
    for share in shares:
        line = Text(f" {text.safe(share.label, 60) or '(none)'}", no_wrap=True, overflow="ellipsis")
        line.truncate(_LABEL if drawn else _LABEL + 1 + long, overflow="ellipsis", pad=True)
        if drawn:
            line.append(f" {bar(_part(share.totals.bytes, most_bytes), long)}", "cyan")
        line.append(f"{text.size(share.totals.bytes):>{_SIZE}}  ")
        line.append(bar(_part(share.totals.files, most_files) if drawn else 0, short), "dim")
        line.append(f"{text.count(share.totals.files):>{_FILES}}")
        yield line, share.query


def _singles(storage: Storage, twins: Sequence[Twins] | None, width: int) -> Iterator[Line]:
    yield Text("Likely duplicates: same name and size", "bold"), None
    if twins is None:
        yield Text(" looking…", "dim"), None
    elif not twins:
        yield Text(" none", "dim"), None
    for group in twins or ():
        words = f"{group.files} × {text.size(group.size)}"
        yield _single(group.filename, words, width), same_as(group.filename, group.size)
    yield Text(f"The {len(storage.largest)} largest", "bold"), None
    top = max((file.bytes or 0 for file in storage.largest), default=0)
    for file in storage.largest:
        words = f"{bar(_part(file.bytes or 0, top), 8)} {text.size(file.bytes):>{_SIZE}}"
        yield _single(file.filename, words, width), same_as(file.filename, file.bytes or 0)


def _single(name: text.Untrusted, words: str, width: int) -> Text:
    line = Text(f" {text.safe(name, 200) or '(no name)'}", no_wrap=True)
    line.truncate(max(8, width - len(words) - 1), overflow="ellipsis", pad=True)
    return line.append(f" {words}", "cyan")


def _part(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
