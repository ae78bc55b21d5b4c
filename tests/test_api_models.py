"""Files as servers describe them, read tolerantly."""

import datetime
import time

import msgspec
import pytest

from files_tui.api.models import Kind, is_error, kind_of, read_file, read_listing, read_page

AT = 1_700_000_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (AT, AT),
        (0, 0),
        (1_700_000_000.9, AT),
        ("1700000000", AT),
        ("1700000000.25", AT),
        ("2023-11-14T22:13:20Z", AT),
        ("2023-11-14T22:13:20.123456Z", AT),
        ("2023-11-14T22:13:20+00:00", AT),
        ("2023-11-15T00:13:20+02:00", AT),
        ("2023-11-14T22:13:20", AT),
        ("2023-11-14 22:13:20", AT),
        (1_700_000_000_123, AT),
        (1_700_000_000_123.0, AT),
        ("1700000000123", AT),
        (999_999_999_999, 999_999_999_999),
        (10**12, 10**9),
        (None, None),
        ("", None),
        ("yesterday", None),
        ("²", None),
        ("١٧٠٠", None),
        ("nan", None),
        ("inf", None),
        ("1e400", None),
        ("9" * 30, None),
        ("9" * 5000, None),
        (10**30, None),
        (1e300, None),
        (float("nan"), None),
        (float("inf"), None),
        (-1, None),
        (-1.5, None),
        ("-5", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("2023-99-99T00:00:00Z", None),
        (True, None),
        (False, None),
        ([AT], None),
        ({"seconds": AT}, None),
    ],
)
def test_times(value: object, expected: int | None) -> None:
    file = read_file({"id": "x", "created_at": value, "expires_at": value})
    assert file is not None
    assert file.created_at == expected
    assert file.expires_at == expected


def test_a_time_without_a_zone_is_utc_wherever_the_person_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "JST-9")
        time.tzset()
        file = read_file({"id": "x", "created_at": "2023-11-14T22:13:20"})
    time.tzset()
    assert file is not None
    assert file.created_at == AT


def test_the_end_of_the_calendar_is_a_time() -> None:
    file = read_file({"id": "x", "created_at": "9999-12-31T23:59:59-23:59"})
    assert file is not None
    assert file.created_at is not None
    assert file.created_at > datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC).timestamp()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"bytes": 5}, 5),
        ({"bytes": 0, "size": 9}, 0),
        ({"size": 7}, 7),
        ({"bytes": None, "size": 7}, 7),
        ({"bytes": "many", "size": "12"}, 12),
        ({"bytes": 5.0}, 5),
        ({"bytes": "123"}, 123),
        ({"bytes": 2**63 - 1}, 2**63 - 1),
        ({"bytes": 2**63}, None),
        ({"bytes": -1}, None),
        ({"bytes": -1, "size": 3}, 3),
        ({"bytes": True}, None),
        ({"bytes": "5 MB"}, None),
        ({"bytes": None}, None),
        ({"bytes": []}, None),
        ({}, None),
    ],
)
def test_sizes(raw: dict[str, object], expected: int | None) -> None:
    file = read_file({"id": "x", **raw})
    assert file is not None
    assert file.bytes == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"filename": "a.txt", "name": "b"}, "a.txt"),
        ({"name": "b"}, "b"),
        ({"filename": None, "name": "b"}, "b"),
        ({"filename": "", "name": "b"}, "b"),
        ({"filename": 7}, "7"),
        ({"filename": {"a": 1}}, '{"a":1}'),
        ({"filename": "a\x1b[31m\n/../é"}, "a\x1b[31m\n/../é"),
        ({"filename": None}, ""),
        ({}, ""),
    ],
)
def test_names(raw: dict[str, object], expected: str) -> None:
    file = read_file({"id": "x", **raw})
    assert file is not None
    assert file.filename == expected


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("ready", "processed ok ready success succeeded available PROCESSED Ok"),
        ("busy", "uploaded pending running checking processing Running"),
        ("failed", "error failed rejected"),
        ("gone", "deleting deleted"),
        ("unknown", "new processed! 0"),
    ],
)
def test_status_words(kind: Kind, words: str) -> None:
    for word in words.split():
        assert kind_of(word) == kind, word
        file = read_file({"id": "x", "status": word})
        assert file is not None
        assert str(file.status) == word
        assert file.kind == kind


