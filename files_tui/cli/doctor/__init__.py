"""`files-tui doctor`: what this terminal and account can do, and what stands in the way."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import version

from files_tui import __version__
from files_tui.cli.doctor import account, places, terminal
from files_tui.cli.doctor.lines import Line, has_colours, shown
from files_tui.text import plural

FAILED = 1


def examine(options: argparse.Namespace) -> int:
    """Print what was found out; gives 1 where something keeps the program from working."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # whoever has a locale without arrows needs this most
    colours = has_colours(os.environ)
    print(f"files-tui {__version__}, Python {platform.python_version()}, Textual {version('textual')}, {_system()}")
    found: list[Line] = []
    # What is kept is looked at before a catalog is opened, which makes folders private.
    kept = places.lines()
    parts: dict[str, Callable[[], Iterable[Line]]] = {
        "Terminal": lambda: terminal.lines(os.environ),
        "Account": lambda: account.lines(options),
        "Kept on this machine": lambda: kept,
    }
    for title, look in parts.items():
        print(f"\n{title}", flush=True)
        lines = list(look())
        print(shown(lines, colours=colours), flush=True)
        found += lines
    problems, notes = (sum(line.mark == mark for line in found) for mark in ("problem", "note"))
    noted = f", {plural(notes, 'note')}" if notes else ""
    if problems:
        print(f"\n{plural(problems, 'problem')} to solve before it can be used{noted}.")
        return FAILED
    print(f"\nIt can be used{noted}.")
    return 0


def _system() -> str:
    return f"{platform.system()} {platform.release()}"
