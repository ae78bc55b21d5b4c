"""What the screen feels of four transfers at once: key latency, memory, and bytes a redraw.

    python -m tests.bench.transfers [--mib 512] [--rounds 3]

The program runs in a pty against a server that is no bottleneck, driven by its keys. It prints the milliseconds from a
cursor key to the first byte that it wrote back, idle and while four files move, by how much each transfer moved the
process's peak memory, how long a cancel takes until the connections are closed and the temporary files gone, and what
a redraw of the progress costs while a slow server sends.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import raw_server
from tests.terminal import Terminal, browsing
from tests.wire import Received, Server, Step, page_answer, serving

FILES = 4
WATCHED = 6.0
SLOW_LENGTH = 600_000_000


def peak(terminal: Terminal) -> float:
    """The process's peak memory so far, in MiB."""
    status = Path(f"/proc/{terminal.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def key_times(terminal: Terminal, done: Callable[[int], bool]) -> list[float]:
    """Milliseconds from each cursor key to its answer, one key after the other, until so many are `done`."""
    times: list[float] = []
    keys = "jk"
    while not done(len(times)):
        mark = len(terminal.raw)
        pressed = time.perf_counter()
        terminal.send(keys[len(times) % 2])
        while len(terminal.raw) == mark:
            assert time.perf_counter() - pressed < 20, "a key was not answered"
            time.sleep(0.0005)
        times.append((time.perf_counter() - pressed) * 1000)
        time.sleep(0.02)
    return times


def report(what: str, times: list[float], grown: float | None = None) -> None:
    """One line of the table."""
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    memory = "" if grown is None else f"{grown:>+10.1f}"
    line = f"{what:<14}{len(times):>6}{statistics.median(times):>10.1f}{p99:>10.1f}{max(times):>10.1f}{memory}"
    print(line, flush=True)


def uploads(folder: Path, base_url: str, mib: int, rounds: int) -> None:
    """Uploads of so many MiB each, four at once."""
    sources = [folder / f"source-{number}.png" for number in range(FILES * rounds)]
    for source in sources:
        with source.open("wb") as file:
            file.truncate(mib << 20)  # zeros that no disk holds
    options = ("--upload", *map(str, sources))
    with browsing(folder, *options, columns=120, rows=40, OPENAI_BASE_URL=base_url) as terminal:
        terminal.wait_for(f"Upload {len(sources)} files")
        before = peak(terminal)
        terminal.keys("enter")
        terminal.wait_for("page 1 of")
        times = key_times(terminal, lambda _: "uploaded" in terminal.text)
        report("4 uploads", times, peak(terminal) - before)


def downloads(folder: Path, base_url: str, rounds: int) -> None:
    """Downloads of what is listed, four at once, so many times."""
    down = folder / "down"
    down.mkdir()
    options = ("--download-dir", str(down))
    with browsing(folder, *options, columns=120, rows=40, OPENAI_BASE_URL=base_url) as terminal:
        terminal.wait_for("page 1 of 1")
        report("idle", key_times(terminal, lambda count: count >= 100))
        terminal.send("a")
        terminal.wait_for(f"{FILES} marked")
        before = peak(terminal)
        times: list[float] = []
        for _ in range(rounds):
            terminal.wait_gone("saved in")
            terminal.send("d")
            terminal.wait_for(f"Download {FILES} files")
            terminal.keys("enter")
            terminal.wait_gone(f"Download {FILES} files")  # or the keys would be typed into it
            times += key_times(terminal, lambda _: "saved in" in terminal.text)
            for saved in down.iterdir():
                saved.unlink()
        report("4 downloads", times, peak(terminal) - before)


def slow(request: Received) -> Iterator[Step]:
    """Four files that come at some megabytes a second."""
    if "/content" in request.target:
        yield f"HTTP/1.1 200 OK\r\ncontent-length: {SLOW_LENGTH}\r\n\r\n".encode()
        while True:
            time.sleep(0.05)
            yield bytes(random.randrange(100_000, 800_000))
    else:
        common = {"object": "file", "bytes": SLOW_LENGTH, "purpose": "vision", "status": "processed"}
        names = [{"id": f"file-{number}", "filename": f"results-{number}.bin"} for number in range(FILES)]
        yield page_answer(*({**common, **name, "created_at": 1_700_000_000} for name in names))


def redraws(folder: Path, server: Server) -> None:
    """Bytes a redraw, on the main screen and in the panel, and the time that a cancel takes."""
    options = ("--download-dir", str(folder))
    with browsing(folder, *options, columns=120, rows=40, OPENAI_BASE_URL=server.base_url) as terminal:
        terminal.wait_for("results-3")
        terminal.send("a")
        terminal.wait_for("4 marked")
        terminal.send("d")
        terminal.wait_for("Download 4")
        terminal.keys("enter")
        terminal.wait_for("MB/s")
        print(f"\n{'':<14}{'a second':>10}{'bytes each':>12}{'bytes a second':>16}")
        _watch("line", terminal)
        terminal.send("t")
        terminal.wait_for("Transfers")
        _watch("panel", terminal)
        terminal.send("X")
        pressed = time.perf_counter()
        while list(folder.glob(".*.part")) or server.open_connections > 1:  # one is kept for the next listing
            time.sleep(0.001)
        print(f"\ncancel of four: {time.perf_counter() - pressed:.3f} s")
        terminal.wait_for("cancelled")
        terminal.send("q")
        terminal.send("q")


def _watch(what: str, terminal: Terminal) -> None:
    time.sleep(1)
    mark, began = len(terminal.raw), time.perf_counter()
    time.sleep(WATCHED)
    raw, seconds = bytes(terminal.raw[mark:]), time.perf_counter() - began
    frames = max(1, raw.count(b"\x1b[?2026h"))
    print(f"{what:<14}{frames / seconds:>10.1f}{len(raw) / frames:>12.0f}{len(raw) / seconds:>16.0f}", flush=True)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        os.environ.pop(name, None)
    print(f"{'':<14}{'keys':>6}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}{'peak MiB':>10}")
    with (
        raw_server.running("--files", str(FILES), "--file-mib", str(options.mib)) as base_url,
        tempfile.TemporaryDirectory(dir=raw_server.in_memory()) as one,
        tempfile.TemporaryDirectory(dir=raw_server.in_memory()) as other,
    ):
        uploads(Path(one), base_url, options.mib, options.rounds)
        downloads(Path(other), base_url, options.rounds)
    with tempfile.TemporaryDirectory() as name, serving(slow) as server:
        redraws(Path(name), server)


if __name__ == "__main__":
    main()
