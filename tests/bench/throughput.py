"""Uploads and downloads beside `curl`, one file and four at once, plain and over TLS.

    python -m tests.bench.throughput [--mib 512] [--runs 5] [--folder FOLDER]

Each of our runs is a fresh process, which has moved a small file before it measures from the moment that its queue gets
the jobs to the end of the last; curl's time is its own `%{time_total}`. They run in turn, so that each round meets the
same machine, and the table shows medians. Files are kept in memory unless `--folder` says otherwise, since a disk would
be what limits both. `peak MiB` is by how much the transfers moved our process's peak memory.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from files_tui.api.client import FilesClient
from files_tui.settings import Account, Secret
from files_tui.transfers.jobs import Change, DownloadJob, Job, UploadJob
from files_tui.transfers.journal import Journal
from files_tui.transfers.queue import TransferQueue
from tests.bench import raw_server

KEY = "sk-bench-0123456789"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
LIMIT = 600.0

Direction = Literal["upload", "download"]

CASES: tuple[tuple[Direction, int], ...] = (("upload", 1), ("upload", 4), ("download", 1), ("download", 4))


def run_jobs(client: FilesClient, jobs: Sequence[Job], folder: Path) -> float:
    """Seconds until the program's queue has done the jobs, with its journal in a folder."""
    over = threading.Event()

    def heard(changes: list[Change]) -> None:
        if queue.active == 0:
            over.set()

    with contextlib.closing(Journal(folder / "journal.db")) as journal:
        queue = TransferQueue(client, journal, lambda name, size: (), heard)
        began = time.monotonic()
        queue.submit(jobs)
        if not over.wait(LIMIT):
            raise SystemExit(f"{queue.active} of {len(jobs)} jobs have not ended within {LIMIT:.0f} s")
        queue.close(remember=False)
    failed = [job for job in jobs if job.state != "done"]
    if failed:
        raise SystemExit(f"{len(failed)} of {len(jobs)} jobs have failed: {failed[0].message}")
    return max(job.ended or 0.0 for job in jobs) - began


def memory(what: str) -> float:
    """This process's memory in MiB, as Linux counts it; 0 elsewhere."""
    with contextlib.suppress(OSError):
        if found := re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text()):
            return int(found[1]) / 1024
    return 0.0


def measure_self(direction: Direction, base_url: str, mib: int, files: list[Path]) -> None:
    """Move the files at once and print the seconds and the MiB that it took, as JSON."""
    with (
        contextlib.closing(FilesClient(Account(base_url=base_url, key=Secret(KEY)))) as client,
        tempfile.TemporaryDirectory() as name,
    ):

        def jobs(content: str, files: list[Path]) -> list[Job]:
            if direction == "upload":
                return [UploadJob(local, "user_data") for local in files]
            remote = client.retrieve(content).value
            return [DownloadJob(remote, local) for local in files]

        folder = Path(name)
        small = folder / "small.bin"
        if direction == "upload":
            small.write_bytes(b"x")
        run_jobs(client, jobs("file-1", [small]), folder)
        measured = jobs(f"file-{mib}m", files)
        before = memory("VmRSS")
        seconds = run_jobs(client, measured, folder)
        print(json.dumps({"seconds": seconds, "grown": memory("VmHWM") - before}))


def ours(direction: Direction, base_url: str, mib: int, files: list[Path]) -> tuple[float, float]:
    """Seconds and MiB of a fresh process of ours."""
    child = [sys.executable, "-m", "tests.bench.throughput", "--mib", str(mib), "--once", direction, base_url]
    done = subprocess.run([*child, *map(str, files)], stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    return found["seconds"], found["grown"]


def curl(direction: Direction, base_url: str, mib: int, files: list[Path]) -> float:
    """Seconds of as many processes of curl as there are files."""
    common = ["curl", "-s", "-f", "-w", "%{stderr}%{time_total}", "-H", f"Authorization: Bearer {KEY}"]
    if "SSL_CERT_FILE" in os.environ:
        common += ["--cacert", os.environ["SSL_CERT_FILE"]]

    def command(local: Path) -> list[str]:
        if direction == "download":
            return [*common, "-o", str(local), f"{base_url}/files/file-{mib}m/content"]
        return [*common, "-o", os.devnull, "-F", f"file=@{local}", "-F", "purpose=user_data", f"{base_url}/files"]

    running = [subprocess.Popen(command(local), stderr=subprocess.PIPE, text=True) for local in files]
    ends = [process.communicate()[1] for process in running]
    assert not any(process.returncode for process in running), f"curl failed: {ends}"
    return max(map(float, ends))


@contextlib.contextmanager
def served(folder: Path, *, tls: bool) -> Iterator[str]:
    """The base URL of a server that all children trust."""
    if not tls:
        with raw_server.running() as base_url:
            yield base_url
        return
    certificate, key = raw_server.certificate(folder)
    os.environ["SSL_CERT_FILE"] = str(certificate)
    try:
        with raw_server.running("--tls", str(certificate), str(key)) as base_url:
            yield base_url
    finally:
        del os.environ["SSL_CERT_FILE"]


def compare(direction: Direction, count: int, base_url: str, mib: int, runs: int, folder: Path) -> str:
    """The numbers of one line of the table."""

    def once(way: Callable[[Direction, str, int, list[Path]], object]) -> None:
        if direction == "upload":
            files = [folder / "source.bin"] * count
        else:
            files = [folder / f"{number}.bin" for number in range(count)]
        found = way(direction, base_url, mib, files)
        if isinstance(found, tuple):
            seconds, grown = found
            times["ours"].append(seconds)
            peaks.append(grown)
        else:
            assert isinstance(found, float)
            times["curl"].append(found)
        if direction == "download":
            for file in files:
                assert file.stat().st_size == mib << 20, f"{file.stat().st_size} bytes came"
                file.unlink()

    times: dict[str, list[float]] = {"curl": [], "ours": []}
    peaks: list[float] = []
    for _ in range(runs):
        once(curl)
        once(ours)
    moved = count * (mib << 20) / 1e6
    theirs, own = (moved / statistics.median(times[who]) for who in ("curl", "ours"))
    return f"{theirs:>11.0f}{own:>16.0f}{own / theirs:>8.2f}{statistics.median(peaks):>10.1f}"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", default=raw_server.in_memory())
    parser.add_argument("--once", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        direction, base_url, *files = options.once
        measure_self(direction, base_url, options.mib, [Path(file) for file in files])
        return
    for name in PROXIES:
        os.environ.pop(name, None)
    print(f"{'':<24}{'curl MB/s':>11}{'files-tui MB/s':>16}{'ratio':>8}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        with (folder / "source.bin").open("wb") as file:
            for _ in range(options.mib):
                file.write(os.urandom(1 << 20))
        for tls in (False, True):
            with served(folder, tls=tls) as base_url:
                for direction, count in CASES:
                    case = f"{direction} {count}{' TLS' if tls else ''}"
                    numbers = compare(direction, count, base_url, options.mib, options.runs, folder)
                    print(f"{case:<24}{numbers}", flush=True)


if __name__ == "__main__":
    main()
