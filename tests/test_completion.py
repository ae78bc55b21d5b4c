"""Completion scripts, asked by the shells themselves where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from files_tui.api.models import PURPOSES, UPLOAD_PURPOSES
from files_tui.cli.completion import script_for
from files_tui.cli.outline import outline
from files_tui.settings import config_file
from tests.terminal import Terminal

PROFILES = """
[profiles.work]
api_key_command = "touch it-was-run; echo sk-test"
[profiles.work.headers]
[ profiles."at home" ]
# [profiles.no]
"""

ASKED: dict[str, Sequence[str]] = {
    "files-tui --pro": ["--profile"],
    "files-tui pat": ["paths"],
    "files-tui --purpose ": PURPOSES,
    "files-tui --purpose batch_": ["batch_output"],
    "files-tui --profile ": ["at home", "work"],
    "files-tui doctor --profile w": ["work"],
    "files-tui --profile work key": ["keys"],
    "files-tui --demo-dir ": ["folder/"],
    "files-tui --upload x tr": ["train set.jsonl"],
    "files-tui --upload x --no-c": ["--no-cache"],
    "files-tui dow": ["download"],
    "files-tui ch": ["check"],
    "files-tui upload --purpose ": UPLOAD_PURPOSES,
    "files-tui upload --purpose batch tr": ["train set.jsonl"],
    "files-tui download file-1 --to ": ["folder/"],
    "files-tui delete ": [],
    "files-tui completion ": ["bash", "zsh", "fish"],
    "files-tui --base-url ": [],
}


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A home with profiles, and the working folder with a file and a folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    config_file().parent.mkdir(parents=True)
    config_file().write_text(PROFILES)
    work = tmp_path / "work"
    (work / "folder").mkdir(parents=True)
    (work / "train set.jsonl").touch()
    names = ("HOME", "XDG_CONFIG_HOME", "PATH")
    return {name: os.environ[name] for name in names} | {"LANG": "C.UTF-8", "TERM": "xterm-256color"}


def asked(shell: str, program: str, environ: dict[str, str]) -> list[str]:
    """What a shell writes, a line for each question."""
    where = shutil.which(shell)
    if where is None:
        pytest.skip(f"{shell} is not installed")
    work = Path(environ["HOME"]) / "work"
    command = [where, "--norc", "-c", program] if shell == "bash" else [where, "-c", program]
    done = subprocess.run(command, env=environ, cwd=work, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (work / "it-was-run").exists()
    return done.stdout.splitlines()


def test_bash(environ: dict[str, str]) -> None:
    ask = [
        'ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _files_tui; (IFS=\'|\'; echo "${COMPREPLY[*]}"); }',
        *("ask " + line + ("''" if line.endswith(" ") else "") for line in ASKED),
        "ask files-tui --purpose = batch_",
        "complete -p files-tui",
    ]
    *answers, behind_equals, registered = asked("bash", script_for("bash") + "\n".join(ask), environ)
    assert [sorted(filter(None, each.split("|"))) for each in answers] == [
        sorted(name.rstrip("/") for name in wanted) for wanted in ASKED.values()
    ]
    assert behind_equals == "batch_output"
    assert "_files_tui" in registered


def test_fish(environ: dict[str, str]) -> None:
    ask = "".join(f"complete -C '{line}'; echo END\n" for line in ASKED)
    said = "\n".join(asked("fish", script_for("fish") + ask, environ))
    answers = [block.strip("\n").splitlines() for block in said.split("END")[:-1]]
    assert [sorted(line.partition("\t")[0] for line in each) for each in answers] == [
        sorted(wanted) for wanted in ASKED.values()
    ]
    assert answers[0] == ["--profile\ta profile of the configuration file"]


def test_zsh(environ: dict[str, str], tmp_path: Path) -> None:
    """It is asked as a person asks, since nothing but its line editor runs completions."""
    zsh = shutil.which("zsh")
    if zsh is None:
        pytest.skip("zsh is not installed")
    folder = tmp_path / "functions"
    folder.mkdir()
    (folder / "_files-tui").write_text(script_for("zsh"))
    begin = f"fpath=({folder} $fpath); autoload -U compinit; compinit -D -u; PS1='> '; unsetopt beep; clear\n"
    with Terminal([zsh, "-f", "-i"], environ, columns=120, rows=40, cwd=tmp_path / "work") as terminal:

        def ask(line: str, *wanted: str) -> None:
            terminal.send("\x0c" + line + "\t")  # ctrl+l clears
            terminal.wait_for(*wanted)
            terminal.send("\x15")

        terminal.send(begin)
        ask("files-tui --prof", "--profile=")
        ask("files-tui --purpose ", *PURPOSES)
        ask("files-tui --profile ", r"at\ home", "work")
        ask("files-tui upload --purpose ", *UPLOAD_PURPOSES)
        ask("files-tui --no-", "--no-cache", "keep nothing of the listing on disk after the program ends")
        ask("files-tui doct", "files-tui doctor")
        ask("files-tui pa", "files-tui paths")
        ask("files-tui doctor --demo-d", "--demo-dir=")
        ask("files-tui --upload x tr", r"train\ set.jsonl")
        ask("files-tui --demo-dir ", "folder/")
        ask("files-tui completion f", "completion fish")
    assert not (tmp_path / "work" / "it-was-run").exists()


def test_every_flag_of_every_command_is_in_every_script() -> None:
    scripts = {shell: script_for(shell) for shell in ("bash", "zsh", "fish")}
    for command in outline():
        for flag in command.flags:
            for name in flag.names:
                assert name in scripts["bash"]
                assert name in scripts["zsh"]
                assert f"-l {name[2:]} " in scripts["fish"] or f"-s {name[1:]} " in scripts["fish"]
