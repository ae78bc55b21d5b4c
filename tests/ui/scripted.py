"""A Files API that misbehaves on demand, in a thread of its own."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit

USES = ("/batches", "/fine_tuning", "/vector_stores")
NOON = 1_790_000_000
PATIENCE = 300.0
"""Seconds for which an answer is held that nobody lets go on: longer than the slowest test lasts."""


def remote(number: int, name: str | None = None, **fields: Any) -> dict[str, Any]:
    """A file as a server describes it; a higher number is newer."""
    return {
        "id": f"file-{number:04}",
        "object": "file",
        "filename": f"data-{number:04}.jsonl" if name is None else name,
        "bytes": 1000 + number,
        "created_at": NOON + number,
        "expires_at": None,
        "purpose": "fine-tune",
        "status": "processed",
        **fields,
    }


@dataclass
class Reply:
    """What to answer instead: an error with a message, or a `body` as it is."""

    status: int
    message: str = "no"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


class Asked(NamedTuple):
    """One request for a page."""

    limit: int
    after: str | None
    purpose: str | None


class ScriptedServer:
    """Lists, hands out and deletes `files`; `refuse` holds what is answered instead, by method and path.

    While `held` is set, a content stops halfway and an upload is not answered. `gates` holds what the answer to the
    nth request for a page (from 1) waits for; more than `allowed` files a page are refused. With `has_more` every page
    is the first, and says that others follow. `keys` are those that came, as they were sent. Without `ascii` letters
    of other languages come as they are.

    `lists` are what it tells of the use of files, by path: without one it does not tell. These are not among the
    `requests`, but in `looks`; while it `holds_looks` they are not answered.
    """

    def __init__(self, files: list[dict[str, Any]] | None = None, *, port: int = 0) -> None:
        self.files = files or []
        self.refuse: dict[tuple[str, str], Reply] = {}
        self.contents: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.lists: dict[str, list[dict[str, Any]]] = {}
        self.looks: list[str] = []
        self.holds_looks = False
        self.keys: set[str | None] = set()
        self.held = False
        self.has_more = False
        self.ascii = True
        self.allowed = 10_000
        self.asked: list[Asked] = []
        self.gates: dict[int, threading.Event] = {}
        self.arrived = threading.Event()
        self.changing = threading.Lock()
        self._released = threading.Event()
        self._server = _Server(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def release(self) -> None:
        """Let what is held go on."""
        self._released.set()
        for gate in self.gates.values():
            gate.set()

    def gate(self, *numbers: int) -> threading.Event:
        """Hold the answers to these requests for a page, counted from now on, until the event is set."""
        event = threading.Event()
        self.gates.update({len(self.asked) + number: event for number in numbers})
        return event

    def wait(self) -> None:
        self.arrived.set()
        self._released.wait(PATIENCE)

    def encoded(self, document: object) -> bytes:
        """A document as it is sent."""
        return json.dumps(document, ensure_ascii=self.ascii).encode()

    def content(self, file_id: str) -> bytes:
        size = next(file["bytes"] for file in self.files if file["id"] == file_id)
        return self.contents.get(file_id, b"x" * int(size))


class _Server(ThreadingHTTPServer):
    request_queue_size = 100  # a connection that finds no room is tried again by the system after a second


def _handler(script: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._answer(self._list_or_content)

        def do_DELETE(self) -> None:
            self._answer(self._delete)

        def do_POST(self) -> None:
            self._answer(self._upload)

        def _answer(self, usual: Callable[[str], None]) -> None:
            path = unquote(urlsplit(self.path).path).removeprefix("/v1")
            is_look = path.startswith(USES)
            (script.looks if is_look else script.requests).append(f"{self.command} {path}")
            script.keys.add(self.headers["Authorization"])
            reply = script.refuse.get((self.command, path))
            try:
                if reply is None and is_look:
                    self._tell_uses(path)
                elif reply is None:
                    usual(path)
                else:
                    self._refuse(reply)
            except ConnectionError:
                self.close_connection = True

        def _tell_uses(self, path: str) -> None:
            if script.holds_looks:
                script.wait()
            if path in script.lists:
                self._json({"object": "list", "data": script.lists[path], "has_more": False})
                return
            folder, _, last = path.rpartition("/")
            member = next((each for each in script.lists.get(folder, []) if each["id"] == last), None)
            if member is None:
                known = f"No file found with id '{last}' in vector store." if folder in script.lists else "Invalid URL"
                self._refuse(Reply(404, known))
                return
            if self.command == "DELETE":
                script.lists[folder].remove(member)
                member = {"id": last, "deleted": True}
            self._json(member)

        def _list_or_content(self, path: str) -> None:
            if path == "/files":
                self._list()
                return
            file_id = path.removeprefix("/files/")  # which may hold a slash of its own
            if not file_id.endswith("/content"):
                self._retrieve(file_id)
                return
            content = script.content(file_id.removesuffix("/content"))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            half = len(content) // 2
            self.wfile.write(content[:half])
            if script.held:
                script.wait()
            self.wfile.write(content[half:])

        def _list(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            asked = Asked(int(query["limit"]), query.get("after"), query.get("purpose"))
            with script.changing:
                script.asked.append(asked)
                gate = script.gates.get(len(script.asked))
            if gate:
                gate.wait(PATIENCE)
            if asked.limit > script.allowed:
                self._refuse(Reply(400, f"limit must be at most {script.allowed}"))
                return
            files = sorted(script.files, key=lambda file: file["created_at"], reverse=True)
            files = [file for file in files if asked.purpose in (None, file["purpose"])]
            if asked.after and not script.has_more:
                ids = [file["id"] for file in files]
                if asked.after not in ids:
                    self._refuse(Reply(404, f"No such File object: {asked.after}"))
                    return
                files = files[ids.index(asked.after) + 1 :]
            page = files[: asked.limit]
            self._json({"object": "list", "data": page, "has_more": script.has_more or len(page) < len(files)})

        def _retrieve(self, file_id: str) -> None:
            file = next((file for file in script.files if file["id"] == file_id), None)
            if file is None:
                self._refuse(Reply(404, f"No such File object: {file_id}"))
            else:
                self._json(file)

        def _refuse(self, reply: Reply) -> None:
            error = {"error": {"message": reply.message, "type": "x", "code": None, "param": None}}
            self._send(reply.status, json.dumps(error).encode() if reply.body is None else reply.body, reply.headers)

        def _delete(self, path: str) -> None:
            gone = path.removeprefix("/files/")
            with script.changing:
                script.files = [file for file in script.files if file["id"] != gone]
            self._json({"id": gone, "object": "file", "deleted": True})

        def _upload(self, _: str) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if script.held:
                script.wait()
            with script.changing:
                file = remote(len(script.files) + 100)
                script.files.append(file)
            self._json(file)

        def _json(self, document: object) -> None:
            self._send(200, script.encoded(document), {"Content-Type": "application/json"})

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
