"""Downloads that are whole or leave nothing behind."""

from __future__ import annotations

import errno
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from files_tui.transfers.jobs import DownloadJob, UploadJob
from files_tui.transfers.target import TargetError, check_target
from tests.demo_server import running_demo
from tests.files import a_file
from tests.queues import bench
from tests.waiting import until
from tests.wire import CLOSE, RESET, Received, Reply, answer, chunked, error_answer, serving


@pytest.fixture(autouse=True)
def _one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.retry.RETRIES", 0)


def download(reply: Reply, target: Path, *, replace: bool = False, **fields: Any) -> DownloadJob:
    """The job, at its end, of one file that is answered so."""
    with serving([reply]) as server, bench(server.base_url) as on:
        return on.run(DownloadJob(a_file(id="f", filename="f.txt", **fields), target, replace=replace))


def test_a_file_there_and_back(tmp_path: Path) -> None:
    content = os.urandom(5_000_000)
    (tmp_path / "up.bin").write_bytes(content)
    with running_demo("--empty") as url, bench(url) as on:
        upload = on.run(UploadJob(tmp_path / "up.bin", "vision"))
        assert upload.file is not None
        target = tmp_path / "會 down.bin"
        job = on.run(DownloadJob(upload.file, target))
        hidden = on.run(UploadJob(tmp_path / "up.bin", "user_data")).file
        assert hidden is not None
        refused = on.run(DownloadJob(hidden, tmp_path / "refused.bin"))
        (tmp_path / "up.bin").write_bytes(content[1:])
        again = on.run(DownloadJob(hidden, tmp_path / "refused.bin"))

    assert (job.state, job.message, job.moved, job.total) == ("done", "", 5_000_000, 5_000_000)
    assert job.saved_as == target
    assert target.read_bytes() == content
    assert refused.state == "failed"
    assert "Not allowed to download files of purpose: user_data" in refused.message
    known, whence = "The server gives out no content of this purpose", tmp_path / "up.bin"
    assert refused.advice == f"{known}. The original is still at {whence}, unchanged."
    assert again.advice == f"{known}. The original is still at {whence}, changed since."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["up.bin", "會 down.bin"]


def test_the_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    rest = threading.Event()
    target = tmp_path / "a.txt"
    with (
        serving([[answer(200, b"half ", {"content-length": "9"}), rest, b"full"]]) as server,
        bench(server.base_url) as on,
    ):
        job = DownloadJob(a_file(id="f", bytes=9), target)
        on.queue.submit([job])
        until(lambda: job.moved == 5)
        (part,) = tmp_path.iterdir()
        assert part.name.startswith(".a.txt.")
        assert part.name.endswith(".part")
        assert part.read_bytes() == b"half "
        rest.set()
        on.over(job)
    assert job.state == "done"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert target.read_bytes() == b"half full"


@pytest.mark.parametrize(
    ("reply", "listed", "words"),
    [
        ([answer(200, b"abc", {"content-length": "9"}), CLOSE], 9, "the connection broke"),
        ([answer(200, b"abc", {"content-length": "9"}), RESET], None, "the connection broke"),
        ([answer(200, b"3\r\nabc\r\n", {"content-length": "", "transfer-encoding": "chunked"}), CLOSE], 3, "broke"),
        ([answer(200, b"abc", {"content-length": ""}), CLOSE], 9, "only 3 B of 9 B came: nothing was saved"),
        (answer(200, b"abc"), 9, "only 3 B of 9 B came: nothing was saved"),
        (answer(200, b"not gzip", {"content-encoding": "gzip"}), 3, "encoded in a broken way"),
        (error_answer(403, "not for you"), 9, "not for you"),
        (error_answer(404, "No such File object: f"), 9, "No such File object: f"),
    ],
)
def test_what_is_not_whole_leaves_nothing(tmp_path: Path, reply: Reply, listed: int | None, words: str) -> None:
    job = download(reply, tmp_path / "a.txt", bytes=listed)
    assert job.state == "failed"
    assert words in job.message
    assert job.saved_as is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("reply", "fields", "message"),
    [
        (answer(200, b"abcd"), {"bytes": 4}, ""),
        (answer(200, b"abcd"), {"bytes": None}, ""),
        (answer(200, b"abcd"), {"bytes": 3}, "4 B came, though the listing says 3 B"),
        (answer(200, b"abcd"), {"bytes": 9, "purpose": "file-extract"}, ""),
        (answer(200, b"abcd"), {"bytes": 1, "purpose": "file-extract"}, ""),
        (
            [answer(200, b"abcd", {"content-length": ""}), CLOSE],
            {"bytes": None},
            "the server did not say how long the file is: look whether it is whole",
        ),
        (
            answer(200, chunked(b"ab", b"cd"), {"content-length": "", "transfer-encoding": "chunked"}),
            {"bytes": 4},
            "",
        ),
    ],
)
def test_what_is_whole_is_kept(tmp_path: Path, reply: Reply, fields: dict[str, Any], message: str) -> None:
    job = download(reply, tmp_path / "a.txt", **fields)
    assert (job.state, job.message) == ("done", message)
    assert (tmp_path / "a.txt").read_bytes() == b"abcd"


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    assert download(answer(200), tmp_path / "a.txt", bytes=0).state == "done"
    assert (tmp_path / "a.txt").read_bytes() == b""


