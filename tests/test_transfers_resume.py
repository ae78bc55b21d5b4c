"""Downloads that go on where they were cut, and what a server may do to that."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from files_tui.transfers import saving
from files_tui.transfers.jobs import DownloadJob
from files_tui.transfers.saving import OVERLAP
from tests.files import a_file
from tests.queues import Bench, bench
from tests.test_transfers_target import Usage
from tests.waiting import until
from tests.wire import CLOSE, RESET, Received, Reply, Server, answer, error_answer, serving

CONTENT = random.Random(7).randbytes(10_000)
CUT = 6_000


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 0.0)


def whole(content: bytes = CONTENT, **headers: str) -> bytes:
    return answer(200, content, headers)


def rest(start: int, content: bytes = CONTENT, **headers: str) -> bytes:
    """What a server sends that sends parts of files."""
    given = {"content-range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(206, content[start:], given)


def cut(reply: bytes, after: int) -> Reply:
    """An answer whose connection breaks after so many bytes of the body."""
    head, _, body = reply.partition(b"\r\n\r\n")
    return [head + b"\r\n\r\n" + body[:after], CLOSE]


def job_for(folder: Path, content: bytes = CONTENT, **fields: Any) -> DownloadJob:
    return DownloadJob(a_file(id="f", filename="f.bin", **{"bytes": len(content), **fields}), folder / "f.bin")


def half_done(folder: Path, there: bytes = CONTENT[:CUT], **fields: Any) -> DownloadJob:
    """What an earlier program has left."""
    job = job_for(folder, **fields)
    job.part = folder / ".f.bin.part"
    job.part.write_bytes(there)
    return job


def ranges(server: Server) -> list[str | None]:
    return [request.headers.get("range") for request in server.requests]


def saved(on: Bench, job: DownloadJob, content: bytes = CONTENT) -> None:
    """It is there, whole and alone."""
    assert (job.state, job.message) == ("done", "")
    assert job.saved_as == job.target
    assert job.target.read_bytes() == content
    assert os.listdir(job.target.parent) == [job.target.name]
    assert job.moved == job.total == len(content)


FROM = f"bytes={CUT - OVERLAP}-"


def test_a_cut_connection_is_gone_on_with(tmp_path: Path) -> None:
    with serving([cut(whole(), CUT), rest(CUT - OVERLAP)]) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        saved(on, job)
        on.heard_end(job)
        assert on.states(job) == ["waiting", "running", "retrying", "running", "done"]
        assert ranges(server) == [None, FROM]
        assert on.queue._tools.meter.moved == len(CONTENT) + OVERLAP


@pytest.mark.parametrize(
    "second",
    [
        whole(),
        rest(0),
        error_answer(416, "nothing there"),
        rest(CUT),
        rest(CUT - OVERLAP, content_range=""),
        rest(CUT - OVERLAP, content_range="bytes */10000"),
        rest(CUT - OVERLAP, content_range=f"items {CUT - OVERLAP}-9999/10000"),
        rest(CUT - OVERLAP, content_encoding="gzip"),
        rest(CUT - OVERLAP, b"another content of the same length, to the last byte..".ljust(10_000, b"!")),
    ],
    ids=["whole", "from 0", "416", "other start", "no range", "no start", "no bytes", "gzip", "other content"],
)
def test_a_server_that_does_not_send_the_rest_sends_it_all(second: bytes, tmp_path: Path) -> None:
    def handler(request: Received) -> Reply:
        if len(server.requests) == 1:
            return cut(whole(), CUT)
        return second if "range" in request.headers else whole()

    with serving(handler) as server, bench(server.base_url) as on:
        saved(on, on.run(job_for(tmp_path)))
    assert ranges(server)[:2] == [None, FROM]


def test_a_rest_without_the_length_of_the_whole_may_be_a_part_of_it(tmp_path: Path) -> None:
    second = rest(CUT - OVERLAP, content_range=f"bytes {CUT - OVERLAP}-9999/*")
    with serving([cut(whole(), CUT), second, whole()]) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        assert job.state == "done"
        assert job.target.read_bytes() == CONTENT


@pytest.mark.parametrize("where", [0, 1, OVERLAP - 1])
def test_one_other_byte_shows_that_it_is_another_file(where: int, tmp_path: Path) -> None:
    other = bytearray(CONTENT)
    other[CUT - OVERLAP + where] ^= 1
    replies = [cut(whole(), CUT), rest(CUT - OVERLAP, bytes(other)), whole(bytes(other))]
    with serving(replies) as server, bench(server.base_url) as on:
        saved(on, on.run(job_for(tmp_path)), bytes(other))
    assert ranges(server) == [None, FROM, None]


@pytest.mark.parametrize("there", [1, OVERLAP, OVERLAP + 1, CUT, 9_999, 10_000, 12_000])
def test_what_an_earlier_program_has_left_is_gone_on_with(there: int, tmp_path: Path) -> None:
    content = (CONTENT + b"too much" * 300)[:there]
    start = max(0, min(there, 10_000) - OVERLAP)
    with serving([rest(start) if start else whole()]) as server, bench(server.base_url) as on:
        saved(on, on.run(half_done(tmp_path, content)))
    assert ranges(server) == [f"bytes={start}-" if start else None]


@pytest.mark.parametrize("crashed", ["before the link", "after the link", "after all"])
def test_a_crash_at_the_rename_costs_no_second_download(crashed: str, tmp_path: Path) -> None:
    job = half_done(tmp_path, CONTENT)
    assert job.part is not None
    job.settling = job.target
    if crashed != "before the link":
        os.link(job.part, job.target)
    if crashed == "after all":
        job.part.unlink()
    with serving([rest(10_000 - OVERLAP)]) as server, bench(server.base_url) as on:
        saved(on, on.run(job))
    assert len(server.requests) == (crashed == "before the link")


def test_a_part_that_someone_removed_is_begun_anew(tmp_path: Path) -> None:
    job = half_done(tmp_path)
    assert job.part is not None
    job.part.unlink()
    with serving([whole()]) as server, bench(server.base_url) as on:
        saved(on, on.run(job))


def test_tries_that_get_further_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "OVERLAP", 100)
    monkeypatch.setattr(saving, "PROGRESS", 300)

    def handler(request: Received) -> Reply:
        start = int(request.headers.get("range", "bytes=0-")[6:-1])
        reply = rest(start) if start else whole()
        return cut(reply, 500) if start < 9_000 else reply

    with serving(handler) as server, bench(server.base_url) as on:
        saved(on, on.run(job_for(tmp_path)))
    assert len(server.requests) > 20


@pytest.mark.parametrize("ending", [CLOSE, RESET])
@pytest.mark.parametrize("listed", [10_000, None])
def test_a_server_that_always_cuts_is_given_up_and_leaves_nothing(
    ending: Any, listed: int | None, tmp_path: Path
) -> None:
    def handler(request: Received) -> Reply:
        start = int(request.headers.get("range", "bytes=0-")[6:-1])
        reply = rest(start) if start else whole()
        return [reply[: reply.index(b"\r\n\r\n") + 4 + CUT - start], ending]

    with serving(handler) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path, bytes=listed))
        assert job.state == "failed"
        assert "the connection broke" in job.message
        assert (job.part, job.saved_as) == (None, None)
        assert os.listdir(tmp_path) == []
    assert len(server.requests) == 4


def test_a_server_without_ranges_that_cuts_here_and_there_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A try that gets further than the last one, but not than all before it, counts."""
    monkeypatch.setattr(saving, "PROGRESS", 300)
    places = iter([2_000, 6_000] * 50)
    with serving(lambda _: cut(whole(), next(places))) as server, bench(server.base_url) as on:
        assert on.run(job_for(tmp_path)).state == "failed"
    assert len(server.requests) == 5
    assert os.listdir(tmp_path) == []


