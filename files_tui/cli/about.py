"""What the program says about itself: its keys, and where it keeps things."""

from __future__ import annotations

import argparse

from files_tui import settings


def print_paths(_: argparse.Namespace) -> int:
    """Print where things are kept."""
    print(f"settings   {settings.config_file()}")
    print(f"listings   {settings.cache_dir()}")
    print(f"transfers  {settings.state_dir()}")
    print(f"crashes    {settings.state_dir()}/crash-*.txt")
    return 0


def print_keys(_: argparse.Namespace) -> int:
    """Print every binding with its id."""
    from files_tui.ui.app import FilesApp
    from files_tui.ui.keys import key_map

    for name, keys, says in key_map(FilesApp):
        print(f"{name:<18} {keys:<16} {says}")
    return 0
