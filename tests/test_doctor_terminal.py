"""What the doctor asks a terminal, and what it makes of the answers."""

from __future__ import annotations

import itertools
import os
import pty
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.console import Console

from files_tui.cli.doctor import questions, terminal, tmux
from files_tui.cli.doctor.questions import Answers, read_answers
from files_tui.ui.browse import screen
from tests.test_clipboard_tmux import tmux_server
from tests.test_doctor import by_name
from tests.waiting import until


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (b"", Answers()),
        (b"typed ahead\r", Answers()),
        (b"\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c", Answers(answered=True, name="tmux 3.3a", keys=False)),
        (
            b"\x1bP1+r4d73=5C455D35323B\x1b\\\x1bP>|kitty(0.36.4)\x1b\\\x1b[?2026;2$y\x1b[?2004;1$y\x1b[?0u\x1b[?62;c",
            Answers(answered=True, name="kitty(0.36.4)", frames=True, pastes=True, keys=True, copies=True),
        ),
        (
            b"\x1bP0+r4D73\x1b\\\x1b[?2026;0$y\x1b[?64;1;52;28c",
            Answers(answered=True, frames=False, keys=False, copies=True),
        ),
        (b"\x1bP0+r\x1b\\\x1b[?1;152c", Answers(answered=True, keys=False, copies=False)),
    ],
)
def test_what_a_terminal_answers(said: bytes, meant: Answers) -> None:
    assert read_answers(said) == meant


def test_what_it_cannot_take_it_is_not_asked() -> None:
    ask = questions.questions_for
    assert ask({"TERM": "xterm"}).endswith("\x1b[c")
    assert "\x1bP" in ask({"TERM": "xterm"})
    assert "\x1bP" not in ask({"TERM": "xterm", "STY": "1.pts"}) + ask({"TERM": "screen.xterm"})
    assert ask({"TERM": "linux"}) == ask({"TERM": "xterm", "TERM_PROGRAM": "Apple_Terminal"}) == "\x1b[c"
    assert ask({"TERM": "dumb"}) == ask({}) == ""


def test_a_silent_terminal_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "TIME_LIMIT", 0.02)
    ours, theirs = pty.openpty()
    try:
        before = termios.tcgetattr(theirs)
        assert questions._conversation(theirs, "\x1b[c") == b""
        assert termios.tcgetattr(theirs) == before
    finally:
        os.close(theirs)
        os.close(ours)


def test_as_many_colours_as_the_screen_is_drawn_with() -> None:
    terms = ("", "dumb", "unknown", "linux", "screen", "xterm", "xterm-256color", "xterm-kitty", "rxvt-16color")
    for term, more in itertools.product(terms, ("", "truecolor", "24bit", "yes")):
        environ = {"TERM": term, "COLORTERM": more}
        drawn = Console(force_terminal=True, _environ=environ).color_system
        assert terminal.depth_of(environ) == ("none" if drawn is None else drawn.replace("standard", "16"))


@pytest.mark.parametrize(
    ("environ", "answers", "mark", "words"),
    [
        ({"TERM": "linux"}, Answers(), "note", "no clipboard"),
        ({"STY": "1.x", "TERM": "screen"}, Answers(), "note", "nothing confirms"),
        ({"SSH_TTY": "x"}, Answers(copies=True), "ok", "says that it takes it"),
        ({"SSH_TTY": "x"}, Answers(copies=False), "note", "does not take it"),
        ({"SSH_TTY": "x"}, Answers(), "note", "does not say"),
        ({"SSH_TTY": "x"}, Answers(name="tmux 3.5a", copies=True), "note", "set-clipboard decides"),
        ({"DISPLAY": ":0"}, Answers(), "ok", "clipboard program"),
    ],
)
def test_the_way_of_a_copy(environ: Mapping[str, str], answers: Answers, mark: str, words: str) -> None:
    line = terminal._copying(environ, None, "local", answers)
    assert line.mark == mark
    assert words in line.says


def test_a_window_that_is_too_small_is_a_problem() -> None:
    assert (terminal.LEAST_WIDTH, terminal.LEAST_HEIGHT) == (screen.LEAST_WIDTH, screen.LEAST_HEIGHT)
    assert terminal._window(39, 24).mark == terminal._window(80, 9).mark == "problem"
    assert terminal._window(79, 24).mark == "note"
    assert terminal._window(80, 24).mark == "ok"


def test_a_terminal_that_says_nothing_is_believed_to_have_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "ask", lambda environ: Answers(columns=80, rows=24))
    found = by_name(list(terminal.lines({"TERM": "xterm", "SSH_TTY": "/dev/pts/1", "LANG": "C"})))
    assert [about for about, line in found.items() if line.mark == "note"] == ["colours", "text", "answers", "copy"]
    assert "over SSH" in found["terminal"].says
    assert "answers" not in by_name(list(terminal.lines({"TERM": "dumb"})))


def test_what_tmux_needs_is_the_line_to_add(tmp_path: Path) -> None:
    with tmux_server(tmp_path) as server:
        server.attach("vt100")
        found = tmux.look(server.inside)
        assert found is not None
        assert found.set_clipboard == "external"
        blocked = terminal._copying_by_tmux(found)
        assert blocked.todo == ("~/.tmux.conf:  set -as terminal-features ',vt100:clipboard'",)
        setting = blocked.todo[0].partition(":  ")[2]

        configuration = tmp_path / "added.conf"
        configuration.write_text(f"{setting}\nset -s escape-time 400\n")
        server.do("source-file", str(configuration))
        server.do("detach-client", "-s", "main")
        until(lambda: not server.do("list-clients"))
        assert terminal._copying_by_tmux(tmux.look(server.inside)).says.startswith("a tmux buffer only, as long as")
        server.attach("vt100")
        found = tmux.look(server.inside)
        assert found is not None
        assert terminal._copying_by_tmux(found).mark == "ok"
        assert "set -s escape-time 10" in by_name(list(tmux.lines(found)))["esc"].todo[0]
        assert terminal.link_of({"SSH_TTY": "of an older connection"}, found) != "over mosh"


def test_processes_above_this_one() -> None:
    if sys.platform == "linux":
        assert next(terminal.ancestors(os.getpid())).startswith(("python", "pytest"))
