"""A Files API that is no bottleneck: raw sockets, a thread a connection, and bytes that nobody keeps.

    python -m tests.bench.raw_server [--port 0] [--tls CERTIFICATE KEY] [--latency MS] [--files N [--file-mib N]]

It prints its base URL. Uploads are counted and thrown away; a file's id may say how long its content is, as in
`file-512m` (also `k`, or plain bytes, and a number of its own as in `file-512m-7`), and any such file can be fetched.
`--files` are listed, newest first, until they are deleted, which takes `--latency` each.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import re
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

BUFFER = 1 << 20
BLOCK = 32 << 20
EDGE = 16 << 10  # the first and last bytes of an upload, which hold all of its form but the file
STARTED = 1_700_000_000
_SIZED = re.compile(r"file-(\d+)([km]?)(?:-\d+)?")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}


class Gone(Exception):
    """The client has closed the connection."""


class Files:
    """The listing: generated files, newest first, but for those that were deleted."""

    def __init__(self, count: int, size: str, latency: float) -> None:
        self.latency = latency
        self._ids = [f"file-{size}-{number:07}" for number in range(count, 0, -1)]
        self._places = {file_id: place for place, file_id in enumerate(self._ids)}
        self._left = set(self._ids)
        self._lock = threading.Lock()

    def page(self, query: dict[str, str]) -> dict[str, Any] | None:
        """A list answer; None where `after` names no file of the listing, deleted or not."""
        limit = int(query.get("limit", "10000"))
        start = 0
        if after := query.get("after"):
            if after not in self._places:
                return None
            start = self._places[after] + 1
        with self._lock:
            rest = (self._ids[place] for place in range(start, len(self._ids)) if self._ids[place] in self._left)
            found = list(itertools.islice(rest, limit + 1))
        return {
            "object": "list",
            "data": [self.described(file_id, coded(file_id) or 0) for file_id in found[:limit]],
            "has_more": len(found) > limit,
        }

    def find(self, file_id: str) -> dict[str, Any] | None:
        """A file of the listing or of a coded size."""
        if file_id in self._places and file_id not in self._left:
            return None
        length = coded(file_id)
        return None if length is None else self.described(file_id, length)

    def delete(self, file_id: str) -> bool:
        """Whether the file was there until now."""
        time.sleep(self.latency)
        with self._lock:
            there = file_id in self._left
            self._left.discard(file_id)
        return there

    def described(self, file_id: str, size: int, name: str = "") -> dict[str, Any]:
        """A File object."""
        return {
            "id": file_id,
            "object": "file",
            "bytes": size,
            "created_at": STARTED + len(self._ids) - self._places.get(file_id, 0),
            "filename": name or f"{file_id}.bin",
            "purpose": "user_data",
            "status": "processed",
        }


class Connection:
    """One client and its requests, one after the other."""

    def __init__(self, connection: socket.socket, files: Files, block: int, numbers: Iterator[int]) -> None:
        self._socket = connection
        self._files = files
        self._block = block
        self._numbers = numbers
        self._buffer = memoryview(bytearray(BUFFER))
        self._rest = b""

    def serve(self) -> None:
        """Answer requests until the client has no more."""
        with contextlib.suppress(Gone, OSError):
            while True:
                self._answer_one()

    def _answer_one(self) -> None:
        method, target, headers = self._head()
        path = urlsplit(target)
        match method, [unquote(part) for part in path.path.removeprefix("/v1/").split("/")]:
            case "POST", ["files"]:
                self._upload(headers)
            case "GET", ["files"]:
                page = self._files.page(dict(parse_qsl(path.query)))
                self._json(page, HTTPStatus.OK if page else HTTPStatus.BAD_REQUEST)
            case "GET", ["files", file_id]:
                file = self._files.find(file_id)
                self._json(file, HTTPStatus.OK if file else HTTPStatus.NOT_FOUND)
            case "GET", ["files", file_id, "content"] if (length := coded(file_id)) is not None:
                self._content(length)
            case "DELETE", ["files", file_id] if self._files.delete(file_id):
                self._json({"id": file_id, "object": "file", "deleted": True})
            case _:
                self._json(None, HTTPStatus.NOT_FOUND)

    def _head(self) -> tuple[str, str, dict[str, str]]:
        received = bytearray(self._rest)
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._buffer[: self._receive(BUFFER)]
        self._rest = bytes(received[end + 4 :])
        first, *lines = received[:end].decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = (line.split(":", 1) for line in lines)
        return method, target, {name.lower(): value.strip() for name, value in pairs}

    def _receive(self, most: int) -> int:
        count = self._socket.recv_into(self._buffer[:most])
        if not count:
            raise Gone
        return count

    def _exactly(self, count: int) -> bytes:
        taken = bytearray(self._rest[:count])
        self._rest = self._rest[count:]
        while len(taken) < count:
            taken += self._buffer[: self._receive(min(BUFFER, count - len(taken)))]
        return bytes(taken)

    def _skip(self, count: int) -> None:
        kept = min(len(self._rest), count)
        self._rest = self._rest[kept:]
        count -= kept
        while count:
            count -= self._receive(min(BUFFER, count))

    def _upload(self, headers: dict[str, str]) -> None:
        if "100-continue" in headers.get("expect", "").lower():
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(headers["content-length"])
        if length > 2 * EDGE:
            head = self._exactly(EDGE)
            self._skip(length - 2 * EDGE)
            tail = self._exactly(EDGE)
        else:
            head = tail = self._exactly(length)
        boundary = headers["content-type"].split("boundary=", 1)[1].strip('"').encode()
        named = re.search(rb'name="file"; filename="([^"]*)".*?\r\n\r\n', head, re.DOTALL)
        # The file may hold anything, so its end is looked for where only the rest of the form can follow.
        end = tail.find(b"\r\n--" + boundary, named.end() if named and head is tail else 0)
        if named is None or end < 0:
            self._json(None, HTTPStatus.BAD_REQUEST)
            return
        size = length - (len(tail) - end) - named.end()
        file_id = f"file-up{next(self._numbers):06}"
        self._json(self._files.described(file_id, size, named[1].decode("utf-8", "replace")))

    def _content(self, length: int) -> None:
        self._socket.sendall(
            f"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n".encode()
        )
        encrypted = isinstance(self._socket, ssl.SSLSocket)
        done = 0
        while done < length:
            offset = done % BLOCK
            count = min(BLOCK - offset, length - done)
            if encrypted:
                count = os.preadv(self._block, [self._buffer[: min(count, BUFFER)]], offset)
                self._socket.sendall(self._buffer[:count])
            else:
                count = os.sendfile(self._socket.fileno(), self._block, offset, count)
            done += count

    def _json(self, value: dict[str, Any] | None, status: HTTPStatus = HTTPStatus.OK) -> None:
        body = json.dumps({"error": {"message": status.phrase}} if value is None else value).encode()
        self._socket.sendall(
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )


def coded(file_id: str) -> int | None:
    """The length that an id such as `file-512m` stands for."""
    found = _SIZED.fullmatch(file_id)
    return int(found[1]) * _UNITS[found[2]] if found else None


def in_memory() -> str | None:
    """A folder for files that never reach a disk, None where there is none."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    made, key = folder / "certificate.pem", folder / "key.pem"
    options = "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2 -subj /CN=127.0.0.1"
    subprocess.run(
        ["openssl", *options.split(), "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", made],
        check=True,
        capture_output=True,
    )
    return made, key


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[str]:
    """The base URL of such a server in a process of its own, which lives as long as the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.raw_server", "--watch-stdin", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def main() -> None:
    """Listen and serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS")
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--file-mib", type=int, default=0, help="of each listed file; 100 bytes without")
    parser.add_argument("--watch-stdin", action="store_true", help="end when stdin does")
    options = parser.parse_args()
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
    size = f"{options.file_mib}m" if options.file_mib else "100"
    files = Files(options.files, size, options.latency / 1000)
    numbers = itertools.count(1)
    listener = socket.create_server(("127.0.0.1", options.port), backlog=128)
    with tempfile.TemporaryFile(dir=in_memory()) as block:
        block.write(os.urandom(BLOCK))
        block.flush()

        def serve(accepted: socket.socket) -> None:
            with contextlib.suppress(OSError), accepted:
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if context is None:
                    Connection(accepted, files, block.fileno(), numbers).serve()
                    return
                with context.wrap_socket(accepted, server_side=True) as encrypted:
                    Connection(encrypted, files, block.fileno(), numbers).serve()

        scheme = "https" if context else "http"
        print(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/v1", flush=True)
        watched = [listener, sys.stdin] if options.watch_stdin else [listener]
        while sys.stdin not in select.select(watched, [], [])[0]:
            accepted, _ = listener.accept()
            threading.Thread(target=serve, args=(accepted,), daemon=True).start()


if __name__ == "__main__":
    main()
