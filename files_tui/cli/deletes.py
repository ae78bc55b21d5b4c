"""`files-tui delete`: remote files deleted, after a question."""

from __future__ import annotations

import argparse
import contextlib
import os
import termios
from collections.abc import Iterator, Sequence

from files_tui import text
from files_tui.api.client import FilesClient
from files_tui.api.models import File
from files_tui.cli.moving import moving
from files_tui.cli.output import put_lines, put_object
from files_tui.cli.server import connected, files_of, ids_of
from files_tui.cli.words import FAILED, say
from files_tui.settings import Account, SettingsError
from files_tui.text import Untrusted
from files_tui.transfers.jobs import DeleteJob

COUNT_FROM = 11
"""From so many files on, their number has to be typed, as on the screen."""

NAMED = 20
"""So many files are named in the question."""

TERMINAL = "/dev/tty"


def delete(options: argparse.Namespace) -> int:
    """Delete files."""
    ids = ids_of(options.ids)
    with connected(options, changes=True) as client:
        if ids and not options.yes and not _agreed(client, ids):
            say("files-tui: nothing was deleted")
            return FAILED
        with moving(client, keep=False) as made:  # what a script did not come to is no matter of the next start
            made.run(
                [DeleteJob(File(id=Untrusted(file_id))) for file_id in ids],
                lambda job: _tell(job, as_json=options.json),
            )
            return made.code


def _tell(job: DeleteJob, *, as_json: bool) -> None:
    if as_json:
        put_object(id=job.file.id.true, outcome=job.message)
    else:
        put_lines([text.safe(job.file.id)])


@contextlib.contextmanager
def _terminal() -> Iterator[int]:
    """Where the person is, wherever ids come from and go to."""
    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise SettingsError("no terminal to ask on: --yes deletes without a question") from None
    try:
        yield terminal
    finally:
        os.close(terminal)


def _agreed(client: FilesClient, ids: Sequence[str]) -> bool:
    """Ask, and take only an answer that was typed when the question could be read. Raises `SettingsError`."""
    with _terminal() as terminal:
        _write(terminal, "\n".join(map(text.safe, _question(client, ids))) + "\n")
        answers = {"y", "yes"} if len(ids) < COUNT_FROM else {str(len(ids))}
        termios.tcflush(terminal, termios.TCIFLUSH)
        _write(terminal, f"Type {min(answers)} to delete, anything else to keep: ")
        return _read_line(terminal).strip().lower() in answers


def _question(client: FilesClient, ids: Sequence[str]) -> list[str]:
    """What would go, and from where."""
    lines = [f"Delete {text.plural(len(ids), 'file')} from {_where(client.account)}:"]
    for file_id, found in files_of(client, ids[:NAMED]):
        known = (
            f"{text.safe(found.filename, 60) or '(no name)'}  {text.size(found.bytes)}"
            if isinstance(found, File)
            else str(found)
        )
        lines.append(f"  {text.safe(file_id, 60)}  {known}")
    if len(ids) > NAMED:
        lines.append(f"  … and {text.plural(len(ids) - NAMED, 'file')} more")
    lines.append("This cannot be undone. What is deleted also leaves all vector stores.")
    return lines


def _where(account: Account) -> str:
    words = (account.host, account.profile, account.project, account.organization)
    return " · ".join(text.safe(word, 60) for word in words if word)


def _write(terminal: int, words: str) -> None:
    data = words.encode()
    while data:
        data = data[os.write(terminal, data) :]


def _read_line(terminal: int) -> str:
    line = b""
    while not line.endswith(b"\n") and (more := os.read(terminal, 1024)):
        line += more
    return line.decode("utf-8", "replace")
