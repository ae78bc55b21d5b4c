"""The form of an upload: its exact bytes, and what happens when the file changes under it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from python_multipart import FormParser
from python_multipart.multipart import Field, File, parse_options_header

from files_tui.api.errors import SourceChanged
from files_tui.api.multipart import READ_SIZE, Slice, UploadForm, quoted
from tests.wire import Received, Step, Take, client_to, error_answer, json_answer, page_answer, serving

MIB = 1 << 20


@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0,))


def sent(path: Path, name: str = "a.txt", purpose: str = "batch", expires_after: int | None = None) -> Received:
    """The request that uploading this file makes."""
    with serving([json_answer({"id": "x"})]) as server, client_to(server) as client:
        client.upload(path, name=name, purpose=purpose, expires_after=expires_after)
    return server.requests[0]


def boundary_of(request: Received) -> str:
    return request.headers["content-type"].partition("boundary=")[2]


def parsed(request: Received) -> tuple[list[tuple[str, str]], list[tuple[str, str, bytes]]]:
    """Fields and files as a common server library reads them."""
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, str, bytes]] = []

    def on_field(field: Field) -> None:
        fields.append(((field.field_name or b"").decode(), (field.value or b"").decode()))

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        files.append(((file.field_name or b"").decode(), (file.file_name or b"").decode(), file.file_object.read()))
        file.close()

    kind, options = parse_options_header(request.headers["content-type"])
    parser = FormParser(kind.decode(), on_field, on_file, boundary=options[b"boundary"])
    parser.write(bytes(request.body))
    parser.finalize()
    return fields, files


def test_the_exact_form(tmp_path: Path) -> None:
    path = tmp_path / "on disk"
    path.write_bytes(b"line\r\n--not a boundary\x00\xff")
    request = sent(path, "übung.jsonl", "fine-tune", 3600)
    boundary = boundary_of(request)
    expected = (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="expires_after[anchor]"\r\n\r\ncreated_at\r\n'
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="expires_after[seconds]"\r\n\r\n3600\r\n'
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="file"; filename="übung.jsonl"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    head, content, tail = expected, path.read_bytes(), f"\r\n--{boundary}--\r\n".encode()
    body = bytes(request.body)
    assert body.replace(b"application/json-lines", b"application/octet-stream") == head + content + tail
    assert (request.method, request.target) == ("POST", "/v1/files")
    assert request.announced == len(body)
    assert "transfer-encoding" not in request.headers
    assert len(boundary) >= 32


def test_without_an_expiry_no_field_of_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    fields, files = parsed(sent(path))
    assert fields == [("purpose", "batch")]
    assert files == [("file", "a.txt", b"x")]


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])
def test_the_length_is_right_for_every_size(size: int, tmp_path: Path) -> None:
    path = tmp_path / "a"
    content = os.urandom(size)
    path.write_bytes(content)
    heard: list[int] = []
    with serving([json_answer({"id": "x"})]) as server, client_to(server) as client:
        client.upload(path, name="a.txt", purpose="b", on_bytes=heard.append)
    request = server.requests[0]
    assert request.complete
    assert request.body_length == request.announced
    if size <= MIB - 1:
        assert content in bytes(request.body) or request.body_length > MIB
    assert heard == sorted(set(heard))
    assert heard[-1:] == ([size] if size else [])


@pytest.mark.parametrize(
    ("name", "on_the_wire"),
    [
        ("plain.txt", "plain.txt"),
        ('say "hi".txt', "say %22hi%22.txt"),
        ("back\\slash", "back\\\\slash"),
        ("a\r\nX-Evil: 1\r\n\r\nb", "a%0D%0AX-Evil: 1%0D%0A%0D%0Ab"),
        ("\x00\x1b\x7f", "%00%1B%7F"),
        ("100%.txt", "100%.txt"),
        ("日本 é 🎉.txt", "日本 é 🎉.txt"),
        ("semi;colon='x'", "semi;colon='x'"),
        ('trick\\"; filename="other', "trick\\\\%22; filename=%22other"),
    ],
)
def test_names(name: str, on_the_wire: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    assert quoted(name) == on_the_wire
    request = sent(path, name)
    assert f'name="file"; filename="{on_the_wire}"\r\n'.encode() in request.body
    _, files = parsed(request)
    assert files == [("file", on_the_wire.replace("\\\\", "\\"), b"content")]


def test_a_name_that_is_no_unicode_is_sent_as_well_as_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    assert b'filename="caf?.txt"' in sent(path, "caf\udce9.txt").body


@pytest.mark.usefixtures("_no_waiting")
@pytest.mark.parametrize("name", ['say "hi"', "back\\slash", "a\nb", "caf\udce9"])
@pytest.mark.parametrize("kept", ["decoded", "as it came"])
def test_a_lost_upload_with_such_a_name_is_found(name: str, kept: str, tmp_path: Path) -> None:
    """Some servers decode the name of the form, some keep it as it came."""
    path = tmp_path / "a"
    path.write_bytes(b"content")
    plain = name.encode("utf-8", "replace").decode()
    there = plain if kept == "decoded" else quoted(plain).replace("\\\\", "\\")
    replies = [error_answer(500), page_answer({"id": "x", "filename": there})]
    with serving(replies) as server, client_to(server) as client:
        assert client.upload(path, name=name, purpose="b").value.found


@pytest.mark.parametrize(
    ("name", "kind"), [("a.txt", "text/plain"), ("a.pdf", "application/pdf"), ("a", "application/octet-stream")]
)
def test_the_type_of_the_content(name: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "b.html"
    path.write_bytes(b"x")
    assert f"\r\nContent-Type: {kind}\r\n\r\nx\r\n".encode() in sent(path, name).body


def shrink(path: Path) -> None:
    os.truncate(path, MIB)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def rewrite(path: Path) -> None:
    before = path.stat().st_mtime_ns
    with path.open("r+b") as file:
        file.write(b"other")
    os.utime(path, ns=(before, before + 1_000_000))


@pytest.mark.parametrize("change", [shrink, empty, grow, rewrite])
def test_a_file_that_changes_while_it_is_sent(change: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(b"\x01" * (4 * MIB))
    changed: list[int] = []

    def once(count: int) -> None:
        if not changed:
            changed.append(count)
            change(path)

    def reply(request: Received) -> Iterator[Step]:
        yield Take()
        raise AssertionError("the whole form came")

    with serving(reply, read_body=False) as server, client_to(server) as client:
        with pytest.raises(SourceChanged, match=r"data\.bin changed"):
            client.upload(path, name="data.bin", purpose="b", on_bytes=once)
        server.closed()
        assert [request.complete for request in server.requests] == [False]


def test_a_file_that_changes_never_gets_its_closing_boundary(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 1000)

    def reply(request: Received) -> Iterator[Step]:
        yield Take(request.announced - 1)

    with serving(reply, read_body=False) as server, client_to(server) as client:
        with pytest.raises(SourceChanged):
            client.upload(path, name="a", purpose="b", on_bytes=lambda count: grow(path))
        server.closed()
        request = server.requests[0]
    assert request.body.endswith(b"x" * 1000)
    assert request.body_length == request.announced - len(f"\r\n--{boundary_of(request)}--\r\n")


def test_the_content_is_that_of_the_opened_file(tmp_path: Path) -> None:
    """A file that another one replaces under its name is sent as it was."""
    path = tmp_path / "a"
    path.write_bytes(b"old" * MIB)
    new = tmp_path / "new"
    new.write_bytes(b"new")

    def replace(count: int) -> None:
        if new.exists():
            new.replace(path)

    with serving([json_answer({"id": "x"})]) as server, client_to(server) as client:
        client.upload(path, name="a", purpose="b", on_bytes=replace)
    assert b"oldold" in server.requests[0].body
    assert server.requests[0].complete


@pytest.mark.parametrize("length", [999, 1_000, READ_SIZE + 1])
def test_slices_make_up_the_whole_file(length: int, tmp_path: Path) -> None:
    path, content = tmp_path / "a", os.urandom(2 * length + 500)
    path.write_bytes(content)
    whole = b""
    for start in range(0, len(content), length):
        heard: list[int] = []
        piece = Slice(path, start, min(length, len(content) - start))
        form = UploadForm(piece, field="data", name="part", fields={}, on_bytes=heard.append)
        head, *middle, tail = form
        form.close()
        assert len(head) + form.size + len(tail) == int(form.headers["Content-Length"])
        assert heard[-1] == form.size == piece.length
        whole += b"".join(middle)
    assert whole == content


def test_it_is_told_when_the_last_of_the_form_is_about_to_leave(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 10)
    told: list[int] = []
    form = UploadForm(
        Slice(path), field="file", name="a", fields={}, on_bytes=told.append, on_sent=lambda: told.append(-1)
    )
    for chunk in form:
        if b"--\r\n" in chunk:
            assert told == [10, -1]
            assert form.is_sent
        else:
            assert not form.is_sent
    form.close()
