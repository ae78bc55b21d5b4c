"""A terminal that changes its size keeps what the person has done."""

import re
from pathlib import Path

from tests.terminal import PROGRAM, Terminal, browsing, environment

SIZES = [(40, 10), (200, 50), (79, 24), (99, 30), (60, 15), (150, 45), (80, 24)]
ID = re.compile(r"^ *id +(file-\w{22})", re.MULTILINE)
TOO_SMALL = "files-tui needs 40×10 cells"


def cursor_line(terminal: Terminal) -> str:
    """The id under the cursor, as its detail screen shows it."""
    terminal.keys("enter")
    screen = terminal.wait_for(lambda screen: "c copies the id" in screen and ID.search(screen))
    terminal.keys("esc")
    terminal.wait_gone("c copies the id")
    found = ID.search(screen)
    assert found
    return found[1]


def resize(terminal: Terminal, columns: int, rows: int, *shows: str) -> str:
    """Another size; gives the screen once it was drawn anew, and with nothing left of the old one."""
    start = terminal.mark
    terminal.resize(columns, rows)
    for words in shows:
        terminal.wait_for(words)
        terminal.wait_fresh(words, start)
    return terminal.text


def test_the_listing(tmp_path: Path, samples: str) -> None:
    with browsing(tmp_path, OPENAI_BASE_URL=samples) as terminal:
        terminal.wait_for("259 files")
        terminal.wait_for("support-handbook.pdf")
        terminal.keys("space", "j", "space", "j")
        terminal.wait_for("2 mark")
        here = cursor_line(terminal)
        for columns, rows in SIZES:
            shown = resize(terminal, columns, rows, "259", "2 mark")
            assert all(len(line) <= columns for line in shown.split("\n"))
            assert cursor_line(terminal) == here
            terminal.wait_for("2 mark")


def test_whatever_the_environment_says_of_another_terminal_or_program(tmp_path: Path, samples: str) -> None:
    elsewhere = {"COLUMNS": "60", "LINES": "15", "PYTHONIOENCODING": "latin-1", "TEXTUAL_THEME": "none-of-ours"}
    environ = environment(tmp_path, OPENAI_BASE_URL=samples, **elsewhere)
    with Terminal(PROGRAM, environ) as terminal:
        terminal.wait_for("259 files")
        terminal.wait_for("● ready", "会议纪要-第三季度.md", "? help")
        resize(terminal, 100, 30, "│ status", "look inside  ? help")


def test_a_terminal_that_was_too_small(tmp_path: Path, samples: str) -> None:
    with browsing(tmp_path, OPENAI_BASE_URL=samples) as terminal:
        terminal.wait_for("support-handbook.pdf")
        terminal.keys("space", "j")
        terminal.wait_for("1 marked")
        here = cursor_line(terminal)
        for columns, rows in ((39, 24), (80, 9), (1, 1), (12, 3)):
            start = terminal.mark
            terminal.resize(columns, rows)
            terminal.wait_fresh("needs" if columns > 9 else TOO_SMALL[:columns], start)
            resize(terminal, 80, 24, "1 marked", "Created ▾")
            terminal.wait_gone(TOO_SMALL)
            assert cursor_line(terminal) == here


def test_open_dialogs(tmp_path: Path, samples: str) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "notes.txt").write_bytes(b"notes\n")
    with browsing(tmp_path, OPENAI_BASE_URL=samples) as terminal:
        terminal.wait_for("259 files")
        dialogs = [
            ("d", "-typed", "Download", "esc"),
            ("x", "", "cannot be undone", "n"),
            ("y", "", "Copy of", "esc"),
            ("?", "", "Keys", "esc"),
            ("u", "not", "Upload: choose files", "esc"),
            ("f", "", "Filter", "esc"),
            ("l", "", "Request log", "esc"),
            ("t", "", "Nothing has moved yet.", "esc"),
            ("/", "handbo", "/", "esc"),
        ]
        for key, typed, title, leave in dialogs:
            terminal.keys(key)
            terminal.wait_for(title)
            terminal.send(typed)
            terminal.wait_for(typed)
            for columns, rows in ((40, 10), (200, 50), (30, 5), (80, 24)):
                if columns == 30:
                    terminal.resize(columns, rows)
                else:
                    resize(terminal, columns, rows, title, typed if columns >= 80 else "")
            terminal.wait_for(title, typed)
            if key == "/":
                terminal.wait_for(
                    "“handbo” ×", "1 of 259 · page 1 of 1"
                )  # narrowed, so that the whole list is seen to come back
            terminal.keys(leave)
            terminal.wait_for("support-handbook.pdf", re.compile(r"–\d+ of 259").search)
        terminal.keys("q")
        assert terminal.wait_exit() == 0


def test_a_window_that_is_dragged_while_a_listing_comes_in(tmp_path: Path, samples: str) -> None:
    with browsing(tmp_path, OPENAI_BASE_URL=samples) as terminal:
        terminal.wait_for("support-handbook.pdf")
        terminal.keys("space", "j", "j")
        terminal.wait_for("1 mark")
        here = cursor_line(terminal)
        terminal.keys("r", "d")
        terminal.wait_for("Download", "Cancel esc")
        terminal.send("-typed")
        for step in range(60):
            terminal.resize(120 - 2 * step + 40 * (step % 3), 40 - step // 2 + step % 5)
        resize(terminal, 100, 30, "-typed", "╭─ Download")
        terminal.wait_for(lambda screen: screen.count("Cancel esc") == screen.count("╭─ Download") == 1)
        assert len(terminal.text.split("\n")) == 30
        terminal.send("-more")
        terminal.wait_for("-typed-more")
        terminal.keys("esc")
        terminal.wait_for("259 files", "synced", "1 mark", lambda screen: "Cancel esc" not in screen)
        assert cursor_line(terminal) == here
        terminal.keys("q")
        assert terminal.wait_exit() == 0
