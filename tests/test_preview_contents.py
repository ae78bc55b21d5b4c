"""What a file's bytes are taken for, and the lines and shapes that are made of them, of any bytes at all."""

from __future__ import annotations

import json
import random
from itertools import chain

import pytest

from files_tui.contents.kinds import Kind, Soundness, called, kind_of
from files_tui.contents.lines import BLOCK, Pieces
from files_tui.contents.pretty import MOST_LINES, layout
from files_tui.contents.records import LARGEST, summary
from files_tui.contents.shapes import rows
from files_tui.text import Untrusted
from files_tui.ui.preview.documents import Bytes, Document, Hex, TextLines
from files_tui.ui.preview.first import first_lines
from files_tui.ui.preview.structures import Records, Tree
from files_tui.ui.preview.views import LAID_OUT, SUMMARY, TREE, Source

CHAT = b'{"messages": [{"role": "user", "content": "hi\\nyou"}, {"role": "assistant", "content": "hello"}]}\n'
OUTPUT = b'{"custom_id": "a", "response": {"status_code": 200, "body": {"choices": []}}, "error": null}\n'


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.jsonl", CHAT * 2, Kind.JSONL),
        ("a.json", CHAT * 2, Kind.JSONL),
        ("a", CHAT * 2, Kind.JSONL),
        ("a", CHAT, Kind.JSON),
        ("a.jsonl", b"broken\n", Kind.JSONL),
        ("a.jsonl", b"\xef\xbb\xbf" + CHAT, Kind.JSONL),
        ("a.jsonl", b'{"a": "' + b"x" * 100_000, Kind.JSONL),
        ("a.json", b"[" * 10_000, Kind.JSON),
        ("a.ipynb", b'{\n "cells": []}', Kind.JSON),
        ("a", b'[{"a": 1},\n {"a": 2}]', Kind.JSON),
        ("a.jsonl", OUTPUT, Kind.BATCH_OUTPUT),
        ("a", OUTPUT * 2, Kind.BATCH_OUTPUT),
        ("a.csv", b"a,b\n1,2\n", Kind.TABLE),
        ("step_metrics.csv", b"step,train_loss,train_accuracy\n1,2,3\n", Kind.RESULTS),
        ("no-name", b"step,train_loss,valid_loss\n1,2,3\n", Kind.RESULTS),
        ("step_metrics.csv", b"c3RlcCx0cmFpbl9sb3NzLHZhbGlkX2xvc3MKMSwyLDMK", Kind.RESULTS),
        ("step_metrics.csv", b"step,train_mean_reward,valid_mean_reward\n1,2,3\n", Kind.RESULTS),
        ("results.csv", b"c3RlcCx0cmFpbl9tZWFuX3Jld2FyZAoxLDIK", Kind.RESULTS),
        ("a.csv", b"step,what\n1,2\n", Kind.TABLE),
        ("a.md", b"# a\n", Kind.MARKDOWN),
        ("a.py", b"import a\n", Kind.SOURCE),
        ("Makefile", b"all:\n", Kind.SOURCE),
        ("run", b"#!/bin/sh\n", Kind.SOURCE),
        ("a.log", b"{not json\n", Kind.TEXT),
        ("a.txt", "Stra\xdfe nach K\xf6ln, und weiter\n".encode("latin-1"), Kind.TEXT),
        ("a.txt", "漢".encode() * 30_000, Kind.TEXT),
        ("a.txt", b"a\0" * 100, Kind.BINARY),
        ("a.md", b"\x89PNG\r\n\x1a\n", Kind.IMAGE),
        ("a", b"RIFF\0\0\0\0WEBPVP8 ", Kind.IMAGE),
        ("a.txt", b"%PDF-1.4\n", Kind.BINARY),
        ("a.jsonl", b"\x1f\x8b\x08\0\0\0", Kind.BINARY),
        ("a.txt", b"", Kind.EMPTY),
    ],
)
def test_the_kind_of_a_content(name: str, head: bytes, kind: Kind) -> None:
    assert kind_of(name, head) is kind


