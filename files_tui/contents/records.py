"""What a line of JSON says: in a few words, and in full as the shape that it has.

Known are the shapes of fine-tune examples, of batch requests and of their outputs; any other is laid out as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from files_tui.contents.pretty import indented, layout
from files_tui.text import Safe, one_line, plural, safe, size

Tone = Literal["plain", "dim", "key", "good", "bad", "system", "user", "assistant", "tool"]

LARGEST = 1 << 20
"""Bytes; a longer record is not taken apart."""

LONGEST = 16_000
"""Characters of a text that are shown; text and hex views show all of it."""

MOST_ROWS = 4_000
FEW_WORDS = 200
_LABEL = 10

_ROLES: dict[str, Tone] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


class Fragment(msgspec.Struct, frozen=True):
    """Words, and how they are meant."""

    words: Safe
    tone: Tone = "plain"


Row = list[Fragment]


def decoded(record: bytes) -> Any:
    """The value of a record; raises `ValueError` for what is none, or is too large or too deep to be taken apart."""
    if len(record) > LARGEST:
        raise ValueError("too long")
    try:
        return msgspec.json.decode(record)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        pass
    try:
        return json.loads(record)  # which takes NaN, a byte order mark and half of a surrogate pair
    except RecursionError:
        raise ValueError("nested too deeply") from None


def summary(record: bytes, *, whole: bool = True) -> Row:
    """A record in one line; one that is not `whole` goes on behind what has come of it."""
    start = one_line(record[: 4 * FEW_WORDS].decode("utf-8", "replace"), FEW_WORDS)
    if not whole and len(record) > LARGEST:
        return [Fragment(Safe(f"goes on behind {size(len(record))}: "), "dim"), Fragment(start)]
    if not record.strip():
        return [Fragment(Safe("(blank)"), "dim")]
    try:
        value = decoded(record)
    except ValueError as error:
        if not whole:
            return [Fragment(start), Fragment(Safe(" …"), "dim")]
        why = size(len(record)) if len(record) > LARGEST else _why(error)
        return [Fragment(Safe(f"{why}: "), "dim" if len(record) > LARGEST else "bad"), Fragment(start)]
    if isinstance(value, dict):
        for said in (_said_by_output, _said_by_request, _said_by_example):
            if fragments := said(value):
                return fragments
    return [Fragment(start)]


def rows(record: bytes) -> list[Row]:
    """All that a record says, a line each, the first without what the summary says already."""
    try:
        value = decoded(record)
    except ValueError:
        shown = _limited(_json_rows(record[:LARGEST].decode("utf-8", "replace")))
        if len(record) > LARGEST:
            shown.append([Fragment(Safe(f"… {size(len(record))} in all, which the view as text shows"), "dim")])
        return shown
    return _limited(_shape(value) if isinstance(value, dict) else _json_rows(_encoded(value)))


def _limited(all_rows: Iterator[Row]) -> list[Row]:
    kept: list[Row] = []
    for row in all_rows:
        if len(kept) == MOST_ROWS:
            kept.append([Fragment(Safe("… and more, which the view as text shows"), "dim")])
            break
        kept.append(row)
    return kept


def _why(error: ValueError) -> str:
    return "nested too deeply" if "deeply" in str(error) else "no JSON"


def _encoded(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _words(value: object, limit: int = FEW_WORDS) -> Safe:
    """A value on one line."""
    return one_line(value if isinstance(value, str) else _encoded(value), limit)


def _cut(words: str) -> Safe:
    if len(words) <= LONGEST:
        return safe(words)
    return Safe(f"{safe(words[:LONGEST])}… ({plural(len(words), 'character')})")


# In one line


def _said_by_output(value: dict[str, Any]) -> Row | None:
    if "custom_id" not in value or ("response" not in value and "error" not in value):
        return None
    response, error = value.get("response"), value.get("error")
    status = response.get("status_code") if isinstance(response, dict) else None
    body = response.get("body") if isinstance(response, dict) else None
    trouble = error or (body.get("error") if isinstance(body, dict) else None)
    good = not trouble and isinstance(status, int) and 200 <= status < 300
    row = [Fragment(_words(value["custom_id"], 60), "key")]
    row.append(Fragment(Safe(f"  {_words(status, 20) if status is not None else '✗'}  "), "good" if good else "bad"))
    return [*row, Fragment(_words(_message_of(trouble) if trouble else _answer_in(body)), "plain" if good else "bad")]


def _said_by_request(value: dict[str, Any]) -> Row | None:
    if "custom_id" not in value or "url" not in value:
        return None
    raw = value.get("body")
    body: dict[str, Any] = raw if isinstance(raw, dict) else {}
    asked = f"  {_words(value.get('method', ''), 10)} {_words(value['url'], 60)}  "
    row = [Fragment(_words(value["custom_id"], 60), "key"), Fragment(Safe(asked), "dim")]
    row.append(Fragment(Safe(f"{_words(body.get('model', ''), 60)}  "), "good"))
    about = body.get("input", body.get("prompt", ""))
    return [*row, Fragment(_words(_last_of(body.get("messages"), "user") or about))]


def _said_by_example(value: dict[str, Any]) -> Row | None:
    if messages := _messages_in(value.get("messages")):
        row = [Fragment(Safe(f"{plural(len(messages), 'message')}  "), "dim")]
        for message in (_last(messages, "user"), messages[-1]):
            if message is not None and (len(row) == 1 or message.get("role") != "user"):
                role = _words(message.get("role", ""), 20)
                row.append(Fragment(Safe(f"{'  ' if len(row) > 1 else ''}{role}: "), _ROLES.get(role, "key")))
                row.append(Fragment(_words(_content_of(message), FEW_WORDS // 2)))
        return row
    if "preferred_output" in value:
        asked = value.get("input")
        question = _last_of(asked.get("messages"), "user") if isinstance(asked, dict) else asked
        return [
            Fragment(Safe("user: "), "user"),
            Fragment(_words(question or "", FEW_WORDS // 2)),
            Fragment(Safe("  preferred: "), "good"),
            Fragment(_words(_last_of(value["preferred_output"], None) or "", FEW_WORDS // 2)),
        ]
    if "prompt" in value and "completion" in value:
        return [
            Fragment(Safe("prompt: "), "user"),
            Fragment(_words(value["prompt"], FEW_WORDS // 2)),
            Fragment(Safe("  completion: "), "assistant"),
            Fragment(_words(value["completion"], FEW_WORDS // 2)),
        ]
    return None


def _message_of(trouble: object) -> object:
    return trouble.get("message", trouble) if isinstance(trouble, dict) else trouble


def _answer_in(body: object) -> object:
    """The first words of an answer of any of the endpoints."""
    if not isinstance(body, dict):
        return body
    choices, output, data = body.get("choices"), body.get("output"), body.get("data")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        message = choices[0].get("message")
        return _content_of(message) if isinstance(message, dict) else choices[0].get("text", choices[0])
    if isinstance(output, list):
        texts = [_content_of(item) for item in output if isinstance(item, dict) and "content" in item]
        return " ".join(texts) if texts else output
    if isinstance(data, list):
        return plural(len(data), "embedding" if body.get("object") == "list" else "item")
    return body


def _messages_in(value: object) -> list[dict[str, Any]]:
    """The objects of an array of nothing else; none where it is something else."""
    return value if isinstance(value, list) and all(isinstance(each, dict) for each in value) else []


def _last(messages: list[dict[str, Any]], role: str | None) -> dict[str, Any] | None:
    return next((each for each in reversed(messages) if role in (None, each.get("role"))), None)


def _last_of(messages: object, role: str | None) -> str:
    found = _last(_messages_in(messages), role)
    return _content_of(found) if found else ""


def _content_of(message: dict[str, Any]) -> str:
    """What a message says; its parts one after the other, and what is no text by its kind."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(
            str(part.get("text") or f"[{part.get('type', 'part')}]") if isinstance(part, dict) else str(part)
            for part in content
        )
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        functions = [call.get("function") for call in calls if isinstance(call, dict)]
        return ", ".join(
            f"{each.get('name')}({each.get('arguments', '')})" for each in functions if isinstance(each, dict)
        )
    return "" if content is None else _encoded(content)


