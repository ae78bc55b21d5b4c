"""Files on disk: what is known of them in SQLite, their bytes in a folder of blobs."""

import contextlib
import fcntl
import secrets
import sqlite3
import string
import time
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, Self

ALPHABET = string.ascii_letters + string.digits
INCOMING = ".incoming-"

SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, filename TEXT NOT NULL, purpose TEXT NOT NULL, bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER, ready_at REAL, problem TEXT NOT NULL, blob TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_by_age ON files (created_at, id);
CREATE INDEX IF NOT EXISTS files_by_purpose ON files (purpose, created_at, id);
CREATE INDEX IF NOT EXISTS files_by_blob ON files (blob);
CREATE INDEX IF NOT EXISTS files_by_expiry ON files (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, filename TEXT NOT NULL, purpose TEXT NOT NULL, bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, lifetime INTEGER, status TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    id TEXT PRIMARY KEY, upload_id TEXT NOT NULL, bytes INTEGER NOT NULL, blob TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS parts_by_upload ON parts (upload_id);
"""


class StoreError(Exception):
    """The folder cannot be used; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One row of the store; the fields are its columns, in order."""

    id: str
    filename: str
    purpose: str
    bytes: int
    created_at: int
    """Unix seconds."""
    expires_at: int | None
    """Unix seconds; None: never."""
    ready_at: float | None
    """When its processing ends, in Unix seconds; None: it stays busy."""
    problem: str
    """Why its processing fails; empty: it does not."""
    blob: str
    """Name of the blob that holds its bytes; several files may share one."""

    def as_json(self, now: float) -> dict[str, Any]:
        """The File object (API reference, The file object) as it looks at this moment."""
        busy = self.ready_at is None or now < self.ready_at
        return {
            "object": "file",
            "id": self.id,
            "purpose": self.purpose,
            "filename": self.filename,
            "bytes": self.bytes,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "status": "uploaded" if busy else "error" if self.problem else "processed",
            "status_details": None if busy else self.problem or None,
        }


COLUMNS = ", ".join(field.name for field in fields(StoredFile))
PLACES = ", ".join("?" for _ in fields(StoredFile))


@dataclass(frozen=True, slots=True)
class Query:
    """What a list asks for."""

    limit: int
    newest_first: bool = True
    purpose: str | None = None
    after: StoredFile | None = None


class Store:
    """The files of one folder. Belongs to the thread that opened it, except for `path` and `incoming`."""

    def __init__(self, folder: Path, *, kept: bool) -> None:
        """Opens or makes the store; `StoreError` if the folder cannot be written or is in use.

        A folder that is not kept is written without regard for a crash.
        """
        self._blobs = folder / "blobs"
        try:
            self._blobs.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / "demo.lock").open("wb")
        except OSError as error:
            raise StoreError(f"Cannot write to {folder}: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.database = sqlite3.connect(folder / "demo.sqlite3", isolation_level=None)
            mode = ("WAL", "NORMAL") if kept else ("MEMORY", "OFF")
            self.database.execute(f"PRAGMA journal_mode={mode[0]}")
            self.database.execute(f"PRAGMA synchronous={mode[1]}")
            self.database.executescript(SCHEMA)
        except BlockingIOError:
            self._lock.close()
            raise StoreError(f"Another demo server is using {folder}") from None
        except sqlite3.Error as error:
            self._lock.close()
            raise StoreError(f"Cannot use {folder / 'demo.sqlite3'}: {error}") from None
        for left_over in self._blobs.glob(INCOMING + "*"):
            left_over.unlink()

    def close(self) -> None:
        """Closes the database and frees the folder."""
        self.database.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing."""
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def path(self, blob: str) -> Path:
        """Where the bytes of a blob are."""
        return self._blobs / blob

    @contextlib.contextmanager
    def incoming(self) -> Iterator[Path]:
        """A path for bytes that arrive; what is not kept by `keep` is gone at the end."""
        path = self._blobs / (INCOMING + secrets.token_hex(12))
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def keep(self, arrived: Path) -> str:
        """Makes a blob of bytes that arrived; returns its name."""
        blob = secrets.token_hex(12)
        arrived.rename(self.path(blob))
        return blob

    def add(self, files: Iterable[StoredFile]) -> None:
        """Puts files on the list."""
        self.database.executemany(f"INSERT INTO files ({COLUMNS}) VALUES ({PLACES})", map(astuple, files))

    def is_empty(self) -> bool:
        """Whether no file is on the list."""
        return self.database.execute("SELECT 1 FROM files LIMIT 1").fetchone() is None

    def get(self, identifier: str) -> StoredFile | None:
        """The file with this id, unless it is gone or expired."""
        row = self.database.execute(
            f"SELECT {COLUMNS} FROM files WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)",
            (identifier, time.time()),
        ).fetchone()
        return row and StoredFile(*row)

    def page(self, query: Query) -> tuple[list[StoredFile], bool]:
        """The files of one page, and whether more follow."""
        side, direction = ("<", "DESC") if query.newest_first else (">", "ASC")
        where = ["(expires_at IS NULL OR expires_at > ?)"]
        arguments: list[object] = [time.time()]
        if query.purpose is not None:
            where.append("purpose = ?")
            arguments.append(query.purpose)
        if query.after is not None:
            where.append(f"(created_at, id) {side} (?, ?)")
            arguments += [query.after.created_at, query.after.id]
        rows = self.database.execute(
            f"SELECT {COLUMNS} FROM files WHERE {' AND '.join(where)} "
            f"ORDER BY created_at {direction}, id {direction} LIMIT ?",
            [*arguments, query.limit + 1],
        ).fetchall()
        return [StoredFile(*row) for row in rows[: query.limit]], len(rows) > query.limit

    def delete(self, identifier: str) -> bool:
        """Takes a file off the list; False if it was not there."""
        file = self.get(identifier)
        if file is None:
            return False
        self.database.execute("DELETE FROM files WHERE id = ?", (identifier,))
        self._drop(file.blob)
        return True

    def sweep(self) -> None:
        """Removes the rows and bytes of expired files."""
        now = time.time()
        rows = self.database.execute("SELECT blob FROM files WHERE expires_at <= ?", (now,)).fetchall()
        if rows:
            self.database.execute("DELETE FROM files WHERE expires_at <= ?", (now,))
            for (blob,) in rows:
                self._drop(blob)

    def _drop(self, blob: str) -> None:
        if self.database.execute("SELECT 1 FROM files WHERE blob = ? LIMIT 1", (blob,)).fetchone() is None:
            self.path(blob).unlink(missing_ok=True)


def new_id(prefix: str, length: int = 22) -> str:
    """A fresh identifier of mixed letters and digits."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))
