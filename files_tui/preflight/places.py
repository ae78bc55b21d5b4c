"""Where in a line of JSON its values stand; slow, for the few lines of which something is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]|[^\s\[\]{},:"]++', re.DOTALL)
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_CONSTANT = re.compile(r'"(?:[^"\\]++|\\.)*+"|(NaN|-?Infinity)', re.DOTALL)


class Place(NamedTuple):
    """A value's JSON pointer and the character that it begins with; `key` is where its key does, from 0.

    `is_second` tells that an object has the same key before, `end` where a value without parts ends.
    """

    pointer: str
    start: int
    key: int
    is_second: bool
    end: int


class _Open:
    """An object or array that is being read."""

    def __init__(self, pointer: str, *, is_object: bool) -> None:
        self.pointer = pointer
        self.keys: set[str] | None = set() if is_object else None
        self.key: str | None = None
        self.key_start = 0
        self.index = 0


def places(text: str) -> Iterator[Place]:
    """Every value of a JSON text, in its order; of a broken one as far as it makes sense."""
    stack: list[_Open] = []
    for match in _TOKEN.finditer(text):
        token, start = match[0], match.start()
        if token in "]}":
            if stack:
                stack.pop()
            continue
        inner = stack[-1] if stack else None
        is_second, key_start, pointer = False, start, ""
        if inner is not None and inner.keys is not None:
            if inner.key is None:
                inner.key, inner.key_start = token, start
                continue
            is_second, key_start = inner.key in inner.keys, inner.key_start
            inner.keys.add(inner.key)
            pointer = f"{inner.pointer}/{_reference(inner.key)}"
            inner.key = None
        elif inner is not None:
            pointer = f"{inner.pointer}/{inner.index}"
            inner.index += 1
        yield Place(pointer, start, key_start, is_second, match.end())
        if token in "[{":
            stack.append(_Open(pointer, is_object=token == "{"))


def _reference(key: str) -> str:
    return key[1:-1].replace("~", "~0").replace("/", "~1")


def columns(text: str) -> dict[str, int]:
    """The column, from 1, of each value by its pointer; that of the last where a key stands twice."""
    return {place.pointer: place.start + 1 for place in places(text)}


def constant_at(text: str) -> int | None:
    """The column, from 1, of the first `NaN` or `Infinity` that is no part of a string."""
    return next((match.start() + 1 for match in _CONSTANT.finditer(text) if match[1]), None)


def too_deep_at(line: bytes, deepest: int) -> int | None:
    """The first byte, from 0, that lies in more than so many objects and arrays."""
    depth = 0
    for match in _BRACKETS.finditer(line):
        char = match[0][:1]
        if char in b"[{":
            depth += 1
            if depth > deepest:
                return match.start()
        elif char in b"]}":
            depth -= 1
    return None
