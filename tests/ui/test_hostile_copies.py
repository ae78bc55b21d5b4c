"""What leaves the program is the true text: what is copied, what is saved, and what is sent."""

from __future__ import annotations

import ast
import json
import os
import shlex
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from files_tui.text import file_name, safe
from files_tui.ui.screens.copy import CopyScreen
from files_tui.ui.screens.detail import DetailScreen
from files_tui.ui.screens.upload import UploadScreen
from tests.demo_server import LIVE, running_demo
from tests.hostile import HOSTILE, local_name
from tests.ui.helpers import Browser, browsing
from tests.ui.hostile import FEW, SIZE, check, hostile_server, with_each

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("quick_ticks")]


def id_in_python(line: str) -> str:
    """The id of a line of Python, which is one call with one plain text and nothing else."""
    assert "\n" not in line
    assert line.isprintable()
    call = ast.parse(line, mode="eval").body
    assert isinstance(call, ast.Call)
    assert ast.unparse(call.func) == "client.files.retrieve"
    assert len(call.args) == 1
    assert not call.keywords
    return str(ast.literal_eval(call.args[0]))


def id_in_curl(line: str) -> str:
    """The id of a command line, which a shell takes for one command with plain arguments."""
    assert "\n" not in line
    assert line.isprintable()
    words = shlex.split(line)
    assert words[0] == "curl"
    assert words[2::2] == ["-H", "-o"]
    assert "/" not in words[5]
    assert words[5] not in ("", ".", "..")
    prefix, suffix = words[1].rsplit("/files/", 1)[0], "/content"
    assert words[1].endswith(suffix)
    return unquote(words[1][len(prefix) + len("/files/") : -len(suffix)])


async def copy_each(b: Browser, keys: str, clipboard: list[str]) -> None:
    """Copy one after the other: each has a thread of its own, and the next one's may overtake it."""
    for key in keys:
        copied = len(clipboard)
        await b.press("y")
        await b.screen(CopyScreen)
        await b.press(key)
        await b.main()
        await filled(b, clipboard, copied + 1)


async def filled(b: Browser, clipboard: list[str], count: int) -> None:
    await b.until(lambda: len(clipboard) == count)


async def test_a_copy_is_the_true_text(clipboard: list[str]) -> None:
    with hostile_server() as server:
        async with browsing(server.base_url, size=SIZE) as b:
            for number, file in enumerate(server.files):
                await b.press("c")
                await filled(b, clipboard, 1)
                keys = ("n", "no", "ic", "p")[number % 4] if file["filename"] in FEW else ""
                await copy_each(b, keys, clipboard)
                by_key, *others = clipboard
                assert by_key == file["id"]
                for key, copied in zip(keys, others, strict=True):
                    match key:
                        case "o":
                            assert json.loads(copied) == file
                        case "c":
                            assert id_in_curl(copied) == file["id"]
                        case "p":
                            assert id_in_python(copied) == file["id"]
                        case _:
                            assert copied == file["filename" if key == "n" else "id"]
                clipboard.clear()
                b.app.clear_notifications()
                await b.press("j")


async def test_a_copy_of_many_is_a_line_each(clipboard: list[str]) -> None:
    with hostile_server() as server:
        async with browsing(server.base_url, size=SIZE) as b:
            await b.press("a")
            await copy_each(b, "iocp", clipboard)
            ids, document, curl, python = clipboard
            wanted = [file["id"] for file in server.files]
            assert ids == "\n".join(wanted)
            assert json.loads(document) == server.files
            assert [id_in_curl(line) for line in curl.split("\n")] == wanted
            assert [id_in_python(line) for line in python.split("\n")] == wanted


async def test_a_shell_runs_nothing_of_a_copied_command_line(clipboard: list[str], tmp_path: Path) -> None:
    """A shell is given all of them with a `curl` that only says what it was given."""
    with hostile_server() as server:
        async with browsing(server.base_url, size=SIZE) as b:
            await b.press("a")
            await copy_each(b, "oc", clipboard)
    arguments = arguments_of(clipboard[1], tmp_path)
    assert arguments[::2] == ["5"] * len(server.files)
    ids = [unquote(address.split("/files/", 1)[1].removesuffix("/content")) for address in arguments[1::2]]
    assert ids == [file["id"] for file in server.files]


def arguments_of(lines: str, folder: Path) -> list[str]:
    """The number of arguments and the address of each command line, as a shell hands them over."""
    told = subprocess.run(
        ["bash", "-c", 'curl() { printf \'%s\\0\' "$#" "$1"; }\n' + lines],
        cwd=folder,
        capture_output=True,
        check=True,
        env={"OPENAI_API_KEY": "x", "PATH": os.environ["PATH"]},
    )
    assert told.stderr == b""
    return told.stdout.decode().split("\0")[:-1]


async def test_what_came_is_shown_to_the_letter() -> None:
    """The raw view holds each line of the JSON, with what cannot be shown written out."""
    with hostile_server() as server:
        async with browsing(server.base_url, size=SIZE) as b:
            async for name in with_each(b, ["enter"], lambda: b.screen(DetailScreen)):
                check(b)
                shown = safe(json.dumps(name, ensure_ascii=False))
                if len(shown) < 90:  # or it is folded
                    assert f'"filename": {shown}' in b.text


async def test_what_is_saved_has_a_plain_name_and_all_of_its_content(here: Path) -> None:
    with hostile_server() as server:
        for file in server.files:
            server.contents[file["id"]] = f"{file['id']!r:.5}".encode()
        async with browsing(server.base_url, size=SIZE) as b:
            await b.press("a")
            await b.download()
            await b.until(lambda: not b.browse.active and b.toasts)
            assert b.browse.session is not None
            assert {job.state for job in b.browse.session.queue.jobs} == {"done"}
    names = os.listdir(here)
    assert len(names) == len(server.files)
    assert sorted((here / name).read_bytes() for name in names) == sorted(server.contents.values())
    assert all(name.isprintable() and not name.startswith(".") for name in names)
    plain = {file_name(file["filename"] or file["id"]) for file in server.files}
    assert plain <= set(names)


async def test_local_names_are_sent_as_they_are(here: Path) -> None:
    names = sorted({local_name(text) for text in HOSTILE.values()})
    for name in names:
        (here / name).write_bytes(b"hello")
    with running_demo("--empty", *LIVE) as base_url:
        await upload_all(base_url, here, names)


async def upload_all(base_url: str, here: Path, names: list[str]) -> None:
    async with browsing(base_url, size=SIZE) as b:
        b.browse.open_upload([here / name for name in names])
        await b.screen(UploadScreen)
        await b.press("enter")
        await b.main()
        await b.until(lambda: b.browse.session and len(b.browse.session.queue.jobs) == len(names))
        await b.until(lambda: not b.browse.active)
        assert b.browse.session is not None
        assert [job.message for job in b.browse.session.queue.jobs if job.state != "done"] == []
        await b.until(lambda: len(b.rows) == len(names))
        assert sorted(file.filename.true for file in b.table.files) == names
