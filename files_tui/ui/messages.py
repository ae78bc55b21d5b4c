"""What happened below the screen, told to it from any thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from files_tui.api.errors import ApiError
    from files_tui.api.models import File
    from files_tui.text import Safe
    from files_tui.transfers.jobs import Change, Job
    from files_tui.ui.session import Session


class SessionOpened(Message):
    """The account's catalog is open, with what was kept of it; the listing is on its way."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session


class SyncProgressed(Message):
    """A page of the listing has reached the catalog; `seen` files so far."""

    def __init__(self, seen: int) -> None:
        super().__init__()
        self.seen = seen


class SyncFinished(Message):
    """The catalog holds the `whole` listing, or at least what is new, but for what `note` says."""

    def __init__(self, whole: bool, note: str | None) -> None:
        super().__init__()
        self.whole = whole
        self.note = note


class SyncFailed(Message):
    """The listing could not be fetched."""

    def __init__(self, error: ApiError) -> None:
        super().__init__()
        self.error = error


class ConnectFailed(Message):
    """There is no account to ask: one line that says why."""

    def __init__(self, reason: Safe) -> None:
        super().__init__()
        self.reason = reason


class JobsChanged(Message):
    """Jobs went into states; the catalog knows of it already, and the jobs may have gone on meanwhile."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__()
        self.changes = changes


class FilesOpened(Message):
    """Files that were asked for by their ids are in the catalog; what went wrong, on safe lines."""

    def __init__(self, files: list[File], problems: list[Safe]) -> None:
        super().__init__()
        self.files = files
        self.problems = problems


class TurnedReadOnly(Message):
    """The server takes no changes from this key, for this reason."""

    def __init__(self, reason: Safe) -> None:
        super().__init__()
        self.reason = reason


class LeftOver(Message):
    """An earlier run of the program has not brought these jobs to their end."""

    def __init__(self, jobs: list[Job]) -> None:
        super().__init__()
        self.jobs = jobs


class Noted(Message):
    """Something that the person should know: one safe line."""

    def __init__(self, words: Safe) -> None:
        super().__init__()
        self.words = words


class WorkFailed(Message):
    """Work in the background ended by an error of our own: its name, and one safe line."""

    def __init__(self, name: str, reason: Safe) -> None:
        super().__init__()
        self.name = name
        self.reason = reason


class CatalogDamaged(Message):
    """The file of the catalog cannot be read any more."""


class CatalogChanged(Message):
    """The catalog holds something new."""


class UsesChanged(Message):
    """More is known of where files are used, or the look for it has ended."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, UsesChanged)
