"""What uploads were made from: how it becomes known, is kept, and is looked at again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import stat
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from files_tui.api import digest
from files_tui.api.abort import Abort
from files_tui.api.digest import PassingDigest
from files_tui.api.errors import Aborted
from files_tui.transfers import journal as room
from files_tui.transfers import large
from files_tui.transfers.jobs import UploadJob
from files_tui.transfers.journal import Journal
from files_tui.transfers.originals import Original, State, copy_to, sentence_of, state_of, words_of
from files_tui.transfers.target import TargetError
from tests.queues import bench
from tests.store_server import Store
from tests.wire import RESET, error_answer, serving

CONTENT = random.Random(5).randbytes(600_000)
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"


@pytest.fixture
def local(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    return path


def stamp(path: Path) -> tuple[int, int]:
    info = path.stat()
    return info.st_size, info.st_mtime_ns


def original(path: Path, digest: str | None = SHA256) -> Original:
    return Original(path, stamp(path), digest)


def uploaded(store: Store, journal: Path, local: Path, *, in_parts: bool = False) -> UploadJob:
    """A job that has ended, in a run of its own."""
    with serving(store) as server, bench(server.base_url, journal=journal) as on:
        return on.run(UploadJob(local, "user_data", in_parts=in_parts))


def kept(journal: Path, job: UploadJob) -> Original | None:
    """What a later run knows of what a job has made."""
    assert job.file is not None
    later = Journal(journal)
    found = later.original_of(job.file.id.true)
    later.close()
    return found


@pytest.mark.parametrize(("in_parts", "digest"), [(False, SHA256), (True, MD5)])
def test_an_upload_is_remembered_with_what_it_was_made_from(
    local: Path, tmp_path: Path, in_parts: bool, digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "PART_SIZE", 250_000)
    job = uploaded(Store(), tmp_path / "j", local, in_parts=in_parts)
    assert job.state == "done"
    found = kept(tmp_path / "j", job)
    assert found is not None
    assert (found.path, found.stamp, found.digest) == (local, stamp(local), digest)
    assert stat.S_IMODE((tmp_path / "j").stat().st_mode) == 0o600


def test_the_digest_is_of_the_try_that_arrived(local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)
    store, tries = Store(), iter((error_answer(429), error_answer(429)))
    store.before = lambda request: next(tries, None) if request.method == "POST" else None
    job = uploaded(store, tmp_path / "j", local)
    assert job.tries == 2
    found = kept(tmp_path / "j", job)
    assert found is not None
    assert found.digest == SHA256


def test_a_file_that_was_found_again_is_remembered_too(
    local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0,))
    store = Store()
    store.after = lambda request, reply: [RESET] if request.method == "POST" else reply
    job = uploaded(store, tmp_path / "j", local)
    assert "found on the server" in job.message
    found = kept(tmp_path / "j", job)
    assert found is not None
    assert found.digest == SHA256


@pytest.mark.parametrize("touched", [False, True])
def test_what_an_earlier_run_has_sent_is_known_by_its_time_alone(
    local: Path, tmp_path: Path, touched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("files_tui.api.lost.PAUSES", (0.0,))
    store = Store()
    store.after = lambda request, reply: [RESET] if request.method == "POST" else reply
    store.before = lambda request: error_answer(403) if request.method == "GET" else None
    with serving(store) as server, bench(server.base_url, journal=tmp_path / "j") as on:
        job = on.run(UploadJob(local, "user_data"))
        store.before = lambda request: None
        if touched:
            local.write_bytes(CONTENT)
            now = time.time_ns()  # exactly: the clock of a write may be behind
            os.utime(local, ns=(now, now))
        on.again(job)
    assert "found on the server" in job.message
    found = kept(tmp_path / "j", job)
    assert (found is None) == touched
    assert found is None or (found.stamp, found.digest) == (stamp(local), None)


def test_a_run_that_keeps_nothing_forgets_and_only_the_newest_are_kept(
    tmp_path: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "j"
    first = Journal(path)
    for n in range(5):
        first.remember(f"f{n}\ud800", Original(Path("a.bin"), (n, n), None, at=n))
    first.close()
    monkeypatch.setattr(room, "ORIGINALS_KEPT", 3)
    forgetful = Journal(path, forgets=True)
    assert forgetful.original_of("f4\ud800") is None
    forgetful.remember("g", original(local))
    assert forgetful.original_of("g") is not None
    forgetful.close()
    later = Journal(path)
    assert [later.original_of(f"f{n}\ud800") is not None for n in range(5)] == [False, False, True, True, True]
    assert later.original_of("g") is None
    assert later.original_of("f4\ud800") == Original(local, (4, 4), None, at=4)
    later.close()


def rewritten(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("change", "digest", "glance", "look"),
    [
        (lambda path: None, SHA256, "unchanged", "unchanged"),
        (lambda path: None, None, "unchanged", "unchanged"),
        (lambda path: rewritten(path, CONTENT), SHA256, "touched", "unchanged"),
        (lambda path: rewritten(path, CONTENT), MD5, "touched", "unchanged"),
        (lambda path: rewritten(path, CONTENT), None, "touched", "touched"),
        (lambda path: rewritten(path, b"x" * len(CONTENT)), SHA256, "touched", "changed"),
        (lambda path: rewritten(path, CONTENT[1:]), SHA256, "changed", "changed"),
        (Path.unlink, SHA256, "gone", "gone"),
        (folder_instead, SHA256, "gone", "gone"),
        (lambda path: path.rename(path.with_name("b")) and path.symlink_to(path), SHA256, "unreadable", "unreadable"),
    ],
)
def test_what_has_become_of_an_original(
    local: Path, change: Callable[[Path], object], digest: str | None, glance: State, look: State
) -> None:
    known = original(local, digest)
    change(local)
    assert (state_of(known), state_of(known, Abort())) == (glance, look)


def test_a_look_can_be_cancelled_and_no_path_is_too_odd(local: Path) -> None:
    known = original(local)
    rewritten(local, CONTENT)
    abort = Abort()
    abort.cancel()
    with pytest.raises(Aborted):
        state_of(known, abort)
    odd = Original(Path("/x\0\x1b[31m\udcff"), (1, 1), None)
    assert state_of(odd) == "unreadable"
    assert words_of(odd, "gone") == "/x␀␛[31m�, gone"


def test_an_original_is_said_and_copied(local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    known = original(local)
    assert sentence_of(known, "unchanged") == "The original is still at ~/a.bin, unchanged."
    assert sentence_of(known, "gone") == "The original, ~/a.bin, is gone."
    assert copy_to(known, local, Abort()) == tmp_path / "a (1).bin"
    assert (tmp_path / "a (1).bin").read_bytes() == CONTENT
    with pytest.raises(TargetError, match="no such folder"):
        copy_to(known, tmp_path / "nowhere" / "a", Abort())
    abort = Abort()
    abort.cancel()
    with pytest.raises(Aborted):
        copy_to(known, tmp_path / "b", abort)
    local.unlink()
    with pytest.raises(FileNotFoundError):
        copy_to(known, tmp_path / "b", Abort())
    assert os.listdir(tmp_path) == ["a (1).bin"]


def test_a_digest_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = PassingDigest()
    for n in range(3):
        whole.update(CONTENT[n * 200_000 : (n + 1) * 200_000])
    assert whole.result() == SHA256
    for limit, value in (("BACKLOG", 0), ("FIRST", 0)):
        with monkeypatch.context() as patch:
            patch.setattr(digest, limit, value)
            patch.setattr(digest, "FASTEST", 1.0)
            hurried = PassingDigest()
            for _ in range(3):
                hurried.update(CONTENT)
            assert hurried.result() is None


def test_what_passes_through_all_digests_counts_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: 0.0)
    monkeypatch.setattr(digest, "time", clock)
    monkeypatch.setattr(digest, "FIRST", 0)
    monkeypatch.setattr(digest, "FASTEST", 2.5 * len(CONTENT))
    with contextlib.ExitStack() as stack:
        alone, *others = (stack.enter_context(contextlib.closing(PassingDigest())) for _ in range(3))
        clock.monotonic = lambda: 1.0
        alone.update(CONTENT)
        for each in others:
            each.update(CONTENT)
        alone.update(CONTENT)
        assert [each.result() for each in (alone, *others)] == [None, SHA256, None]
    with contextlib.closing(PassingDigest()) as last:
        clock.monotonic = lambda: 2.0
        last.update(CONTENT)
        assert last.result() == SHA256
