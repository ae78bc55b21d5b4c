"""JSON of any shape, read as files, pages and errors, and kept in a catalog; see the conftest for the long search."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from files_tui.api.answers import decoded
from files_tui.api.errors import ApiError, Unreadable, from_answer
from files_tui.api.models import LONGEST_ID, File, FilePage, read_file, read_listing, read_page, read_time
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import END, Query
from tests.hostile import HOSTILE, unprintable

LARGEST = 2**63 - 1

_words = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from([text for name, text in HOSTILE.items() if "surrogate" not in name]),
    st.sampled_from(
        ["file-1", "file-2", "fine-tune", "batch", "processed", "failed", "deleted", "PROCESSED", "3", "0"]
    ),
)
_numbers = st.one_of(
    st.integers(-5, 5),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**31, 2**53 + 1, LARGEST, LARGEST + 1, 2**64, 10**12, 10**30, -1, 1_700_000_000_000]),
    st.floats(allow_nan=False, allow_infinity=False),
)
_times = st.sampled_from(
    [
        "2024-05-01T10:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "20240501",
        "1e400",
        "nan",
        "²",
        "-0",
    ]
)
_scalars = st.one_of(st.none(), st.booleans(), _numbers, _words, _times)
_json = st.recursive(
    _scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_words, inner, max_size=4)),
    max_leaves=12,
)

_FIELDS = (
    *("id", "filename", "name", "bytes", "size", "created_at", "expires_at", "purpose", "status", "status_details"),
    *("Processed", "object", "deleted"),
)
_ids = st.one_of(_words, st.integers(0, 9).map(lambda number: f"file-{number}"))
_files = st.one_of(
    st.dictionaries(st.sampled_from(_FIELDS), _json),
    st.fixed_dictionaries({"id": _ids}, optional={field: _json for field in _FIELDS if field != "id"}),
)
_entries = st.lists(st.one_of(_files, _files, _files, _json), max_size=8)
_tails = {"has_more": _json, "total": _json, "pagination_token": _json, "object": _json, "first_id": _json}
_lists = st.fixed_dictionaries({"data": st.one_of(_entries, _entries, _json)}, optional=_tails)
_wrapped = st.fixed_dictionaries({"data": st.one_of(_lists, _entries)}, optional=_tails)
documents = st.one_of(_lists, _lists, _wrapped, _entries, _files, _json)

_ERROR_FIELDS = ("message", "code", "type", "param", "detail", "msg", "loc")
_error_words = st.one_of(_json, _words, st.dictionaries(st.sampled_from(_ERROR_FIELDS), _json))
errors = st.one_of(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("error", "detail", "message", "code", "errors"), _error_words)),
    st.fixed_dictionaries({"detail": st.lists(_error_words, max_size=7)}),
    _json,
)

_bytes = st.one_of(
    st.binary(max_size=200),
    documents.map(msgspec.json.encode),
    documents.map(lambda value: json.dumps(value).encode("utf-16")),
    st.tuples(documents.map(msgspec.json.encode), st.integers(0, 200)).map(lambda pair: pair[0][: pair[1]]),
    st.sampled_from(
        [b"[" * 100_000, b'{"data":' * 50_000, b"1e999", b"9" * 5_000, b'"\\ud800"', b"NaN", b"\xef\xbb\xbf{}"]
    ),
    st.sampled_from(
        [b'[{"id":"x","n":Infinity,"filename":"a\xffb\\udfff"}]', b'{"data":[{"id":"x","bytes":%s}]}' % (b"9" * 5_000)]
    ),
)


@pytest.fixture(scope="module")
def catalog() -> Iterator[Catalog]:
    with tempfile.TemporaryDirectory() as folder, closing(Catalog(Path(folder) / "c.sqlite", durable=False)) as catalog:
        yield catalog


def answered(content: bytes) -> httpx.Response:
    return httpx.Response(200, content=content, headers={"content-type": "application/json; x=\x1b[2J"})


def entries_of(document: Any) -> list[Any] | None:
    """The entries of a list answer, as plainly as that can be said."""
    for _ in range(3):
        if not isinstance(document, dict):
            break
        if "data" not in document:
            return None
        document = document["data"]
        if document is None:
            return []
    return document if isinstance(document, list) else None


def has_id(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str) and 0 < len(entry["id"]) <= LONGEST_ID


def assert_sound(file: File) -> None:
    """What the rest of the program relies on."""
    for number in (file.bytes, file.created_at, file.expires_at):
        assert number is None or (type(number) is int and 0 <= number <= LARGEST)
    assert file.id
    assert file.kind in ("ready", "busy", "failed", "gone", "unknown")
    assert isinstance(msgspec.json.decode(file.raw), dict)
    assert msgspec.json.decode(file.raw)["id"] == file.id.true


@given(documents)
@example({"data": [], "total": -1})
@example({"data": [], "total": LARGEST + 1})
@example({"data": [], "has_more": None, "pagination_token": 0})
@example({"data": [{"id": "x"}], "total": 5.0})
@example({"data": [], "total": "7"})
@example({"data": {"data": {"data": [{"id": "x"}]}}})
def test_a_page_is_the_same_by_either_way(document: Any) -> None:
    content = msgspec.json.encode(document)
    page = read_page(msgspec.json.decode(content))
    quick = read_listing(content)
    assert quick is None or quick == page
    entries = entries_of(document)
    assert (page is None) == (entries is None)
    if page is not None and entries is not None:
        assert [file.id.true for file in page.files] == [entry["id"] for entry in entries if has_id(entry)]
        assert page.unreadable == len(entries) - len(page.files)
        assert page.total is None or 0 <= page.total <= LARGEST
        assert page.has_more in (None, True, False)
        for file in page.files:
            assert_sound(file)


@given(_files)
def test_an_object_with_an_id_is_a_file(entry: Any) -> None:
    entry = msgspec.json.decode(msgspec.json.encode(entry))
    file = read_file(entry)
    assert (file is not None) == has_id(entry)
    if file is not None:
        assert_sound(file)
        assert msgspec.json.decode(file.raw) == entry


@given(
    st.one_of(_json, _times, st.text(max_size=30), st.datetimes().map(str), st.text("0123456789.:-TZ+²١e", max_size=25))
)
def test_a_time_is_a_number_of_seconds_or_none(value: Any) -> None:
    read = read_time(value)
    assert read is None or (type(read) is int and 0 <= read <= LARGEST)


@given(_bytes)
def test_any_bytes_are_json_or_unreadable(content: bytes) -> None:
    page = read_listing(content)
    assert page is None or isinstance(page, FilePage)
    value: object = None
    problem: Unreadable | None = None
    try:
        value = decoded(answered(content), content)
    except Unreadable as error:
        problem = error
    assert not unprintable(str(problem or ""))
    msgspec.json.encode(value)
    page = read_page(value)
    for file in page.files if page else ():
        assert_sound(file)


@given(st.integers(300, 599), errors, _words, st.one_of(st.none(), _words), st.one_of(st.none(), st.floats(0, 1e6)))
def test_any_error_is_told_on_one_safe_line(
    status: int, document: Any, body: str, request_id: str | None, wait: float | None
) -> None:
    error = from_answer(status, document, body, request_id, wait)
    assert isinstance(error, ApiError)
    for words in (str(error), error.message, error.advice, error.request_id or ""):
        assert not unprintable(words)
        assert len(words) <= 2_000  # of 300 characters, each written out in six
    assert str(error).strip()
    assert error.advice
    assert error.status == status


@pytest.mark.parametrize(
    "shape", ['{"data":[{"id":"x","filename":%s}]}', '{"error":{"message":%s}}', '[{"id":"x","a":%s}]']
)
def test_depth_alone_ends_nothing(shape: str) -> None:
    """Values as deep as they can be read are also as deep as they can be told of."""
    for depth in range(600, 1_100, 7):
        content = (shape % ("[" * depth + "]" * depth)).encode()
        read_listing(content)
        try:
            value = decoded(answered(content), content)
        except Unreadable:
            continue
        read_page(value)
        from_answer(400, value, "", None, None)


def true_texts(file: File) -> tuple[Any, ...]:
    """A file as the catalog gives it back: what UTF-8 cannot hold was replaced on the way in."""
    return (
        file.id.true,
        file.filename.true,
        file.bytes,
        file.created_at,
        file.expires_at,
        file.purpose.true,
        file.kind,
    )


@given(st.lists(_lists, min_size=1, max_size=3), st.data())
def test_whatever_was_listed_is_in_the_catalog(catalog: Catalog, listed: list[Any], data: st.DataObject) -> None:
    run = catalog.begin_sync()
    files: dict[str, File] = {}
    for document in listed:
        page = read_page(msgspec.json.decode(msgspec.json.encode(document)))
        for file in page.files if page else ():
            files[file.id.true] = file
        catalog.upsert(page.files if page else [], run=run)
    catalog.finish_sync(run)
    wanted = sorted(map(true_texts, files.values()))
    everything = Query()
    for query in (everything, Query(sort="name", descending=False), Query(sort="size"), Query(sort="purpose")):
        assert sorted(map(true_texts, catalog.page(query, 100))) == wanted
    assert catalog.page(everything, 3, END) == catalog.page(everything, 100)[-3:]
    assert catalog.totals(everything).files == len(files)
    assert catalog.totals(everything).bytes == pytest.approx(sum(file.bytes or 0 for file in files.values()))
    purposes = catalog.purposes()
    assert {name: count for name, count in purposes.items() if count} == {
        name: sum(file.purpose.true == name for file in files.values())
        for name in {file.purpose.true for file in files.values()}
    }
    assert sorted(map(true_texts, catalog.get(list(files)))) == wanted
    if files:
        file = files[data.draw(st.sampled_from(sorted(files)))]
        assert file.id.true in [found.id.true for found in catalog.page(Query(text=file.filename.true[:300]), 100)]
        assert file.id.true in [found.id.true for found in catalog.page(Query(purpose=file.purpose), 100)]
        if file.bytes is not None:
            assert file.id.true in catalog.twins(file.filename.true, file.bytes)
    catalog.likely_duplicates(5)
    catalog.busy(5)
