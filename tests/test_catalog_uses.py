"""Where files are used: what servers tell of it, how it is walked, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import Aborted, ApiError, NotFound, NotSupported, ReadOnly, Refused, Unproven
from files_tui.api.holders import Holder, HolderKind, Use, read_holder
from files_tui.catalog import holders
from files_tui.catalog.capabilities import forget, lacks
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.holders import CHANGED, CIRCLE, KEPT_BACK, UsesLook
from files_tui.catalog.uses import KINDS, InUse
from files_tui.settings import Account, Secret
from files_tui.text import Untrusted
from tests.wire import KEY, Handler, Received, Reply, answer, client_to, error_answer, json_answer, serving

Json = dict[str, Any]

BATCH = {
    "id": "batch_1",
    "endpoint": "/v1/embeddings",
    "status": "completed",
    "created_at": 100,
    "input_file_id": "in",
    "output_file_id": "out",
    "error_file_id": None,
}
JOB = {
    "id": "ftjob-1",
    "model": "m",
    "status": "succeeded",
    "created_at": "1970-01-01T00:01:30Z",
    "training_file": "in",
    "validation_file": "",
    "result_files": ["r1", "r2"],
}
STORES: list[Json] = [
    {"id": "vs_1", "name": "Docs", "created_at": 80, "file_counts": {"total": 2}},
    {"id": "vs_2", "created_at": 70},
]
Told = list[Json] | Callable[[Received], Reply]
LISTS: dict[str, Told] = {
    "/batches": [BATCH],
    "/fine_tuning/jobs": [JOB],
    "/vector_stores": STORES,
    "/vector_stores/vs_1/files": [{"id": "in"}, {"id": "doc"}],
    "/vector_stores/vs_2/files": [{"id": "vsf-1", "file_id": "doc"}],
}


def page(values: list[Json], request: Received, **more: Any) -> bytes:
    """The part of a list that is asked for."""
    query = {key: each[0] for key, each in parse_qs(urlsplit(request.target).query).items()}
    ids = [value["id"] for value in values]
    start = ids.index(query["after"]) + 1 if "after" in query else 0
    end = start + int(query.get("limit", 20))
    return json_answer({"object": "list", "data": values[start:end], "has_more": end < len(values), **more})


def lists(told: Mapping[str, Told] = LISTS) -> Handler:
    """A server with these lists, or with handlers for them; it knows of no others."""

    def handler(request: Received) -> Reply:
        path = urlsplit(request.target).path.removeprefix("/v1")
        found = told.get(path)
        if found is None:
            return error_answer(404, f"Invalid URL (GET {path})")
        return found(request) if callable(found) else page(found, request)

    return handler


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    yield catalog
    catalog.close()


def look(catalog: Catalog, handler: Handler, abort: Abort | None = None) -> list[str]:
    """Look once; gives the paths that were asked for."""
    with serving(handler) as server, client_to(server) as client:
        UsesLook(client, catalog, abort or Abort(), lambda *_: None).run()
        return [request.target.removeprefix("/v1") for request in server.requests]


def told_of(catalog: Catalog, file_id: str) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (each.id.true, [(use.role, use.file.true) for use in each.uses]) for each in catalog.uses.of(Untrusted(file_id))
    ]


def notes(catalog: Catalog) -> dict[HolderKind, str | None]:
    return {kind: each.problem or each.note for kind, each in catalog.uses.looked().items()}


def test_one_look_tells_of_all_files_and_is_kept(catalog: Catalog, tmp_path: Path) -> None:
    assert catalog.uses.looked() == {}
    look(catalog, lists())
    other = Catalog(tmp_path / "catalog.sqlite")
    assert told_of(other, "in") == [
        ("batch_1", [("input", "in"), ("output", "out")]),
        ("ftjob-1", [("training", "in"), ("results", "r1"), ("results", "r2")]),
        ("vs_1", [("member", "in")]),
    ]
    assert [each for each, _ in told_of(other, "doc")] == ["vs_1", "vs_2"]
    assert told_of(other, "other") == []
    (batch, job, _) = other.uses.of(Untrusted("in"))
    assert (str(batch.name), str(batch.status), job.created_at) == ("/v1/embeddings", "completed", 90)
    ids = [Untrusted(each) for each in ("in", "doc", "other")]
    assert other.uses.in_use(ids) == InUse(2, {"batch": 1, "job": 1, "store": 2})
    in_stores = [(store.id.true, file_id.true) for store, file_id in other.uses.stores_of(ids)]
    assert sorted(in_stores) == [("vs_1", "doc"), ("vs_1", "in"), ("vs_2", "doc")]
    assert notes(other) == dict.fromkeys(KINDS)
    other.close()

    look(catalog, lists({**LISTS, "/batches": [], "/vector_stores": STORES[:1]}))
    assert [each for each, _ in told_of(catalog, "in")] == ["ftjob-1", "vs_1"]
    assert [each for each, _ in told_of(catalog, "doc")] == ["vs_1"]
    catalog.uses.deleted([Untrusted("in")])
    assert [each for each, _ in told_of(catalog, "in")] == ["ftjob-1"]


def test_a_server_without_a_kind_loses_nothing_else_and_is_not_asked_again(catalog: Catalog) -> None:
    scopes = error_answer(
        401, "You have insufficient permissions for this operation. Missing scopes: api.batches.read."
    )
    told: dict[str, Told] = {**LISTS, "/batches": lambda _: error_answer(405), "/fine_tuning/jobs": lambda _: scopes}
    asked = look(catalog, lists(told))
    assert [each for each, _ in told_of(catalog, "in")] == ["vs_1"]
    assert notes(catalog) == {
        "batch": "this server does not tell of batches",
        "job": "this key may not see fine-tuning jobs",
        "store": None,
    }
    assert [kind for kind in KINDS if lacks(catalog, kind)] == ["batch", "job"]
    again = look(catalog, lists(told))
    assert again == asked[2:]
    forget(catalog, *KINDS)
    look(catalog, lists())
    assert notes(catalog) == dict.fromkeys(KINDS)


def test_what_failed_leaves_what_is_known(catalog: Catalog) -> None:
    look(catalog, lists())
    before = catalog.uses.looked()
    look(catalog, lists({**LISTS, "/batches": lambda _: answer(200, b"<html>a portal</html>")}))
    assert [each for each, _ in told_of(catalog, "in")] == ["batch_1", "ftjob-1", "vs_1"]
    assert catalog.uses.looked()["batch"].at == before["batch"].at
    assert "batches could not be looked at: expected JSON" in str(notes(catalog)["batch"])
    assert not lacks(catalog, "batch")
    asked = look(catalog, lambda _: error_answer(401, "Incorrect API key provided"))
    assert len(asked) == 1  # the next list would be refused, too
    assert all("Incorrect API key" in str(words) for words in notes(catalog).values())


def test_a_look_that_is_cancelled_ends_at_once_and_keeps_what_it_found(catalog: Catalog) -> None:
    abort = Abort()

    def jobs(request: Received) -> Reply:
        abort.cancel()
        return page([JOB], request)

    with pytest.raises(Aborted):
        look(catalog, lists({**LISTS, "/fine_tuning/jobs": jobs}), abort)
    assert [each for each, _ in told_of(catalog, "in")] == ["batch_1"]
    assert catalog.uses.looked().keys() == {"batch"}


def many(count: int) -> list[Json]:
    return [{**BATCH, "id": f"b{n}", "created_at": 1000 - n, "input_file_id": f"f{n}"} for n in range(count)]


def test_pages_are_walked_newest_first_and_up_to_a_limit(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = look(catalog, lists({"/batches": many(230)}))
    assert asked[:3] == ["/batches?limit=100", "/batches?limit=100&after=b99", "/batches?limit=100&after=b199"]
    assert told_of(catalog, "f229")
    forget(catalog)
    monkeypatch.setattr(holders, "MOST_PAGES", 2)
    monkeypatch.setattr(holders, "MOST_MEMBER_PAGES", 3)
    files = [{"id": f"d{n}"} for n in range(250)]
    stores = [{"id": f"vs_{n}", "file_counts": {"total": n}, "created_at": 9 - n} for n in range(4)]
    told: dict[str, Told] = {
        "/batches": many(230),
        "/vector_stores": stores,
        **{f"/vector_stores/vs_{n}/files": files for n in range(4)},
    }
    asked = look(catalog, lists(told))
    assert told_of(catalog, "f199")
    assert not told_of(catalog, "f200")
    assert notes(catalog)["batch"] == "only the newest 200 batches were looked at"
    assert notes(catalog)["store"] == "of 3 vector stores not all files were looked at"
    assert [path.split("/")[2] for path in asked if "/files" in path] == ["vs_1", "vs_1", "vs_2"]  # 0 has none


@pytest.mark.parametrize(
    ("batches", "note", "requests"),
    [
        (lambda request: page(many(100), request), None, 1),
        (lambda _: json_answer({"data": many(100), "has_more": True}), CIRCLE, 2),
        (lambda _: json_answer({"data": many(100)}), CIRCLE, 2),
        (lambda _: json_answer({"data": many(30)}), None, 1),
        (lambda _: json_answer(many(3)), None, 1),
        (lambda _: json_answer({"data": {"object": "list", "data": many(3)}}), None, 1),
        (lambda _: json_answer({"data": None}), None, 1),
        (lambda _: json_answer({"data": None, "has_more": True}), KEPT_BACK, 1),
        *(
            (
                lambda request, code=code: (
                    error_answer(code) if "after" in request.target else page(many(230), request)
                ),
                KEPT_BACK,
                2,
            )
            for code in (403, 405)
        ),
        (
            lambda request: (
                error_answer(404, "gone") if "after" in request.target else json_answer({"data": many(100)})
            ),
            CHANGED,
            2,
        ),
        (lambda request: error_answer(400) if "limit" in request.target else json_answer({"data": many(3)}), None, 2),
    ],
)
def test_lists_of_other_forms(
    catalog: Catalog, batches: Callable[[Received], Reply], note: str | None, requests: int
) -> None:
    asked = look(catalog, lists({"/batches": batches}))
    assert notes(catalog)["batch"] == note
    assert len([path for path in asked if path.startswith("/batches")]) == requests
    assert catalog.uses.looked()["batch"].seen in (0, 3, 30, 100)
    assert not lacks(catalog, "batch")


@pytest.mark.parametrize("said", [error_answer(400, "it has expired"), json_answer({"object": "page"})])
def test_a_vector_store_that_tells_nothing_is_told_of(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    stores = [STORES[1], STORES[0], {"id": "vs_3"}]
    look(catalog, lists({**LISTS, "/vector_stores": stores, "/vector_stores/vs_2/files": lambda _: said}))
    assert notes(catalog)["store"] == "2 vector stores told nothing of files"
    assert [each for each, _ in told_of(catalog, "doc")] == ["vs_1"]
    monkeypatch.setattr(holders, "MOST_MEMBER_PAGES", 1)
    asked = look(catalog, lists({**LISTS, "/vector_stores": stores, "/vector_stores/vs_2/files": lambda _: said}))
    assert {path.split("/")[2] for path in asked if "/files" in path} == {"vs_2"}


@pytest.mark.parametrize(
    ("kind", "raw", "uses"),
    [
        ("batch", {**BATCH, "input_file_id": 7, "output_file_id": ["out", None, {"id": "x"}, {}]}, ["out", "x"]),
        ("batch", {**BATCH, "input_file_id": "i" * 70_000, "error_file_id": {"id": "e"}}, ["out", "e"]),
        ("job", {**JOB, "result_files": "r", "training_file": None}, ["r"]),
        ("job", {**JOB, "result_files": [{"id": f"r{n}"} for n in range(5000)], "training_file": ""}, 1000),
        ("store", {**JOB}, []),
        ("batch", {"id": "b", "name": 1, "created_at": {}, "status": ["x"], "file_counts": 3}, []),
        *(("batch", {"id": each}, None) for each in ("", 1, None, "x" * 70_000)),
        *(("batch", raw, None) for raw in (None, "b", 7)),
        ("batch", {**BATCH, "metadata": "x" * 300_000}, None),
    ],
)
def test_what_is_told_of_a_holder(kind: HolderKind, raw: object, uses: list[str] | int | None) -> None:
    holder = read_holder(kind, raw)
    found = None if holder is None else [use.file.true for use in holder.uses]
    assert (len(found or []) if isinstance(uses, int) else found) == uses


def test_text_that_no_database_keeps(catalog: Catalog) -> None:
    odd = "\ud800\0 ü"
    catalog.uses.put(
        catalog.uses.begin(), [Holder("batch", Untrusted(odd), Untrusted(odd), uses=(Use("input", Untrusted(odd)),))]
    )
    (found,) = catalog.uses.of(Untrusted(odd))
    assert found.name == "?\0 ü"
    assert catalog.uses.in_use([Untrusted(odd)]).files == 1


# Detaching

MEMBER = json_answer({"id": "f", "object": "vector_store.file"})
GONE = error_answer(404, "No file found with id 'f' in vector store 'vs'.")


@pytest.mark.parametrize(
    ("replies", "outcome", "methods"),
    [
        ([MEMBER, json_answer({"id": "f", "deleted": True})], True, "GET DELETE"),
        ([MEMBER, json_answer({}), GONE], True, "GET DELETE GET"),
        ([GONE], False, "GET"),
        ([MEMBER, GONE], False, "GET DELETE"),
        ([error_answer(404, "Invalid URL (GET /v1/vector_stores/vs/files/f)")], Unproven, "GET"),
        ([error_answer(405)], NotSupported, "GET"),
        ([json_answer({"id": "another"})], Unproven, "GET"),
        ([answer(200, b"")], Unproven, "GET"),
        ([MEMBER, error_answer(404, "Not Found")], NotFound, "GET DELETE"),
        ([MEMBER, json_answer({"id": "f", "deleted": False}), MEMBER], Refused, "GET DELETE GET"),
        ([MEMBER, json_answer({"error": {"message": "in use"}})], Refused, "GET DELETE"),
    ],
)
def test_a_file_is_taken_out_of_a_vector_store_that_is_one(
    replies: list[Reply], outcome: bool | type[ApiError], methods: str
) -> None:
    with serving(replies) as server, client_to(server) as client:
        if isinstance(outcome, bool):
            assert client.uses.detach("vs", "f", abort=Abort()) is outcome
        else:
            with pytest.raises(outcome):
                client.uses.detach("vs", "f", abort=Abort())
        assert " ".join(request.method for request in server.requests) == methods
        assert {request.target for request in server.requests} == {"/v1/vector_stores/vs/files/f"}
        assert {request.headers["openai-beta"] for request in server.requests} == {"assistants=v2"}


def test_a_read_only_client_detaches_nothing() -> None:
    with serving([]) as server:
        client = FilesClient(Account(base_url=server.base_url, key=Secret(KEY)), read_only=True)
        with pytest.raises(ReadOnly):
            client.uses.detach("vs", "f", abort=Abort())
        client.close()
        assert not server.requests
