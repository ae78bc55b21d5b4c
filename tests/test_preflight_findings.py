"""What is found in files that are not right: one list of contents, and where and what is told of each."""

from __future__ import annotations

import codecs
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from files_tui.api.models import LARGEST_IN_PARTS, LARGEST_UPLOAD
from files_tui.preflight import Severity, check
from tests.jsonl_files import R1, R2, TEXT, Json, call, chat, checked, image, lines, preference, request, says, tool

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


class Case(NamedTuple):
    """A file's content and purpose; what is found: severity, place, and words of the message and its mend."""

    content: bytes
    purpose: str
    severity: Severity
    place: str
    words: str
    name: str = "a.jsonl"


def without(value: Json, key: str) -> Json:
    return {name: each for name, each in value.items() if name != key}


def second(value: Any, purpose: str = "batch") -> bytes:
    """Ten lines that are right, in the place of the second this one."""
    good = [request(number) if purpose == "batch" else chat() for number in range(10)]
    return lines(good[0], value, *good[2:])


def batch(value: Any, place: str, words: str, severity: Severity = ERROR) -> Case:
    return Case(second(value), "batch", severity, place, words)


def tuned(value: Any, place: str, words: str, severity: Severity = ERROR) -> Case:
    return Case(second(value, "fine-tune"), "fine-tune", severity, place, words)


def only(raw: bytes, place: str, words: str, severity: Severity = ERROR, purpose: str = "batch") -> Case:
    return Case(raw, purpose, severity, place, words)


def asks(text: str) -> Json:
    return says("user", text)


ANSWER = says("assistant", "b")

PURPOSES_AND_NAMES = {
    "no purpose": Case(b"a", "", ERROR, "", "there is no purpose", "a.txt"),
    "an output's purpose": Case(b"a", "batch_output", ERROR, "", "that the server makes", "a.txt"),
    "another server's purpose": Case(b"a", "batch-api", NOTE, "", "none of OpenAI's", "a.txt"),
    "a purpose that is nearly right": Case(b"a", "finetune", WARNING, "", "did you mean fine-tune?", "a.txt"),
    "json for batch": Case(R1, "batch", ERROR, "", ".json is refused for batch", "a.json"),
    "no extension for evals": Case(lines({"item": {}}), "evals", ERROR, "", "without extension is refused", "items"),
    "vb for assistants": Case(b"a", "assistants", ERROR, "", "extension .vb is refused for assistants", "a.vb"),
    "zero bytes": Case(b"", "user_data", ERROR, "", "the file is empty", "a.txt"),
    "zero bytes of a batch": Case(b"", "batch", ERROR, "", "the file is empty"),
    "blank lines alone": Case(b"\n\n", "batch", ERROR, "", "there is no request"),
    "much text": Case(b"a" * 8_000_001, "assistants", WARNING, "", "2 million tokens", "a.md"),
    "no image": Case(b"hello", "vision", ERROR, "", "no image that is known", "a.png"),
    "an image that is not taken": Case(b"\0\0\0\x18ftypheic", "vision", ERROR, "", "this is HEIC", "a.png"),
    "svg": Case(b'<?xml?><svg xmlns="x">', "vision", ERROR, "", "this is SVG", "a.svg"),
    "jpeg named png": Case(b"\xff\xd8\xff\xe0", "vision", WARNING, "", "says PNG, the content is JPEG", "a.png"),
    "an image named txt": Case(b"GIF89a", "vision", ERROR, "", "extension txt is none", "a.txt"),
    "a PNG that ends early": Case(b"\x89PNG\r\n\x1a\n" + b"x" * 600, "vision", WARNING, "", "cut off", "a.png"),
}

