"""The command line: what it says becomes `Settings`, and those the browser, or one command without a screen."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from files_tui.later import Later

NEVER_USED = ("httpx._main", "anyio", "trio")
"""Parts of `httpx` and `httpcore` for their own command line and for asyncio; without them they do the rest."""

NOT_YET = (
    *("certifi", "idna", "msgspec.inspect"),
    *("locale", "mimetypes", "textwrap", "tokenize"),
)
"""What others need for https, for names of hosts in other scripts and for schemas; and what of the standard library
they import for a case that seldom comes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; gives its exit code."""
    prepare()
    from files_tui.cli.run import run

    return run(arguments)


def prepare() -> None:
    """Make Python start quickly: what others import, and this program needs later or never, waits for its use."""
    for name in NEVER_USED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name in NOT_YET:
        sys.modules.setdefault(name, Later(name))
    # Imports make garbage collections by the dozen and hardly any garbage: a sixth of the start-up.
    gc.set_threshold(200_000, 20, 20)
