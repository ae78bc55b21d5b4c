"""A sync during which files are added and deleted ends equal to the server's listing.

A pass is not one moment, so that this is said precisely: what was there all the while, from the first request of the
last finished pass to the end, is in the catalog; what was gone before that request is not. Where the last change came
before it, the two are the same, and the catalog is the listing.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import NotFound
from files_tui.api.models import Answer, FilePage
from files_tui.catalog.catalog import Catalog
from files_tui.catalog.changes import Run
from files_tui.catalog.sync import Sync
from files_tui.settings import Account, Secret
from files_tui.text import Untrusted
from tests.demo_server import running_demo
from tests.listings import known

ROUNDS = 24
PURPOSES = ("user_data", "assistants", "vision")
KINDS = ("add", "add", "add", "add here", "cursor", "read", "any", "any", "any here", "page")


class Watched(FilesClient):
    """Tells of each page before it is asked for, and of the ids on it once it came, or None for a lost cursor."""

    def __init__(
        self,
        url: str,
        before: Callable[[str | None, str | None], None] = lambda *_: None,
        came: Callable[[Sequence[str] | None], None] = lambda _: None,
    ) -> None:
        super().__init__(Account(base_url=url, key=Secret("x")))
        self._before = before
        self._came = came

    def list_page(
        self,
        *,
        limit: int,
        after: str | None = None,
        purpose: str | None = None,
        retry: bool = True,
        abort: Abort | None = None,
    ) -> Answer[FilePage]:
        self._before(after, purpose)
        try:
            answer = super().list_page(limit=limit, after=after, purpose=purpose, retry=retry, abort=abort)
        except NotFound:
            self._came(None)
            raise
        self._came([file.id.true for file in answer.value.files])
        return answer


@dataclass
class History:
    """What became of the files, and when: the number of the request of the sync before which it happened."""

    born: dict[str, int] = field(default_factory=dict)
    died: dict[str, int] = field(default_factory=dict)
    here: set[str] = field(default_factory=set)
    """What was added or deleted by this program itself, so that the catalog was told."""
    purposes: list[str | None] = field(default_factory=list)
    """Of each request."""
    runs: dict[int, int] = field(default_factory=dict)
    """The number of the first request of each run, by its generation."""
    finished: int = 0
    """The generation of the last finished run."""
    lost_cursors: int = 0

    @property
    def last_change(self) -> int:
        return max([0, *self.born.values(), *self.died.values()])

    @property
    def last_look(self) -> int:
        """The number of the first request of the last finished pass, without those for one purpose."""
        begin = self.runs[self.finished]
        return next(number for number in range(begin, len(self.purposes)) if self.purposes[number] is None)

    @property
    def end_of_first_pass(self) -> int:
        """The number of its last request."""
        begins = sorted(self.runs.values())
        return begins[2] - 1 if len(begins) > 2 else len(self.purposes) - 1

    def certain(self) -> set[str]:
        """The files that the catalog has to hold."""
        born = {each for each, at in self.born.items() if at <= self.last_look or each in self.here}
        return born - self.died.keys()

    def possible(self) -> set[str]:
        """The files that the catalog may hold."""
        dead = {each for each, at in self.died.items() if at <= self.last_look or each in self.here}
        return self.born.keys() - dead


class Noting(Catalog):
    """A catalog that notes at which request a run begins, and which one was the last that came to its end."""

    history: History

    def begin_sync(self, after: Run | None = None) -> Run:
        run = super().begin_sync(after)
        self.history.runs[run.generation] = len(self.history.purposes)
        return run

    def finish_sync(self, run: Run) -> int:
        removed = super().finish_sync(run)
        self.history.finished = run.generation
        return removed


class Changes:
    """Files are added and deleted between the requests of a sync, before its request number `until`."""

    def __init__(self, url: str, catalog: Noting, source: Path, randomly: random.Random) -> None:
        self._client = Watched(url)
        self._catalog = catalog
        self._source = source
        self._random = randomly
        self._lock = threading.Lock()
        self._pages: list[list[str]] = []
        self._until = 0
        self.alive = self.listing()

    def close(self) -> None:
        self._client.close()

    def listing(self) -> list[str]:
        """The ids on the server."""
        return [file.id.true for file in self._client.list_page(limit=10_000).value.files]

    def begin(self, count: int, *, until: int) -> History:
        """A new history, at whose beginning there are so many files."""
        self._catalog.history = History()
        while len(self.alive) < count:
            self._add()
        while len(self.alive) > count:
            self._delete(self._random.choice(self.alive))
        self._pages, self._until = [], until
        self._catalog.history = History(born=dict.fromkeys(self.alive, 0))
        return self._catalog.history

    def before(self, after: str | None, purpose: str | None) -> None:
        """Change something before a request of the sync."""
        history = self._catalog.history
        with self._lock:
            if len(history.purposes) < self._until:
                for _ in range(self._random.choice((0, 1, 1, 2, 4))):
                    self._change(after)
            history.purposes.append(purpose)

    def came(self, ids: Sequence[str] | None) -> None:
        """Note what a page of the sync showed."""
        with self._lock:
            if ids is None:
                self._catalog.history.lost_cursors += 1
            else:
                self._pages.append([*ids])

    def _change(self, cursor: str | None) -> None:
        kind = self._random.choice(KINDS)
        if kind in ("add", "add here"):
            self._add(here=kind == "add here")
        elif kind == "cursor" and cursor is not None:
            self._delete(cursor)
        elif kind == "read" and self._pages:
            for each in self._random.choice(self._pages)[:1]:
                self._delete(each)
        elif kind == "page" and self._pages and self._random.random() < 0.3:
            for each in self._pages[-1]:
                self._delete(each)
        elif kind in ("any", "any here") and self.alive:
            self._delete(self._random.choice(self.alive), here=kind == "any here")

    def _add(self, *, here: bool = False) -> None:
        file = self._client.upload(self._source, name="x.txt", purpose=self._random.choice(PURPOSES)).value.file
        history = self._catalog.history
        self.alive.append(file.id.true)
        history.born[file.id.true] = len(history.purposes)
        if here:
            history.here.add(file.id.true)
            self._catalog.upsert([file])

    def _delete(self, file_id: str, *, here: bool = False) -> None:
        """What was added here is left to be deleted here: else it would stay until the next sync."""
        history = self._catalog.history
        if file_id in history.died or (file_id in history.here and not here):
            return
        assert self._client.delete(file_id).value
        self.alive.remove(file_id)
        history.died[file_id] = len(history.purposes)
        if here:
            history.here.add(file_id)
            self._catalog.remove([file_id])


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    with running_demo("--bulk", "60") as url:
        yield url


def sync_among_changes(demo: str, folder: Path, seed: int, *, was_whole: bool) -> History:
    """What happened; that the catalog is right is checked."""
    randomly = random.Random(seed)
    source = folder / "x.txt"
    source.write_bytes(b"x")
    screen, page_size, count = randomly.randint(3, 10), randomly.randint(5, 20), randomly.randint(30, 120)
    wanted = randomly.choice((None, *map(Untrusted, PURPOSES)))
    with ExitStack() as stack:
        catalog = stack.enter_context(closing(Noting(folder / f"{seed}.sqlite", durable=False)))
        changes = stack.enter_context(closing(Changes(demo, catalog, source, randomly)))
        client = stack.enter_context(closing(Watched(demo, changes.before, changes.came)))
        if was_whole:
            changes.begin(count, until=0)
            assert Sync(client, catalog, screen=screen, page_size=page_size).run().whole, seed
            count += randomly.randint(-5, 5)
        history = changes.begin(count, until=randomly.randint(1, count // 6))
        outcome = Sync(
            *(client, catalog),
            force=True,
            screen=screen,
            page_size=page_size,
            wanted=lambda: wanted,
        ).run()

        found, listed = known(catalog), set(changes.listing())
        assert outcome.whole, seed
        assert not history.certain() - found, seed
        assert not found - history.possible(), seed
        assert history.last_change > history.last_look or found == listed, seed
        return history


def settled(histories: Sequence[History]) -> int:
    """In how many of them a whole pass came after the last change."""
    return sum(each.last_change <= each.last_look for each in histories)


def test_a_first_sync_among_changes_ends_equal_to_the_listing(demo: str, tmp_path: Path) -> None:
    """At the latest where they end within its first pass: that found something new, so that another one follows."""
    histories = [sync_among_changes(demo, tmp_path, seed, was_whole=False) for seed in range(ROUNDS)]
    within = [each for each in histories if each.last_change <= each.end_of_first_pass]
    assert settled(within) == len(within) > ROUNDS // 2
    assert sum(each.lost_cursors > 0 for each in histories) > ROUNDS // 8


def test_a_refresh_among_changes_ends_equal_to_the_listing(demo: str, tmp_path: Path) -> None:
    histories = [sync_among_changes(demo, tmp_path, 1_000 + seed, was_whole=True) for seed in range(ROUNDS // 2)]
    assert settled(histories) > ROUNDS // 4
