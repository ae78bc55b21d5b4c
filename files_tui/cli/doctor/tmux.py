"""What tmux says of itself, of the terminal that looks at it, and of the settings that matter here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from files_tui.cli.doctor.lines import Line
from files_tui.clipboard import ask_tmux

SLOW_ESC = 50
"""Milliseconds for which a wait behind each esc is not felt."""

_FIELDS = (
    "version",
    "client_termname",
    "client_termfeatures",
    "client_pid",
    "client_utf8",
    "set-clipboard",
    "allow-passthrough",
    "escape-time",
)
_FEATURES = ("clipboard", "RGB", "sync")
_FLAGS = {"0": "off", "1": "on", "": "unknown"}


@dataclass(frozen=True, slots=True)
class Tmux:
    """The tmux around this process, and the client that was used last; its strings are as tmux gives them."""

    version: str
    terminal: str
    """The TERM of the client, empty where none is attached."""
    features: frozenset[str]
    client: int | None
    """The process id of the client."""
    utf8: bool
    set_clipboard: str
    allow_passthrough: str
    escape_time: int | None
    """Milliseconds."""

    @property
    def nested(self) -> bool:
        """Whether the terminal that looks at it is another tmux or GNU screen."""
        return self.terminal.startswith(("tmux", "screen"))

    @property
    def copies_by_itself(self) -> bool:
        """Whether `load-buffer -w` is there, which needs no setting; it came with 3.2."""
        found = re.search(r"(\d+)\.(\d+)", self.version)
        return found is None or (int(found[1]), int(found[2])) >= (3, 2)

    def describes(self, name: str) -> str:
        """The line for ~/.tmux.conf that says that this terminal has a feature."""
        return conf(f"set -as terminal-features ',{self.terminal}:{name}'")


def conf(setting: str) -> str:
    """What to do with a setting."""
    return f"~/.tmux.conf:  {setting}"


def look(environ: Mapping[str, str]) -> Tmux | None:
    """Ask tmux; None where there is none, or where it does not answer within a second."""
    if not environ.get("TMUX"):
        return None
    answer = ask_tmux("\t".join(f"#{{{name}}}" for name in _FIELDS), environ).split("\t")
    if len(answer) != len(_FIELDS):
        return None
    said = dict(zip(_FIELDS, answer, strict=True))
    return Tmux(
        version=said["version"],
        terminal=said["client_termname"],
        features=frozenset(filter(None, said["client_termfeatures"].split(","))),
        client=int(said["client_pid"]) if said["client_pid"].isdigit() else None,
        utf8=said["client_utf8"] == "1",
        set_clipboard=said["set-clipboard"] or "unknown",
        allow_passthrough=_FLAGS.get(said["allow-passthrough"], said["allow-passthrough"]),
        escape_time=int(said["escape-time"]) if said["escape-time"].isdigit() else None,
    )


def lines(tmux: Tmux) -> Iterator[Line]:
    """The settings, and the lines to add where one stands in the way."""
    features = ", ".join(f"{name} {'yes' if name in tmux.features else 'no'}" for name in _FEATURES)
    seen = f"for {tmux.terminal} it knows {features}" if tmux.terminal else "no client looks at it now"
    yield Line(
        "ok",
        "tmux",
        f"{tmux.version}, set-clipboard {tmux.set_clipboard}, allow-passthrough {tmux.allow_passthrough} "
        f"(copying needs neither); {seen}"
        if tmux.copies_by_itself
        else f"{tmux.version}, set-clipboard {tmux.set_clipboard}; {seen}",
    )
    if tmux.escape_time is not None and tmux.escape_time > SLOW_ESC:
        yield Line(
            "note",
            "esc",
            f"tmux waits {tmux.escape_time} ms behind each esc",
            (conf("set -s escape-time 10"),),
        )
