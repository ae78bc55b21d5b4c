"""Folders of this machine, as the file picker reads them."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

from files_tui.text import Untrusted, name_of, path_of
from files_tui.ui.widgets.path_list import Entry

LONGEST_PASTE = 100_000


def read_folder(folder: Path) -> list[Entry]:
    """The entries of a folder, folders first, by name; blocking. Raises `OSError`.

    An entry that vanishes or cannot be looked at meanwhile has no size.
    """
    entries: list[Entry] = []
    with os.scandir(folder) as found:
        for item in found:
            try:
                is_dir = item.is_dir()
                length = None if is_dir else item.stat().st_size
            except OSError:
                is_dir, length = False, None
            entries.append(Entry(Path(item.path), is_dir, length))
    return sorted(entries, key=_order)


def _order(entry: Entry) -> tuple[bool, str, str]:
    name = name_of(entry.path).true
    return not entry.is_dir, name.casefold(), name


def short_path(folder: Path) -> Untrusted:
    """A folder with `~` for the home folder."""
    try:
        return path_of("~" / folder.relative_to(Path.home()))
    except ValueError:
        return path_of(folder)


def split_typed(typed: str, base: Path) -> tuple[Path, str]:
    """The folder that a typed path is in, and the start of the name that is typed so far."""
    expanded = os.path.expanduser(typed)
    folder, start = os.path.split(expanded)
    return base / folder if folder else base, start


def matching(entries: list[Entry], start: str, *, hidden: bool) -> list[Entry]:
    """The entries whose names begin with `start`, in any case; hidden ones on demand or when a dot is typed."""
    wanted = start.casefold()
    return [
        entry
        for entry in entries
        for name in [name_of(entry.path).true]
        if name.casefold().startswith(wanted) and (hidden or start.startswith(".") or not name.startswith("."))
    ]


def completed(names: list[str], start: str) -> str:
    """The longest text that all names begin with; `start` itself where none does."""
    return os.path.commonprefix(names) or start  # noqa: RUF071 - names, not paths


def pasted_path(words: str) -> str:
    """A path as terminals paste or drop it: quotes, escaped spaces and `file://` are taken off."""
    words = words.strip()
    if len(words) > 1 and words[0] == words[-1] and words[0] in "'\"":
        return words[1:-1]
    if words.startswith("file://"):
        return unquote(urlsplit(words).path)
    return re.sub(r"\\([ ()'\"&\[\]])", r"\1", words)


def pasted_paths(words: str, base: Path) -> list[Path]:
    """The files that a pasted or dropped text names, as one path, a line each, or in a row as a shell has them.

    None at all where one of them is no file of this machine, since the text is then something else.
    """
    lines = [line for line in words.splitlines() if line.strip()]
    if not lines or len(words) > LONGEST_PASTE:
        return []
    readings = [[words], lines]
    with contextlib.suppress(ValueError):  # a quote without its end is no list of a shell
        readings.append(shlex.split(" ".join(lines)))
    for names in readings:
        paths = [base / os.path.expanduser(pasted_path(name)) for name in names]
        if all(os.path.isfile(path) for path in paths):
            return list(dict.fromkeys(paths))
    return []
