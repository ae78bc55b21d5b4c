"""A program that is killed while it moves files loses none, doubles none, and leaves nothing lying about."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.models import File
from files_tui.settings import Account, Secret
from files_tui.transfers.jobs import UploadJob
from files_tui.transfers.journal import Journal
from tests.demo_server import running_demo
from tests.moving import BEGUN, JOURNAL, PART_SIZE, Ended, Load, Saving, Upload

FIRST_SEED = int(os.environ.get("FILES_TUI_KILL_SEED", "0"))
SEEDS = range(FIRST_SEED, FIRST_SEED + 4)
KILLS = 5
LONGEST_LIFE = 150
"""A program is ended at one of so many of the points that it tells of; all of the work has about 700."""

PURPOSE = "vision"
"""Takes bytes of any kind, and gives them out again."""

BULK = 100


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def client() -> Iterator[FilesClient]:
    """A client of a server that outlives all kills, and has enough files to delete."""
    with running_demo("--bulk", str(BULK * 9), "--processing-seconds", "0") as url:
        client = FilesClient(Account(base_url=url, key=Secret("x")))
        yield client
        client.close()


class Scene:
    """A load, the programs that move it one after another, and what is to come out of it."""

    def __init__(self, folder: Path, client: FilesClient, seed: int) -> None:
        self.client = client
        self.dice = random.Random(seed)
        self.folder = folder
        self.saved = folder / "saved"
        self.saved.mkdir()
        self.load = Load(PURPOSE)
        self.wanted: dict[str, bytes] = {}
        """The content that is to be at each path of the folder `saved`."""
        self._name = f"{seed}-{os.urandom(4).hex()}"  # no other test may have files of these names
        self._listed: list[str] = []

    def upload(self, name: str, size: int, *, in_parts: bool = False) -> None:
        """Send a new file, one of several of that name, each with other content."""
        folder = self.folder / f"source-{len(self.load.uploads)}"
        folder.mkdir()
        path = folder / f"{self._name}-{name}"
        path.write_bytes(self.dice.randbytes(size))
        self.load.uploads.append(Upload(str(path), in_parts))

    def remote(self, name: str, size: int) -> Saving:
        """Make a file on the server, to be saved."""
        path = self.folder / name
        content = self.dice.randbytes(size)
        path.write_bytes(content)
        file = self.client.upload(path, name=name, purpose=PURPOSE).value.file
        path.unlink()
        self.wanted[name] = content
        return Saving(file, str(self.saved / name))

    def some(self, count: int) -> list[File]:
        """Files that no test has made."""
        return [file for file in self.listing() if file.purpose != PURPOSE][:count]

    def listing(self) -> list[File]:
        return self.client.list_page(limit=10_000).value.files

    def begin(self) -> None:
        """All that is to be moved is known."""
        self._listed = [file.id.true for file in self.listing()]
        (self.folder / "load").write_bytes(msgspec.json.encode(self.load))

    def run(self, *options: str, ends_at: int = 0, with_signal: int = signal.SIGKILL) -> list[Ended] | None:
        """Run the program, for the first time with the load; gives its report, None where it was killed before.

        With `ends_at` it gets the signal when it has told of so many points.
        """
        load = self.folder / "load"
        begins = load.exists()
        command = [sys.executable, "-m", "tests.moving", str(self.folder), self.client.account.base_url, *options]
        if begins:
            command += ["--load", str(load)]
        last = ""
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            assert program.stderr is not None
            counts = not begins  # what is lost before it is written down was never begun
            for line in program.stdout:
                last = line
                if begins and line == f"{BEGUN}\n":
                    load.unlink()
                    counts = True
                ends_at -= counts
                if counts and not ends_at:
                    program.send_signal(with_signal)
            assert program.stderr.read() == ""
        assert program.returncode in (0, -signal.SIGKILL)
        return None if program.returncode else msgspec.json.decode(last, type=list[Ended])

    def run_to_the_end(self, *options: str) -> list[Ended]:
        """Run the program undisturbed."""
        report = self.run(*options)
        assert report is not None
        return report

    def check(self, report: list[Ended]) -> None:
        """All is where it should be, or was reported."""
        troubled = {line.source: line for line in report if line.state != "done"}
        assert all(line.kind == "UploadJob" and line.state == "unknown" for line in troubled.values()), troubled
        self._check_disk()
        self._check_server(set(troubled))
        self._check_journal(len(troubled))

    def _check_disk(self) -> None:
        assert sorted(path.name for path in self.saved.iterdir()) == sorted(self.wanted)
        for name, content in self.wanted.items():
            assert sha((self.saved / name).read_bytes()) == sha(content), name
        assert list(self.folder.rglob("*.part")) == []

    def _check_server(self, troubled: set[str]) -> None:
        there = self.listing()
        gone = {file.id for file in self.load.deletes} | {saving.file.id for saving in self.load.copied}
        listed = set(self._listed)
        assert listed - {file.id for file in there} == gone, "not all was deleted, or too much"
        came = Counter((file.filename.true, self._sha_of(file)) for file in there if file.id not in listed)
        sent = {
            upload.path: (Path(upload.path).name, sha(Path(upload.path).read_bytes())) for upload in self.load.uploads
        }
        assert set(came) <= set(sent.values()), "a file came that nobody sent"
        assert set(came.values()) <= {1}, "a file came twice"
        for path, file in sent.items():
            assert file in came or path in troubled, "a file is lost that was not reported"

    def _sha_of(self, file: File) -> str:
        with self.client.content(file.id.true, abort=Abort()) as content:
            return sha(b"".join(content.chunks))

    def _check_journal(self, troubled: int) -> None:
        with closing(sqlite3.connect(self.folder / JOURNAL)) as base:
            assert base.execute("select count(*) from jobs").fetchone() == (troubled,)
        assert len(list(self.folder.glob("*.lock"))) == bool(troubled)


def a_bit_of_all(folder: Path, client: FilesClient, seed: int) -> Scene:
    """Uploads with names and sizes of their own and without, large ones, downloads, deletes with a copy and without."""
    scene = Scene(folder, client, seed)
    for _ in range(4):
        scene.upload("same.bin", 700_000)
    for n in range(4):
        scene.upload(f"plain-{n}.bin", 400_000 + 300_000 * n)
    for _ in range(2):
        scene.upload("large.bin", 7 * PART_SIZE + 1, in_parts=True)
    scene.load.downloads = [scene.remote(f"download-{n}.bin", 3_000_000) for n in range(4)]
    scene.load.copied = [scene.remote(f"copy-{n}.bin", 2_000_000) for n in range(4)]
    scene.load.deletes = scene.some(BULK)
    scene.begin()
    return scene


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_program_moves_that_is_killed_is_moved_once(tmp_path: Path, client: FilesClient, seed: int) -> None:
    scene = a_bit_of_all(tmp_path, client, seed)
    report, kills = None, 0
    while report is None and kills < KILLS:
        report = scene.run(ends_at=1 + scene.dice.randrange(LONGEST_LIFE))
        kills += report is None
    scene.check(report or scene.run_to_the_end())


def test_what_a_program_moves_that_is_asked_to_end_is_gone_on_with(tmp_path: Path, client: FilesClient) -> None:
    scene = a_bit_of_all(tmp_path, client, FIRST_SEED)
    for _ in range(KILLS):
        report = scene.run(ends_at=1 + scene.dice.randrange(LONGEST_LIFE), with_signal=signal.SIGTERM)
        assert report is not None
        assert {line.state for line in report} <= {"waiting", "retrying", "done", "unknown"}
    scene.check(scene.run_to_the_end())


def an_upload(scene: Scene) -> None:
    scene.upload("upload.bin", 3_000_000)


def a_large_upload(scene: Scene) -> None:
    scene.upload("upload.bin", 4 * PART_SIZE - 1, in_parts=True)


def a_download(scene: Scene) -> None:
    scene.load.downloads = [scene.remote("download.bin", 2_000_000)]


def a_delete_with_a_copy(scene: Scene) -> None:
    scene.load.copied = [scene.remote("copy.bin", 500_000)]


def some_deletes(scene: Scene) -> None:
    scene.load.deletes = scene.some(9)


DEATHS: dict[str, tuple[Callable[[Scene], None], list[str], list[str]]] = {
    "an upload whose answer comes": (
        an_upload,
        ["after note:1", "chunk:2", "before note:2", "POST files:1", "after claim:1", "before settle:1"],
        [],
    ),
    "a large upload": (
        a_large_upload,
        ["POST uploads:1", "after note:1", "POST uploads parts:2", "before note:3", "POST uploads complete:1"],
        [],
    ),
    "a large upload that is found": (a_large_upload, ["before claim:1", "after claim:1", "before settle:1"], []),
    "a download": (a_download, ["after note:1", "after add:4", "before link:1", "after link:1", "before settle:1"], []),
    "a download that has its name": (a_download, ["after unlink .part:1"], []),
    "a download without hard links": (a_download, ["before replace:1", "after replace:1"], ["--no-links"]),
    "a delete with a copy": (
        a_delete_with_a_copy,
        ["after link:1", "before note:1", "after note:1", "DELETE files:1"],
        [],
    ),
    "a delete": (some_deletes, ["DELETE files:3", "before settle:1"], []),
    "taking over": (
        some_deletes,
        [f"{BEGUN}:1", "before left_over:1", "before unlink .lock:1", "after unlink .lock:2", "after left_over:1"],
        [],
    ),
}
"""What moves, and at which points one program after the other dies."""


@pytest.mark.parametrize("what", DEATHS)
def test_a_program_that_dies_between_two_steps_leaves_none_undone(
    tmp_path: Path, client: FilesClient, what: str
) -> None:
    fill, deaths, options = DEATHS[what]
    scene = Scene(tmp_path, client, 0)
    fill(scene)
    scene.begin()
    for point in deaths:
        assert scene.run("--die", point, *options) is None, point
    report = scene.run_to_the_end(*options)
    assert [line for line in report if line.state != "done"] == []
    scene.check(report)


def test_an_upload_that_may_have_left_is_not_sent_again(tmp_path: Path, client: FilesClient) -> None:
    scene = Scene(tmp_path, client, 0)
    an_upload(scene)
    scene.begin()
    assert scene.run("--die", "after note:2") is None, "the second note says that all is about to have left"
    for _ in range(2):
        report = scene.run_to_the_end()
        assert [line.state for line in report] == ["unknown"]
    scene.check(report)


def test_parts_that_may_have_been_joined_are_joined_in_the_same_session(tmp_path: Path, client: FilesClient) -> None:
    scene = Scene(tmp_path, client, 0)
    a_large_upload(scene)
    scene.begin()
    assert scene.run("--die", "after note:6") is None, "the sixth note says that they are about to be"
    report = scene.run_to_the_end()
    assert [line.state for line in report] == ["done"]
    scene.check(report)


@pytest.mark.parametrize(
    ("sent", "arrived", "states"),
    [
        ([True, True], 1, ["unknown", "unknown"]),
        ([True, True], 2, ["done", "done"]),
        ([False, True], 1, ["done", "done"]),
        ([False, True], 0, ["done", "unknown"]),
    ],
)
def test_uploads_of_equal_name_and_size_do_not_take_each_others_file(
    tmp_path: Path, client: FilesClient, sent: list[bool], arrived: int, states: list[str]
) -> None:
    """A program has died with two of them under way, of which the last ones have arrived."""
    scene = Scene(tmp_path, client, 0)
    for _ in sent:
        scene.upload("same.bin", 1_000)
    scene.begin()
    jobs = [UploadJob(Path(upload.path), PURPOSE, size=1_000) for upload in scene.load.uploads]
    journal = Journal(tmp_path / JOURNAL)
    journal.expect(jobs)
    journal.write_expected()
    for job, is_sent in zip(jobs, sent, strict=True):
        job.started, job.sent = time.time(), time.time() if is_sent else None
        journal.note(job)
    journal.close()
    for job in jobs[len(jobs) - arrived :]:
        client.upload(job.path, name=job.path.name, purpose=PURPOSE)
    (tmp_path / "load").unlink()

    report = scene.run_to_the_end(*["--patient"] * ("unknown" not in states))

    assert [line.state for line in report] == states
    scene.check(report)
