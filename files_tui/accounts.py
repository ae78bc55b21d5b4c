"""Where the address and the key come from: a profile, or the environment.

They always come from the same place, so that one server's key is never sent to another: a profile that is named wins
over the environment, the environment wins over `[profiles.default]`.
"""

from __future__ import annotations

import atexit
import os
import re
import select
import subprocess
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec

from files_tui.config import Config, Profile, read_config
from files_tui.settings import (
    API_VERSION,
    DEFAULT_BASE_URL,
    Account,
    NoKeyError,
    Secret,
    SettingsError,
    host_of,
    know_secrets,
    redacted,
)
from files_tui.text import Safe, one_line

COMMAND_SECONDS = 60.0

LONGEST_KEY = 64 << 10
"""Bytes of a command's output."""

LONGEST_HOST_WORD = 20
"""A longer word without a dot is no name of a host, and may be a key in the wrong variable."""

_FRAMING = frozenset(("content-length", "transfer-encoding"))
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class Choice(msgspec.Struct, frozen=True):
    """An account that one may switch to: its profile, None for what the environment has, and the host it is at.

    `asks` tells that a command gives its key, which may take its time and ask the person on the terminal; `error` is
    why its profile cannot be used.
    """

    profile: str | None
    host: str
    read_only: bool = False
    asks: bool = False
    error: Safe | None = None


class Accounts:
    """The accounts that a run can switch between; the file is read anew each time, since it may have been edited.

    `current` is the profile in use, None for the environment's account. An address of the command line is for the one
    that the run began with alone, and with `read_only` no account is written to.
    """

    def __init__(
        self, environ: Mapping[str, str], path: Path, current: str | None, *, base_url: str | None, read_only: bool
    ) -> None:
        self.current = current
        self.path = path
        self._environ = environ
        self._addresses = {current: base_url}
        self._read_only = read_only

    def choices(self) -> list[Choice]:
        """All there are, in the order of the file. Raises `SettingsError` where that cannot be read."""
        config = read_config(self.path)
        _check_readable(config)
        environment = account_of_environment(self._environ)
        found = []
        if environment is not None:
            host = host_of(self._addresses.get(None) or environment.base_url)
            found.append(Choice(None, host, _default_profile(config).read_only or self._read_only))
        for name, profile in config.profiles.items():
            narrowed = None if _has_own_address_or_key(profile) else environment
            own = profile.base_url or self._addresses.get(name)
            host = host_of(own or (narrowed.base_url if narrowed else DEFAULT_BASE_URL))
            asks = profile.api_key_command is not None and not profile.api_key_env
            found.append(Choice(name, host, profile.read_only or self._read_only, asks, profile.error))
        return found

    def load(self, profile: str | None) -> tuple[Account, bool]:
        """An account, and whether nothing is to be changed in it; blocking. Raises `SettingsError`."""
        account, read_only = load_account(
            profile=profile,
            base_url=self._addresses.get(profile),
            environ=self._environ,
            config=read_config(self.path),
        )
        return account, read_only or self._read_only


def load_account(
    *, profile: str | None, base_url: str | None, environ: Mapping[str, str], config: Config
) -> tuple[Account, bool]:
    """The account to use, and whether its profile is read-only.

    Raises `NoKeyError` without a key, `SettingsError` for an unknown profile, one that has an error in it or that
    cannot be read, or an address that is none.
    """
    for each in config.profiles.values():
        _know_secrets(each.headers, each.query)
    environment = account_of_environment(environ)
    is_own = profile is not None or environment is None
    name = "default" if profile is None else profile
    if is_own:
        _check_readable(config)
    if profile is not None and profile not in config.profiles:
        known = ", ".join(one_line(each, 60) for each in sorted(config.profiles)) or "none yet"
        raise SettingsError(f"no profile '{one_line(profile)}' in {config.path} (known: {known})")
    chosen = config.profiles[profile] if profile is not None else _default_profile(config)
    account = _from_profile(name, chosen, environment, environ) if is_own or environment is None else environment
    if base_url is not None:
        if is_own and _has_own_address_or_key(chosen):
            raise SettingsError(
                f"--base-url does not go with profile '{one_line(name)}', whose key is for another address"
            )
        account = replace(account, base_url=base_url)
    account = _checked(account)
    if not account.key:
        raise NoKeyError(account.key_from)
    return account, chosen.read_only


