"""Where things are kept, how large they are, and who may see them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from files_tui.cli.doctor.lines import Line
from files_tui.config import Config, read_config
from files_tui.settings import cache_dir, config_file, state_dir
from files_tui.text import Safe, plural, size


def lines() -> list[Line]:
    """A line for each place."""
    return [*_settings(), _folder("listings", cache_dir()), _folder("transfers", state_dir()), *_crashes()]


def _settings() -> Iterator[Line]:
    path = config_file()
    yield Line("ok", "settings", f"{_short(path)}{'' if path.exists() else ', not there yet'}")
    config = read_config(path)
    for problem in [*config.problems, *_problems_with_keys(config)]:
        yield Line("note", "settings", problem)


def _problems_with_keys(config: Config) -> list[Safe]:
    if not config.keys:
        return []
    from files_tui.ui.keymap import key_map
    from files_tui.ui.keys import PLACES

    return key_map(config.keys, PLACES).problems


def _folder(about: str, path: Path) -> Line:
    try:
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        return Line("ok", about, f"{_short(path)}, nothing yet")
    except OSError as error:
        return Line("note", about, f"{_short(path)} cannot be looked at: {error.strerror}")
    says = f"{_short(path)}, {size(_bytes_in(path))}"
    if not os.access(path, os.W_OK | os.X_OK):
        return Line("note", about, f"{says}, cannot be written: nothing is kept", (f"chmod u+rwx {path}",))
    if mode & 0o077:
        return Line("note", about, f"{says}, open to others ({mode:o}); each start closes it", (f"chmod 700 {path}",))
    return Line("ok", about, f"{says}, for you only")


def _crashes() -> Iterator[Line]:
    if reports := sorted(state_dir().glob("crash-*.txt")):
        yield Line("note", "crashes", f"{plural(len(reports), 'report')}, the newest is {_short(reports[-1])}")


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def _short(path: Path) -> str:
    with contextlib.suppress(ValueError, RuntimeError):
        return f"~/{path.relative_to(Path.home())}"
    return str(path)
