"""Which way a text reaches the person's clipboard, and whether it did.

`copy` blocks for up to a few seconds when a helper hangs, so call it from a worker thread.
The ways, in order:

    TMUX set                      tmux load-buffer -w: its buffer, and its own OSC 52 to the terminal
    STY set                       OSC 52 inside GNU screen's DCS wrapping
    SSH_* set, or no display      OSC 52
    a display                     OSC 52 as well as a clipboard program, by way of pyperclip
"""

import base64
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

TIME_LIMIT = 1.0
"""Seconds that each helper program may take."""

OSC52_LIMIT = 100_000
"""Base64 characters that terminals commonly take in one OSC 52 sequence."""

SCREEN_LIMIT = 8_000
"""Base64 characters that GNU screen passes on in one copy."""

SCREEN_CHUNK = 240
"""Bytes of one DCS sequence, wrapping included, that GNU screen passes on whole."""

TMUX_AND_TERMINAL = "tmux buffer, and sent to your terminal"
TMUX_AND_OUTER = "tmux buffer, and sent to the outer tmux"
TMUX_AND_OSC52 = "tmux buffer, and sent to terminal (OSC 52)"
TMUX_ONLY = "tmux buffer only (prefix ] pastes)"
OSC52 = "sent to terminal (OSC 52)"

_WITHOUT = ("dumb", "linux")
"""Terminals that have no clipboard."""

_SET_CLIPBOARD = "tmux passes it to the terminal after: set -s set-clipboard on"
_SET_CLIPBOARD_OUTSIDE = "the outer tmux passes it on after: set -s set-clipboard on"

# Run apart from us because a dead display hangs pyperclip for ever and a live one leaves xclip behind.
_DESKTOP_PROGRAM = """
import os, sys
# xclip stays behind holding every stream it inherits, so it must not get the pipe we are read from.
report = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
import pyperclip
text = sys.stdin.buffer.read().decode()
copy, paste = pyperclip.determine_clipboard()
tool = copy.__name__.rpartition("_")[2]
# What Qt copies is gone when this process ends.
if tool == "qt":
    sys.exit(1)
copy(text)
if paste() != text:
    sys.exit(1)
os.write(report, {"wl": "wl-copy", "wsl": "clip.exe"}.get(tool, tool).encode())
"""


