"""An error of our own, wherever it happens: one line, a usable terminal, and a report without a secret in it."""

import re
import stat
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.terminal import KEY, Terminal, assert_left_usable, assert_no_secret, environment
from tests.wire import page_answer, serving

FILE = {"id": "file-1", "object": "file", "bytes": 1000, "filename": "big.bin", "purpose": "evals", "created_at": 1}
HEADER, QUERY, OTHER = "gateway-0123456789", "que/ry=0123456789", "token-0123456789"
PASSWORD = "proxy-0123456789"
SECRETS = (KEY, HEADER, QUERY, quote(QUERY, safe=""), OTHER, PASSWORD)

PROGRAM = """
import os, sys, threading
import httpx
from files_tui import cli
from files_tui.ui.app import FilesApp
from files_tui.ui.background import in_background
from files_tui.ui.session import Session
from files_tui.ui.widgets.two_ends import TwoEnds

def fail(*values, **more):
    key = os.environ["OPENAI_API_KEY"]
    header = {"authorization": f"Bearer {key}", "raw": f"Bearer {key}".encode(), "others": values}
    environ, plain, address = dict(os.environ), os.environ, httpx.URL("http://x", params=app.settings.account.query)
    raise RuntimeError(f"provoked [/x] \\x1b]52;c;UFdORUQ=\\x07 {key}")

async def action_help(this):
    global app
    app = this
    account = app.settings.account
    %s

FilesApp.action_help = action_help
sys.exit(cli.main(sys.argv[1:]))
"""

ENDING = {
    "a handler": "fail(app, account, account.key.reveal())",
    "a timer": "app.set_timer(0.01, lambda: fail(account.headers))",
    "a worker": "app.run_worker(lambda: fail(account.query), thread=True)",
    "a screen": "TwoEnds.render = fail; app.screen.query_one('#head').refresh()",
    "the end": "Session.close = fail; app.exit()",
    "a cause": """
    try:
        fail(account)
    except RuntimeError as error:
        raise ValueError("because of it") from error
""",
}

GOING_ON = {
    "a thread": "in_background(app.browse, fail, 'test')",
    "a thread of its own": "threading.Thread(target=fail).start()",
}


def program(where: str, base_url: str, folder: Path) -> Terminal:
    environ = environment(
        folder,
        OPENAI_BASE_URL=f"{base_url}?code={quote(QUERY, safe='')}",
        OPENAI_CUSTOM_HEADERS=f"X-Gateway: {HEADER}\nX-Other:{OTHER}",
        SOME_TOKEN=OTHER,
        HTTPS_PROXY=f"http://someone:{PASSWORD}@127.0.0.1:9",
    )
    return Terminal([sys.executable, "-c", PROGRAM % where, "--log-file", str(folder / "log")], environ, 100, 30)


def report_in(folder: Path) -> str:
    """The only report, which nobody else may read."""
    state = folder / "home" / "xdg_state_home" / "files-tui"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    (path,) = state.glob("crash-*.txt")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text()


def assert_tells_no_secret(words: str) -> None:
    assert "RuntimeError: provoked [/x]" in words
    assert [secret for secret in SECRETS if secret in words] == []


@pytest.mark.parametrize("where", ENDING)
def test_an_error_that_ends_the_program(tmp_path: Path, where: str) -> None:
    with (
        serving(lambda _: page_answer(FILE)) as server,
        program(ENDING[where], server.base_url, tmp_path) as terminal,
    ):
        terminal.wait_for("1 file ·")
        command = Path(f"/proc/{terminal.pid}/cmdline").read_bytes().decode()
        terminal.keys("?")
        assert terminal.wait_exit() == 1
        assert_left_usable(terminal)
        assert_no_secret(terminal)
        last = terminal.raw.rpartition(b"\x1b[?1049l")[2].decode()
    words = re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", last).replace("\r\n", "")
    assert words.count("files-tui stopped because of an error of its own") == 1
    assert "Traceback" not in words
    assert str(tmp_path / "home" / "xdg_state_home" / "files-tui" / "crash-") in words
    assert b"\x1b]52" not in terminal.raw
    report = report_in(tmp_path)
    assert_tells_no_secret(report)
    assert "    header = {" in report
    assert "[secret]" in report
    assert ("because of it" in report) == (where == "a cause")
    assert not [secret for secret in SECRETS if secret in command + (tmp_path / "log").read_text()]


@pytest.mark.parametrize("where", GOING_ON)
def test_an_error_that_the_program_survives(tmp_path: Path, where: str) -> None:
    with (
        serving(lambda _: page_answer(FILE)) as server,
        program(GOING_ON[where], server.base_url, tmp_path) as terminal,
    ):
        terminal.wait_for("1 file ·")
        terminal.keys("?")
        terminal.wait_for("Error of our own", "the report is")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
        assert_left_usable(terminal)
        assert_no_secret(terminal)
    assert_tells_no_secret(report_in(tmp_path))


def test_an_error_before_the_screen_is_there(tmp_path: Path) -> None:
    with serving([]) as server, program("pass", server.base_url, tmp_path) as terminal:
        pass
    broken = PROGRAM.replace("FilesApp.action_help", "FilesApp.__init__") % "fail(account)"
    environ = environment(tmp_path, OPENAI_BASE_URL=server.base_url)
    with Terminal([sys.executable, "-c", broken.replace("async def", "def")], environ) as terminal:
        assert terminal.wait_exit() == 1
        assert b"files-tui stopped because of an error of its own" in terminal.raw
        assert b"Traceback" not in terminal.raw


def test_where_no_report_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "home" / "xdg_state_home").mkdir(parents=True)
    (tmp_path / "home" / "xdg_state_home" / "files-tui").write_text("in the way")
    with (
        serving(lambda _: page_answer(FILE)) as server,
        program(ENDING["a handler"], server.base_url, tmp_path) as terminal,
    ):
        terminal.wait_for("1 file")
        terminal.keys("?")
        assert terminal.wait_exit() == 1
        assert b"no report could be written" in terminal.raw
        assert_no_secret(terminal)
