"""Where one is in the listing, in words."""

from __future__ import annotations

from files_tui.text import count
from files_tui.ui.browse.look import Shown


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
    place = f"page {count(page)} of {count(pages)} · {count(shown.first + 1)}–{count(shown.first + len(shown.files))}"
    if shown.query.is_filtered or shown.query.purpose is not None:
        of = f"the {count(everything)} loaded so far" if filling else count(everything)
        return f"{count(files)} of {of} · {place}"
    return f"{place} of {count(files)}"
