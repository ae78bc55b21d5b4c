"""What a look into a file has to say beside the content: how much has come, why no more, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from files_tui import text
from files_tui.api.errors import ApiError
from files_tui.api.models import File
from files_tui.contents.kinds import Kind
from files_tui.ui.preview.documents import Document

if TYPE_CHECKING:
    from files_tui.api.excerpt import Excerpt

_AS_BYTES = (Kind.IMAGE, Kind.BINARY, Kind.EMPTY)


def fetched(file: File, excerpt: Excerpt | None) -> str:
    """`262 kB of 12.4 MB fetched`, and what came over the line where that is more."""
    length = file.bytes if excerpt is None or excerpt.length is None else excerpt.length
    if excerpt is None or not excerpt.received:
        return text.size(length)
    there = len(excerpt.data)
    words = f"{'all' if excerpt.is_whole else text.size(there)} of {text.size(length)} fetched"
    return words if excerpt.received == there else f"{words}, {text.size(excerpt.received)} came"


def place(document: Document, cursor: int, *, whole: bool) -> str:
    """`line 12 of 4,812`."""
    label = document.label(cursor)
    if document.noun == "row":
        return f"byte {int(label, 16):,}"
    number = int(label) if label else cursor + 1
    return f"{document.noun} {number:,} of {document.numbers or document.count:,}{'' if whole else ' so far'}"


def rest(excerpt: Excerpt, more: str, download: str) -> str:
    """What can be done about what has not come."""
    if excerpt.can_grow:
        return f"{more} fetches more"
    return f"no more than {text.size(len(excerpt.data))} are kept here; {download} downloads all"


def warning(file: File, kind: Kind | None, excerpt: Excerpt | None, broken_at: int | None) -> str:
    """What is odd about the content."""
    if excerpt is not None and excerpt.is_page and not file.filename.true.lower().endswith((".html", ".htm")):
        return "it came as a web page: look whether it is the file"
    if excerpt is not None and excerpt.is_whole and len(excerpt.data) != (file.bytes or len(excerpt.data)):
        return f"{text.size(file.bytes)} are listed, and this is {text.size(len(excerpt.data))}: look whether it is all"
    if broken_at is not None and kind not in _AS_BYTES:
        return f"no UTF-8 at byte {broken_at:,}: � stands for what cannot be read"
    return ""


def empty(file: File) -> Text:
    """What to say where not a byte has come."""
    if not file.bytes:
        return Text("The file is empty.")
    return Text(f"The server sent nothing, and lists {text.size(file.bytes)}.", "bold red")


def not_found(what: str, end: int, *, before: bool, whole: bool, goes_on: str) -> str:
    """Why a search has come to nothing, and how it can go on."""
    if before:
        return f"no “{what}” before this"
    if goes_on:
        return f"no “{what}” from here on in the first {text.size(end)}; {goes_on} fetches on to the next"
    return f"no “{what}” from here on" + ("" if whole else " in what is shown")


def refused(file: File, said_at: int, again: str, original: str = "") -> Text:
    """What to say of a file whose content the server does not give out; `original` tells what it was made from."""
    purpose = text.safe(file.purpose, 40) or "(none)"
    return (
        Text()
        .append(f"This server gives out no content of purpose {purpose}.\n", "bold")
        .append(f"It said so {text.age(said_at)}; {again} asks again.\n\n")
        .append(original or "Where it was uploaded from is not known on this machine.", "" if original else "dim")
    )


def failed(error: ApiError, again: str) -> Text:
    """What to say of a file whose content could not be had."""
    return Text().append(f"{error}\n", "bold red").append(f"{error.advice} {again} tries again.")
