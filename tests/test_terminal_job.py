"""What people come for, done by keyboard alone in a real terminal against the embedded server."""

import base64
import re
from pathlib import Path

import pytest

from tests.terminal import Terminal, assert_left_usable, assert_no_secret, browsing
from tests.waiting import until

CHAT = b'{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}\n'
SIZES = pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])


def copied(terminal: Terminal, start: int) -> list[str]:
    """The lines of every text that was put on the clipboard since `start`."""
    sequences = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", terminal.raw[start:])
    return [line for payload in sequences for line in base64.b64decode(payload).decode().split("\n")]


def copy_id(terminal: Terminal) -> list[str]:
    """Press the copy key and give what reached the terminal's clipboard."""
    start = terminal.mark
    terminal.keys("c")
    terminal.wait_raw(b"\x07", start)
    return copied(terminal, start)


def search(terminal: Terminal, words: str, expected: str) -> None:
    """Narrow the listing to what holds these words."""
    terminal.keys("/")
    terminal.send(words)
    terminal.wait_for(expected)
    terminal.keys("enter")
    terminal.wait_for(f"“{words}”")
    terminal.wait_for(lambda screen: not any(line.lstrip().startswith(f"/{words}") for line in screen.split("\n")))


def clear(terminal: Terminal) -> None:
    """Back to the whole listing."""
    terminal.keys("esc")
    terminal.wait_gone("”")


@SIZES
def test_search_mark_and_copy(tmp_path: Path, samples: str, columns: int, rows: int) -> None:
    with browsing(tmp_path, OPENAI_BASE_URL=samples, columns=columns, rows=rows) as terminal:
        terminal.wait_for("support-handbook.pdf")
        terminal.wait_for("259 files · 14.2 MB · synced")
        search(terminal, "support-chats-2", "47 of 259 · page 1 of ")
        assert "support-handbook.pdf" not in terminal.text
        one = copy_id(terminal)
        assert len(one) == 1
        assert re.fullmatch(r"file-[A-Za-z0-9]{22}", one[0])

        terminal.keys("space", "space")
        terminal.wait_for("2 marked")
        terminal.keys("j", "space")
        terminal.wait_for("3 marked")
        three = copy_id(terminal)
        assert len(set(three)) == 3
        assert one[0] in three

        terminal.keys("esc")
        terminal.wait_gone("marked")
        clear(terminal)
        terminal.keys("5")
        terminal.wait_for(lambda screen: "requests" not in screen and "invoice-scan" in screen)
        terminal.keys("0", "n")
        terminal.wait_for("page 2 of")
        terminal.keys("g", "k")
        terminal.wait_for("page 1 of")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
        assert_left_usable(terminal)
        assert_no_secret(terminal)


@SIZES
def test_upload_download_and_delete(tmp_path: Path, columns: int, rows: int) -> None:
    typed = tmp_path / "typed train.jsonl"
    typed.write_bytes(CHAT * 2000)
    pasted = tmp_path / 'it\'s "quoted" & (odd).txt'
    pasted.write_bytes(b"pasted\n" * 7)
    log = tmp_path / "log"
    with browsing(tmp_path, "--demo", "--log-file", str(log), columns=columns, rows=rows) as terminal:
        work = tmp_path / "work"
        terminal.wait_for("259 files")

        # A path that is typed ahead reaches the dialog it was meant for.
        terminal.keys("u")
        terminal.send(str(typed))
        terminal.keys("enter")
        terminal.wait_for("Upload 1 file, 186.0 kB")
        terminal.keys("enter")
        terminal.wait_for("Uploaded")
        terminal.wait_for("260 files")

        terminal.keys("u")
        terminal.wait_for("Upload: choose files")
        escaped = re.sub(r"([ '\"&()])", r"\\\1", str(pasted))
        terminal.paste(escaped)
        terminal.keys("enter")
        terminal.wait_for("Upload 1 file, 49 B")
        terminal.wait_for("custom")
        terminal.keys("enter")
        terminal.wait_for("261 files")

        search(terminal, "typed train", "1 of 261 · page")
        terminal.keys("d")
        terminal.wait_for("Download typed train.jsonl, 186.0 kB")
        terminal.keys("enter")
        terminal.wait_for("Saved")
        assert (work / "typed train.jsonl").read_bytes() == typed.read_bytes()

        terminal.keys("d")
        terminal.wait_for("Download typed train.jsonl")
        terminal.keys("enter")
        terminal.wait_for("exists: 186.0 kB")
        terminal.keys("k")
        terminal.wait_gone("exists: 186.0 kB")
        both = ["typed train (1).jsonl", "typed train.jsonl"]
        until(lambda: sorted(path.name for path in work.iterdir()) == both)
        assert (work / "typed train (1).jsonl").read_bytes() == typed.read_bytes()

        for refusal in ("n", "esc", "enter"):
            terminal.keys("x")
            terminal.wait_for("This cannot be undone")
            terminal.keys(refusal)
            terminal.wait_gone("This cannot be undone")
            terminal.wait_for("261 files", "1 of 261 ·")
        terminal.keys("x")
        terminal.wait_for("This cannot be undone", "Delete y")
        terminal.keys("y")
        terminal.wait_for("Deleted", "typed train.jsonl")
        terminal.wait_for("260 files")
        terminal.keys("l")
        terminal.wait_for("Request log")
        terminal.wait_for("DELETE")
        terminal.keys("esc")
        terminal.wait_gone("Request log")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
        assert_no_secret(terminal)
    assert (log.read_text().count(" DELETE /files/"), log.read_text().count(" POST /files ")) == (1, 2)


