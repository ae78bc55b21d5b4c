"""The copy menu."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import msgspec

from files_tui import text
from files_tui.api.models import File
from files_tui.settings import Account
from files_tui.ui.screens.menu import Item, MenuScreen


@dataclass(frozen=True, slots=True)
class Copy:
    """A text to copy, and what it is in words."""

    words: str
    what: str


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids to copy."""

    ids: list[text.Untrusted]


@dataclass(frozen=True, slots=True)
class Bare:
    """A text to show without anything beside it."""

    words: str


class CopyScreen(MenuScreen[Copy | Ids | Bare]):
    """Gives a text to copy, or all of them to show bare, for one file or several."""

    def __init__(self, files: Sequence[File], account: Account) -> None:
        one = len(files) == 1
        title = text.safe(files[0].filename, 40) if one else text.plural(len(files), "file")
        lines = {
            "id": "\n".join(file.id.true for file in files),
            "name": "\n".join(file.filename.true for file in files),
            "JSON": _json(files),
            "curl": "\n".join(_curl(file, account) for file in files),
            "Python": "\n".join(f"client.files.retrieve({file.id.true!r})" for file in files),
        }
        values: dict[str, Copy | Ids] = {word: Copy(lines[word], f"{word} of {title}") for word in lines}
        values["id"] = Ids([file.id for file in files])
        items: list[Item[Copy | Ids | Bare]] = [
            Item(key, word, text.one_line(lines[word], 90), values[word])
            for key, word in zip("inocp", lines, strict=True)
        ]
        bare = Bare("\n\n".join(lines.values()))
        items.append(Item("s", "show", "all of these bare, to be marked with the mouse", bare))
        super().__init__(f"Copy of {title}", items)


def _json(files: Sequence[File]) -> str:
    document = files[0].raw if len(files) == 1 else b"[" + b",".join(file.raw for file in files) + b"]"
    return msgspec.json.format(document).decode()


def _curl(file: File, account: Account) -> str:
    """A command line that fetches the content; the key stays in its variable, and other secrets away."""
    address = f"{account.base_url}/files/{quote(file.id.true, safe='')}/content"
    if account.query:
        shown = {key: value if key == "api-version" else "…" for key, value in account.query.items()}
        address += "?" + urlencode(shown)
    variable = account.key_from if account.key_from.isidentifier() else "API_KEY"
    key = f'"api-key: ${variable}"' if account.auth == "api-key" else f'"Authorization: Bearer ${variable}"'
    headers = [key]  # the only one whose variable the shell is to fill in
    if account.organization:
        headers.append(shlex.quote(f"OpenAI-Organization: {account.organization}"))
    if account.project:
        headers.append(shlex.quote(f"OpenAI-Project: {account.project}"))
    name = text.file_name(file.filename or file.id)
    return " ".join(["curl", shlex.quote(address), *(f"-H {header}" for header in headers), "-o", shlex.quote(name)])
