"""The files that a new demo server is filled with."""

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from files_tui.demo import rules
from files_tui.demo.samples import fill_in_bulk, fill_with_samples
from files_tui.demo.store import Query, Store, StoredFile

OUTPUTS = {"assistants_output", "batch_output", "fine-tune-results"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("samples"), kept=False) as store:
        fill_with_samples(store)
        yield store


@pytest.fixture(scope="module")
def files(store: Store) -> list[StoredFile]:
    return store.page(Query(10_000))[0]


def content(store: Store, file: StoredFile) -> bytes:
    return store.path(file.blob).read_bytes()


def test_they_show_each_purpose_and_status(files: list[StoredFile]) -> None:
    assert 230 <= len(files) <= 280
    assert {file.purpose for file in files} == {*rules.INPUT_PURPOSES, *OUTPUTS}
    newest = [file.as_json(file.created_at) for file in files[:25]]
    assert {file["status"] for file in newest} == {"uploaded", "processed", "error"}
    assert {file["purpose"] for file in newest} == {*rules.INPUT_PURPOSES, *OUTPUTS}
    assert any(file["expires_at"] for file in newest)
    assert all(file.problem for file in files if file.as_json(2e10)["status"] == "error")


def test_their_sizes_are_true_and_varied(store: Store, files: list[StoredFile]) -> None:
    assert [file.bytes for file in files] == [len(content(store, file)) for file in files]
    assert min(file.bytes for file in files) == 1
    assert max(file.bytes for file in files) > 2_000_000
    assert sum(file.bytes for file in files) < 16_000_000


def test_inputs_obey_the_rules_of_their_purpose(store: Store, files: list[StoredFile]) -> None:
    for file in files:
        if file.purpose in rules.INPUT_PURPOSES:
            rules.check_name(file.purpose, file.filename)
            rules.check_size(file.purpose, file.bytes)
            assert rules.check_content(file.purpose, store.path(file.blob)) == file.problem


def test_jsonl_is_json_on_each_line(store: Store, files: list[StoredFile]) -> None:
    for file in files:
        if file.filename.endswith(".jsonl"):
            assert all(isinstance(json.loads(line), dict) for line in content(store, file).splitlines())


def test_a_batch_answers_its_requests(store: Store, files: list[StoredFile]) -> None:
    output = next(file for file in files if file.filename.endswith("_output.jsonl"))
    answers = [json.loads(line) for line in content(store, output).splitlines()]
    statuses = {answer["response"]["status_code"] for answer in answers}
    assert 200 in statuses
    assert statuses & {400, 429, 500}
    assert [answer["custom_id"] for answer in answers[:2]] == ["req-000000", "req-000001"]


def test_pictures_are_pictures(store: Store, files: list[StoredFile]) -> None:
    for file in files:
        if file.filename.endswith(".png"):
            data = content(store, file)
            assert data.startswith(b"\x89PNG\r\n\x1a\n")
            width, height = struct.unpack(">II", data[16:24])
            length = struct.unpack(">I", data[33:37])[0]
            assert len(zlib.decompress(data[41 : 41 + length])) == height * (1 + width * 3)
            assert data.endswith(b"IEND\xaeB`\x82")


def test_documents_point_at_their_own_parts(store: Store, files: list[StoredFile]) -> None:
    documents = [file for file in files if file.filename.endswith(".pdf")]
    assert documents
    for file in documents:
        data = content(store, file)
        start = int(data.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
        assert data[start:].startswith(b"xref\n0 6\n")
        for number, entry in enumerate(data[start:].splitlines()[3:8], 1):
            assert data[int(entry[:10]) :].startswith(b"%d 0 obj" % number)


def test_they_are_the_same_each_time(tmp_path: Path, files: list[StoredFile]) -> None:
    with Store(tmp_path, kept=False) as store:
        fill_with_samples(store)
        again = store.page(Query(10_000))[0]
    assert [(file.id, file.bytes) for file in again] == [(file.id, file.bytes) for file in files]


def test_names_are_hard(files: list[StoredFile]) -> None:
    names = [file.filename for file in files]
    assert any("\x1b" in name for name in names)
    assert any("\u200d" in name for name in names)
    assert any(200 < len(name.encode()) < 256 for name in names)
    assert {"[/x].txt", "report[1](final).jsonl"} <= set(names)
    assert names.count("step_metrics.csv") > 10
    assert all(len(name.encode()) < 256 for name in names if name.isascii())


def test_bulk_is_as_many_as_asked(tmp_path: Path) -> None:
    with Store(tmp_path, kept=False) as store:
        fill_in_bulk(store, 12_345)
        first, more = store.page(Query(10_000))
        rest, end = store.page(Query(10_000, after=first[-1]))
    assert (len(first) + len(rest), more, end) == (12_345, True, False)
    assert len({file.created_at for file in first}) < len(first) / 2
