"""What takes the space: the catalog's totals by purpose, age and expiry, each with the query that shows its files."""

from __future__ import annotations

import msgspec

from files_tui.api.models import File
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import Query, Span, Totals
from files_tui.text import DAY, Untrusted

PROJECT_LIMIT = 2_500_000_000_000
"""Bytes that a project may keep at OpenAI (API reference, "Upload")."""

WEEK, MONTH = 7 * DAY, 30 * DAY
LARGEST = 20
_BIG_FIRST = Query(sort="size")


class Share(msgspec.Struct, frozen=True):
    """Some of the files: what they have in common, how much they are, and the query for them."""

    label: str | Untrusted
    totals: Totals
    query: Query


class Storage(msgspec.Struct, frozen=True):
    """The whole picture; parts without files are left out of `clearable`, and purposes without files altogether."""

    everything: Totals
    clearable: list[Share]
    purposes: list[Share]
    ages: list[Share]
    expiries: list[Share]
    largest: list[File]


def storage_of(catalog: Catalog) -> Storage:
    """Everything but the duplicates, in well under the time of a frame; raises `CatalogFailed`."""

    def share(label: str | Untrusted, query: Query) -> Share:
        return Share(label, catalog.totals(query), query)

    purposes = [share(purpose, Query(purpose=purpose, sort="size")) for purpose in sorted(catalog.purposes())]
    clearable = [
        share("batch_output, age > 30 d", Query(purpose=Untrusted("batch_output"), age=Span(MONTH, None), sort="size")),
        share("expired", Query(expires=Span(None, 0), sort="size")),
        share("failed", Query(kinds=frozenset({"failed"}), sort="size")),
        share("fine-tune-results, age > 1 y", Query(purpose=Untrusted("fine-tune-results"), age=Span(365 * DAY, None))),
    ]
    return Storage(
        everything=catalog.totals(Query()),
        clearable=[each for each in clearable if each.totals.files],
        purposes=sorted(purposes, key=lambda each: each.totals.bytes, reverse=True),
        ages=[
            share("last day", Query(age=Span(None, DAY), sort="size")),
            share("last week", Query(age=Span(DAY, WEEK), sort="size")),
            share("last month", Query(age=Span(WEEK, MONTH), sort="size")),
            share("older", Query(age=Span(MONTH, None), sort="size")),
        ],
        expiries=[
            share("today", Query(expires=Span(0, DAY), sort="size")),
            share("this week", Query(expires=Span(DAY, WEEK), sort="size")),
            share("this month", Query(expires=Span(WEEK, MONTH), sort="size")),
            share("later", Query(expires=Span(MONTH, None), sort="size")),
            share("never", Query(expires="never", sort="size")),
        ],
        largest=catalog.page(_BIG_FIRST, LARGEST),
    )


def same_as(filename: Untrusted, size: int) -> Query:
    """All files of this name, in any case, and this size (bytes)."""
    return Query(filename=filename, size=Span(size, size + 1))
