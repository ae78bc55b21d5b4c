"""The configuration file, `config.toml`: settings, the key map and profiles, made into one frozen `Config`.

A wrong line is never fatal: it is reported as one safe line with its number, and ignored. But a profile with an error
in it is not used at all, since each of its lines decides where a key goes and what may be done with it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec

from files_tui.text import Safe, one_line

if TYPE_CHECKING:
    from files_tui.toml import Place

Animation = Literal["auto", "full", "none"]
Auth = Literal["bearer", "api-key"]
Column = Literal["status", "size", "created", "expires", "purpose", "name"]
Confirm = Literal["ask", "count", "always"]

COLUMNS: tuple[Column, ...] = get_args(Column)
MOST_FILES_A_PAGE = 10_000


class KeyChoice(msgspec.Struct, frozen=True):
    """A line of `[keys]`: the id of a binding, the keys it is to have, none to unbind it, and where that is said."""

    binding: str
    keys: tuple[str, ...]
    where: Safe


class Profile(msgspec.Struct, frozen=True):
    """A `[profiles.NAME]`: where files are, and who asks for them."""

    base_url: str | None = None
    """The server; by default that of the environment, or OpenAI's."""
    api_key_env: str | None = None
    """The variable that holds the key."""
    api_key_command: str | None = None
    """A shell command that prints the key."""
    organization: str | None = None
    """Sent as `OpenAI-Organization`."""
    project: str | None = None
    """Sent as `OpenAI-Project`."""
    auth: Auth | None = None
    """How the key is sent: `bearer`, the default, or `api-key` for Azure."""
    headers: Mapping[str, str] = {}
    """More headers for each request."""
    query: Mapping[str, str] = {}
    """More of the query for each request."""
    read_only: bool = False
    """Whether nothing is to be changed."""
    error: Safe | None = None
    """Why it cannot be used; `read_only` is true where the error leaves that open."""

    def __repr__(self) -> str:
        return "Profile(…)"  # since headers may hold what no report may show


class Config(msgspec.Struct, frozen=True):
    """What the file says. Each field is a setting by its name, with its default; the last ones are about the file."""

    theme: str | None = None
    """The colours: a theme that the command palette lists."""
    page_size: int | None = None
    """Files a page, 1 to 10,000; by default as many as fit."""
    columns: tuple[Column, ...] = COLUMNS
    """The table's columns in their order; the name is always the last one."""
    download_dir: Path | None = None
    """The folder that the browser saves to; by default the working folder."""
    mouse: bool = True
    """Whether the mouse is the program's; if not, it is left to the terminal."""
    animation: Animation = "auto"
    """`full`, `none`, or `auto`: none over SSH."""
    confirm: Confirm = "count"
    """What a delete asks: `ask` for a yes, `count` for the number of more than ten files, `always` for any number."""
    keys: tuple[KeyChoice, ...] = ()
    """`[keys]`: a binding's id, and its keys with commas between them."""
    profiles: Mapping[str, Profile] = {}
    """`[profiles.NAME]`: accounts."""

    path: Path = Path("config.toml")
    problems: tuple[Safe, ...] = ()
    """What was wrong with it, a line each."""
    wheres: Mapping[str, Safe] = {}
    """Where the file says each setting: `config.toml line 3`."""
    broken: Safe | None = None
    """Why nothing of the file can be used."""
    may_be_read_only: bool = False
    """Whether the broken file may have made a session read-only."""


def read_config(path: Path) -> Config:
    """Read the file; one that does not exist sets nothing, and neither does one that is broken."""
    data = b""
    try:
        if not path.exists():
            return Config(path=path)
        from files_tui.toml import lines_of, loads  # here, since most people have no such file

        data = path.read_bytes()
        words = data.decode("utf-8-sig").replace("\r\n", "\n")
        document = loads(words)
    except OSError as error:
        return _broken(path, one_line(error.strerror or str(error)), "", may_be_read_only=True)
    except (ValueError, RecursionError) as error:
        may_be_read_only = re.search(rb"read[-_ ]?on", data, re.IGNORECASE) is not None
        return _broken(path, *_reason(error, data), may_be_read_only=may_be_read_only)
    return _Reading(path, document, lines_of(words)).config()


def _broken(path: Path, reason: Safe, line: str, *, may_be_read_only: bool) -> Config:
    tail = "nothing of it is used" + (", and this session is read-only" if may_be_read_only else "")
    return Config(
        path=path,
        problems=(Safe(f"{one_line(path.name, 60)}{line}: {reason}; {tail}"),),
        broken=Safe(f"{line.strip()}: {reason}" if line else reason),
        may_be_read_only=may_be_read_only,
    )


def _reason(error: Exception, data: bytes) -> tuple[Safe, str]:
    """What is wrong with a text that is no TOML, and ` line 3`."""
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return Safe("not written in UTF-8"), f" line {line}"
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error), re.DOTALL)
    if found is None:
        return one_line(str(error), 120), ""
    last = data.rstrip().count(b"\n") + 1
    return one_line(found[1], 120), f" line {found[2] or last}"


