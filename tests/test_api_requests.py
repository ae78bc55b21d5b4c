"""What the client asks for: addresses, queries, credentials and ids; and the list answer of every dialect."""

from pathlib import Path
from urllib.parse import unquote

import msgspec
import pytest

from files_tui.accounts import load_account
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import NotSupported, Refused, Unproven, Unreadable
from files_tui.config import Config
from files_tui.settings import Secret
from tests.wire import KEY, Received, Reply, answer, client_to, error_answer, json_answer, page_answer, serving

FILE = {"id": "file-1", "object": "file", "bytes": 5, "created_at": 1_700_000_000, "filename": "a.txt", "purpose": "b"}


def empty_page(request: Received) -> Reply:
    return page_answer()


def test_list_page_asks_for_the_newest_files() -> None:
    with serving(empty_page) as server, client_to(server) as client:
        client.list_page(limit=10_000)
        client.list_page(limit=1, after="file-9", purpose="fine-tune")
        client.list_page(limit=7, after="a&b=/?#é %", purpose="")
    first, second, third = server.requests
    assert (first.method, first.target) == ("GET", "/v1/files?limit=10000&order=desc")
    assert second.target == "/v1/files?limit=1&order=desc&purpose=fine-tune&after=file-9"
    assert unquote(third.target.replace("+", "%20")) == "/v1/files?limit=7&order=desc&purpose=&after=a&b=/?#é %"
    assert third.target.count("&") == 3
    assert "#" not in third.target
    assert first.body_length == 0
    assert first.headers["accept"] == "application/json"
    assert first.headers["user-agent"].startswith("files-tui/")
    assert server.connections == 3  # where no answer to another request can be taken for theirs


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("/v1", "/v1/files?limit=3&order=desc"),
        ("/v1/", "/v1/files?limit=3&order=desc"),
        ("", "/files?limit=3&order=desc"),
        ("/", "/files?limit=3&order=desc"),
        ("/a/b%2Fc", "/a/b%2Fc/files?limit=3&order=desc"),
        ("/openai?api-version=2024-10-21", "/openai/files?api-version=2024-10-21&limit=3&order=desc"),
        ("/openai/?api-version=x%26y&z=", "/openai/files?api-version=x%26y&z=&limit=3&order=desc"),
    ],
)
def test_the_base_url_may_end_with_a_slash_or_a_query(base: str, path: str) -> None:
    with serving(empty_page) as server:
        url = server.base_url.removesuffix("/v1") + base
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url}
        account, _ = load_account(profile=None, base_url=None, environ=environ, config=Config())
        client = FilesClient(account)
        client.list_page(limit=3)
        client.close()
    assert server.requests[0].target == path


def test_the_query_of_the_account_goes_with_every_request() -> None:
    def reply(request: Received) -> Reply:
        return json_answer({"id": "x", "deleted": True})

    with serving(reply) as server, client_to(server, query={"api-version": "1"}) as client:
        client.retrieve("x")
        client.delete("x")
        with client.content("x", abort=Abort()) as content:
            assert b"".join(content.chunks)
    assert [request.target for request in server.requests] == [
        "/v1/files/x?api-version=1",
        "/v1/files/x?api-version=1",
        "/v1/files/x/content?api-version=1",
    ]


def test_bearer_key_organisation_project_and_own_headers() -> None:
    headers = {"X-Own": "yes", "User-Agent": "mine/1"}
    with (
        serving(empty_page) as server,
        client_to(server, organization="org-1", project="proj_1", headers=headers) as client,
    ):
        client.list_page(limit=1)
    sent = server.requests[0].headers
    assert sent["authorization"] == f"Bearer {KEY}"
    assert "api-key" not in sent
    assert (sent["openai-organization"], sent["openai-project"]) == ("org-1", "proj_1")
    assert (sent["x-own"], sent["user-agent"]) == ("yes", "mine/1")


def test_api_key_header_instead_of_bearer() -> None:
    with serving(empty_page) as server, client_to(server, auth="api-key") as client:
        client.list_page(limit=1)
    sent = server.requests[0].headers
    assert sent["api-key"] == KEY
    assert not {"authorization", "openai-organization", "openai-project"} & set(sent)


def test_own_headers_of_other_spelling_make_no_second_header(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"hello")
    headers = {"authorization": "Basic other", "content-type": "application/json", "content-length": "3"}
    with serving([json_answer(FILE)]) as server, client_to(server, headers=headers) as client:
        client.upload(path, name="a.txt", purpose="batch")
    sent = server.requests[0].headers
    assert sent["authorization"] == f"Bearer {KEY}"
    assert sent["content-type"].startswith("multipart/form-data; boundary=")
    assert server.requests[0].complete