def _know_secrets(headers: Mapping[str, str], query: Mapping[str, str]) -> None:
    know_secrets([*headers.values(), *(value for name, value in query.items() if name != API_VERSION)])


def _check_readable(config: Config) -> None:
    if config.broken is not None:
        raise SettingsError(f"cannot read {config.path}: {config.broken}")


def _default_profile(config: Config) -> Profile:
    return config.profiles.get("default", Profile(read_only=config.may_be_read_only))


def _has_own_address_or_key(profile: Profile) -> bool:
    return any(each is not None for each in (profile.base_url, profile.api_key_env, profile.api_key_command))


def account_of_environment(environ: Mapping[str, str]) -> Account | None:
    """The account that the environment has a key for, as the official client reads it."""
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


def _from_profile(name: str, profile: Profile, environment: Account | None, environ: Mapping[str, str]) -> Account:
    if profile.error is not None:
        raise SettingsError(profile.error)
    told = one_line(name, 60)
    own = Account()
    if profile.api_key_env:
        key = Secret(environ.get(profile.api_key_env, "").strip())
        # A name of another form that is not set may be the key itself.
        is_usual = bool(key) or profile.api_key_env.isupper()
        key_from = profile.api_key_env if is_usual else f"the variable that api_key_env of profile '{told}' names"
    elif profile.api_key_command:
        key = _key_from_command(told, profile.api_key_command)
        key_from = f"api_key_command of profile '{told}'"
    elif profile.base_url:
        key, key_from = Secret(""), f"api_key_env or api_key_command in profile '{told}'"
    else:
        own = environment or own
        key, key_from = own.key, own.key_from
    return Account(
        base_url=profile.base_url or own.base_url,
        key=key,
        organization=profile.organization or own.organization,
        project=profile.project or own.project,
        auth=profile.auth or own.auth,
        headers={**own.headers, **profile.headers},
        query={**own.query, **profile.query},
        profile=name,
        key_from=key_from,
    )


def _key_from_command(name: str, command: str) -> Secret:
    told = f"api_key_command of profile '{name}'"
    if _is_no_command(command):
        raise SettingsError(f"{told} is no command that prints the key: there is no such program")
    try:
        code, output = _run(command)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{told} cannot be run: {one_line(str(error))}") from None
    except subprocess.TimeoutExpired:
        raise SettingsError(f"{told} did not end in {COMMAND_SECONDS:.0f} s") from None
    if len(output) > LONGEST_KEY:
        raise SettingsError(f"{told} prints far more than a key")
    if code:
        raise SettingsError(
            f"{told} " + (f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}")
        )
    return Secret(output.decode("utf-8", "replace").strip())


def _is_no_command(command: str) -> bool:
    """Whether it is one word that no program is called by: of a key, the shell and `ps` would tell."""
    from shutil import which

    return re.fullmatch(r"[A-Za-z0-9_.+=-]+", command) is not None and which(command) is None


def _run(command: str) -> tuple[int, bytes]:
    """Its exit code, and no more of what it prints than tells that it is too long; raises `TimeoutExpired`."""
    until = time.monotonic() + COMMAND_SECONDS
    with subprocess.Popen(command, shell=True, stdout=subprocess.PIPE) as process:
        atexit.register(process.kill)  # or it would go on asking on a terminal that is a shell's again
        try:
            assert process.stdout is not None
            output = b""
            while len(output) <= LONGEST_KEY:
                left = max(0.0, until - time.monotonic())
                if not select.select([process.stdout], [], [], left)[0]:
                    raise subprocess.TimeoutExpired(command, COMMAND_SECONDS)
                if not (piece := os.read(process.stdout.fileno(), LONGEST_KEY)):
                    process.wait(max(0.0, until - time.monotonic()))
                    break
                output += piece
        finally:
            process.kill()
            atexit.unregister(process.kill)
    return process.returncode, output


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
        may_be_key = len(shown) >= LONGEST_HOST_WORD and not re.search("[.:/]", shown)
        told = "what is given" if may_be_key else f"'{one_line(redacted(shown), 100)}'"
        raise SettingsError(f"{told} is not a base URL: expected something like {DEFAULT_BASE_URL}")
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
        if name.lower() in _FRAMING:
            raise SettingsError(f"the header '{name}' cannot be set: each request has its own")
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **account.query}
    _know_secrets(account.headers, query)
    return replace(account, base_url=parts._replace(query="", fragment="").geturl().rstrip("/"), query=query)
