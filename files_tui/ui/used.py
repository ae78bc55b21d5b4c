"""Where files are used, in words."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual.message_pump import MessagePump

from files_tui import text
from files_tui.api.abort import Abort
from files_tui.api.holders import Holder, HolderKind
from files_tui.api.models import File
from files_tui.catalog.errors import CatalogFailed
from files_tui.catalog.uses import KINDS, NAMES, InUse, Looked
from files_tui.ui.background import in_background

if TYPE_CHECKING:
    from files_tui.ui.session import Session

FRESH_SECONDS = 600
"""What is older is asked for anew where it matters."""

_SHORT: dict[HolderKind, tuple[str, str]] = {**NAMES, "job": ("job", "jobs"), "store": ("store", "stores")}


def holders_words(in_use: InUse, names: Mapping[HolderKind, tuple[str, str]] = NAMES) -> text.Safe:
    """`2 batches, 1 vector store`."""
    counts = [(in_use.holders.get(kind, 0), names[kind]) for kind in KINDS]
    return text.Safe(", ".join(f"{text.count(n)} {one if n == 1 else many}" for n, (one, many) in counts if n))


def as_of(looked: Mapping[HolderKind, Looked]) -> text.Safe:
    """`as of 15:42`, or of another day; empty where no look has ended."""
    times = [each.at for each in looked.values() if each.at is not None]
    if not times:
        return text.Safe("")
    at = min(times)
    if time.time() - at < text.DAY / 2:
        return text.Safe(f"as of {time.strftime('%H:%M', time.localtime(at))}")
    return text.Safe(f"as of {text.age(at)}")


def scope_of(looked: Mapping[HolderKind, Looked]) -> text.Safe:
    """`as of 15:42 · 30 batches, 4 vector stores looked at`."""
    told = as_of(looked)
    seen = holders_words(InUse(0, {kind: each.seen for kind, each in looked.items()}))
    return text.Safe(f"{told} · {seen or 'none'} looked at" if told else "")


def notes(looked: Mapping[HolderKind, Looked], *, is_over: bool = True) -> Sequence[text.Safe]:
    """What may be missing, and why; before a look `is_over`, nothing of what it has still to come to."""
    words: list[str] = []
    for kind in KINDS:
        each = looked.get(kind)
        if each is not None:
            words += filter(None, (each.problem, each.note))
        elif looked and is_over:
            words.append(f"{NAMES[kind][1]} were not looked at")
    return [text.one_line(each) for each in words]


def brief(looked: Mapping[HolderKind, Looked], in_use: InUse, looking: text.Safe | None, key: str) -> Text:
    """Two short lines for the detail pane; `key` is that which tells more."""
    if looking:
        return Text(f"{holders_words(in_use, _SHORT)}\n".lstrip()).append("looking…", "dim")
    if not looked:
        return Text(f"{key} looks", "dim")
    nowhere = "not known" if notes(looked) else "nowhere"
    told = as_of(looked)
    return Text(holders_words(in_use, _SHORT) or nowhere).append(f"\n{told} · {key}" if told else f" · {key}", "dim")


class FilesInUse:
    """What is known of the use of some files, for a question about them: from what is kept, and from a look at once.

    The numbers are counted in a thread, since there may be a hundred thousand files.
    """

    def __init__(self, session: Session, files: Sequence[File]) -> None:
        self._session = session
        self._ids = [file.id for file in files]
        self._in_use = InUse(0, {})
        self._looked: Mapping[HolderKind, Looked] = {}
        self._began = False
        self.stores: list[tuple[Holder, text.Untrusted]] = []
        """The vector stores that they are in, with each of the files."""

    def look(self, pump: MessagePump) -> None:
        """Ask the server, unless it was asked a short while ago."""
        try:
            looked = self._session.catalog.uses.looked()
        except CatalogFailed:
            return
        oldest = min((each.at for each in looked.values() if each.at is not None), default=0)
        if len(looked) < len(KINDS) or time.time() - oldest > FRESH_SECONDS:
            self._began = self._session.uses.words is None
            in_background(pump, partial(self._session.uses.look, again=False), "uses")

    def leave(self) -> None:
        """Nobody asks any more."""
        if self._began:
            self._session.uses.stop()

    def detach(self, store: Holder, file_id: text.Untrusted, abort: Abort) -> bool:
        """Take one of the files out of a vector store (see `UsesLooker.detach`)."""
        return self._session.uses.detach(store.id, file_id, abort)

    def count(self) -> None:
        """Take what is known now; blocking."""
        try:
            uses = self._session.catalog.uses
            self._looked = uses.looked()
            self._in_use, self.stores = uses.in_use(self._ids), uses.stores_of(self._ids)
        except CatalogFailed:
            return  # closed meanwhile, or the screen below tells

    def words(self, detaches: str = "") -> text.Safe:
        """`In use (v detaches) by 2 vector stores, as of 15:42`; empty where nothing is known.

        `detaches` is the key that takes them out of vector stores.
        """
        looking = " · looking…" if self._session.uses.words else ""
        told = as_of(self._looked)
        since = f", {told}" if told else ""
        one = len(self._ids) == 1
        if self._in_use.files:
            key = f" ({detaches} detaches)" if detaches else ""
            who = "In use" if one else f"{text.count(self._in_use.files)} of {text.count(len(self._ids))} in use"
            return text.Safe(f"{who}{key} by {holders_words(self._in_use)}{since}{looking}")
        if looking:
            return text.Safe(f"looking where {'it is' if one else 'they are'} used…")
        if not told:
            return text.Safe("")
        unsure = " known to be" if notes(self._looked) else ""
        return text.Safe(f"Not{unsure} in use by batches, jobs or vector stores{since}")