@pytest.mark.parametrize(
    ("file_id", "segment"),
    [
        ("file-abc", "file-abc"),
        ("a/b", "a%2Fb"),
        ("bGl0ZWxsbQ==", "bGl0ZWxsbQ%3D%3D"),
        ("100%", "100%25"),
        ("%2e%2e", "%252e%252e"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("a?b#c&d", "a%3Fb%23c%26d"),
        ("ключ 🎉", "%D0%BA%D0%BB%D1%8E%D1%87%20%F0%9F%8E%89"),
        ("a\r\nX: y", "a%0D%0AX%3A%20y"),
        ("a\\b", "a%5Cb"),
        ("x" * 300, "x" * 300),
    ],
)
def test_an_id_stays_one_segment_of_the_path(file_id: str, segment: str) -> None:
    def reply(request: Received) -> Reply:
        return json_answer({"id": file_id})

    with serving(reply) as server, client_to(server) as client:
        assert client.retrieve(file_id).value.id == file_id
        assert client.delete(file_id).value is True
        with client.content(file_id, abort=Abort()) as content:
            list(content.chunks)
    assert [(request.method, request.target) for request in server.requests] == [
        ("GET", f"/v1/files/{segment}"),
        ("DELETE", f"/v1/files/{segment}"),
        ("GET", f"/v1/files/{segment}/content"),
    ]


def test_an_empty_id_is_refused_before_any_request() -> None:
    with serving([]) as server, client_to(server) as client:
        for call in (client.retrieve, client.delete):
            with pytest.raises(Refused) as caught:
                call("")
            assert caught.value.reached_server is False
        with pytest.raises(Refused), client.content("", abort=Abort()):
            pass
    assert server.connections == 0


@pytest.mark.parametrize(
    ("document", "ids", "has_more", "unreadable"),
    [
        ({"object": "list", "data": [FILE], "has_more": True, "last_id": "file-1"}, ["file-1"], True, 0),
        ({"data": [FILE], "has_more": False, "first_id": None}, ["file-1"], False, 0),
        ({"data": [FILE]}, ["file-1"], None, 0),
        ({"data": [FILE], "has_more": None}, ["file-1"], None, 0),
        ({"data": [FILE], "has_more": "true"}, ["file-1"], None, 0),
        ([FILE], ["file-1"], None, 0),
        ([], [], None, 0),
        ({"object": "list", "data": None}, [], None, 0),
        ({"object": "list", "data": []}, [], None, 0),
        ({"code": 0, "message": "", "data": {"object": "list", "data": [FILE]}}, ["file-1"], None, 0),
        ({"has_more": True, "data": {"data": [FILE]}}, ["file-1"], True, 0),
        ({"has_more": True, "data": {"data": None, "has_more": False}}, [], False, 0),
        ({"data": [FILE, {}, None, 3, "x", [], {"id": 7}, {"id": ""}, {"id": None}]}, ["file-1"], None, 8),
    ],
)
def test_every_dialect_of_the_list_answer(
    document: object, ids: list[str], has_more: bool | None, unreadable: int
) -> None:
    with serving([json_answer(document)]) as server, client_to(server) as client:
        page = client.list_page(limit=9).value
    assert [file.id for file in page.files] == ids
    assert page.has_more is has_more
    assert page.unreadable == unreadable


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \r\n",
        b"null",
        b"3",
        b'"files"',
        b"true",
        b"{}",
        b'{"object":"list"}',
        b'{"data":3}',
        b'{"data":"x"}',
        b'{"data":{}}',
        b'{"data":{"object":"list"}}',
        b'{"data":{"data":{"data":{"data":[]}}}}',
    ],
)
def test_an_answer_without_a_list_is_no_empty_list(body: bytes) -> None:
    with serving([answer(200, body, {"x-request-id": "r"})]) as server, client_to(server) as client:
        with pytest.raises(Unreadable) as caught:
            client.list_page(limit=9)
        assert (caught.value.status, caught.value.request_id) == (200, "r")


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"id":""}', b'{"id":3}', b'{"object":"file"}'])
def test_an_answer_without_a_file_is_unreadable(body: bytes) -> None:
    with serving([answer(200, body)]) as server, client_to(server) as client:
        with pytest.raises(Unreadable, match="holds no file"):
            client.retrieve("x")
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["x-request-id", "apim-request-id", "x-ms-request-id"])
def test_the_answer_carries_status_request_id_and_duration(name: str) -> None:
    headers = {name: "req_1\x1b"} if name == "x-ms-request-id" else {name: "req_1"}
    headers = {key: value.replace("\x1b", "") for key, value in headers.items()}
    with serving([json_answer(FILE, status=201, headers=headers)]) as server, client_to(server) as client:
        answered = client.retrieve("file-1")
    assert (answered.status, answered.request_id) == (201, "req_1")
    assert answered.duration > 0
    assert msgspec.json.decode(answered.value.raw) == FILE


