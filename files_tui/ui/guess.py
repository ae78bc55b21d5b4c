"""The purpose that files are most likely meant for."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from files_tui import text
from files_tui.api.models import UPLOAD_PURPOSES

LOOKED_AT = 64 << 10
"""So many bytes of a file are looked at for the keys of its first line."""

_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
_LINES = ("batch", "fine-tune", "evals")
_WORDS = (("batch", ("batch", "request")), ("evals", ("eval",)), ("fine-tune", ("train", "tun")))
_SHAPES = (
    ("batch", (b"custom_id", b"url")),
    ("fine-tune", (b"messages",)),
    ("fine-tune", (b"prompt",)),
    ("fine-tune", (b"input", b"preferred_output")),
)


def guess_purpose(paths: Sequence[Path], last: str | None) -> str:
    """The purpose that names, habit and the first line of a file suggest; `last` is the one before.

    Lines of any shape can be meant for evals, so that those of a fine-tuning file say nothing against it.
    """
    suffixes = {os.path.splitext(path)[1].lower() for path in paths}
    if suffixes == {".jsonl"}:
        names = " ".join(text.name_of(path).true.lower() for path in paths)
        named = next((purpose for purpose, words in _WORDS if any(word in names for word in words)), None)
        guess = named or (last if last in _LINES else None)
        shape = _shape_of(paths[0])
        return guess or "fine-tune" if shape is None or (guess, shape) == ("evals", "fine-tune") else shape
    if suffixes and suffixes <= _IMAGES:
        return "vision"
    return last if last in UPLOAD_PURPOSES and last not in (*_LINES, "vision") else "user_data"


def _shape_of(path: Path) -> str | None:
    """The purpose that the keys of the first line belong to; within a text of it their quotes would be escaped."""
    try:
        with path.open("rb") as file:
            line = file.read(LOOKED_AT).lstrip(b"\xef\xbb\xbf\r\n").partition(b"\n")[0]
    except (OSError, ValueError):
        return None  # the check says what is wrong with it
    keys = set(re.findall(rb'"(\w+)"\s*:', line))
    return next((purpose for purpose, wanted in _SHAPES if keys.issuperset(wanted)), None)
