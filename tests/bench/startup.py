"""Time from start to first rows, beside that of the smallest Textual program with a table.

    python -m tests.bench.startup [--runs 15]

They run in turn in a pty of 120×40 cells, ours against the demo server, without anything kept and with the listing of
the last run, so that each round meets the same machine. It prints the milliseconds until the first rows have been
written to the terminal, and the ratios.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

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
SMALL = "smallest table"
LIMIT = 30.0


def first_rows(command: list[str], marker: bytes, environment: dict[str, str]) -> float:
    """Milliseconds until `marker` is written to the terminal by a fresh process."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    seen = b""
    try:
        while marker not in seen:
            if time.perf_counter() - began > LIMIT or not select.select([master], [], [], LIMIT)[0]:
                raise SystemExit(f"no rows within {LIMIT:.0f} s; the terminal got: {seen[-400:]!r}")
            seen += os.read(master, 65536)
        return (time.perf_counter() - began) * 1000
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(master)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder, running_demo() as base_url:
        smallest = Path(folder) / "smallest.py"
        smallest.write_text(SMALLEST)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "TERM": "xterm-256color",
            "OPENAI_API_KEY": "sk-bench",
            "OPENAI_BASE_URL": base_url,
        }
        ours = str(Path(sys.executable).with_name("files-tui"))
        programs = {
            SMALL: ([sys.executable, str(smallest)], b"row-0"),
            "files-tui --no-cache": ([ours, "--no-cache"], b"support-chats"),
            "files-tui": ([ours], b"support-chats"),
        }
        times: dict[str, list[float]] = {name: [] for name in programs}
        for number in range(runs + 1):
            for name, (command, marker) in programs.items():
                taken = first_rows(command, marker, environment)
                if number:  # the first pair fills the caches of the disk and of compiled modules
                    times[name].append(taken)
    print(f"{'ms to first rows':<22}{'min':>8}{'median':>8}{'max':>8}{'ratios':>14}   (bar: 1.5)")
    for name, taken_ms in times.items():
        low, middle = min(taken_ms), statistics.median(taken_ms)
        ratios = f"{middle / statistics.median(times[SMALL]):.2f}, {low / min(times[SMALL]):.2f}"
        print(f"{name:<22}{low:>8.0f}{middle:>8.0f}{max(taken_ms):>8.0f}{ratios:>14}")


if __name__ == "__main__":
    main()
