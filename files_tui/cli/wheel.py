"""Puts the manual page and the completions of shells beside the program; the build calls it, and nothing else."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACES = {
    "bash": "share/bash-completion/completions/files-tui",
    "zsh": "share/zsh/site-functions/_files-tui",
    "fish": "share/fish/vendor_completions.d/files-tui.fish",
}
MAN_PAGE = "share/man/man1/files-tui.1"


class SharedFiles(BuildHookInterface[Any]):
    """Writes them anew for each wheel, so that they cannot be older than the parser."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Add the files to what the wheel holds."""
        sys.path.insert(0, self.root)
        from files_tui.cli.completion import script_for
        from files_tui.cli.manpage import man_page

        texts = {place: script_for(shell) for shell, place in PLACES.items()} | {MAN_PAGE: man_page()}
        self._made = tempfile.TemporaryDirectory(prefix="files-tui-")
        for place, text in texts.items():
            path = Path(self._made.name, place)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            build_data["shared_data"][str(path)] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what the wheel now holds."""
        self._made.cleanup()
