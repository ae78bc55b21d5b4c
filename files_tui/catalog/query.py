"""What to show of the catalog, as a value."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal

import msgspec

from files_tui.api.models import File, Kind
from files_tui.text import Untrusted, true

Sort = Literal["created", "size", "name", "expires", "purpose", "status"]
Never = Literal["never"]

NEVER = LARGEST = 2**63 - 1
UNKNOWN = -1
FOLDED = 1000


def folded(text: str) -> str:
    """A text without case, and in the one form of its accents, whichever the system that named the file uses."""
    caseless = text.casefold().replace("\0", "␀")  # at which SQLite would end the text
    return unicodedata.normalize("NFC", caseless) if len(caseless) <= FOLDED else caseless


def storable(text: str | Untrusted) -> str:
    """SQLite keeps UTF-8 only, which has no lone surrogates."""
    text = true(text)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class Span(msgspec.Struct, frozen=True):
    """From `least` on and below `below`; None is without end."""

    least: int | None = None
    below: int | None = None


class Key(msgspec.Struct, frozen=True):
    """Where a file stands in an order: the value that is sorted by, and the id, which breaks ties."""

    value: int | str
    id: str


class Range(msgspec.Struct, frozen=True):
    """Values of one column of the catalog that are wanted: from `least` on, and below `below`."""

    column: str
    least: int | str | None
    below: int | str | None


class Query(msgspec.Struct, frozen=True):
    """Which files, in which order.

    `text` is looked for in names and ids, in any case. `age` is seconds since the creation, `expires` seconds from now
    to the end, `size` bytes. `filename` is a whole name, in any case.
    """

    purpose: Untrusted | None = None
    text: str = ""
    kinds: frozenset[Kind] = frozenset()
    age: Span | None = None
    expires: Span | Never | None = None
    size: Span | None = None
    filename: Untrusted | None = None
    sort: Sort = "created"
    descending: bool = True

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the purpose narrows the listing."""
        return bool(self.text or self.kinds or self.ranges(0))

    def ranges(self, now: float) -> Sequence[Range]:
        """The columns that are narrowed at a time (unix seconds)."""
        found: list[Range] = []
        moment = int(now)
        if self.age is not None:
            newest = None if not self.age.least else moment - self.age.least + 1
            oldest = 0 if self.age.below is None else max(0, moment - self.age.below + 1)
            found.append(Range("created", oldest, newest))
        if self.expires == "never":
            found.append(Range("expires", NEVER, None))
        elif self.expires is not None:
            soonest = None if self.expires.least is None else moment + self.expires.least
            latest = NEVER if self.expires.below is None else moment + self.expires.below
            found.append(Range("expires", soonest, latest))
        if self.size is not None:
            below = self.size.below if self.size.below is None or self.size.below <= LARGEST else None
            found.append(Range("size", self.size.least or 0, below))
        if self.filename is not None:
            name = folded(storable(self.filename))
            found.append(Range("folded", name, name + "\0"))
        return found

    def key(self, file: File) -> Key:
        """Where a file stands in this order."""
        value: int | str
        match self.sort:
            case "created":
                value = UNKNOWN if file.created_at is None else file.created_at
            case "size":
                value = UNKNOWN if file.bytes is None else file.bytes
            case "name":
                value = folded(storable(file.filename))
            case "expires":
                value = NEVER if file.expires_at is None else file.expires_at
            case "purpose":
                value = storable(file.purpose)
            case "status":
                value = file.kind
        return Key(value, storable(file.id))


class Place(msgspec.Struct, frozen=True):
    """Where a page begins or ends in the order of its query.

    Without a `key`, at the very beginning or, `backward`, at the very end. With one: behind it, or before it when
    `backward`; `inclusive` takes the file itself.
    """

    key: Key | None = None
    backward: bool = False
    inclusive: bool = False


BEGINNING = Place()
END = Place(backward=True)


class Totals(msgspec.Struct, frozen=True):
    """How many files, and how many bytes they hold together."""

    files: int
    bytes: int