def _leaves(table: Mapping[str, Any], place: Place = ()) -> Iterator[tuple[Place, object]]:
    """Each value below a table; `copy.id = …` makes a table of its own."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*place, name))
        else:
            yield (*place, name), value


def meant(name: str, known: Sequence[str]) -> str | None:
    """The known name that a misspelt one stands for, as far as that can be told."""
    import difflib

    plain = name.lower().replace("-", "_")
    parts = [each for each in known if len(plain) > 2 and (plain in each or each in plain)]
    return next(iter([*difflib.get_close_matches(plain, known, 1), *parts]), None)


class _Reading:
    """One pass over a document, with what is wrong in it."""

    def __init__(self, path: Path, document: dict[str, Any], lines: Mapping[Place, int]) -> None:
        self._path = path
        self._document = document
        self._lines = lines
        self._problems: list[Safe] = []

    def config(self) -> Config:
        values: dict[str, Any] = {}
        for name, value in self._document.items():
            if (read := _SETTINGS.get(name)) is not None:
                try:
                    values[name] = read(value)
                except ValueError as error:
                    self._ignore((name,), f"{name} {error}")
            elif name not in _TABLES:
                hint = meant(name, (*_SETTINGS, *_TABLES))
                self._ignore((name,), f"unknown setting '{one_line(name, 60)}'" + (f" ({hint}?)" if hint else ""))
        return Config(
            **values,
            keys=tuple(self._keys(self._table("keys"))),
            profiles={name: self._profile(name, value) for name, value in self._table("profiles").items()},
            path=self._path,
            problems=tuple(self._problems),
            wheres={name: self._where((name,)) for name in values},
        )

    def _where(self, place: Place) -> Safe:
        while place and place not in self._lines:
            place = place[:-1]
        return Safe(f"{one_line(self._path.name, 60)} line {self._lines.get(place, 1)}")

    def _ignore(self, place: Place, words: str) -> None:
        self._problems.append(Safe(f"{self._where(place)}: {words}, ignored"))

    def _table(self, name: str) -> dict[str, Any]:
        value = self._document.get(name, {})
        if isinstance(value, dict):
            return value
        self._ignore((name,), f"{name} must be a table, [{_TABLES[name]}]")
        return {}

    def _keys(self, table: Mapping[str, Any]) -> Iterator[KeyChoice]:
        for place, value in _leaves(table):
            binding = ".".join(place)
            if isinstance(value, str):
                named = [key.strip() for key in value.split(",")]
                yield KeyChoice(
                    binding, tuple(key for key in named if key not in ("", "none")), self._where(("keys", *place))
                )
            else:
                self._ignore(("keys", *place), f'{one_line(binding, 60)} must be text, such as "c,ctrl+c"')

    def _profile(self, name: str, table: object) -> Profile:
        place = ("profiles", name)
        if not isinstance(table, dict):
            return Profile(read_only=True, error=self._unusable(place, f"[{_TABLES['profiles']}] must be tables"))
        values: dict[str, Any] = {}
        for key, value in table.items():
            told = f"profile '{one_line(name, 60)}'"
            known = key if key in _PROFILE else meant(key, tuple(_PROFILE))
            if known is None:
                self._ignore((*place, key), f"{told} has an unknown key '{one_line(key, 60)}'")
                continue
            try:
                if key != known:
                    # Ignored, a misspelt line would have another project written to, or a server that is not to be.
                    raise ValueError(f"is no key of a profile: {known}?")
                values[key] = _PROFILE[key](value)
            except ValueError as error:
                values.setdefault("error", self._unusable((*place, key), f"{told}: {one_line(key, 60)} {error}"))
                if known == "read_only":
                    values["read_only"] = True
        return Profile(**values)

    def _unusable(self, place: Place, words: str) -> Safe:
        error = Safe(f"{self._where(place)}: {words}")
        self._problems.append(Safe(f"{error}; the profile cannot be used"))
        return error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value


def _variable(value: object) -> str:
    name = _text(value)
    if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("must be the name of a variable, and no key itself")
    return name


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValueError("must be a table of texts")
    return value


def _one_of(kind: object) -> Callable[[object], str]:
    names: tuple[str, ...] = get_args(kind)

    def read(value: object) -> str:
        if value not in names:
            raise ValueError(f"must be {' or '.join(repr(name) for name in names)}")
        return str(value)

    return read


def _page_size(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_FILES_A_PAGE:
        raise ValueError(f"must be a number from 1 to {MOST_FILES_A_PAGE}")
    return value


def _columns(value: object) -> tuple[Column, ...]:
    names = value if isinstance(value, list) else []
    if not names or any(name not in COLUMNS for name in names) or len(set(names)) < len(names):
        raise ValueError(f"must be a list of {', '.join(COLUMNS)}, each once at most")
    return (*(name for name in names if name != "name"), "name")


def _folder(value: object) -> Path:
    folder = Path(os.path.expanduser(_text(value)))
    if not folder.is_absolute():
        raise ValueError("must be a whole path, or begin with ~/")
    if not folder.is_dir():
        raise ValueError(f"is no folder: {one_line(str(folder), 100)}")
    return folder


_SETTINGS: Mapping[str, Callable[[object], object]] = {
    "theme": _text,
    "page_size": _page_size,
    "columns": _columns,
    "download_dir": _folder,
    "mouse": _flag,
    "animation": _one_of(Animation),
    "confirm": _one_of(Confirm),
}
_TABLES = {"keys": "keys", "profiles": "profiles.NAME"}
_PROFILE: Mapping[str, Callable[[object], object]] = {
    **dict.fromkeys(("base_url", "api_key_command", "organization", "project"), _text),
    "api_key_env": _variable,
    "auth": _one_of(Auth),
    "headers": _texts,
    "query": _texts,
    "read_only": _flag,
}
