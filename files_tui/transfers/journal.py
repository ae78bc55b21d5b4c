"""What is moving, on disk: an SQLite file an account, for the next start after one that ended in the middle.

Each program that runs holds a lock on a file of its own, which the system takes from it however it ends. Jobs whose
program holds its lock no more are left over, and become those of the program that asks first.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from files_tui.catalog.query import storable
from files_tui.identity import account_path, set_aside
from files_tui.settings import Account, state_dir
from files_tui.text import one_line
from files_tui.transfers.entries import entry_of, job_of, packed, unpacked
from files_tui.transfers.jobs import ACTIVE, Change, Job, UploadJob
from files_tui.transfers.locks import has_ended, held
from files_tui.transfers.originals import Original

VERSION = 1
BUSY_SECONDS = 10.0
CLAIMS_KEPT = 86_400.0
ORIGINALS_KEPT = 10_000
"""So many uploads are remembered with what they were made from, the newest of them."""

_SCHEMA = """
create table if not exists jobs (n integer primary key, run text not null, entry blob not null);
create table if not exists claims (id text primary key, job integer not null, at real not null) without rowid;
"""
_ORIGINALS = """
create {temp} table if not exists originals (
    id text primary key,
    path blob not null,
    size integer not null,
    modified integer not null,
    digest text,
    at real not null
) without rowid;
"""


class JournalFailed(OSError):
    """The journal cannot be read or written: one line that says why."""


class Journal:
    """The jobs of one account that have not ended. Any thread may use it, and any number of programs.

    Without a `path` it ends with the program, and what uploads were made from also where it `forgets` that. All methods
    but `expect` raise `JournalFailed`.
    """

    def __init__(self, path: Path | None, *, forgets: bool = False) -> None:
        self._lock = threading.RLock()
        self._expected: list[Job] = []
        self._run = secrets.token_hex(8)
        self._mark: int | None = None
        self._folder = path.parent if path else None
        self._stem = path.stem if path else ""
        with _told():
            if path is not None:
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._base = sqlite3.connect(
                path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._begin(forgets=forgets)
            except BaseException:
                self.close()
                raise

    def _begin(self, *, forgets: bool) -> None:
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = full")
        version = self._base.execute("pragma user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise JournalFailed(f"it is of version {version}")
        self._base.executescript(_SCHEMA + _ORIGINALS.format(temp="temp" if forgets else ""))
        self._base.execute(f"pragma user_version = {VERSION}")
        self._base.execute("delete from claims where at < ?", (time.time() - CLAIMS_KEPT,))
        newest = "select id from originals order by at desc limit ?"
        self._base.execute(f"delete from originals where id not in ({newest})", (ORIGINALS_KEPT,))
        if self._folder is not None:
            self._take_mark(self._folder)

    def _take_mark(self, folder: Path) -> None:
        """Hold a lock, and remove those of ended programs that have left no jobs.

        All in one transaction, so that no other program finds a lock that is not held yet.
        """
        with self._writing() as base:
            self._mark = held(self._mark_of(self._run))
            if self._mark is None:
                raise JournalFailed("its folder takes no locks")
            kept = {self._run, *(row[0] for row in base.execute("select distinct run from jobs"))}
            for path in folder.iterdir():
                named = re.fullmatch(re.escape(self._stem) + r"\.([0-9a-f]{16})\.lock", path.name)
                if named and named[1] not in kept and (mark := held(path)) is not None:
                    path.unlink(missing_ok=True)
                    os.close(mark)

    def close(self) -> None:
        """Let go of what this program has not ended: it is left over from now on."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            empty = self._is_empty()
            self._base.close()
            if self._mark is not None:
                if empty:
                    self._mark_of(self._run).unlink(missing_ok=True)
                os.close(self._mark)
                self._mark = None

    def _is_empty(self) -> bool:
        try:
            return not self._base.execute("select 1 from jobs where run = ? limit 1", (self._run,)).fetchone()
        except sqlite3.Error:
            return False

    def _mark_of(self, run: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{self._stem}.{run}.lock"

    # What is under way

    def expect(self, jobs: Iterable[Job]) -> None:
        """New jobs, to be written before the first of them begins; does not block."""
        self._expected.extend(jobs)

    def begin(self, job: Job) -> None:
        """Write a job that is about to run, and all others that are new, unless it is there."""
        with self._lock:  # it may be about to be forgotten, when it was cancelled and is tried again
            if job.entry is None:
                self._expected.append(job)
                self.write_expected()

    def write_expected(self) -> None:
        """Write all jobs that are new, so that they outlive a loss of power."""
        with self._lock:
            taken = len(self._expected)
            # A job that was cancelled and is tried again before anything was written is expected twice.
            new = [job for job in dict.fromkeys(self._expected[:taken]) if job.entry is None and not job.is_over]
            with self._writing() as base:
                first = (base.execute("select max(n) from jobs").fetchone()[0] or 0) + 1
                last = base.execute("select max(job) from claims").fetchone()[0] or 0
                numbered = list(enumerate(new, max(first, last + 1)))
                base.executemany(
                    "insert into jobs (n, run, entry) values (?, ?, ?)",
                    ((n, self._run, entry_of(job)) for n, job in numbered),
                )
            for n, job in numbered:
                job.entry = n
            del self._expected[:taken]

    def note(self, job: Job, *, durably: bool = False) -> None:
        """Write how far a job is; `durably` where a loss of power must not lose it."""
        with self._writing(durably=durably) as base:
            base.execute("update jobs set entry = ? where n = ?", (entry_of(job), job.entry))

    def settle(self, changes: Sequence[Change]) -> None:
        """Forget jobs that are done or were cancelled, and keep the message of those that failed."""
        if all(state in ACTIVE for _, state in changes):
            return
        with self._lock:  # a job that is tried again meanwhile keeps its entry
            now = [job for job, state in changes if state not in ACTIVE and job.state == state]
            told = [job for job in now if job.state in ("failed", "unknown")]
            with self._writing(durably=False) as base:
                base.executemany("update jobs set entry = ? where n = ?", ((entry_of(job), job.entry) for job in told))
            self.forget(job for job in now if job.state in ("done", "cancelled"))

    def forget(self, jobs: Iterable[Job]) -> None:
        """These need not be gone on with; one that is tried again has to be written anew."""
        with self._lock:
            known = [job for job in jobs if job.entry is not None]
            if not known:
                return
            with self._writing(durably=False) as base:
                base.executemany("delete from jobs where n = ?", ((job.entry,) for job in known))
            for job in known:
                job.entry = None

    def claim(self, file_id: str, job: Job) -> bool:
        """Take a file's id for one upload; False when another upload of this machine has it."""
        with self._writing() as base:
            base.execute("insert or ignore into claims values (?, ?, ?)", (file_id, job.entry, time.time()))
            owner = base.execute("select job from claims where id = ?", (file_id,)).fetchone()
            return bool(owner == (job.entry,))

    def is_contested(self, file_ids: Collection[str], job: UploadJob) -> bool:
        """Whether any of these files can be that of another upload like this one whose answer is missing, too.

        It is not, as soon as there is a file for each of them.
        """
        with self._lock, _told():
            find = "select job from claims where id = ?"
            owners = [self._base.execute(find, (file_id,)).fetchone() for file_id in file_ids]
            if None not in owners or (job.entry,) in owners:
                return False
            rows = self._base.execute(
                "select n, entry from jobs where n <> ? and n not in (select job from claims)", (job.entry,)
            ).fetchall()
        others = [other for n, entry in rows if isinstance(other := job_of(entry, n), UploadJob) and other.sent]
        rivals = sum(other.path.name == job.path.name and other.size == job.length for other in others)
        return owners.count(None) <= rivals

    # What has been uploaded

    def remember(self, file_id: str, original: Original) -> None:
        """Keep what a file was made from, by its whole path, since the next program may be started elsewhere."""
        row = (
            storable(file_id),
            packed(Path(os.path.abspath(original.path))),
            *original.stamp,
            original.digest,
            original.at,
        )
        with self._writing(durably=False) as base:
            base.execute("insert or replace into originals values (?, ?, ?, ?, ?, ?)", row)

    def original_of(self, file_id: str) -> Original | None:
        """What a file was made from, None where no program of this machine has uploaded it, or long ago."""
        find = "select path, size, modified, digest, at from originals where id = ?"
        with self._lock, _told():
            row = self._base.execute(find, (storable(file_id),)).fetchone()
        return row and Original(unpacked(row[0]), row[1:3], *row[3:])

    # What is left over

    def left_over(self) -> list[Job]:
        """The jobs of programs that have ended in the middle, oldest first; they are this program's from now on."""
        if self._folder is None:
            return []
        rows: list[tuple[int, bytes]] = []
        with self._writing() as base:
            runs = [row[0] for row in base.execute("select distinct run from jobs where run <> ?", (self._run,))]
            for run in runs:
                mark = held(self._mark_of(run))
                if mark is not None:
                    rows += base.execute("select n, entry from jobs where run = ?", (run,)).fetchall()
                    base.execute("update jobs set run = ? where run = ?", (self._run, run))
                    self._mark_of(run).unlink(missing_ok=True)
                    os.close(mark)
        return [job for n, entry in sorted(rows) if (job := job_of(entry, n)) is not None]

    def uploads_elsewhere(self) -> set[tuple[str, int]]:
        """Name and size of what other programs upload at the moment."""
        with self._lock, _told():
            rows = self._base.execute("select entry from jobs where run <> ?", (self._run,)).fetchall()
        jobs = (job_of(row[0], 0) for row in rows)
        return {(job.path.name, job.size) for job in jobs if isinstance(job, UploadJob) and job.size is not None}

    @contextlib.contextmanager
    def _writing(self, *, durably: bool = True) -> Iterator[sqlite3.Connection]:
        with self._lock, _told():
            self._base.execute(f"pragma synchronous = {'full' if durably else 'normal'}")
            self._base.execute("begin immediate")
            try:
                yield self._base
                self._base.execute("commit")
            except BaseException:
                if self._base.in_transaction:  # a full disk ends it by itself
                    self._base.execute("rollback")
                raise


def journal_path(account: Account) -> Path:
    """The file for an account; its folder is made when it is not there."""
    return account_path(state_dir(), account, ".journal")


def waiting(path: Path) -> int:
    """How many jobs in the journal at `path` are left over, none of which this takes. Raises `JournalFailed`."""
    with _told(), contextlib.closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as base:
        base.execute("begin immediate")  # so that no other program asks for a lock while this one tries it
        rows = base.execute("select run, count(*) from jobs group by run").fetchall()
        return sum(jobs for run, jobs in rows if has_ended(path.parent / f"{path.stem}.{run}.lock"))


def open_journal(account: Account, *, keep: bool, forgets: bool = False) -> tuple[Journal, str | None]:
    """The journal of an account, and what the person should know about it; see `Journal`.

    A file that is damaged is set aside; where nothing can be kept, it ends with the program.
    """
    if not keep:
        return Journal(None), None
    try:
        path = journal_path(account)
        try:
            return Journal(path, forgets=forgets), None
        except JournalFailed as error:
            if not isinstance(error.__cause__, sqlite3.DatabaseError) or isinstance(
                error.__cause__, sqlite3.OperationalError
            ):
                raise
            note = f"the list of interrupted transfers was damaged and is set aside as {set_aside(path).name}"
            return Journal(path, forgets=forgets), note
    except OSError as error:
        words = one_line(error.strerror or str(error))
        return Journal(None), f"transfers cannot be gone on with after a crash: {words}"


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise JournalFailed(one_line(str(error))) from error
