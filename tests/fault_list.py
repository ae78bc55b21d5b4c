"""The faults of the matrix, and which operations each of them can happen to."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from tests.answers import Whole, error
from tests.faults import (
    ANSWER_WHILE_SENDING,
    CLOSE_DONE,
    CLOSE_IN_BODY,
    CLOSE_IN_HEAD,
    CLOSE_KEPT,
    GIB,
    MIB,
    RESET_BEFORE,
    RESET_DONE,
    RESET_IN_BODY,
    RESET_UNDONE,
    RESET_WHILE_SENDING,
    Fault,
    afterwards,
    bomb,
    broken,
    changed,
    dated,
    delayed,
    drip,
    elsewhere,
    endless,
    flood,
    gigabyte,
    half_of,
    head_of,
    instead,
    long_head,
    packed,
    silence,
)
from tests.wire import CLOSE, RESET, Step, answer, chunked

LIST, PAGE, RETRIEVE, UPLOAD, DOWNLOAD, UNSIZED, DELETE, MOVE = OPERATIONS = (
    "list",
    "page 2",
    "retrieve",
    "upload",
    "download",
    "download, size unknown",
    "delete",
    "save and delete, size unknown",
)
READS = (LIST, PAGE, RETRIEVE)
WRITES = (UPLOAD, DELETE)
CALLS = (*READS, *WRITES)
SIZED = (*CALLS, DOWNLOAD)
SINGLE = (UPLOAD, DOWNLOAD, UNSIZED, MOVE)
"""What has a connection of its own."""

DRIP = 0.1
"""Seconds between two bytes of a slow answer, so that none of the silences is long and the whole takes too long."""


@dataclass(frozen=True)
class Row:
    """A fault that happens to these operations, and what happens `beside` it to all other requests.

    In a `race`, an upload may have left before it happens, or not: it is unknown then whether it arrived, or certain
    that it did not. It `waits` where nothing but the patience of the client ends it.
    """

    fault: Fault
    to: tuple[str, ...] = OPERATIONS
    beside: Fault | None = None
    race: bool = False
    waits: bool = False


def rows(elsewhere_url: str) -> list[Row]:
    """All of them; the URL is that of another server."""
    return [*CONNECTIONS, *TIMES, *REFUSALS, *redirects(elsewhere_url), *BODIES, *LENGTHS, *CODINGS, *HEADS, *CLOCKS]


HTML = b"<!DOCTYPE html><html><title>Sign in</title><body>Sign in to the network</body></html>"
OVERLOADED = error("overloaded")
CLOSING_500 = answer(500, headers={"connection": "close"})

CONNECTIONS = (
    Row(RESET_BEFORE, race=True),
    Row(RESET_WHILE_SENDING, (UPLOAD,), race=True),
    Row(ANSWER_WHILE_SENDING, (UPLOAD,), race=True),
    Row(RESET_UNDONE),
    Row(RESET_DONE),
    Row(RESET_IN_BODY),
    Row(CLOSE_DONE),
    Row(CLOSE_IN_BODY),
    Row(CLOSE_IN_HEAD),
    Row(CLOSE_KEPT),
    Row(broken("reset behind the answer", lambda sent: sent, RESET)),
    Row(broken("another answer behind the answer", lambda sent: sent + answer(200, b'{"data": []}')), SINGLE),
    # Without the header the client may send its next try into the connection that is being closed: one fault the less.
    Row(Fault("500 before the request is read", lambda request, work: [CLOSING_500, CLOSE]), CALLS, race=True),
)

TIMES = (
    Row(broken("silence before the work", silence, after_work=False), CALLS, waits=True),
    Row(broken("silence after the work", silence), waits=True),
    Row(broken("silence in the middle of the answer", half_of, silence), waits=True),
    Row(delayed("a pause before the answer", 0.05)),
    Row(delayed("a pause in the middle of the answer", 0.05, inside=True)),
    Row(drip("byte by byte, quickly", 0.0), CALLS),
    Row(drip("byte by byte, slowly", DRIP), CALLS, waits=True),
    Row(flood("100 Continue for ever", lambda: endless(b"HTTP/1.1 100 Continue\r\n\r\n", pause=DRIP)), waits=True),
    Row(flood("a head for ever", lambda: endless(b"x-a: b\r\n", start=b"HTTP/1.1 200 OK\r\n", pause=DRIP)), waits=True),
    Row(
        flood("a body for ever", lambda: endless(b" ", start=answer(200, b"{", {"content-length": ""}), pause=DRIP)),
        CALLS,
        waits=True,
    ),
)

REFUSALS = (
    Row(instead("400", 400, error("Additional properties are not allowed"))),
    Row(instead("401, bad key", 401, error("Incorrect API key provided: sk-…", code="invalid_api_key"))),
    Row(
        instead("401, missing scope", 401, error("You have insufficient permissions. Missing scopes: api.files.write."))
    ),
    Row(instead("403", 403, error("Country, region, or territory not supported"))),
    Row(instead("404", 404, error("No such File object: x")), (*READS, UPLOAD, DOWNLOAD, DELETE)),
    Row(instead("405", 405, {"detail": "Method Not Allowed"})),
    Row(instead("408", 408)),
    Row(instead("409", 409, error("try again"))),
    Row(instead("410", 410)),
    Row(instead("413", 413, error("File is too large."))),
    Row(instead("422, list of details", 422, {"detail": [{"loc": ["body"], "msg": "field required"}]})),
    Row(instead("425", 425)),
    Row(instead("429", 429, error("Rate limit reached", code="rate_limit_exceeded"))),
    Row(instead("429, wait a moment", 429, OVERLOADED, retry_after="0.01")),
    Row(instead("429, wait 10 ms", 429, OVERLOADED, retry_after_ms="10")),
    Row(instead("429, wait a day", 429, OVERLOADED, retry_after="86400")),
    Row(instead("429, wait for what is no time", 429, OVERLOADED, retry_after="soon")),
    Row(instead("429, no money", 429, error("You exceeded your current quota", code="insufficient_quota"))),
    Row(instead("451, plain text", 451, b"Unavailable for legal reasons")),
    Row(instead("500", 500, error("The server had an error"))),
    Row(afterwards("500, after the work", 500, error("The server had an error")), WRITES),
    Row(instead("500, do not try again", 500, OVERLOADED, x_should_retry="false")),
    Row(instead("400, try again", 400, error("not yet"), x_should_retry="true")),
    Row(instead("501", 501, b"Unsupported method ('DELETE')")),
    Row(instead("502, HTML", 502, HTML, content_type="text/html")),
    Row(afterwards("502, HTML, after the work", 502, HTML, content_type="text/html"), WRITES),
    Row(instead("503, empty", 503)),
    Row(instead("503, wait until 1999", 503, OVERLOADED, retry_after="Fri, 31 Dec 1999 23:59:59 GMT")),
    Row(instead("504, error is text", 504, {"error": "upstream timed out"})),
    Row(instead("529, message alone", 529, {"message": "overloaded"})),
    Row(instead("status 799", 799, b"?")),
    Row(broken("503, cut", lambda _: half_of(Whole.of(503, error("cut")).sent()), CLOSE, after_work=False)),
    Row(flood("500 with 1 GiB of text", lambda: chain([long_head(500)], gigabyte(block=b"<" * MIB))), CALLS),
    Row(instead("500, gzip bomb", 500, bomb(8 * MIB), content_encoding="gzip")),
)


def redirects(url: str) -> tuple[Row, ...]:
    """Redirects, some of them to another server."""
    there = f"{url}{{path}}"
    return (
        Row(elsewhere("302 to another host", there, 302)),
        Row(elsewhere("307 to another host", there, 307)),
        Row(elsewhere("308 to itself", "{path}", 308)),
        Row(elsewhere("302 to nowhere", "http://a..b/", 302)),
        Row(elsewhere("302 to a file", "file:///etc/passwd", 302)),
        Row(elsewhere("302 to a closed port", "http://127.0.0.1:1/v1/files", 302)),
        Row(instead("302 without a location", 302)),
        Row(instead("300", 300, {"choices": []})),
        Row(instead("304", 304)),
    )


def _twice(name: str, body: object, to: tuple[str, ...] = CALLS, status: int = 200) -> Iterator[Row]:
    """An answer that looks like success: in place of the work, and to what changes something also after it."""
    yield Row(instead(f"{status}, {name}", status, body), to)
    yield Row(
        afterwards(f"{status}, {name}, after the work", status, body), tuple(each for each in to if each in WRITES)
    )


BODIES = (
    *_twice("empty", b""),
    *_twice("nothing", b"", SIZED, 204),
    *_twice("null", b"null"),
    *_twice("HTML", HTML, SIZED),
    *_twice("text", b"OK"),
    *_twice("text as JSON", b'"OK"'),
    *_twice("a number", b"1"),
    *_twice("a list", [], (RETRIEVE, *WRITES)),
    *_twice("an object", {}),
    *_twice("an error", error("not today"), SIZED),
    *_twice("JSON cut", b'{"object": "list", "data": [{"id": "fi'),
    *_twice("100,000 brackets", b"[" * 100_000),
    *_twice("data is a number", {"data": 7}),
    *_twice("data is an object", {"data": {"a": 1}}),
    *_twice(
        "ids are numbers", {"id": 7, "data": [{"id": 7}] * 3, "object": "list", "has_more": False}, (RETRIEVE, UPLOAD)
    ),
    *_twice("pending", {"status": "accepted"}, status=202),
    Row(changed("a byte order mark", lambda whole: replace(whole, body=b"\xef\xbb\xbf" + whole.body)), CALLS),
    Row(
        changed("broken characters", lambda whole: replace(whole, body=whole.body.replace(b"processed", b"\xff\xfe"))),
        CALLS,
    ),
    Row(changed("endless numbers", lambda whole: replace(whole, body=whole.body[:-1] + b', "x": 1e999}')), CALLS),
    Row(changed("words behind the JSON", lambda whole: replace(whole, body=whole.body + b" OK")), CALLS),
    Row(flood("200 with 1 GiB of JSON", lambda: chain([long_head()], gigabyte(b"["))), CALLS),
)

LENGTHS = (
    Row(broken("length too long, then closed", lambda sent: _length(sent, 9), CLOSE)),
    Row(broken("length too long, then silence", lambda sent: _length(sent, 9), silence), CALLS, waits=True),
    Row(broken("length too short", lambda sent: _length(sent, -9), CLOSE), SIZED),
    Row(broken("length of 1 GiB", lambda sent: _length(sent, GIB), CLOSE)),
    Row(broken("no length, then closed", lambda sent: _head(sent, b""), CLOSE)),
    Row(broken("no length, cut", lambda sent: half_of(_head(sent, b"")), CLOSE)),
    Row(broken("no length, reset", lambda sent: half_of(_head(sent, b"")), RESET)),
    Row(broken("length is no number", lambda sent: _head(sent, b"content-length: ten\r\n"), CLOSE)),
    Row(broken("length is negative", lambda sent: _head(sent, b"content-length: -1\r\n"), CLOSE)),
    Row(broken("two lengths", lambda sent: _head(sent, b"content-length: 1\r\ncontent-length: 2\r\n"), CLOSE)),
    Row(broken("chunked", lambda sent: _chunked(sent))),
    Row(broken("chunked, and a length", lambda sent: _chunked(sent, b"content-length: 3\r\n"))),
    Row(broken("chunked, cut", lambda sent: _chunked(sent)[:-9], CLOSE)),
    Row(broken("chunked, without its end", lambda sent: _chunked(sent)[:-5], CLOSE)),
    Row(broken("chunks of no number", lambda sent: _head(sent, b"transfer-encoding: chunked\r\n"), CLOSE)),
    Row(broken("an unknown transfer coding", lambda sent: _head(sent, b"transfer-encoding: rot13\r\n"), CLOSE)),
)


def _head(sent: bytes, lines: bytes) -> bytes:
    """The answer with these header lines instead of its length."""
    head = b"".join(line for line in head_of(sent).splitlines(keepends=True) if not line.startswith(b"content-length"))
    return head[:-2] + lines + b"\r\n" + sent[len(head_of(sent)) :]


def _length(sent: bytes, more: int) -> bytes:
    length = len(sent) - len(head_of(sent)) + more
    return _head(sent, b"content-length: %d\r\n" % max(0, length))


def _chunked(sent: bytes, lines: bytes = b"") -> bytes:
    body = sent[len(head_of(sent)) :]
    head = head_of(_head(sent, lines + b"transfer-encoding: chunked\r\n"))
    return head + chunked(body[:7], body[7:]) if len(body) > 7 else head + chunked()


CODINGS = (
    Row(packed("gzip", "gzip")),
    Row(packed("gzip that is none", "gzip", lambda body: body)),
    Row(packed("gzip, cut", "gzip", lambda body: gzip.compress(body)[:-12])),
    Row(packed("gzip twice", "gzip, gzip", lambda body: gzip.compress(gzip.compress(body))), CALLS),
    Row(packed("deflate", "deflate", zlib.compress), CALLS),
    Row(packed("br that is none", "br", lambda body: body), CALLS),
    Row(packed("a coding that nobody knows", "rot13", lambda body: body), CALLS),
    Row(packed("a gzip bomb", "gzip", lambda _: bomb(8 * MIB)), CALLS),
    Row(packed("a gzip bomb twice", "gzip, gzip", lambda _: gzip.compress(bomb(8 * MIB))), CALLS),
)


def _with_line(line: bytes) -> Step:
    return b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n" + line + b"\r\n\r\n{}"


HEADS = (
    Row(broken("nonsense", b"nonsense\r\n\r\n", CLOSE)),
    Row(broken("a body without a head", b'{"data": []}', CLOSE)),
    Row(broken("TLS", b"\x15\x03\x01\x00\x02\x02\x28", CLOSE)),
    Row(broken("HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64", CLOSE)),
    Row(broken("SSH", b"SSH-2.0-OpenSSH_9.9\r\n", CLOSE)),
    Row(broken("status is no number", b"HTTP/1.1 abc OK\r\n\r\n", CLOSE)),
    Row(broken("a header of 1 MiB", _with_line(b"x-a: " + b"a" * MIB), CLOSE)),
    Row(broken("200,000 headers", _with_line(b"\r\n".join([b"x-a: b"] * 200_000)), CLOSE)),
    Row(broken("a header without a colon", _with_line(b"colon"), CLOSE)),
    Row(broken("a header with zero bytes", _with_line(b"x-a: \0"), CLOSE)),
    Row(flood("an endless header, quickly", lambda: endless(b"a" * 4096, start=b"HTTP/1.1 200 OK\r\nx-a: "))),
    Row(
        changed("headers with escapes", lambda whole: whole.with_headers(x_request_id="\x1b[2Jid", server="a\x9b1mb")),
        CALLS,
    ),
)

CLOCKS = (
    Row(changed("date a day ahead", lambda whole: whole.with_headers(date=dated(86_400)))),
    Row(changed("date is none", lambda whole: whole.with_headers(date="yesterday"))),
    Row(
        replace(RESET_DONE, name="lost, date an hour ahead"),
        WRITES,
        changed("", lambda w: w.with_headers(date=dated(3600))),
    ),
    Row(replace(RESET_DONE, name="lost, the rest is 500"), WRITES, instead("", 500)),
    Row(replace(RESET_DONE, name="lost, the rest is 404"), WRITES, instead("", 404)),
    Row(replace(RESET_DONE, name="lost, the rest is HTML"), WRITES, instead("", 200, HTML)),
    Row(replace(RESET_DONE, name="lost, the rest is an empty list"), WRITES, instead("", 200, {"data": []})),
    Row(replace(RESET_UNDONE, name="never came, the rest is 500"), WRITES, instead("", 500)),
    Row(replace(RESET_DONE, name="lost, the rest is silent"), WRITES, broken("", silence), waits=True),
)
