"""What the person does with files: copy, upload, download, delete, and looking closer."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from files_tui import text
from files_tui.settings import default_download_dir
from files_tui.transfers.jobs import DeleteJob, DownloadJob, Job, State, UploadJob
from files_tui.ui.background import in_background
from files_tui.ui.browse.account import AccountScreen

if TYPE_CHECKING:
    from pathlib import Path

    from files_tui.api.models import File
    from files_tui.catalog.query import Query
    from files_tui.clipboard import Copied

LONG_TOAST = 12.0
_WRITING = ("upload", "delete")


class FileCommands(AccountScreen):
    """The commands of the main screen; dialogs are loaded when they are first opened."""

    _download_dir: Path | None = None
    _last_purpose: str | None = None
    _failed_deletes = 0

    @property
    def view(self) -> Query:
        """Which files are shown, in which order."""
        raise NotImplementedError

    @property
    def targets(self) -> list[File]:
        """The files that a command is about."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Nothing is written in a read-only session."""
        return not (action in _WRITING and self.app.settings.read_only)

    def show_file(self, file: File) -> bool:
        """Show the page with a file on it; False when the listing does not have it."""
        raise NotImplementedError

    def opened(self) -> None:
        """Start with the upload dialog where the command line says so."""
        if self.app.settings.upload:
            self.open_upload(list(self.app.settings.upload))

    # Copy

    def action_copy_id(self) -> None:
        files = self.targets
        if files:
            what = files[0].id if len(files) == 1 else text.plural(len(files), "id")
            self.copy("\n".join(file.id for file in files), what)

    def action_copy_menu(self) -> None:
        from files_tui.ui.screens.copy import CopyScreen

        files = self.targets
        if files and self.session:
            self.app.push_screen(CopyScreen(files, self.session.account), self._copy_chosen)

    def _copy_chosen(self, chosen: tuple[str, str] | None) -> None:
        if chosen is not None:
            self.copy(chosen[1], chosen[0])

    def copy(self, words: str, what: str) -> None:
        """Put a text on the person's clipboard and say which way it went."""
        in_background(self, partial(self._copy, words, what), "copy")

    def _copy(self, words: str, what: str) -> None:
        from files_tui import clipboard

        copied = clipboard.copy(words, write=self.app.write_to_terminal)
        self.call_later(self._show_by_hand if copied.failed else self._copied, words, what, copied)

    def _copied(self, _: str, what: str, copied: Copied) -> None:
        message = text.safe(what, 60) + f"\n{copied.words}"
        self.notify(message + (f"\n{copied.note}" if copied.note else ""), title="Copied", markup=False)

    def _show_by_hand(self, words: str, _: str, copied: Copied) -> None:
        from files_tui.ui.screens.show import ShowScreen

        self.app.push_screen(ShowScreen("Nothing could copy this: mark it by hand", words, copied.note))

    # Upload

    def action_upload(self) -> None:
        from files_tui.ui.screens.pick import PickScreen

        if self.session:
            self.app.push_screen(PickScreen(), self._picked)

    def _picked(self, paths: list[Path] | None) -> None:
        if paths:
            self.open_upload(paths)

    def open_upload(self, paths: list[Path]) -> None:
        """Ask how these files are to be uploaded."""
        from files_tui.ui.screens.upload import UploadScreen

        self.app.push_screen(UploadScreen(paths, self._last_purpose), self._upload)

    def _upload(self, jobs: list[UploadJob] | None) -> None:
        if jobs and self.session:
            self._last_purpose = jobs[0].purpose
            for job in jobs:
                self.session.queue.submit(job)

    # Download

    def action_download(self) -> None:
        from files_tui.ui.screens.download import DownloadScreen

        files = self.targets
        if files and self.session:
            folder = self._download_dir or self.app.settings.download_dir or default_download_dir()
            self.app.push_screen(DownloadScreen(files, folder), self._download)

    def _download(self, jobs: list[DownloadJob] | None) -> None:
        if jobs and self.session:
            self._download_dir = jobs[0].target.parent
            for job in jobs:
                self.session.queue.submit(job)

    # Delete

    def action_delete(self) -> None:
        from files_tui.ui.screens.delete import DeleteScreen

        files = self.targets
        if files and self.session:
            marks = self.session.catalog.marks
            hidden = marks.outside(self.view, time.time()) if marks else 0
            self.app.push_screen(DeleteScreen(files, self.session.queue, hidden), self._deleted)

    def _deleted(self, summary: str | None) -> None:
        if summary:
            self.notify(summary, title="Delete", markup=False)

    # Looking closer

    def action_detail(self) -> None:
        from files_tui.ui.screens.detail import DetailScreen

        if self.current:
            self.app.push_screen(DetailScreen(self.current, self.copy))

    @property
    def current(self) -> File | None:
        """The file under the cursor."""
        raise NotImplementedError

    def action_transfers(self) -> None:
        from files_tui.ui.screens.transfers import TransfersScreen

        if self.session:
            self.app.push_screen(TransfersScreen(self.session.queue))

    def action_log(self) -> None:
        from files_tui.ui.screens.log import LogScreen

        self.app.push_screen(LogScreen(self.app.exchanges))

    # What became of it

    def job_changed(self, job: Job, state: State) -> None:
        """Say how a job ended; deletes are told of in their own dialog."""
        if state in ("waiting", "running"):
            return
        if isinstance(job, DeleteJob):
            self._delete_ended(state)
            return
        if state in ("failed", "unknown"):
            words = f"{job.title}: {job.message}\n{job.advice}".rstrip()
            self.notify(words, title=_title(job), severity="error", timeout=LONG_TOAST, markup=False)
        elif state == "done":
            note = f"\n{job.message}" if job.message else ""
            match job:
                case UploadJob(file=file) if file:
                    self.notify(f"{job.title} is {text.safe(file.id)}{note}", title="Uploaded", markup=False)
                    self._show_uploaded(file)
                case DownloadJob(saved_as=path):
                    self.notify(f"{text.safe(str(path))}{note}", title="Saved", markup=False)

    def _delete_ended(self, state: State) -> None:
        """Where the dialog was left before its end, failures are told of once all deletes are over."""
        from files_tui.ui.screens.delete import DeleteScreen

        self._failed_deletes += state == "failed"
        deleting = any(isinstance(other, DeleteJob) for other in self.active_jobs)
        if self._failed_deletes and not deleting:
            if not isinstance(self.app.screen, DeleteScreen):
                words = f"{text.plural(self._failed_deletes, 'delete')} failed; t shows why"
                self.notify(words, title="Delete", severity="error", timeout=LONG_TOAST, markup=False)
            self._failed_deletes = 0

    def _show_uploaded(self, file: File) -> None:
        if self.session:
            if not self.show_file(file):
                self.notify("The new file is hidden by the filter; esc clears it.", markup=False)
            self.session.follow(file)


def _title(job: Job) -> str:
    what = "Upload" if isinstance(job, UploadJob) else "Download"
    return f"{what} unclear" if job.state == "unknown" else f"{what} failed"
