"""What bytes of a file are understood to mean: tables, results of fine-tuning, outcomes of batches, pictures."""

from __future__ import annotations

import base64
import io
import json
import math
from random import Random

import pytest
from PIL import Image

from files_tui.contents import batch_output, delimited, results
from files_tui.contents.decoding import decoded
from files_tui.contents.delimited import Broken, Table
from files_tui.contents.pictures import Picture, picture_of
from files_tui.demo.sample_content import Author


def cells(table: Table) -> list[list[str]]:
    return [[cell.true for cell in row.cells] for row in table.rows]


def names(table: Table) -> list[str]:
    return [name.true for name in table.columns]


def test_bytes_become_text_by_their_mark_and_lose_no_half_character() -> None:
    assert decoded(b"\xef\xbb\xbfa\xc3\xa9", True) == "aé"
    assert decoded("aé".encode("utf-16"), True) == "aé"
    assert decoded(b"a\xc3", True) == "a\ufffd"
    assert decoded(b"a\xc3", False) == "a"


@pytest.mark.parametrize("delimiter", delimited.DELIMITERS)
def test_a_table_is_read_by_the_delimiter_that_it_has(delimiter: str) -> None:
    row = delimiter.join
    content = "\n".join([row(["name", "note", "amount"]), row(["a", '"x, y; z|\t"', "1.5"]), row(["b", "", "-2"])])
    table = delimited.read(content, True)
    assert table.delimiter == delimiter
    assert names(table) == ["name", "note", "amount"]
    assert cells(table) == [["a", "x, y; z|\t", "1.5"], ["b", "", "-2"]]
    assert table.numeric == (False, False, True)
    assert not table.broken


def test_a_table_without_a_head_has_numbers_for_names() -> None:
    table = delimited.read("1,a\n2,b\n", True)
    assert names(table) == ["1", "2"]
    assert cells(table) == [["1", "a"], ["2", "b"]]
    assert delimited.read("", True).columns == ()
    assert delimited.read("\n\n\n", True).count == 0


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_lines_may_end_in_any_way(end: str) -> None:
    assert cells(delimited.read(end.join(["a,b", "x,y", "", "u,v", ""]), True)) == [["x", "y"], ["u", "v"]]


def test_broken_rows_are_told_by_their_lines_and_kept() -> None:
    content = 'a,b\n1,2\n3\n"4\n4",5,6,7\n\n8,9\n'
    table = delimited.read(content, True)
    assert table.broken == (Broken(3, 1), Broken(4, 4))
    assert [row.line for row in table.rows] == [2, 3, 4, 7]
    assert cells(table)[1:3] == [["3"], ["4\n4", "5", "6"]]


def test_a_quote_that_is_never_closed_breaks_one_row() -> None:
    table = delimited.read('a,b\n1,"2\n3,4\n5,6\n', True)
    assert table.broken == (Broken(2, None),)
    assert cells(table) == [[], ["3", "4"], ["5", "6"]]
    long = delimited.read('a,b\n1,"' + "x" * 200_000 + "\n3,4\n", True)
    assert long.broken == (Broken(2, None),)
    assert cells(long)[-1] == ["3", "4"]


def test_what_the_end_of_the_data_has_cut_is_no_row_yet() -> None:
    assert cells(delimited.read("a,b\n1,2\n3,", False)) == [["1", "2"]]
    assert cells(delimited.read('a,b\n1,2\n3,"x\ny', False)) == [["1", "2"]]
    assert cells(delimited.read('a,b\n1,2\n3,"x\ny\n', False)) == [["1", "2"]]
    stray = 'a,b\n1,"2\n' + "3,4\n" * (delimited.OPEN_LINES + 1)
    assert delimited.read(stray, False).broken == (Broken(2, None),)


def test_no_more_is_kept_of_a_table_than_can_be_held() -> None:
    wide = delimited.read(",".join(f"c{number}" for number in range(700)) + "\n" + "x," * 699 + "x\n", True)
    assert (len(wide.columns), wide.all_columns, wide.broken) == (delimited.MOST_COLUMNS, 700, ())
    long = delimited.read("a,b\n" + "x,y\n" * 1000, True, most_rows=10)
    assert (len(long.rows), long.count) == (10, 1000)


STEPS = b"""step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
1,2.5,0.3,,
2,nan,0.5,2.25,0.4
3,1.5,0.6,-1,
"""


