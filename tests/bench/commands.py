"""`files-tui list --json` beside the official client that lists the same files, whole process against whole process.

    python -m tests.bench.commands [--files 1000] [--runs 15]

They run in turn against one demo server, so that each round meets the same machine, and write to a pipe. It prints
seconds from start to end, processor seconds, and their ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.demo_server import running_demo

BAR = 0.5
OFFICIAL = "import openai; print(sum(1 for file in openai.OpenAI().files.list()))"
OURS, CLIENT, NOTHING = "files-tui list --json", "openai: files.list()", "python -c pass"


def took(command: list[str], environment: dict[str, str]) -> tuple[float, float, bytes]:
    """Seconds on the clock and on the processor of a whole process, and what it wrote."""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    after, ended = os.times(), time.perf_counter()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return ended - began, used, done.stdout


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, running_demo("--bulk", str(options.files)) as base_url:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "OPENAI_API_KEY": "sk-bench",
            "OPENAI_BASE_URL": base_url,
        }
        commands = {
            OURS: [str(Path(sys.executable).with_name("files-tui")), "list", "--json"],
            CLIENT: [sys.executable, "-c", OFFICIAL],
            NOTHING: [sys.executable, "-c", "pass"],
        }
        _, _, listed = took(commands[OURS], environment)
        _, _, counted = took(commands[CLIENT], environment)
        assert listed.count(b'"id":') == int(counted) == options.files, (listed.count(b'"id":'), counted)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(options.runs):
            for name, command in commands.items():
                times[name].append(took(command, environment)[:2])
    print(f"{'seconds, ' + str(options.files) + ' files':<24}{'min':>8}{'median':>8}{'max':>8}{'cpu, min':>10}")
    for name, taken in times.items():
        clock, used = zip(*taken, strict=True)
        print(f"{name:<24}{min(clock):>8.3f}{statistics.median(clock):>8.3f}{max(clock):>8.3f}{min(used):>10.3f}")
    ours, client = times[OURS], times[CLIENT]
    for index, word in enumerate(("clock", "cpu")):
        each = [mine[index] / theirs[index] for mine, theirs in zip(ours, client, strict=True)]
        middle = statistics.median(each)
        print(f"ratio of {word:<6} median of rounds {middle:.2f}, worst {max(each):.2f}   (bar: {BAR})")


if __name__ == "__main__":
    main()
