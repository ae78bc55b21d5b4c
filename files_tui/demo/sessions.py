"""Large uploads between their start and their end, in the store's database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from files_tui.demo.rules import UPLOAD_LIFETIME
from files_tui.demo.store import Store, new_id

COMPLETING = "completing"


@dataclass(frozen=True, slots=True)
class Upload:
    """One row of the table of uploads; the fields are its columns, in order."""

    id: str
    filename: str
    purpose: str
    bytes: int
    """Bytes that were declared."""
    created_at: int
    """Unix seconds."""
    expires_at: int
    """Unix seconds at which the session dies."""
    lifetime: int | None
    """Seconds that the finished file lives; None: as its purpose has it."""
    status: str

    def as_json(self, file: dict[str, Any] | None = None) -> dict[str, Any]:
        """The Upload object (API reference, The upload object)."""
        return {
            "id": self.id,
            "object": "upload",
            "bytes": self.bytes,
            "created_at": self.created_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": self.status,
            "expires_at": self.expires_at,
            "file": file,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of an upload that arrived."""

    id: str
    bytes: int
    path: Path


COLUMNS = ", ".join(field.name for field in fields(Upload))
PLACES = ", ".join("?" for _ in fields(Upload))


class Sessions:
    """The large uploads of a store."""

    def __init__(self, store: Store) -> None:
        """What an earlier server left half completed can be completed again."""
        self._store = store
        self._database = store.database
        self._database.execute("UPDATE uploads SET status = 'pending' WHERE status = ?", (COMPLETING,))

    def start(self, filename: str, purpose: str, size: int, lifetime: int | None) -> Upload:
        """A new upload of `size` bytes."""
        now = int(time.time())
        upload = Upload(new_id("upload_"), filename, purpose, size, now, now + UPLOAD_LIFETIME, lifetime, "pending")
        self._database.execute(f"INSERT INTO uploads ({COLUMNS}) VALUES ({PLACES})", astuple(upload))
        return upload

    def get(self, identifier: str) -> Upload | None:
        """The upload with this id, in whatever state."""
        self.sweep()
        query = f"SELECT {COLUMNS} FROM uploads WHERE id = ?"
        row = self._database.execute(query, (identifier,)).fetchone()
        return row and Upload(*row)

    def add_part(self, upload: Upload, arrived: Path) -> str:
        """Keeps the bytes that arrived as a part; returns its id."""
        identifier = new_id("part_")
        self._database.execute(
            "INSERT INTO parts (id, upload_id, bytes, blob) VALUES (?, ?, ?, ?)",
            (identifier, upload.id, arrived.stat().st_size, self._store.keep(arrived)),
        )
        return identifier

    def parts(self, upload: Upload) -> dict[str, Part]:
        """The parts of an upload by id."""
        rows = self._database.execute("SELECT id, bytes, blob FROM parts WHERE upload_id = ?", (upload.id,))
        return {row[0]: Part(row[0], row[1], self._store.path(row[2])) for row in rows}

    @contextmanager
    def completing(self, upload: Upload) -> Iterator[None]:
        """Keeps a pending upload from being cancelled, expired or completed twice meanwhile."""
        self._set_status(upload, COMPLETING)
        try:
            yield
        finally:
            self._database.execute(
                "UPDATE uploads SET status = 'pending' WHERE id = ? AND status = ?", (upload.id, COMPLETING)
            )

    def end(self, upload: Upload, status: str) -> None:
        """Gives the upload its last status and frees the bytes of its parts."""
        self._set_status(upload, status)
        for part in self.parts(upload).values():
            part.path.unlink(missing_ok=True)
        self._database.execute("DELETE FROM parts WHERE upload_id = ?", (upload.id,))

    def sweep(self) -> None:
        """Ends the uploads whose hour is over."""
        query = f"SELECT {COLUMNS} FROM uploads WHERE status = 'pending' AND expires_at <= ?"
        for row in self._database.execute(query, (time.time(),)).fetchall():
            self.end(Upload(*row), "expired")

    def _set_status(self, upload: Upload, status: str) -> None:
        self._database.execute("UPDATE uploads SET status = ? WHERE id = ?", (status, upload.id))