@pytest.mark.parametrize(
    ("raw", "status", "kind"),
    [
        ({"Processed": True}, "processed", "ready"),
        ({"Processed": False}, "processing", "busy"),
        ({"Processed": "yes"}, None, "unknown"),
        ({"Processed": True, "status": "failed"}, "failed", "failed"),
        ({"status": None}, None, "unknown"),
        ({"status": ""}, None, "unknown"),
        ({"status": 3}, "3", "unknown"),
        ({"status": True}, "true", "unknown"),
        ({"status": {"code": 1}}, '{"code":1}', "unknown"),
        ({}, None, "unknown"),
    ],
)
def test_status_of_other_shapes(raw: dict[str, object], status: str | None, kind: Kind) -> None:
    file = read_file({"id": "x", **raw})
    assert file is not None
    assert (file.status, file.kind) == (status, kind)


def test_unknown_keys_are_kept_in_raw() -> None:
    raw = {"id": "x", "new": [1, {"a": None}], "bytes": "junk", "status_details": {"why": "bad"}, "purpose": 7}
    file = read_file(raw)
    assert file is not None
    assert msgspec.json.decode(file.raw) == raw
    assert file.status_details == '{"why":"bad"}'
    assert file.purpose == "7"


@pytest.mark.parametrize("raw", [None, 3, "x", [], {}, {"id": ""}, {"id": 3}, {"id": None}, {"ID": "x"}])
def test_what_has_no_id_is_no_file(raw: object) -> None:
    assert read_file(raw) is None


def test_a_deeply_nested_value_is_no_crash() -> None:
    deep: object = "x"
    for _ in range(400):
        deep = [deep]
    page = read_page({"data": [{"id": "x", "filename": deep}]})
    assert page is not None
    assert page.files[0].filename.true.startswith("[[[")


LISTS: list[object] = [
    {"object": "list", "data": [{"id": "a", "bytes": 3}, {"id": "b"}], "has_more": True, "first_id": "a"},
    {"data": [{"id": "a"}, {"no": "id"}, None, 3, {"id": ""}], "has_more": None},
    {"data": [{"id": "a"}], "total": 7, "pagination_token": "x"},
]


@pytest.mark.parametrize("document", LISTS)
def test_a_body_is_read_as_its_document_is(document: object) -> None:
    assert read_listing(msgspec.json.encode(document)) == read_page(document)


EMPTY: list[object] = [None, []]


@pytest.mark.parametrize("data", EMPTY)
@pytest.mark.parametrize(
    "words",
    [
        {"error": {"message": "no"}},
        {"error": "no"},
        {"success": False, "message": "no"},
        {"status": False, "code": 50000, "message": "no"},
        {"object": "error", "message": "no"},
        {"code": 50000},
        {"code": "InvalidKey"},
    ],
)
def test_an_error_without_data_is_no_empty_list(words: dict[str, object], data: object) -> None:
    document = {**words, "data": data}
    assert read_listing(msgspec.json.encode(document)) is None
    assert read_page(document) is None
    assert is_error(document)
    assert not is_error({**words, "data": [{"id": "x"}]})


@pytest.mark.parametrize(
    "document",
    [
        {"data": []},
        {"object": "list", "data": None, "has_more": False},
        {"data": [], "pagination_token": ""},
        {"code": 20000, "message": "OK", "status": True, "data": {"object": "list", "data": []}},
        {"code": 0, "success": True, "data": []},
    ],
)
def test_an_empty_list_is_no_error(document: dict[str, object]) -> None:
    page = read_page(document)
    assert page is not None
    assert page.files == []
    assert not is_error(document)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"data": null}',
        b'{"data": {"data": []}}',
        b'{"data": [], "has_more": "yes"}',
        b'{"data": [], "total": "7"}',
        b'{"data": [{"id": "\xff"}]}',
        b'{"data": [{"id": "x", "filename": ' + b"[" * 5000 + b"]" * 5000 + b"}]}",
        b"<html>",
        b"",
    ],
)
def test_a_body_in_a_form_of_its_own_is_left_to_others(body: bytes) -> None:
    assert read_listing(body) is None


def test_a_file_of_a_listing_keeps_the_text_that_came() -> None:
    page = read_listing(b'{"data": [{"id":  "a", "odd": 1e2}], "has_more": false}')
    assert page is not None
    assert page.files[0].raw == b'{"id":  "a", "odd": 1e2}'
