"""A Files API with files and large uploads in memory, that breaks as a test tells it.

    store = Store()
    store.after = lambda request, reply: [RESET] if request.method == "POST" else reply
    with serving(store) as server: ...

`before` is asked first and may answer in place of the store, which then does nothing; `after` is given the answer when
the work is done, and may change it. Both are asked in the thread of the connection, and may wait.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.wire import Received, Reply, answer, error_answer, json_answer

LIFE = 3600


@dataclass
class Kept:
    """A file of the store."""

    id: str
    filename: str
    purpose: str
    content: bytes
    created_at: int
    expires_after: str | None = None

    def listed(self) -> dict[str, Any]:
        """The file as an answer has it."""
        return {
            "id": self.id,
            "object": "file",
            "filename": self.filename,
            "purpose": self.purpose,
            "bytes": len(self.content),
            "created_at": self.created_at,
            **({"expires_at": self.created_at + int(self.expires_after)} if self.expires_after else {}),
        }


@dataclass
class Session:
    """A large upload: what was asked for, its parts by id, and what has become of it."""

    wanted: dict[str, Any]
    parts: dict[str, bytes] = field(default_factory=dict)
    status: str = "pending"
    completed: dict[str, Any] = field(default_factory=dict)


class Store:
    """The handler for `serving`; `files` and `sessions` are what it holds, by id.

    `name` makes an id of a number, and `ahead` is by how many seconds the store's clock is ahead of ours.
    """

    def __init__(
        self, *, ranges: bool = True, name: Callable[[int], str] = lambda number: f"file-{number}", ahead: int = 0
    ) -> None:
        self.before: Callable[[Received], Reply | None] = lambda request: None
        self.after: Callable[[Received, bytes], Reply] = lambda request, reply: reply
        self.files: dict[str, Kept] = {}
        self.sessions: dict[str, Session] = {}
        self.ranges = ranges
        self.added = 0
        self._name = name
        self._ahead = ahead
        self.lock = threading.RLock()

    def __call__(self, request: Received) -> Reply:
        early = self.before(request)
        if early is not None:
            return early
        return self.after(request, self.answer(request))

    def answer(self, request: Received) -> bytes:
        """Do what is asked, and say so."""
        with self.lock:
            return self._answer(request)

    def add(self, name: str, content: bytes, *, purpose: str = "user_data") -> Kept:
        """Keep a file."""
        with self.lock:
            self.added += 1
            kept = Kept(self._name(self.added), name, purpose, content, int(time.time()) + self._ahead)
            self.files[kept.id] = kept
            return kept

    def named(self, name: str) -> list[bytes]:
        """What the files of a name hold."""
        return [file.content for file in self.files.values() if file.filename == name]

    def _answer(self, request: Received) -> bytes:
        url = urlsplit(request.target)
        match request.method, *map(unquote, url.path.removeprefix("/v1/").split("/")):
            case "GET", "files":
                query = {key: values[0] for key, values in parse_qs(url.query).items()}
                return self._page(int(query["limit"]), query.get("after"), query.get("purpose"), query.get("order"))
            case "POST", "files":
                fields, name, content = form_of(request)
                kept = self.add(name, content, purpose=fields["purpose"])
                kept.expires_after = fields.get("expires_after[seconds]")
                return json_answer(kept.listed())
            case method, "files", file_id, *rest if file_id in self.files:
                return self._one(method, self.files[file_id], request, wants_content=bool(rest))
            case "POST", "uploads":
                return self._start(json.loads(request.body))
            case "POST", "uploads", upload_id, action if upload_id in self.sessions:
                session = self.sessions[upload_id]
                if session.status != "pending":
                    return error_answer(400, f"Upload {upload_id} is {session.status}.")
                return self._step(upload_id, session, action, request)
            case _, "files", file_id, *_:
                return error_answer(404, f"No such File object: {file_id}")
        return error_answer(404, "there is no such thing")

    def _page(self, limit: int, after: str | None, purpose: str | None, order: str | None) -> bytes:
        ordered = self.files.values() if order == "asc" else reversed(self.files.values())
        files = [file for file in ordered if purpose in (None, file.purpose)]
        ids = [file.id for file in files]
        if after and after not in ids:
            return error_answer(404, f"No such File object: {after}")
        files = files[ids.index(after) + 1 :] if after else files
        shown = [file.listed() for file in files[:limit]]
        return json_answer({"object": "list", "data": shown, "has_more": len(files) > limit})

    def _one(self, method: str, kept: Kept, request: Received, *, wants_content: bool) -> bytes:
        if method == "DELETE":
            del self.files[kept.id]
            return json_answer({"id": kept.id, "deleted": True})
        if not wants_content:
            return json_answer(kept.listed())
        size = len(kept.content)
        start = int(request.headers.get("range", "bytes=0-")[6:-1])
        if not start or not self.ranges:
            return answer(200, kept.content)
        if start >= size:
            return error_answer(416, "there is nothing behind that")
        return answer(206, kept.content[start:], {"content-range": f"bytes {start}-{size - 1}/{size}"})

    def _start(self, wanted: dict[str, Any]) -> bytes:
        upload_id = f"upload_{len(self.sessions) + 1}"
        self.sessions[upload_id] = Session(wanted)
        now = int(time.time())
        return json_answer({"id": upload_id, "created_at": now, "expires_at": now + LIFE, "status": "pending"})

    def _step(self, upload_id: str, session: Session, action: str, request: Received) -> bytes:
        if action == "parts":
            part_id = f"part_{sum(len(other.parts) for other in self.sessions.values()) + 1}"
            session.parts[part_id] = form_of(request)[2]
            return json_answer({"id": part_id})
        if action == "cancel":
            session.status = "cancelled"
            return json_answer({"id": upload_id, "status": "cancelled"})
        session.completed = wanted = json.loads(request.body)
        content = b"".join(session.parts[part_id] for part_id in wanted["part_ids"])
        if len(content) != session.wanted["bytes"]:
            return error_answer(400, "the parts are not as long as was said")
        if wanted["md5"] != hashlib.md5(content, usedforsecurity=False).hexdigest():
            return error_answer(400, "the md5 is another one")
        session.status = "completed"
        kept = self.add(session.wanted["filename"], content, purpose=session.wanted["purpose"])
        kept.expires_after = session.wanted.get("expires_after", {}).get("seconds")
        return json_answer({"id": upload_id, "status": "completed", "file": kept.listed()})


def form_of(request: Received) -> tuple[dict[str, str], str, bytes]:
    """The fields of a form, and the name and content of its file, which must not be larger than what is kept."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    fields: dict[str, str] = {}
    name, content = "", b""
    for piece in bytes(request.body).split(b"--" + boundary)[1:-1]:
        head, _, body = piece.partition(b"\r\n\r\n")
        key = re.search(rb' name="([^"]*)"', head)
        file = re.search(rb'filename="([^"]*)"', head)
        assert key
        if file:
            name, content = file[1].decode(), body[:-2]
        else:
            fields[key[1].decode()] = body[:-2].decode()
    return fields, name, content


def route(request: Received) -> str:
    """What is asked for, without ids: `POST /uploads/parts`."""
    parts = urlsplit(request.target).path.removeprefix("/v1/").split("/")
    return f"{request.method} /{'/'.join([parts[0], *parts[2:]])}{'/…' if len(parts) == 2 else ''}"
