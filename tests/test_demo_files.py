"""The /files endpoints of the demo server, as the official client sees them."""

import io
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openai
import pytest
from openai import OpenAI
from openai.types import FileObject

from tests.demo_server import running_demo

CHAT = b'{"messages": [{"role": "user", "content": "hi"}]}\n'
EXPIRY = {"anchor": "created_at", "seconds": 3600}


@pytest.fixture(scope="module")
def client() -> Iterator[OpenAI]:
    with (
        running_demo("--empty", "--processing-seconds", "0") as url,
        OpenAI(base_url=url, api_key="any", max_retries=0) as client,
    ):
        yield client


def upload(client: OpenAI, name: str, content: bytes = CHAT, purpose: str = "user_data") -> FileObject:
    return client.files.create(file=(name, content), purpose=purpose)  # type: ignore[arg-type]


def message(error: openai.APIStatusError) -> str:
    body = error.body
    assert isinstance(body, dict)
    assert set(body) == {"message", "type", "param", "code"}
    return str(body["message"])


@pytest.fixture(scope="module")
def bulk() -> Iterator[OpenAI]:
    with running_demo("--bulk", "257") as url, OpenAI(base_url=url, api_key="any") as client:
        yield client


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("size", [1, 7, 50, 257, 10_000])
def test_paging_brings_each_file_once_in_order(bulk: OpenAI, size: int, order: str) -> None:
    files = list(bulk.files.list(limit=size, order=order))  # type: ignore[arg-type]

    keys = [(file.created_at, file.id) for file in files]
    assert len(set(keys)) == 257
    assert len({file.created_at for file in files}) < 257
    assert keys == sorted(keys, reverse=order == "desc")


def test_the_purpose_filter_comes_before_paging(bulk: OpenAI) -> None:
    wanted = [file.id for file in bulk.files.list() if file.purpose == "batch"]

    page = bulk.files.list(purpose="batch", limit=10)

    assert [file.id for file in page.data] == wanted[:10]
    assert page.has_more
    assert [file.id for file in page] == wanted


def test_a_page_says_where_it_begins_and_ends(bulk: OpenAI) -> None:
    page = bulk.files.list(limit=5)

    extra = page.model_dump()
    assert extra["object"] == "list"
    assert (extra["first_id"], extra["last_id"]) == (page.data[0].id, page.data[-1].id)
    assert extra["has_more"] is True
    nothing = bulk.files.list(purpose="nothing").model_dump()
    assert (nothing["data"], nothing["has_more"]) == ([], False)
    assert (nothing["first_id"], nothing["last_id"]) == (None, None)


def test_a_file_comes_back_as_it_was_sent(client: OpenAI) -> None:
    content = bytes(range(256)) * 5000

    file = upload(client, "Ünï 会 👩‍💻.bin", content, "vision")

    assert file.filename == "Ünï 会 👩‍💻.bin"
    assert (file.bytes, file.purpose, file.object) == (len(content), "vision", "file")
    assert file.expires_at is None
    assert file.id.startswith("file-")
    assert client.files.retrieve(file.id) == client.files.wait_for_processing(file.id)
    assert client.files.content(file.id).read() == content
    assert client.files.list().data[0].id in {other.id for other in client.files.list(purpose="vision")}


@pytest.mark.parametrize(
    "name", ['quo"te.txt', "back\\slash.txt", "semi; filename=x.txt", "tab\tline\n.txt", "100%41.txt"]
)
def test_a_hostile_name_survives(client: OpenAI, name: str) -> None:
    assert upload(client, name).filename == name


def test_only_the_last_part_of_a_name_stays(client: OpenAI) -> None:
    assert upload(client, "../../etc/passwd").filename == "passwd"


def test_a_content_may_look_like_a_form(client: OpenAI) -> None:
    content = b"\r\n--\r\n--x\r\nContent-Disposition: form-data; name=purpose\r\n\r\n" * 9000

    file = upload(client, "form.bin", content, "vision")

    assert client.files.content(file.id).read() == content


