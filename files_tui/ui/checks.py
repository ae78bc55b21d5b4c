"""The checks of the upload dialog's files: one after the other in the order of the list, and each only once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from files_tui.text import Safe
from files_tui.transfers.source import SourceError, source_size

if TYPE_CHECKING:
    from files_tui.preflight import Report

Outcome: TypeAlias = "Report | Safe"
"""What a check gave, or a line that says why there is none."""

Stamp = tuple[int, int]
"""The size (bytes) and modification time (ns) of a file: what tells that it is another one now."""

CHANGES = Safe("changes at the moment; it is checked when it rests")


class Look:
    """One look at files for one purpose: a thread makes it, and the screen reads how far it is.

    `at` is the file that is being read, and `read` how many bytes of it have been.
    """

    def __init__(self, paths: Iterable[Path], purpose: str, known: dict[Path, Outcome]) -> None:
        self.paths = list(paths)
        self.purpose = purpose
        self.outcomes = known
        self.at: Path | None = None
        self.read = 0
        self.is_over = False
        self.is_stopped = False

    def report(self, path: Path | None) -> Report | None:
        """What was found in a file, if it could be checked."""
        outcome = None if path is None else self.outcomes.get(path)
        return None if isinstance(outcome, str) else outcome

    def seen(self) -> Look:
        """How far it is now: what is drawn must not change while it is."""
        seen = Look(self.paths, self.purpose, self.outcomes.copy())
        seen.at, seen.read, seen.is_over = self.at, self.read, self.is_over
        return seen

    def progress(self, read: int) -> None:
        """So many bytes are read."""
        self.read = read


class Checks:
    """Keeps each report until its file is another one, so that a purpose that is chosen again shows it at once."""

    def __init__(self) -> None:
        self.look = Look((), "", {})
        self._reports: dict[tuple[Path, str], tuple[Stamp, Report]] = {}
        self._stamps: dict[Path, Stamp] = {}
        self._turn = threading.Lock()

    def begin(self, paths: Iterable[Path], purpose: str) -> Look:
        """A new look, for `run` in a thread; the one before it ends."""
        self.stop()
        again = self.look.outcomes if self.look.purpose == purpose else {}
        known: dict[Path, Outcome] = {}
        for path in (paths := list(paths)):
            if kept := self._kept(path, purpose, self._stamps.get(path)):
                known[path] = kept
            elif path in again:
                known[path] = again[path]
        self.look = Look(paths, purpose, known)
        return self.look

    def stop(self) -> None:
        """End what is being read."""
        self.look.is_stopped = True

    def fail(self, reason: Safe) -> None:
        """What is not known will not be."""
        for path in self.look.paths:
            self.look.outcomes.setdefault(path, reason)

    def stamp(self, path: Path) -> Stamp | None:
        """The file as it was looked at last."""
        return self._stamps.get(path)

    def run(self, look: Look) -> None:
        """Check what is not known yet; blocking."""
        with self._turn:  # the look before this one may still be about to stop
            for path in look.paths:
                if look.is_stopped:
                    return
                self._visit(path, look)
            look.is_over = True

    def _visit(self, path: Path, look: Look) -> None:
        try:
            stamp = stamp_of(path)
        except SourceError as error:
            self._stamps.pop(path, None)
            look.outcomes[path] = Safe(str(error))
            return
        before, self._stamps[path] = self._stamps.get(path, stamp), stamp
        if kept := self._kept(path, look.purpose, stamp):
            look.outcomes[path] = kept
        elif before != stamp:
            look.outcomes[path] = CHANGES
        else:
            look.outcomes.pop(path, None)
            look.at, look.read = path, 0
            if outcome := self._checked(path, look, stamp):
                look.outcomes[path] = outcome
            look.at = None

    def _checked(self, path: Path, look: Look, stamp: Stamp) -> Outcome | None:
        from files_tui.preflight import CannotRead, Stopped, check

        try:
            report = check(path, look.purpose, progress=look.progress, stopped=lambda: look.is_stopped)
            self._stamps[path] = stamp_of(path)
        except Stopped:
            return None
        except (CannotRead, SourceError) as error:
            return Safe(str(error))
        if self._stamps[path] != stamp:
            return CHANGES
        self._reports[path, look.purpose] = stamp, report
        return report

    def _kept(self, path: Path, purpose: str, stamp: Stamp | None) -> Report | None:
        at, report = self._reports.get((path, purpose), (None, None))
        return report if at == stamp else None


class Mending:
    """Writes a mended copy of each file that such a report is about; a thread does it, and the screen reads `words`.

    `copies` holds the path and size (bytes) of the copy of each file.
    """

    def __init__(self, reports: Sequence[Report]) -> None:
        self.copies: dict[Path, tuple[Path, int]] = {}
        self.problem = ""
        self.is_stopped = False
        self._reports = reports
        self._read = 0

    @property
    def words(self) -> str:
        """How far it is."""
        size = sum(report.size for report in self._reports)
        return f"◐ mending: {min(99, self._read * 100 // max(1, size))} %"

    def run(self) -> None:
        """Mend one after the other; blocking."""
        from files_tui.preflight import CannotRead, Stopped, mend

        done = 0
        for report in self._reports:

            def progress(read: int, before: int = done) -> None:
                self._read = before + read

            try:
                copy = mend(report.path, report.mendable, progress=progress, stopped=lambda: self.is_stopped)
                self.copies[report.path] = copy, source_size(copy)
            except Stopped:
                return
            except (CannotRead, SourceError) as error:
                self.problem = str(error)
            done += report.size


def stamp_of(path: Path) -> Stamp:
    """The stamp of an uploadable file; raises `SourceError` for anything else."""
    size = source_size(path)
    try:
        return size, path.stat().st_mtime_ns
    except OSError:
        raise SourceError("it is gone") from None
