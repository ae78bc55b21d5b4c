"""Which files the table shows: a value, made from the catalog and from the one before it. Nothing here draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from files_tui.api.models import File
from files_tui.catalog.errors import TooSlow
from files_tui.catalog.query import BEGINNING, END, Key, Place, Query, Totals

if TYPE_CHECKING:
    from files_tui.catalog.catalog import Catalog

Move = Literal["stay", "first", "last", "next", "previous"]


class Shown(msgspec.Struct, frozen=True):
    """A page of a query.

    `anchor` is the place of its first file, None at the beginning of the listing, where new files appear. `first` is
    how many files come before it and `totals` what all pages hold, each None while it is being counted.
    """

    query: Query
    files: list[File] = msgspec.field(default_factory=list)
    row: int = 0
    anchor: Key | None = None
    first: int | None = 0
    totals: Totals | None = None

    @property
    def current(self) -> File | None:
        """The file under the cursor."""
        return self.files[self.row] if 0 <= self.row < len(self.files) else None

    @property
    def is_counted(self) -> bool:
        """Whether all numbers are known."""
        return self.first is not None and self.totals is not None


class Patience(msgspec.Struct, frozen=True):
    """Seconds to wait for the files of a page, and for each of its numbers; None is for ever."""

    files: float | None = None
    numbers: float | None = None


class Look:
    """One look at a catalog, `length` files a page. All raise `TooSlow` where the files take too long."""

    def __init__(self, catalog: Catalog, length: int, patience: Patience) -> None:
        self._catalog = catalog
        self._length = length
        self._patience = patience

    def move(self, shown: Shown, move: Move) -> Shown:
        """The view after a move: to another page, or to what the same page holds now, with the cursor on its file."""
        match move:
            case "first":
                return self._beginning(shown.query)
            case "last":
                return self._end(shown.query)
            case "next":
                return self._next(shown)
            case "previous":
                return self._previous(shown)
            case "stay":
                return self._stay(shown, shown.current)

    def find(self, shown: Shown, file: File) -> Shown:
        """The page with a file on it; the same page when the query has no such file."""
        return self._stay(shown, file)

    def count(self, shown: Shown) -> Shown:
        """The view with its numbers, as far as they can be had in time."""
        first = shown.first
        if shown.anchor is not None and first is None:
            first = self._before(shown.query, shown.anchor)
        totals = self._totals(shown.query) if shown.totals is None else shown.totals
        return replace(shown, first=first, totals=totals)

    def _beginning(self, query: Query, row: int = 0) -> Shown:
        files = self._page(query, BEGINNING)
        return self.count(Shown(query, files, max(0, min(row, len(files) - 1))))

    def _end(self, query: Query) -> Shown:
        totals = self._totals(query)
        rest = self._length if totals is None else totals.files % self._length or self._length
        files = self._page(query, END, rest)
        if len(files) < self._length and totals is not None and totals.files <= self._length:
            return replace(self._beginning(query), row=max(0, len(files) - 1))
        first = None if totals is None else totals.files - len(files)
        return Shown(query, files, len(files) - 1, query.key(files[0]) if files else None, first, totals)

    def _next(self, shown: Shown) -> Shown:
        files = self._page(shown.query, Place(shown.query.key(shown.files[-1]))) if shown.files else []
        if not files:
            return replace(shown, row=max(0, len(shown.files) - 1))
        first = None if shown.first is None else shown.first + len(shown.files)
        return self._anchored(Shown(shown.query, files, 0, shown.query.key(files[0]), first))

    def _previous(self, shown: Shown) -> Shown:
        query = shown.query
        files = self._page(query, Place(query.key(shown.files[0]), backward=True)) if shown.files else []
        if not files:
            return replace(shown, row=0)
        if len(files) < self._length:
            return self._beginning(query, len(files) - 1)
        first = None if shown.first is None else max(0, shown.first - len(files))
        return self._anchored(Shown(query, files, len(files) - 1, query.key(files[0]), first))

    def _stay(self, shown: Shown, current: File | None) -> Shown:
        query = shown.query
        anchors = [shown.anchor, *([query.key(shown.files[0])] if shown.files and shown.anchor is None else [])]
        if current is not None:
            found = self._found(query, current)
            if found is not None:
                for anchor in [*anchors, query.key(found)]:
                    files = self._page(query, BEGINNING if anchor is None else Place(anchor, inclusive=True))
                    row = next((n for n, file in enumerate(files) if file.id == found.id), None)
                    if row is not None:
                        return self._at(query, files, row, anchor)
        files = self._page(query, BEGINNING if shown.anchor is None else Place(shown.anchor, inclusive=True))
        if not files and shown.anchor is not None:
            return self._end(query)
        return self._at(query, files, max(0, min(shown.row, len(files) - 1)), shown.anchor)

    def _at(self, query: Query, files: list[File], row: int, anchor: Key | None) -> Shown:
        if anchor is None:
            return self.count(Shown(query, files, row))
        return self._anchored(Shown(query, files, row, query.key(files[0]), None))

    def _anchored(self, shown: Shown) -> Shown:
        """A page at a place of its own, or at the beginning where nothing comes before it."""
        counted = self.count(shown)
        return replace(counted, anchor=None) if counted.first == 0 else counted

    def _found(self, query: Query, file: File) -> File | None:
        """The file as it is now, when it is one of the query's."""
        for known in self._catalog.get([file.id]):
            for file in self._page(query, Place(query.key(known), inclusive=True), 1):
                if file.id == known.id:
                    return file
        return None

    def _page(self, query: Query, place: Place, length: int | None = None) -> list[File]:
        return self._catalog.page(query, length or self._length, place, patience=self._patience.files)

    def _totals(self, query: Query) -> Totals | None:
        try:
            return self._catalog.totals(query, patience=self._patience.numbers)
        except TooSlow:
            return None

    def _before(self, query: Query, key: Key) -> int | None:
        try:
            return self._catalog.files_before(query, key, patience=self._patience.numbers)
        except TooSlow:
            return None
