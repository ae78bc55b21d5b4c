"""The detail pane: one small widget a field, so that only what changed is painted."""

from __future__ import annotations

import time
from collections.abc import Iterator

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Static

from files_tui import text
from files_tui.api.models import File
from files_tui.ui import cells

FIELDS = ("id", "status", "size", "created", "expires", "purpose", "details")


def field_texts(file: File, *, brief: bool = False) -> dict[str, Text]:
    """What is to be said of a file, by field; briefly where the table beside it says the rest."""
    now = time.time()
    width = 72 if brief else 1000
    details = Text(text.one_line(file.status_details or "", 300 if brief else 4000))
    details.stylize("red" if file.kind == "failed" else "")
    left = text.expiry(file.expires_at, now)
    created, expires = text.moment(file.created_at), text.moment(file.expires_at)
    if file.expires_at is None:
        expires = left
    elif not brief:
        expires += f" ({left})"
    if not brief:
        created += f" ({text.age(file.created_at, now)})"
    exact = "" if file.bytes is None or file.bytes < 1000 else f" ({text.count(file.bytes)})"
    return {
        "name": Text(text.safe(file.filename, width) or "(no name)", "bold"),
        "id": Text(text.safe(file.id, 50 if brief else None), overflow="fold"),
        "status": cells.status(file),
        "details": details,
        "size": Text(text.size(file.bytes) + exact),
        "created": Text(created),
        "expires": Text(expires, cells.expiry(file, now).style),
        "purpose": Text(text.safe(file.purpose, 80) or "–"),
    }


class DetailPane(Vertical):
    """All fields of the file under the cursor."""

    def on_mount(self) -> None:
        self._shown: dict[str, Text] = {}

    async def show(self, file: File | None, found: str = "") -> None:
        """Show a file, or nothing, and in it what was searched for.

        The fields come with the first file, so that the first rows need not wait.
        """
        if not self.children:
            if file is None:
                return
            await self.mount_all(self._fields())
        texts = field_texts(file, brief=True) if file else {field: Text() for field in ("name", *FIELDS)}
        if found:
            for field in ("name", "id"):
                cells.highlight(texts[field], found)
        for field, value in texts.items():
            if self._shown.get(field) != value:
                self._shown[field] = value
                self.query_one(f"#detail-{field}", Static).update(value, layout=False)

    @staticmethod
    def _fields() -> Iterator[Static]:
        yield Static("", id="detail-name", markup=False)
        for field in FIELDS:
            if field != "details":
                yield Static(field, classes="label", markup=False)
            yield Static("", id=f"detail-{field}", classes="value", markup=False)
