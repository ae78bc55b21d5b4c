"""What to show of the catalog, as a value."""

from __future__ import annotations

import unicodedata
from typing import Any, Literal

import msgspec

from files_tui.api.models import Kind

Sort = Literal["created", "size", "name", "expires", "purpose", "status"]

NEVER = 2**63 - 1
FOLDED = 1000

SORT_KEYS: dict[Sort, str] = {
    "created": "ifnull(created_at, 0)",
    "size": "ifnull(bytes, -1)",
    "name": "folded_name",
    "expires": f"ifnull(expires_at, {NEVER})",
    "purpose": "purpose",
    "status": "kind",
}


def folded(text: str) -> str:
    """A text without case, and in the one form of its accents, whichever the system that named the file uses."""
    caseless = text.casefold()
    return unicodedata.normalize("NFC", caseless) if len(caseless) <= FOLDED else caseless


class Query(msgspec.Struct, frozen=True):
    """Which files, in which order.

    `text` is looked for in names and ids, in any case; `expiring_within` is seconds from now.
    """

    purpose: str | None = None
    text: str = ""
    kinds: frozenset[Kind] = frozenset()
    expiring_within: int | None = None
    sort: Sort = "created"
    descending: bool = True

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the purpose narrows the listing."""
        return bool(self.text or self.kinds or self.expiring_within)

    def where(self, now: float) -> tuple[str, list[Any]]:
        """The condition in SQL, with its parameters."""
        parts: list[str] = ["true"]
        values: list[Any] = []
        if self.purpose is not None:
            parts.append("purpose = ?")
            values.append(self.purpose)
        if self.text:
            parts.append("(instr(folded_name, ?) or instr(lower(id), ?))")
            values += [folded(self.text), self.text.lower()]
        if self.kinds:
            parts.append(f"kind in ({', '.join('?' * len(self.kinds))})")
            values += sorted(self.kinds)
        if self.expiring_within is not None:
            parts.append("expires_at between ? and ?")
            values += [int(now), int(now) + self.expiring_within]
        return " and ".join(parts), values

    def order(self) -> str:
        """The order in SQL; the id breaks ties, so that a page border never moves."""
        direction = "desc" if self.descending else "asc"
        return f"{SORT_KEYS[self.sort]} {direction}, id {direction}"
