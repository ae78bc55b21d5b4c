"""What goes wrong between a client and a Files API, and a server to which it happens as it is told.

A `Fault` is played for one request in place of a plain answer. It is written as a generator of the steps of
`tests.wire`, and is given the request and the server's work: calling `work()` does it and gives the whole answer, so
that what comes before that call happens to a request that has done nothing, and what comes after it to one that has:

    def lost(request: Received, work: Work) -> Iterator[Step]:
        yield Take()        # the request arrives,
        work()              # is done,
        yield RESET         # and its answer never comes back

`Rule(fault, "POST /files", skip=1, times=2)` lets that happen to the second and third upload. Rules, a dialect
(`tests.dialects`) and a store make a server:

    store = Store()
    with serving(Faulty(store, XAI, [Rule(ERROR_500, "GET /files")]), read_body=False) as server: ...
"""

from __future__ import annotations

import gzip
import json
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import cache

from tests.answers import Whole, error
from tests.dialects import OPENAI, Dialect
from tests.store_server import Store, route
from tests.wire import CLOSE, RESET, Received, Step, Take, answer

MIB = 1 << 20
GIB = 1 << 30

Work = Callable[[], Whole]
Play = Callable[[Received, Work], Iterable[Step]]


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with one request."""

    name: str
    play: Play

    def __repr__(self) -> str:
        return self.name


# Ways to make faults


def instead(name: str, status: int, body: object = b"", **headers: str) -> Fault:
    """The server answers so, and does nothing; what is not bytes is sent as JSON."""

    def play(request: Received, work: Work) -> Iterator[Step]:
        yield Take()
        yield Whole(status, _content(body)).with_headers(**headers).sent()

    return Fault(name, play)


def afterwards(name: str, status: int, body: object = b"", **headers: str) -> Fault:
    """The server does what it is asked, and then answers so."""

    def play(request: Received, work: Work) -> Iterator[Step]:
        yield Take()
        work()
        yield Whole(status, _content(body)).with_headers(**headers).sent()

    return Fault(name, play)


def changed(name: str, change: Callable[[Whole], Whole]) -> Fault:
    """The server does what it is asked, and its answer is changed on its way."""

    def play(request: Received, work: Work) -> Iterator[Step]:
        yield Take()
        yield change(work()).sent()

    return Fault(name, play)


def broken(name: str, *steps: Step | Callable[[bytes], Step], after_work: bool = True) -> Fault:
    """The server does what it is asked, and sends these steps, which may be made of the bytes that it meant to send."""

    def play(request: Received, work: Work) -> Iterator[Step]:
        yield Take()
        sent = work().sent() if after_work else b""
        for step in steps:
            yield step(sent) if callable(step) else step

    return Fault(name, play)


def _content(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


# Pieces that faults are made of


def head_of(sent: bytes) -> bytes:
    """The head of an answer, with the empty line."""
    return sent[: sent.index(b"\r\n\r\n") + 4]


def silence(_: bytes) -> Step:
    """A step that lasts for as long as the server runs."""
    return threading.Event()


def half_of(sent: bytes) -> bytes:
    """An answer that stops in the middle of its body, or of its head where it has no body."""
    head = len(head_of(sent))
    return sent[: head + (len(sent) - head) // 2] if len(sent) > head else sent[: head // 2]


def endless(block: bytes, *, start: bytes = b"", pause: float = 0.0) -> Iterator[bytes]:
    """The block again and again, for as long as the client listens, with a pause (seconds) before each."""
    yield start
    clock = threading.Event()
    while True:
        clock.wait(pause)
        yield block


def gigabyte(start: bytes = b"", block: bytes = b" " * MIB) -> Iterator[bytes]:
    """The body of an answer of one GiB, of which only one block is ever held."""
    yield start
    for _ in range(GIB // len(block)):
        yield block


def long_head(status: int = 200) -> bytes:
    """The head of an answer that says it is one GiB long."""
    return answer(status, headers={"content-length": str(GIB), "content-type": "application/json"})


@cache
def bomb(size: int, coding: str = "gzip", block: bytes = b" ") -> bytes:
    """So many bytes of one kind, packed; made piece by piece."""
    wbits = {"gzip": 31, "deflate": 15}[coding]
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    piece = block * (MIB // len(block))
    return b"".join(packer.compress(piece) for _ in range(size // MIB)) + packer.flush()


def dated(offset: float) -> str:
    """A Date header of a clock that is ahead by so many seconds."""
    return formatdate(time.time() + offset, usegmt=True)


def drip(name: str, pause: float) -> Fault:
    """An answer that comes byte by byte, so many seconds apart: every one of them ends a silence."""

    def play(request: Received, work: Work) -> Iterator[Step]:
        yield Take()
        sent, clock = work().sent(), threading.Event()
        yield (head := head_of(sent))
        for place in range(len(head), len(sent)):
            clock.wait(pause)
            yield sent[place : place + 1]

    return Fault(name, play)


def delayed(name: str, seconds: float, *, inside: bool = False) -> Fault:
    """A pause before the answer, or `inside` its body."""

    def play(request: Received, work: Work) -> Iterator[Step]:
        yield Take()
        sent = work().sent()
        begun = half_of(sent) if inside else b""
        yield begun
        threading.Event().wait(seconds)
        yield sent[len(begun) :]

    return Fault(name, play)


def flood(name: str, steps: Callable[[], Iterable[Step]]) -> Fault:
    """The server does what it is asked, and sends far more than an answer."""

    def play(request: Received, work: Work) -> Iterator[Step]:
        yield Take()
        work()
        yield from steps()
        yield CLOSE

    return Fault(name, play)


def packed(name: str, coding: str, pack: Callable[[bytes], bytes] = gzip.compress) -> Fault:
    """The answer as it should be, in a content coding that nobody asked for."""
    return changed(name, lambda whole: replace(whole, body=pack(whole.body)).with_headers(content_encoding=coding))


def elsewhere(name: str, location: str, status: int = 307) -> Fault:
    """A redirect; in the location, `{path}` is what was asked for."""

    def play(request: Received, work: Work) -> Iterator[Step]:
        yield Take()
        yield Whole(status, b"", {"location": location.format(path=request.target)}).sent()

    return Fault(name, play)


def _reset_while_sending(request: Received, work: Work) -> Iterator[Step]:
    yield Take(request.announced // 2)
    yield RESET


def _answer_while_sending(request: Received, work: Work) -> Iterator[Step]:
    yield Take(request.announced // 2)
    yield Whole(413, _content(error("Payload too large"))).sent()
    yield CLOSE


def _close_after(request: Received, work: Work) -> Iterator[Step]:
    yield Take()
    yield work().sent()
    yield CLOSE


RESET_BEFORE = Fault("reset before it is read", lambda request, work: [RESET])
RESET_WHILE_SENDING = Fault("reset in the middle of the request", _reset_while_sending)
ANSWER_WHILE_SENDING = Fault("413 in the middle of the request", _answer_while_sending)
RESET_UNDONE = broken("reset before the work", RESET, after_work=False)
RESET_DONE = broken("reset after the work", RESET)
RESET_IN_BODY = broken("reset in the middle of the answer", half_of, RESET)
CLOSE_DONE = broken("closed after the work", CLOSE)
CLOSE_IN_BODY = broken("closed in the middle of the answer", half_of, CLOSE)
CLOSE_IN_HEAD = broken("closed in the middle of the head", lambda sent: sent[:20], CLOSE)
CLOSE_KEPT = Fault("kept connection closed behind the answer", _close_after)


# The server


@dataclass
class Rule:
    """A fault for requests of a route (see `asked_for`), or of every one: `skip` of them go well first, and it happens
    `times` times, or without a number for ever."""

    fault: Fault
    on: str | None = None
    skip: int = 0
    times: int | None = 1
    met: int = 0

    def strikes(self, asked: str) -> bool:
        """Whether this request is one that it happens to, which is counted."""
        if self.on not in (None, asked, asked.partition("?")[0]):
            return False
        self.met += 1
        return self.met > self.skip and (self.times is None or self.met <= self.skip + self.times)


def asked_for(request: Received) -> str:
    """The route of a request (see `store_server.route`); `GET /files?after` for a page behind another one."""
    return route(request) + ("?after" if "after=" in request.target else "")


class Faulty:
    """A handler for `serving(..., read_body=False)`: a store that speaks a dialect, with faults.

    `hits` counts the faults that struck, by name; `asked` the requests, by route.
    """

    def __init__(self, store: Store, dialect: Dialect = OPENAI, rules: Iterable[Rule] = ()) -> None:
        self.store = store
        self.dialect = dialect
        self.rules: Sequence[Rule] = list(rules)
        self.hits: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, request: Received) -> Iterator[Step]:
        asked = asked_for(request)
        with self._lock:
            self.asked[asked] += 1
            rule = next((rule for rule in self.rules if rule.strikes(asked)), None)
            if rule is not None:
                self.hits[rule.fault.name] += 1

        def work() -> Whole:
            return self.dialect.answer(self.store, request)

        if rule is not None:
            yield from rule.fault.play(request, work)
        else:
            yield Take()
            yield work().sent()
