"""The /uploads endpoints of the demo server, as the official client sees them."""

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import openai
import pytest
from openai import OpenAI
from openai.types import Upload

from tests.demo_server import running_demo

CONTENT = bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[OpenAI]:
    with (
        running_demo("--empty", "--processing-seconds", "0", "--dir", str(folder)) as url,
        OpenAI(base_url=url, api_key="any", max_retries=0) as client,
    ):
        yield client


def start(client: OpenAI, size: int = len(CONTENT), name: str = "a.bin") -> Upload:
    return client.uploads.create(bytes=size, filename=name, mime_type="application/octet-stream", purpose="vision")


def send_parts(client: OpenAI, upload: Upload, content: bytes = CONTENT, size: int = 100_000) -> list[str]:
    """Sends the parts in parallel, the last one first; returns their ids in the order of the content."""
    starts = range(0, len(content), size)
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(
            lambda at: client.uploads.parts.create(upload.id, data=content[at : at + size]).id, reversed(starts)
        )
        return list(parts)[::-1]


def blobs(folder: Path) -> int:
    return len(list((folder / "blobs").iterdir()))


def test_the_official_helper_uploads_in_parts(client: OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "movie.bin"
    path.write_bytes(CONTENT)

    upload = client.uploads.upload_file_chunked(
        file=path, mime_type="application/octet-stream", purpose="vision", part_size=300_000
    )

    assert (upload.status, upload.bytes, upload.filename) == ("completed", len(CONTENT), "movie.bin")
    assert upload.file is not None
    assert upload.file.bytes == len(CONTENT)
    assert client.files.content(upload.file.id).read() == CONTENT


def test_the_order_is_that_of_the_completion(client: OpenAI, folder: Path) -> None:
    upload = start(client)
    assert (upload.status, upload.object, upload.file) == ("pending", "upload", None)
    assert upload.expires_at == upload.created_at + 3600
    parts = send_parts(client, upload)
    before = blobs(folder)

    done = client.uploads.complete(upload.id, part_ids=parts, md5=hashlib.md5(CONTENT).hexdigest())

    assert done.file is not None
    assert client.files.content(done.file.id).read() == CONTENT
    assert blobs(folder) == before - len(parts) + 1


def test_a_part_names_its_upload(client: OpenAI) -> None:
    upload = start(client)

    part = client.uploads.parts.create(upload.id, data=b"x")

    assert (part.object, part.upload_id) == ("upload.part", upload.id)
    assert part.id.startswith("part_")


def test_the_expiry_of_the_file_is_passed_on(client: OpenAI) -> None:
    upload = client.uploads.create(
        bytes=3,
        filename="a.txt",
        mime_type="text/plain",
        purpose="user_data",
        expires_after={"anchor": "created_at", "seconds": 7200},
    )

    done = client.uploads.complete(upload.id, part_ids=send_parts(client, upload, b"abc"))

    assert done.file is not None
    assert done.file.expires_at == done.file.created_at + 7200


def test_a_completion_that_does_not_fit_leaves_the_upload_open(client: OpenAI) -> None:
    upload = start(client)
    parts = send_parts(client, upload)
    for part_ids, md5, text in (
        (parts[1:], "", "bytes in all, but 1048576 were declared"),
        ([*parts, parts[0]], "", f"No such Part: {parts[0]}"),
        (["part_none"], "", "No such Part: part_none"),
        (parts[::-1], hashlib.md5(CONTENT).hexdigest(), "The md5 of the upload is"),
    ):
        with pytest.raises(openai.BadRequestError, match=text):
            client.uploads.complete(upload.id, part_ids=part_ids, md5=md5 or openai.omit)

    assert client.uploads.complete(upload.id, part_ids=parts).status == "completed"


def test_an_upload_is_completed_once(client: OpenAI) -> None:
    upload = start(client)
    parts = send_parts(client, upload, size=20_000)

    def complete(_: int) -> str:
        try:
            return client.uploads.complete(upload.id, part_ids=parts).status
        except openai.BadRequestError as error:
            return error.message

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(complete, range(6)))

    assert outcomes.count("completed") == 1
    assert all(upload.id in outcome for outcome in outcomes if outcome != "completed")


def test_the_content_is_checked_at_the_end(client: OpenAI) -> None:
    upload = client.uploads.create(bytes=4, filename="a.jsonl", mime_type="text/jsonl", purpose="batch")
    parts = send_parts(client, upload, b"[1]\n")

    with pytest.raises(openai.BadRequestError, match="Line 1 is not a dictionary"):
        client.uploads.complete(upload.id, part_ids=parts)


def test_a_cancelled_upload_takes_nothing_more(client: OpenAI, folder: Path) -> None:
    before = blobs(folder)
    upload = start(client)
    parts = send_parts(client, upload)

    assert client.uploads.cancel(upload.id).status == "cancelled"

    assert blobs(folder) == before
    refused_in_status(client, upload, parts, "cancelled")


def test_a_completed_upload_takes_nothing_more(client: OpenAI) -> None:
    upload = start(client)
    parts = send_parts(client, upload)
    client.uploads.complete(upload.id, part_ids=parts)

    refused_in_status(client, upload, parts, "completed")


def test_an_upload_expires(client: OpenAI, folder: Path) -> None:
    before = blobs(folder)
    upload = start(client)
    parts = send_parts(client, upload)
    with closing(sqlite3.connect(folder / "demo.sqlite3", isolation_level=None)) as database:
        database.execute("UPDATE uploads SET expires_at = ? WHERE id = ?", (int(time.time()), upload.id))

    refused_in_status(client, upload, parts, "expired")
    assert blobs(folder) == before


def refused_in_status(client: OpenAI, upload: Upload, parts: list[str], status: str) -> None:
    text = f"Upload {upload.id} is {status}."
    with pytest.raises(openai.BadRequestError, match=text):
        client.uploads.parts.create(upload.id, data=b"x")
    with pytest.raises(openai.BadRequestError, match=text):
        client.uploads.complete(upload.id, part_ids=parts)
    with pytest.raises(openai.BadRequestError, match=text):
        client.uploads.cancel(upload.id)


def test_an_unknown_upload_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="No such Upload object: upload_none"):
        client.uploads.cancel("upload_none")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"bytes": 0}, "integer below minimum value"),
        ({"bytes": 8 * 1024**3 + 1}, "integer above maximum value"),
        ({"bytes": "3"}, "Invalid type for 'bytes': expected an integer"),
        ({"bytes": 300 * 1024**2, "purpose": "batch", "filename": "a.jsonl"}, "File is too large"),
        ({"purpose": "batch_output"}, "'batch_output' is not one of"),
        ({"purpose": "assistants", "filename": "a.vb"}, "Invalid extension vb"),
        ({"mime_type": openai.omit}, "Missing required parameter: 'mime_type'"),
        ({"extra_body": {"colour": 1}}, "Unknown parameter: 'colour'"),
        ({"expires_after": {"anchor": "created_at", "seconds": 60}}, "60 is less than the minimum of 3600"),
    ],
)
def test_a_start_that_does_not_fit_is_refused(client: OpenAI, change: dict[str, object], text: str) -> None:
    request = {"bytes": 3, "filename": "a.bin", "mime_type": "x/y", "purpose": "vision", **change}

    with pytest.raises(openai.BadRequestError, match=text):
        client.uploads.create(**request)  # type: ignore[arg-type]


def test_an_empty_part_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="Part is empty"):
        client.uploads.parts.create(start(client).id, data=b"")
