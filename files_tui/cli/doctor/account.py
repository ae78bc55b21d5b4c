"""The account: where its settings come from, what its server says, and what is remembered of it."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from files_tui.api.abort import Abort
from files_tui.api.errors import Aborted, ApiError, NotSupported
from files_tui.api.models import Exchange
from files_tui.cli.accounts import account_of, is_demo
from files_tui.cli.browse import ignore
from files_tui.cli.doctor.lines import Line
from files_tui.cli.request_log import RequestLog
from files_tui.config import read_config
from files_tui.identity import has_kept
from files_tui.settings import Account, NoKeyError, SettingsError, cache_dir, config_file, is_loopback, state_dir
from files_tui.text import moment, one_line, plural

TIME_LIMIT = 10.0
"""Seconds that the server may take to answer."""

CLOCK_LIMIT = 60
"""Seconds by which clocks may differ before ages and expiries mislead."""

_VARIABLES = ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS", "OPENAI_API_VERSION")
_ABILITIES: tuple[Literal["list", "delete"], ...] = ("list", "delete")


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """All about it; sends one request, for a page of the listing, and changes nothing."""
    with contextlib.ExitStack() as stack:
        try:
            _, read_only, open_account = stack.enter_context(account_of(options, read_config(config_file())))
            account = open_account()
        except NoKeyError as error:
            yield Line("problem", "key", str(error), (f"export {error.variable}=sk-…",) if error.variable else ())
            return
        except SettingsError as error:
            yield Line("problem", "settings", str(error))
            return
        in_demo = is_demo(options)
        yield _source(account, options, in_demo=in_demo)
        log = stack.enter_context(RequestLog(options.log_file)).write if options.log_file else ignore
        yield from _Server(account, log).lines(read_only=read_only)
        if not in_demo:
            yield from _remembered(account)


def _source(account: Account, options: argparse.Namespace, *, in_demo: bool) -> Line:
    if in_demo:
        return Line("ok", "settings", "an embedded server with sample files, which needs no key")
    words = [f"key from {account.key_from}", f"profile {one_line(account.profile)}"]
    if options.base_url:
        words.append("address from --base-url")
    if used := [name for name in _VARIABLES if os.environ.get(name)]:
        words.append(f"also set: {', '.join(used)}")
    return Line("ok", "settings", "; ".join(words))


class _Server:
    """What one request finds out."""

    def __init__(self, account: Account, log: Callable[[Exchange], None]) -> None:
        from files_tui.api.client import FilesClient

        self._account = account
        self._client = FilesClient(account, log, read_only=True)
        self._outcome: ApiError | float | None = None
        """The error, or the seconds until the answer was there; None where it took too long."""
        # Names of hosts are looked up by the system, which nothing ends: the thread is left to itself then.
        abort = Abort()
        asking = threading.Thread(target=self._ask, args=(abort,), name="doctor", daemon=True)
        asking.start()
        asking.join(TIME_LIMIT)
        abort.cancel()
        self._client.close()

    def _ask(self, abort: Abort) -> None:
        with contextlib.suppress(Aborted):
            try:
                self._outcome = self._client.list_page(limit=20, retry=False, abort=abort).duration
            except ApiError as error:
                self._outcome = error
            except OSError as error:
                self._outcome = ApiError(str(error))

    def lines(self, *, read_only: bool) -> Iterator[Line]:
        outcome = self._outcome
        yield from _proxy(self._account)
        if outcome is None:
            yield self._unreachable(f"no answer within {TIME_LIMIT:.0f} s", "Look at the network, and at proxies.")
            return
        if isinstance(outcome, ApiError) and outcome.status is None:
            yield self._unreachable(outcome.message, outcome.advice)
            return
        yield self._reached()
        if isinstance(outcome, float):
            yield Line("ok", "list", f"works, {outcome * 1000:.0f} ms for one page")
        elif isinstance(outcome, NotSupported):
            yield Line("note", "list", "this server has no listing; O opens files by their ids")
        else:
            yield Line("problem", "list", str(outcome), (outcome.advice,))
        yield from self._belongs()
        if read_only:
            yield Line("ok", "write", "no: this session is read-only by its settings")
        elif isinstance(outcome, float):
            yield Line("ok", "write", "not known until the first upload or delete: nothing was written to find out")
        yield from self._clock()

    def _unreachable(self, why: str, advice: str) -> Line:
        return Line("problem", "server", f"{self._account.base_url}: {why}", (advice,) if advice else ())

    def _reached(self) -> Line:
        address = self._account.base_url
        parts = urlsplit(address)
        region = re.fullmatch(r"([a-z]{2,3})\.api\.openai\.com", parts.hostname or "")
        where = f", region {region[1]}" if region else ""
        if parts.scheme == "https":
            return Line("ok", "server", f"{address}, reached, its certificate is good{where}")
        if self._account.is_private:
            return Line("ok", "server", f"{address}, reached; plain http, but this machine")
        says = f"{address}, reached, but the key is not sent over plain http"
        return Line("note", "server", says, ("use https in the base URL",))

    def _belongs(self) -> Iterator[Line]:
        said, account = self._client.told, self._account
        parts = {
            "organisation": said.get("openai-organization") or account.organization,
            "project": said.get("openai-project") or account.project,
        }
        if any(parts.values()):
            yield Line("ok", "owner", ", ".join(f"{name} {whose}" for name, whose in parts.items() if whose))

    def _clock(self) -> Iterator[Line]:
        offset = self._client.clock_offset
        if offset is None:
            return
        if abs(offset) < CLOCK_LIMIT:
            yield Line("ok", "clock", "agrees with the server's")
        else:
            says = f"{abs(offset):.0f} s {'behind' if offset > 0 else 'ahead of'} the server's: ages are wrong by that"
            yield Line("note", "clock", says, ("set this machine's clock",))


def _proxy(account: Account) -> Iterator[Line]:
    """The proxy on the way, without the password that may be in its address."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(account.base_url)
    host = parts.hostname or ""
    proxies = getproxies()
    address = proxies.get(parts.scheme) or proxies.get("all")
    if address and not is_loopback(host) and not proxy_bypass(host):
        with contextlib.suppress(ValueError):
            proxy = urlsplit(address if "://" in address else f"//{address}")
            address = f"{proxy.hostname}{f':{proxy.port}' if proxy.port else ''}"
            yield Line("ok", "proxy", f"{address}, from the environment")
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if parts.scheme == "https" and (path := os.environ.get(name)):
            yield Line("ok", "trust", f"only the certificates in {name}={path}")


