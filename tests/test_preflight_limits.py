"""How far a check looks: many findings, huge and hostile lines, and files that cannot be read."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from files_tui.preflight import LIMIT, CannotRead, Flaw, Report, Severity, Stopped, check, line_at
from tests.jsonl_files import R1, R2, chat, checked, lines, request, says

ERROR, WARNING = Severity.ERROR, Severity.WARNING


def test_all_are_counted_and_some_are_kept_errors_before_all_else(tmp_path: Path) -> None:
    warned = json.dumps(request(1, stream=True, messages=[])).encode()
    rows = [warned.replace(b"r-1", b"w-%d" % number) for number in range(150)]
    report = checked(tmp_path / "a.jsonl", b"\n".join([*rows, *[b"1"] * 90]), "batch")
    assert (report.errors, report.warnings, len(report.findings), report.counted) == (90, 150, LIMIT, 240)
    kept = [finding.severity for finding in report.findings]
    assert kept == [WARNING] * 10 + [ERROR] * 90
    assert report.headline().startswith("240 requests, 240 problems: line 151, column 1: the line is a number")
    report = checked(tmp_path / "a.jsonl", b"[]\n" * 1000, "evals")
    assert (report.errors, len(report.findings)) == (1000, LIMIT)


def test_what_is_shown_of_a_hostile_file_is_safe(tmp_path: Path) -> None:
    evil = request(1) | {"custom_id": "\x1b[31m\u202e", "url": "\x1b]52;c;\x07"}
    value = lines(evil, evil, chat(says("\x1b[2J", "a", **{"\x9b~/": 1}))) + b"\x1b[2J\n"
    for purpose in ("batch", "fine-tune", "evals", "\x1b[2J"):
        report = checked(tmp_path / "a\x1b[2J.jsonl", value, purpose)
        words = [report.headline(), *(f"{each.place} {each.message} {each.mend}" for each in report.findings)]
        words += [word for pair in report.statistics for word in pair]
        assert all(word.isprintable() for word in words), words


def measured(path: Path) -> tuple[Report, int]:
    """The report on a batch file, and how many bytes of memory it took at most."""
    tracemalloc.start()
    try:
        return check(path, "batch"), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_lines_of_100_mb_are_told_of_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    some = lines(*map(request, range(1000)))
    with path.open("wb") as file:
        file.write(some + b'{"custom_id": "a", "body": "')
        file.seek(100_000_000, os.SEEK_CUR)  # of zeros, that take no room on disk
        file.write(b'"}\n[' + b" " * (9 << 20) + b"\n" + R1)
    report, peak = measured(path)
    assert [(each.severity, each.line, each.message) for each in report.findings if each.line != 1003] == [
        (WARNING, 1001, "a line of 100.0 MB, too long to be looked into (at most 8 MiB)"),
        (ERROR, 1002, "a line of 9.4 MB that is no JSON object: it begins with ["),
    ]
    assert (report.lines, report.counted) == (1003, 1003)
    assert peak < 40 << 20
    assert line_at(path, 1003) == R1
    assert line_at(path, 1001, 20) == b'{"custom_id": "a", "'


@pytest.mark.parametrize("part", [b"[],", b"{},", b"1,", b'"",', b'{"a":1},'])
def test_a_line_of_millions_of_values_takes_little_memory(tmp_path: Path, part: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"custom_id": "a", "body": {"messages": [' + part * ((7 << 20) // len(part)) + b"1]}}")
    report, peak = measured(path)
    assert [finding.message for finding in report.findings] == ["more values on one line than are looked into"]
    assert peak < 40 << 20


def test_it_tells_how_far_it_is_and_stops_when_asked_to(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(*map(request, range(2000))))
    seen: list[int] = []
    check(path, "batch", progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == path.stat().st_size
    assert len(seen) > 2
    looks = iter([False, True])
    with pytest.raises(Stopped):
        check(path, "batch", progress=seen.append, stopped=lambda: next(looks))


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe\n")
    for name, words in (
        ("none", "No such file"),
        (".", "is a folder"),
        ("pipe\n", "is no regular file"),
        ("\0", "path"),
    ):
        with pytest.raises(CannotRead, match=words) as caught:
            check(tmp_path / name, "batch")
        assert str(caught.value).isprintable()
    with pytest.raises(CannotRead, match="No such file"):
        line_at(tmp_path / "none", 1)


def test_a_line_is_found_as_the_report_counts_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for end in (b"\n", b"\r\n", b"\r"):
        path.write_bytes(end.join([R1, b"", R2, b"x"]))
        assert [line_at(path, number) for number in (1, 2, 3, 4, 5)] == [R1, b"", R2, b"x", b""]
        assert check(path, "batch").lines == 4
    assert Flaw.LINE_ENDS in check(path, "batch").mendable
