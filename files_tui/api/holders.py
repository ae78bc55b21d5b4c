"""What uses files: batches, fine-tuning jobs and vector stores, read as tolerantly as the files themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from files_tui.api.models import LARGEST_ENTRY, LONGEST_ID, NOTHING, read_count, read_time
from files_tui.text import Untrusted

HolderKind = Literal["batch", "job", "store"]
Role = Literal["input", "output", "errors", "training", "validation", "results", "member"]

ROLES: tuple[Role, ...] = ("input", "output", "errors", "training", "validation", "results", "member")
"""In the order in which they are told."""

MOST_USES = 1_000
LONGEST_NAME = 1_000

_FIELDS: dict[HolderKind, dict[str, Role]] = {
    "batch": {"input_file_id": "input", "output_file_id": "output", "error_file_id": "errors"},
    "job": {"training_file": "training", "validation_file": "validation", "result_files": "results"},
    "store": {},
}
_NAMES: dict[HolderKind, tuple[str, ...]] = {
    "batch": ("endpoint", "model"),
    "job": ("fine_tuned_model", "model"),
    "store": ("name",),
}


class Use(msgspec.Struct, frozen=True):
    """What a file is to its holder."""

    role: Role
    file: Untrusted


class Holder(msgspec.Struct, frozen=True):
    """A batch, a fine-tuning job or a vector store, and the files that it names.

    `members` is the number of files in a vector store, None where it does not say; `created_at` is unix seconds.
    """

    kind: HolderKind
    id: Untrusted
    name: Untrusted = NOTHING
    status: Untrusted = NOTHING
    created_at: int | None = None
    members: int | None = None
    uses: tuple[Use, ...] = ()


def read_holder(kind: HolderKind, raw: object) -> Holder | None:
    """A holder from an object of any dialect, None when it has no id, or is far too large."""
    found = id_of(raw, "id")
    if found is None or not isinstance(raw, dict) or len(msgspec.json.encode(raw)) > LARGEST_ENTRY:
        return None
    counts = raw.get("file_counts")
    return Holder(
        kind=kind,
        id=Untrusted(found),
        name=Untrusted(" · ".join(word for key in _NAMES[kind] if (word := _text(raw.get(key))))[:LONGEST_NAME]),
        status=Untrusted(_text(raw.get("status"))[:LONGEST_NAME]),
        created_at=read_time(raw.get("created_at")),
        members=read_count(counts.get("total")) if isinstance(counts, dict) else None,
        uses=tuple(_uses(kind, raw)),
    )


def _uses(kind: HolderKind, raw: dict[str, Any]) -> Iterator[Use]:
    for key, role in _FIELDS[kind].items():
        value = raw.get(key)
        for each in value[:MOST_USES] if isinstance(value, list) else [value]:
            file_id = each if isinstance(each, str) else id_of(each, "id")
            if file_id and len(file_id) <= LONGEST_ID:
                yield Use(role, Untrusted(file_id))


def id_of(raw: object, *keys: str) -> str | None:
    """The id of an object under the first of these keys that it has, None where that is none to speak of it by."""
    if not isinstance(raw, dict):
        return None
    found = next((raw[key] for key in keys if isinstance(raw.get(key), str)), "")
    return found if 0 < len(found) <= LONGEST_ID else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
