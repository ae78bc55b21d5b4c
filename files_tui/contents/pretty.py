"""JSON laid out over lines, be it cut, broken or nested without end."""

from __future__ import annotations

import re

import msgspec

MOST_LINES = 100_000
WIDEST_INDENT = 30
"""Levels; what is nested deeper is not indented further."""

# Possessive, since a string of megabytes would else take a hundred times its memory.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_PAIRS = {"{": "}", "[": "]"}


class Layout(msgspec.Struct, frozen=True):
    """Lines of text with their depths, and for each line that opens something the line that closes it.

    `is_cut` tells that there are more lines than are kept.
    """

    lines: list[str]
    depths: list[int]
    closed_by: dict[int, int]
    is_cut: bool


def layout(text: str, most: int = MOST_LINES) -> Layout:
    """Lay a text out; nothing but white space between its values is changed, and whatever is no JSON stays in it."""
    lines: list[str] = []
    depths: list[int] = []
    closed_by: dict[int, int] = {}
    opened: list[int] = []
    line: list[str] = []
    depth = 0  # of the line that is being made

    def end() -> None:
        if line:
            lines.append("".join(line))
            depths.append(depth)
            line.clear()

    for found in _TOKEN.finditer(text):
        if len(lines) >= most:
            return Layout(lines, depths, closed_by, is_cut=True)
        token = found[0]
        if token in ("}", "]"):
            if line and line[-1] in _PAIRS and _PAIRS[line[-1]] == token:  # empty
                line.append(token)
                continue
            end()
            if opened:
                closed_by[opened.pop()] = len(lines)
            depth = len(opened)
        elif line and line[-1] in _PAIRS:
            opened.append(len(lines))
            end()
            depth = len(opened)
        elif line and token not in (",", ":") and line[-1] != ": ":
            end()
        line.append(": " if token == ":" else token)
        if token == ",":
            end()
    end()
    return Layout(lines, depths, closed_by, is_cut=False)


def indented(words: str, depth: int) -> str:
    """A line with the white space before it; where it is nested too deeply for that, with its depth."""
    if depth <= WIDEST_INDENT:
        return "  " * depth + words
    return f"{'  ' * WIDEST_INDENT}({depth:,} deep) {words}"
