"""Files made of plain text."""

from typing import Any

from files_tui.api.models import File
from files_tui.text import Untrusted


def a_file(
    id: str,  # noqa: A002
    filename: str = "",
    *,
    purpose: str = "",
    status: str | None = None,
    status_details: str | None = None,
    **fields: Any,
) -> File:
    """A file as a server might describe it."""
    return File(
        id=Untrusted(id),
        filename=Untrusted(filename),
        purpose=Untrusted(purpose),
        status=None if status is None else Untrusted(status),
        status_details=None if status_details is None else Untrusted(status_details),
        **fields,
    )
