"""Files as a busy project has them: purposes, sizes, names and expiries of many kinds."""

from __future__ import annotations

import random
import string
import time
from collections.abc import Iterator

from files_tui.api.models import File, read_file
from files_tui.text import DAY

PAGE = 10_000
_YEARS = 2
_PURPOSES = {
    "batch": 40,
    "batch_output": 30,
    "fine-tune": 8,
    "user_data": 6,
    "assistants": 4,
    "vision": 4,
    "evals": 3,
    "assistants_output": 3,
    "fine-tune-results": 2,
}
_STATUSES = {"processed": 96, "uploaded": 1, "error": 3}
_WORDS = ("run", "eval", "requests", "frames", "notes")
_LETTERS = string.ascii_letters + string.digits


def generated(count: int, seed: int = 1) -> Iterator[list[File]]:
    """So many files, newest first, in pages; the same ones for the same seed, but for the time."""
    dice = random.Random(seed)
    now = time.time()
    step = _YEARS * 365 * DAY / count

    def entries() -> Iterator[File]:
        created = now
        for _ in range(count):
            created -= dice.random() * 2 * step
            purpose = dice.choices(list(_PURPOSES), list(_PURPOSES.values()))[0]
            file = read_file(
                {
                    "id": "file-" + "".join(dice.choices(_LETTERS, k=22)),
                    "object": "file",
                    "bytes": int(dice.lognormvariate(10, 3)),
                    "created_at": int(created),
                    "expires_at": int(created) + 30 * DAY if purpose == "batch" else None,
                    "filename": f"{purpose}-{dice.choice(_WORDS)}-{dice.randrange(10**6):06}.jsonl",
                    "purpose": purpose,
                    "status": dice.choices(list(_STATUSES), list(_STATUSES.values()))[0],
                    "status_details": None,
                }
            )
            assert file is not None
            yield file

    files = entries()
    while page := [file for _, file in zip(range(PAGE), files, strict=False)]:
        yield page
