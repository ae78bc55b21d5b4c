"""What the program's actions cost on the line, in bytes; `tests.bench.line` measures all of them, and their time."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from files_tui.ui.terminal import _painted
from tests.terminal import Terminal, environment

CURSOR, PAGE, DIALOG, IDLE = 1_500, 16_000, 40_000, 500
SCREEN = 120 * 40
TICKS = 5

# The refresh of ages, which comes once a minute, comes ten times a second, and each fifth one tells of itself. No
# first lines of a file come: they would add to whatever is measured when the cursor has stayed on it for a while.
PROGRAM = f"""
import sys
from itertools import count
from files_tui.cli import main
from files_tui.ui.browse import beside, screen

beside.REST = 1000.0
screen.AGES = 0.1
ticks, refresh = count(1), screen.BrowseScreen.refresh_page

def refresh_page(self):
    refresh(self)
    if (tick := next(ticks)) % {TICKS} == 0:
        self.app.write_to_terminal(f"\\x1b]2;{{tick}}\\x07")

screen.BrowseScreen.refresh_page = refresh_page
sys.exit(main())
"""
TOLD = re.compile(rb"\x1b\]2;\d+\x07")

DIALOGS = {
    "?": "Keys",
    "f": "⏎ apply",
    "s": "Sort by",
    "y": "Copy of",
    "u": "Upload: choose",
    "d": "─ Download nightly",
    "x": "cannot be undone",
    "t": "Nothing has moved",
    "i": "Storage: 259",
    "l": "newest first",
    "enter": "as the server sent it",
    "o": "record 1 of",
    ":": "earch for commands",
}


class Line:
    """The program, and the bytes that came since the last look."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._mark = terminal.mark

    def cost(self) -> int:
        """How many bytes have come since this was asked before, without what the test itself has put there."""
        raw = self.terminal.raw[self._mark :]
        self._mark += len(raw)
        return len(TOLD.sub(b"", raw))

    @property
    def detail(self) -> str:
        """The pane on the right."""
        return detail_of(self.terminal.text)

    def press(self, key: str, *shows: str) -> int:
        """What a key costs until these words are shown and the pane tells of another file."""
        before = self.detail
        self.terminal.keys(key)
        self.terminal.wait_for(*shows, lambda screen: detail_of(screen) not in ("", before))
        return self.cost()


def detail_of(screen: str) -> str:
    return "\n".join(line[83:].strip() for line in screen.split("\n")[3:13]).strip()


def test_each_action_keeps_within_its_bytes(tmp_path: Path, samples: str) -> None:
    environ = environment(tmp_path, OPENAI_BASE_URL=samples, COLORTERM="truecolor")
    with Terminal([sys.executable, "-c", PROGRAM], environ, 120, 40) as terminal:
        terminal.wait_for("259 files", "synced", "page 1 of", "purpose")
        line = Line(terminal)

        walked = [line.press("j") for _ in range(10)]
        assert max(walked) <= CURSOR, walked
        turned = [line.press("n", "page 2 of"), line.press("p", "page 1 of")]
        assert max(turned) <= PAGE, turned

        crossing = "".join(f"\x1b[<35;{column};{row}M" for column in (5, 100) for row in range(1, 40))
        terminal.send(crossing)
        assert line.press("j") <= max(walked)

        for key, title in DIALOGS.items():
            terminal.keys(key)
            terminal.wait_for(title)
            terminal.send(crossing)
            terminal.keys("esc")
            terminal.wait_gone(title)
            terminal.wait_for("page 1 of")
            assert line.cost() <= DIALOG, title

        start = terminal.mark
        terminal.keys("ctrl+l")
        terminal.wait_fresh("page 1 of", start)
        assert SCREEN < line.cost() < 4 * SCREEN

        for _ in range(2):  # what was under way is over when the first has come
            start = terminal.mark
            line.cost()
            terminal.wait_raw(b"\x1b]2;", start)
        assert line.cost() <= IDLE
        terminal.keys("q")
        assert terminal.wait_exit() == 0


# A Textual whose updates are other ones.
OTHER = """
import sys
from files_tui.cli import main
from files_tui.ui.painting import Painted

Painted.changes = lambda self, update, *_: update.spans_that_are_called_otherwise
sys.exit(main())
"""


def test_where_textuals_updates_are_other_ones_it_writes_them_itself(
    tmp_path: Path, samples: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Terminal([sys.executable, "-c", OTHER], environment(tmp_path, OPENAI_BASE_URL=samples), 120, 40) as terminal:
        terminal.wait_for("259 files", "synced", "page 1 of", "purpose")
        terminal.keys("n")
        terminal.wait_for("page 2 of")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
    monkeypatch.setitem(sys.modules, "files_tui.ui.painting", None)
    assert _painted() is None
