"""Commands without a screen, run in the process of the test: what they give, what they say, how they end."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from files_tui.cli import main
from tests.wire import KEY


class Done(NamedTuple):
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it gave, line by line."""
        return self.out.splitlines()

    @property
    def objects(self) -> list[Any]:
        """What it gave, as JSON a line."""
        return [json.loads(line) for line in self.lines]

    @property
    def said(self) -> list[str]:
        """What it said, line by line; each line is the program's."""
        lines = self.err.splitlines()
        assert all(line.startswith("files-tui: ") for line in lines), self.err
        return [line.removeprefix("files-tui: ") for line in lines]


class Command:
    """Runs commands with a home of their own; `folder` is where they run, `seen` that a person reads what they give."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> None:
        self.folder = folder / "here"
        self.folder.mkdir()
        self._capture = capture
        self._monkeypatch = monkeypatch
        monkeypatch.chdir(self.folder)
        monkeypatch.setenv("HOME", str(folder / "home"))
        for name in ("CONFIG", "CACHE", "DATA", "STATE"):
            monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / "home" / name))
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setattr("files_tui.api.retry.RETRIES", 0)
        self.seen = False

    def __call__(self, base_url: str, *words: str, stdin: str = "") -> Done:
        """Run a command against a server."""
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            patch.setattr(sys.stdout, "isatty", lambda: self.seen)
            code = self._code([*words, "--base-url", base_url])
        out, err = (data.decode("utf-8", "surrogateescape") for data in self._capture.readouterr())
        assert KEY not in out + err
        assert "Traceback" not in err
        return Done(code, out, err)

    @staticmethod
    def _code(words: list[str]) -> int:
        try:
            return main(words)
        except SystemExit as end:
            return int(end.code or 0)
