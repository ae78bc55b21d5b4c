"""What is loaded before the first frame, and by whom.

The first frame waits for what its own thread loads. So that thread loads nothing of the network, of the database or
of the demo before the frame is written; a second one, which is under way by then, loads what the first rows need:
`sqlite3` for those that were kept, `httpx` for the first request.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tests.terminal import Terminal, environment
from tests.wire import page_answer, serving

HEAVY = (
    *("httpx", "httpcore", "h11", "anyio", "sqlite3", "files_tui.demo", "starlette", "uvicorn"),
    *(
        "pyperclip",
        "files_tui.ui.session",
        "files_tui.api.client",
        "files_tui.catalog.store",
        "files_tui.transfers.queue",
    ),
)

FOR_A_FILE = ("tomllib", "files_tui.toml", "files_tui.ui.keymap", "files_tui.ui.keys", "files_tui.ui.switch")
"""What only those need who have a configuration file."""

PROBE = """
import json, sys, threading

loads, frames = [], []

class Watch:
    @staticmethod
    def find_spec(name, path=None, target=None):
        loads.append((name, threading.current_thread().name, len(frames)))

sys.meta_path.insert(0, Watch)

from files_tui.cli import main
from files_tui.ui.terminal import TerminalApp

def display(self, screen, update, write=TerminalApp._display):
    frames.append([thread.name for thread in threading.enumerate()])
    write(self, screen, update)

TerminalApp._display = display
code = main(["--no-cache"])
with open(sys.argv[1], "w") as file:
    json.dump({"loads": loads, "threads": frames[0]}, file)
sys.exit(code)
"""


def is_heavy(name: str) -> bool:
    return any(name == heavy or name.startswith(f"{heavy}.") for heavy in HEAVY)


def test_the_first_frame_waits_for_neither_network_nor_database(tmp_path: Path) -> None:
    told, is_drawn = tmp_path / "told.json", threading.Event()
    command = [sys.executable, "-c", PROBE, str(told)]
    with (
        serving(lambda request: [is_drawn, page_answer({"id": "file-1", "filename": "a.txt"})]) as server,
        Terminal(command, environment(tmp_path, OPENAI_BASE_URL=server.base_url)) as terminal,
    ):
        terminal.wait_for("? help")
        is_drawn.set()
        terminal.wait_for("1 file", "synced")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
    seen: dict[str, Any] = json.loads(told.read_text())
    assert [load for load in seen["loads"] if load[2] == 0 and load[0] in FOR_A_FILE] == []
    heavy = [(name, thread, frame) for name, thread, frame in seen["loads"] if is_heavy(name)]
    assert {"httpx", "sqlite3", "files_tui.ui.session"} <= {name for name, _, _ in heavy}
    assert [load for load in heavy if load[1] == "MainThread" and load[2] == 0] == []
    assert "open" in seen["threads"], "the first request was not under way while the first frame was drawn"
    assert [name for name, _, _ in heavy if name.startswith("files_tui.demo")] == []


def test_the_screen_is_made_without_what_it_shows_later() -> None:
    code = """
import sys
from files_tui.cli import prepare
prepare()
from files_tui.ui.quick import import_textual
import_textual()
import files_tui.ui.app
print(*sys.modules)
from textual.command import CommandPalette
CommandPalette.is_open
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = shown.stdout.split()
    assert "textual.app" in loaded
    assert not {"textual.command", "textual.widgets._input", "textual.widgets._select", "rich.table"} & set(loaded)


def test_the_demo_is_started_without_loading_its_server() -> None:
    code = "import json, sys, files_tui.demo.launch; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert not {"starlette", "uvicorn", "python_multipart", "sqlite3"} & set(loaded)
