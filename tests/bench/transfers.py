"""Memory and key latency while 512 MiB go up and come down again.

    python -m tests.bench.transfers [--mib 512]

The program runs in a pty against the demo server, driven by its keys. It prints by how much each transfer moved the
process's peak memory, and the milliseconds from a cursor key to the first byte that it wrote back.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import tempfile
import time
from pathlib import Path

from tests.demo_server import running_demo
from tests.terminal import Terminal, browsing

NAME = "bench.png"  # a name for which the dialog proposes `vision`, whose content can be fetched again


def peak(terminal: Terminal) -> float:
    """The process's peak memory so far, in MiB."""
    status = Path(f"/proc/{terminal.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def key_times(terminal: Terminal, until: str) -> list[float]:
    """Milliseconds from each cursor key to its answer, one key after the other until the screen shows a text."""
    times: list[float] = []
    keys = "jk"
    while until not in terminal.text:
        mark = len(terminal.raw)
        pressed = time.perf_counter()
        terminal.send(keys[len(times) % 2])
        while len(terminal.raw) == mark:
            assert time.perf_counter() - pressed < 20, "a key was not answered"
            time.sleep(0.0005)
        times.append((time.perf_counter() - pressed) * 1000)
        time.sleep(0.02)
    return times


def report(what: str, times: list[float], grown: float | None) -> None:
    """One line of the table."""
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    memory = "" if grown is None else f"{grown:>+10.1f}"
    print(f"{what:<10}{len(times):>6}{statistics.median(times):>10.1f}{p99:>10.1f}{max(times):>10.1f}{memory}")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=512)
    size = parser.parse_args().mib << 20
    with tempfile.TemporaryDirectory() as name, running_demo() as base_url:
        folder = Path(name)
        (folder / "up").mkdir()
        (folder / "down").mkdir()
        source = folder / "up" / NAME
        with source.open("wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(1 << 20))
        arguments = ("--upload", str(source), "--download-dir", str(folder / "down"))
        with browsing(folder, *arguments, columns=120, rows=40, OPENAI_BASE_URL=base_url) as terminal:
            terminal.wait_for("Upload 1 file")
            print(f"{'':<10}{'keys':>6}{'p50 ms':>10}{'p99 ms':>10}{'max ms':>10}{'peak MiB':>10}")
            before = peak(terminal)
            terminal.keys("enter")
            times = key_times(terminal, "Uploaded")
            report("upload", times, peak(terminal) - before)
            terminal.wait_for(NAME)
            terminal.send("k" * 40)
            terminal.send("d")
            terminal.wait_for(f"Download {NAME}")
            before = peak(terminal)
            terminal.keys("enter")
            times = key_times(terminal, "Saved")
            report("download", times, peak(terminal) - before)
            assert (folder / "down" / NAME).read_bytes() == source.read_bytes(), "what came back is another file"


if __name__ == "__main__":
    main()