LINES = {
    "no object": only(b"[1]\n" + R1, "line 1, column 1", "is an array and no JSON object"),
    "a text": only(b'"a"\n' + R1, "line 1, column 1", "is a string and no JSON object"),
    "a number": only(b"  7\n" + R1, "line 1, column 3", "is a number and no JSON object"),
    "an array on many lines": only(b"[\n" + R1 + b",\n" + R2 + b"\n]", "line 1, column 2", "on several lines"),
    "a request a line in an array": only(
        b"[" + R1 + b",\n" + R2 + b"]\n", "line 1, column", "take away the commas and brackets between lines"
    ),
    "commas between lines": only(R1 + b",\n" + R2, f"line 1, column {len(R1) + 1}", "away the commas and brackets"),
    "two on a line": only(R1 + b" " + R2, f"line 1, column {len(R1) + 2}", "each object on a line of its own"),
    "indented": only(json.dumps(request(), indent=2).encode(), "line 1, column 2", "on several lines"),
    "python's way": only(b"{'custom_id': 'a'}", "line 1, column 2", "single quotes are no JSON"),
    "None": only(b'{"custom_id": None}', "line 1, column 15", "None is no JSON — write null"),
    "a comma too much": only(b'{"custom_id": "a",}', "line 1, column 1", "a comma stands behind the last value"),
    "a tab in a string": only(b'{"custom_id": "a\tb"}', "line 1, column 17", "U+0009 — write it as \\u0009"),
    "a windows path": only(b'{"custom_id": "C:\\d"}', "line 1, column 18", "a backslash that escapes nothing"),
    "no quotes": only(b"{custom_id: 1}", "line 1, column 2", "no JSON: "),
    "cut off": only(R1 + b"\n" + R2[:-20], "line 2, column", "ends in the middle of this line"),
    "NaN": only(R1.replace(b'"body": {', b'"body": {"n": NaN, '), "line 1, column 85", "NaN and Infinity are no JSON"),
    "NaN in a text": only(b'{"a": "NaN", "b": -Infinity}', "line 1, column 19", "NaN and Infinity are no JSON"),
    "a key twice": only(b'{"custom_id": "b", ' + R1[1:], "line 1, column 20 (/custom_id)", "stands twice", WARNING),
    "a key twice, deep": only(
        R1.replace(b'"role": "user"', b'"role": "x", "role": "user"'),
        "line 1, column 132 (/body/messages/0/role)",
        'the key "role" stands twice',
        WARNING,
    ),
    "half a character": only(R1.replace(b"What", b"\\ud83d"), "line 1, column", "half of a character", WARNING),
    "no UTF-8": only(R1.replace(b"What", b"Caf\xe9"), "line 1, column", "byte 0xe9 is no UTF-8"),
    "UTF-8 that breaks off": only(R1.replace(b"What", b"\xf0\x9f\x99"), "line 1, column", "byte 0xf0 is no UTF-8"),
    "a long number": only(b'{"a": ' + b"1" * 5000 + b"}", "line 1, column 1", "thousands of digits"),
    "10,000 levels": only(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "line 1, column 2,501", "more than 500 objects"),
    "200,000 levels": only(b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "line 1, column 2,501", "more than 500 objects"),
    "many values and a comma too much": only(
        b'{"custom_id": "a", "body": [' + b"1," * 600_000 + b"]}",
        "line 1, column 1",
        "no JSON: trailing comma in array",
    ),
    "many values and half a character": only(
        b'{"custom_id": "\\ud83d", "body": [' + b"1," * 600_000 + b"1]}", "line 1", "more values on one line", WARNING
    ),
    "10,000 open brackets": only(b"[" * 10_000, "line 1, column 501", "more than 500 objects and arrays"),
    "a byte order mark": only(codecs.BOM_UTF8 + R1, "line 1, column 1", "begins with a byte order mark"),
    "one in the middle": only(R1 + b"\n" + codecs.BOM_UTF8 + R2, "line 2, column 1", "begins with a byte order mark"),
    "UTF-16": only(R1.decode().encode("utf-16"), "line 1, column 1", "the file is UTF-16"),
    "UTF-16 without its mark": only(R1.decode().encode("utf-16-be"), "line 1, column 1", "the file is UTF-16-BE"),
    "UTF-32": only(R1.decode().encode("utf-32"), "line 1, column 1", "the file is UTF-32"),
    "binary": only(b"%PDF-1.7\n\x00\x01", "line 2", "binary data"),
    "zero bytes behind a line": only(R1 + b"\n\0\0\0", "line 2, column 1", "a zero byte — the file may be damaged"),
    "a zero byte in a text": only(R1.replace(b"What", b"\0"), "line 1, column", "a zero byte — "),
    "CR alone": only(R1 + b"\r" + R2 + b"\r", "line 1", "lines end with CR alone"),
    "CR here and there": only(R1 + b"\r" + R2 + b"\n", f"line 1, column {len(R1) + 1}", "2 lines that end with CR"),
    "CR LF": only(R1 + b"\r\n" + R2 + b"\r\n", "line 1", "CR LF, as Windows writes them", NOTE),
    "blank lines": only(R1 + b"\n\n \t\n" + R2 + b"\n\n", "line 2", "the first of 3 such lines", WARNING),
    "lines that are no objects, elsewhere": Case(b"1\n", "user_data", WARNING, "line 1, column 1", "is a number"),
}

