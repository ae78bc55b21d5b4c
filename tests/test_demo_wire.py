"""What the demo server says on the wire, byte for byte: what a client library would hide."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.demo_server import RunningDemo
from tests.waiting import until

MIB = 1024 * 1024
FORM = {"Content-Type": "multipart/form-data; boundary=B"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[RunningDemo]:
    with RunningDemo("--empty", "--dir", str(folder)) as demo:
        yield demo


@pytest.fixture
def connection(server: RunningDemo) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        yield connection


def part(name: str, value: str, filename: str | None = None) -> bytes:
    extra = "" if filename is None else f'; filename="{filename}"'
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n{value}\r\n'.encode()


def post(connection: HTTPConnection, *parts: bytes, path: str = "/v1/files") -> tuple[int, str]:
    """Status, and the name of the file or the message of the error."""
    connection.request("POST", path, b"".join(parts) + b"--B--\r\n", FORM)
    response = connection.getresponse()
    body = json.loads(response.read())
    return response.status, body["error"]["message"] if "error" in body else body.get("filename")


def answer(connection: HTTPConnection, method: str, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
    response = connection.getresponse()
    return response, response.read()


def incoming(folder: Path) -> int:
    return len(list((folder / "blobs").glob(".incoming-*")))


def test_each_answer_carries_the_headers_of_the_api(connection: HTTPConnection) -> None:
    for path in ("/v1/files", "/v1/files/file-none", "/v1/nothing"):
        response, _ = answer(connection, "GET", path)
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-request-id"].startswith("req_")
        assert response.headers["openai-processing-ms"].isdigit()
        assert response.headers["openai-version"] == "2020-10-01"


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/v1/x", 404, "Invalid URL (GET /v1/x)"),
        ("GET", "/v1/files/", 404, "Invalid URL (GET /v1/files/)"),
        ("GET", "/files", 404, "Invalid URL (GET /files)"),
        ("GET", "/v1/uploads/upload_x", 404, "Invalid URL (GET /v1/uploads/upload_x)"),
        ("PUT", "/v1/files", 405, "Not allowed to PUT on /v1/files. "
            "(HINT: Perhaps you meant to use a different HTTP method?)"),
        ("GET", "/v1/files/no%20such", 404, "No such File object: no such"),
    ],
)  # fmt: skip
def test_errors_come_in_the_envelope(
    connection: HTTPConnection, method: str, path: str, status: int, message: str
) -> None:
    response, body = answer(connection, method, path)

    assert response.status == status
    error = json.loads(body)["error"]
    assert error["message"] == message
    assert set(error) == {"message", "type", "param", "code"}


def test_a_missing_key_is_another_401_than_a_wrong_one() -> None:
    with (
        RunningDemo("--empty", "--key", "sk-x") as demo,
        closing(HTTPConnection("127.0.0.1", demo.port)) as connection,
    ):
        response, body = answer(connection, "GET", "/v1/files")
        accepted, _ = answer(connection, "GET", "/v1/files", Authorization="Bearer sk-x")

    assert (response.status, accepted.status) == (401, 200)
    error = json.loads(body)["error"]
    assert error["message"].startswith("You didn't provide an API key.")
    assert error["code"] is None


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("a%22b.txt", 'a"b.txt'),
        (r"a\\b.txt", r"a\b.txt"),
        (r"a\"b.txt", 'a"b.txt'),
        ("a%0Ab%1b.txt", "a\nb\x1b.txt"),
        ("100%25.txt", "100%25.txt"),
        ("é会.txt", "é会.txt"),
        ("", "upload"),
    ],
)
def test_a_name_is_decoded(connection: HTTPConnection, sent: str, stored: str) -> None:
    assert post(connection, part("purpose", "vision"), part("file", "x", sent)) == (200, stored)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([part("file", "x", "a.txt")], "'purpose' is a required property"),
        ([part("purpose", "vision")], "'file' is a required property"),
        (
            [part("purpose", "vision"), part("file", "x", "a"), part("colour", "red")],
            "Additional properties are not allowed ('colour' was unexpected)",
        ),
        (
            [part("purpose", "vision"), part("file", "x", "a"), part("expires_after", "{}")],
            "Additional properties are not allowed ('expires_after' was unexpected)",
        ),
        (
            [part("purpose", "vision"), part("file", "x", "a"), part("expires_after.seconds", "1"), part("y", "")],
            "Additional properties are not allowed ('expires_after.seconds', 'y' were unexpected)",
        ),
        ([part("file", "x", "a"), part("file", "y", "b")], "Only one 'file' can be uploaded at a time."),
        ([part("purpose", "x" * 70_000)], "The form field 'purpose' is too long."),
        ([b"no form at all"], "Could not parse multipart form."),
        ([b"--B\r\nbroken"], "Could not parse multipart form."),
    ],
)
def test_a_wrong_form_is_refused_and_leaves_nothing(
    connection: HTTPConnection, folder: Path, parts: list[bytes], message: str
) -> None:
    assert post(connection, *parts) == (400, message)
    assert incoming(folder) == 0


def test_a_form_without_an_end_is_refused(connection: HTTPConnection, folder: Path) -> None:
    connection.request("POST", "/v1/files", part("purpose", "vision") + part("file", "half a fi", "a"), FORM)
    response = connection.getresponse()
    error = json.loads(response.read())["error"]
    assert (response.status, error["message"]) == (400, "Could not parse multipart form.")
    assert incoming(folder) == 0


def test_a_body_that_is_no_form_is_refused(connection: HTTPConnection) -> None:
    connection.request("POST", "/v1/files", b"{}", {"Content-Type": "application/json"})
    body = json.loads(connection.getresponse().read())
    assert body["error"]["code"] == "unsupported_content_type"


def test_a_file_may_arrive_in_chunks_of_any_size(connection: HTTPConnection) -> None:
    form = part("file", "\r\n--A" * 50, "a.bin") + part("purpose", "vision") + b"--B--\r\n"

    connection.request("POST", "/v1/files", (form[at : at + 1] for at in range(len(form))), FORM)

    response = connection.getresponse()
    file = json.loads(response.read())
    assert (response.status, file["bytes"]) == (200, 250)
    assert answer(connection, "GET", f"/v1/files/{file['id']}/content")[1] == b"\r\n--A" * 50


def test_what_is_declared_too_large_is_refused_before_it_comes(connection: HTTPConnection) -> None:
    connection.putrequest("POST", "/v1/files")
    connection.putheader("Content-Type", FORM["Content-Type"])
    connection.putheader("Content-Length", str(600 * MIB))
    connection.endheaders()

    response = connection.getresponse()

    assert (response.status, json.loads(response.read())["error"]["message"]) == (400, "File is too large.")


def test_what_becomes_too_large_is_refused_and_the_rest_drained(connection: HTTPConnection, folder: Path) -> None:
    start = {"bytes": MIB, "filename": "a.bin", "mime_type": "x/y", "purpose": "vision"}
    connection.request("POST", "/v1/uploads", json.dumps(start))
    upload = json.loads(connection.getresponse().read())["id"]
    block = bytes(MIB)
    head = b'--B\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\n'

    connection.request("POST", f"/v1/uploads/{upload}/parts", iter([head, *[block] * 80, b"\r\n--B--\r\n"]), FORM)
    response = connection.getresponse()

    assert (response.status, json.loads(response.read())["error"]["message"]) == (400, "File is too large.")
    assert incoming(folder) == 0
    assert answer(connection, "GET", "/v1/files")[0].status == 200


def test_an_upload_that_breaks_off_leaves_nothing(server: RunningDemo, folder: Path) -> None:
    before = len(list((folder / "blobs").iterdir()))
    head = "POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(f"{head}Content-Length: {64 * MIB}\r\n\r\n".encode())
        client.sendall(part("file", "x" * 3 * MIB, "a.bin"))
        until(lambda: incoming(folder) == 1)

    until(lambda: incoming(folder) == 0)
    assert len(list((folder / "blobs").iterdir())) == before


def test_content_says_its_length_and_its_name(connection: HTTPConnection) -> None:
    connection.request(
        "POST",
        "/v1/files",
        part("purpose", "vision") + part("file", "0123456789", "会 %22x%22.bin") + b"--B--\r\n",
        FORM,
    )
    path = f"/v1/files/{json.loads(connection.getresponse().read())['id']}/content"

    whole, content = answer(connection, "GET", path)
    some, middle = answer(connection, "GET", path, Range="bytes=3-5")
    none, _ = answer(connection, "HEAD", path)

    assert content == b"0123456789"
    assert whole.headers["content-length"] == none.headers["content-length"] == "10"
    assert whole.headers["content-disposition"] == "attachment; filename*=utf-8''%E4%BC%9A%20%22x%22.bin"
    assert (some.status, middle, some.headers["content-range"]) == (206, b"345", "bytes 3-5/10")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(connection: HTTPConnection, body: bytes) -> None:
    connection.request("POST", "/v1/uploads", body)
    response = connection.getresponse()
    error = json.loads(response.read())["error"]
    assert (response.status, error["message"]) == (
        400,
        "We could not parse the JSON body of your request.",
    )


def test_half_a_character_in_a_name_is_replaced(connection: HTTPConnection) -> None:
    start = {"bytes": 1, "filename": "a\ud800.bin", "mime_type": "x/y", "purpose": "vision"}
    connection.request("POST", "/v1/uploads", json.dumps(start))
    assert json.loads(connection.getresponse().read())["filename"] == "a?.bin"
