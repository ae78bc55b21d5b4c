"""What became of a batch: its output or error file, a JSON object a line, counted and its errors grouped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from files_tui.text import Untrusted

MOST_GROUPS = 200
_LONG = 400
"""Characters of a message by which errors are told apart."""
_MOST_TOKENS = 2**53

# What differs between two errors of a kind: amounts and times, and ids of requests, organisations and files.
_VARYING = re.compile(r"\b\d[\d.,]*(?:ms|s|m|h)?\b|\b[a-z]{2,12}[-_](?=[a-zA-Z]*\d)\w{8,}\b")


class _Body(msgspec.Struct, gc=False):
    usage: Any = None
    error: Any = None


class _Response(msgspec.Struct, gc=False):
    status_code: Any = None
    body: _Body | None = None


class _Line(msgspec.Struct, gc=False):
    """A line as it should be; all that is not asked for is passed over."""

    custom_id: Any = None
    response: _Response | None = None
    error: Any = None


_usual = msgspec.json.Decoder(_Line)
_any = msgspec.json.Decoder()


@dataclass(slots=True)
class Failure:
    """Requests that failed in the same way."""

    status: int | None
    code: Untrusted
    message: Untrusted
    """What the first of them was told."""
    first: Untrusted
    """The `custom_id` of the first of them."""
    count: int = 0


@dataclass(slots=True)
class Tokens:
    """What was used in sum."""

    read: int = 0
    written: int = 0
    total: int = 0


@dataclass(slots=True)
class Outcome:
    """What became of the requests."""

    succeeded: int = 0
    failed: int = 0
    unreadable: int = 0
    first_unreadable: int = 0
    """The number of the first line that is no JSON object, from 1; 0 where all are."""
    failures: list[Failure] = field(default_factory=list)
    """The most frequent first, and no more than `MOST_GROUPS`."""
    other_failures: int = 0
    """Failed requests beyond those groups."""
    tokens: Tokens = field(default_factory=Tokens)


def read(data: bytes, whole: bool) -> Outcome:
    """What is told in `data`; where that is not `whole`, without the line that its end has cut."""
    outcome = Outcome()
    groups: dict[tuple[int | None, str, str], Failure] = {}
    for number, raw in _lines(data, whole):
        line = _decoded(raw)
        if line is None:
            outcome.unreadable += 1
            outcome.first_unreadable = outcome.first_unreadable or number
            continue
        body = line.response.body if line.response else None
        if body is not None:
            _add(outcome.tokens, body.usage)
        status = line.response.status_code if line.response else None
        status = status if isinstance(status, int) and not isinstance(status, bool) else None
        error = line.error or (body.error if body else None)
        if not error and (200 <= status < 300 if status is not None else line.response is not None):
            outcome.succeeded += 1
            continue
        outcome.failed += 1
        code, message = _said(error)
        key = status, code, _VARYING.sub("#", message[:_LONG])
        if key not in groups:
            if len(groups) >= MOST_GROUPS:
                outcome.other_failures += 1
                continue
            first = line.custom_id if isinstance(line.custom_id, str) else ""
            groups[key] = Failure(status, Untrusted(code), Untrusted(message[:_LONG]), Untrusted(first))
        groups[key].count += 1
    outcome.failures = sorted(groups.values(), key=lambda failure: -failure.count)
    return outcome


def _lines(data: bytes, whole: bool) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers."""
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    number = 0
    while start < len(data):
        number += 1
        end = data.find(b"\n", start)
        if end < 0:
            if not whole:
                return
            end = len(data)
        if line := data[start:end].strip():
            yield number, line
        start = end + 1


def _decoded(raw: bytes) -> _Line | None:
    """A line; None where it is no JSON object."""
    try:
        return _usual.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # a line may be as it should not be, and yet tell what became of its request
    try:
        value = _any.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    response = value.get("response")
    if isinstance(response, dict):
        body = response.get("body")
        told = _Body(body.get("usage"), body.get("error")) if isinstance(body, dict) else _Body()
        return _Line(value.get("custom_id"), _Response(response.get("status_code"), told), value.get("error"))
    return _Line(value.get("custom_id"), None, value.get("error"))


def _said(error: object) -> tuple[str, str]:
    """Code and message of an error, whichever form it has."""
    if isinstance(error, dict):
        code, message = error.get("code") or error.get("type"), error.get("message")
        return _word(code), _word(message)
    return "", _word(error)


def _word(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value)[:_LONG] if isinstance(value, (int, float)) and abs(value) < _MOST_TOKENS else ""


def _add(tokens: Tokens, usage: object) -> None:
    """Count what an answer used, in the words of either API."""
    if not isinstance(usage, dict):
        return
    tokens.read += _count(usage, "prompt_tokens", "input_tokens")
    tokens.written += _count(usage, "completion_tokens", "output_tokens")
    tokens.total += _count(usage, "total_tokens")


def _count(usage: dict[Any, Any], *names: str) -> int:
    found = next((usage[name] for name in names if name in usage), 0)
    return found if type(found) is int and 0 <= found < _MOST_TOKENS else 0
