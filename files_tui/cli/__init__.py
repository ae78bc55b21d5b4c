"""The command line: what it says becomes `Settings`, and those the browser, or one command without a screen."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; gives its exit code."""
    prepare()
    from files_tui.cli.run import run

    return run(arguments)


def prepare() -> None:
    """Make Python start quickly."""
    # Where `click` is installed, httpx would import its own command line: a third of its import time.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    # Imports make garbage collections by the dozen and hardly any garbage: a sixth of the start-up.
    gc.set_threshold(200_000, 20, 20)