REQUESTS = {
    "no custom_id": batch(without(request(2), "custom_id"), "line 2, column 1", "custom_id is missing"),
    "custom_id of another kind": batch(request(2) | {"custom_id": 7}, "line 2, column 15 (/custom_id)", "is 7"),
    "custom_id twice": batch(request(0), "line 2, column 15 (/custom_id)", 'custom_id "r-0" is that of line 1, too'),
    "no method": batch(without(request(2), "method"), "line 2, column 1", "method is missing"),
    "GET": batch(request(2) | {"method": "GET"}, "line 2, column 32 (/method)", 'method is "GET" — write "POST"'),
    "no url": batch(without(request(2), "url"), "line 2, column 1", "url is missing"),
    "another url": batch(request(2, "/v1/responses", input="a"), "(/url)", "as on line 1 — a batch has one url"),
    "no endpoint": only(lines(request(1, "/v1/files", x=1)), "line 1, column 47 (/url)", "no endpoint"),
    "a whole url": only(lines(request(1, "https://a.b/v1/embeddings", input="a")), "(/url)", 'write "/v1/embeddings"'),
    "azure's url": only(lines(request(1, "/chat/completions", messages=[])), "(/url)", "as Azure alone", WARNING),
    "no body": batch(without(request(2), "body"), "line 2, column 1", "body is missing"),
    "a body in a text": batch(request(2) | {"body": "{}"}, "(/body)", "no object — write the request as an object"),
    "no model": batch(request(2, model=None, messages=[]), "(/body)", "body.model is missing"),
    "no model, where there is one": only(
        lines(request(1, "/v1/moderations", None, input="a")), "(/body)", "is not documented", WARNING
    ),
    "no model, where a prompt may name it": only(
        lines(request(1, "/v1/responses", None, prompt={"id": "pmpt_1"})), "(/body)", "is not documented", WARNING
    ),
    "another model": batch(request(2, model="o3"), "(/body/model)", 'model "o3" is not "gpt-4.1-mini", as on line 1'),
    "a model of another kind": batch(
        request(2, messages=[]) | {"body": {"model": None, "messages": []}}, "(/body/model)", "is null"
    ),
    "no messages": batch(request(2, temperature=1), "(/body)", "the body lacks messages"),
    "streams": batch(request(2, messages=[], stream=True), "(/body/stream)", "does not stream", WARNING),
    "50,001 requests": only(lines(*map(request, range(50_001))), "line 50,001", "at most 50,000"),
    "50,001 inputs": only(
        lines(*(request(at, "/v1/embeddings", input=["a"] * 16_667) for at in range(3))), "line 3", "50,001 inputs"
    ),
}

