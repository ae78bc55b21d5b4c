"""Many deletes through the queue, beside the least that the server's latency makes of them.

    python -m tests.bench.deletes [--files 2000] [--latency 20] [--runs 3]

The server is one that takes `--latency` milliseconds for each delete, and the queue does eight at once. It prints the
seconds from handing the jobs over to the end of the last one, their ratio to the ideal, and the processor's seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
import time
from pathlib import Path

from files_tui.api.client import FilesClient
from files_tui.settings import Account, Secret
from files_tui.transfers.jobs import DeleteJob
from files_tui.transfers.queue import DELETES
from tests.bench import raw_server
from tests.bench.throughput import run_jobs


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000, help="at most 10,000")
    parser.add_argument("--latency", type=float, default=20.0, metavar="MS")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    ideal = options.files * options.latency / 1000 / DELETES
    ratios = []
    print(f"{options.files:,} deletes of {options.latency:.0f} ms, {DELETES} at once: {ideal:.2f} s at best")
    print(f"{'run':>3}{'seconds':>10}{'ratio':>8}{'CPU s':>8}")
    for run in range(1, options.runs + 1):
        arguments = ("--files", str(options.files), "--latency", str(options.latency))
        with tempfile.TemporaryDirectory() as folder, raw_server.running(*arguments) as base_url:
            account = Account(base_url=base_url, key=Secret("sk-bench-0123456789"))
            with contextlib.closing(FilesClient(account)) as client:
                files = client.list_page(limit=options.files).value.files
                used = time.process_time()
                seconds = run_jobs(client, [DeleteJob(file) for file in files], Path(folder))
                processor = time.process_time() - used
        ratios.append(seconds / ideal)
        print(f"{run:>3}{seconds:>10.2f}{ratios[-1]:>8.2f}{processor:>8.2f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
