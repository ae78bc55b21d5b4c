"""What happened below the screen, told to it from any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from files_tui.api.errors import ApiError
    from files_tui.api.models import File
    from files_tui.text import Safe
    from files_tui.transfers.jobs import Change, Job
    from files_tui.ui.session import Session


@dataclass(eq=False, repr=False)
class SessionOpened(Message):
    """The account's catalog is open, with what was kept of it; the listing is on its way."""

    session: Session


@dataclass(eq=False, repr=False)
class SyncProgressed(Message):
    """A page of the listing has reached the catalog; `seen` files so far."""

    seen: int


@dataclass(eq=False, repr=False)
class SyncFinished(Message):
    """The catalog holds the `whole` listing, or at least what is new, but for what `note` says."""

    whole: bool
    note: str | None


@dataclass(eq=False, repr=False)
class SyncFailed(Message):
    """The listing could not be fetched."""

    error: ApiError


@dataclass(eq=False, repr=False)
class ConnectFailed(Message):
    """There is no account to ask: one line that says why."""

    reason: Safe


@dataclass(eq=False, repr=False)
class JobsChanged(Message):
    """Jobs went into states; the catalog knows of it already, and the jobs may have gone on meanwhile."""

    changes: list[Change]


@dataclass(eq=False, repr=False)
class FilesOpened(Message):
    """Files that were asked for by their ids are in the catalog; what went wrong, on safe lines."""

    files: list[File]
    problems: list[Safe]


@dataclass(eq=False, repr=False)
class TurnedReadOnly(Message):
    """The server takes no changes from this key, for this reason."""

    reason: Safe


@dataclass(eq=False, repr=False)
class LeftOver(Message):
    """An earlier run of the program has not brought these jobs to their end."""

    jobs: list[Job]


@dataclass(eq=False, repr=False)
class Noted(Message):
    """Something that the person should know: one safe line."""

    words: Safe


@dataclass(eq=False, repr=False)
class WorkFailed(Message):
    """Work in the background ended by an error of our own: its name, and one safe line."""

    name: str
    reason: Safe


class CatalogDamaged(Message):
    """The file of the catalog cannot be read any more."""


class CatalogChanged(Message):
    """The catalog holds something new."""


class UsesChanged(Message):
    """More is known of where files are used, or the look for it has ended."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, UsesChanged)