EXAMPLES = {
    "too few": Case(
        lines(*[chat()] * 9), "fine-tune", ERROR, "", "9 examples: a job needs at least 10 — add 1 example"
    ),
    "another program's": tuned({"conversations": []}, "line 2, column 1", 'write "messages"'),
    "a request": tuned(request(), "line 2, column 1", "upload it with the purpose batch"),
    "no messages": tuned({"text": "a"}, "line 2, column 1", "messages is missing"),
    "messages of another kind": tuned({"messages": "a"}, "(/messages)", 'is "a" and no list'),
    "no message": tuned({"messages": []}, "(/messages)", "no message in the list"),
    "no role": tuned(chat({"content": "a"}, ANSWER), "column 15 (/messages/0)", "the message has no role"),
    "from and value": tuned(chat({"from": "human", "value": "a"}, ANSWER), "(/messages/0)", '"role" and "content" for'),
    "a role of no one": tuned(
        chat(says("human", "a"), ANSWER), "column 24 (/messages/0/role)", 'is "human" — write "user"'
    ),
    "no content": tuned(chat({"role": "user"}, ANSWER), "(/messages/0)", "the message has no content"),
    "content of another kind": tuned(chat(says("user", 7), ANSWER), "(/messages/0/content)", "the content is 7"),
    "content null": tuned(chat(asks("a"), says("assistant", None)), "(/messages/1/content)", "is null"),
    "content empty": tuned(chat(asks(""), ANSWER), "(/messages/0/content)", "is empty", WARNING),
    "no parts": tuned(chat(says("user", []), ANSWER), "(/messages/0/content)", "has no parts"),
    "a part of another kind": tuned(chat(says("user", ["a"]), ANSWER), "(/messages/0/content/0)", "no object"),
    "a part without text": tuned(chat(says("user", [{"type": "text"}]), ANSWER), "content/0)", "has no text"),
    "audio": tuned(chat(says("user", [{"type": "input_audio"}]), ANSWER), "content/0)", "cannot be trained on"),
    "the answers api's part": tuned(
        chat(says("user", [TEXT, {"type": "input_text"}]), ANSWER), "content/1)", "input_text"
    ),
    "an image of the assistant": tuned(chat(asks("a"), says("assistant", [image()])), "content/0)", "only the user's"),
    "an image on disk": tuned(chat(says("user", [image("a.png")]), ANSWER), "content/0)", "an https address"),
    "a gif": tuned(chat(says("user", [image("data:image/gif;base64,R0")]), ANSWER), "content/0)", "image/gif"),
    "11 images": tuned(chat(says("user", [image()] * 11), ANSWER), "(/messages)", "11 images in one example"),
    "a message of another kind": tuned(
        chat(asks("a"), ANSWER) | {"messages": ["a", ANSWER]}, "(/messages/0)", "no object"
    ),
    "no answer": tuned(chat(asks("a")), "(/messages)", "the last message is the user's"),
    "no answer at all, as some graders take it": Case(
        lines(*[chat(asks("a"))] * 10), "fine-tune", WARNING, "(/messages)", "the last message is the user's"
    ),
    "a grader's among chats": tuned(chat(asks("a"), answer=1), "line 2, column 1", "does not end with the assistant"),
    "another shape": tuned({"prompt": "a", "completion": "b"}, "line 2", "the one on line 1 is for chat"),
    "weight 2": tuned(chat(asks("a"), says("assistant", "b", weight=2)), "(/messages/1/weight)", "write 0 or 1"),
    "weight of a user": tuned(chat(says("user", "a", weight=1), ANSWER), "(/messages/0/weight)", "no", WARNING),
    "all weights 0": tuned(chat(asks("a"), says("assistant", "b", weight=0)), "(/messages)", "nothing is", WARNING),
    "a key that none has": tuned(chat(says("user", "a", ts=1), ANSWER), "(/messages/0/ts)", 'the key "ts"', WARNING),
    "arguments as an object": tuned(
        chat(asks("a"), {"role": "assistant", "tool_calls": [call(arguments={})]}, tools=[tool()]),  # type: ignore[arg-type]
        "(/messages/1/tool_calls/0/function)",
        "the arguments are an object — write them as JSON in a text",
    ),
    "arguments that are no JSON": tuned(
        chat(asks("a"), {"role": "assistant", "tool_calls": [call(arguments="{")]}, tools=[tool()]),
        "(/messages/1/tool_calls/0/function/arguments)",
        "no JSON object",
        WARNING,
    ),
    "a call without id": tuned(
        chat(asks("a"), {"role": "assistant", "tool_calls": [without(call(), "id")]}, tools=[tool()]),
        "(/messages/1/tool_calls/0)",
        "the call has no id",
    ),
    "a call of an unknown tool": tuned(
        chat(asks("a"), {"role": "assistant", "tool_calls": [call("fly")]}, tools=[tool()]),
        "(/messages)",
        '"fly" is called, but is not among the tools',
        WARNING,
    ),
    "an answer to no call": tuned(
        chat(asks("a"), says("tool", "x", tool_call_id="c-9"), ANSWER), "(/messages/1/tool_call_id)", 'id "c-9"'
    ),
    "a tool without name": tuned(chat(tools=[{"type": "function"}]), "(/tools/0)", "no function with a name"),
    "no preferred output": Case(
        lines(*[without(preference(), "preferred_output")] * 10),
        "fine-tune",
        ERROR,
        "line 1",
        "preferred_output is missing",
    ),
    "a preference for the user": Case(
        lines(*[preference(preferred_output=[asks("a")])] * 10),
        "fine-tune",
        ERROR,
        "line 1, column 137 (/preferred_output/0/role)",
        "write one of assistant, tool",
    ),
    "the same twice": Case(
        lines(*[preference(preferred_output=[ANSWER], non_preferred_output=[ANSWER])] * 10),
        "fine-tune",
        WARNING,
        "(/non_preferred_output)",
        "both outputs are the same",
    ),
    "no completion": Case(lines(*[{"prompt": "a"}] * 10), "fine-tune", ERROR, "line 1", "completion is missing"),
    "a completion of another kind": Case(
        lines(*[{"prompt": "a", "completion": ["b"]}] * 10),
        "fine-tune",
        ERROR,
        "(/completion)",
        "is a list and no text",
    ),
    "no item": Case(lines({"input": "a"}), "evals", ERROR, "line 1, column 1", "item is missing"),
    "an item of another kind": Case(lines({"item": 1}), "evals", ERROR, "line 1, column 10 (/item)", "item is 1"),
    "a field that some lack": Case(
        lines({"item": {"a": 1}}, {"item": {}}), "evals", NOTE, "", '1 of 2 items lack the field "a"'
    ),
}

