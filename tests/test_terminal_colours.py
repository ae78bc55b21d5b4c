"""What is seen where there are few colours or none, and the greeting of a first run, in a real terminal."""

import re
import stat
from pathlib import Path

from tests.terminal import Terminal, browsing, environment

COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")
OWN_PALETTE = re.compile(rb"\x1b\[(?:[0-9;]*;)?[34]8;[25];")


def reversed_words(terminal: Terminal) -> str:
    """What stands in reverse video, or on a background of its own."""
    with terminal._changed:
        screen = terminal._picture.screen
        rows = [[screen.buffer[row][column] for column in range(screen.columns)] for row in range(screen.lines)]
    return "\n".join("".join(cell.data for cell in row if cell.reverse or cell.bg != "default") for row in rows)


def test_without_colours(tmp_path: Path, samples: str) -> None:
    note = Path(environment(tmp_path)["XDG_STATE_HOME"]) / "files-tui" / "greeted"
    note.unlink()
    with browsing(tmp_path, OPENAI_BASE_URL=samples, NO_COLOR="1", COLORTERM="truecolor") as terminal:
        terminal.wait_for("support-handbook.pdf", "New here? ? shows the keys")
        assert stat.S_IMODE(note.stat().st_mode) == 0o600
        looks(terminal)
        assert "New here?" not in terminal.text
        assert not COLOUR.search(terminal.raw)


def test_with_sixteen_colours(tmp_path: Path, samples: str) -> None:
    with browsing(tmp_path, OPENAI_BASE_URL=samples, TERM="xterm") as terminal:
        terminal.wait_for("support-handbook.pdf")
        looks(terminal)
        assert COLOUR.search(terminal.raw)
        assert not OWN_PALETTE.search(terminal.raw)


def looks(terminal: Terminal) -> None:
    """The cursor, the focus and the choice are seen by more than a colour of their letters."""
    terminal.keys("j")
    terminal.wait_for(lambda _: "nightly-classificat" in reversed_words(terminal))
    terminal.keys("y")
    terminal.wait_for("Copy of", lambda _: " i  id" in reversed_words(terminal))
    back(terminal)
    terminal.keys("x")
    terminal.wait_for("Delete y", lambda _: "Cancel n" in reversed_words(terminal))
    terminal.keys("left")
    terminal.wait_for(lambda _: "Delete y" in reversed_words(terminal))
    terminal.keys("n", "f")
    terminal.wait_for("Filter", lambda _: reversed_words(terminal).strip() == "all")
    back(terminal)
    terminal.keys("/")
    terminal.send("handbo")
    terminal.wait_for("“handbo” ×", lambda _: "handbo" in reversed_words(terminal))
    back(terminal)
    terminal.keys("q")
    assert terminal.wait_exit() == 0


def back(terminal: Terminal) -> None:
    """Back to the whole listing."""
    terminal.keys("esc")
    terminal.wait_for(re.compile(r"–\d+ of 259").search)