# A helper may stay behind for long, and needs nothing of what the key came from.
_OF_THE_KEY = re.compile(r"(AZURE_)?OPENAI_.*|.*_API_KEY$")


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a text that was to be copied."""

    route: str = ""
    """Where it went, as a person reads it; empty when nothing took it."""

    confirmed: bool = False
    """Whether a program said that it took it; a terminal never says."""

    note: str = ""
    """Why it failed, or what to set so that it goes further."""

    @property
    def is_certain(self) -> bool:
        """Whether the text is known to be where the route says."""
        return self.confirmed or self.route == TMUX_ONLY

    @property
    def failed(self) -> bool:
        """Whether nothing took the text, so that it has to be shown for copying by hand."""
        return not self.route

    @property
    def words(self) -> str:
        """The outcome for a toast, without the note."""
        return self.route or "not copied"


def copy(text: str, *, write: Callable[[str], None], environ: Mapping[str, str] | None = None) -> Copied:
    """Copy `text`, calling `write` with the escape sequence when the terminal is to take it."""
    environ = os.environ if environ is None else environ
    # UTF-16 joins surrogate pairs and turns each lone surrogate, which UTF-8 lacks, into one U+FFFD.
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if not text:
        return Copied(note="there is no text to copy")
    if environ.get("TMUX"):
        return _copy_by_tmux(text, write, environ)
    sent = _copy_by_terminal(text, write, environ)
    if not _has_desktop(environ):
        return sent
    code, tool = _run([sys.executable, "-P", "-c", _DESKTOP_PROGRAM], text, environ)
    if code == 0:
        return Copied(tool, confirmed=True)
    return replace(sent, note=f"{sent.note}, and no clipboard program took it") if sent.failed else sent


def first_way(environ: Mapping[str, str]) -> Literal["tmux", "desktop", "screen", "terminal", "nothing"]:
    """Which way `copy` tries first."""
    if environ.get("TMUX"):
        return "tmux"
    if _has_desktop(environ):
        return "desktop"
    if environ.get("TERM", "") in _WITHOUT:
        return "nothing"
    return "screen" if environ.get("STY") else "terminal"


def ask_tmux(names: str, environ: Mapping[str, str]) -> str:
    """What tmux says of itself, and of the client that `load-buffer -w` writes to; empty when it does not answer."""
    return _run(["tmux", "display-message", "-p", names], "", environ)[1]


def _has_desktop(environ: Mapping[str, str]) -> bool:
    # Over SSH a display is that of the far machine, or a forwarded one that may not answer.
    if any(environ.get(name) for name in ("STY", "SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT")):
        return False
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
    return sys.platform == "darwin" or any(environ.get(name) for name in displays)


def _copy_by_tmux(text: str, write: Callable[[str], None], environ: Mapping[str, str]) -> Copied:
    code, _ = _run(["tmux", "load-buffer", "-w", "-"], text, environ)
    if code == 0:
        # That client answers which was last used on this pane's session.
        names = "#{client_termname},#{client_termfeatures}"
        terminal, *features = ask_tmux(names, environ).split(",")
        nested = terminal.startswith(("tmux", "screen"))
        if "clipboard" not in features:
            # With no client there is nothing to set, and GNU screen drops what the setting would send.
            setting = f"a terminal with OSC 52 gets it after: set -as terminal-features ',{terminal}:clipboard'"
            return Copied(TMUX_ONLY, note=setting if terminal and not nested else "")
        # An outer tmux drops what the inner one sends unless its set-clipboard is on.
        if nested:
            return Copied(TMUX_AND_OUTER, note=_SET_CLIPBOARD_OUTSIDE)
        return Copied(TMUX_AND_TERMINAL, confirmed=True)
    # tmux before 3.2 refuses -w; one that hangs or is missing would do so again.
    in_buffer = code is not None and _run(["tmux", "load-buffer", "-"], text, environ)[0] == 0
    sent = _copy_by_terminal(text, write, environ)
    if in_buffer:
        return Copied(TMUX_ONLY if sent.failed else TMUX_AND_OSC52, note=sent.note or _SET_CLIPBOARD)
    return sent if sent.failed else replace(sent, note=_SET_CLIPBOARD)


def _copy_by_terminal(text: str, write: Callable[[str], None], environ: Mapping[str, str]) -> Copied:
    terminal = environ.get("TERM", "")
    if terminal in _WITHOUT:
        return Copied(note=f"a terminal with TERM={terminal} has no clipboard")
    in_screen = bool(environ.get("STY")) and not environ.get("TMUX")
    payload = base64.b64encode(text.encode()).decode()
    limit, taker = (SCREEN_LIMIT, "GNU screen") if in_screen else (OSC52_LIMIT, "a terminal")
    if len(payload) > limit:
        return Copied(note=f"{len(text):,} characters are more than {taker} takes")
    sequence = f"\x1b]52;c;{payload}\x07"
    if in_screen:
        step = SCREEN_CHUNK - len("\x1bP\x1b\\")
        starts = range(0, len(sequence), step)
        sequence = "".join(f"\x1bP{sequence[start : start + step]}\x1b\\" for start in starts)
    try:
        write(sequence)
    except OSError as error:
        return Copied(note=f"the terminal cannot be written to: {error.strerror or error}")
    return Copied(OSC52)


def _run(command: list[str], text: str, environ: Mapping[str, str]) -> tuple[int | None, str]:
    """Give the exit code and output of a helper; no code when it is missing or was killed for its time."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in environ.items() if not _OF_THE_KEY.match(name)},
            start_new_session=True,
        )
    except OSError:
        return None, ""
    with process:
        code: int | None = None
        output = b""
        with contextlib.suppress(subprocess.TimeoutExpired):
            output, _ = process.communicate(text.encode(), timeout=TIME_LIMIT)
            code = process.returncode
        # A helper that worked may leave xclip serving the clipboard; one that failed leaves nothing.
        if code != 0:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
    return code, output.decode(errors="replace").strip()
