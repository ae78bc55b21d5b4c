"""What the person does with files: copy, upload, download, delete, and looking closer."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Literal

from textual import events

from files_tui import text
from files_tui.settings import default_download_dir
from files_tui.ui.background import in_background
from files_tui.ui.browse.account import LONG_TOAST, AccountScreen
from files_tui.ui.browse.lines import where
from files_tui.ui.messages import FilesOpened, LeftOver

if TYPE_CHECKING:
    from pathlib import Path

    from files_tui.api.models import File
    from files_tui.catalog.query import Query
    from files_tui.transfers.jobs import Batch, Change, DownloadJob, Job, UploadJob
    from files_tui.ui.screens.copy import Bare, Copy, Ids
    from files_tui.ui.screens.refused import Found

OFFERED_AGAIN = 0.5
MOST_ORIGINALS = 100
"""Of so many files whose content is refused it is told where they came from."""

_WRITING = ("upload", "delete")
NOTHING_CHOSEN = 1
"""The exit code of a program that was to choose files."""


class FileCommands(AccountScreen):
    """The commands of the main screen; dialogs are loaded when they are first opened."""

    _download_dir: Path | None = None
    _last_purpose: str | None = None
    quits_when_done = False

    @property
    def view(self) -> Query:
        """Which files are shown, in which order."""
        raise NotImplementedError

    @property
    def targets(self) -> list[File]:
        """The files that a command is about."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Nothing is written in a read-only session, and files are chosen only where that was asked for."""
        if action == "choose":
            return self.app.settings.pick
        return not (action in _WRITING and self.read_only)

    def show_file(self, file: File) -> bool:
        """Show the page with a file on it; False when the listing does not have it."""
        raise NotImplementedError

    def opened(self) -> None:
        """Start with the upload dialog where the command line says so."""
        if self.app.settings.upload:
            self.open_upload(list(self.app.settings.upload))

    # Copy

    def action_copy_id(self) -> None:
        if files := self.targets:
            self.app.copier.copy_ids([file.id for file in files])
        else:
            self.notify("There is no file here to copy the id of.", severity="warning", markup=False)

    def action_copy_menu(self) -> None:
        from files_tui.ui.screens.copy import CopyScreen

        files = self.targets
        if files and self.session:
            self.app.push_screen(CopyScreen(files, self.session.account), self._copy_chosen)
        else:
            self.notify("There is no file here to copy from.", severity="warning", markup=False)

    def _copy_chosen(self, chosen: Copy | Ids | Bare | None) -> None:
        from files_tui.ui.screens.copy import Copy, Ids
        from files_tui.ui.screens.show import ShowScreen

        if isinstance(chosen, Copy):
            self.app.copier.copy(chosen.words, chosen.what)
        elif isinstance(chosen, Ids):
            self.app.copier.copy_ids(chosen.ids)
        elif chosen is not None:
            self.app.push_screen(ShowScreen("Mark it with the mouse", chosen.words))

    # Choose

    def action_choose(self) -> None:
        """End with the ids of the marked files, or of the one under the cursor."""
        ids = [file.id for file in self.targets]
        if not ids:
            self.notify("There is no file here to choose.", severity="warning", markup=False)
        elif wrong := next((each for each in ids if not text.is_word(each)), None):
            words = f"A script would not take it for one id: “{text.safe(wrong, 60)}”"
            self.notify(words, title="Not chosen", severity="error", markup=False)
        else:
            self.app.chosen = [each.true for each in ids]
            self.action_quit()

    # Upload

    def on_paste(self, event: events.Paste) -> None:
        from files_tui.ui.browse.pasting import paste

        event.stop()
        if event.text.strip():
            paste(self, event.text)

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

        if self.session:
            catalog, elsewhere = self.session.catalog, self.session.uploads_elsewhere()
            self.app.push_screen(UploadScreen(paths, self._last_purpose, catalog, elsewhere), self._upload)

    def _upload(self, jobs: list[UploadJob] | None) -> None:
        if jobs and self.session:
            self._last_purpose = jobs[0].purpose
            self.session.queue.submit(jobs)

    # Download

    def action_download(self) -> None:
        self._ask_where_to(self.targets)

    def _ask_where_to(self, targets: list[File]) -> None:
        from files_tui.ui.screens.download import DownloadScreen

        session = self.session
        if session is None or not targets:
            return
        said = {purpose: session.lacks("content", purpose) for purpose in {file.purpose for file in targets}}
        files = [file for file in targets if said[file.purpose] is None]
        refused = [text.safe(purpose, 30) or "(none)" for purpose, at in said.items() if at is not None]
        words = f"this server gives out no content of purpose {' and '.join(sorted(refused))}"
        if files:
            left_out = f"{text.plural(len(targets) - len(files), 'file')} left out: {words}" if refused else ""
            self.app.push_screen(DownloadScreen(files, self._copies_go_to, left_out), self._download)
        else:
            said_at = max(at for at in said.values() if at is not None)
            in_background(self, partial(self._look_for_originals, targets, words, said_at), "originals")

    def _look_for_originals(self, files: list[File], words: str, said_at: int) -> None:
        """Runs in a thread, since files may be read to see whether they have changed."""
        session = self.session
        known = [(file, session and session.original_of(file.id, reads=True)) for file in files[:MOST_ORIGINALS]]
        originals = [(file, *found) for file, found in known if found]
        self.call_later(self._tell_refusal, originals, words, said_at)

    def _tell_refusal(self, originals: list[Found], words: str, said_at: int) -> None:
        if not originals:
            self._say_that_it_cannot(words, said_at)
        elif self.is_active:
            from files_tui.ui.screens.refused import RefusedScreen

            self.app.push_screen(RefusedScreen(words, originals, self._copies_go_to, self.app.copier.copy))

    def _say_that_it_cannot(self, words: str, said_at: int) -> None:
        when = f"It said so {text.age(said_at)}; {self.app.key('list.refresh')} lets it be tried again."
        self.notify(f"{words[0].upper()}{words[1:]}.\n{when}", severity="warning", markup=False)

    @property
    def _copies_go_to(self) -> Path:
        return self._download_dir or self.app.settings.download_dir or default_download_dir()

    def _download(self, jobs: list[DownloadJob] | None) -> None:
        if jobs and self.session:
            self._download_dir = jobs[0].target.parent
            self.session.queue.submit(jobs)

    # Delete

    def action_delete(self) -> None:
        from files_tui.ui.screens.delete import DeleteScreen
        from files_tui.ui.used import FilesInUse

        files, session = self.targets, self.session
        if session is None or not files:
            return
        if (said_at := session.lacks("delete")) is not None:
            self._say_that_it_cannot("this server does not delete files", said_at)
            return
        marks = session.catalog.marks
        hidden = marks.outside(self.view, time.time()) if marks else 0
        account = where(self.app.settings, session.account, session.account.project, session.account.organization)
        confirm = self.app.settings.confirm
        uses = FilesInUse(session, files)
        self.app.push_screen(DeleteScreen(files, session.queue, self._copies_go_to, account, uses, hidden, confirm))

    # Looking closer

    def action_preview(self) -> None:
        """Look into the file under the cursor."""
        from files_tui.ui.preview.screen import PreviewScreen

        if (file := self.current) and self.session:
            self.app.push_screen(
                PreviewScreen(file, self.session, self._copies_go_to),
                lambda wanted: self._ask_where_to([file]) if wanted == "download" else None,
            )

    @property
    def current(self) -> File | None:
        """The file under the cursor."""
        raise NotImplementedError

    def action_open(self) -> None:
        from files_tui.ui.screens.open import OpenScreen

        if self.session:
            self.app.push_screen(OpenScreen(), self.open_files)

    def open_files(self, ids: list[str] | None) -> None:
        """Show files by their ids, whether the listing has them or not."""
        if ids and self.session:
            in_background(self, partial(self.session.open_files, ids), "open by id")

    def on_files_opened(self, message: FilesOpened) -> None:
        """Show what was found, and say what was not."""
        if message.problems:
            more = f"\n… and {text.count(len(message.problems) - 3)} more" if len(message.problems) > 3 else ""
            words = "\n".join(message.problems[:3]) + more
            self.notify(words, title="Not opened", severity="error", timeout=LONG_TOAST, markup=False)
        if message.files:
            self.show_or_say(message.files[0])

    def show_or_say(self, file: File) -> None:
        """Move the cursor to a file, or say why it cannot be seen."""
        if not self.show_file(file):
            self.notify(f"The file is hidden by the filter; {self.app.key('list.clear')} clears it.", markup=False)

    def action_transfers(self) -> None:
        from files_tui.ui.screens.transfers import TransfersScreen

        if self.session:
            self.app.push_screen(TransfersScreen(self.session.queue, self.app.copier.copy))

    def action_log(self) -> None:
        from files_tui.ui.screens.log import LogScreen

        self.app.push_screen(LogScreen(self.app.exchanges))

    # What became of it

    def jobs_changed(self, changes: list[Change]) -> None:
        """Say how jobs ended, once for all that were asked for together."""
        from files_tui.transfers.jobs import UploadJob

        for job, state in changes:
            batch = job.batch
            if batch is None:
                continue
            if state == "done" and isinstance(job, UploadJob) and job.file and self.session:
                self.session.follow(job.file)
            if batch.is_over and job is batch.last and state == job.state:  # and no news from before, that came late
                self._tell_end(batch)
        if self.quits_when_done and not self.active and not self._ended:
            self.leave(remember=True)  # what has failed meanwhile is told of at the next start

    def _tell_end(self, batch: Batch) -> None:
        from files_tui.transfers.jobs import UploadJob
        from files_tui.ui.endings import ending_of
        from files_tui.ui.screens.delete import DeleteScreen

        ending = ending_of(batch, self.app.key)
        if ending is None or (ending.is_trouble and isinstance(self.app.screen, DeleteScreen)):
            return  # the dialog that asked for it shows what failed
        timeout = LONG_TOAST if ending.is_trouble else None
        severity: Literal["error", "information"] = "error" if ending.is_trouble else "information"
        self.notify(ending.words, title=ending.title, severity=severity, timeout=timeout, markup=False)
        uploaded = [job.file for job in batch.jobs if isinstance(job, UploadJob) and job.file]
        if uploaded and not self.show_file(uploaded[-1]):
            self.notify(f"The new file is hidden by the filter; {self.app.key('list.clear')} clears it.", markup=False)

    # Ending, and going on

    def action_quit(self) -> None:
        """End the program; while something moves, ask what is to become of it."""
        if not self.active:
            self.leave(remember=False)
            return
        from files_tui.ui.screens.quit import QuitScreen

        if isinstance(self.app.screen, QuitScreen):
            return  # ctrl+q reaches this from every dialog
        can_remember = not self.app.settings.demo
        self.app.push_screen(QuitScreen(self.active, can_remember=can_remember), self._quit_chosen)

    def _quit_chosen(self, chosen: Literal["wait", "remember", "stop"] | None) -> None:
        self.quits_when_done = chosen == "wait"
        if chosen is None:
            self.app.chosen = []
        if chosen in ("remember", "stop") or (chosen == "wait" and not self.active):
            self.leave(remember=chosen != "stop")

    def leave(self, *, remember: bool) -> None:
        """End the program; with `remember`, what still moves is offered again at the next start."""
        self.remembers = remember
        is_left = self.app.settings.pick and not self.app.chosen
        self.app.exit(return_code=NOTHING_CHOSEN if is_left else 0)

    def on_left_over(self, message: LeftOver) -> None:
        """Ask whether to go on with what an earlier run has not ended, as soon as no other dialog is open.

        Whoever is choosing for a script is about something else; the next start asks.
        """
        if self.app.settings.pick:
            return
        if not self.is_active:
            self.set_timer(OFFERED_AGAIN, partial(self.on_left_over, message))
            return
        from files_tui.transfers.jobs import DownloadJob
        from files_tui.ui.screens.resume import ResumeScreen

        writes = not self.read_only
        jobs = [job for job in message.jobs if writes or isinstance(job, DownloadJob)]
        if jobs:
            self.app.push_screen(ResumeScreen(jobs), partial(self._resume, jobs))

    def _resume(self, jobs: list[Job], chosen: Literal["go on", "give up"] | None) -> None:
        if self.session is None or chosen is None:
            return
        if chosen == "give up":
            in_background(self, partial(self.session.give_up, jobs), "give up")
            return
        from files_tui.transfers.jobs import DeleteJob, DownloadJob, UploadJob

        for kind in (UploadJob, DownloadJob, DeleteJob):
            if same := [job for job in jobs if isinstance(job, kind)]:
                self.session.queue.submit(same)
