"""How long until it is told that a server stopped answering, and whether keys still do something meanwhile.

    python -m tests.bench.silence

Each way to fall silent is tried at once, in a pty of its own, against the real time limits. It prints the seconds until
the screen first says that there is no answer, until it says that it has given up, and the longest time from a key to
its answer in between.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.terminal import browsing
from tests.wire import Received, Reply, Step, answer, page_answer, serving

FILE = {"id": "file-1", "object": "file", "bytes": 1000, "filename": "big.bin", "purpose": "evals", "created_at": 1}
LONGEST = 150.0
WHOLE = page_answer(FILE)

Handler = Callable[[Received], Reply]


def _drip(_: Received) -> Iterator[Step]:
    never = threading.Event()
    for byte in answer(200, b"[" + b" " * 1000):
        yield bytes([byte])
        never.wait(3.0)


WAYS: dict[str, Handler] = {
    "before the answer": lambda _: [threading.Event()],
    "after half of its head": lambda _: [WHOLE[:20], threading.Event()],
    "after half of its body": lambda _: [WHOLE[:-20], threading.Event()],
    "byte by byte, for ever": _drip,
}


def _measured(name: str) -> tuple[float, float, float]:
    with (
        serving(WAYS[name]) as server,
        tempfile.TemporaryDirectory() as folder,
        browsing(Path(folder), OPENAI_BASE_URL=server.base_url, columns=100) as terminal,
    ):
        began = time.monotonic()
        terminal.wait_for("no answer for", timeout=LONGEST)
        first = time.monotonic() - began
        slowest = 0.0
        while "r tries again" not in terminal.text:
            if time.monotonic() - began > LONGEST:
                return first, float("inf"), slowest
            pressed = time.monotonic()
            terminal.keys("?")
            terminal.wait_for("esc closes")
            slowest = max(slowest, time.monotonic() - pressed)
            terminal.keys("esc")
            terminal.wait_gone("esc closes")
            time.sleep(0.5)
        return first, time.monotonic() - began, slowest


def main() -> None:
    """Measure, and print the table."""
    print(f"load {os.getloadavg()[0]:.1f}")
    print(f"{'silent':<24}{'said after s':>14}{'given up after s':>18}{'slowest key ms':>16}")
    with ThreadPoolExecutor(len(WAYS)) as pool:
        for name, (first, last, slowest) in zip(WAYS, pool.map(_measured, WAYS), strict=True):
            print(f"{name:<24}{first:>14.1f}{last:>18.1f}{slowest * 1000:>16.0f}", flush=True)


if __name__ == "__main__":
    main()
