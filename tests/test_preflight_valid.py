"""No false alarm: files that are right, of every shape, and what a check counts in them."""

from __future__ import annotations

import struct
from pathlib import Path
from random import Random
from typing import get_args, get_type_hints

import pytest
from openai.types import BatchCreateParams

from files_tui.api.models import UPLOAD_PURPOSES
from files_tui.demo.rules import ASSISTANTS_EXTENSIONS
from files_tui.demo.sample_content import Author
from files_tui.preflight import Report, check
from files_tui.preflight.batch import WANTED
from files_tui.preflight.purposes import DOCUMENTS
from tests.jsonl_files import EXAMPLES, VALID, lines, request


def checked(folder: Path, content: bytes, purpose: str, name: str = "a.jsonl") -> Report:
    path = folder / name
    path.write_bytes(content)
    return check(path, purpose)


@pytest.mark.parametrize("name", VALID)
def test_what_is_right_is_not_complained_of(tmp_path: Path, name: str) -> None:
    purpose, content = VALID[name]
    report = checked(tmp_path, content, purpose)
    assert report.findings == ()
    assert (report.errors, report.warnings, report.would_be_refused) == (0, 0, False)
    assert report.lines == report.counted == len(content.rstrip(b"\n").split(b"\n"))
    assert str(report.headline()).endswith("no problems")


def test_the_samples_of_the_demo_are_right(tmp_path: Path) -> None:
    author = Author(Random(1))
    for content, purpose in (
        (author.chats(20_000), "fine-tune"),
        (author.preferences(9_000), "fine-tune"),
        (author.evals(5_000), "evals"),
        (author.batch_requests(50_000), "batch"),
    ):
        assert checked(tmp_path, content, purpose).findings == ()
    assert checked(tmp_path, author.chart(0), "vision", "a.png").findings == ()
    assert checked(tmp_path, author.pdf(2000), "assistants", "a.pdf").findings == ()
    assert checked(tmp_path, author.pdf(2000), "user_data", "a").findings == ()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", b"\xff\xd8\xff\xe0" + b"x" * 100),
        ("a.JPEG", b"\xff\xd8\xff\xdb" + b"x" * 100),
        ("a.gif", b"GIF89a" + b"x" * 100),
        ("a.webp", b"RIFF" + struct.pack("<I", 104) + b"WEBP" + b"x" * 100),
    ],
)
def test_images_that_are_taken(tmp_path: Path, name: str, content: bytes) -> None:
    assert checked(tmp_path, content, "vision", name).findings == ()


def test_it_knows_the_endpoints_and_extensions_that_others_know() -> None:
    assert set(WANTED) == set(get_args(get_type_hints(BatchCreateParams)["endpoint"]))
    assert set(DOCUMENTS) == set(ASSISTANTS_EXTENSIONS)
    assert set(UPLOAD_PURPOSES) == {"assistants", "batch", "fine-tune", "vision", "user_data", "evals"}


def test_what_is_told_of_a_file_that_is_right(tmp_path: Path) -> None:
    report = checked(tmp_path, lines(*map(request, range(1284))), "batch")
    assert report.headline() == "1,284 requests, no problems"
    told = dict(report.statistics)
    assert (told["endpoint"], told["model"]) == ("/v1/chat/completions", "gpt-4.1-mini")
    assert told["request size"] == "172 B on average, 175 B the largest (line 1,001)"
    told = dict(checked(tmp_path, VALID["batch /v1/embeddings"][1], "batch").statistics)
    assert told["inputs"] == "6"
    chats = checked(tmp_path, lines(*EXAMPLES["chats"]), "fine-tune")
    assert str(chats.headline()) == "10 examples, no problems"
    told = dict(chats.statistics)
    assert told["shape"] == "chat"
    assert told["messages"] == "29, at most 5 in one example"
    assert told["roles"] == "system 2, developer 1, user 11, assistant 13, tool 1, function 1"
    assert told["having"] == "images in 1, tool calls in 3, untrained answers in 1, tools in 3"
    told = dict(checked(tmp_path, VALID["evals"][1], "evals").statistics)
    assert told["fields"] == "input, ideal"