def test_what_it_is_called_where_its_first_bytes_tell() -> None:
    assert called(Kind.IMAGE, b"\xff\xd8\xff\xe0") == "JPEG image"
    assert called(Kind.BINARY, b"PK\x03\x04") == "zip archive, or an Office document"
    assert called(Kind.BINARY, b"\0\0") == "binary"


@pytest.mark.parametrize(("data", "broken_at"), [(b"a\xe6\xbc\xa2", None), (b"ab\xff", 2), (b"a\xe6\xbc", 1)])
def test_where_text_is_no_utf_8(data: bytes, broken_at: int | None) -> None:
    soundness, growing = Soundness(), bytearray()
    for byte in data:
        growing.append(byte)
        soundness.look(growing, len(growing), whole=False)
        assert soundness.broken_at == (2 if broken_at == 2 and len(growing) == 3 else None)
    soundness.look(growing, len(growing), whole=True)
    assert soundness.broken_at == broken_at


def begins(data: bytearray, *, cuts: bool) -> list[int]:
    """Where pieces begin, byte by byte."""
    found = {at for at in range(len(data)) if at == 0 or data[at - 1] == 10}
    for start in range(BLOCK, len(data), BLOCK) if cuts else ():
        if b"\n" not in data[start - BLOCK : start]:
            found.add(next((at for at in range(start, min(start + 4, len(data))) if data[at] & 0xC0 != 0x80), start))
    return sorted(found)


@pytest.mark.parametrize("cuts", [True, False])
def test_lines_are_found_however_the_text_comes(cuts: bool) -> None:
    chance = random.Random(3)
    short_and_long = b"".join(b"x" * chance.choice([0, 1, 100, 5000]) + b"\n" for _ in range(12))
    for text in (b"\n" * 9000, b"a" * 13_000, short_and_long, "漢é🔥".encode() * 1500, b"\x80" * 9000, b"a\n", b"a"):
        data = bytearray()
        pieces = Pieces(data, cuts=cuts)
        for end in sorted({*chance.choices(range(1, len(text) + 1), k=3), len(text)}):
            data += text[len(data) : end]
            pieces.extend(end)
        starts = begins(data, cuts=cuts)
        assert pieces.count == len(starts)
        for index in {*chance.choices(range(len(starts)), k=30), 0, len(starts) - 1}:
            start, end = starts[index], [*starts, len(data)][index + 1]
            assert pieces.span(index) == (start, end)
            assert pieces.at(start) == pieces.at(end - 1) == index
            first = start == 0 or data[start - 1] == 10
            assert pieces.number(index) == (data[:start].count(b"\n") + 1 if first else None)


def said(record: object) -> str:
    return "".join(fragment.words for fragment in summary(json.dumps(record).encode()))


REQUEST = {"custom_id": "r-1", "method": "POST", "url": "/v1/responses", "body": {"model": "gpt-x", "input": "why\nso"}}
CALLS = [{"function": {"name": "look", "arguments": '{"a": 1}'}}]
SHAPES: list[tuple[object, str, tuple[str, ...]]] = [
    (
        {
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": [{"type": "text", "text": "q"}]},
            ]
        },
        "2 messages  user: q",
        ("system     s", "user       q"),
    ),
    (
        {"messages": [{"role": "user", "content": "a\nb"}, {"role": "assistant", "tool_calls": CALLS, "weight": 0}]},
        '2 messages  user: a b  assistant: look({"a": 1})',
        ("user       a", "           b", 'assistant  look({"a": 1})', "  weight: 0"),
    ),
    (REQUEST, "r-1  POST /v1/responses  gpt-x  why so", ("request    POST /v1/responses", "input: why␊so")),
    (
        {"custom_id": "r-2", "response": {"status_code": 429, "body": {"error": {"message": "slow"}}}, "error": None},
        "r-2  429  slow",
        ("status     429", 'error: {"message": "slow"}'),
    ),
    (
        {"custom_id": "r-3", "response": {"status_code": 200, "body": {"choices": [{"message": {"content": "yes"}}]}}},
        "r-3  200  yes",
        ("status     200", "–          yes"),
    ),
    ({"custom_id": "r-4", "response": None, "error": {"message": "gone"}}, "r-4  ✗  gone", ("custom_id: r-4",)),
    (
        {
            "input": {"messages": [{"role": "user", "content": "q"}]},
            "preferred_output": [{"role": "assistant", "content": "good"}],
            "non_preferred_output": [{"role": "assistant", "content": "bad"}],
        },
        "user: q  preferred: good",
        ("preferred", "assistant  good", "rejected", "assistant  bad"),
    ),
    ({"prompt": "p", "completion": "c"}, "prompt: p  completion: c", ("prompt: p", "completion: c")),
    ({"messages": "none", "a": [1]}, '{"messages": "none", "a": [1]}', ("messages: none", "a: [1]")),
    ([{}, "\x1b[2J"], '[{}, "\\u001b[2J"]', ("[",)),
]


