"""In which ways a kind of content can be looked at."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import NamedTuple

from rich.text import Text

from files_tui.contents.kinds import Kind
from files_tui.text import Untrusted, size
from files_tui.ui.preview.documents import Document, Drawn, Hex, TextLines
from files_tui.ui.preview.structures import Records, Tree

LAID_OUT = 512 << 10
"""Bytes of a content that are laid out as a whole; beyond them, the view as text goes on."""

ALL = 16 << 20
"""Bytes; what counts all of a batch, and a picture, are of little use without what else has come."""


class Source(NamedTuple):
    """A content up to `end`, the name of its file, and the cells and colours that there are to draw it."""

    data: bytearray
    end: int
    whole: bool
    name: Untrusted
    width: int
    height: int
    colours: bool

    def beginning(self, most: int = LAID_OUT) -> tuple[bytes, bool]:
        """What is laid out of it, at most so many bytes, and whether that is all."""
        return bytes(self.data[: min(self.end, most)]), self.whole and self.end <= most

    def note(self, most: int = LAID_OUT) -> str:
        """What is to be said below what is laid out; nothing where that is all that has come."""
        return f"… the first {size(most)} are laid out; the view as text goes on" if self.end > most else ""


class View(NamedTuple):
    """A way to look at a content. One of which so many bytes are `laid_out` takes its time, and is made anew when more
    of them has come; any other grows."""

    name: str
    make: Callable[[Source], Document]
    laid_out: int = 0


def _growing(kind: Callable[[bytearray], Document]) -> Callable[[Source], Document]:
    def make(source: Source) -> Document:
        document = kind(source.data)
        document.grow(source.end, whole=source.whole)
        return document

    return make


def _drawing(lines: Callable[[Source], list[Text]], most: int = LAID_OUT) -> Callable[[Source], Document]:
    return lambda source: Drawn(lines(source), source.note(most))


def _tree(source: Source) -> Document:
    data, whole = source.beginning()
    words = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    return Tree(words, source.note() or ("" if whole else "… not all of it has come"))


# Drawings load what they need when they are first made, in a thread of their own.


def _summary(source: Source) -> list[Text]:
    from files_tui.ui.preview import batch

    return batch.lines(*source.beginning(ALL), source.width)


def _table(source: Source) -> list[Text]:
    from files_tui.ui.preview import table

    return table.lines(*source.beginning(), source.width)


def _curve(source: Source) -> list[Text]:
    from files_tui.ui.preview import curve

    return curve.lines(*source.beginning(), source.width, source.height)


def _markdown(source: Source) -> list[Text]:
    from files_tui.ui.preview import markdown

    return markdown.lines(*source.beginning(), source.width)


def _code(source: Source) -> list[Text]:
    from files_tui.ui.preview import source as code

    return code.lines(*source.beginning(), source.width, name=source.name)


def _picture(source: Source) -> Document:
    from files_tui.ui.preview import image

    data = bytes(source.data[: source.end])
    return Drawn(image.lines(data, source.whole, source.width, source.height, colours=source.colours))


RECORDS = View("by record", _growing(Records))
TEXT = View("as text", _growing(TextLines))
HEX = View("in hex", _growing(Hex))
TREE = View("laid out", _tree, laid_out=LAID_OUT)
SUMMARY = View("in sum", _drawing(_summary, ALL), laid_out=ALL)
TABLE = View("in columns", _drawing(_table), laid_out=LAID_OUT)
CURVE = View("as a curve", _drawing(_curve), laid_out=LAID_OUT)
MARKDOWN = View("laid out", _drawing(_markdown), laid_out=LAID_OUT)
CODE = View("in colours", _drawing(_code), laid_out=LAID_OUT)
PICTURE = View("drawn", _picture, laid_out=ALL)

_VIEWS: dict[Kind, tuple[View, ...]] = {
    Kind.JSONL: (RECORDS, TEXT, HEX),
    Kind.BATCH_OUTPUT: (SUMMARY, RECORDS, TEXT, HEX),
    Kind.JSON: (TREE, TEXT, HEX),
    Kind.TABLE: (TABLE, TEXT, HEX),
    Kind.RESULTS: (CURVE, TEXT, HEX),
    Kind.MARKDOWN: (MARKDOWN, TEXT, HEX),
    Kind.SOURCE: (CODE, TEXT, HEX),
    Kind.IMAGE: (PICTURE, HEX),
    Kind.BINARY: (HEX, TEXT),
}


def views_of(kind: Kind) -> tuple[View, ...]:
    """The ways to look at a kind, the best one first."""
    return _VIEWS.get(kind, (TEXT, HEX))
