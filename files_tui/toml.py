"""TOML, and the line on which each of its names stands."""

from __future__ import annotations

from collections.abc import Iterator
from tomllib import loads as loads

Place = tuple[str, ...]
"""The names that lead to a value: `("profiles", "work", "auth")`."""


def lines_of(words: str) -> dict[Place, int]:
    """The line on which each name of a TOML text stands, of a value of several lines the first.

    `tomllib` does not tell. Each statement is TOML of its own, and is read as such.
    """
    lines: dict[Place, int] = {}
    table: Place = ()
    statement, first = "", 0
    for number, line in enumerate(words.split("\n"), 1):
        first = first if statement else number
        statement += line + "\n"
        try:
            document = loads(statement)
        except ValueError:
            continue  # its end is on a later line
        is_head, statement = statement.lstrip().startswith("["), ""
        places = list(_places(document))
        if is_head:
            table = places[-1]
        for place in places if is_head else [table + place for place in places]:
            lines.setdefault(place, first)
    return lines


def _places(value: object, place: Place = ()) -> Iterator[Place]:
    if place:
        yield place
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield from _places(inner, (*place, name))
