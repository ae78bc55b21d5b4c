"""Flags, environment, profile file and defaults, made into one frozen `Settings`; the key is a `Secret`.

An address and a key always come from the same place, so that one server's key is never sent to another: a profile
that is named on the command line wins over the environment, the environment wins over `[profiles.default]`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NoReturn
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import platformdirs

from files_tui.text import Untrusted, one_line

APP = "files-tui"
DEFAULT_BASE_URL = "https://api.openai.com/v1"
COMMAND_SECONDS = 60.0

Auth = Literal["bearer", "api-key"]
Animation = Literal["auto", "full", "none"]

_PROFILE_KEYS = frozenset(
    ("base_url", "api_key_env", "api_key_command", "organization", "project", "auth", "headers", "query", "read_only")
)

_OF_ONE_ADDRESS = frozenset(("base_url", "api_key_env", "api_key_command"))

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class SettingsError(Exception):
    """A setting that cannot be used: one line that says which, and what to do."""


class NoKeyError(SettingsError):
    """No key was found anywhere; `variable` is where it was looked for."""

    def __init__(self, variable: str) -> None:
        super().__init__(f"no API key: set {variable}, or try --demo, which needs none")
        self.variable = variable if variable.isidentifier() else "OPENAI_API_KEY"


SHORTEST_SECRET = 8
"""A shorter one is a placeholder, and may well be part of a word."""

API_VERSION = "api-version"
_known: set[str] = set()


def known_secrets() -> frozenset[str]:
    """Every text of this run that no report may show."""
    return frozenset(_known)


def forms_of(secret: str) -> set[str]:
    """A secret as it is and as an address has it; none of one that is too short to be told from other text."""
    if len(secret) < SHORTEST_SECRET:
        return set()
    written = secret.encode("utf-8", "replace")
    return {secret, quote(written), quote(written, safe=""), quote_plus(written)}


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
        return urlsplit(self.base_url).netloc.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the command line, the environment and the profile decide."""

    account: Account = field(default_factory=Account)
    read_only: bool = False
    purpose: Untrusted | None = None
    page_size: int | None = None
    download_dir: Path | None = None
    log_file: Path | None = None
    mouse: bool = True
    upload: tuple[Path, ...] = ()
    pick: bool = False
    demo: bool = False
    cache: bool = True
    theme: str | None = None
    animation: Animation = "auto"


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
    """Where profiles are kept."""
    return platformdirs.user_config_path(APP) / "config.toml"


def load_account(
    *, profile: str | None, base_url: str | None, environ: Mapping[str, str], config: Path
) -> tuple[Account, bool]:
    """The account to use, and whether its profile is read-only.

    Raises `NoKeyError` without a key, `SettingsError` for an unknown profile, a profile file that cannot be read,
    or an address that is none.
    """
    profiles = _read_profiles(config)
    if profile is not None and profile not in profiles:
        known = ", ".join(sorted(profiles)) or "none yet"
        raise SettingsError(f"no profile '{one_line(profile)}' in {config} (known: {known})")
    chosen = profiles.get(profile or "default", {})
    read_only = chosen.get("read_only", False)
    if not isinstance(read_only, bool):
        raise SettingsError(f"profile '{one_line(profile or 'default')}': read_only must be true or false")
    account = _from_environment(environ)
    is_own = profile is not None or account is None
    if profile is not None or account is None:
        account = _from_profile(profile or "default", chosen, account, environ)
    if base_url is not None:
        if is_own and _OF_ONE_ADDRESS & chosen.keys():
            name = one_line(profile or "default")
            raise SettingsError(f"--base-url does not go with profile '{name}', whose key is for another address")
        account = replace(account, base_url=base_url)
    account = _checked(account)
    if not account.key:
        raise NoKeyError(account.key_from)
    return account, read_only


def _from_environment(environ: Mapping[str, str]) -> Account | None:
    headers = _custom_headers(environ.get("OPENAI_CUSTOM_HEADERS", ""))
    if key := environ.get("OPENAI_API_KEY", "").strip():
        return Account(
            base_url=environ.get("OPENAI_BASE_URL", "").strip() or DEFAULT_BASE_URL,
            key=Secret(key),
            organization=environ.get("OPENAI_ORG_ID") or None,
            project=environ.get("OPENAI_PROJECT_ID") or None,
            headers=headers,
        )
    key, endpoint = (environ.get(f"AZURE_OPENAI_{part}", "").strip() for part in ("API_KEY", "ENDPOINT"))
    if key and endpoint:
        version = environ.get("OPENAI_API_VERSION", "").strip()
        return Account(
            base_url=endpoint.rstrip("/") + ("/openai" if version else "/openai/v1"),
            key=Secret(key),
            auth="api-key",
            headers=headers,
            query={"api-version": version} if version else {},
            profile="azure",
            key_from="AZURE_OPENAI_API_KEY",
        )
    return None


