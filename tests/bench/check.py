"""The check of a full batch file beside `json.loads` line by line over the same file.

    python -m tests.bench.check [--rounds 5]

The file holds 50,000 requests in 200 MB: chats with escapes and other alphabets, as `json.dumps` writes them by itself
(`\\uXXXX`) and with `ensure_ascii=False` (UTF-8). In each round a fresh process reads it for each way, one after the
other. It prints processor seconds, minima of all rounds, and by how many MiB a process has grown at its peak: `check`
alone over what it held when its room was imported, and the whole command over a Python that does nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

REQUESTS, LARGEST = 50_000, 200_000_000
SPEED_BAR, RATIO_BAR, MEMORY_BAR = 150.0, 0.6, 40.0

WORDS = (
    *("please", "summarise", "what", "our", "customers", "ask", "about", "refunds", "invoices", "late", "deliveries"),
    *("and", "the", "new", "account", "page", "in", "one", "sentence", "each", "with", "a", "reason"),
)
ODD = (
    "お支払い方法の変更",
    "Umzug in die EU-Region — zwanzig Minuten",
    "naïve café",
    "🙂",
    '"quoted"',
    "a\n\n- b",
    "C:\\logs",
)

TAKES = """
import json, resource, sys, time
from pathlib import Path
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
path, way = Path(sys.argv[1]), sys.argv[2]
if way == "check":
    from files_tui.preflight import check
before, began = peak(), time.process_time()
if way == "check":
    report = check(path, "batch")
    assert (report.counted, report.errors, report.warnings) == (50_000, 0, 0), report
else:
    with path.open("rb") as file:
        for line in file:
            json.loads(line)
print(json.dumps([time.process_time() - began, peak() - before]))
"""
PEAK = """
import resource, runpy, sys
sys.argv = sys.argv[1:]
try:
    if sys.argv:
        from files_tui.cli import main
        code = main(sys.argv)
        assert code == 0, code
finally:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(most, file=sys.stderr)
"""


def prose(draw: random.Random, length: int) -> str:
    """A text of about so many characters, with something to escape in it."""
    words = []
    while length > 0:
        words.append(draw.choice(ODD) if draw.random() < 0.06 else draw.choice(WORDS))
        length -= len(words[-1]) + 1
    return " ".join(words)


def requests(scale: float, count: int, *, ascii_only: bool) -> Iterator[bytes]:
    """So many lines; the texts of each hold about `scale` times 3,000 characters."""
    draw = random.Random(7)
    texts = [prose(draw, int(draw.randint(500, 1000) * scale)) for _ in range(400)]
    for number in range(count):
        system, user, answer, more = texts[number % 5], *draw.sample(texts[5:], 3)
        messages = [
            {"role": "system", "content": system},
            {"role": "user", "content": user},
            {"role": "assistant", "content": answer},
            {"role": "user", "content": f"{number}: {more}"},
        ]
        body = {"model": "gpt-4.1-mini", "messages": messages, "temperature": 0.2, "max_tokens": 400}
        request = {"custom_id": f"request-{number:06}", "method": "POST", "url": "/v1/chat/completions", "body": body}
        yield json.dumps(request, ensure_ascii=ascii_only).encode() + b"\n"


def write(path: Path, *, ascii_only: bool) -> None:
    """Write a file of 50,000 requests and a little less than 200 MB."""
    some = sum(map(len, requests(1, 2000, ascii_only=ascii_only))) / 2000
    with path.open("wb") as file:
        file.writelines(requests(0.99 * LARGEST / REQUESTS / some, REQUESTS, ascii_only=ascii_only))
    assert 0.95 * LARGEST < path.stat().st_size <= LARGEST, path.stat().st_size


def took(path: Path, way: str) -> tuple[float, float]:
    """Processor seconds of one way, and by how many MiB its process has grown."""
    done = subprocess.run([sys.executable, "-c", TAKES, str(path), way], stdout=subprocess.PIPE, check=True)
    seconds, grown = json.loads(done.stdout)
    return seconds, grown


def peak(*words: str) -> float:
    """The most memory, in MiB, of a command in a process of its own; without words, of a Python that does nothing."""
    done = subprocess.run([sys.executable, "-c", PEAK, *words], capture_output=True, check=True, text=True)
    return float(done.stderr.split()[-1])


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"{'50,000 requests':<26}{'check s':>9}{'json s':>9}{'MB/s':>7}{'ratio':>7}{'room MiB':>10}{'all MiB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for name, ascii_only in (("json.dumps as it is", True), ("ensure_ascii=False", False)):
            path = Path(folder) / "requests.jsonl"
            write(path, ascii_only=ascii_only)
            size = path.stat().st_size
            taken = [(took(path, "check"), took(path, "json")) for _ in range(rounds)]
            ours, theirs = (min(each[index][0] for each in taken) for index in (0, 1))
            grown = max(each[0][1] for each in taken)
            whole = peak("check", "--purpose", "batch", str(path)) - peak()
            print(
                f"{name:<26}{ours:>9.3f}{theirs:>9.3f}{size / ours / 1e6:>7.0f}{ours / theirs:>7.2f}"
                f"{grown:>10.1f}{whole:>9.1f}"
            )
            path.unlink()
    print(f"{'bars':<44}{SPEED_BAR:>7.0f}{RATIO_BAR:>7.2f}{MEMORY_BAR:>10.0f}{MEMORY_BAR:>9.0f}")


if __name__ == "__main__":
    main()
