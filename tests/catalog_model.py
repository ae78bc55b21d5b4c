"""Random files and queries, and what a catalog has to make of them, in plain Python."""

from __future__ import annotations

import random
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, get_args

from msgspec.structs import replace

from files_tui.api.models import File, Kind
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import Query, Sort, Span, Totals
from files_tui.text import Untrusted
from tests.files import a_file

FILE = "catalog.sqlite"
NOW = 1_700_000_000
DAY = 86_400
SORTS: tuple[Sort, ...] = get_args(Sort)
KINDS: tuple[Kind, ...] = get_args(Kind)
MOSTLY_READY: tuple[Kind, ...] = (*KINDS, *(KINDS[0],) * 12)
PURPOSES = ("batch", "evals", "", "p\ud800")
NAMES = (
    *("", "a", "B", "b", "ä", "Ä", "a\u0308", "ß", "STRASSE", "会議", "x\0y", "x\0Y.txt", "l\ud800ne", "l?ne", "ﬁle"),
    *("it's 100%_\\", 'say "hi" AND NOT -x*', '"""', "NEAR(a b)", "batch_out.jsonl", "a\nfile-", "\U0001f600 smile"),
)
TEXTS = (
    *("a", "B", "out", "rain-1", "TRAIN-2", "file-1", "FILE-2", "ä", "A\u0308", "x\0y", "x␀", "\ud800ne", "zzz", "fi"),
    *("'s 1", "%", "_\\", '"hi" AND', "-x*", '""', '"""', "AND", "ear(a", "会議", "strasse", "a\nf", "\U0001f600 sm"),
)


@contextmanager
def catalog_in(folder: Path, clock: Callable[[], float] = lambda: NOW) -> Iterator[Catalog]:
    """The catalog of a folder, at a time that stands still."""
    with closing(Catalog(folder / FILE, durable=False, clock=clock)) as catalog:
        yield catalog


def settle(catalog: Catalog) -> None:
    """All that quick answers need."""
    while catalog.settle():
        pass


def ids(files: Iterable[File]) -> list[str]:
    return [file.id.true for file in files]


def random_file(dice: random.Random, number: int) -> File:
    """A file with gaps, ties and names that are hard on a database; most have the same purpose and kind."""
    name = dice.choice((*NAMES, *(f"Train-{dice.randrange(300)}.jsonl" for _ in NAMES)))
    size = dice.choice((1, 10**6, 2**40, dice.randrange(10**7), dice.randrange(10 ** dice.randrange(12))))
    return a_file(
        id=f"{dice.choice(('file-', 'File-'))}{dice.randrange(10**6)}{dice.choice(('', 'x', 'ß'))}-{number}",
        filename=name,
        bytes=dice.choice((None, 0, 1, size, size, size)),
        created_at=dice.choice((None, 0, 5, NOW, NOW + 60, NOW - dice.randrange(10**7), NOW - dice.randrange(10**5))),
        expires_at=dice.choice((None, None, 7, NOW, NOW + 10, NOW + dice.randrange(10**7), NOW + dice.randrange(DAY))),
        purpose=dice.choice(("batch",) * 20 + PURPOSES),
        status=dice.choice((None, "processed", "strange\ud800")),
        status_details=dice.choice((None, "fine", "")),
        kind=dice.choice(MOSTLY_READY),
        raw=b'{"number": %d}' % number,
    )


