"""Names, ids, words and messages that are meant to harm a terminal arrive there as harmless text."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sequences import foreign
from tests.terminal import Terminal, assert_no_secret, browsing
from tests.wire import Received, Reply, Server, answer, error_answer, json_answer, page_answer, serving

PAYLOADS = {
    "closing": ("[/x].txt", "[/x].txt"),
    "clipboard": ("c\x1b]52;c;UFdORUQ=\x07d", "c␛]52;c;UFdORUQ=␇d"),
    "title": ("t\x1b]2;PWNED\x1b\\u", "t␛]2;PWNED␛\\u"),
    "clear": ("e\x1b[2Jf", "e␛[2Jf"),
    "bidi": ("g\u202efdp.exe", "g\\u202efdp.exe"),
    "newline": ("h\ni\tj", "h␊i␉j"),
    "c1": ("k\x9b2Jl\x9d52;c;UFdORUQ=\x9c", "k\\u009b2Jl\\u009d52"),
    "click": ("[@click=app.quit]x", "[@click=app.quit]x"),
    "link": ("[link=file:///etc/passwd]y[/]", "[link=file:///e"),
    "long": ("m" * 10_000 + "n", "mmmmmmmm"),
    "dcs": ("o\x1bPtmux;\x1b\x1b]52;c;UFdORUQ=\x07\x1b\\p", "o␛Ptmux;␛␛]52"),
}
ESCAPES = "".join(text for text, _ in PAYLOADS.values() if len(text) < 1000)
ALL = f"–{len(PAYLOADS)} of {len(PAYLOADS)}"


def hostile(name: str) -> dict[str, object]:
    """A file whose every word is the payload."""
    text = PAYLOADS[name][0]
    details = f"{text} {ESCAPES}"
    return {
        "id": f"file-{text[:4000]}",
        "filename": text,
        "purpose": text,
        "status": text,
        "status_details": details,
        "bytes": 5,
        "created_at": len(PAYLOADS) - list(PAYLOADS).index(name),
        "object": text,
    }


def respond(request: Received) -> Reply:
    """The listing; downloads come, deletes and uploads are refused with the payloads as the reason."""
    headers = {"x-request-id": "req-\x1b]52;c;UFdORUQ=\x07\x9b2J"}
    if request.method == "GET" and "/files?" in request.target:
        return page_answer(*map(hostile, PAYLOADS))
    if request.method == "GET" and request.target.endswith("/content"):
        return answer(200, b"12345")
    if request.method == "GET":
        return json_answer(hostile("closing"))
    return error_answer(422, ESCAPES, headers=headers, code=ESCAPES)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(respond) as server:
        yield server


def assert_harmless(terminal: Terminal, *copied: str) -> None:
    """Quit: only the program's own sequences are among all bytes, with the texts that were copied."""
    terminal.keys("q")
    assert terminal.wait_exit() == 0
    assert foreign(terminal.raw, copied) == []
    assert_no_secret(terminal)


def test_listing_detail_and_dialogs(tmp_path: Path, server: Server) -> None:
    with browsing(tmp_path, columns=140, rows=40, OPENAI_BASE_URL=server.base_url) as terminal:
        for _, visible in PAYLOADS.values():
            terminal.wait_for(visible)
        for name, (_, visible) in PAYLOADS.items():
            terminal.keys("enter")
            terminal.wait_for("c copies the id", visible[:8])
            terminal.send("j" * 40)
            if name != "long":
                terminal.wait_for('"created_at"')
            terminal.keys("q")
            terminal.wait_for(ALL)
            for key, title, leave in (
                ("d", "Download ", "esc"),
                ("x", "cannot be undone", "n"),
                ("y", "Copy of", "esc"),
            ):
                terminal.keys(key)
                terminal.wait_for(title, visible[:8])
                terminal.keys(leave)
                terminal.wait_for(ALL)
            terminal.keys("j")
        terminal.keys("f")
        terminal.wait_for("esc cancel")
        terminal.keys("esc")
        terminal.wait_for(ALL)
        terminal.keys("3")
        terminal.wait_for("1 of 11 · page 1 of 1 · 1–1", "×")
        terminal.keys("0")
        terminal.wait_for(ALL)
        terminal.keys("/")
        terminal.send("PWNED")
        terminal.wait_for("1 of 11 · page 1 of 1 · 1–1", "“PWNED” ×")
        terminal.keys("esc")
        terminal.wait_for(ALL)
        assert_harmless(terminal)


def test_transfers_toasts_and_log(tmp_path: Path, server: Server) -> None:
    with browsing(tmp_path, columns=140, rows=40, OPENAI_BASE_URL=server.base_url) as terminal:
        odd = tmp_path / "work" / "up\x1b]52;c;UFdORUQ=\x07\x1b[2J.txt"
        odd.write_bytes(b"x")
        terminal.wait_for(f"{len(PAYLOADS)} files ·")
        terminal.keys("a")
        terminal.wait_for(f"{len(PAYLOADS)} marked")
        terminal.keys("d")
        terminal.wait_for(f"Download {len(PAYLOADS)} files")
        terminal.keys("enter")
        terminal.wait_for("Downloads ended", "11 files saved in")
        terminal.keys("t")
        terminal.wait_for("11 downloads", lambda screen: screen.count(" done ") == 1)
        terminal.keys("enter")
        terminal.wait_for(lambda screen: screen.count(" done ") == 1 + len(PAYLOADS))
        terminal.keys("esc")
        terminal.wait_for("marked")
        names = [path.name for path in (tmp_path / "work").iterdir() if path != odd]
        assert len(names) == len(PAYLOADS)
        assert all(name.isprintable() and "/" not in name for name in names)

        terminal.keys("x")
        terminal.wait_for("to confirm", "Delete y")
        terminal.send(str(len(PAYLOADS)))
        terminal.keys("enter")
        terminal.wait_for("0 of 11 deleted, 11 failed")
        terminal.wait_for("[/x].txt")
        terminal.keys("esc")
        terminal.wait_for("marked")
        terminal.keys("esc")
        terminal.wait_gone("marked")

        terminal.keys("u")
        terminal.wait_for("up␛]52;c;UFdORUQ=␇␛[2J.txt")
        terminal.keys("u", "p", "enter")
        terminal.wait_for("Upload 1 file, 1 B")
        terminal.wait_for("up␛]52;c;UFdORUQ=␇␛[2J.txt")
        terminal.keys("enter")
        terminal.wait_for("Upload failed")
        terminal.keys("t")
        terminal.wait_for("r R try again", "11 deletes", "11 failed")
        for _, visible in PAYLOADS.values():
            terminal.wait_for(visible[:8])
        terminal.keys("esc")
        terminal.wait_for(ALL)
        terminal.keys("l")
        terminal.wait_for("newest first")
        terminal.wait_for("DELETE")
        terminal.keys("esc")
        terminal.wait_for(ALL)
        terminal.keys("j", "c")
        terminal.wait_for("Sent, not confirmed")
        assert_harmless(terminal, f"file-{PAYLOADS['clipboard'][0]}")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_a_listing_that_fails_with_them(tmp_path: Path, status: int) -> None:
    reply = error_answer(status, ESCAPES, code=ESCAPES, headers={"x-should-retry": "false"})
    with serving(lambda _: reply) as server, browsing(tmp_path, OPENAI_BASE_URL=server.base_url) as terminal:
        terminal.wait_for("c␛]52;c;UFdORUQ=␇d")
        terminal.wait_for("r tries again")
        assert_harmless(terminal)
