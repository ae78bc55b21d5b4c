"""Source text with its words in colours, in time that grows with its length whatever it holds.

Pygments' lexers are regular expressions, and some text makes some of them slow: only known languages are lexed, only
lines of a usual length, and only as long as a budget of processor time lasts. What follows is shown plain.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from rich.text import Text

from files_tui import text
from files_tui.contents.decoding import decoded
from files_tui.text import Untrusted
from files_tui.ui.preview import parts

if TYPE_CHECKING:
    from pygments.lexer import Lexer

BUDGET = 0.4
"""Seconds of the processor for the colours of one text."""
LONG_LINE = 1000
"""Characters of a line that is not lexed any more."""
LONGEST_LINE = 20_000
"""Characters of a line that are shown."""
GROUP = 100_000
"""Characters that are lexed together."""
TAB = 4
_OFTEN = 16

_LANGUAGES = {
    "bash": "bash sh zsh bashrc",
    "c": "c h",
    "cpp": "cc cpp cxx hpp hh",
    "csharp": "cs",
    "css": "css",
    "diff": "diff patch",
    "docker": "dockerfile",
    "go": "go",
    "html": "html htm",
    "ini": "ini cfg conf properties",
    "java": "java",
    "javascript": "js jsx mjs cjs",
    "json": "json ipynb",
    "kotlin": "kt kts",
    "lua": "lua",
    "make": "mk makefile",
    "markdown": "md markdown",
    "perl": "pl pm",
    "php": "php",
    "python": "py pyi pyw",
    "r": "r",
    "ruby": "rb",
    "rust": "rs",
    "scala": "scala",
    "scss": "scss",
    "sql": "sql",
    "swift": "swift",
    "tex": "tex sty",
    "toml": "toml",
    "typescript": "ts tsx",
    "xml": "xml svg xsd",
    "yaml": "yaml yml",
}
_BY_SUFFIX = {suffix: language for language, suffixes in _LANGUAGES.items() for suffix in suffixes.split()}
_ALIASES = {**_BY_SUFFIX, **{language: language for language in _LANGUAGES}, "shell": "bash", "console": "bash"}
_STARTS = {"<?php": "php", "<?xml": "xml", "<!doctype html": "html", "<html": "html"}


def lines(data: bytes, whole: bool, width: int, *, name: str | Untrusted = "") -> list[Text]:
    """The text in `data`, folded to `width` cells; its language is told by the file's `name` or its first line."""
    content = decoded(data, whole).splitlines()
    rows = content[: parts.MOST_LINES] or [""]
    shown: list[Text] = []
    for row in highlighted(rows, language_of(text.true(name), rows[0])):
        shown.extend(parts.folded(row, width))
        if len(shown) > parts.MOST_LINES:
            break
    return parts.fitted(shown, width, more=len(content) > len(rows))


def language_of(name: str, first_line: str) -> str:
    """The language of a file, empty where it is none that is known."""
    base = name.lower().rpartition("/")[2]
    if found := _BY_SUFFIX.get(base.rpartition(".")[2]):
        return found
    first = first_line[:LONG_LINE].strip().lower()
    if first.startswith("#!"):
        program = first.rpartition("/")[2].removeprefix("env ").split()[:1]
        return _ALIASES.get(program[0].rstrip("0123456789."), "") if program else ""
    return next((language for start, language in _STARTS.items() if first.startswith(start)), "")


def highlighted(rows: list[str], language: str) -> list[Text]:
    """Each of the rows made safe, with colours where `language` is one that is known."""
    shown = [_plain(row) for row in rows]
    if lexer := _lexer(_ALIASES.get(language.lower(), "")):
        _colour(shown, lexer)
    return shown


def _plain(row: str) -> Text:
    more = len(row) - LONGEST_LINE
    shown = parts.line(text.safe(row[:LONGEST_LINE].expandtabs(TAB)))
    return shown.append(f" … {text.plural(more, 'more character')}", "dim") if more > 0 else shown


@cache
def _lexer(language: str) -> Lexer | None:
    if not language:
        return None
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


def _colour(rows: list[Text], lexer: Lexer) -> None:
    """Give the words of the rows their colours, as long as there is time for it."""
    from rich.syntax import Syntax

    style_of = Syntax.get_theme("ansi_dark").get_style_for_token  # whose colours are the terminal's own
    end = time.thread_time() + BUDGET
    for group in _groups(rows):
        tokens = lexer.get_tokens_unprocessed("\n".join(row.plain for row in group))
        number = start = 0
        for count, (at, kind, words) in enumerate(tokens):
            if count % _OFTEN == 0 and time.thread_time() > end:
                return
            style, at = style_of(kind), at - start
            for part in words.split("\n"):
                if at > len(group[number]):
                    start += len(group[number]) + 1
                    number, at = number + 1, at - len(group[number]) - 1
                if part and style and at >= 0:
                    group[number].stylize(style, at, at + len(part))
                at += len(part) + 1


def _groups(rows: list[Text]) -> Iterator[list[Text]]:
    """Rows that are lexed together: no long ones, and not too many, since a lexer may look far ahead for each word."""
    group: list[Text] = []
    size = 0
    for row in rows:
        if len(row) <= LONG_LINE and size < GROUP:
            group.append(row)
            size += len(row) + 1
            continue
        if group:
            yield group
        group, size = ([row], len(row) + 1) if len(row) <= LONG_LINE else ([], 0)
    if group:
        yield group