@pytest.mark.parametrize(
    "data", [STEPS, base64.b64encode(STEPS), base64.encodebytes(STEPS), base64.b64encode(STEPS).rstrip(b"=")]
)
def test_results_are_read_plain_and_as_base64(data: bytes) -> None:
    assert results.is_results(data[:60] if data is STEPS else data[:80])
    found = results.read(data, True)
    assert found.is_wrapped == (data is not STEPS)
    train, accuracy, valid, _ = found.series
    assert [series.label for series in found.series[:3]] == ["train loss", "train accuracy", "valid loss"]
    assert [(point.step, point.value) for point in valid.points] == [(2, 2.25)]
    assert [point.step for point in train.points] == [1, 2, 3]
    assert math.isnan(train.points[1].value)
    assert (train.best.step, accuracy.best.step) == (3, 3)


def test_results_that_arrive_in_pieces_are_read_as_far_as_they_go() -> None:
    whole = Author(Random(1)).wrapped_metrics(2000)
    counts = [results.read(whole[:end], False).table.count for end in range(0, len(whole), 7)]
    assert counts == sorted(counts)
    assert counts[-1] >= results.read(whole, True).table.count - 1 > 40


@pytest.mark.parametrize(
    ("head", "is_results"),
    [
        (b"step,elapsed_tokens,elapsed_examples,training_loss,training_sequence_accuracy\n", True),
        (b"\xef\xbb\xbfstep\ttrain_mean_reward\n1\t", True),
        (b"step,what\n1,2\n", False),
        (b"name,train_loss\n", False),
        (b"", False),
        (b"abcd", False),
        (b"c3RlcA==", False),
    ],
)
def test_results_are_told_from_other_tables(head: bytes, is_results: bool) -> None:
    assert results.is_results(head) == is_results


def line(custom_id: object, response: object, error: object = None) -> bytes:
    return json.dumps({"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": error}).encode()


def answer(usage: object) -> dict[str, object]:
    return {"status_code": 200, "body": {"choices": [{"message": {"content": "hello"}}], "usage": usage}}


def refusal(status: int, code: str | None, message: str) -> dict[str, object]:
    return {"status_code": status, "body": {"error": {"message": message, "type": "of_a_type", "code": code}}}


def test_a_batch_is_counted_and_its_errors_grouped() -> None:
    limit = "Rate limit reached in organization org-{}: Limit 200000, Used {}. Try again in {}ms."
    data = b"\n".join(
        [
            line("a", answer({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15})),
            line("b", refusal(429, "rate_limit_exceeded", limit.format("a1b2c3d4e5", 198_000, 211))),
            line("c", answer({"input_tokens": 7, "output_tokens": 3, "total_tokens": 10})),
            line("d", refusal(429, "rate_limit_exceeded", limit.format("a1b2c3d4e5", 199_999, 42))),
            line("e", None, {"code": "batch_expired", "message": "This request was not executed in time."}),
            line("f", refusal(400, None, "'messages' is a required property")),
            b"",
            line("g", {"status_code": 500, "body": "<html>"}),
            line(7, {"status_code": "200", "body": [1]}),
            b'["no object"]',
            b'{"custom_id": "h", "resp',
        ]
    )
    outcome = batch_output.read(data, True)
    assert (outcome.succeeded, outcome.failed, outcome.unreadable, outcome.first_unreadable) == (3, 5, 2, 10)
    assert (outcome.tokens.read, outcome.tokens.written, outcome.tokens.total) == (17, 8, 25)
    told = [(failure.count, failure.status, failure.code.true, failure.first.true) for failure in outcome.failures]
    assert told == [
        (2, 429, "rate_limit_exceeded", "b"),
        (1, None, "batch_expired", "e"),
        (1, 400, "of_a_type", "f"),
        (1, 500, "", "g"),
    ]
    assert outcome.failures[0].message.true == limit.format("a1b2c3d4e5", 198_000, 211)
    assert batch_output.read(data, False).unreadable == 1, "a line that has not arrived is no broken one"


def test_a_batch_of_nothing_but_different_errors_stays_small() -> None:
    words = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(batch_output.MOST_GROUPS + 30)]
    outcome = batch_output.read(b"\n".join(line("x", refusal(400, word, word)) for word in words), True)
    assert (len(outcome.failures), outcome.other_failures, outcome.failed) == (200, 30, 230)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("GIF", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "comment": b"\xff\xc0" * 99, "exif": b"Exif\0\0" + b"\xff" * 300}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),
    ],
)
def test_a_pictures_size_is_read_from_its_head(kind: str, options: dict[str, object]) -> None:
    file = io.BytesIO()
    Image.new("RGB", (301, 47), "teal").save(file, kind, **options)
    data = file.getvalue()
    assert picture_of(data) == Picture(kind, 301, 47)
    sizes = {(picture.width, picture.height) for end in range(6, len(data)) if (picture := picture_of(data[:end]))}
    assert sizes <= {(0, 0), (301, 47)}, "a size that has half arrived"
    assert picture_of(b"%PDF-1.4" + data) is None