def test_a_request_id_is_made_safe_and_cut() -> None:
    headers = {"x-request-id": "a\x9b31m" + "b" * 500}
    with serving([json_answer(FILE, headers=headers)]) as server, client_to(server) as client:
        found = client.retrieve("file-1").request_id
    assert found is not None
    assert found.isprintable()
    assert len(found) <= 90


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        (json_answer({"id": "x", "object": "file", "deleted": True}), True),
        (json_answer({"id": "x", "filename": "a"}), True),
        (json_answer({"id": "x", "deleted": None}), True),
    ],
)
def test_a_delete_that_worked(reply: bytes, value: bool) -> None:
    with serving([reply]) as server, client_to(server) as client:
        assert client.delete("x").value is value
    assert [request.method for request in server.requests] == ["DELETE"]


UNCLEAR = [
    answer(200),
    answer(204),
    json_answer([]),
    json_answer({"id": "other", "deleted": True}),
    json_answer({"ok": True}),
    json_answer({"id": "x", "deleted": 0}),
    json_answer({"id": "x", "deleted": "false"}),
]


@pytest.mark.parametrize("reply", UNCLEAR)
def test_a_delete_whose_answer_says_nothing_is_looked_after(reply: bytes) -> None:
    with serving([reply, error_answer(404, "no file x")]) as server, client_to(server) as client:
        assert client.delete("x").value is True
    with serving([json_answer({"id": "x"}), reply, error_answer(404)]) as server, client_to(server) as client:
        client.retrieve("x")
        assert client.delete("x").value is True
    with (
        serving([reply, error_answer(404)]) as server,
        client_to(server) as client,
        pytest.raises(Unproven, match="not certain that the file is gone"),
    ):
        client.delete("x")
    with (
        serving([reply, json_answer({"id": "x"})]) as server,
        client_to(server) as client,
        pytest.raises(NotSupported, match="keeps the file"),
    ):
        client.delete("x")
    assert [request.method for request in server.requests] == ["DELETE", "GET"]


@pytest.mark.parametrize("reply", [*UNCLEAR, error_answer(404), answer(410)])
def test_a_server_that_retrieves_no_files_cannot_tell_that_one_is_gone(reply: bytes) -> None:
    replies = [json_answer({"id": "x"}), reply, answer(405)]
    with serving(replies) as server, client_to(server) as client:
        client.retrieve("x")
        with pytest.raises(Unproven, match="not certain that the file is gone"):
            client.delete("x")


def test_an_error_with_a_good_status_is_an_error() -> None:
    replies = [json_answer({"error": {"message": "not today"}}), json_answer({"id": "x"})]
    with serving(replies) as server, client_to(server) as client, pytest.raises(Refused, match="not today"):
        client.delete("x")


NO_SUCH_FILE = error_answer(404, "No such File object: x")


@pytest.mark.parametrize(
    ("gone", "look"), [(NO_SUCH_FILE,) * 2, (NO_SUCH_FILE, answer(405)), (answer(410), NO_SUCH_FILE)]
)
def test_a_delete_of_what_is_gone(gone: bytes, look: bytes) -> None:
    with serving([gone, look]) as server, client_to(server) as client:
        assert client.delete("x").value is False
    assert [request.method for request in server.requests] == ["DELETE", "GET"]


def test_a_long_id_is_named_by_a_message_that_is_cut() -> None:
    gone = error_answer(404, f"No such File object: {'x' * 400}")
    with serving([gone, gone]) as server, client_to(server) as client:
        assert client.delete("x" * 400).value is False


def test_a_404_of_a_file_that_is_there_is_no_delete() -> None:
    replies = [error_answer(404, "Not Found"), json_answer({"id": "x"})]
    with serving(replies) as server, client_to(server) as client, pytest.raises(NotSupported, match="keeps the file"):
        client.delete("x")


def test_a_delete_that_the_server_denies() -> None:
    reply = json_answer({"id": "x", "deleted": False}, headers={"x-request-id": "r1"})
    with serving([reply]) as server, client_to(server) as client, pytest.raises(Refused) as caught:
        client.delete("x")
    assert (caught.value.status, caught.value.request_id) == (200, "r1")


def test_an_unusual_key_stays_a_secret() -> None:
    with serving(empty_page) as server, client_to(server, key=Secret("a b=c/d")) as client:
        client.list_page(limit=1)
    assert server.requests[0].headers["authorization"] == "Bearer a b=c/d"


def test_one_broken_name_does_not_hide_the_other_files() -> None:
    broken = rb'{"data": [{"id": "file-1", "filename": "a\ud800"}, ' + b'{"id": "file-2", "filename": "\xff"}]}'
    with serving([answer(200, broken)]) as server, client_to(server) as client:
        files = client.list_page(limit=10).value.files
    assert [file.id for file in files] == ["file-1", "file-2"]
