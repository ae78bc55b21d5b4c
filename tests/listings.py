"""A server that lists its files in the way of some dialect, and what a sync asked it for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from files_tui.catalog.catalog import Catalog
from files_tui.catalog.query import Query
from files_tui.catalog.sync import Sync, Synced
from tests.files import a_file
from tests.wire import Received, Reply, Server, client_to, error_answer, json_answer, serving


class Asked(NamedTuple):
    """One request for a page."""

    limit: int
    after: str | None = None
    purpose: str | None = None


def asked(request: Received) -> Asked:
    """What a request asks for."""
    query = parse_qs(urlsplit(request.target).query, keep_blank_values=True)
    return Asked(int(query["limit"][0]), *(query.get(name, [None])[0] for name in ("after", "purpose")))


def entry(file_id: str, purpose: str = "") -> dict[str, str]:
    """A file as the servers here describe it."""
    return {"id": file_id, "filename": f"{file_id}.txt", "purpose": purpose}


def page(ids: Iterable[str], more: object = None, **extra: object) -> bytes:
    """A page of these files; without `more` the server does not say whether others follow."""
    data = [entry(file_id) for file_id in ids]
    return json_answer({"data": data, **({} if more is None else {"has_more": more}), **extra})


@dataclass
class Listed:
    """A handler for `serving`: lists `ids`, newest first, with the `purposes` that they have.

    More than `allowed` files a page are refused, more than `most` are not given. `when` holds what someone else does
    just before the request of a number (from 1) is answered.
    """

    ids: list[str]
    purposes: Mapping[str, str] = field(default_factory=dict)
    allowed: int = 10_000
    most: int = 10_000
    says_more: bool = True
    takes_after: bool = True
    takes_limit: bool = True
    takes_purpose: bool = True
    refusal: int = 400
    extra: Mapping[str, object] = field(default_factory=dict)
    when: Mapping[int, Callable[[], object]] = field(default_factory=dict)
    count: int = 0

    def lose(self, ids: Iterable[str]) -> None:
        """Someone else deletes these files."""
        self.ids = [each for each in self.ids if each not in ids]

    def __call__(self, request: Received) -> Reply:
        self.count += 1
        self.when.get(self.count, lambda: None)()
        limit, after, purpose = asked(request)
        if limit > self.allowed:
            return error_answer(self.refusal, f"limit must be at most {self.allowed}")
        ids = [each for each in self.ids if purpose in (None, self.purposes.get(each)) or not self.takes_purpose]
        if after is not None and self.takes_after:
            if after not in ids:
                return error_answer(404, f"No such File object: {after}")
            ids = ids[ids.index(after) + 1 :]
        given = ids[: min(limit, self.most)] if self.takes_limit else ids
        more = {"has_more": len(given) < len(ids)} if self.says_more else {}
        data = [entry(each, self.purposes.get(each, "")) for each in given]
        return json_answer({"object": "list", "data": data, **more, **self.extra})


def numbered(count: int) -> list[str]:
    """So many ids."""
    return [f"file-{number:05}" for number in range(count)]


@contextmanager
def sync_with(
    handler: Callable[[Received], Reply], catalog: Catalog, **options: Any
) -> Iterator[tuple[Sync, Server, list[Synced]]]:
    """A sync to be run, the server that it asks, and what it will tell when the catalog is whole."""
    told: list[Synced] = []
    with serving(handler) as server, client_to(server) as client:
        yield Sync(client, catalog, on_whole=told.append, **options), server, told


def synced(handler: Callable[[Received], Reply], catalog: Catalog, **options: Any) -> tuple[Synced, list[Asked]]:
    """The outcome of a sync, and what it asked for."""
    with sync_with(handler, catalog, **options) as (sync, server, told):
        outcome = sync.run()
        assert outcome.requests == len(server.requests)
        assert [each.note for each in told] == ([outcome.note] if outcome.whole or outcome.note else [])
        return outcome, [asked(request) for request in server.requests]


def cursors(requests: Iterable[Asked]) -> str:
    """The ids behind which was asked, of one letter each; "-" for the newest files, where a pass begins."""
    return "".join(each.after or "-" for each in requests)


def known(catalog: Catalog) -> set[str]:
    """All ids of a catalog, none of which it gives twice."""
    ids = [file.id.true for file in catalog.page(Query(), 100_000)]
    assert len(ids) == len(set(ids)) == catalog.totals(Query()).files
    return set(ids)


def interrupted(catalog: Catalog, *ids: str) -> None:
    """Let the catalog know files from an earlier sync that did not end."""
    catalog.upsert([a_file(id=file_id) for file_id in ids], run=catalog.begin_sync())


def mirrored(catalog: Catalog, ids: Iterable[str]) -> None:
    """Let the catalog hold these files from a sync that ended just now."""
    assert synced(Listed([*ids]), catalog, force=True)[0].whole
