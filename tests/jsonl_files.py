"""Lines of JSONL files that are right, one kind a function: what checks must not complain of, and what tests break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from files_tui.preflight import Report, check

Json = dict[str, Any]


def lines(*values: Any) -> bytes:
    """Each as JSON on a line."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def request(
    number: int = 1, url: str = "/v1/chat/completions", model: str | None = "gpt-4.1-mini", **body: Any
) -> Json:
    """One request of a batch; without a body of its own, a short chat."""
    if not body:
        body = {"messages": [says("user", f"What is {number} + {number}?")]}
    named = {} if model is None else {"model": model}
    return {"custom_id": f"r-{number}", "method": "POST", "url": url, "body": named | body}


def says(role: str, content: Any, **more: Any) -> Json:
    """One message."""
    return {"role": role, "content": content, **more}


def chat(*messages: Json, **more: Any) -> Json:
    """An example of supervised fine-tuning."""
    return {"messages": list(messages or (says("user", "Hello"), says("assistant", "Good day"))), **more}


def call(name: str = "look_up", arguments: str = '{"order": 7}', identifier: str = "c-1") -> Json:
    """A call of a tool."""
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


def tool(name: str = "look_up") -> Json:
    """A tool that can be called."""
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}


def image(url: str = "https://example.com/a.png") -> Json:
    """A part of a message."""
    return {"type": "image_url", "image_url": {"url": url, "detail": "low"}}


def preference(**changes: Any) -> Json:
    """An example of preference tuning."""
    made: Json = {
        "input": {"messages": [says("user", "Hello")], "tools": [], "parallel_tool_calls": True},
        "preferred_output": [says("assistant", "Good day")],
        "non_preferred_output": [says("assistant", "What?")],
    }
    return made | changes


TEXT = {"type": "text", "text": "What is this?"}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": {"type": "object"}}}

_BODIES: dict[str, list[Json]] = {
    "/v1/chat/completions": [
        {"messages": [says("developer", "Be brief"), says("user", [TEXT, image()])], "response_format": SCHEMA},
        {"messages": [says("user", "Where is it?")], "tools": [tool()], "tool_choice": "auto", "n": 2, "seed": 1},
        {
            "messages": [
                says("user", "Where is it?"),
                {"role": "assistant", "tool_calls": [call()]},
                says("tool", "on its way", tool_call_id="c-1"),
            ]
        },
        {"messages": [says("user", 'He said: \\"custom_id\\" ¶ 🙂\n\t\x7f')], "metadata": {"model": "x", "url": "y"}},
        {"messages": []},
    ],
    "/v1/responses": [
        {"input": "Hello", "instructions": "Be brief"},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}], "text": {"format": SCHEMA}},
        {"prompt": {"id": "pmpt_1", "variables": {"a": "b"}}},
        {"previous_response_id": "resp_1", "input": None},
    ],
    "/v1/embeddings": [
        {"input": "Hello"},
        {"input": ["Hello", "World"], "dimensions": 256},
        {"input": [1, 2, 3]},
        {"input": [[1, 2], [3]], "encoding_format": "float"},
    ],
    "/v1/completions": [{"prompt": "Once upon"}, {"prompt": ["a", "b"], "max_tokens": 5}],
    "/v1/moderations": [{"input": "Hello"}, {"input": [TEXT, image()]}],
    "/v1/images/generations": [{"prompt": "A cat", "size": "1024x1024"}],
    "/v1/images/edits": [{"prompt": "A hat", "images": [{"file_id": "file-1"}]}],
    "/v1/videos": [{"prompt": "A cat", "seconds": "4"}],
}

_CALLS = [
    says("system", "Use tools"),
    says("user", "Where is order 7?"),
    {"role": "assistant", "content": None, "tool_calls": [call()], "weight": 1},
    says("tool", "on its way", tool_call_id="c-1"),
    says("assistant", "It is on its way.", weight=1),
]

