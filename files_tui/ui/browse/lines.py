"""The lines above and below the table, in words."""

from __future__ import annotations

import time

from rich.text import Text

from files_tui import text
from files_tui.catalog.query import Totals
from files_tui.settings import Account, Settings
from files_tui.ui.browse.look import Shown
from files_tui.ui.browse.standing import Standing
from files_tui.ui.notices import Keys


def where(settings: Settings, account: Account, *more: str | None) -> text.Safe:
    """`api.openai.com · default`, and whatever else tells the account."""
    words = ["demo server"] if settings.demo else [account.host, account.profile, *more]
    return text.Safe(" · ".join(text.safe(word, 60) for word in words if word))


def where_words(settings: Settings, account: Account, *, read_only: bool) -> Text:
    """`files-tui · read-only · api.openai.com · default`: what is in front is still there in a narrow terminal."""
    mode = "enter chooses" if settings.pick else "read-only" if read_only else None
    words = ["files-tui", *([mode] if mode else []), where(settings, account)]
    if not account.is_private:
        words.append("plain http, so without the key")
    return Text(" · ".join(words), "bold")


def state_words(standing: Standing, totals: Totals, keys: Keys, *, roomy: bool) -> Text:
    """`1,284 files · 12.4 GB · synced 15:42`; where there is little room, only how the listing stands."""
    words = str(standing.words(time.time(), keys))
    if roomy and (totals.files or standing.is_fresh):
        words = f"{text.plural(totals.files, 'file')} · {text.size(totals.bytes)} · {words}"
    return Text().append(words, "bold red" if standing.problem else "dim")


def position_words(shown: Shown, length: int, everything: int, *, filling: bool) -> str:
    """`page 3 of 13 · 81–120 of 517`; of a narrowed listing first how many of all files it is.

    `everything` is the number of files in the catalog, and `filling` tells that it does not hold all of them yet.
    """
    if shown.first is None or shown.totals is None:
        return "counting…"
    files = shown.totals.files
    # A page that begins at a file of its own need not begin at a multiple of its length.
    page = -(-shown.first // length) + 1
    pages = page - 1 + -(-(files - shown.first) // length)
    place = f"page {text.count(page)} of {text.count(pages)} · "
    place += f"{text.count(shown.first + 1)}–{text.count(shown.first + len(shown.files))}"
    if shown.query.is_filtered or shown.query.purpose is not None:
        of = f"the {text.count(everything)} loaded so far" if filling else text.count(everything)
        return f"{text.count(files)} of {of} · {place}"
    return f"{place} of {text.count(files)}"


def marks_words(marks: Totals) -> str:
    """`3 marked, 36 MB`; nothing where nothing is marked."""
    return f"{text.count(marks.files)} marked, {text.size(marks.bytes)}" if marks.files else ""
