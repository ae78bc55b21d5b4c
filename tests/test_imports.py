"""What is loaded before the first frame."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("httpx", "httpcore", "sqlite3", "files_tui.demo", "starlette", "uvicorn", "pyperclip", "files_tui.ui.session")
FOR_A_FILE = ("tomllib", "files_tui.toml", "files_tui.ui.keymap", "files_tui.ui.keys", "files_tui.ui.switch")


def test_the_first_frame_needs_neither_network_nor_database() -> None:
    code = "import json, sys, files_tui.cli.browse, files_tui.ui.app; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert "files_tui.ui.browse.screen" in loaded
    assert [name for name in HEAVY + FOR_A_FILE if name in loaded] == []


def test_the_demo_is_started_without_loading_its_server() -> None:
    code = "import json, sys, files_tui.demo.launch; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    assert not {"starlette", "uvicorn", "python_multipart", "sqlite3"} & set(loaded)
