"""One way of fetching a listing, in a process of its own; prints its figures as JSON.

    python -m tests.bench.sync_once pages|sync|screen BASE_URL

`pages` fetches all pages one after the other and reads each by `json.loads`, `sync` mirrors them into a catalog, and
`screen` does so with the program drawn beside it. Figures are seconds, but for `pause` in milliseconds (the longest for
which the screen's loop did not run) and `peak` in MiB.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from files_tui.api.client import FilesClient
from files_tui.catalog.catalog import temporary_catalog
from files_tui.catalog.sync import Sync
from files_tui.cli import prepare
from files_tui.settings import Account, Secret, Settings
from files_tui.ui.app import FilesApp

PAGE = 10_000
BEAT = 0.002
CALM = 3.0

Figures = dict[str, float]


def peak() -> float:
    """This process's peak memory in MiB."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def pages(base_url: str) -> Figures:
    """All pages one after the other."""
    with httpx.Client(timeout=60) as client:
        began = time.perf_counter()
        cursor: dict[str, str] = {}
        while True:
            answer = client.get(f"{base_url}/files", params={"limit": PAGE, **cursor})
            page = json.loads(answer.content)
            if not page["has_more"]:
                return {"pages": time.perf_counter() - began}
            cursor = {"after": page["data"][-1]["id"]}


def sync(base_url: str) -> Figures:
    """The listing mirrored: the catalog whole, then sure that it is, then quick at everything."""
    figures: Figures = {}
    with temporary_catalog() as catalog, contextlib.closing(FilesClient(_account(base_url))) as client:
        began = time.perf_counter()

        def note(what: str) -> None:
            figures[what] = time.perf_counter() - began

        Sync(client, catalog, on_whole=lambda _: note("whole")).run()
        note("sure")
        while catalog.settle():
            pass
        note("settled")
    return figures


def screen(base_url: str) -> Figures:
    """The program on the listing, until it has been calm for a while after its sync."""
    return asyncio.run(_screen(base_url))


async def _screen(base_url: str) -> Figures:
    account = _account(base_url)
    app = FilesApp(Settings(account=account, cache=False), lambda: account)
    async with app.run_test(size=(120, 40)):
        longest = 0.0
        last = time.perf_counter()
        calm_since: float | None = None
        while calm_since is None or last - calm_since < CALM:
            await asyncio.sleep(BEAT)
            now = time.perf_counter()
            if app.browse.shown.files:  # from the first rows on
                longest = max(longest, now - last - BEAT)
            last = now
            if calm_since is None and app.browse.standing.is_known:
                calm_since = now
        return {"pause": longest * 1000, "peak": peak()}


def _account(base_url: str) -> Account:
    return Account(base_url=base_url, key=Secret("sk-bench"))


WAYS: dict[str, Callable[[str], Figures]] = {"pages": pages, "sync": sync, "screen": screen}

if __name__ == "__main__":
    prepare()
    sys.stdout.write(json.dumps(WAYS[sys.argv[1]](sys.argv[2])))