def test_status_goes_from_uploaded_to_processed(tmp_path: Path) -> None:
    with (
        running_demo("--empty", "--processing-seconds", "1000", "--dir", str(tmp_path)) as url,
        OpenAI(base_url=url, api_key="any") as client,
        closing(sqlite3.connect(tmp_path / "demo.sqlite3", isolation_level=None)) as database,
    ):
        file = upload(client, "a.txt")
        still = client.files.retrieve(file.id)
        ((ready_at,),) = database.execute("SELECT ready_at FROM files")
        database.execute("UPDATE files SET ready_at = ready_at - 1000")
        done = client.files.wait_for_processing(file.id)

    assert 1000 <= ready_at - file.created_at < 1001
    assert (file.status, still.status, done.status, done.status_details) == ("uploaded", "uploaded", "processed", None)


def test_training_data_without_messages_fails_its_processing(client: OpenAI) -> None:
    file = upload(client, "train.jsonl", CHAT + b'{"text": 1}\n', "fine-tune")

    done = client.files.wait_for_processing(file.id)

    assert done.status == "error"
    assert "Line 2" in str(done.status_details)


def test_a_file_lives_as_long_as_it_was_told(client: OpenAI) -> None:
    told = client.files.create(file=("a.txt", b"1"), purpose="user_data", expires_after=EXPIRY)  # type: ignore[arg-type]
    batch = upload(client, "a.jsonl", CHAT, "batch")

    assert told.expires_at == told.created_at + 3600
    assert batch.expires_at == batch.created_at + 30 * 24 * 3600


@pytest.mark.parametrize(
    ("expiry", "text"),
    [
        ({"anchor": "created_at"}, "'seconds' is a required property"),
        ({"seconds": 3600}, "'anchor' is a required property"),
        ({"anchor": "now", "seconds": 3600}, "'now' is not one of ['created_at']"),
        ({"anchor": "created_at", "seconds": 3599}, "3599 is less than the minimum of 3600"),
        ({"anchor": "created_at", "seconds": 2592001}, "2592001 is greater than the maximum of 2592000"),
        ({"anchor": "created_at", "seconds": "soon"}, "'soon' is not of type 'integer'"),
        ({"anchor": "created_at", "seconds": 3600, "x": 1}, "'expires_after[x]' was unexpected"),
    ],
)
def test_a_wrong_expiry_is_refused(client: OpenAI, expiry: dict[str, object], text: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.files.create(file=("a.txt", b"1"), purpose="user_data", expires_after=expiry)  # type: ignore[arg-type]

    assert text in message(caught.value)


def test_an_expired_file_is_gone_with_its_bytes(tmp_path: Path) -> None:
    with (
        running_demo("--empty", "--dir", str(tmp_path)) as url,
        OpenAI(base_url=url, api_key="any", max_retries=0) as client,
    ):
        file = client.files.create(file=("a.txt", b"1"), purpose="vision", expires_after=EXPIRY)  # type: ignore[arg-type]
        stays = upload(client, "b.txt")
        with closing(sqlite3.connect(tmp_path / "demo.sqlite3", isolation_level=None)) as database:
            database.execute("UPDATE files SET expires_at = ? WHERE id = ?", (int(time.time()), file.id))

        for call in (client.files.retrieve, client.files.content, client.files.delete):
            with pytest.raises(openai.NotFoundError):
                call(file.id)
        assert [other.id for other in client.files.list()] == [stays.id]
        assert len(list((tmp_path / "blobs").iterdir())) == 1


def test_a_file_can_be_deleted_once(client: OpenAI) -> None:
    file = upload(client, "a.txt")

    assert client.files.delete(file.id).model_dump() == {"id": file.id, "object": "file", "deleted": True}

    with pytest.raises(openai.NotFoundError) as caught:
        client.files.delete(file.id)
    assert message(caught.value) == f"No such File object: {file.id}"
    assert (caught.value.param, caught.value.type) == ("id", "invalid_request_error")
    assert file.id not in {other.id for other in client.files.list()}


def test_a_deleted_cursor_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="No such File object: file-gone"):
        client.files.list(after="file-gone")