def _from_profile(
    name: str, profile: Mapping[str, Any], environment: Account | None, environ: Mapping[str, str]
) -> Account:
    if unknown := sorted(profile.keys() - _PROFILE_KEYS):
        raise SettingsError(f"profile '{name}' has an unknown key '{one_line(unknown[0], 60)}'")

    def text(key: str) -> str | None:
        value = profile.get(key)
        if value is not None and not isinstance(value, str):
            raise SettingsError(f"profile '{name}': {key} must be text")
        return value

    def table(key: str) -> dict[str, str]:
        value = profile.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise SettingsError(f"profile '{name}': {key} must be a table of texts")
        return dict(value)

    auth = text("auth")
    if auth not in (None, "bearer", "api-key"):
        raise SettingsError(f"profile '{name}': auth must be 'bearer' or 'api-key'")
    variable, command = text("api_key_env"), text("api_key_command")
    own = Account()
    if variable:
        key, key_from = Secret(environ.get(variable, "").strip()), variable
    elif command:
        key, key_from = _key_from_command(name, command), f"api_key_command of profile '{name}'"
    elif text("base_url"):
        key, key_from = Secret(""), f"api_key_env or api_key_command in profile '{name}'"
    else:
        own = environment or own
        key, key_from = own.key, own.key_from
    return Account(
        base_url=text("base_url") or own.base_url,
        key=key,
        organization=text("organization") or own.organization,
        project=text("project") or own.project,
        auth=own.auth if auth is None else "api-key" if auth == "api-key" else "bearer",
        headers={**own.headers, **table("headers")},
        query={**own.query, **table("query")},
        profile=name,
        key_from=key_from,
    )


def _read_profiles(config: Path) -> dict[str, dict[str, Any]]:
    import tomllib

    try:
        if not config.exists():
            return {}
        document = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read {config}: {one_line(str(error))}") from None
    profiles = document.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(p, dict) for p in profiles.values()):
        raise SettingsError(f"{config}: [profiles.NAME] must be tables")
    return profiles


def _key_from_command(name: str, command: str) -> Secret:
    try:
        done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, timeout=COMMAND_SECONDS, check=False)
    except (OSError, ValueError) as error:
        raise SettingsError(f"api_key_command of profile '{name}' cannot be run: {one_line(str(error))}") from None
    except subprocess.TimeoutExpired:
        raise SettingsError(f"api_key_command of profile '{name}' did not end in {COMMAND_SECONDS:.0f} s") from None
    if done.returncode:
        raise SettingsError(f"api_key_command of profile '{name}' ended with exit code {done.returncode}")
    return Secret(done.stdout.decode("utf-8", "replace").strip())


def _custom_headers(lines: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def _checked(account: Account) -> Account:
    try:
        parts = urlsplit(account.base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(c.isspace() or not c.isprintable() for c in account.base_url):
        shown = re.sub(r"//[^/]*@", "//…@", account.base_url.partition("?")[0])  # which may hold a password, or a key
        raise SettingsError(f"'{one_line(shown, 100)}' is not a base URL: expected something like {DEFAULT_BASE_URL}")
    if parts.username or parts.password:
        raise SettingsError("the base URL holds a user name or password: give the key by a variable instead")
    try:
        account.key.reveal().encode("ascii")
    except UnicodeEncodeError:
        raise SettingsError(f"the key from {account.key_from} holds characters that no key has") from None
    if any(c.isspace() or not c.isprintable() for c in account.key.reveal()):
        raise SettingsError(f"the key from {account.key_from} holds a space or a line break")
    named = {"OpenAI-Organization": account.organization or "", "OpenAI-Project": account.project or ""}
    for name, value in {**named, **account.headers}.items():
        if not _HEADER_NAME.fullmatch(name) or not value.isascii() or not value.isprintable():
            raise SettingsError(f"the header '{one_line(name, 60)}' cannot be sent: only plain ASCII text can")
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **account.query}
    _known.update(account.headers.values(), (value for name, value in query.items() if name != API_VERSION))
    return replace(account, base_url=parts._replace(query="", fragment="").geturl().rstrip("/"), query=query)


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
