"""Asking the terminal what it can do: all questions at once, and those that it does not answer stay open."""

from __future__ import annotations

import os
import re
import select
import termios
import time
import tty
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

TIME_LIMIT = 2.0
"""Seconds until a terminal that does not answer is left alone; a bad line may take half of one."""

# What stops at the first question that it does not know is asked the others all the same; the last one is answered by
# every terminal, and tells that there is nothing more to wait for.
_NAME = "\x1b[>0q"
_FRAMES = "\x1b[?2026$p"
_PASTES = "\x1b[?2004$p"
_KEYS = "\x1b[?u"
_COPIES = "\x1bP+q4d73\x1b\\"
_KIND = "\x1b[c"

_ANSWERS = {
    "name": re.compile(rb"\x1bP>\|([^\x1b\x07]{1,80})(?:\x1b\\|\x07)"),
    "frames": re.compile(rb"\x1b\[\?2026;([0-4])\$y"),
    "pastes": re.compile(rb"\x1b\[\?2004;([0-4])\$y"),
    "keys": re.compile(rb"\x1b\[\?([0-9]+)u"),
    "copies": re.compile(rb"\x1bP([01])\+r(?:4[dD]73)?[^\x1b]*\x1b\\"),
    "kind": re.compile(rb"\x1b\[\?([0-9;]*)c"),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What a terminal said of itself; None where it said nothing, which proves nothing."""

    columns: int = 0
    rows: int = 0
    answered: bool = False
    """Whether it answers at all."""
    name: str | None = None
    """Its name and version, untrusted."""
    frames: bool | None = None
    """Whether it shows whole frames only (mode 2026, synchronized output)."""
    pastes: bool | None = None
    """Whether it tells a paste from typing (mode 2004)."""
    keys: bool | None = None
    """Whether it has the kitty keyboard protocol, which tells more keys apart."""
    copies: bool | None = None
    """Whether it says that programs may set its clipboard (OSC 52)."""


class NoTerminal(Exception):
    """There is none that could be asked; the text says why."""


def ask(environ: Mapping[str, str]) -> Answers:
    """Ask the terminal of this process; takes `TIME_LIMIT` seconds at most. Raises `NoTerminal`."""
    try:
        handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise NoTerminal("there is none here") from None
    try:
        # The system would stop a program in the background that changes the terminal's settings.
        if os.tcgetpgrp(handle) != os.getpgrp():
            raise NoTerminal("it belongs to another program now")
        columns, rows = os.get_terminal_size(handle)
        said = _conversation(handle, questions_for(environ))
        return replace(read_answers(said), columns=columns, rows=rows)
    except (OSError, termios.error) as error:
        raise NoTerminal(str(error)) from None
    finally:
        os.close(handle)


def questions_for(environ: Mapping[str, str]) -> str:
    """What this terminal can be asked without showing the question as text."""
    if environ.get("TERM", "") in ("", "dumb", "unknown"):
        return ""
    questions = [_KIND]
    if environ.get("TERM_PROGRAM") != "Apple_Terminal" and environ.get("TERM") != "linux":
        questions = [_NAME, _FRAMES, _PASTES, _KEYS, _KIND]
        # GNU screen, here or where the person sits, passes the inside of a DCS on to its terminal, as text.
        if not environ.get("STY") and not environ["TERM"].startswith("screen"):
            questions.insert(0, _COPIES)
    return "".join(questions)


def _conversation(handle: int, questions: str) -> bytes:
    before = termios.tcgetattr(handle)
    said = b""
    try:
        tty.setcbreak(handle, termios.TCSADRAIN)
        os.write(handle, questions.encode())
        deadline = time.monotonic() + (TIME_LIMIT if questions else 0)
        while not _ANSWERS["kind"].search(said) and (left := deadline - time.monotonic()) > 0:
            if select.select([handle], [], [], left)[0]:
                said += os.read(handle, 4096)
    finally:
        # What a terminal has written of the questions goes, and no answer that is late becomes a command of the shell.
        if questions:
            os.write(handle, b"\r\x1b[K")
        termios.tcsetattr(handle, termios.TCSAFLUSH, before)
    return said


def read_answers(said: bytes) -> Answers:
    """What the bytes that came back mean."""
    found = {name: pattern.search(said) for name, pattern in _ANSWERS.items()}

    def has(name: str, test: Callable[[bytes], bool]) -> bool | None:
        match = found[name]
        return None if match is None else test(match[1])

    name, kind = found["name"], found["kind"]
    says_52 = has("kind", lambda attributes: b"52" in attributes.split(b";"))
    says_ms = has("copies", lambda known: known == b"1")
    return Answers(
        answered=any(found.values()),
        name=None if name is None else name[1].decode(errors="replace"),
        frames=has("frames", lambda state: state in (b"1", b"2", b"3")),
        pastes=has("pastes", lambda state: state in (b"1", b"2", b"3")),
        keys=True if found["keys"] else None if kind is None else False,
        copies=True if says_52 or says_ms else says_ms,
    )
