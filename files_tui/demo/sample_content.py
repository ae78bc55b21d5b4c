"""What is inside the sample files: real formats, made from a seed and made fast."""

import base64
import json
import math
from functools import cached_property
from random import Random
from typing import Any

from files_tui.demo import sample_pictures
from files_tui.demo.sample_texts import HANDBOOK, PYTHON, SENTENCES, SQL, SUBJECTS, TOOLS


def as_line(value: dict[str, Any]) -> bytes:
    """One line of JSONL, without its end."""
    return json.dumps(value, ensure_ascii=False).encode()


class Author:
    """Writes contents of about the size asked for; the same seed writes the same."""

    def __init__(self, random: Random) -> None:
        """Draws everything from `random`."""
        self._random = random

    def chats(self, size: int) -> bytes:
        """Chat examples for fine-tuning."""
        return self._lines(self._chats, size)

    def preferences(self, size: int) -> bytes:
        """Pairs of answers for preference tuning."""
        return self._lines(self._preferences, size)

    def broken_chats(self, size: int) -> bytes:
        """Lines that look like chats and lack the key `messages`."""
        return b'{"conversation": [{"role": "user", "content": "hello"}]}\n' + self._lines(self._chats, size)

    def evals(self, size: int) -> bytes:
        """Items with an input and an ideal answer."""
        return self._lines(self._evals, size)

    def batch_requests(self, size: int) -> bytes:
        """Requests for the Batch API (API reference, The request input object)."""
        bodies = self._random.choices(self._requests, k=max(size // 420, 1))
        return b"".join(b'{"custom_id": "req-%06d", %s\n' % pair for pair in enumerate(bodies))

    def batch_answers(self, size: int) -> bytes:
        """Answers to `batch_requests` of the same size, a few of them refused."""
        return self._batch_lines(range(max(size // 420, 1)), 0.04)

    def _batch_lines(self, numbers: range, refused: float) -> bytes:
        lines = []
        for number in numbers:
            pool = self._failures if self._random.random() < refused else self._answers
            token = b"%032x" % self._random.getrandbits(128)
            body = self._random.choice(pool)
            lines.append(b'{"id": "batch_req_%s", "custom_id": "req-%06d", %s\n' % (token, number, body))
        return b"".join(lines)

    def batch_errors(self, size: int) -> bytes:
        """The error file of a batch: refused requests only."""
        return self._batch_lines(range(0, max(size // 320, 1) * 17, 17), 1.0)

    def metrics(self, size: int) -> bytes:
        """The results of a fine-tuning job: losses that fall, that of the validation not to the end."""
        rows = ["step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n"]
        steps = max(size // 36, 10)
        noise = self._random.gauss
        for step in range(1, steps + 1):
            loss = 0.42 + 1.9 * math.exp(-5 * step / steps) + noise(0, 0.04)
            row = f"{step},{loss:.5f},{min(0.99, 1 - loss / 3.2):.5f}"
            check = loss + 0.05 + 0.4 * (step / steps) ** 3 + noise(0, 0.02)  # from some step on it is overfitted
            rows.append(f"{row},{check:.5f},{1 - check / 3.1:.5f}\n" if step % 10 == 0 else f"{row},,\n")
        return "".join(rows).encode()

    def wrapped_metrics(self, size: int) -> bytes:
        """The same as base64, as some servers deliver it."""
        return base64.b64encode(self.metrics(size))

    def table(self, size: int) -> bytes:
        """A CSV of orders."""
        rows = ["order_id,placed_at,country,plan,amount_usd,note\n"]
        pick, number = self._random.choice, self._random.randint
        for order in range(max(size // 62, 3)):
            day = f"2026-{1 + order // 28 % 12:02}-{1 + order % 28:02}"
            rows.append(
                f"A-{100000 + order},{day}T{order % 24:02}:15:00Z,{pick(['DE', 'JP', 'US', 'BR', 'IN'])},"
                f'{pick(["free", "team", "business"])},{number(900, 99900) / 100:.2f},"{pick(SUBJECTS)[0]}"\n'
            )
        return "".join(rows).encode()

    def markdown(self, size: int) -> bytes:
        """Prose with headings, lists, a table, code and a link."""
        parts = [HANDBOOK]
        length = 0
        while length < size:
            subject, answer = self._random.choice(SUBJECTS)
            text = " ".join(self._random.sample(SENTENCES, 3))
            parts.append(f"## When it is about: {subject}\n\n{text}\n\n- [ ] {answer}\n- [x] Write it down.\n\n")
            length += len(parts[-1])
        return "".join(parts).encode()

    def text(self, size: int) -> bytes:
        """Plain lines."""
        return ("\n".join(self._random.choices(SENTENCES, k=max(size // 70, 1))) + "\n").encode()

    def log(self, size: int) -> bytes:
        """A log with the odd warning."""
        lines = []
        for number in range(max(size // 80, 1)):
            level = self._random.choice(["INFO ", "INFO ", "INFO ", "WARN "])
            moment = f"2026-11-{1 + number // 1440 % 28:02}T{number // 60 % 24:02}:{number % 60:02}:00Z"
            lines.append(f"{moment} {level} worker-{number % 7}: {self._random.choice(SUBJECTS)[0]}\n")
        return "".join(lines).encode()

    def code(self, size: int) -> bytes:
        """A Python module."""
        return (PYTHON * max(size // len(PYTHON), 1)).encode()

    def sql(self, size: int) -> bytes:
        """A query."""
        return (SQL * max(size // len(SQL), 1)).encode()

    def json(self, size: int) -> bytes:
        """An indented JSON document."""
        tools = [
            {"type": "function", "name": f"{self._random.choice(TOOLS)}_{number}", "strict": True}
            for number in range(max(size // 110, 1))
        ]
        return json.dumps({"model": "gpt-4.1-mini", "temperature": 0.2, "tools": tools}, indent=2).encode()

    def chart(self, _size: int) -> bytes:
        """A PNG with bars."""
        return sample_pictures.chart(self._random)

    def photo(self, size: int) -> bytes:
        """A PNG of a parcel, whose size is really the one asked for."""
        return sample_pictures.noisy(self._random, size, sample_pictures.parcel)

    def scan(self, size: int) -> bytes:
        """A PNG of a printed page, whose size is really the one asked for."""
        return sample_pictures.noisy(self._random, size, sample_pictures.page)

    def pdf(self, size: int) -> bytes:
        """A PDF of one page; a comment brings it to its size."""
        show = [f"({sentence}) Tj T*" for sentence in self._random.sample(SENTENCES, 6)]
        page = f"BT /F1 12 Tf 16 TL 60 740 Td {' '.join(show)} ET".encode()
        return _pdf(page, self._random.randbytes(max(size - 1200, 16)).hex()[: max(size - 1200, 16)])

    def _lines(self, pool: list[bytes], size: int) -> bytes:
        average = sum(map(len, pool)) // len(pool) + 1
        return b"\n".join([*self._random.choices(pool, k=max(size // average, 1)), b""])

    @cached_property
    def _chats(self) -> list[bytes]:
        system = {"role": "system", "content": "You are the support desk of Northwind. Be brief and kind."}
        pool = []
        for ticket in range(4000, 4120):
            subject, answer = self._random.choice(SUBJECTS)
            user = {"role": "user", "content": f"Ticket {ticket}: {subject}. Can you help?"}
            closing = " ".join(self._random.sample(SENTENCES, self._random.randint(0, 3)))
            pool.append(as_line({"messages": [system, user, {"role": "assistant", "content": f"{answer} {closing}"}]}))
        return pool

    @cached_property
    def _preferences(self) -> list[bytes]:
        return [
            as_line(
                {
                    "input": {"messages": [{"role": "user", "content": subject}], "tools": []},
                    "preferred_output": [{"role": "assistant", "content": answer}],
                    "non_preferred_output": [{"role": "assistant", "content": sentence}],
                }
            )
            for subject, answer in SUBJECTS
            for sentence in SENTENCES
        ]

    @cached_property
    def _evals(self) -> list[bytes]:
        return [
            as_line({"item": {"input": subject, "ideal": answer, "label": tool}})
            for subject, answer in SUBJECTS
            for tool in TOOLS
        ]

    @cached_property
    def _requests(self) -> list[bytes]:
        pool = []
        for subject, _ in SUBJECTS:
            for tool in TOOLS:
                question = f"Summarise the ticket about {subject} in one sentence and name the tool {tool}."
                messages = [{"role": "system", "content": SENTENCES[0]}, {"role": "user", "content": question}]
                body = {"model": "gpt-4.1-mini", "messages": messages, "max_tokens": 200}
                pool.append(as_line({"method": "POST", "url": "/v1/chat/completions", "body": body})[1:])
        return pool

    @cached_property
    def _answers(self) -> list[bytes]:
        pool = []
        for number, (_, answer) in enumerate(SUBJECTS):
            choice = {"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 61, "completion_tokens": 20 + number, "total_tokens": 81 + number}
            body = {"object": "chat.completion", "model": "gpt-4.1-mini", "choices": [choice], "usage": usage}
            response = {"status_code": 200, "request_id": f"req_{number:08x}", "body": body}
            pool.append(as_line({"response": response, "error": None})[1:])
        return pool

    @cached_property
    def _failures(self) -> list[bytes]:
        pool = []
        for status, code, message in (
            (429, "rate_limit_exceeded", "Rate limit reached for gpt-4.1-mini."),
            (400, "context_length_exceeded", "This model's maximum context length is 1047576 tokens."),
            (500, "server_error", "The server had an error while processing your request."),
        ):
            error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
            response = {"status_code": status, "request_id": f"req_{status:08x}", "body": {"error": error}}
            pool.append(as_line({"response": response, "error": None})[1:])
        return pool


def _pdf(page: bytes, comment: str) -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    text = bytearray(b"%%PDF-1.4\n%%%s\n" % comment.encode())
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(text)
    text += b"xref\n0 6\n0000000000 65535 f \n%s" % table
    text += b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(text)
