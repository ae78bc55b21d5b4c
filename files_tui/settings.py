"""What a run of the program goes by: one frozen `Settings`, an `Account` whose key is a `Secret`, and its folders."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote, quote_plus, urlsplit

import msgspec
import platformdirs

from files_tui.config import COLUMNS, Animation, Auth, Column, Config, Confirm
from files_tui.text import Untrusted

APP = "files-tui"
DEFAULT_BASE_URL = "https://api.openai.com/v1"


class SettingsError(Exception):
    """A setting that cannot be used: one line that says which, and what to do."""


class NoKeyError(SettingsError):
    """No key was found anywhere; `variable` is where it was looked for, None where that is not told by a name."""

    def __init__(self, variable: str) -> None:
        super().__init__(f"no API key: set {variable}, or try --demo, which needs none")
        self.variable = variable if variable.isidentifier() else None


SHORTEST_SECRET = 8
"""A shorter one is a placeholder, and may well be part of a word."""

API_VERSION = "api-version"
_known: set[str] = set()


def known_secrets() -> frozenset[str]:
    """Every text of this run that no report may show."""
    return frozenset(_known)


def know_secrets(values: Iterable[str]) -> None:
    """Let no report of this run show these."""
    _known.update(values)


def forms_of(secret: str) -> set[str]:
    """A secret as it is and as an address has it; none of one that is too short to be told from other text."""
    if len(secret) < SHORTEST_SECRET:
        return set()
    written = secret.encode("utf-8", "replace")
    return {secret, quote(written), quote(written, safe=""), quote_plus(written)}


def redacted(words: str) -> str:
    """Words without any secret of this run, whoever repeats it: a server, a library or the person."""
    for secret in sorted({form for each in known_secrets() for form in forms_of(each)}, key=len, reverse=True):
        words = words.replace(secret, "[secret]")
    return words


class Secret:
    """A key that shows itself nowhere: `repr`, `str` and pickling give it away to no log and no crash report."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        _known.add(value)

    def reveal(self) -> str:
        """The key itself; call it only where it is put on the wire."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True, slots=True)
class Account:
    """Where the files are and who asks for them."""

    base_url: str = DEFAULT_BASE_URL
    key: Secret = field(default_factory=lambda: Secret(""))
    organization: str | None = None
    project: str | None = None
    auth: Auth = "bearer"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    profile: str = "default"
    key_from: str = "OPENAI_API_KEY"

    @property
    def is_private(self) -> bool:
        """Whether no one on the way reads what is sent: the key goes nowhere else."""
        parts = urlsplit(self.base_url)
        return parts.scheme == "https" or is_loopback(parts.hostname or "")

    @property
    def sent_query(self) -> Mapping[str, str]:
        """The query that every request has; what may be a secret stays here where someone listens."""
        return self.query if self.is_private else {n: value for n, value in self.query.items() if n == API_VERSION}

    @property
    def secrets(self) -> list[str]:
        """What must not be seen of it, in every form that it is sent in."""
        values = [self.key.reveal(), *self.headers.values(), *(v for n, v in self.query.items() if n != API_VERSION)]
        return sorted({form for value in values for form in forms_of(value)}, key=len, reverse=True)

    @property
    def host(self) -> str:
        """The server's host, with its port when it is not the usual one."""
        return host_of(self.base_url)


class Settings(msgspec.Struct, frozen=True):
    """All that the command line, the environment and the configuration file decide; `config` says what the file had."""

    account: Account = msgspec.field(default_factory=Account)
    read_only: bool = False
    purpose: Untrusted | None = None
    page_size: int | None = None
    download_dir: Path | None = None
    log_file: Path | None = None
    mouse: bool = True
    upload: tuple[Path, ...] = ()
    pick: bool = False
    awaited: bool = False
    demo: bool = False
    cache: bool = True
    theme: str | None = None
    animation: Animation = "auto"
    columns: tuple[Column, ...] = COLUMNS
    confirm: Confirm = "count"
    config: Config = msgspec.field(default_factory=Config)


def host_of(base_url: str) -> str:
    """The host of an address, without a user name or password in front of it; empty where it is none."""
    try:
        return urlsplit(base_url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, which no proxy reaches."""
    try:
        return host == "localhost" or host.endswith(".localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def cache_dir() -> Path:
    """Where listings are kept between two runs."""
    return platformdirs.user_cache_path(APP)


def state_dir() -> Path:
    """Where transfers that have not ended are kept."""
    return platformdirs.user_state_path(APP)


def make_private(folder: Path) -> None:
    """Make a folder of ours that only its owner may enter, or make an older one so; raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def config_file() -> Path:
    """Where settings and profiles are kept."""
    return platformdirs.user_config_path(APP) / "config.toml"


def working_folder() -> Path:
    """The folder that the program was started in, or the home folder when that one is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()


def default_download_dir() -> Path:
    """The working folder when it can be written, else the home folder."""
    here = working_folder()
    return here if os.access(here, os.W_OK) else Path.home()
