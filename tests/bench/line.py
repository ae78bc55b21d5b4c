"""What each action costs on the line, and how long its answer takes.

    python -m tests.bench.line [--files 10000] [--keys 300] [--idle 60] [--colours 256]

The program runs in a pty of 120×40 cells that knows synchronised output, with the detail pane and with a listing that
was kept. It prints the bytes that each action writes to the terminal until it is quiet again, opening and closing each
dialog, a mouse that crosses ten rows, and doing nothing; then the milliseconds from a key to the first and the last
byte of its answer. Beside each stands its bar.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.raw_pty import COLUMNS, PROGRAM, RawPty, environment
from tests.demo_server import running_demo

KEY_BAR, PAGE_BAR, MOUSE_BAR, DIALOG_BAR, IDLE_BAR, LATENCY_BAR = 1_500, 16_000, 1_000, 40_000, 500, 40.0
WALKED = 30
"""Rows of a page that the cursor walks along."""

DIALOGS = {
    "help": ("?", b"Keys"),
    "filter": ("f", b"Filter"),
    "sort": ("s", b"Sort"),
    "copy menu": ("y", b"Copy"),
    "upload": ("u", b"Upload"),
    "download": ("d", b"Download"),
    "delete": ("x", b"Delete"),
    "transfers": ("t", b"Transfers"),
    "storage": ("i", b"Storage"),
    "request log": ("l", b"Request log"),
    "detail": ("\r", b"as the server sent it"),
    "open by id": ("O", b"Open"),
    "preview": ("o", b" fetched"),
    "palette": (":", b"earch for commands"),
}
ESC = "\x1b"


def line(what: str, values: Sequence[float], bar: float, note: str = "") -> None:
    """One line of a table; what counts is the largest value."""
    most = max(values)
    verdict = "" if most <= bar else "  ✗"
    print(f"{what:<24}{statistics.median(values):>10,.0f}{most:>10,.0f}{bar:>10,.0f}{verdict}{note}", flush=True)


def crossing(column: int, first: int) -> str:
    """A mouse that moves from row to row."""
    return "".join(f"\x1b[<35;{column};{first + row}M" for row in range(10))


def walk(program: RawPty) -> None:
    """Cursor keys, page turns and the mouse on the main screen."""
    line("cursor key", [len(program.send("j").data) for _ in range(WALKED)], KEY_BAR)
    line("page turn", [len(program.send(key).data) for key in "nnnpgGpg"], PAGE_BAR)
    line("mark", [len(program.send(" ").data) for _ in range(6)], KEY_BAR)
    program.send(ESC)
    line("mouse across 10 rows", [len(program.send(crossing(20, 6)).data)], MOUSE_BAR)
    line("… across 10 fields", [len(program.send(crossing(COLUMNS - 10, 3)).data)], MOUSE_BAR)
    across = "".join(f"\x1b[<35;{column};{row}M" for row in (1, 2, 3, 39, 40) for column in (5, 25, 60))
    line("… along the lines", [len(program.send(across).data)], MOUSE_BAR)


def dialogs(program: RawPty) -> None:
    """Opening and closing each of them, and the mouse inside."""
    program.send("3")  # batch outputs, whose content is given out
    for name, (key, marker) in DIALOGS.items():
        opened = program.send(key).data
        if marker not in opened:
            raise SystemExit(f"{name} did not open: {opened[-400:]!r}")
        moved = max(len(program.send(crossing(column, first)).data) for column in (30, 60, 90) for first in (2, 12, 24))
        waited = program.idle(1.5)
        closed = program.send(ESC).data
        verdict = "  ✗" if moved + waited else ""
        note = f"   {len(opened):,} + {len(closed):,}, mouse {moved:,}, waiting {waited:,}{verdict}"
        line(name, [len(opened) + len(closed)], DIALOG_BAR, note)


def latency(program: RawPty, keys: int) -> None:
    """Milliseconds from a key to the first and the last byte of its own frame; the detail pane waits for rest."""
    for what, pair in (("cursor key", "jk"), ("page turn", "np"), ("purpose", "10")):
        answers = [program.send(pair[number % 2], quiet=0.07) for number in range(keys)]
        for end in ("first", "last"):
            times = sorted(getattr(answer, end) for answer in answers)
            p99 = times[min(keys - 1, keys * 99 // 100)]
            verdict = "" if p99 <= LATENCY_BAR else "  ✗"
            name = f"{what}, {end} byte"
            print(f"{name:<24}{statistics.median(times):>10.1f}{p99:>10.1f}{LATENCY_BAR:>10.0f}{verdict}", flush=True)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--idle", type=float, default=60.0)
    parser.add_argument("--colours", choices=("256", "truecolor"), default="truecolor")
    options = parser.parse_args()
    colours = {"COLORTERM": "truecolor"} if options.colours == "truecolor" else {}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo("--bulk", str(options.files)) as base_url,
    ):
        environ = environment(Path(folder), base_url, **colours)
        with RawPty([PROGRAM], environ) as first:
            first.wait_for(b"synced")
            first.send("q")
        with RawPty([PROGRAM], environ) as program:
            program.wait_for(b"synced")
            program.idle(1)
            print(f"{'bytes':<24}{'median':>10}{'most':>10}{'bar':>10}")
            line("start", [len(program.seen)], float("inf"))
            walk(program)
            dialogs(program)
            program.send(ESC)
            line(f"{options.idle:.0f} idle seconds", [program.idle(options.idle)], IDLE_BAR)
            print(f"\n{'ms':<24}{'p50':>10}{'p99':>10}{'bar':>10}")
            latency(program, options.keys)


if __name__ == "__main__":
    main()
