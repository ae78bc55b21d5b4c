"""Completion scripts for shells, written from the parser.

A script starts no program but `sed`, which reads the names of profiles from the configuration file.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from files_tui.cli.outline import outline
from files_tui.cli.parser import SHELLS
from files_tui.cli.words import writing


def print_completion(options: argparse.Namespace) -> int:
    """Print the script of the shell that is named."""
    with writing():
        print(script_for(options.shell), end="", flush=True)
    return 0


def script_for(shell: str) -> str:
    """The script of one of `SHELLS`."""
    from files_tui.cli import complete_bash, complete_fish, complete_zsh

    writers: list[Callable[..., str]] = [complete_bash.script, complete_zsh.script, complete_fish.script]
    return dict(zip(SHELLS, writers, strict=True))[shell](outline())
