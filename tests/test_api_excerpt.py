"""A file's beginning, fetched as far as somebody looks: with ranges, without them, and where either goes wrong."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Iterator

import pytest

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError, ConnectionFailed, Refused, Unreadable
from files_tui.api.excerpt import KEPT, STEP, Excerpt
from files_tui.settings import Account, Secret
from tests.bench.preview import CASES, FIRST_BAR, Case
from tests.bench.preview import Server as LargeServer
from tests.waiting import until
from tests.wire import CLOSE, KEY, Received, Reply, Server, Step, answer, client_to, error_answer, serving

DATA = random.Random(7).randbytes(3 * STEP + 1000)
HEAD = f"HTTP/1.1 200 OK\r\nContent-Length: {len(DATA)}\r\n\r\n".encode()
NO_LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"


def asked(request: Received) -> tuple[int, int] | None:
    """The range that a request asks for."""
    found = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
    return (int(found[1]), int(found[2]) + 1) if found else None


def part(start: int, end: int, *, of: str = str(len(DATA)), data: bytes = DATA) -> bytes:
    end = min(end, len(data))
    return answer(206, data[start:end], {"content-range": f"bytes {start}-{end - 1}/{of}"})


def ranged(request: Received) -> Reply:
    wanted = asked(request)
    return part(*wanted) if wanted else answer(200, DATA)


def unranged(request: Received) -> Reply:
    return answer(200, DATA)


def look(server: Server, client: FilesClient, listed: int | None = len(DATA)) -> Excerpt:
    excerpt = Excerpt(client, "file-1", listed)
    excerpt.fetch(excerpt.next_end, Abort())
    return excerpt


def test_only_what_is_looked_at_is_asked_for() -> None:
    with serving(ranged) as server, client_to(server) as client:
        excerpt = look(server, client)
        assert excerpt.data == DATA[:STEP]
        assert (excerpt.length, excerpt.is_whole) == (len(DATA), False)
        excerpt.fetch(STEP - 1, Abort())
        while excerpt.can_grow:
            excerpt.fetch(excerpt.next_end, Abort())
    assert excerpt.data == DATA
    assert excerpt.received == len(DATA)
    ends = [STEP, 2 * STEP, 3 * STEP, 4 * STEP]
    assert [asked(request) for request in server.requests] == [(end - STEP, end) for end in ends]


@pytest.mark.parametrize("head", [HEAD, NO_LENGTH, b"chunked"])
def test_a_server_that_sends_all_of_it_is_stopped_and_each_further_look_goes_twice_as_far(head: bytes) -> None:
    def reply(request: Received) -> Iterator[Step]:
        yield (
            answer(200, headers={"content-length": "", "transfer-encoding": "chunked"}) if head == b"chunked" else head
        )
        for at in range(0, len(DATA), 4096):
            piece = DATA[at : at + 4096]
            yield b"%x\r\n%s\r\n" % (len(piece), piece) if head == b"chunked" else piece
        if head == b"chunked":
            yield b"0\r\n\r\n"
        yield CLOSE

    with serving(reply) as server, client_to(server) as client:
        excerpt = look(server, client)
        assert STEP <= len(excerpt.data) <= 2 * STEP
        assert not excerpt.is_whole
        server.closed()
        excerpt.fetch(excerpt.next_end, Abort())
        assert DATA.startswith(excerpt.data)
        assert len(excerpt.data) >= 2 * STEP
        excerpt.fetch(excerpt.next_end, Abort())
        assert excerpt.data == DATA
        assert excerpt.is_whole
        server.closed(3)
    assert excerpt.received > len(DATA)
    assert [asked(request) for request in server.requests] == [(0, STEP), None, None]


ODD: dict[str, tuple[Callable[[Received], Reply], bytes, int]] = {
    "no ranges of this file": (lambda r: error_answer(416) if asked(r) else answer(200, DATA), DATA, 2),
    "no talk of ranges": (
        lambda r: error_answer(501, "not implemented") if asked(r) else answer(200, DATA),
        DATA,
        2,
    ),
    "ranges refused": (
        lambda r: error_answer(400, "Range header is not allowed") if asked(r) else answer(200, DATA),
        DATA,
        2,
    ),
    "all of it, called a part": (
        lambda r: (
            answer(206, DATA, {"content-range": f"bytes 0-{STEP - 1}/{len(DATA)}"}) if asked(r) else answer(200, DATA)
        ),
        DATA,
        2,
    ),
    "an empty file": (lambda r: error_answer(416) if asked(r) else answer(200), b"", 2),
    "another part": (lambda r: part(5, 100) if asked(r) else answer(200, DATA), DATA, 2),
    "a part of nothing": (lambda r: answer(206, DATA) if asked(r) else answer(200, DATA), DATA, 2),
    "a packed part": (
        lambda r: (
            answer(206, gzip.compress(DATA), {"content-encoding": "gzip", "content-range": f"bytes 0-9/{len(DATA)}"})
            if asked(r)
            else answer(200, DATA)
        ),
        DATA,
        2,
    ),
    "packed": (lambda r: answer(200, gzip.compress(DATA), {"content-encoding": "gzip"}), DATA, 1),
    "all of it as a part": (lambda r: part(0, len(DATA)), DATA, 1),
    "less than was asked for": (lambda r: part(s := (asked(r) or (0, 0))[0], s + STEP // 2), DATA, 1),
    "no length": (lambda r: part(*(asked(r) or (0, 0)), of="*"), DATA, 1),
    "short": (lambda r: part(0, 9, of="9", data=DATA[:9]), DATA[:9], 1),
    "short, no length": (lambda r: part(0, 9, of="*", data=DATA[:9]), DATA[:9], 1),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_answers_of_which_something_can_be_made(name: str) -> None:
    reply, data, requests = ODD[name]
    with serving(reply) as server, client_to(server) as client:
        excerpt = look(server, client)
        assert len(server.requests) == requests
        assert len(excerpt.data) <= len(DATA)
        while excerpt.can_grow:
            excerpt.fetch(excerpt.next_end, Abort())
        assert excerpt.data == data
        assert excerpt.is_whole


WRONG: dict[str, tuple[Callable[[Received], Reply], type[ApiError], str]] = {
    "another length": (
        lambda r: part(*(asked(r) or (0, 0)), of=str(len(DATA) + (asked(r) != (0, STEP)))),
        Unreadable,
        "another length than before",
    ),
    "other bytes": (lambda r: part(*(asked(r) or (0, 0))) if asked(r) == (0, STEP) else answer(200, bytes(len(DATA))),
                    Unreadable, "other bytes than before"),
    "nothing": (lambda r: part(0, STEP), Unreadable, "nothing of the part"),
    "refused": (lambda r: ranged(r) if asked(r) == (0, STEP) else error_answer(400, "Not allowed to download"), Refused,
                "Not allowed"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_go_on_says_why_and_keeps_what_has_come(name: str) -> None:
    reply, kind, words = WRONG[name]
    with serving(reply) as server, client_to(server) as client:
        excerpt = look(server, client)
        with pytest.raises(kind, match=words):
            excerpt.fetch(excerpt.next_end, Abort())
        assert excerpt.data == DATA[:STEP]
        assert not excerpt.is_whole


def test_a_look_goes_on_where_the_connection_broke() -> None:
    def reply(request: Received) -> Iterator[Step]:
        whole = part(*(asked(request) or (0, 0)))
        if len(server.requests) == 1:
            yield whole[: STEP // 2]
            yield CLOSE
        yield whole

    with serving(reply) as server, client_to(server) as client:
        excerpt = Excerpt(client, "file-1")
        with pytest.raises(ConnectionFailed, match="the connection broke"):
            excerpt.fetch(STEP, Abort())
        there = len(excerpt.data)
        assert 0 < there < STEP
        excerpt.fetch(STEP, Abort())
        assert excerpt.data == DATA[:STEP]
        assert asked(server.requests[1]) == (there, STEP)


def test_a_body_whose_end_is_not_marked_is_whole_only_with_its_listed_length() -> None:
    with serving([[NO_LENGTH, DATA[:9], CLOSE]] * 2) as server, client_to(server) as client:
        assert look(server, client, listed=None).is_whole
        with pytest.raises(ConnectionFailed, match="ends before its listed length"):
            look(server, client)


@pytest.mark.parametrize("case", CASES[:2], ids=lambda case: case.name)
def test_little_more_leaves_the_server_than_is_looked_at(case: Case) -> None:
    server = LargeServer(case)
    client = FilesClient(Account(base_url=server.base_url, key=Secret(KEY)))
    look = Excerpt(client, "file-1")
    look.fetch(STEP, Abort())
    client.close()
    until(lambda: server.sent >= STEP)  # which is counted a moment after it was sent
    assert server.sent <= FIRST_BAR
    assert look.data[:STEP] == case.part(0, STEP)


def test_no_more_is_kept_than_there_is_room_for() -> None:
    def endless(request: Received) -> Iterator[Step]:
        yield answer(200, headers={"content-length": str(1 << 40)})
        while True:
            yield bytes(1 << 20)

    with serving(endless) as server, client_to(server) as client:
        excerpt = look(server, client)
        excerpt.fetch(1 << 40, Abort())
        assert KEPT <= len(excerpt.data) <= KEPT + (1 << 20)
        assert not excerpt.can_grow
        server.closed(2)


def test_another_host_gets_the_range_and_no_key() -> None:
    with serving(ranged) as other:
        away = answer(307, headers={"location": f"http://localhost:{other.port}/x"})
        with serving([away]) as server, client_to(server) as client:
            assert look(server, client).data == DATA[:STEP]
    assert asked(other.requests[0]) == (0, STEP)
    assert "authorization" not in other.requests[0].headers
