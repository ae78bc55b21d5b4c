"""The servers that speak the Files API, each in its way (API reference, "Servers that speak it").

A `Dialect` stands between a client and a store that speaks as OpenAI does: it says what the server refuses, what it
does not understand of a question, and how its answers look. Each differs from `OPENAI` in what is named and in nothing
else, so that a failing test names what was not understood.
"""

from __future__ import annotations

import base64
import datetime
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from tests.answers import Whole, error
from tests.store_server import Kept, Store, route
from tests.wire import Received

Json = dict[str, Any]


def _same(value: Json) -> Json:
    return value


def _envelope(status: int, message: str) -> object:
    return error(message)


@dataclass(frozen=True, eq=False)
class Dialect:
    """How one server speaks.

    `file` makes a File object, `page` a list answer, `deleted` the answer to a delete of that File, `error` an error
    body of a status and a message. `refused` are the statuses of operations that it does not have, by route; more
    than `largest_page` files are refused, more than `most` are not given. Questions in `unheard` are ignored.
    `withheld` are the purposes whose content it keeps, `names` makes ids, `ahead` is by how many seconds its clock is.
    It `keeps_files` that it is told to delete; what `proves_nothing` has no files that look like files, and must not
    be told.
    """

    name: str
    file: Callable[[Json], Json] = _same
    page: Callable[[Json], object] = _same
    deleted: Callable[[Json], object] = lambda file: {"id": file["id"], "object": "file", "deleted": True}
    error: Callable[[int, str], object] = _envelope
    refused: Mapping[str, int] = field(default_factory=dict)
    created: int = 200
    largest_page: int = 10_000
    most: int = 10_000
    unheard: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    oldest_first: bool = False
    needs_purpose: bool = False
    keeps_files: bool = False
    proves_nothing: bool = False
    names: Callable[[int], str] = lambda number: f"file-{number}"
    ahead: int = 0

    def __repr__(self) -> str:
        return self.name

    @property
    def limits(self) -> bool:
        """Whether it has a mind of its own about the length of a page."""
        return min(self.largest_page, self.most) < 10_000

    @property
    def tells_sizes(self) -> bool:
        """Whether its File objects say how long the content of a file is, which may be text made from it."""
        told = self.file(Kept("a", "a", "a", b"a", 0).listed())
        return ("bytes" in told or "size" in told) and told.get("purpose") != "file-extract"

    @property
    def lacks(self) -> set[str]:
        """The routes that come to nothing."""
        return {
            *self.refused,
            *(["GET /files"] if self.needs_purpose else []),
            *(["GET /files/content"] if self.withheld else []),
            *(["DELETE /files/…"] if self.keeps_files or self.proves_nothing else []),
        }

    def store(self) -> Store:
        """An empty store with ids and times of this dialect."""
        return Store(name=self.names, ahead=self.ahead)

    def answer(self, store: Store, request: Received) -> Whole:
        """What this server says to a request, which it does where it can."""
        asked = route(request)
        if asked in self.refused:
            return self._error(self.refused[asked], "Method Not Allowed")
        if asked == "GET /files":
            query = dict(parse_qsl(urlsplit(request.target).query))
            if int(query["limit"]) > self.largest_page:
                return self._error(400, f"Invalid 'limit': got {query['limit']}.")
            if self.needs_purpose and "purpose" not in query:
                return self._error(400, "purpose is required")
            heard = {key: value for key, value in query.items() if key not in self.unheard}
            heard["limit"] = str(min(int(heard.get("limit", "10000")), self.most))
            heard["order"] = "asc" if self.oldest_first else "desc"
            request = replace(request, target=f"/v1/files?{urlencode(heard)}")
        kept = store.files.get(unquote(urlsplit(request.target).path.removeprefix("/v1/files/").split("/")[0]))
        if kept and asked == "GET /files/content" and kept.purpose in self.withheld:
            return self._error(400, f"Not allowed to download files of purpose: {kept.purpose}")
        if kept and asked == "DELETE /files/…" and self.keeps_files:
            return Whole.of(200, self.deleted(kept.listed()))
        done = Whole.read(store.answer(request))
        if self.ahead:
            done = done.with_headers(date=formatdate(time.time() + self.ahead, usegmt=True))
        if done.status >= 400:
            return self._error(done.status, done.value["error"]["message"])
        match asked:
            case "GET /files":
                value = self.page({**done.value, "data": [self.file(file) for file in done.value["data"]]})
            case "POST /files" | "GET /files/…":
                value = self.file(done.value)
            case "DELETE /files/…":
                assert kept
                value = self.deleted(self.file(kept.listed()))
            case _:
                return done
        status = self.created if asked == "POST /files" else 200
        return replace(done, status=status, body=json.dumps(value).encode())

    def _error(self, status: int, message: str) -> Whole:
        body = self.error(status, message)
        return Whole(status, body) if isinstance(body, bytes) else Whole.of(status, body)