# In full


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
        yield _labelled("status", _words(status, 20), "good" if good else "bad")
        others = {key: each for key, each in response.items() if key not in ("status_code", "body")}
        yield from _answer(response.get("body"))
        rest.update({f"response.{key}": each for key, each in others.items()})
    elif isinstance(value.get("input"), dict) and "preferred_output" in value:
        yield from _inside(rest, "input")
    for key, title in (("preferred_output", "preferred"), ("non_preferred_output", "rejected")):
        if messages := _messages_in(rest.get(key)):
            rest.pop(key)
            yield [Fragment(Safe(title), "good" if title == "preferred" else "bad")]
            yield from _messages(messages)
    if messages := _messages_in(rest.get("messages")):
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
    messages = _messages_in(inner.get("messages"))
    for name, each in inner.items():
        if name != "messages" or not messages:
            yield from _field(name, each)
    yield from _messages(messages)


def _answer(body: object) -> Iterator[Row]:
    if not isinstance(body, dict):
        yield from _field("body", body)
        return
    rest, choices = dict(body), _messages_in(body.get("choices"))
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
        role = _words(message.get("role", "–"), 20)
        tone = _ROLES.get(role, "key")
        for number, line in enumerate(_content_of(message).split("\n")):
            yield _labelled(role if not number else "", line, tone)
        parts = _messages_in(message.get("content"))
        shown = ("role",) if any(part.get("type") != "text" for part in parts) else ("role", "content")
        for key, each in message.items():
            if key not in shown:
                yield from _field(key, each, indent=1)


def _labelled(label: str, words: str, tone: Tone) -> Row:
    return [Fragment(Safe(f"{safe(label):<{_LABEL}} "), tone), Fragment(_cut(words))]


def _field(key: str, value: object, indent: int = 0) -> Iterator[Row]:
    """A key and its value, on one line where that is short."""
    before = Fragment(Safe(f"{'  ' * indent}{one_line(key, 60)}: "), "key")
    encoded = value if isinstance(value, str) else _encoded(value)
    if isinstance(value, str) or len(encoded) <= FEW_WORDS // 2:
        yield [before, Fragment(_cut(encoded))]
        return
    yield [before]
    yield from _json_rows(encoded, indent + 1)


def _json_rows(text: str, indent: int = 0) -> Iterator[Row]:
    laid_out = layout(text, MOST_ROWS + 1)
    for line, depth in zip(laid_out.lines, laid_out.depths, strict=True):
        yield [Fragment(_cut(indented(line, depth + indent)))]
