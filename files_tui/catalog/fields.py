"""All that is to be said of one file, in plain words."""

from __future__ import annotations

import time

from files_tui import text
from files_tui.api.models import File, Kind
from files_tui.text import Safe

WORDS: dict[Kind, str] = {"ready": "ready", "busy": "busy", "failed": "failed", "gone": "deleted"}

FIELDS = ("name", "id", "status", "size", "created", "expires", "purpose", "details")


def status_word(file: File) -> str:
    """The status in one word, the same for every server that has one like it; else the server's own, if any."""
    return WORDS.get(file.kind) or text.safe(file.status or "", 40)


def fields_of(file: File, *, brief: bool = False) -> dict[str, str]:
    """The words of each of `FIELDS`; briefly where a table beside it says the rest."""
    now = time.time()
    left = text.expiry(file.expires_at, now)
    created, expires = text.moment(file.created_at), text.moment(file.expires_at)
    if file.expires_at is None:
        expires = left
    elif not brief:
        expires += f" ({left})"
    if not brief and file.created_at is not None:
        created += f" ({text.age(file.created_at, now)})"
    word, own = WORDS.get(file.kind, ""), text.safe(file.status or "–", 40)
    exact = "" if file.bytes is None or file.bytes < 1000 else f" ({text.count(file.bytes)})"
    return {
        "name": text.safe(file.filename, 72 if brief else 1000) or Safe("(no name)"),
        "id": text.safe(file.id, 50 if brief else None),
        "status": own if word in ("", own) else f"{word} ({own})",
        "size": text.size(file.bytes) + exact,
        "created": created,
        "expires": expires,
        "purpose": text.safe(file.purpose, 80) or Safe("–"),
        "details": text.one_line(file.status_details or "", 300 if brief else 4000),
    }
