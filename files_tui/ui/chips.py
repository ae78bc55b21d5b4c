"""What narrows the listing, as words that can be taken away one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from files_tui import text
from files_tui.catalog.query import Query, Span
from files_tui.text import DAY


class Chip(msgspec.Struct, frozen=True):
    """One filter: its words, safe to show, and the query without it."""

    words: str
    without: Query


def chips_of(query: Query) -> list[Chip]:
    """The filters of a query, the purpose first and the search last."""
    found: list[Chip] = []

    def add(words: str, **without: Any) -> None:
        found.append(Chip(words, replace(query, **without)))

    if query.purpose is not None:
        add(f"purpose: {text.safe(query.purpose, 24) or '(none)'}", purpose=None)
    for kind in sorted(query.kinds):
        add(kind, kinds=query.kinds - {kind})
    if query.age is not None:
        add(age_words(query.age), age=None)
    if query.expires is not None:
        add(expiry_words(query.expires), expires=None)
    if query.size is not None:
        add(size_words(query.size), size=None)
    if query.filename is not None:
        add(f"name: {text.safe(query.filename, 30) or '(none)'}", filename=None)
    if query.text:
        add(f"“{text.safe(query.text, 40)}”", text="")
    return found


def age_words(age: Span) -> str:
    """How old: `age < 7 d`, `age > 30 d`."""
    return f"age {_between(age, days)}"


def expiry_words(expires: Span | str) -> str:
    """When it ends: `expires < 1 d`, `never expires`, `expired`."""
    if not isinstance(expires, Span):
        return "never expires"
    if expires.below == 0:
        return "expired"
    return f"expires {_between(expires, days)}"


def size_words(size: Span) -> str:
    """How large: `size > 10.0 MB`."""
    return f"size {_between(size, text.size)}"


def days(seconds: int) -> str:
    """A length of time, in days where it is made of whole ones."""
    return f"{seconds // DAY} d" if seconds and seconds % DAY == 0 else text.span(seconds)


def _between(span: Span, words: Callable[[int], str]) -> str:
    if not span.least:
        return "known" if span.below is None else f"< {words(span.below)}"
    if span.below is None:
        return f"> {words(span.least)}"
    return f"{words(span.least)} – {words(span.below)}"
