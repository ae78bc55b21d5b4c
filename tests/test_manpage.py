"""The manual page, and how it and the completions come into a wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from files_tui.cli.completion import script_for
from files_tui.cli.manpage import EXAMPLES, VARIABLES, man_page
from files_tui.cli.outline import outline
from files_tui.cli.parser import make_parser
from files_tui.cli.wheel import MAN_PAGE, PLACES

ROOT = Path(__file__).parent.parent


def test_every_command_and_flag_is_told_of() -> None:
    page = man_page().replace("\\-", "-")
    for command in outline():
        assert not command.name or f"\n.SS {command.name}\n" in page
        for flag in command.flags:
            assert f"\\fB{flag.names[-1]}\\fR" in page


def test_every_variable_of_the_account_is_told_of() -> None:
    sources = (path.read_text() for path in (ROOT / "files_tui").glob("*.py"))
    read = {name for text in sources for name in re.findall(r'environ\.get\("(\w+)"', text)}
    assert {name for name in read if "OPENAI" in name} <= VARIABLES.keys()


def test_the_examples_are_understood() -> None:
    for example in EXAMPLES:
        words = re.sub(r"^source <\((.*)\)$", r"\1", example).split()
        make_parser().parse_args(words[1:])


def test_it_is_good_roff() -> None:
    checks = {"mandoc": ["mandoc", "-T", "lint"], "groff": ["groff", "-man", "-ww", "-z"]}
    found = [command for name, command in checks.items() if shutil.which(name)]
    if not found:
        pytest.skip("neither mandoc nor groff is installed")
    for command in found:
        done = subprocess.run(command, input=man_page(), capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_wheel_holds_it_and_the_completions_as_they_are_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, check=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {name.partition(".data/data/")[2]: archive.read(name).decode() for name in archive.namelist()}
        assert not any(name.endswith("cli/wheel.py") for name in archive.namelist())
    wanted = {place: script_for(shell) for shell, place in PLACES.items()} | {MAN_PAGE: man_page()}
    assert {place: held.get(place) for place in wanted} == wanted
    assert '.TH FILES\\-TUI 1 "2026-05-28"' in held[MAN_PAGE]