# Pieces that dialects are made of


def without(*keys: str) -> Callable[[Json], Json]:
    """An object without these keys."""
    return lambda value: {key: value[key] for key in value if key not in keys}


def having(**more: Any) -> Callable[[Json], Json]:
    """An object with these values; a callable makes its value of the object."""
    return lambda value: {**value, **{key: make(value) if callable(make) else make for key, make in more.items()}}


def renamed(**names: str) -> Callable[[Json], Json]:
    """An object whose keys have these names instead."""
    return lambda value: {names.get(key, key): value[key] for key in value}


def rfc3339(file: Json) -> str:
    """The time of a file as text."""
    return datetime.datetime.fromtimestamp(file["created_at"], datetime.UTC).isoformat()


def _wrapped(page: Json) -> object:
    return {"code": 20000, "message": "OK", "status": True, "data": {"object": "list", "data": page["data"]}}


def _null_when_empty(page: Json) -> object:
    return {**page, "data": page["data"] or None}


def _long(number: int) -> str:
    """An id as LiteLLM makes them: base64 of what it knows, of more than 300 characters."""
    text = f"litellm_proxy:application/octet-stream;unified_id,{number:036};target_model_names," + "gpt-x," * 24
    return base64.b64encode(text.encode()).decode()


def _odd(number: int) -> str:
    return f"a/b=={number}%2F?c#d&e +ü"


# The dialects

OPENAI = Dialect("OpenAI")
BARE = Dialect("no has_more", page=without("has_more", "object"))
DEAF = Dialect("after is ignored", page=without("has_more"), unheard=frozenset({"after"}))
CIRCLING = Dialect("after is ignored, has_more for ever", page=having(has_more=True), unheard=frozenset({"after"}))

