"""Choosing files for a script, and what was copied, on standard output, with a screen in between."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from tests.terminal import PROGRAM, Terminal, assert_left_usable, environment
from tests.waiting import until

ID = re.compile(r"file-[A-Za-z0-9]{22}")


@contextlib.contextmanager
def in_a_script(folder: Path, words: str, base_url: str) -> Iterator[Terminal]:
    """A shell's line in a terminal, in which `files-tui` is the program."""
    program = " ".join(PROGRAM)
    line = f'files-tui() {{ {program} "$@"; }}; {words}'
    with Terminal(["bash", "-c", line], environment(folder, OPENAI_BASE_URL=base_url), 110, 24, folder) as terminal:
        yield terminal


def test_what_is_chosen_is_an_argument_of_the_next_command(tmp_path: Path, samples: str) -> None:
    words = 'train() { echo "$# of $*" > args; }; train $(files-tui --pick --purpose fine-tune); echo all-is-done'
    with in_a_script(tmp_path, words, samples) as terminal:
        terminal.wait_for("enter chooses", "choose  c copy id", "page 1 of", "of 259")
        terminal.wait_for(
            lambda screen: max(map(len, screen.split("\n"))) > 90
        )  # it has the terminal's size, not 80×24
        assert "u upload" not in terminal.text
        assert "x delete" not in terminal.text
        terminal.keys("v")
        terminal.wait_for("as the server sent it")
        terminal.keys("esc")
        terminal.wait_for("page 1 of")
        terminal.keys("space", "space")
        terminal.wait_for("2 marked")
        terminal.keys("enter")
        terminal.wait_exit()
        assert_left_usable(terminal)
        assert b"all-is-done" in terminal.raw
    said = (tmp_path / "args").read_text()
    assert said.startswith("2 of ")
    assert len(set(ID.findall(said))) == 2


def test_who_chooses_nothing_is_told_apart(tmp_path: Path, samples: str) -> None:
    """The keys come from the terminal also where something else is piped in."""
    words = 'chosen=$(echo piped | files-tui --pick); echo "code $? chose <$chosen>" > said'
    with in_a_script(tmp_path, words, samples) as terminal:
        terminal.wait_for("enter chooses", "of 259")
        terminal.keys("space")
        terminal.wait_for("1 marked")
        terminal.keys("esc")
        terminal.wait_gone("1 marked")
        terminal.keys("esc")
        terminal.wait_exit()
    assert (tmp_path / "said").read_text() == "code 1 chose <>\n"


def test_what_was_copied_is_printed_at_the_end(tmp_path: Path, samples: str) -> None:
    with in_a_script(tmp_path, "files-tui --print-ids > printed", samples) as terminal:
        terminal.wait_for("of 259")
        for keys, toast in (("c", "Sent, not confirmed"), ("jc", "Sent, not confirmed"), ("kc", "Sent, not confirmed")):
            start = terminal.mark
            terminal.send(keys)
            terminal.wait_raw(b"\x1b]52;c;", start)
            terminal.wait_for(toast)
        terminal.keys("q")
        assert terminal.wait_exit() == 0
    until(lambda: (tmp_path / "printed").read_text())
    printed = (tmp_path / "printed").read_text().splitlines()
    assert len(printed) == 2
    assert all(ID.fullmatch(line) for line in printed)
