"""Markdown as Rich draws it, in time that grows with its length whatever it holds.

The parser and the tables of Rich take their time for some texts: they are given a piece at a time, no table of more
cells than anybody writes, and what is left when a budget of processor time is used up is shown as it is written.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import ClassVar

from markdown_it import MarkdownIt
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.text import Text

from files_tui import text
from files_tui.contents.decoding import decoded
from files_tui.text import Safe
from files_tui.ui.preview import parts
from files_tui.ui.preview.source import TAB, highlighted

BUDGET = 1.0
"""Seconds of the processor for one text."""
PIECE, LONGEST_PIECE = 4_000, 64_000
"""Characters from which on a piece ends at the next heading or paragraph, and of the longest that is parsed."""
MOST_CELLS = 4_000
"""Cells of a table that is drawn as one."""
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_BELOW_HEAD = " >|:+-"
"""What the line below the head of a table is made of."""


def lines(data: bytes, whole: bool, width: int) -> list[Text]:
    """The text in `data` with its headings, lists, code and tables; links show where they lead, and lead nowhere."""
    content = decoded(data, whole).splitlines()
    rows = [text.safe(row[:LONGEST_PIECE].expandtabs(TAB)) for row in content[: parts.MOST_LINES]]
    shown: list[Text] = []
    end = time.thread_time() + BUDGET
    for piece in _pieces(rows):
        is_usual = time.thread_time() < end and _is_usual(piece)
        shown.extend(_drawn(piece, width) if is_usual else _as_written(piece, width))
        if len(shown) > parts.MOST_LINES:
            break
    return parts.fitted(shown, width, more=len(content) > len(rows))


def _pieces(rows: list[Safe]) -> Iterator[list[Safe]]:
    """The rows in pieces that stand on their own: none begins within code or within an item of a list."""
    piece: list[Safe] = []
    size, fence, is_after_blank = 0, "", True
    for row in rows:
        begins = is_after_blank and not fence and row[:1].strip() != ""
        if size >= PIECE and begins and (row.startswith("#") or size >= 2 * PIECE):
            yield piece
            piece, size = [], 0
        if found := _FENCE.match(row):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence) and not row[found.end() :].strip():
                fence = ""
        piece.append(row)
        size += len(row) + 1
        is_after_blank = not row.strip()
    if piece:
        yield piece


def _is_usual(piece: list[Safe]) -> bool:
    """Whether a piece is one that people write, so that parsing it takes no longer than it should."""
    if sum(map(len, piece)) > LONGEST_PIECE:
        return False
    for number, row in enumerate(piece):
        is_table = "-" in row and not row.strip(_BELOW_HEAD)
        if is_table and (row.count("|") + 1) * (len(piece) - number) > MOST_CELLS:
            return False
    return True


def _as_written(piece: list[Safe], width: int) -> list[Text]:
    return [part for row in piece for part in parts.folded(parts.line(row), width)]


def _drawn(piece: list[Safe], width: int) -> list[Text]:
    """A piece as Rich draws it, with a blank line below."""
    console = parts.console(width)
    try:
        drawn = console.render_lines(_Markdown("\n".join(piece)), console.options, pad=False)
    except Exception:
        return _as_written(piece, width)  # what Rich cannot draw, as an end without a beginning, is no error of ours
    shown = []
    for segments in drawn:
        row = parts.line()
        for segment in segments:
            # Made safe once more: what a reference like &#27; stands for has come to light only now.
            row.append(text.safe(segment.text), segment.style)
        row.rstrip()
        shown.append(row)
    return [*shown, parts.line()]


class _Heading(Heading):
    LEVEL_ALIGN: ClassVar[dict[str, JustifyMethod]] = {}
    """All to the left."""


class _Code(CodeBlock):
    """Code with our own highlighting, whose time is limited."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for row in highlighted(str(self.text).rstrip("\n").split("\n"), self.lexer_name):
            for part in parts.folded(row, options.max_width - 2):
                yield Text(no_wrap=True).append("│ ", "dim").append_text(part)


class _Markdown(Markdown):
    """Markdown without hyperlinks, which could lead elsewhere than they say, and with HTML shown as it is written."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
    }

    def __init__(self, content: str) -> None:
        super().__init__("", hyperlinks=False)
        parser = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
        self.parsed = parser.parse(content)
        for token in self.parsed:
            for part in token.children or ():
                if part.type == "image":  # in its place among the words, where Rich would draw it before them
                    part.type, part.tag, part.children = "text", "", None
                    part.content = f"[image: {part.content}] ({part.attrs.get('src', '')})"
