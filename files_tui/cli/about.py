"""What the program says about itself: its keys, and where it keeps things."""

from __future__ import annotations

import argparse

from files_tui import settings
from files_tui.cli.output import put_lines, put_path
from files_tui.cli.words import say


def print_paths(_: argparse.Namespace) -> int:
    """Print where things are kept."""
    put_path(f"settings   {settings.config_file()}")
    put_path(f"listings   {settings.cache_dir()}")
    put_path(f"transfers  {settings.state_dir()}")
    put_path(f"crashes    {settings.state_dir()}/crash-*.txt")
    return 0


def print_keys(_: argparse.Namespace) -> int:
    """Print every command with its id and the keys in force; what is wrong with the file goes to standard error."""
    from files_tui.config import read_config
    from files_tui.ui.keymap import defaults_of, key_map, shown_keys
    from files_tui.ui.keys import PLACES

    config = read_config(settings.config_file())
    made = key_map(config.keys, PLACES)
    for problem in (*config.problems, *made.problems):
        say(f"files-tui: {problem}")
    lines = []
    for command in defaults_of(PLACES).values():
        keys = made.keys.get(command.id, command.keys)
        instead = f" · instead of {shown_keys(command.keys)}" if set(keys) != set(command.keys) else ""
        lines.append(f"{command.id:<21} {shown_keys(keys):<16} {command.says}{instead}")
    put_lines(lines)
    return 0