def test_more_than_ten_files_are_deleted_only_after_their_number(tmp_path: Path) -> None:
    with browsing(tmp_path, "--demo") as terminal:
        terminal.wait_for("259 files")
        search(terminal, "IMG_", "“IMG_”")
        terminal.keys("a")
        terminal.wait_for("16 marked")
        terminal.keys("x")
        terminal.wait_for("Type 16 to confirm", "Delete y")
        terminal.keys("y", "1", "enter")
        terminal.wait_for(re.compile(r"confirm: +1\b").search)
        assert "This cannot be undone" in terminal.text
        terminal.keys("6", "enter")
        terminal.wait_for("Deletes ended", "16 files deleted")
        terminal.wait_for("243 files")
        terminal.wait_for("Nothing matches “IMG_”")


def test_a_key_too_many_closes_no_more_than_its_dialog(tmp_path: Path) -> None:
    (tmp_path / "twice.txt").write_bytes(b"twice\n")
    with browsing(tmp_path, "--demo") as terminal:
        terminal.wait_for("259 files")
        terminal.keys("u")
        terminal.wait_for("Upload: choose files")
        terminal.send(str(tmp_path / "twice.txt") + "\r\r")
        terminal.wait_for(lambda screen: "Upload 1 file, 6 B" in screen or "260 files" in screen)
        terminal.keys("esc")
        terminal.wait_for("synced")
        terminal.keys("?")
        terminal.wait_for("esc closes")
        terminal.keys("q")
        terminal.wait_gone("esc closes")
        terminal.keys("?")
        terminal.wait_for("esc closes")
        terminal.keys("esc")
        terminal.wait_for("support-handbook.pdf")


def test_the_other_screens(tmp_path: Path, samples: str) -> None:
    with browsing(tmp_path, OPENAI_BASE_URL=samples) as terminal:
        terminal.wait_for("259 files")
        terminal.keys("?")
        terminal.wait_for("Copy id, name, JSON")
        terminal.keys("esc")
        terminal.wait_gone("Copy id, name, JSON")

        terminal.keys("t")
        terminal.wait_for("Nothing has moved yet.")
        terminal.keys("esc")
        terminal.wait_gone("Nothing has moved yet.")

        terminal.keys("l")
        terminal.wait_for("newest first", "GET /files")
        terminal.keys("q")
        terminal.wait_gone("newest first")

        terminal.keys(":")
        terminal.wait_for("Search for commands")
        terminal.send("delete")
        terminal.wait_for("Delete marked, or this")
        terminal.keys("enter")
        terminal.wait_for("This cannot be undone")
        terminal.keys("esc")
        terminal.wait_gone("This cannot be undone")

        terminal.keys("y")
        terminal.wait_for("Copy of")
        start = terminal.mark
        terminal.keys("p")
        terminal.wait_for("Sent, not confirmed")
        assert re.fullmatch(r"client\.files\.retrieve\('file-\w+'\)", copied(terminal, start)[0])

        terminal.keys("enter")
        terminal.wait_for("as the server sent it")
        terminal.keys("esc")
        terminal.wait_gone("as the server sent it")

        terminal.keys("f")
        terminal.wait_for("esc cancel")
        terminal.keys("esc")
        terminal.wait_gone("esc cancel")

        terminal.keys("s")
        terminal.wait_for("Sort")
        terminal.keys("esc")
        terminal.wait_for("259 files")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
        assert_left_usable(terminal)
