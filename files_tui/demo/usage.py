"""What uses files: batches, fine-tuning jobs and vector stores, which can be read, and files taken out of the last."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from files_tui.demo import errors
from files_tui.demo.store import Store

MAX_LIMIT, USUAL_LIMIT = 100, 20

SCHEMA = """
CREATE TABLE IF NOT EXISTS holders (
    kind TEXT NOT NULL, id TEXT NOT NULL, created_at INTEGER NOT NULL, document TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
    store_id TEXT NOT NULL, id TEXT NOT NULL, created_at INTEGER NOT NULL, usage_bytes INTEGER NOT NULL,
    status TEXT NOT NULL, PRIMARY KEY (store_id, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_by_file ON members (id);
CREATE TRIGGER IF NOT EXISTS no_member_without_file AFTER DELETE ON files
BEGIN DELETE FROM members WHERE id = OLD.id; END;
"""
"""The trigger is what becomes of a deleted file (API reference, Delete file); batches and jobs keep its id."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of what uses files: how the API calls it, and what it answers where there is none of an id."""

    name: str
    missing: str


BATCH = Kind("batch", "No batch found with id '{}'.")
JOB = Kind("fine_tuning.job", "Could not find fine tune: {}")
STORE = Kind("vector_store", "Vector store with id '{}' not found.")


class Usage:
    """Handlers for /batches, /fine_tuning/jobs and /vector_stores, and the tables behind them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._database = store.database
        self._database.executescript(SCHEMA)

    def add(self, kind: Kind, document: Mapping[str, Any]) -> None:
        """Puts a batch, a job or a vector store on its list."""
        row = (kind.name, document["id"], document["created_at"], json.dumps(document))
        self._database.execute("INSERT INTO holders VALUES (?, ?, ?, ?)", row)

    def attach(self, store_id: str, file_id: str, created_at: int, usage_bytes: int, status: str = "completed") -> None:
        """Puts a file into a vector store."""
        row = (store_id, file_id, created_at, usage_bytes, status)
        self._database.execute("INSERT INTO members VALUES (?, ?, ?, ?, ?)", row)

    async def list_batches(self, request: Request) -> Response:
        """One page of batches (API reference, List batch)."""
        return self._list(request, BATCH)

    async def retrieve_batch(self, request: Request) -> Response:
        """One batch (API reference, Retrieve batch)."""
        return JSONResponse(self._one(request, BATCH))

    async def list_jobs(self, request: Request) -> Response:
        """One page of jobs (API reference, List fine-tuning jobs)."""
        return self._list(request, JOB)

    async def retrieve_job(self, request: Request) -> Response:
        """One job (API reference, Retrieve fine-tuning job)."""
        return JSONResponse(self._one(request, JOB))

    async def list_stores(self, request: Request) -> Response:
        """One page of vector stores (API reference, List vector stores)."""
        self._store.sweep()
        return self._list(request, STORE)

    async def retrieve_store(self, request: Request) -> Response:
        """One vector store (API reference, Retrieve vector store)."""
        self._store.sweep()
        return JSONResponse(self._one(request, STORE))

    async def list_members(self, request: Request) -> Response:
        """One page of a vector store's files (API reference, List vector store files)."""
        self._store.sweep()
        store_id = self._one(request, STORE)["id"]
        rows = self._database.execute(f"SELECT {_MEMBER} FROM members WHERE store_id = ?", (store_id,))
        wanted = request.query_params.get("filter")
        members = [_member(row) for row in rows]
        return _page(request, [member for member in members if wanted in (None, member["status"])])

    async def retrieve_member(self, request: Request) -> Response:
        """One file of a vector store (API reference, Retrieve vector store file)."""
        return JSONResponse(self._member(request))

    async def detach(self, request: Request) -> Response:
        """Takes a file out of a vector store; the file stays (API reference, Delete vector store file)."""
        member = self._member(request)
        keys = (member["vector_store_id"], member["id"])
        self._database.execute("DELETE FROM members WHERE store_id = ? AND id = ?", keys)
        return JSONResponse({"id": member["id"], "object": "vector_store.file.deleted", "deleted": True})

    def _list(self, request: Request, kind: Kind) -> Response:
        rows = self._database.execute("SELECT document FROM holders WHERE kind = ?", (kind.name,))
        return _page(request, [self._told(kind, json.loads(row[0])) for row in rows])

    def _one(self, request: Request, kind: Kind) -> dict[str, Any]:
        identifier = request.path_params["holder_id"]
        sql = "SELECT document FROM holders WHERE kind = ? AND id = ?"
        row = self._database.execute(sql, (kind.name, identifier)).fetchone()
        if row is None:
            raise errors.not_found(kind.missing.format(identifier))
        return self._told(kind, json.loads(row[0]))

    def _told(self, kind: Kind, document: dict[str, Any]) -> dict[str, Any]:
        """The object as it is now: a vector store counts its files."""
        if kind is STORE:
            sql = "SELECT status, count(*), sum(usage_bytes) FROM members WHERE store_id = ? GROUP BY status"
            rows = self._database.execute(sql, (document["id"],)).fetchall()
            counts = {status: count for status, count, _ in rows}
            words = ("in_progress", "completed", "failed", "cancelled")
            document["file_counts"] = {**{word: counts.get(word, 0) for word in words}, "total": sum(counts.values())}
            document["usage_bytes"] = sum(size for _, _, size in rows)
        return document

    def _member(self, request: Request) -> dict[str, Any]:
        self._store.sweep()
        store_id, file_id = self._one(request, STORE)["id"], request.path_params["file_id"]
        sql = f"SELECT {_MEMBER} FROM members WHERE store_id = ? AND id = ?"
        row = self._database.execute(sql, (store_id, file_id)).fetchone()
        if row is None:
            raise errors.not_found(f"No file found with id '{file_id}' in vector store '{store_id}'.")
        return _member(row)


_MEMBER = "id, created_at, usage_bytes, status, store_id"


def _member(row: tuple[Any, ...]) -> dict[str, Any]:
    identifier, created_at, usage_bytes, status, store_id = row
    failed = {"code": "unsupported_file", "message": "The file could not be parsed."}
    return {
        "id": identifier,
        "object": "vector_store.file",
        "usage_bytes": usage_bytes,
        "created_at": created_at,
        "vector_store_id": store_id,
        "status": status,
        "last_error": failed if status == "failed" else None,
    }


def _page(request: Request, documents: list[dict[str, Any]]) -> Response:
    """The page that is asked for: newest first, unless `order` says otherwise."""
    wanted = request.query_params
    limit = errors.checked_integer("limit", wanted.get("limit"), USUAL_LIMIT, MAX_LIMIT)
    documents.sort(key=lambda each: (each["created_at"], each["id"]), reverse=wanted.get("order", "desc") != "asc")
    ids = [document["id"] for document in documents]
    if (after := wanted.get("after")) is not None:
        if after not in ids:
            raise errors.bad_request(f"Invalid 'after': no object with id '{after}' found.", "after", "invalid_value")
        documents = documents[ids.index(after) + 1 :]
    page = documents[:limit]
    return JSONResponse(
        {
            "object": "list",
            "data": page,
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
            "has_more": len(documents) > limit,
        }
    )
