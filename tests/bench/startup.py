"""Time from start to first rows, beside the smallest Textual program with a table and beside the official client.

    python -m tests.bench.startup [--runs 15]

They run in turn in a pty of 120×40 cells, ours against the demo server, without anything kept and with the listing of
the last run, so that each round meets the same machine. It prints the milliseconds until the first rows have been
written to the terminal, the ratios of the medians and of the minima, and what memory the program has taken at its
peak with a thousand files.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.raw_pty import PROGRAM, RawPty, environment
from tests.demo_server import running_demo

SMALLEST = """
from textual.app import App
from textual.widgets import DataTable

class Smallest(App):
    def compose(self):
        yield DataTable(cursor_type="row")

    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("Status", "Size", "Created", "Expires", "Purpose", "Name")
        for number in range(35):
            table.add_row("ready", "12.4 MB", "2 h ago", "never", "fine-tune", f"row-{number}.jsonl")

Smallest().run()
"""
CLIENT = "from openai import OpenAI; [print(file.filename) for file in OpenAI().files.list()]"
SMALL, OFFICIAL, BLANK, KEPT = "smallest table", "official client", "files-tui --no-cache", "files-tui"
BARS = ((BLANK, SMALL, 1.5), (KEPT, SMALL, 1.25), (BLANK, OFFICIAL, 0.6), (KEPT, OFFICIAL, 0.6))
FILES, PEAK_BAR = 1_000, 60.0


def first_rows(command: Sequence[str], marker: bytes, environ: dict[str, str]) -> float:
    """Milliseconds until `marker` is written to the terminal by a fresh process."""
    with RawPty(command, environ) as program:
        return program.wait_for(marker)


def peak(environ: dict[str, str]) -> float:
    """The most memory, in MiB, of a program that has fetched all files and shown several pages of them."""
    with RawPty([PROGRAM, "--no-cache"], environ) as program:
        program.wait_for(b"synced")
        for key in "nnGg":
            program.send(key)
        return program.peak


def starts(folder: Path, base_url: str, runs: int) -> dict[str, list[float]]:
    """The milliseconds of each program in each run."""
    smallest = folder / "smallest.py"
    smallest.write_text(SMALLEST)
    environ = environment(folder, base_url)
    programs = {
        SMALL: ([sys.executable, str(smallest)], b"row-0"),
        OFFICIAL: ([sys.executable, "-c", CLIENT], b"support-chats"),
        BLANK: ([PROGRAM, "--no-cache"], b"support-chats"),
        KEPT: ([PROGRAM], b"support-chats"),
    }
    times: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(runs + 1):
        for name, (command, marker) in programs.items():
            taken = first_rows(command, marker, environ)
            if number:  # the first round fills the caches of the disk, of compiled modules and of the listing
                times[name].append(taken)
    return times


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder, running_demo() as base_url:
        times = starts(Path(folder), base_url, runs)
    print(f"{'ms to first rows':<22}{'min':>8}{'median':>8}{'max':>8}")
    for name, taken in times.items():
        print(f"{name:<22}{min(taken):>8.0f}{statistics.median(taken):>8.0f}{max(taken):>8.0f}")
    print(f"\n{'ratio':<40}{'minima':>8}{'medians':>8}{'bar':>8}")
    for ours, other, bar in BARS:
        low = min(times[ours]) / min(times[other])
        middle = statistics.median(times[ours]) / statistics.median(times[other])
        print(f"{ours + ' / ' + other:<40}{low:>8.2f}{middle:>8.2f}{bar:>8.2f}{'' if middle <= bar else '  ✗'}")
    with tempfile.TemporaryDirectory() as folder, running_demo("--bulk", str(FILES)) as base_url:
        most = peak(environment(Path(folder), base_url))
    verdict = "" if most <= PEAK_BAR else "  ✗"
    print(f"\npeak memory with {FILES:,} files: {most:.1f} MiB (bar: {PEAK_BAR:.0f}){verdict}")


if __name__ == "__main__":
    main()