EXAMPLES: dict[str, list[Json]] = {
    "chats": [
        chat(),
        chat(says("developer", "Be kind"), says("user", "Hi", name="Ada"), says("assistant", "Hello")),
        chat(says("user", "a"), says("assistant", "b", weight=0), says("user", "c"), says("assistant", "d", weight=1)),
        chat(*_CALLS, tools=[tool()], parallel_tool_calls=False),
        chat(says("user", "Where?"), {"role": "assistant", "tool_calls": [call()]}, tools=[tool()]),
        chat(
            says("user", "Where?"),
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
            says("function", "there", name="f"),
            says("assistant", "There"),
            functions=[{"name": "f", "parameters": {"type": "object"}}],
        ),
        chat(says("user", [TEXT, image(), image("data:image/jpeg;base64,/9j/4A==")]), says("assistant", "A cat")),
        chat(says("system", [TEXT]), says("user", "a"), says("assistant", [{"type": "text", "text": "b"}])),
        chat(says("user", "a"), says("assistant", [{"type": "refusal", "refusal": "No"}])),
        chat(says("user", "a"), {"role": "assistant", "content": None, "refusal": "No"}),
    ],
    "preferences": [
        preference(),
        preference(input={"messages": [says("system", "x"), says("user", "y")]}),
        preference(
            preferred_output=[{"role": "assistant", "tool_calls": [call()]}],
            input=chat(says("user", "?"), tools=[tool()]),
        ),
        preference(
            input={"messages": [says("user", "?"), {"role": "assistant", "tool_calls": [call()]}], "tools": [tool()]},
            preferred_output=[says("tool", "on its way", tool_call_id="c-1"), says("assistant", "Soon")],
        ),
    ],
    "completions": [{"prompt": "a", "completion": " b"}, {"prompt": "", "completion": "text"}],
    "reinforcement": [
        chat(says("user", "2 + 2?"), reference_answer="4"),
        chat(says("developer", "Count"), says("user", "3 + 3?"), answer={"value": 6, "steps": [1, 2]}, tools=[tool()]),
    ],
}


def _ten(values: list[Json]) -> bytes:
    return lines(*(values[index % len(values)] for index in range(max(10, len(values)))))


VALID: dict[str, tuple[str, bytes]] = {
    **{
        f"batch {url}": ("batch", lines(*(request(at, url, **body) for at, body in enumerate(bodies))) * 1)
        for url, bodies in _BODIES.items()
    },
    **{f"fine-tune {name}": ("fine-tune", _ten(values)) for name, values in EXAMPLES.items()},
    "evals": (
        "evals",
        lines(
            {"item": {"input": "a", "ideal": "b"}, "sample": None}, {"item": {"input": "c", "ideal": "d"}, "sample": {}}
        ),
    ),
    "no instructions, and a tool that gives nothing": (
        "fine-tune",
        _ten([chat(says("system", ""), *_CALLS[1:3], _CALLS[3] | {"content": ""}, _CALLS[4], tools=[tool()])]),
    ),
    "requests that are alike": ("batch", lines(*map(request, range(200)))),
    "no last line end": ("batch", lines(request(1), request(2)).rstrip()),
    "spaces": ("batch", b"  " + lines(request(1)).replace(b": ", b" :\t") + lines(request(2))),
    "CR as white space": ("batch", lines(request(1)).replace(b'"body": {', b'"body":\r{') + lines(request(2))),
    "one line with CR as white space": ("batch", lines(request(1)).strip().replace(b"{", b"\r{\r")),
    "sorted keys": (
        "batch",
        b"".join(json.dumps(request(at), sort_keys=True).encode() + b"\n" for at in range(20)),
    ),
    "an id that is a text": (
        "batch",
        lines(*(request(at, messages=[says("user", f"r-{at}")] * 2) for at in range(20))),
    ),
    "compact": ("batch", b"".join(json.dumps(request(at), separators=(",", ":")).encode() + b"\n" for at in range(5))),
    "utf-8": ("batch", json.dumps(request(1, messages=[says("user", "日本 🙂 é")]), ensure_ascii=False).encode()),
    "other keys first": ("batch", lines(*(dict(reversed(request(at).items())) for at in range(20)))),
    "long ids": ("batch", lines(*(request(at) | {"custom_id": f"{'é' * 80}{at}"} for at in range(20)))),
    "200 levels": ("batch", lines(request(1, messages=[], x=json.loads("[" * 200 + "]" * 200)))),
}
"""By a name: the purpose, and a file that OpenAI takes."""


R1, R2 = json.dumps(request(1)).encode(), json.dumps(request(2)).encode()
"""Lines of two requests, without their ends."""


def checked(path: Path, content: bytes, purpose: str) -> Report:
    """The report on a file of this content."""
    path.write_bytes(content)
    return check(path, purpose)