def test_files_that_share_bytes_are_deleted_one_by_one() -> None:
    with running_demo("--bulk", "40") as url, OpenAI(base_url=url, api_key="any") as client:
        files = list(client.files.list(purpose="vision"))
        for file in files[:-1]:
            client.files.delete(file.id)

        assert len(files) > 1
        assert len(client.files.content(files[-1].id).read()) == files[-1].bytes


@pytest.mark.parametrize("purpose", ["assistants", "user_data", "evals"])
def test_some_purposes_keep_their_content(client: OpenAI, purpose: str) -> None:
    name = "a.jsonl" if purpose == "evals" else "a.txt"
    file = upload(client, name, CHAT, purpose)

    with pytest.raises(openai.BadRequestError) as caught:
        client.files.content(file.id)

    assert message(caught.value) == f"Not allowed to download files of purpose: {purpose}"


@pytest.mark.parametrize(
    ("name", "content", "purpose", "text"),
    [
        ("a.txt", b"x", "batch_output", "'batch_output' is not one of ["),
        ("a.txt", b"x", "", "'' is not one of ["),
        ("a.txt", b"", "user_data", "File is empty."),
        ("mod.vb", b"x", "assistants", 'Invalid extension vb. Supported formats: "c","cpp",'),
        ("a.json", CHAT, "batch", "Must be .jsonl"),
        ("a.jsonl", CHAT + b"[1]\n", "evals", 'Line 2 is not a dictionary (HINT: line starts with: "[1]...")'),
        ("a.jsonl", b"\xef\xbb\xbf" + CHAT, "fine-tune", 'line starts with: "\\ufeff{"message...")'),
        ("a.jsonl", b"\x00\xff", "fine-tune", "Line 1 is not a dictionary"),
    ],
)
def test_what_does_not_fit_its_purpose_is_refused(
    client: OpenAI, name: str, content: bytes, purpose: str, text: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        upload(client, name, content, purpose)

    assert text in message(caught.value)
    assert caught.value.code is None


@pytest.mark.parametrize(
    ("limit", "code", "text"),
    [
        (0, "integer_below_min_value", "Invalid 'limit': integer below minimum value. "
            "Expected a value >= 1, but got 0 instead."),
        (10_001, "integer_above_max_value", "Invalid 'limit': integer above maximum value. "
            "Expected a value <= 10000, but got 10001 instead."),
        ("many", "invalid_type", "Invalid type for 'limit': expected an integer, but got a string instead."),
    ],
)  # fmt: skip
def test_a_wrong_limit_is_refused(client: OpenAI, limit: int, code: str, text: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.files.list(limit=limit)

    assert (message(caught.value), caught.value.code, caught.value.param) == (text, code, "limit")


def test_a_wrong_order_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="Supported values are: 'asc' and 'desc'"):
        client.files.list(order="newest")  # type: ignore[arg-type]


def test_a_key_is_asked_for() -> None:
    with running_demo("--empty", "--key", "sk-right-one-0123456789") as url:
        with OpenAI(base_url=url, api_key="sk-right-one-0123456789") as client:
            assert client.files.list().data == []
        with (
            OpenAI(base_url=url, api_key="sk-wrong-one-0123456789") as client,
            pytest.raises(openai.AuthenticationError) as caught,
        ):
            client.files.create(file=io.BytesIO(b"x" * 3_000_000), purpose="vision")
    assert caught.value.code == "invalid_api_key"
    assert message(caught.value).startswith("Incorrect API key provided: sk-wrong***********6789.")


def test_the_key_may_come_from_the_environment() -> None:
    with (
        running_demo("--empty", env={"FILES_TUI_DEMO_KEY": "sk-hidden"}) as url,
        OpenAI(base_url=url, api_key="sk-guess") as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.files.list()
    assert "guess" not in message(caught.value)