LISTS = (
    BARE,
    DEAF,
    CIRCLING,
    Dialect("order is ignored", oldest_first=True),
    Dialect("order is ignored, no has_more", page=without("has_more"), oldest_first=True),
    Dialect("limit is ignored", unheard=frozenset({"limit"})),
    Dialect("everything is ignored", page=without("has_more"), unheard=frozenset({"limit", "after", "purpose"})),
    Dialect("more than 100 a page refused", largest_page=100),
    Dialect("at most 2 a page", most=2),
    Dialect("at most 10 a page, no has_more", page=without("has_more"), most=10),
    Dialect("a bare array", page=lambda page: page["data"]),
    Dialect("data is wrapped", page=_wrapped),
    Dialect("data is null when empty", page=_null_when_empty),
    Dialect("has_more is null, ids are empty", page=having(has_more=None, first_id="", last_id="")),
    Dialect("purpose is required", needs_purpose=True),
    Dialect("list is 404", refused={"GET /files": 404}),
    Dialect("list is 405", refused={"GET /files": 405}),
    Dialect("list is 501", refused={"GET /files": 501}),
)
FILES = (
    Dialect("ids of 300 characters", names=_long),
    Dialect("ids with / = % ? #", names=_odd),
    Dialect("times as float", file=having(created_at=lambda file: float(file["created_at"]))),
    Dialect("times as text", file=having(created_at=rfc3339)),
    Dialect("times as digits", file=having(created_at=lambda file: str(file["created_at"]))),
    Dialect("times in milliseconds", file=having(created_at=lambda file: file["created_at"] * 1000)),
    Dialect("no times", file=having(created_at=None)),
    Dialect("clock an hour ahead", ahead=3600),
    Dialect("clock an hour behind", ahead=-3600),
    Dialect("name and size", file=renamed(filename="name", bytes="size")),
    Dialect("no name", file=having(filename=None)),
    Dialect("no size", file=without("bytes")),
    Dialect("id alone", file=lambda file: {"id": file["id"]}, proves_nothing=True),
    Dialect("purpose of its own", file=having(purpose="retrieval-v9")),
    Dialect("no purpose", file=having(purpose="")),
    Dialect("status of its own", file=having(status="half-baked")),
    Dialect("status is null", file=having(status=None)),
    Dialect("values of other types", file=having(status=7, purpose=["a"], status_details={"b": 1}, expires_at="never")),
)
ANSWERS = (
    Dialect("201 on create", created=201),
    Dialect("delete answers the File", deleted=_same),
    Dialect("delete says deleted alone", deleted=lambda file: {"deleted": True}),
    Dialect("delete says deleted: false", deleted=having(deleted=False), keeps_files=True),
    Dialect("delete is 404", refused={"DELETE /files/…": 404}),
    Dialect("delete is 404, retrieve is 405", refused={"DELETE /files/…": 404, "GET /files/…": 405}),
    Dialect("delete is 405", refused={"DELETE /files/…": 405}),
    Dialect("delete is 501", refused={"DELETE /files/…": 501}),
    Dialect("content is withheld", withheld=frozenset({"user_data"})),
    Dialect("content is 405", refused={"GET /files/content": 405}),
    Dialect("upload is 405", refused={"POST /files": 405}),
    Dialect("retrieve is 404", refused={"GET /files/…": 404}),
    Dialect("errors are plain strings", error=lambda status, message: {"error": message}),
    Dialect("errors are a detail", error=lambda status, message: {"detail": message}),
    Dialect("errors are HTML", error=lambda status, message: f"<html><h1>{status}</h1>{message}</html>".encode()),
    Dialect("errors are empty", error=lambda status, message: b""),
)
SERVERS = (
    Dialect("Azure classic", created=201, page=without("has_more"), file=having(status="pending")),
    Dialect("LiteLLM", names=_long, deleted=_same, file=having(status=None), unheard=frozenset({"limit", "after"})),
    Dialect(
        "vLLM production-stack",
        refused={"GET /files": 404, "DELETE /files/…": 405},
        error=lambda status, message: {"error": message},
        file=without("status"),
    ),
    Dialect("Groq", page=without("has_more"), unheard=frozenset({"limit", "after", "purpose"})),
    Dialect(
        "Mistral",
        page=lambda page: {"object": "list", "data": page["data"], "total": len(page["data"]) + page["has_more"]},
        most=4,
        unheard=frozenset({"limit", "after"}),
        names=lambda number: f"497f6eca-6276-4993-bfeb-{number:012}",
    ),
    Dialect("Together", page=lambda page: {"data": page["data"]}, file=having(Processed=True)),
    Dialect(
        "xAI",
        page=lambda page: {"data": page["data"], "pagination_token": "more" if page["has_more"] else None},
        most=4,
        file=having(created_at=None, purpose=""),
        deleted=lambda file: {"id": file["id"], "deleted": True},
        unheard=frozenset({"after"}),
    ),
    Dialect("Moonshot", page=without("has_more"), file=having(status="ok", purpose="file-extract")),
    Dialect("SiliconFlow", page=_wrapped, error=lambda status, message: message, file=without("status")),
)

DIALECTS = (OPENAI, *LISTS, *FILES, *ANSWERS, *SERVERS)


def dialect(name: str) -> Dialect:
    """The dialect of a name."""
    return next(dialect for dialect in DIALECTS if dialect.name == name)