def test_a_cancelled_download_leaves_nothing(tmp_path: Path) -> None:
    with (
        serving([[answer(200, b"abc", {"content-length": "9"}), threading.Event()]]) as server,
        bench(server.base_url) as on,
    ):
        job = DownloadJob(a_file(id="f", bytes=9), tmp_path / "a.txt")
        on.queue.submit([job])
        until(lambda: job.moved)
        on.queue.cancel([job])
        on.over(job)
    assert job.state == "cancelled"
    assert list(tmp_path.iterdir()) == []


def test_both_are_kept_unless_replacing_was_chosen(tmp_path: Path) -> None:
    target = tmp_path / "a.tar.gz"
    target.write_text("old")
    (tmp_path / "a.tar (1).gz").symlink_to(tmp_path / "nowhere")

    both = download(answer(200, b"new"), target)
    assert both.saved_as == tmp_path / "a.tar (2).gz"
    assert both.saved_as.read_bytes() == b"new"
    assert target.read_text() == "old"

    replaced = download(answer(200, b"newer"), target, replace=True)
    assert replaced.saved_as == target
    assert target.read_bytes() == b"newer"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_failed_replacement_keeps_the_old(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    reply: Reply = [answer(200, b"abc", {"content-length": "9"}), CLOSE]
    assert download(reply, target, replace=True).state == "failed"
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_name_that_is_taken_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"

    def handler(request: Received) -> Reply:
        target.write_text("of another program")
        return answer(200, b"new")

    with serving(handler) as server, bench(server.base_url) as on:
        job = on.run(DownloadJob(a_file(id="f"), target))
    assert job.saved_as == tmp_path / "a (1).txt"
    assert target.read_text() == "of another program"


def test_many_of_one_name_at_once_are_all_kept(tmp_path: Path) -> None:
    with serving(lambda request: answer(200, request.target.encode())) as server, bench(server.base_url) as on:
        jobs = [DownloadJob(a_file(id=f"f{n}"), tmp_path / "a.txt") for n in range(20)]
        on.queue.submit(jobs)
        on.over(*jobs)
    assert {job.saved_as.read_text() for job in jobs if job.saved_as} == {f"/v1/files/f{n}/content" for n in range(20)}
    assert len(list(tmp_path.iterdir())) == 20


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 100 kB, as on a disk that fills up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, old)


@pytest.mark.usefixtures("small_files")
def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    job = download(answer(200, b"x" * 300_000), tmp_path / "a.bin")
    assert (job.state, job.message) == ("failed", "File too large: f.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(FileIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("files_tui.transfers.saving.FileIO", Full)
    job = download(answer(200, b"abc"), tmp_path / "a.bin")
    assert (job.state, job.message) == ("failed", "No space left on device: f.txt")
    assert list(tmp_path.iterdir()) == []


def test_writes_that_take_a_part_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(FileIO):
        def write(self, data: memoryview) -> int:  # type: ignore[override]
            return super().write(data[:7])

    monkeypatch.setattr("files_tui.transfers.saving.FileIO", Slow)
    content = bytes(range(256))
    assert download(answer(200, content), tmp_path / "a.bin").state == "done"
    assert (tmp_path / "a.bin").read_bytes() == content


def test_a_folder_that_cannot_be_synced_fails_no_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def files_only(handle: int) -> None:
        if os.path.isdir(f"/dev/fd/{handle}"):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        real(handle)

    monkeypatch.setattr(os, "fsync", files_only)
    assert download(answer(200, b"abc"), tmp_path / "a.txt").state == "done"


@pytest.mark.parametrize(
    ("target", "listed", "words"),
    [
        (lambda folder: folder / "missing" / "a", None, "no such folder: "),
        (lambda folder: folder / "file" / "a", None, "no such folder: "),
        (lambda folder: folder, None, "is a folder"),
        (lambda folder: folder / "a\0b", None, "cannot write "),
        (lambda folder: folder / "a\ud800b", None, "cannot write "),
        (lambda folder: folder / "a\0b" / "c", None, "no such folder: "),
        (lambda folder: folder / "a", 2**62, "4.6 EB are wanted, and "),
    ],
)
def test_where_no_download_can_go(
    tmp_path: Path, target: Callable[[Path], Path], listed: int | None, words: str
) -> None:
    (tmp_path / "file").touch()
    place = target(tmp_path)
    with pytest.raises(TargetError, match=words):
        check_target(place, listed)
    with serving([]) as server, bench(server.base_url) as on:
        job = on.run(DownloadJob(a_file(id="f", bytes=listed), place))
    assert job.state == "failed"
    assert words in job.message
    assert server.requests == []


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="File name too long"):
        check_target(tmp_path / ("x" * 300), None)
    assert download(answer(200, b"abc"), tmp_path / ("會" * 85)).state == "done"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(TargetError, match="no permission to write in "):
            check_target(tmp_path / "a", None)
    finally:
        tmp_path.chmod(0o700)
