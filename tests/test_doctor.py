"""The doctor: what it asks a terminal and a server, what it says, and what it never says."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from email.utils import formatdate
from pathlib import Path

import pytest

from files_tui.catalog import capabilities
from files_tui.catalog.cache import open_catalog
from files_tui.cli import main
from files_tui.cli.doctor import account, places, terminal
from files_tui.cli.doctor.lines import Line
from files_tui.cli.doctor.questions import Answers, NoTerminal
from files_tui.cli.parser import make_parser
from files_tui.settings import Account, Secret, cache_dir, config_file, state_dir
from files_tui.transfers.jobs import DeleteJob
from files_tui.transfers.journal import open_journal
from tests.files import a_file
from tests.terminal import COOKED, KEY, PROGRAM, TIMEOUT, Terminal, environment
from tests.wire import Reply, error_answer, page_answer, serving

HEADER, IN_QUERY, OF_COMMAND = "header-secret-8812", "query-secret-4471", "sk-of-a-command-3390"
SECRETS = (KEY, HEADER, IN_QUERY, OF_COMMAND, "proxy-password")

# The program, which waits as long for what a terminal answers as the tests do for what it shows.
PATIENT = f"""
import sys
from files_tui.cli import main
from files_tui.cli.doctor import questions

questions.TIME_LIMIT = {TIMEOUT}
sys.exit(main())
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing in it, and no account in the environment."""
    for name in [
        name
        for name in os.environ
        if "OPENAI" in name or name.lower().endswith("_proxy") or name.startswith("SSL_CERT_")
    ]:
        monkeypatch.delenv(name)
    for name, value in environment(tmp_path).items():
        if name == "HOME" or name.startswith("XDG_"):
            monkeypatch.setenv(name, value)
    shutil.rmtree(state_dir())
    return tmp_path / "home"


def by_name(lines: list[Line]) -> dict[str, Line]:
    return {line.about: line for line in lines}


def examined(*arguments: str) -> dict[str, Line]:
    """What the doctor says of the account."""
    return by_name(list(account.lines(make_parser().parse_args([*arguments, "doctor"]))))


# The account


def test_what_keeps_the_program_from_working(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert examined()["key"].todo == ("export OPENAI_API_KEY=sk-…",)
    assert "no profile 'none'" in examined("--profile", "none")["settings"].says
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    said = examined("--base-url", f"https://me:{HEADER}@files .test/v1?key={IN_QUERY}")["settings"].says
    assert "'https://…@files .test/v1' is not a base URL" in said
    replies: list[tuple[Reply, str, str]] = [
        (error_answer(401, f"Incorrect API key provided: {KEY}"), "list", "HTTP 401"),
        (error_answer(403, "Missing scopes: api.files.read"), "list", "Missing scopes"),
        (error_answer(404), "list", "HTTP 404"),
        (error_answer(503), "list", "HTTP 503"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "list", "no list of files"),
    ]
    with serving([reply for reply, _, _ in replies]) as server:
        for _, about, words in replies:
            line = examined("--base-url", server.base_url)[about]
            assert line.mark == "problem"
            assert words in line.says
            assert KEY not in line.says
            assert line.todo
    line = examined("--base-url", server.base_url)["server"]
    assert line.mark == "problem"
    assert "no connection" in line.says


def test_a_server_without_a_listing_can_be_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving([error_answer(501)]) as server:
        found = examined("--base-url", server.base_url)
    assert not [line for line in found.values() if line.mark == "problem"]
    assert found["list"].mark == "note"


def test_a_server_that_is_silent_is_given_up(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(account, "TIME_LIMIT", 0.05)
    with serving([[threading.Event()]]) as server:
        assert "no answer within" in examined("--base-url", server.base_url)["server"].says


def test_what_a_server_tells(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj_set")
    headers = {"openai-organization": "org-\x1b[31mtold", "date": formatdate(time.time() + 3600, usegmt=True)}
    with serving([page_answer(headers=headers), page_answer()]) as server:
        found = examined("--base-url", server.base_url)
        assert found["owner"].says == "organisation org-␛[31mtold, project proj_set"
        behind = re.match(r"(\d+) s behind", found["clock"].says)
        assert behind
        assert 3_500 < int(behind[1]) <= 3_600  # less by what passed until the answer was read
        assert found["write"].says.startswith("not known until")
        assert [request.method for request in server.requests] == ["GET"]
        assert "read-only" in examined("--base-url", server.base_url, "--read-only")["write"].says


def test_a_certificate_that_is_not_trusted_is_a_problem(
    home: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with serving([page_answer()], tls=tls) as server:
        found = examined("--base-url", server.base_url)
        assert found["server"].says.endswith("reached, its certificate is good")
        assert found["trust"].says.startswith("only the certificates in SSL_CERT_FILE=")
        monkeypatch.delenv("SSL_CERT_FILE")
        line = examined("--base-url", server.base_url)["server"]
    assert line.mark == "problem"
    assert "certificate verify failed" in line.says


def test_a_proxy_is_named_without_its_password(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:proxy-password@proxy.test:3128")
    (line,) = account._proxy(Account(base_url="https://files.test/v1"))
    assert line.says == "proxy.test:3128, from the environment"
    assert list(account._proxy(Account(base_url="http://127.0.0.1/v1"))) == []


def test_what_earlier_runs_have_left(home: Path) -> None:
    mine = Account(base_url="http://files.test/v1", key=Secret(KEY))
    assert list(account._remembered(mine)) == []
    assert not cache_dir().exists()
    assert not state_dir().exists()

    with contextlib.closing(open_catalog(mine, keep=True)) as opened:
        opened.catalog.upsert([a_file("file-1")])
        capabilities.learn(opened.catalog, "delete")
    running, _ = open_journal(mine, keep=True)
    running.expect([DeleteJob(a_file("file-1")), DeleteJob(a_file("file-2"))])
    running.write_expected()
    found = by_name(list(account._remembered(mine)))
    assert found["remembered"].says.startswith("1 file, not listed to its end yet, the server cannot: delete")
    assert "transfers" not in found, "what another program does is not left over"
    running.close()
    for _ in range(2):
        assert "2 interrupted transfers" in by_name(list(account._remembered(mine)))["transfers"].says
    again, _ = open_journal(mine, keep=True)
    assert len(again.left_over()) == 2, "the doctor took them"
    again.close()


def test_where_things_are_kept(home: Path) -> None:
    assert {line.mark for line in places.lines()} == {"ok"}
    cache_dir().mkdir(parents=True, mode=0o700)
    state_dir().mkdir(parents=True)
    state_dir().chmod(0o755)
    (cache_dir() / "listing").write_bytes(b"x" * 1500)
    (state_dir() / "crash-1.txt").touch()
    found = by_name(places.lines())
    assert found["listings"].says.endswith("files-tui, 1.5 kB, for you only")
    assert "open to others (755)" in found["transfers"].says
    assert found["transfers"].todo == (f"chmod 700 {state_dir()}",)
    assert found["crashes"].says.startswith("1 report, ")
    assert state_dir().stat().st_mode & 0o777 == 0o755


# The whole


def test_what_is_wrong_with_the_settings_is_told_by_its_line(home: Path) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text('tehme = "nord"\n[keys]\n"copy.id" = "Y"\n"copy.it" = "b"\n')
    said = [line.says for line in places.lines() if line.about == "settings" and line.mark == "note"]
    assert len(said) == 2
    assert said[0].startswith("config.toml line 1: unknown setting 'tehme'")
    assert said[1].startswith("config.toml line 4: copy.it")


def test_in_a_terminal_it_says_what_that_answers_and_no_secret(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.terminal._ASKS_FOR_FRAMES", b"\0 is answered below, in one go")
    config_file().parent.mkdir(parents=True)
    config_file().write_text(f"[profiles.work]\nbase_url = 'URL'\napi_key_command = 'echo {OF_COMMAND}'\n")
    headers = {"openai-organization": f"org {KEY} {HEADER}", "openai-project": IN_QUERY}

    def run(*arguments: str, **more: str) -> str:
        environ = environment(tmp_path, COLORTERM="truecolor", SSH_TTY="/dev/pts/9", **more)
        command = [sys.executable, "-c", PATIENT, *arguments, "doctor"]
        with Terminal(command, environ, columns=100, rows=60, cwd=tmp_path) as screen:
            screen.wait_raw(b"\x1b[c")
            screen.send("\x1bP>|xterm(379)\x1b\\\x1b[?2026;2$y\x1b[?2004;2$y\x1b[?0u\x1b[?64;52c")
            code = screen.wait_exit()
            assert screen.modes == COOKED
            for secret in SECRETS:
                assert secret.encode() not in screen.raw
            assert code == (0 if "It can be used" in screen.text else 1)
            return screen.text

    with serving([page_answer(headers=headers), error_answer(401, f"{OF_COMMAND} {KEY}")]) as server:
        config_file().write_text(config_file().read_text().replace("URL", server.base_url))
        url = f"{server.base_url}?key={IN_QUERY}"
        text = run(OPENAI_BASE_URL=url, OPENAI_CUSTOM_HEADERS=f"X-Pass: {HEADER}")
        assert "TERM=xterm-256color, xterm(379), over SSH" in text
        assert "truecolor (COLORTERM=truecolor)" in text
        assert "yes: synchronized output, bracketed paste, kitty keys" in text
        assert "this terminal says that it takes it" in text
        assert "key from OPENAI_API_KEY" in text
        assert "works, " in text
        text = run("--profile", "work", HTTP_PROXY="http://me:proxy-password@proxy.test:1")
        assert "key from api_key_command of profile 'work'" in text
        assert "problem  list" in text
    assert f"Bearer {OF_COMMAND}" == server.requests[1].headers["authorization"]


def test_without_a_terminal_and_on_the_demo(home: Path, tmp_path: Path) -> None:
    environ = {name: value for name, value in environment(tmp_path).items() if name != "OPENAI_API_KEY"}
    environ |= {"LANG": "en_US.ISO-8859-1", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*PROGRAM, "doctor", "--demo"],
        env=environ,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "not asked: there is none here" in done.stdout
    assert "\x1b" not in done.stdout
    assert "organisation org-demo" in done.stdout


def test_as_json(home: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    log = home / "log"

    def ask(environ: Mapping[str, str]) -> Answers:
        raise NoTerminal("whoever runs the tests has one")

    monkeypatch.setattr(terminal, "ask", ask)
    with serving([page_answer(headers={"openai-project": KEY})]) as server:
        assert main(["doctor", "--json", "--base-url", server.base_url, "--log-file", str(log)]) == 0
    assert main(["doctor", "--json", "--base-url", server.base_url]) == 1
    good, bad = capfdbinary.readouterr().out.splitlines()
    assert {line["about"]: line for line in json.loads(good)}["owner"] == {
        "part": "Account",
        "about": "owner",
        "mark": "ok",
        "says": "project [secret]",
        "todo": [],
    }
    assert [line["about"] for line in json.loads(bad) if line["mark"] == "problem"] == ["server"]
    assert log.read_text().count(" GET /files?limit=20") == 1
