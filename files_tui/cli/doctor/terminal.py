"""The terminal: what it is, and what of the program works in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from files_tui.cli.doctor import tmux as tmux_lines
from files_tui.cli.doctor.lines import Line
from files_tui.cli.doctor.questions import TIME_LIMIT, Answers, NoTerminal, ask, questions_for
from files_tui.cli.doctor.tmux import Tmux, conf, look
from files_tui.clipboard import first_way

LEAST_WIDTH, LEAST_HEIGHT = 40, 10
WHOLE_WIDTH, DETAIL_WIDTH = 80, 100

_CHOSEN_BY_PYTHON = ("C.UTF-8", "C.utf8", "UTF-8")
"""What it sets LC_CTYPE to where there is no locale."""

Depth = Literal["truecolor", "256", "16", "none"]
Link = Literal["local", "over SSH", "over mosh"]


def lines(environ: Mapping[str, str]) -> Iterator[Line]:
    """All about it; what does not answer costs two seconds, a tmux that hangs one."""
    tmux = look(environ)
    link = link_of(environ, tmux)
    try:
        answers = ask(environ)
    except NoTerminal as reason:
        yield Line("note", "terminal", f"not asked: {reason}; the browser needs one, the other commands do not")
        return
    yield _window(answers.columns, answers.rows)
    yield Line("ok", "terminal", _described(environ, tmux, link, answers))
    yield _colours(environ, tmux, link)
    yield _encoding(environ, tmux)
    if answers.answered:
        yield Line("ok", "answers", _answered(answers))
    elif questions_for(environ):
        yield Line("note", "answers", f"it has answered nothing within {TIME_LIMIT:.0f} s")
    yield _copying(environ, tmux, link, answers)
    if tmux:
        yield from tmux_lines.lines(tmux)
    elif environ.get("TMUX"):
        yield Line("note", "tmux", "TMUX is set, but tmux does not answer; copies then go by OSC 52")


def link_of(environ: Mapping[str, str], tmux: Tmux | None) -> Link:
    """How the person is connected. In tmux it is the client that tells: the variables are as old as the session."""
    client = tmux.client if tmux else None
    above = set(ancestors(client or os.getpid()))
    if "mosh-server" in above:
        return "over mosh"
    if any(name.startswith("sshd") for name in above):
        return "over SSH"
    over_ssh = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    return "over SSH" if over_ssh and not (client and above) else "local"


def ancestors(process: int) -> Iterator[str]:
    """The names of the processes above one, where the system shows them."""
    while process > 1:
        try:
            name, _, rest = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")
        except OSError:
            return
        yield name.partition("(")[2]
        process = int(rest.split()[1])


def depth_of(environ: Mapping[str, str]) -> Depth:
    """How many colours the screen is drawn with."""
    term = environ.get("TERM", "").strip().lower()
    if term in ("dumb", "unknown"):
        return "none"
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return "truecolor"
    return "256" if term.rpartition("-")[2] in ("256color", "kitty") else "16"


def _window(columns: int, rows: int) -> Line:
    size = f"{columns}×{rows}"
    if columns < LEAST_WIDTH or rows < LEAST_HEIGHT:
        return Line("problem", "window", f"{size} is too small", (f"make it {LEAST_WIDTH}×{LEAST_HEIGHT} or more",))
    if columns < WHOLE_WIDTH:
        return Line("note", "window", f"{size}: some columns are left out below {WHOLE_WIDTH}")
    beside = "beside the table" if columns >= DETAIL_WIDTH else f"by enter (beside the table from {DETAIL_WIDTH} on)"
    return Line("ok", "window", f"{size}, details {beside}")


def _described(environ: Mapping[str, str], tmux: Tmux | None, link: Link, answers: Answers) -> str:
    words = [f"TERM={environ.get('TERM')}"]
    if answers.name:
        words.append(answers.name)
    if tmux and tmux.terminal:
        words.append(f"seen in {tmux.terminal}")
    elif environ.get("STY"):
        words.append("GNU screen")
    return ", ".join([*words, link])


def _colours(environ: Mapping[str, str], tmux: Tmux | None, link: Link) -> Line:
    if "NO_COLOR" in environ:
        return Line("ok", "colours", "none, since NO_COLOR is set; nothing is told by colour alone")
    depth = depth_of(environ)
    if depth == "none":
        return Line("note", "colours", f"none: TERM={environ.get('TERM')}")
    if depth == "truecolor":
        if tmux and tmux.terminal and not {"RGB", "Tc"} & tmux.features:
            says = "truecolor, which tmux reduces to 256; if your terminal has more:"
            return Line("note", "colours", says, (tmux.describes("RGB"),))
        return Line("ok", "colours", f"truecolor (COLORTERM={environ['COLORTERM']})")
    if depth == "256":
        says = f"256 (TERM={environ['TERM']})"
        if tmux and "RGB" in tmux.features:
            return Line("note", "colours", f"{says}; tmux passes all on:", ("export COLORTERM=truecolor",))
        if link != "local" and not tmux and not environ.get("STY"):
            says += "; SSH does not forward COLORTERM. If your terminal has truecolor:"
            return Line("note", "colours", says, ("export COLORTERM=truecolor",))
        return Line("ok", "colours", says)
    if environ.get("TMUX"):
        advice = conf('set -g default-terminal "tmux-256color"')
    elif environ.get("STY"):
        advice = "~/.screenrc:  term screen-256color"
    else:
        advice = "export TERM=xterm-256color    (where the terminal has 256)"
    return Line("note", "colours", f"16 (TERM={environ.get('TERM', '')})", (advice,))


def _encoding(environ: Mapping[str, str], tmux: Tmux | None) -> Line:
    name = next((each for each in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(each)), None)
    value = environ[name] if name else ""
    if "utf8" not in value.lower().replace("-", ""):
        said = f"{name}={value}" if name else "none of LC_ALL, LC_CTYPE and LANG is set"
        return Line("note", "text", f"no UTF-8 locale: {said}", ("export LANG=C.UTF-8",))
    if name == "LC_CTYPE" and not environ.get("LANG") and value in _CHOSEN_BY_PYTHON:
        return Line("note", "text", "UTF-8 is assumed, since no locale is set", ("export LANG=C.UTF-8",))
    if tmux and tmux.terminal and not tmux.utf8:
        says = "tmux takes your terminal for one without UTF-8, and shows _ for other letters"
        return Line("note", "text", says, ("attach with:  tmux -u attach",))
    return Line("ok", "text", f"UTF-8 ({name}={value})")


def _answered(answers: Answers) -> str:
    asked = {"synchronized output": answers.frames, "bracketed paste": answers.pastes, "kitty keys": answers.keys}

    def those(wanted: bool | None) -> str:
        return ", ".join(name for name, has in asked.items() if has is wanted)

    said = {"yes": those(True), "no": those(False), "not confirmed": those(None)}
    return "; ".join(f"{word}: {names}" for word, names in said.items() if names)


def _copying(environ: Mapping[str, str], tmux: Tmux | None, link: Link, answers: Answers) -> Line:
    way = first_way(environ)
    if way == "tmux":
        return _copying_by_tmux(tmux)
    if way == "nothing":
        return Line("note", "copy", f"TERM={environ.get('TERM')} has no clipboard: the text is shown instead")
    if way == "desktop":
        return Line("ok", "copy", "OSC 52, and a clipboard program of this desktop, which confirms it")
    if way == "screen":
        return Line("note", "copy", "OSC 52 through GNU screen, up to 6,000 characters; nothing confirms it")
    if (answers.name or "").startswith("tmux"):
        says = "OSC 52, to the tmux in which you have connected; its set-clipboard decides"
        return Line("note", "copy", says, (f"on that machine, {conf('set -s set-clipboard on')}",))
    sent = "OSC 52" + (", which mosh passes on from 1.4" if link == "over mosh" else "")
    if answers.copies:
        return Line("ok", "copy", f"{sent}; this terminal says that it takes it, but not when it did")
    refuses = "says that it does not take it" if answers.copies is False else "does not say whether it takes it"
    todo = "try c; if nothing can be pasted, y and s show the text to be marked"
    return Line("note", "copy", f"{sent}; this terminal {refuses}", (todo,))


def _copying_by_tmux(tmux: Tmux | None) -> Line:
    if tmux is None:
        return Line("note", "copy", "by tmux, which does not answer: then OSC 52, which nothing confirms")
    if not tmux.terminal:
        return Line("note", "copy", "a tmux buffer only, as long as no client looks at it")
    if not tmux.copies_by_itself:
        says = "a tmux buffer, and OSC 52, which tmux passes on when set-clipboard is on"
        on = tmux.set_clipboard == "on"
        return Line("ok" if on else "note", "copy", says, () if on else (conf("set -s set-clipboard on"),))
    if "clipboard" not in tmux.features:
        if tmux.nested:
            return Line("note", "copy", "a tmux buffer only: GNU screen around it takes no more")
        says = f"a tmux buffer only: tmux does not know whether {tmux.terminal} takes OSC 52. If it does:"
        return Line("note", "copy", says, (tmux.describes("clipboard"),))
    if tmux.nested:
        says = "a tmux buffer, and on to the outer tmux, which nothing confirms"
        return Line("note", "copy", says, (f"where the outer tmux runs, {conf('set -s set-clipboard on')}",))
    return Line("ok", "copy", "a tmux buffer, which tmux confirms, and from there to your terminal")