@pytest.mark.parametrize(("record", "words", "lines"), SHAPES)
def test_a_record_in_a_line_and_in_full(record: object, words: str, lines: tuple[str, ...]) -> None:
    assert said(record) == words
    shown = ["".join(fragment.words for fragment in row).rstrip() for row in rows(json.dumps(record).encode())]
    assert [line for line in lines if line not in shown] == [], shown


def test_all_that_has_come_of_a_batch_is_counted() -> None:
    data = bytearray(OUTPUT * 10_000)
    assert len(data) > LAID_OUT
    document = SUMMARY.make(Source(data, len(data), True, Untrusted("a"), 80, 24, True))
    assert document.rows(0)[0].plain == "10,000 requests · ✓ 10,000 succeeded · ✗ 0 failed"


def test_first_lines_tell_what_records_are_about() -> None:
    records = [SHAPES[1][0], REQUEST, SHAPES[3][0], *[{"prompt": "p", "completion": "c"}] * 9]
    data = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    assert [line.plain for line in first_lines("a.jsonl", data, whole=False)] == [
        'user: a b  assistant: look({"a": 1})',
        "r-1  gpt-x  why so",
        "r-2  429  slow",
        "prompt: p  completion: c",
        "prompt: p  completion: c",
    ]
    assert [line.plain for line in first_lines("a.png", b"\x89PNG\r\n\x1a\n", whole=False)] == ["PNG image"]


NASTY = [
    b"",
    b"\n",
    b"\0" * 5000,
    b"\xff\xfe" * 5000,
    b"[" * 10_000 + b"]" * 10_000 + b"\n" + CHAT,
    b'{"a":' * 10_000,
    b'{"messages": [1, {"role": 5}], "custom_id": [], "url": {}, "response": 3, "body": 1}\n',
    b'{"custom_id": 1, "response": {"status_code": [], "body": []}, "error": {"message": {}}}\n',
    b'{"input": 1, "preferred_output": 2, "messages": [{}], "prompt": {}, "completion": []}\n',
    b'{"a": NaN, "b": 1e999, "c": "\\ud800"}\n',
    b'"' + b"a" * (LARGEST + 1) + b"\n" + CHAT,
    "e\u0301\u0302\u0303\u0304\u0305".encode() * 2000,
    "訓練🔥\u202e\x1b]52;c;YQ==\x07".encode() * 900,
    b'}]}],:,"' * 3000,
    *(bytes(random.Random(seed).choices(b'{}[]",:\\\n a1\xff', k=4000)) for seed in range(8)),
]