CASES = PURPOSES_AND_NAMES | LINES | REQUESTS | EXAMPLES


@pytest.mark.parametrize("name", CASES)
def test_what_is_found(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    report = checked(tmp_path / case.name, case.content, case.purpose)
    told = [(finding.severity, f"{finding.place}: {finding.message} — {finding.mend}") for finding in report.findings]
    found = [severity for severity, words in told if case.place in words.split(": ")[0] and case.words in words]
    assert case.severity in found, told
    assert all(finding.mend for finding in report.findings), told
    assert report.would_be_refused == any(severity is ERROR for severity, _ in told)
    assert report.would_be_refused or case.severity is not ERROR


@pytest.mark.parametrize(
    ("purpose", "name", "size", "severity", "words"),
    [
        ("batch", "a.jsonl", (200 << 20) + 1, ERROR, "too large for a batch, which takes 200 MB"),
        ("batch", "a.jsonl", 200_000_001, WARNING, "is not documented"),
        ("user_data", "a.bin", LARGEST_UPLOAD + 1, NOTE, "in parts"),
        ("user_data", "a.bin", LARGEST_IN_PARTS + 1, ERROR, "an upload holds at most 8 GiB"),
    ],
)
def test_too_large(tmp_path: Path, purpose: str, name: str, size: int, severity: Severity, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(R1 + b"\n")
    os.truncate(path, size)  # of zeros, that take no room on disk
    report = check(path, purpose)
    assert [finding.severity for finding in report.findings if words in finding.message] == [severity]
    assert any("split the file" in finding.mend for finding in report.findings)
