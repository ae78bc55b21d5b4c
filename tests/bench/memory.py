"""How much memory an answer takes that is as large as a server can make it.

    python -m tests.bench.memory [NAME ...]

Each answer is read by a fresh process, which has had an ordinary answer before. `MiB` is by how much that process grew
at its peak over what it held then, and `sent` how much the server could send before the client went away. One GiB is
sent without being held.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError
from files_tui.settings import Account, Secret
from tests.faults import GIB, MIB, bomb, gigabyte, long_head
from tests.wire import CLOSE, Received, Step, Take, answer, json_answer, serving

LARGEST = 32 * MIB
"""What the client reads of an answer at the most; a little less is read whole."""

Make = Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class Case:
    """An answer, and what is asked for by the one who gets it."""

    name: str
    make: Make
    asks: str = "list"
    quick: bool = True


@dataclass(frozen=True)
class Figures:
    """What it took, in MiB, and how it ended."""

    grown: float
    sent: float
    outcome: str


def _full(piece: bytes, *, start: bytes = b"", end: bytes = b"", size: int = LARGEST - 4096) -> Make:
    """An answer of 200 that is full of one piece."""

    def make() -> Iterator[bytes]:
        count = (size - len(start) - len(end)) // len(piece)
        body = start + piece * count
        body = (body[: -len(b",")] if piece.endswith(b",") else body) + end
        yield answer(200, body, {"content-type": "application/json"})

    return make


def _packed(body: Callable[[], bytes], coding: str, status: int = 200) -> Make:
    return lambda: [answer(status, body(), {"content-encoding": coding, "content-type": "application/json"})]


def _huge(head: bytes, start: bytes = b"", block: bytes = b" " * MIB) -> Make:
    return lambda: chain([head], gigabyte(start, block))


def _file(number: int) -> bytes:
    file = {"id": f"file-{number:024}", "object": "file", "bytes": 1, "filename": f"{number}.jsonl", "purpose": "batch"}
    return json.dumps(file).encode() + b","


DATA, END = b'{"data": [', b"]}"
OPEN = answer(200, headers={"content-length": "", "content-type": "application/json"})
LINE = b"HTTP/1.1 200 OK\r\nx-a: "
REDIRECT = b"HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: %d\r\n\r\n" % GIB

CASES = (
    Case("an ordinary list", lambda: [_ordinary()]),
    Case("10,000 ordinary files", _full(_file(1), size=10_000 * len(_file(1)), start=DATA, end=END), quick=False),
    Case("a list of 1 GiB", _huge(long_head(), b'{"data": [')),
    Case("a list of 1 GiB, no length", _huge(OPEN, b'{"data": ['), quick=False),
    Case("a list of 1 GiB of files", _huge(OPEN, b'{"data": [', _file(1) * (MIB // len(_file(1)))), quick=False),
    Case("a file of 1 GiB", _huge(OPEN, b'{"id": "'), "retrieve", quick=False),
    Case("a delete of 1 GiB", _huge(OPEN, b'{"deleted": '), "delete", quick=False),
    Case("an upload of 1 GiB", _huge(OPEN, b'{"id": "'), "upload", quick=False),
    Case("an error of 1 GiB", _huge(long_head(500), b'{"error": ')),
    Case("an error of 1 GiB of tags", _huge(long_head(403), b"<html>", b"<" * MIB), quick=False),
    Case("a redirect of 1 GiB", _huge(REDIRECT), quick=False),
    Case("content of 1 GiB", _huge(long_head()), "content", quick=False),
    Case("content that is a bomb of 1 GiB", _packed(lambda: bomb(GIB), "gzip"), "content", quick=False),
    Case("a gzip bomb of 1 GiB", _packed(lambda: bomb(GIB), "gzip")),
    Case("a deflate bomb of 1 GiB", _packed(lambda: bomb(GIB, "deflate"), "deflate"), quick=False),
    Case("gzip twice, a bomb of 1 GiB", _packed(lambda: gzip.compress(bomb(GIB)), "gzip, gzip"), quick=False),
    Case("an error, a gzip bomb of 1 GiB", _packed(lambda: bomb(GIB), "gzip", 500)),
    Case("a header of 1 GiB", _huge(LINE, block=b"a" * MIB)),
    Case("headers of 1 GiB", _huge(LINE, b"b\r\n", b"x-a: b\r\n" * (MIB // 8)), quick=False),
    Case("100 Continue of 16 MiB", lambda: [b"HTTP/1.1 100 Continue\r\n\r\n" * (16 * MIB // 25)], quick=False),
    Case("a chunk size of 1 GiB", _huge(OPEN[:-2] + b"transfer-encoding: chunked\r\n\r\n", b"5;", b"a" * MIB)),
    Case("32 MiB of [1,1,1,", _full(b"1,", start=b"[", end=b"]"), quick=False),
    Case("32 MiB of data: [1,1,1,", _full(b"1,", start=DATA, end=END)),
    Case("32 MiB of data: [[],[],", _full(b"[],", start=DATA, end=END), quick=False),
    Case("32 MiB of data: [{},{},", _full(b"{},", start=DATA, end=END)),
    Case("32 MiB of the shortest files", _full(b'{"id":"a"},', start=DATA, end=END)),
    Case("32 MiB of files with ids alone", _full(b'{"id":"a","x":{}},', start=DATA, end=END), quick=False),
    Case("500,000 of the shortest files", _full(b'{"id":"a"},', size=5_499_000, start=DATA, end=END)),
    Case("250,000 files with a name", _full(b'{"id":"a","name":"b"},', size=7_300_000, start=DATA, end=END)),
    Case("200,000 broken files", _full(b'{"id":"\xff"},', size=2_400_000, start=DATA, end=END)),
    Case("390,000 empty objects", _full(b"{},", size=585_000, start=b"[", end=b"]"), quick=False),
    Case("32 MiB in one file", _full(b'"x":[],', start=DATA + b'{"id": "a", "y": {', end=b'"x":[]}}' + END)),
    Case("32 MiB of keys", _full(b'"x":1,', start=b"{", end=b'"y": 1}')),
    Case("a name of 32 MiB", _full(b"a", start=b'{"data": [{"id": "a", "filename": "', end=b'"}]}')),
    Case("a name of 32 MiB, escaped", _full(b"\\u00e9", start=b'{"data": [{"id": "a", "filename": "', end=b'"}]}')),
    Case(
        "a name of 32 MiB, broken",
        _full(b"\xff", start=b'{"data": [{"id": "a", "filename": "', end=b'"}]}'),
        quick=False,
    ),
    Case("broken files of 32 MiB", _full(b'{"id":"\xff"},', start=DATA, end=END), quick=False),
    Case("a number of 32 MiB", _full(b"1", start=DATA, end=END), quick=False),
    Case("32 MiB of [", _full(b"[")),
    Case('32 MiB of {"a":', _full(b'{"a":')),
    Case("a retrieved object of 32 MiB", _full(b"[],", start=b'{"id": "a", "x": [', end=b"]}"), "retrieve"),
    Case("32 MiB of text", _full(b"OK ")),
    Case("32 MiB of nothing", _full(b" ")),
    Case("an error of 64 KiB of [", lambda: [answer(500, b"[" * 65_000)], quick=False),
)


def _ordinary() -> bytes:
    files = [{"id": f"file-{n}", "object": "file", "filename": "a", "bytes": 1, "purpose": "batch"} for n in range(9)]
    return json_answer({"object": "list", "data": files, "has_more": False})


def measured(case: Case) -> Figures:
    """What the answer of a case takes."""
    sent = 0

    def reply(request: Received) -> Iterator[Step]:
        nonlocal sent
        yield Take()
        if len(server.requests) == 1:
            yield _ordinary()
            return
        if len(server.requests) > 2:  # what the client asks after it could not read an answer
            yield answer(404)
            return
        for piece in case.make():
            for place in range(0, len(piece), MIB):
                yield piece[place : place + MIB]
                sent += min(MIB, len(piece) - place)
        yield CLOSE

    with serving(reply, read_body=False) as server:
        arguments = [sys.executable, "-m", "tests.bench.memory", "--ask", case.asks, "--url", server.base_url]
        output = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
    if output.returncode:
        return Figures(math.inf, sent / MIB, f"crashed: {output.stderr[-300:]}")
    grown, outcome = output.stdout.split(" ", 1)
    return Figures(float(grown), sent / MIB, outcome.strip())


def _status(name: str) -> float:
    """A line of this process's memory in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _ask(what: str, url: str) -> None:
    """Ask once, and print by how much the peak grew and how it ended."""
    from files_tui.api import lost, retry

    retry.RETRIES = 0
    vars(lost)["PAUSES"] = (0.0,)
    client = FilesClient(Account(base_url=url, key=Secret("x")))
    client.list_page(limit=9)
    held = _status("VmRSS")
    try:
        outcome = _answered(client, what)
    except ApiError as error:
        outcome = f"{type(error).__name__}: {error}"
    print(_status("VmHWM") - held, outcome[:120])


def _answered(client: FilesClient, what: str) -> str:
    if what == "list":
        return f"{len(client.list_page(limit=10_000).value.files)} files"
    if what == "retrieve":
        return f"a file: {len(client.retrieve('a').value.id.true)} characters"
    if what == "delete":
        return f"deleted: {client.delete('a').value}"
    if what == "upload":
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
            file.flush()
            return f"a file: {client.upload(Path(file.name), name='a', purpose='b').value.file.id}"
    with client.content("a", abort=Abort()) as content:
        return f"{sum(map(len, content.chunks)) / MIB:.0f} MiB"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        _ask(options.ask, options.url)
        return
    print(f"{'answer':34} {'MiB':>6} {'sent':>6}  outcome")
    for case in CASES:
        if not options.names or any(name in case.name for name in options.names):
            figures = measured(case)
            print(f"{case.name:34} {figures.grown:6.0f} {figures.sent:6.0f}  {figures.outcome}", flush=True)


if __name__ == "__main__":
    main()
