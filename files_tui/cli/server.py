"""What every command without a screen needs: the server of its account, and the files that are meant."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator, Sequence

from files_tui import text
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError
from files_tui.api.models import Exchange, File
from files_tui.cli.accounts import account_of
from files_tui.cli.output import is_piped
from files_tui.cli.request_log import RequestLog
from files_tui.cli.status import StatusLine
from files_tui.cli.words import say
from files_tui.settings import SettingsError

AT_ONCE = 4
LATE = 5.0
"""Seconds of silence after which a person is told of it."""


@contextlib.contextmanager
def connected(options: argparse.Namespace, *, changes: bool = False) -> Iterator[FilesClient]:
    """The way to the server of the account; `changes` tells that something there is to be changed.

    Raises `SettingsError`, also for a change in a read-only session.
    """
    with contextlib.ExitStack() as stack:
        _, read_only, open_account = stack.enter_context(account_of(options))
        if changes and read_only:
            raise SettingsError("this session is read-only: nothing was sent")
        log = stack.enter_context(RequestLog(options.log_file)).write if options.log_file else _ignore
        client = FilesClient(open_account(), log, read_only=read_only)
        stack.callback(client.close)
        if not client.account.is_private:
            say(f"files-tui: {text.safe(client.account.host, 60)} speaks plain http: it is asked without the key")
        yield client


def _ignore(_: Exchange) -> None:
    """Without a log file, nobody reads of requests."""


def ids_of(words: Sequence[str]) -> list[str]:
    """The ids of the command line, each once; `-` stands for those on standard input, one a line.

    Of a line with tabs, such as `files-tui list` writes, it is the first column. Raises `SettingsError`.
    """
    ids: dict[str, None] = {}
    for word in words:
        ids |= dict.fromkeys(_read_ids() if word == "-" else [word])
    return list(ids)


def _read_ids() -> list[str]:
    if sys.stdin is None:
        raise SettingsError("standard input is closed")
    found = []
    for number, line in enumerate(sys.stdin.buffer.read().decode("utf-8", "replace").split("\n"), 1):
        file_id = line.partition("\t")[0].strip()
        if any(char.isspace() for char in file_id) or file_id[:1] in ("[", "]", "{", "}", '"'):
            raise SettingsError(f"line {number} of standard input is no id: {text.one_line(line, 60)}")
        if file_id:
            found.append(file_id)
    return found


def files_of(client: FilesClient, ids: Sequence[str]) -> Iterator[tuple[str, File | ApiError]]:
    """Each file as the server tells it, or why it does not, in order."""
    from concurrent.futures import ThreadPoolExecutor

    abort = Abort()

    def look(file_id: str) -> File | ApiError:
        try:
            return client.retrieve(file_id, abort=abort).value
        except ApiError as error:
            return error

    heard = time.monotonic()
    with StatusLine(lambda: waiting_words(client, heard)), ThreadPoolExecutor(AT_ONCE, "look") as pool:
        try:
            for file_id, found in zip(ids, pool.map(look, ids), strict=True):
                heard = time.monotonic()
                yield file_id, found
        finally:
            abort.cancel()


def waiting_words(client: FilesClient, since: float) -> str:
    """What a person is told who has waited for the server since a monotonic time."""
    if is_piped():
        return ""
    if pause := client.pause_left:
        return f"waiting to try again: {text.clock(pause + 1)}"
    waited = time.monotonic() - since
    return f"the server has been silent for {text.span(waited)}" if waited >= LATE else ""
