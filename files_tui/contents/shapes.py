"""A line of JSON in full, in the shape that it has: messages by their roles, requests, responses; the rest as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from files_tui.contents.pretty import indented, layout
from files_tui.contents.records import (
    FEW_WORDS,
    LARGEST,
    ROLES,
    Fragment,
    Row,
    Tone,
    content_of,
    decoded,
    encoded,
    messages_in,
    words_of,
)
from files_tui.text import Safe, one_line, plural, safe, size

LONGEST = 16_000
"""Characters of a text that are shown; text and hex views show all of it."""

MOST_ROWS = 4_000
_LABEL = 10


def rows(record: bytes) -> list[Row]:
    """All that a record says, a line each, the first without what the summary says already."""
    try:
        value = decoded(record)
    except ValueError:
        shown = _limited(_json_rows(record[:LARGEST].decode("utf-8", "replace")))
        if len(record) > LARGEST:
            shown.append([Fragment(Safe(f"… {size(len(record))} in all, which the view as text shows"), "dim")])
        return shown
    return _limited(_shape(value) if isinstance(value, dict) else _json_rows(encoded(value)))


def _limited(all_rows: Iterator[Row]) -> list[Row]:
    kept: list[Row] = []
    for row in all_rows:
        if len(kept) == MOST_ROWS:
            kept.append([Fragment(Safe("… and more, which the view as text shows"), "dim")])
            break
        kept.append(row)
    return kept


def _shape(value: dict[str, Any]) -> Iterator[Row]:
    """Messages by their roles, each with the line ends that it has; all else as JSON."""
    rest = dict(value)
    if "custom_id" in value and "url" in value:
        yield _labelled("request", f"{value.get('method', '')} {value['url']}".strip(), "key")
        rest.pop("url")
        rest.pop("method", None)
        yield from _inside(rest, "body")
    elif "custom_id" in value and isinstance(response := value.get("response"), dict):
        rest.pop("response")
        status = response.get("status_code")
        good = isinstance(status, int) and 200 <= status < 300
        yield _labelled("status", words_of(status, 20), "good" if good else "bad")
        others = {key: each for key, each in response.items() if key not in ("status_code", "body")}
        yield from _answer(response.get("body"))
        rest.update({f"response.{key}": each for key, each in others.items()})
    elif isinstance(value.get("input"), dict) and "preferred_output" in value:
        yield from _inside(rest, "input")
    for key, title in (("preferred_output", "preferred"), ("non_preferred_output", "rejected")):
        if messages := messages_in(rest.get(key)):
            rest.pop(key)
            yield [Fragment(Safe(title), "good" if title == "preferred" else "bad")]
            yield from _messages(messages)
    if messages := messages_in(rest.get("messages")):
        rest.pop("messages")
        yield from _messages(messages)
    for key, each in rest.items():
        yield from _field(key, each)


def _inside(rest: dict[str, Any], key: str) -> Iterator[Row]:
    """The messages of an object within, and what else it holds."""
    inner = rest.pop(key, None)
    if not isinstance(inner, dict):
        yield from _field(key, inner)
        return
    messages = messages_in(inner.get("messages"))
    for name, each in inner.items():
        if name != "messages" or not messages:
            yield from _field(name, each)
    yield from _messages(messages)


def _answer(body: object) -> Iterator[Row]:
    if not isinstance(body, dict):
        yield from _field("body", body)
        return
    rest, choices = dict(body), messages_in(body.get("choices"))
    if choices and all(isinstance(each.get("message"), dict) for each in choices):
        rest.pop("choices")
        for choice in choices:
            yield from _messages([choice["message"]])
            for key, each in choice.items():
                if key != "message":
                    yield from _field(key, each)
    for key, each in rest.items():
        yield from _field(key, each)


def _messages(messages: list[dict[str, Any]]) -> Iterator[Row]:
    for message in messages:
        role = words_of(message.get("role", "–"), 20)
        tone = ROLES.get(role, "key")
        for number, line in enumerate(content_of(message).split("\n")):
            yield _labelled(role if not number else "", line, tone)
        parts = messages_in(message.get("content"))
        shown = ("role",) if any(part.get("type") != "text" for part in parts) else ("role", "content")
        for key, each in message.items():
            if key not in shown:
                yield from _field(key, each, indent=1)


def _labelled(label: str, words: str, tone: Tone) -> Row:
    return [Fragment(Safe(f"{safe(label):<{_LABEL}} "), tone), Fragment(_cut(words))]


def _field(key: str, value: object, indent: int = 0) -> Iterator[Row]:
    """A key and its value, on one line where that is short."""
    before = Fragment(Safe(f"{'  ' * indent}{one_line(key, 60)}: "), "key")
    written = value if isinstance(value, str) else encoded(value)
    if isinstance(value, str) or len(written) <= FEW_WORDS // 2:
        yield [before, Fragment(_cut(written))]
        return
    yield [before]
    yield from _json_rows(written, indent + 1)


def _json_rows(text: str, indent: int = 0) -> Iterator[Row]:
    laid_out = layout(text, MOST_ROWS + 1)
    for line, depth in zip(laid_out.lines, laid_out.depths, strict=True):
        yield [Fragment(_cut(indented(line, depth + indent)))]


def _cut(words: str) -> Safe:
    if len(words) <= LONGEST:
        return safe(words)
    return Safe(f"{safe(words[:LONGEST])}… ({plural(len(words), 'character')})")