def test_what_is_tried_again_by_hand_begins_anew(tmp_path: Path) -> None:
    replies = iter([*[cut(whole(), CUT)] * 4, whole()])
    with serving(lambda _: next(replies)) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        assert job.state == "failed"
        on.again(job)
        saved(on, job)
    assert ranges(server) == [None, FROM, FROM, FROM, None]


def test_how_far_it_came_before_does_not_count_when_it_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "PROGRESS", 300)
    places = iter([8_000] * 4 + [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 10_000])
    with serving(lambda _: cut(whole(), next(places))) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        assert job.state == "failed"
        on.again(job)
        saved(on, job)


def test_nothing_is_left_of_a_longer_file_that_it_was_before(tmp_path: Path) -> None:
    with serving([whole(CONTENT[:500])]) as server, bench(server.base_url) as on:
        saved(on, on.run(half_done(tmp_path, bytes=None)), CONTENT[:500])


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (rest(CUT - OVERLAP, CONTENT[:8_000]), "only 8.0 kB of 10.0 kB came"),
        (rest(CUT - OVERLAP, content_range=f"bytes {CUT - OVERLAP}-9999/12000"), "only 10.0 kB of 12.0 kB came"),
        (error_answer(404, "No such File"), "No such File"),
    ],
)
def test_a_rest_that_is_too_short_is_no_file(second: bytes, words: str, tmp_path: Path) -> None:
    with serving([cut(whole(), CUT), second]) as server, bench(server.base_url) as on:
        job = on.run(job_for(tmp_path))
        assert job.state == "failed"
        assert words in job.message
    assert os.listdir(tmp_path) == []


def test_only_the_rest_needs_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage(9_999, 0, 4_500))
    with serving([rest(CUT - OVERLAP)]) as server, bench(server.base_url) as on:
        saved(on, on.run(half_done(tmp_path)))
        (tmp_path / "f.bin").unlink()
        refused = on.run(half_done(tmp_path, CONTENT[:5_000]))
    assert (refused.state, len(server.requests)) == ("failed", 1)
    assert "5.0 kB are wanted, and " in refused.message
    assert os.listdir(tmp_path) == []


def test_a_cancel_between_two_tries_removes_the_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("files_tui.api.retry.random.uniform", lambda low, high: 1_000.0)
    with serving([cut(whole(), CUT)]) as server, bench(server.base_url) as on:
        job = job_for(tmp_path)
        on.queue.submit([job])
        until(lambda: job.state == "retrying")
        assert len(os.listdir(tmp_path)) == 1
        on.queue.cancel([job])
    assert (job.state, os.listdir(tmp_path)) == ("cancelled", [])


def test_bytes_that_come_in_crumbs_are_compared_all_the_same(tmp_path: Path) -> None:
    reply = rest(CUT - OVERLAP)

    def crumbs() -> Iterator[bytes]:
        yield from (reply[n : n + 700] for n in range(0, len(reply), 700))

    with serving([cut(whole(), CUT), crumbs()]) as server, bench(server.base_url) as on:
        saved(on, on.run(job_for(tmp_path)))
