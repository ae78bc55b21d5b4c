"""`files-tui doctor`: what this terminal and account can do, and what stands in the way."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

import msgspec

from files_tui import __version__
from files_tui.cli.doctor import account, places, terminal
from files_tui.cli.doctor.lines import Line, Mark, cleaned, has_colours, shown
from files_tui.cli.output import put_json
from files_tui.cli.words import FAILED, writing
from files_tui.text import plural


def examine(options: argparse.Namespace) -> int:
    """Print what was found out; gives 1 where something keeps the program from working."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # whoever has a locale without arrows needs this most
    found = _found(options)
    if options.json:
        lines = [_as_json(part, line) for part, of_part in found for line in of_part]
        put_json(msgspec.json.encode(lines))
        problems = sum(line["mark"] == "problem" for line in lines)
    else:
        problems = _print(found)
    return FAILED if problems else 0


def _found(options: argparse.Namespace) -> Iterator[tuple[str, Iterable[Line]]]:
    # What is kept is looked at before a catalog is opened, which makes folders private.
    kept = places.lines()
    yield "Terminal", terminal.lines(os.environ)
    yield "Account", account.lines(options)
    yield "Kept on this machine", kept


def _print(found: Iterable[tuple[str, Iterable[Line]]]) -> int:
    """Each part as soon as it is known; gives the number of problems."""
    _write(f"files-tui {__version__}, Python {platform.python_version()}, Textual {version('textual')}, {_system()}")
    colours = has_colours(os.environ)
    marks: Counter[Mark] = Counter()
    for part, to_find in found:
        _write(f"\n{part}")
        lines = list(to_find)
        _write(shown(lines, colours=colours))
        marks.update(line.mark for line in lines)
    noted = f", {plural(marks['note'], 'note')}" if marks["note"] else ""
    to_solve = f"{plural(marks['problem'], 'problem')} to solve before it can be used"
    _write(f"\n{to_solve if marks['problem'] else 'It can be used'}{noted}.")
    return marks["problem"]


def _write(text: str) -> None:
    with writing():
        print(text, flush=True)


def _as_json(part: str, line: Line) -> dict[str, Any]:
    todo = [cleaned(each) for each in line.todo]
    return {"part": part, "about": line.about, "mark": line.mark, "says": cleaned(line.says), "todo": todo}


def _system() -> str:
    return f"{platform.system()} {platform.release()}"
