"""The whole corpus in every word of a server and every name of this machine, and each byte that reaches a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import ESCAPES, HOSTILE, TELLING, for_header, local_name, sendable
from tests.sequences import foreign
from tests.terminal import Terminal, assert_no_secret, browsing
from tests.test_clipboard import osc52
from tests.wire import Received, Reply, Server, answer, error_answer, json_answer, page_answer, serving

TEXTS = {name: sendable(text) for name, text in HOSTILE.items()}
EACH = [for_header(text) for text in HOSTILE.values()]
ALL = f" of {len(TEXTS)}"
HEADERS = {
    "x-request-id": for_header(" ".join(ESCAPES.values())),
    "content-disposition": f'attachment; filename="{for_header(ESCAPES["osc 52"])}"',
    "content-type": for_header("application/json; charset=\x1b[2J"),
    "x-should-retry": "false",
}
UNSENT = frozenset("\0\r\n\x0b\x0c")


def file_of(name: str, number: int) -> dict[str, object]:
    """A file whose every word is the text."""
    text = TEXTS[name]
    words: dict[str, object] = dict.fromkeys(("filename", "purpose", "status", "status_details", "object"), text)
    return {**words, "id": id_of(name), "bytes": 5, "created_at": 1_000 - number, text[:100]: {text[:100]: text}}


def id_of(name: str) -> str:
    return f"{TEXTS[name][:300]}-{name}"


FILES = [file_of(name, number) for number, name in enumerate(TEXTS)]


class Answers:
    """Lists and sends the files; what changes anything is refused, each time with the next of the texts."""

    def __init__(self) -> None:
        self._number = 0

    def __call__(self, request: Received) -> Reply:
        self._number += 1
        text = list(TEXTS.values())[self._number % len(TEXTS)]
        headers = {**HEADERS, "x-request-id": EACH[self._number % len(EACH)]}
        if request.method == "GET" and "/files?" in request.target:
            return page_answer(*FILES, headers=HEADERS)
        if request.method == "GET" and request.target.endswith("/content"):
            return answer(200, b"12345", headers) if self._number % 2 else error_answer(400, text, headers=headers)
        if request.method == "GET":
            return json_answer(FILES[self._number % len(FILES)], headers=headers)
        if request.method == "POST" and self._number % 2:
            return answer(302, b"", {**headers, "location": EACH[self._number % len(EACH)]})
        return error_answer(422, text, headers=headers, code=text, type=text)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Answers()) as server:
        yield server


def assert_harmless(terminal: Terminal, *copied: str) -> None:
    """Quit: of all bytes that came, none was a text's own."""
    terminal.keys("q")
    assert terminal.wait_exit() == 0
    assert foreign(terminal.raw, copied) == []
    assert not [name for name, text in ESCAPES.items() if text.encode() in terminal.raw and not text.endswith("\x1b")]
    assert_no_secret(terminal)


def test_the_listing_and_what_is_said_of_a_file(tmp_path: Path, server: Server) -> None:
    with browsing(tmp_path, columns=110, rows=30, OPENAI_BASE_URL=server.base_url) as terminal:
        terminal.wait_for(ALL, "[/x] of nothing")
        for number in range(len(TEXTS)):
            ways = (("enter", "c copies the id"), ("d", "Download "), ("x", "cannot be undone"), ("y", "Copy of"))
            key, title = ways[number % len(ways)]
            terminal.keys(key)
            terminal.wait_for(title)
            terminal.keys("esc")
            terminal.wait_for(ALL)
            terminal.keys("j")
        for key, title in (
            ("f", "esc cancel"),
            ("i", "Storage: "),
            ("?", "Keys"),
            ("s", "Sort by"),
            ("l", "newest first"),
        ):
            terminal.keys(key)
            terminal.wait_for(title)
            terminal.keys("esc")
            terminal.wait_for(ALL)
        for digit in "123456789":
            terminal.keys(digit)
            terminal.wait_for("1 of ", "×")
            terminal.keys("0")
            terminal.wait_gone("×")
        assert_harmless(terminal)


def test_what_is_copied_is_all_that_is_sent_to_the_clipboard(tmp_path: Path, server: Server) -> None:
    copied: list[str] = []
    with browsing(tmp_path, columns=110, rows=30, OPENAI_BASE_URL=server.base_url) as terminal:
        terminal.wait_for(ALL)
        for name, text in TEXTS.items():
            start = terminal.mark
            terminal.keys("c")
            copied.append(id_of(name))
            terminal.wait_raw(osc52(copied[-1]).encode(), start)
            if text and name in TELLING and len(text) < 1000:
                start = terminal.mark
                terminal.keys("y")
                terminal.wait_for("Copy of")
                terminal.keys("n")
                copied.append(text)
                terminal.wait_raw(osc52(text).encode(), start)
            terminal.wait_for(ALL)
            terminal.keys("j")
        assert_harmless(terminal, *copied)


