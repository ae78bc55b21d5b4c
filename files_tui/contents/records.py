"""What a line of JSON is about, in one line: fine-tune examples, batch requests and their outputs are known."""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec

from files_tui.text import Safe, one_line, plural, size

Tone = Literal["plain", "dim", "key", "good", "bad", "system", "user", "assistant", "tool"]

LARGEST = 1 << 20
"""Bytes; a longer record is not taken apart."""

FEW_WORDS = 200

ROLES: dict[str, Tone] = {
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


def _why(error: ValueError) -> str:
    return "nested too deeply" if "deeply" in str(error) else "no JSON"


def encoded(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def words_of(value: object, limit: int = FEW_WORDS) -> Safe:
    """A value on one line."""
    return one_line(value if isinstance(value, str) else encoded(value), limit)


def _said_by_output(value: dict[str, Any]) -> Row | None:
    if "custom_id" not in value or ("response" not in value and "error" not in value):
        return None
    response, error = value.get("response"), value.get("error")
    status = response.get("status_code") if isinstance(response, dict) else None
    body = response.get("body") if isinstance(response, dict) else None
    trouble = error or (body.get("error") if isinstance(body, dict) else None)
    good = not trouble and isinstance(status, int) and 200 <= status < 300
    row = [Fragment(words_of(value["custom_id"], 60), "key")]
    row.append(Fragment(Safe(f"  {words_of(status, 20) if status is not None else '✗'}  "), "good" if good else "bad"))
    return [*row, Fragment(words_of(_message_of(trouble) if trouble else _answer_in(body)), "plain" if good else "bad")]


def _said_by_request(value: dict[str, Any]) -> Row | None:
    if "custom_id" not in value or "url" not in value:
        return None
    raw = value.get("body")
    body: dict[str, Any] = raw if isinstance(raw, dict) else {}
    asked = f"  {words_of(value.get('method', ''), 10)} {words_of(value['url'], 60)}  "
    row = [Fragment(words_of(value["custom_id"], 60), "key"), Fragment(Safe(asked), "dim")]
    row.append(Fragment(Safe(f"{words_of(body.get('model', ''), 60)}  "), "good"))
    about = body.get("input", body.get("prompt", ""))
    return [*row, Fragment(words_of(_last_of(body.get("messages"), "user") or about))]


def _said_by_example(value: dict[str, Any]) -> Row | None:
    if messages := messages_in(value.get("messages")):
        row = [Fragment(Safe(f"{plural(len(messages), 'message')}  "), "dim")]
        for message in (_last(messages, "user"), messages[-1]):
            if message is not None and (len(row) == 1 or message.get("role") != "user"):
                role = words_of(message.get("role", ""), 20)
                row.append(Fragment(Safe(f"{'  ' if len(row) > 1 else ''}{role}: "), ROLES.get(role, "key")))
                row.append(Fragment(words_of(content_of(message), FEW_WORDS // 2)))
        return row
    if "preferred_output" in value:
        asked = value.get("input")
        question = _last_of(asked.get("messages"), "user") if isinstance(asked, dict) else asked
        return [
            Fragment(Safe("user: "), "user"),
            Fragment(words_of(question or "", FEW_WORDS // 2)),
            Fragment(Safe("  preferred: "), "good"),
            Fragment(words_of(_last_of(value["preferred_output"], None) or "", FEW_WORDS // 2)),
        ]
    if "prompt" in value and "completion" in value:
        return [
            Fragment(Safe("prompt: "), "user"),
            Fragment(words_of(value["prompt"], FEW_WORDS // 2)),
            Fragment(Safe("  completion: "), "assistant"),
            Fragment(words_of(value["completion"], FEW_WORDS // 2)),
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
        return content_of(message) if isinstance(message, dict) else choices[0].get("text", choices[0])
    if isinstance(output, list):
        texts = [content_of(item) for item in output if isinstance(item, dict) and "content" in item]
        return " ".join(texts) if texts else output
    if isinstance(data, list):
        return plural(len(data), "embedding" if body.get("object") == "list" else "item")
    return body


def messages_in(value: object) -> list[dict[str, Any]]:
    """The objects of an array of nothing else; none where it is something else."""
    return value if isinstance(value, list) and all(isinstance(each, dict) for each in value) else []


def _last(messages: list[dict[str, Any]], role: str | None) -> dict[str, Any] | None:
    return next((each for each in reversed(messages) if role in (None, each.get("role"))), None)


def _last_of(messages: object, role: str | None) -> str:
    found = _last(messages_in(messages), role)
    return content_of(found) if found else ""


def content_of(message: dict[str, Any]) -> str:
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
    return "" if content is None else encoded(content)
