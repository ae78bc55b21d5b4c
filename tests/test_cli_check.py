"""`files-tui check`: what it prints for people and for programs, and how it ends."""

from __future__ import annotations

import codecs
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from files_tui.cli import main
from tests.jsonl_files import chat, lines, request

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs it without key, network or home, in a folder of its own; gives exit code, output and words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "none"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def command(*words: str, purpose: str = "batch") -> tuple[int, str, str]:
        code = main(["check", *words, "--purpose", purpose])
        out, err = (data.decode() for data in capfdbinary.readouterr())
        return code, out, err

    return command


def test_people_get_a_line_for_each_thing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_bytes(lines(*map(request, range(1284))))
    bad = lines(request(1), request(1), request(2) | {"method": "GET"})
    (tmp_path / "bad\x1b.jsonl").write_bytes(bad + b"\n" + lines(request(3, messages=[], stream=True)))
    assert run("good.jsonl") == (
        0,
        "good.jsonl: 1,284 requests, no problems\n"
        "  endpoint: /v1/chat/completions\n"
        "  model: gpt-4.1-mini\n"
        "  request size: 172 B on average, 175 B the largest (line 1,001)\n",
        "",
    )
    code, out, err = run("bad\x1b.jsonl", "none.jsonl", "good.jsonl")
    assert (code, err) == (1, "files-tui: cannot read none.jsonl: No such file or directory.\n")
    told = out.splitlines()
    assert told[:5] == [
        "bad␛.jsonl: 4 requests, 4 problems",
        '  line 2, column 15 (/custom_id): custom_id "r-1" is that of line 1, too '
        "— mend: give each request an id of its own",
        '  line 3, column 32 (/method): method is "GET" — mend: write "POST"',
        "  line 4: warning: a blank line: some servers refuse it as no JSON object — mend: take it away",
        "  line 5, column 131 (/body/stream): warning: a batch does not stream: the request may be refused "
        "— mend: leave stream out",
    ]
    assert "good.jsonl: 1,284 requests, no problems" in told


def test_what_is_too_much_to_print_is_counted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"1\n" * 350)
    code, out, _ = run("a.jsonl", purpose="evals")
    assert code == 1
    assert out.startswith("a.jsonl: 350 items, 350 problems\n")
    assert out.count("is a number and no JSON object") == 100
    assert "  … and 250 problems more\n" in out


def test_warnings_alone_end_with_0(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(*[chat()] * 10) + b"\n")
    code, out, _ = run("a.jsonl", purpose="fine-tune")
    assert (code, out.splitlines()[0]) == (0, "a.jsonl: 10 examples, 1 problem")
    (tmp_path / "a.bin").write_bytes(b"\0" * 1500)
    assert run("a.bin", purpose="ocr") == (
        0,
        "a.bin: 1.5 kB, no problems\n"
        "  note: ocr is none of OpenAI's purposes, so that only the file itself was looked at "
        "— mend: see what your server says about it\n",
        "",
    )


def test_programs_get_one_array(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(codecs.BOM_UTF8 + lines(request(1) | {"\x1b/": 1, "url": "/v1/x"}))
    (tmp_path / os.fsdecode(b"\xff.txt")).write_bytes(b"")
    code, out, err = run("a.jsonl", os.fsdecode(b"\xff.txt"), "none", "--json")
    assert (code, err) == (1, "files-tui: cannot read none: No such file or directory.\n")
    first, second = json.loads(out)
    assert first["findings"][1] == {
        "severity": "error",
        "line": 1,
        "column": 47,
        "pointer": "/url",
        "message": 'url "/v1/x" is no endpoint that takes batches',
        "mend": first["findings"][1]["mend"],
    }
    told = ("path", "purpose", "bytes", "lines", "counted", "noun", "errors", "warnings", "mendable", "statistics")
    assert [first[key] for key in told] == [
        *("a.jsonl", "batch", (tmp_path / "a.jsonl").stat().st_size, 1, 1, "request", 2, 0, ["byte order mark"]),
        {"endpoint": "/v1/x", "model": "gpt-4.1-mini", "request size": "168 B on average, 168 B the largest (line 1)"},
    ]
    assert (second["path"], second["errors"]) == ("�.txt", 2)


def test_wrong_usage_is_2_and_ctrl_c_130(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in (["a"], ["--purpose", "batch"], ["a", "--purpose", "batch", "--yes"]):
        with pytest.raises(SystemExit) as end:
            main(["check", *words])
        assert end.value.code == 2
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(*map(request, range(2000))))

    monkeypatch.setattr("files_tui.preflight.batch.BatchRules.end", lambda *_: pytest.fail("it went on"))
    monkeypatch.setattr(
        "files_tui.preflight.strict.StrictReader.value", lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)
    )
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code, out, _ = run("a.jsonl", "--json")
    finally:
        signal.signal(signal.SIGINT, before)
    assert (code, out) == (130, "")