def test_transfers_toasts_and_the_log(tmp_path: Path, server: Server) -> None:
    work = tmp_path / "work"
    (work / "here").mkdir(parents=True)
    names = {name for text in HOSTILE.values() if not (name := local_name(text)).startswith(".")}
    for name in names:
        (work / "here" / name).write_bytes(b"x")
    with browsing(tmp_path, columns=110, rows=30, OPENAI_BASE_URL=server.base_url) as terminal:
        terminal.wait_for(ALL)
        terminal.keys("a")
        terminal.wait_for(f"{len(TEXTS)} marked")
        terminal.keys("d")
        terminal.wait_for(f"Download {len(TEXTS)} files")
        terminal.keys("enter")
        terminal.wait_for("Downloads ended with failures")
        terminal.keys("t")
        terminal.wait_for(f"{len(TEXTS)} downloads")
        terminal.keys("enter")
        terminal.wait_for(" done ", " failed ")
        terminal.keys(*"j" * len(TEXTS), "esc")
        terminal.wait_for("marked")
        saved = [path.name for path in work.iterdir() if path.is_file()]
        assert saved
        assert all(name.isprintable() for name in saved)

        terminal.keys("x")
        terminal.wait_for("to confirm", "Delete y")
        terminal.send(str(len(TEXTS)))
        terminal.keys("enter")
        terminal.wait_for(f"{len(TEXTS)} failed")
        terminal.keys("esc")
        terminal.wait_for("marked")
        terminal.keys("esc")
        terminal.wait_gone("marked")

        terminal.keys("u")
        terminal.wait_for("Upload: choose files")
        terminal.send("here/")
        terminal.wait_for(f"{len(names)} entries")
        start = terminal.mark
        terminal.keys("down")
        terminal.wait_raw(b"\x1b[?2026l", start)
        terminal.keys(*["space"] * len(names))
        terminal.wait_for(f"{len(names)} marked")
        terminal.keys("enter")
        terminal.wait_for(f"Upload {len(names)} files")
        terminal.keys("enter")
        terminal.wait_for("Uploads ended with failures")
        terminal.keys("t")
        terminal.wait_for(f"{len(names)} uploads")
        terminal.keys("enter", *"j" * 2 * len(TEXTS), "esc")
        terminal.wait_for(ALL)
        terminal.keys("l")
        terminal.wait_for("newest first", "POST")
        terminal.keys("esc")
        terminal.wait_for(ALL)
        assert_harmless(terminal)


def test_names_are_completed_and_pasted(tmp_path: Path, server: Server) -> None:
    """What is typed in a field by a key, and what a person pastes from elsewhere."""
    (tmp_path / "work").mkdir()
    for text in ESCAPES.values():
        (tmp_path / "work" / local_name(text)).touch()
    with browsing(tmp_path, columns=110, rows=30, OPENAI_BASE_URL=server.base_url) as terminal:
        terminal.wait_for(ALL)
        for text in ESCAPES.values():
            name = local_name(text)
            start = name.partition("\x1b")[0].partition("\x9b")[0].partition("\x9d")[0].partition("\x90")[0]
            terminal.keys("u")
            terminal.wait_for("Upload: choose files", "entries")
            terminal.send(start)
            terminal.keys("tab")
            terminal.paste(name)
            terminal.keys("esc")
            terminal.wait_for(ALL)
        assert_harmless(terminal)


@pytest.mark.parametrize("number", range(6))
def test_a_listing_that_fails(tmp_path: Path, number: int) -> None:
    text = " ".join(list(TEXTS.values())[number::6])[:6_000]
    html = f"<html><title>{text}</title><script>\x1b[2J</script><body>{text}</body>".encode()
    errors = [
        error_answer(400, text, headers=HEADERS, code=text),
        answer(502, html, HEADERS),
        answer(200, html, HEADERS),
        answer(401, text.encode(), HEADERS),
        json_answer({"detail": [{"msg": text, "loc": [text]}]}, status=429, headers=HEADERS),
        json_answer({"object": text, "data": text}, headers=HEADERS),
    ]
    with serving(lambda _: errors[number]) as server, browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        terminal.wait_for("r tries again")
        terminal.keys("l")
        terminal.wait_for("newest first", "GET")
        terminal.keys("esc")
        terminal.wait_for("r tries again")
        assert_harmless(terminal)
