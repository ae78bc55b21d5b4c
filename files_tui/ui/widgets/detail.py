"""The detail pane: one small widget a field, so that only what changed is painted."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Static

from files_tui.api.models import File
from files_tui.catalog.fields import fields_of
from files_tui.ui import cells

FIELDS = ("id", "status", "size", "created", "expires", "purpose", "details")


def field_texts(file: File, *, brief: bool = False) -> dict[str, Text]:
    """What is to be said of a file, by field; briefly where the table beside it says the rest."""
    words = fields_of(file, brief=brief)
    details = Text(words["details"])
    details.stylize("red" if file.kind == "failed" else "")
    return {
        "name": Text(words["name"], "bold"),
        "id": Text(words["id"], overflow="fold"),
        "status": cells.status(file),
        "details": details,
        "size": Text(words["size"]),
        "created": Text(words["created"]),
        "expires": cells.coloured(words["expires"], cells.expiry_style(file, time.time())),
        "purpose": Text(words["purpose"]),
    }


def _cut(lines: Sequence[Text], width: int) -> Text:
    """Lines that end where the pane does."""
    cut = [line.copy() for line in lines]
    for line in cut:
        line.truncate(width, overflow="ellipsis")
    return Text("\n").join(cut)


class DetailPane(Vertical):
    """All fields of the file under the cursor."""

    def on_mount(self) -> None:
        self._shown: dict[str, Text] = {}

    async def show(self, file: File | None, found: str, used: Text, original: Text, lines: Sequence[Text]) -> None:
        """Show a file, or nothing, in it what was searched for, where it is used, what it was made from, and below all
        else the first `lines` of its content.

        The fields come with the first file, so that the first rows need not wait.
        """
        if not self.children:
            if file is None:
                return
            await self.mount_all(self._fields())
        texts = field_texts(file, brief=True) if file else {field: Text() for field in ("name", *FIELDS)}
        texts["used"] = used
        width = self.query_one("#detail-details").content_size.width
        texts["details"] = Text("\n").join(filter(None, (texts["details"], original, _cut(lines, width))))
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
            if field == "details":
                yield Static("used", classes="label", markup=False)
                yield Static("", id="detail-used", classes="value", markup=False)
            else:
                yield Static(field, classes="label", markup=False)
            yield Static("", id=f"detail-{field}", classes="value", markup=False)
