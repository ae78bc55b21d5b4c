"""`files-tui download`: whole or absent, and never in place of what is there."""

from __future__ import annotations

import os

import pytest

from tests.commands import Command
from tests.store_server import Store
from tests.test_cli_uploads import journaled
from tests.wire import CLOSE, Received, Reply, answer, serving

CONTENT = b"\x00\xff\x1b[2J\n" * 1000


@pytest.fixture
def store() -> Store:
    """Three files, two of them of one name."""
    store = Store()
    for name in ("a.bin", "a.bin", "../\x1b[2Jb"):
        store.add(name, CONTENT)
    return store


def names(command: Command) -> list[str]:
    """What is in the folder where commands run."""
    return sorted(os.listdir(command.folder))


def test_files_are_saved_and_their_paths_given(command: Command, store: Store) -> None:
    with serving(store) as server:
        done = command(server.base_url, "download", "file-1", "file-2", "nope", "file-3", "file-1")
        assert done.code == 1
        assert done.said == [
            "nope: No such File object: nope (HTTP 404). It is gone, or it belongs to another project."
        ]
        assert sorted(done.lines) == [str(command.folder / name) for name in ("_[2Jb", "a (1).bin", "a.bin")]
        assert names(command) == ["_[2Jb", "a (1).bin", "a.bin"]
        assert (command.folder / "a.bin").read_bytes() == CONTENT

        (command.folder / "a.bin").write_bytes(b"mine")
        done = command(server.base_url, "download", "file-1", "file-3", "--to", str(command.folder))
        assert (done.code, done.out) == (1, "")
        assert done.said[0] == f"file-1: {command.folder}/a.bin exists. --replace replaces it."
        assert (command.folder / "a.bin").read_bytes() == b"mine"

        done = command(server.base_url, "download", "file-1", "--replace", "--json")
        assert (done.code, done.objects) == (0, [{"id": "file-1", "path": str(command.folder / "a.bin")}])
        assert (command.folder / "a.bin").read_bytes() == CONTENT
        done = command(server.base_url, "download", "-", "--output", "own", stdin="file-2\tready\n")
        assert (done.code, done.lines) == (0, [str(command.folder / "own")])
    assert journaled() == 0


def test_one_is_passed_on_as_it_is(command: Command, store: Store) -> None:
    with serving(store) as server:
        done = command(server.base_url, "download", "file-1", "--output", "-")
        assert (done.code, done.out.encode("utf-8", "surrogateescape"), done.err) == (0, CONTENT, "")
        assert command(server.base_url, "download", "nope", "--output", "-").code == 1
        for words in (["file-1", "file-2"], ["file-1", "--json"], ["file-1", "--to", "."]):
            done = command(server.base_url, "download", "--output", "-", *words)
            assert (done.code, done.out) == (2, "")
        assert command(server.base_url, "download", "file-1", "--to", "none").code == 2
        command.seen = True
        done = command(server.base_url, "download", "file-1", "--output", "-")
        assert (done.code, done.out) == (2, "")
        assert "pipe it" in done.err
    assert names(command) == []


@pytest.mark.parametrize(
    ("length", "words"),
    [({}, "the connection broke"), ({"content-length": ""}, "only 3 B of 7.0 kB came")],
)
def test_a_cut_body_is_no_file(command: Command, store: Store, length: dict[str, str], words: str) -> None:
    cut = answer(200, CONTENT, length)[: len(answer(200, CONTENT, length)) - len(CONTENT) + 3]
    store.before = lambda request: [cut, CLOSE] if request.target.endswith("/content") else None
    with serving(store) as server:
        done = command(server.base_url, "download", "file-1")
        assert (done.code, done.out, len(done.said)) == (1, "", 1)
        assert words in done.said[0]
        done = command(server.base_url, "download", "file-1", "--output", "-")
        assert (done.code, done.out.encode("utf-8", "surrogateescape")) == (1, CONTENT[:3])
        assert words in done.said[0]
        assert "not whole" in done.said[0]
    assert names(command) == []
    assert journaled() == 0


def test_a_server_that_tells_of_no_single_file_still_gives_its_content(command: Command, store: Store) -> None:
    store.before = lambda request: None if request.target.endswith("/content") else answer(405)
    with serving(store) as server:
        done = command(server.base_url, "download", "file-1")
    assert (done.code, names(command)) == (0, ["file-1"])


def test_a_pipe_or_a_device_is_never_replaced(command: Command, store: Store) -> None:
    pipe = command.folder / "pipe"
    os.mkfifo(pipe)
    (command.folder / "stdout").symlink_to(pipe)
    with serving(store) as server:
        for name in ("pipe", "stdout"):
            done = command(server.base_url, "download", "file-1", "--output", name)
            assert (done.code, done.said) == (1, [f"file-1: {name} exists. --output - passes a file on."])
            done = command(server.base_url, "download", "file-1", "--output", name, "--replace")
            assert (done.code, done.out) == (1, "")
            assert done.said == [f"a.bin: {command.folder}/{name} is no regular file, and is never replaced."]
    assert pipe.is_fifo()
    assert names(command) == ["pipe", "stdout"]


def test_what_is_asked_for_is_saved_whichever_file_the_server_tells_of(command: Command, store: Store) -> None:
    def answering(request: Received) -> Reply:
        if request.target.endswith("/file-1"):
            request = Received("GET", "/v1/files/file-3", {}, request.connection)
        return store(request)

    with serving(answering) as server:
        done = command(server.base_url, "download", "file-1", "--output", "own", "--json")
        assert (done.code, done.objects) == (0, [{"id": "file-1", "path": str(command.folder / "own")}])
        assert server.requests[-1].target == "/v1/files/file-1/content"
