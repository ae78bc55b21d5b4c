"""Files to fill a new store with: a believable project, the same at each start but for its dates."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from files_tui.demo.rules import BATCH_LIFETIME, missing_messages
from files_tui.demo.sample_content import Author
from files_tui.demo.sample_usage import use_samples
from files_tui.demo.store import ALPHABET, Store, StoredFile

SEED = 20
MINUTE, HOUR, DAY = 60, 3600, 86400
KB = 1000
BULK_BLOBS = 16

Maker = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Sample:
    """One file to come."""

    age: float
    """Seconds since it was uploaded."""
    filename: str
    purpose: str
    make: Maker
    size: int
    """Bytes wanted; what comes is about as much."""
    expires_in: float | None = None
    """Seconds from now; None: never."""
    busy: bool = False
    problem: str = ""


def fill_with_samples(store: Store) -> None:
    """Puts the sample files into an empty store, and what uses them."""
    random = Random(SEED)
    now = int(time.time())
    files = []
    for sample in _samples(Author(random), random, now):
        with store.incoming() as path:
            content = sample.make(sample.size)
            path.write_bytes(content)
            blob = store.keep(path)
        created = now - int(sample.age)
        files.append(
            StoredFile(
                id=_identifier(random),
                filename=sample.filename,
                purpose=sample.purpose,
                bytes=len(content),
                created_at=created,
                expires_at=None if sample.expires_in is None else now + int(sample.expires_in),
                ready_at=None if sample.busy else created,
                problem=sample.problem,
                blob=blob,
            )
        )
    store.add(files)
    use_samples(store, files)


def fill_in_bulk(store: Store, count: int) -> None:
    """Puts `count` small files into an empty store, several of them in the same second."""
    random = Random(SEED)
    now = int(time.time())
    kinds = [
        ("fine-tune", "train-{:06}.jsonl"),
        ("batch", "requests-{:06}.jsonl"),
        ("batch_output", "batch-{:06}_output.jsonl"),
        ("user_data", "note-{:06}.txt"),
        ("vision", "frame-{:06}.png"),
        ("fine-tune-results", "step_metrics.csv"),
        ("assistants", "page-{:06}.md"),
        ("evals", "eval-{:06}.jsonl"),
    ]
    blobs = []
    for number in range(BULK_BLOBS):
        with store.incoming() as path:
            path.write_bytes(b'{"messages": [{"role": "user", "content": "hello"}]}\n' * (1 + number**3))
            blobs.append((path.stat().st_size, store.keep(path)))

    def rows() -> Iterator[StoredFile]:
        for number in range(count):
            purpose, pattern = kinds[number % len(kinds)]
            size, blob = blobs[number % BULK_BLOBS]
            created = now - HOUR - number // 5 * 90
            expires = now + BATCH_LIFETIME if purpose == "batch" else None
            name = pattern.format(count - number)
            yield StoredFile(_identifier(random), name, purpose, size, created, expires, created, "", blob)

    with store.transaction():
        store.add(rows())


def _identifier(random: Random) -> str:
    return "file-" + "".join(random.choices(ALPHABET, k=22))


def _samples(author: Author, random: Random, now: int) -> Iterator[Sample]:
    yield from _recent(author, random, now)
    yield from _odd(author)
    yield from _fine_tuning(author, random, now)
    yield from _batches(author, random)
    yield from _documents(author, random, now)
    yield from _pictures(author, random)


def _recent(author: Author, random: Random, now: int) -> Iterator[Sample]:
    """The top of the list: each purpose, each status, all sizes."""
    month = _date(now, 0, "%Y-%m")
    today = _date(now, 0, "%Y-%m-%d")
    batch = _batch(random)
    yield Sample(2 * MINUTE, f"support-chats-{month}.jsonl", "fine-tune", author.chats, 2400 * KB, busy=True)
    yield Sample(
        5 * MINUTE,
        "nightly-classification-requests.jsonl",
        "batch",
        author.batch_requests,
        640 * KB,
        BATCH_LIFETIME - 5 * MINUTE,
        busy=True,
    )
    yield Sample(9 * MINUTE, f"{batch}_output.jsonl", "batch_output", author.batch_answers, 412 * KB, 29 * DAY)
    yield Sample(9 * MINUTE, f"{batch}_error.jsonl", "batch_output", author.batch_errors, 5 * KB, 29 * DAY)
    yield Sample(18 * MINUTE, "support-handbook.pdf", "assistants", author.pdf, 184 * KB)
    yield Sample(24 * MINUTE, "invoice-scan-0412.png", "vision", author.scan, 1150 * KB, 3 * HOUR)
    yield Sample(
        31 * MINUTE,
        "support-chats-unreviewed.jsonl",
        "fine-tune",
        author.broken_chats,
        96 * KB,
        problem=missing_messages(1),
    )
    yield Sample(43 * MINUTE, "refund-policy.md", "user_data", author.markdown, 12 * KB, 47 * MINUTE)
    yield Sample(58 * MINUTE, "step_metrics.csv", "fine-tune-results", author.metrics, 21 * KB)
    yield Sample(1.4 * HOUR, "refusal-rubric-v3.jsonl", "evals", author.evals, 38 * KB)
    yield Sample(2.1 * HOUR, "weekly-tickets-chart.png", "assistants_output", author.chart, 0)
    yield Sample(2.6 * HOUR, "会议纪要-第三季度.md", "assistants_output", author.markdown, 7 * KB)
    yield Sample(3.2 * HOUR, "tool-calling-dpo-pairs.jsonl", "fine-tune", author.preferences, 730 * KB)
    yield Sample(4.0 * HOUR, f"orders-{today}.csv", "assistants", author.table, 260 * KB, 2 * DAY)
    yield Sample(5.5 * HOUR, "release-notes 🚀.md", "user_data", author.markdown, 4 * KB, 6 * DAY)
    yield Sample(6.0 * HOUR, "report[1](final).jsonl", "evals", author.evals, 9 * KB)
    yield Sample(7.5 * HOUR, "damaged-parcel-0117.png", "vision", author.photo, 340 * KB)
    yield Sample(
        9 * HOUR,
        "embeddings-backfill-requests.jsonl",
        "batch",
        author.batch_requests,
        900 * KB,
        BATCH_LIFETIME - 9 * HOUR,
    )
    yield Sample(11 * HOUR, "grade_answers.py", "assistants_output", author.code, 1300)
    yield Sample(13 * HOUR, "median-resolution-time.sql", "user_data", author.sql, 400)
    yield Sample(15 * HOUR, "step_metrics.csv", "fine-tune-results", author.wrapped_metrics, 64 * KB)
    yield Sample(17 * HOUR, "gateway.log", "user_data", author.log, 890 * KB, 7 * HOUR)
    yield Sample(19 * HOUR, "tools.json", "assistants", author.json, 3 * KB)
    yield Sample(22 * HOUR, "売上レポート_2026年10月.csv", "assistants_output", author.table, 45 * KB)


def _odd(author: Author) -> Iterator[Sample]:
    """Names and sizes that a careless program stumbles over."""
    long_name = "transcript-of-the-quarterly-review-with-" + "-and-".join(
        ["finance", "legal", "support", "platform", "design", "research", "security", "sales", "people"] * 2
    )
    names = [
        ("[/x].txt", "user_data"),
        ("[bold]not markup[/bold].md", "user_data"),
        (f"{long_name}.txt", "assistants"),
        ("第" + "四季度客户支持对话质量评估报告" * 8 + ".txt", "user_data"),
        ("👩‍💻-onboarding-faq.txt", "assistants"),
        ("👨‍👩‍👧‍👦 family plan 🏳️‍🌈.txt", "user_data"),
        ("تقرير-المبيعات-الربع-الثالث.txt", "user_data"),
        ("invoice\u202efdp.txt", "user_data"),
        ("\x1b[31mred alert\x1b[0m\x07.txt", "user_data"),
        ("two\nlines\tand a tab.txt", "user_data"),
        ("Cafe\u0301 Zoe\u0308.txt", "assistants"),
        ("  leading spaces.txt", "user_data"),
        ('back\\slash and "quotes" and 100%.txt', "user_data"),
        ("..txt", "user_data"),
    ]
    for number, (name, purpose) in enumerate(names):
        yield Sample((1.2 + number * 0.9) * DAY, name, purpose, author.text, 200 + 370 * number)
    yield Sample(1.5 * DAY, "Makefile", "user_data", lambda _: b"\n", 1)
    yield Sample(2.5 * DAY, "pixel.png", "vision", author.photo, 8)


def _fine_tuning(author: Author, random: Random, now: int) -> Iterator[Sample]:
    """A data set and its validation part for each month, and what the jobs measured."""
    for months in range(1, 24):
        age = months * 30.4 * DAY + random.randint(0, DAY)
        month = _date(now, age, "%Y-%m")
        size = random.choice([40, 60, 90, 130, 180]) * KB
        yield Sample(age, f"support-chats-{month}.jsonl", "fine-tune", author.chats, size)
        yield Sample(age, f"support-chats-{month}-validation.jsonl", "fine-tune", author.chats, size // 8)
        steps = random.randint(2, 12) * KB
        yield Sample(age - 3 * HOUR, "step_metrics.csv", "fine-tune-results", author.metrics, steps)
    for number in range(1, 7):
        age = number * 71.0 * DAY
        name = f"tone-preferences-v{7 - number}.jsonl"
        yield Sample(age, name, "fine-tune", author.preferences, random.randint(20, 90) * KB)
    for number in range(1, 5):
        age = number * 44.0 * DAY
        yield Sample(
            age,
            f"chats-export-{_date(now, age, '%Y%m%d')}.jsonl",
            "fine-tune",
            author.broken_chats,
            14 * KB,
            problem=missing_messages(1),
        )


def _batches(author: Author, random: Random) -> Iterator[Sample]:
    """Requests, which live for 30 days, and the answers, some of which were made to stay."""
    jobs = ["ticket-labels", "summaries", "translations", "embeddings", "moderation"]
    for number in range(28):
        age = number * 4.1 * DAY + 1.3 * DAY
        batch = _batch(random)
        size = random.choice([9, 18, 40, 75]) * KB
        if age < BATCH_LIFETIME:
            name = f"{jobs[number % 5]}-requests-{28 - number:03}.jsonl"
            left = BATCH_LIFETIME - age
            yield Sample(age + HOUR, name, "batch", author.batch_requests, size, left - HOUR)
        kept = None if number % 3 else 29.0 * DAY
        yield Sample(age, f"{batch}_output.jsonl", "batch_output", author.batch_answers, size, kept)
        if number % 4 == 0:
            yield Sample(age, f"{batch}_error.jsonl", "batch_output", author.batch_errors, 3 * KB)


def _documents(author: Author, random: Random, now: int) -> Iterator[Sample]:
    """What assistants look things up in, what users sent, and what evals compare with."""
    makers: dict[str, Maker] = {"md": author.markdown, "pdf": author.pdf, "txt": author.text}
    topics = ["billing", "sso", "webhooks", "exports", "limits", "security", "mobile-app", "migration", "sla"]
    for number in range(36):
        extension = random.choice(list(makers))
        topic = topics[number % len(topics)]
        name = f"{topic}-guide-{1 + number // len(topics)}.{extension}"
        age = random.uniform(3, 700) * DAY
        yield Sample(age, name, "assistants", makers[extension], random.randint(2, 40) * KB)
    for number in range(20):
        age = random.uniform(2, 400) * DAY
        name = f"gateway-{_date(now, age, '%Y-%m-%d')}.log"
        left = random.uniform(1, 28) * DAY if number % 4 == 0 else None
        yield Sample(age, name, "user_data", author.log, random.randint(5, 60) * KB, left)
    for number, suite in enumerate(["refusals", "tone", "tool-choice", "languages"] * 3):
        name = f"eval-{suite}-{1 + number // 4}.jsonl"
        yield Sample(random.uniform(5, 500) * DAY, name, "evals", author.evals, random.randint(3, 25) * KB)


def _pictures(author: Author, random: Random) -> Iterator[Sample]:
    for number in range(14):
        name = f"tickets-by-{random.choice(['week', 'team', 'plan', 'country'])}-{number:02}.png"
        yield Sample(random.uniform(2, 500) * DAY, name, "assistants_output", author.chart, 0)
    for _ in range(16):
        name = f"IMG_{random.randint(1000, 9999)}.png"
        yield Sample(random.uniform(2, 600) * DAY, name, "vision", author.photo, random.randint(3, 60) * KB)


def _batch(random: Random) -> str:
    return f"batch_{random.getrandbits(96):024x}"


def _date(now: int, age: float, pattern: str) -> str:
    return datetime.fromtimestamp(now - age, UTC).strftime(pattern)