def _remembered(account: Account) -> Iterator[Line]:
    """What earlier runs have left of this account; makes no file where there is none."""
    from files_tui.catalog.cache import catalog_path
    from files_tui.catalog.errors import CatalogFailed, Unusable
    from files_tui.transfers.journal import JournalFailed, journal_path, waiting

    try:
        if has_kept(cache_dir()) and (path := catalog_path(account)).exists():
            yield Line("ok", "remembered", _known_of(path))
    except (CatalogFailed, Unusable, OSError) as error:
        yield Line("note", "remembered", f"the kept listing cannot be read: {error}; it is then fetched anew")
    try:
        if has_kept(state_dir()) and (path := journal_path(account)).exists() and (jobs := waiting(path)):
            says = f"{plural(jobs, 'interrupted transfer')} can be gone on with"
            yield Line("note", "transfers", says, ("start files-tui: it offers to go on",))
    except (JournalFailed, OSError) as error:
        yield Line("note", "transfers", f"the list of interrupted transfers cannot be read: {error}")


def _known_of(path: Path) -> str:
    from files_tui.catalog import capabilities
    from files_tui.catalog.catalog import Catalog
    from files_tui.catalog.query import Query

    with contextlib.closing(Catalog(path)) as catalog:
        synced = catalog.noted("synced_at")
        words = [plural(catalog.totals(Query()).files, "file")]
        words.append(f"as of {moment(synced)}" if synced else "not listed to its end yet")
        lacking: list[str] = [name for name in _ABILITIES if capabilities.lacks(catalog, name) is not None]
        lacking += [
            f"content of {purpose}"
            for purpose in catalog.purposes()
            if capabilities.lacks(catalog, "content", purpose) is not None
        ]
        if lacking:
            words.append(f"the server cannot: {', '.join(lacking)} (believed for a day, or until r)")
        if limit := catalog.noted("page_limit"):
            words.append(f"{plural(limit, 'file')} a request")
    return ", ".join(words)
