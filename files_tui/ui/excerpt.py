"""A long line cut around a place in it, and laid out with the place marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.text import Text

from files_tui import text

AROUND = 2000
"""So many characters are shown before a place, and as many behind it."""

LONGEST = 40
"""So many characters of a place are marked."""


_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^\s\[\]{},:"]++|.', re.DOTALL)


class Excerpt(NamedTuple):
    """Lines to show, and the number of the one that holds the place."""

    lines: list[Text]
    place: int


def excerpt(line: str, start: int, width: int, style: str = "bold red") -> Excerpt:
    """Lay out a line in rows of so many cells, and mark the word or text of JSON that starts at a character, from 0.

    Below what is marked stands a row of arrows, since not every terminal has colours.
    """
    token = _TOKEN.match(line, start, start + LONGEST)
    end = token.end() if token else start + 1
    first, last = max(0, start - AROUND), min(len(line), end + AROUND)
    before, place, after = text.safe(line[first:start]), text.safe(line[start:end]) or " ", text.safe(line[end:last])
    whole, begins, ends = before + place + after, len(before), len(before) + len(place)
    shown = [_left_out(first, "before")] if first else []
    at = 0
    for begin, finish in _rows(whole, max(2, width)):
        row = Text(whole[begin:finish], no_wrap=True)
        marked, unmarked = max(begin, begins), min(finish, ends)
        if marked < unmarked:
            at = at or len(shown)
            row.stylize(f"{style} reverse", marked - begin, unmarked - begin)
            arrows = "▲" * cell_len(whole[marked:unmarked])
            shown += [row, Text(" " * cell_len(whole[begin:marked]) + arrows, style, no_wrap=True)]
        else:
            shown.append(row)
    if last < len(line):
        shown.append(_left_out(len(line) - last, "behind"))
    return Excerpt(shown, at)


def _left_out(count: int, where: str) -> Text:
    return Text(f"… {text.plural(count, 'character')} {where} this", "dim", no_wrap=True)


def _rows(words: str, width: int) -> Iterator[tuple[int, int]]:
    """From where to where each row goes; what takes no cell stays with the character before it."""
    begin, cells = 0, 0
    for at, char in enumerate(words):
        size = get_character_cell_size(char)
        if cells + size > width:
            yield begin, at
            begin, cells = at, 0
        cells += size
    yield begin, len(words)
