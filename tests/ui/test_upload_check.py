"""The check in the upload dialog: what it says, its problems walked into, mended, and seen again."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Button, Input

from files_tui import preflight
from files_tui.transfers.jobs import UploadJob
from files_tui.ui.excerpt import AROUND, excerpt
from files_tui.ui.guess import guess_purpose
from files_tui.ui.screens.finding import FindingScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.widgets.choice import Choice
from files_tui.ui.widgets.report_list import ReportList
from tests.ui.helpers import Browser, browsing, entries, reported
from tests.ui.scripted import ScriptedServer

pytestmark = pytest.mark.anyio

LINES = 12


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.ui.screens.check.TICK", 0.02)
    monkeypatch.setattr("files_tui.ui.screens.check.WATCH", 0.05)
    monkeypatch.setattr("files_tui.ui.screens.upload.REST", 0.05)


def example(number: int) -> str:
    turns = [{"role": "user", "content": f"question {number}"}, {"role": "assistant", "content": "answer"}]
    return json.dumps({"messages": turns})


def train(path: Path, *others: str, count: int = LINES, before: bytes = b"") -> Path:
    """Examples for fine-tuning, with other lines behind them."""
    lines = [*map(example, range(count)), *others]
    path.write_bytes(before + "".join(f"{line}\n" for line in lines).encode())
    return path


def verdict(b: Browser) -> list[str]:
    """The two lines above the buttons."""
    return b.words("#verdict").split("\n")


def dialog_lines(b: Browser) -> list[str]:
    """The lines of the dialog on which its frame, its fields and its buttons stand, as they are painted."""
    words = ("╭", "╰", "purpose  ", "expires  ", "sent  ", "Cancel")
    return [f"{at} {word}" for at, line in enumerate(b.text.split("\n")) for word in words if word in line]


async def test_a_problem_is_said_and_shown_in_its_line_and_the_upload_goes_on_anyway(
    here: Path, shared_empty: str
) -> None:
    path = train(here / "train.jsonl", "\x1b[2J[/x] no object", '["neither"]')
    async with browsing(shared_empty, upload=(path,), size=(80, 24)) as b:
        await b.screen(UploadScreen)
        places = dialog_lines(b)
        await b.until(lambda: b.label("#upload") == "Upload anyway ⏎")
        assert dialog_lines(b) == places
        assert verdict(b)[0].startswith(f"✗ {LINES + 2} examples, 2 problems: line {LINES + 1}")
        assert verdict(b)[1] == "It would be refused: ⏎ uploads it anyway, ↑ shows why"
        assert not b.widget("#mend", Button).visible
        await b.press("up")
        assert b.app.focused is b.widget("#sources", ReportList)
        await b.see("⏎ shows it")
        await b.press("home", "enter", "enter")
        await b.screen(FindingScreen)
        await b.see("␛[2J[/x] no object")
        lines = b.text.split("\n")
        at = next(number for number, line in enumerate(lines) if "no object" in line)
        assert lines[at + 1].strip(" ") == "▲"
        assert lines[at + 1].index("▲") == lines[at].index("␛")
        await b.see(f"✗ error · line {LINES + 1}")
        await b.press("n")
        await b.see('["neither"]')
        await b.pilot.resize_terminal(40, 10)
        await b.until(lambda: b.app.screen.outer_size.width == 40 and '["neither"]' in b.text and "▲" in b.text)
        await b.press("escape")
        await b.screen(UploadScreen)
        await b.see("Upload anyway ⏎")
        await b.press("end", "down")
        assert b.app.screen.focused is b.widget("#purpose", Choice), "past its last line the form goes on"
        await b.press("enter")
        await b.main()
        assert [(job.path, job.purpose) for job in jobs(b)] == [(path, "fine-tune")]


def jobs(b: Browser) -> list[UploadJob]:
    assert b.browse.session
    return [job for job in b.browse.session.queue.jobs if isinstance(job, UploadJob)]


class Counted:
    """The check as it is, counted, and held up where that is wanted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, str]] = []
        self.stopped: list[str] = []
        self.running = self.most = 0
        self.gate = threading.Event()
        self.gate.set()
        self.leave = threading.Event()
        self._check = preflight.check
        monkeypatch.setattr(preflight, "check", self)

    def __call__(
        self, path: Path, purpose: str, *, progress: Callable[[int], None], stopped: Callable[[], bool]
    ) -> preflight.Report:
        self.calls.append((path.name, purpose))
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            progress(path.stat().st_size // 2)
            while not self.gate.wait(0.005):
                if stopped():
                    self.stopped.append(purpose)
                    self.leave.wait(20)
                    raise preflight.Stopped
            return self._check(path, purpose, progress=progress, stopped=stopped)
        finally:
            self.running -= 1


async def test_files_are_checked_one_after_the_other_once_for_each_purpose_and_in_no_ones_way(
    here: Path, shared_empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    paths = [train(here / "a.jsonl"), train(here / "b.jsonl", "no object"), train(here / "c.jsonl")]
    counted.gate.clear()
    async with browsing(shared_empty, upload=tuple(paths), size=(80, 24)) as b:
        await b.screen(UploadScreen)
        await b.until(lambda: verdict(b)[0] == "◐ checking 1 of 3: 50 %")
        assert [line.split()[0] for line in reported(b)] == ["◐", "…", "…"]
        assert b.label("#upload") == "Upload ⏎"
        await b.press("right")
        await b.until(lambda: counted.stopped == ["fine-tune"])
        await b.until(lambda: [line.split()[0] for line in reported(b)] == ["…", "…", "…"])
        counted.leave.set()
        await b.until(lambda: counted.calls == [("a.jsonl", "fine-tune"), ("a.jsonl", "batch")])
        counted.gate.set()
        await b.until(lambda: verdict(b)[0] == "✗ 3 files with errors")
        await b.press("left")
        await b.until(lambda: verdict(b)[0] == "✗ 1 file with errors")
        assert [line.split()[0] for line in reported(b)] == ["✓", "✗", "✓"]
        assert "1 error 13 examples b.jsonl" in reported(b)[1]
        names = ["a.jsonl", "b.jsonl", "c.jsonl"]
        assert counted.calls[1:] == [(name, "batch") for name in names] + [(name, "fine-tune") for name in names]

        await b.press("right", "left", "right", "left", "up", "n", "n", "enter")
        await b.until(lambda: len(reported(b)) > len(paths))
        assert reported(b)[2].startswith("✗ error line 13 ")
        await b.press("enter")
        await b.until(lambda: len(reported(b)) == len(paths))
        assert len(counted.calls) == 7

        counted.gate.clear()
        await b.press("tab", "left")
        await b.until(lambda: b.widget("#other-purpose", Input).display)
        await b.until(lambda: "a purpose is typed" in verdict(b)[0])
        await b.press("down")
        monkeypatch.setattr("files_tui.ui.screens.upload.REST", 60.0)  # so that no letter before the last one rests
        await b.write("od")
        monkeypatch.setattr("files_tui.ui.screens.upload.REST", 0.02)
        await b.write("d")
        await b.until(lambda: counted.calls[7:] == [("a.jsonl", "odd")])
        await b.press("enter")
        await b.main()
        assert {job.purpose for job in jobs(b)} == {"odd"}
        await b.until(lambda: counted.stopped == ["fine-tune", "odd"])
        assert counted.most == 1


async def test_a_mended_copy_goes_instead_and_a_file_that_changes_is_checked_again(here: Path) -> None:
    path = train(here / "train.jsonl", before=b"\xef\xbb\xbf")
    before = path.read_bytes()
    with ScriptedServer() as server:
        async with browsing(server.base_url, upload=(path,), size=(80, 24)) as b:
            await b.screen(UploadScreen)
            await b.until(lambda: b.widget("#mend", Button).visible)
            assert "m mends a copy" in verdict(b)[1]
            await b.press("m")
            await b.until(lambda: verdict(b)[1].startswith("mended: ") and "✓" in verdict(b)[0])
            (copy,) = (here / name for name in entries(here) if name != path.name)
            assert copy.read_bytes() == before.removeprefix(b"\xef\xbb\xbf")
            assert path.read_bytes() == before
            assert verdict(b) == [f"✓ {LINES} examples, no problems", f"mended: {copy.name} goes instead"]
            assert reported(b)[0] == f"✓ {copy.stat().st_size / 1000:.1f} kB {copy.name}"
            assert (b.label("#upload"), b.widget("#mend", Button).visible) == ("Upload ⏎", False)

            await b.until(lambda: touched(copy) and "◐ changes at the moment" in verdict(b)[0])
            train(copy, "no object", count=LINES + 1)
            await b.until(lambda: verdict(b)[0].startswith(f"✗ {LINES + 2} examples, 1 problem"))
            await b.see(f"─ Upload 1 file, {copy.stat().st_size / 1000:.1f} kB ─")
            os.rename(copy, here / "gone")
            await b.until(lambda: "✗ no such file" in verdict(b)[0])
            assert b.label("#upload") == "Upload ⏎"
            os.rename(here / "gone", copy)
            await b.until(lambda: verdict(b)[0].startswith("✗ 14 examples"))
            train(copy)
            await b.until(lambda: verdict(b)[0].startswith("✓"))
            await b.pilot.click("#sources", offset=(3, 0), times=2)
            assert isinstance(b.app.screen, UploadScreen), "a click opens what is found, and uploads nothing"
            await b.press("enter")
            await b.main()
            assert [job.path for job in jobs(b)] == [copy]


async def test_a_check_that_breaks_is_told_and_holds_up_no_upload(
    here: Path, shared_empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr(preflight, "check", broken)
    path = train(here / "train.jsonl", "no object")
    async with browsing(shared_empty, upload=(path,), size=(80, 24)) as b:
        await b.screen(UploadScreen)
        await b.until(lambda: "Error of our own: check: " in b.words(".problem"))
        assert verdict(b)[0].startswith("✗ ")
        assert "not checked" not in verdict(b)[0]
        assert b.label("#upload") == "Upload ⏎"
        await b.press("enter")
        await b.main()
        assert [job.path for job in jobs(b)] == [path]


def touched(path: Path) -> bool:
    """Make it another file for whoever looks at it by its time."""
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000))
    return True


def test_the_first_line_tells_what_a_file_is_for(here: Path) -> None:
    batch = {"custom_id": "1", "method": "POST", "url": "/v1/x", "body": {"messages": []}}
    path = here / "train.jsonl"
    for line, last, guess in (
        (json.dumps(batch), None, "batch"),
        ("\ufeff" + json.dumps(batch), "evals", "batch"),
        (json.dumps({"messages": [{"content": json.dumps(batch)}]}), "batch", "fine-tune"),
        (json.dumps({"input": {}, "preferred_output": []}), "batch", "fine-tune"),
        (json.dumps({"input": {}}), "batch", "fine-tune"),
        ('{"messages": "' + "x" * 100_000, "batch", "fine-tune"),
        ("no json", "batch", "fine-tune"),
    ):
        path.write_text(line + "\n", encoding="utf-8")
        assert guess_purpose([path], last) == guess, line[:60]
    named = here / "eval.jsonl"
    named.write_text(example(1))
    assert guess_purpose([named], None) == "evals"
    unnamed = here / "x.jsonl"
    for line, guess in (('{"item": {}}', "batch"), (example(1), "fine-tune")):
        unnamed.write_text(line)
        assert guess_purpose([unnamed], "batch") == guess


def test_a_long_line_is_cut_around_the_place_and_fits() -> None:
    line = "会" * 50_000 + '"\x1b[2Jwrong"' + "e\u0301" * 50_000
    at = line.index('"')
    shown = excerpt(line, at, 33)
    words = [row.plain for row in shown.lines]
    assert all(row.cell_len <= 33 for row in shown.lines)
    assert words[0] == f"… {at - AROUND:,} characters before this"
    assert words[-1].endswith("characters behind this")
    place = "".join(words[shown.place : shown.place + 3])
    assert "\x1b" not in place
    assert "".join(word for word in words if "▲" in word).count("▲") == len('"␛[2Jwrong"')
    for line, at, rows in (
        ("", 0, [" ", "▲"]),
        ('{"a": "b"}', 6, ['{"a": "b"}', "      ▲▲▲"]),
        ("[会会, nan]", 5, ["[会会, nan]", "       ▲▲▲"]),
    ):
        assert [row.plain.rstrip() or " " for row in excerpt(line, at, 80).lines] == rows
