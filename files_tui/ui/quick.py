"""Textual without what no first frame needs."""

from __future__ import annotations

import sys

from files_tui.later import Later

UNNEEDED = {
    "rich.table": ("Table",),
    "textual.command": (
        "CommandListItem",
        "CommandPalette",
        "DiscoveryHit",
        "Hit",
        "Hits",
        "Provider",
        "SimpleProvider",
    ),
    "textual.types": ("IgnoreReturnCallbackType",),
}
"""What Textual imports for hints, and for a palette and a list of themes in whose place this program has its own."""


def import_textual() -> None:
    """Import Textual's app; what is left out is there for whoever imports it afterwards."""
    for module, names in UNNEEDED.items():
        sys.modules.setdefault(module, Later(module, **dict.fromkeys(names, object)))
    import textual.app  # noqa: F401

    for module in UNNEEDED:
        if isinstance(sys.modules[module], Later):
            del sys.modules[module]
