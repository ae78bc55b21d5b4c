"""In which ways a kind of content can be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from files_tui.contents.kinds import Kind
from files_tui.text import size
from files_tui.ui.preview.documents import Document, Hex, TextLines
from files_tui.ui.preview.structures import Records, Tree

LAID_OUT = 2 << 20
"""Bytes of a content that are laid out as a whole; beyond them, the view as text goes on."""


class Source(NamedTuple):
    """A content up to `end`, and whether that is all."""

    data: bytearray
    end: int
    whole: bool


class View(NamedTuple):
    """A way to look at a content. One that is `laid_out` takes its time, and is made anew when more has come."""

    name: str
    make: Callable[[Source], Document]
    laid_out: bool = False


def _growing(kind: Callable[[bytearray], Document]) -> Callable[[Source], Document]:
    def make(source: Source) -> Document:
        document = kind(source.data)
        document.grow(source.end, whole=source.whole)
        return document

    return make


def _tree(source: Source) -> Document:
    end = min(source.end, LAID_OUT)
    if end < source.end:
        note = f"… the first {size(end)} are laid out; the view as text goes on"
    else:
        note = "" if source.whole else "… not all of it has come"
    return Tree(bytes(source.data[:end]).decode("utf-8", "replace"), note)


RECORDS = View("by record", _growing(Records))
TEXT = View("as text", _growing(TextLines))
HEX = View("in hex", _growing(Hex))
TREE = View("laid out", _tree, laid_out=True)

_VIEWS: dict[Kind, tuple[View, ...]] = {
    Kind.JSONL: (RECORDS, TEXT, HEX),
    Kind.BATCH_OUTPUT: (RECORDS, TEXT, HEX),
    Kind.JSON: (TREE, TEXT, HEX),
    Kind.IMAGE: (HEX,),
    Kind.BINARY: (HEX, TEXT),
}


def views_of(kind: Kind) -> tuple[View, ...]:
    """The ways to look at a kind, the best one first."""
    return _VIEWS.get(kind, (TEXT, HEX))