def random_query(dice: random.Random) -> Query:
    """Any filters in any order; most ranges are wide, some very narrow."""

    def span(most: int) -> Span:
        least = dice.choice((None, 0, dice.randrange(most)))
        width = dice.randrange(1, dice.choice((most, most // 20, most // 1000)))
        return Span(least, dice.choice((None, (least or 0) + width)))

    def often_none(value: Any) -> Any:
        return value if dice.random() < 0.3 else None

    soon = span(10**7)
    return Query(
        purpose=often_none(dice.choice((*PURPOSES, "unheard of"))),
        text=dice.choice(TEXTS) if dice.random() < 0.4 else "",
        kinds=frozenset(dice.sample(KINDS, dice.choice((0, 0, 0, 1, 2)))),
        age=often_none(span(10**7)),
        expires=often_none(dice.choice(("never", Span(None, 0), soon, soon))),
        size=often_none(span(10**7)),
        filename=Untrusted(dice.choice(("b", "X\0y", "l\ud800ne", "a\u0308"))) if dice.random() < 0.1 else None,
        sort=dice.choice(SORTS),
        descending=dice.random() < 0.5,
    )


def kept(file: File) -> File:
    """A file as UTF-8 can hold it."""
    texts = {name: getattr(file, name) for name in ("id", "filename", "purpose", "status", "status_details")}
    return replace(file, **{name: text and Untrusted(_utf8(text.true)) for name, text in texts.items()})


def answer(query: Query, files: Iterable[File]) -> list[File]:
    """The files of a query, in its order."""

    def place(file: File) -> tuple[Any, str]:
        return ORDER[query.sort](file), file.id.true

    return sorted((file for file in files if _is_wanted(query, file)), key=place, reverse=query.descending)


def totals_of(files: Iterable[File]) -> Totals:
    sizes = [file.bytes or 0 for file in files]
    return Totals(len(sizes), sum(sizes))


ORDER: dict[Sort, Callable[[File], Any]] = {
    "created": lambda file: -1 if file.created_at is None else file.created_at,
    "size": lambda file: -1 if file.bytes is None else file.bytes,
    "name": lambda file: _caseless(file.filename.true),
    "expires": lambda file: float("inf") if file.expires_at is None else file.expires_at,
    "purpose": lambda file: file.purpose,
    "status": lambda file: file.kind,
}


def _is_wanted(query: Query, file: File) -> bool:
    text = _caseless(query.text)
    age = None if file.created_at is None else NOW - file.created_at
    left = None if file.expires_at is None else file.expires_at - NOW
    ages = query.age and Span(query.age.least or None, query.age.below)  # from 0 on are those of tomorrow's files, too
    return (
        (query.purpose is None or file.purpose == query.purpose)
        and (not query.kinds or file.kind in query.kinds)
        and (text in _caseless(file.filename.true) or text in _ascii_lower(file.id.true))
        and (ages is None or _lies_in(ages, age))
        and (left is None if query.expires == "never" else query.expires is None or _lies_in(query.expires, left))
        and (query.size is None or _lies_in(query.size, file.bytes))
        and (query.filename is None or _caseless(file.filename.true) == _caseless(query.filename.true))
    )


def _lies_in(span: Span, value: int | None) -> bool:
    if value is None:
        return False
    return (span.least is None or value >= span.least) and (span.below is None or value < span.below)


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _caseless(text: str) -> str:
    return unicodedata.normalize("NFC", _utf8(text).casefold().replace("\0", "␀"))


def _ascii_lower(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def recount(folder: Path) -> None:
    """Assert that everything that is kept up equals a count of the files themselves."""
    with closing(sqlite3.connect(folder / FILE)) as reader:
        rows = reader.execute("select cell, size, created, expires from files").fetchall()
        cells = {cell: (files, size) for cell, files, size in reader.execute("select cell, files, bytes from cells")}
        kept_up = reader.execute("select axis, cell, bucket, files, bytes from tally").fetchall()
    files: Counter[tuple[str | None, int, int]] = Counter()
    size: Counter[tuple[str | None, int, int]] = Counter()
    for cell, length, created, expires in rows:
        for key in (
            (None, cell, 0),
            ("created", cell, max(-1, created // DAY)),
            ("expires", cell, expires if expires == 2**63 - 1 else expires // DAY),
            ("size", cell, -1 if length < 0 else 10 * len(str(length)) + int(str(length)[0])),
        ):
            files[key] += 1
            size[key] += max(0, length)
    counted = {key: (number, size[key]) for key, number in files.items()}
    found: dict[tuple[str | None, int, int], tuple[int, float]] = {
        **{(None, cell, 0): sums for cell, sums in cells.items()},
        **{(axis, cell, bucket): (number, length) for axis, cell, bucket, number, length in kept_up},
    }
    assert {key: sums for key, sums in found.items() if sums != (0, 0)} == counted
