"""What the server of an account cannot do, as far as it has said so: kept with the catalog, and not asked for again.

How many files it lists at once is kept there, too, as `page_limit`.
"""

from __future__ import annotations

import re
import time
from typing import Literal

from files_tui.api.errors import ApiError, NotSupported
from files_tui.api.models import NOTHING
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import storable
from files_tui.text import DAY, Untrusted

Ability = Literal["list", "delete", "content", "batch", "job", "store"]
"""The last three are to tell of what uses files."""

KEPT_SECONDS = DAY
"""So long a refusal is believed; what servers allow has changed over time (API reference, "Content")."""

_PREFIX = "cannot "
_PLAIN_ID = re.compile(r"[\w.-]+")
"""Others stumble over what stands between here and the server."""


def lacks(catalog: Catalog, ability: Ability, purpose: Untrusted = NOTHING) -> int | None:
    """When the server said that it cannot do this (unix seconds), None where it has not; content is of one purpose.

    Raises `CatalogFailed`.
    """
    said = catalog.noted(_name(ability, purpose))
    return said if said is not None and 0 <= time.time() - said < KEPT_SECONDS else None


def learn(catalog: Catalog, ability: Ability, purpose: Untrusted = NOTHING) -> None:
    """Note that the server has just said so; raises `CatalogFailed`."""
    catalog.note(_name(ability, purpose), int(time.time()))


def unlearn(catalog: Catalog, ability: Ability, purpose: Untrusted = NOTHING) -> None:
    """Note that the server can do it after all; raises `CatalogFailed`."""
    catalog.forget_notes(_name(ability, purpose))


def forget(catalog: Catalog, *abilities: Ability) -> None:
    """Let these be tried again, or everything; raises `CatalogFailed`."""
    for ability in abilities or ("",):
        catalog.forget_notes(f"{_PREFIX}{ability}")


def has_no_such(error: ApiError) -> bool:
    """Whether a server has no such operation at all."""
    return isinstance(error, NotSupported) and error.status in (405, 501)


def gives_out_none(error: ApiError) -> bool:
    """Whether it gives out no content of a file's purpose (API reference, "Content")."""
    return has_no_such(error) or "not allowed to download" in error.message.lower()


def is_plain(file_id: Untrusted) -> bool:
    """Whether what a server says of this id can hold for others."""
    return _PLAIN_ID.fullmatch(file_id.true) is not None


def _name(ability: Ability, purpose: Untrusted) -> str:
    return f"{_PREFIX}{ability} {storable(purpose)}"