def documents(data: bytearray) -> list[Document]:
    growing: list[Bytes] = [TextLines(data), Records(data), Hex(data)]
    for document in growing:
        for end in (len(data) // 2, len(data)):
            document.grow(end, whole=end == len(data))
    return [*growing, Tree(data.decode("utf-8", "replace"))]


@pytest.mark.parametrize("data", NASTY, ids=range(len(NASTY)))
def test_any_bytes_can_be_looked_at_folded_and_searched(data: bytes) -> None:
    for document in documents(bytearray(data)):
        for round_ in range(2):
            some = {0, 1, document.count // 2, document.count - 1} & set(range(document.count))
            for index in some:
                text = "".join(row.plain for row in document.rows(index))
                assert text.isprintable(), text
                assert len(text) < 200_000
                assert document.label(index).isalnum() or document.label(index) == ""
                assert isinstance(document.true(index), str)
                document.find("user", index, 1 - 2 * round_)
            if document.count and document.fold_all():
                for index in some:
                    if index < document.count:
                        document.fold(index)
    for whole in (True, False):
        assert all(line.plain.isprintable() for line in first_lines("a.jsonl", data, whole=whole))
        assert all(line.plain.isprintable() for line in first_lines("a.txt", data, whole=whole))


def walk(document: Document, words: str, step: int) -> list[int]:
    """All items in which the words are, in the order in which they are found."""
    found: list[int] = []
    at: int | None = -1 if step > 0 else document.count - 1
    while at is not None and len(found) < 50:
        if (at := document.find(words, at, step)) is not None:
            found.append(at)
    return found


def test_a_search_finds_each_item_once_forward_and_backward_across_windows() -> None:
    lines = [b"nothing"] * 40_000
    places = [0, 7, 20_000, 39_000, 39_999]
    for place in places:
        lines[place] = b"there is a Need\xc3\xa9le, a needl\xc3\xa9 and a need\\u00e9le" + b"." * 5000
    data = bytearray(b"\n".join(lines) * 4)
    document = Records(data)
    document.grow(len(data), whole=True)
    everywhere = [round_ * 39_999 + place for round_ in range(4) for place in places]
    for words in ("needéle", "NEED"):
        forward = walk(document, words, 1)
        assert forward == sorted(set(everywhere))
    assert walk(document, "needéle", -1) == sorted(set(everywhere))[-2::-1]
    hexed = Hex(bytearray(b"ab" * 100 + b"\x89PNG"))
    hexed.grow(204, whole=True)
    assert walk(hexed, "89 50 4e 47", 1) == [12]


def test_a_byte_order_mark_is_no_line_of_json() -> None:
    data = bytearray(b'\xef\xbb\xbf{"a": 1}')
    document = TREE.make(Source(data, len(data), True, Untrusted("a"), 80, 24, True))
    assert [document.true(line) for line in range(document.count)] == ["{", '"a": 1', "}"]


def test_json_is_laid_out_and_folds() -> None:
    value = {"a": [1, {}, {"b": "c, [d]"}], "e": [], "f": {"g": None}}
    laid_out = layout(json.dumps(value))
    assert json.loads("\n".join(laid_out.lines)) == value
    assert "\n".join("  " * d + line for line, d in zip(laid_out.lines, laid_out.depths, strict=True)) == json.dumps(
        value, indent=2
    )
    tree = Tree(json.dumps(value))
    assert tree.count == len(laid_out.lines)
    assert (tree.fold(3), tree.count) == (1, len(laid_out.lines) - 6)
    assert (tree.fold(1), tree.count) == (1, len(laid_out.lines))
    tree.fold_all()
    assert [tree.rows(index)[0].plain.strip() for index in range(tree.count)] == [
        "▾ {",
        '▸ "a": [ … 5 … ],',
        '"e": [],',
        '▸ "f": { … 1 … }',
        "}",
    ]
    assert json.loads("{" + tree.true(1).rstrip(",") + "}") == {"a": value["a"]}
    assert tree.find("[D]", 0, 1) == 5
    assert tree.count == len(laid_out.lines) - 2  # what else is folded stays so
    flood = layout("[" * 200_000)
    assert flood.is_cut
    assert len(flood.lines) == MOST_LINES
    assert list(chain.from_iterable(layout(text).lines for text in ("", " \n"))) == []
