"""Files that are not ready yet are looked after until they are, wherever they came from."""

import threading
from collections.abc import Callable, Iterable
from functools import partial

import pytest

from files_tui.api.abort import Abort
from files_tui.api.errors import Aborted
from files_tui.api.models import File, Kind
from files_tui.ui import follow
from files_tui.ui.follow import Follower
from tests.files import a_file
from tests.ui.helpers import browsing
from tests.ui.scripted import ScriptedServer, remote
from tests.waiting import until

PATIENCE = 10.0


def busy(*numbers: int, kind: Kind = "busy") -> list[File]:
    return [a_file(id=f"file-{number}", kind=kind) for number in numbers]


class Clock(Abort):
    """Counts the pauses instead of waiting; cancelled after so many of them."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self.before: dict[int, Callable[[], object]] = {}
        self._most = most

    def wait(self, seconds: float) -> None:
        self.before.get(len(self.pauses), lambda: None)()
        if len(self.pauses) == self._most:
            self.cancel()
        self.check()
        self.pauses.append(seconds)


class Watched:
    """Files that are busy for so many looks."""

    def __init__(self, looks: dict[str, int]) -> None:
        self.left = looks
        self.asked: list[str] = []

    def __call__(self, file_id: str) -> bool:
        self.asked.append(file_id)
        self.left[file_id] -= 1
        return self.left[file_id] > 0


def run(follower: Follower, files: Iterable[File]) -> None:
    """Follow these files to the end."""
    follower.follow(files)
    while threads := [thread for thread in threading.enumerate() if thread.name == "follow"]:
        threads[0].join(PATIENCE)
        assert not threads[0].is_alive()


def test_the_pause_grows_from_two_seconds_to_thirty() -> None:
    watched, clock = Watched({"file-1": 12}), Clock()
    run(Follower(watched, clock), busy(1))
    assert watched.asked == ["file-1"] * 12
    assert clock.pauses[:4] == [2.0, 3.0, 4.5, 6.75]
    assert clock.pauses[6:] == [pytest.approx(22.78, abs=0.01), *[30.0] * 5]


def test_news_make_it_look_often_again() -> None:
    watched, clock = Watched({"file-1": 4, "file-2": 6}), Clock()
    run(Follower(watched, clock), busy(1, 2))
    assert clock.pauses == [2.0, 3.0, 4.5, 6.75, 2.0, 3.0]
    assert watched.asked[-2:] == ["file-2"] * 2


def test_only_busy_files_are_followed_each_once() -> None:
    watched, clock = Watched(dict.fromkeys(("file-1", "file-2", "file-3"), 2)), Clock()
    follower = Follower(watched, clock)
    clock.before[0] = partial(follower.follow, busy(1, 2))
    run(follower, [*busy(1, 3), *busy(4, kind="ready"), *busy(5, kind="failed")])
    assert sorted(watched.asked) == ["file-1", "file-1", "file-2", "file-2", "file-3", "file-3"]


def test_a_file_that_is_just_looked_at_is_not_taken_twice() -> None:
    """As when the listing is refreshed at that moment."""
    watched, clock = Watched({"file-1": 3}), Clock(most=10)

    def look(file_id: str) -> bool:
        follower.follow(busy(1))
        return watched(file_id)

    follower = Follower(look, clock)
    run(follower, busy(1))
    assert watched.asked == ["file-1"] * 3


def test_ten_at_once_and_the_others_in_turn() -> None:
    watched, clock = Watched({f"file-{n}": 2 for n in range(25)}), Clock()
    run(Follower(watched, clock), busy(*range(25)))
    assert len(clock.pauses) == 5
    assert watched.asked[:25] == [f"file-{n}" for n in range(25)]
    assert sorted(watched.asked[25:]) == sorted(watched.asked[:25])


def test_new_files_are_looked_at_first() -> None:
    watched, clock = Watched({f"file-{n}": 2 for n in range(20)}), Clock()
    follower = Follower(watched, clock)
    clock.before[1] = partial(follower.follow, busy(15))
    run(follower, busy(*range(15)))
    assert watched.asked[10] == "file-15"


def test_a_new_file_does_not_wait_for_the_long_pause_of_an_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "FIRST_LOOK", 0.01)
    monkeypatch.setattr(follow, "SLOWER", 10_000.0)
    seen, closing = {"file-1": threading.Event(), "file-2": threading.Event()}, Abort()

    def look(file_id: str) -> bool:
        seen[file_id].set()
        return True

    follower = Follower(look, closing)
    follower.follow(busy(1))
    assert seen["file-1"].wait(PATIENCE)
    until(lambda: follower._waits == follow.LONGEST_LOOK)
    follower.follow(busy(2))
    try:
        assert seen["file-2"].wait(PATIENCE)
    finally:
        closing.cancel()


def test_old_files_are_not_forgotten_when_a_new_one_comes_while_they_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow, "FIRST_LOOK", 0.01)
    begun, others, answer, again = (threading.Event() for _ in range(4))
    closing = Abort()

    def look(file_id: str) -> bool:
        if file_id == "file-2":
            others.set()
            return False
        if begun.is_set():
            again.set()
        begun.set()
        answer.wait(PATIENCE)
        return True

    follower = Follower(look, closing)
    follower.follow(busy(1))
    assert begun.wait(PATIENCE)
    follower.follow(busy(2))
    others.wait(0.2)  # in vain where one is asked for after the other
    until(lambda: sum(thread.name == "follow" for thread in threading.enumerate()) == 1)
    answer.set()
    try:
        assert again.wait(PATIENCE)
    finally:
        closing.cancel()


def test_it_begins_again_after_all_were_ready() -> None:
    watched = Watched({"file-1": 1, "file-2": 1})
    follower = Follower(watched, Clock())
    run(follower, busy(1))
    run(follower, busy(2))
    assert watched.asked == ["file-1", "file-2"]


def test_the_end_of_the_program_ends_it() -> None:
    clock = Clock(most=3)
    run(Follower(lambda _: True, clock), busy(1))
    assert len(clock.pauses) == 3
    with pytest.raises(Aborted):
        clock.check()


@pytest.mark.anyio
async def test_busy_files_of_any_sync_are_followed_until_they_are_final(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "FIRST_LOOK", 0.01)
    with ScriptedServer([remote(1, status="uploaded"), remote(2), remote(3, status="running")]) as server:
        async with browsing(server.base_url) as b:
            assert b.column("Status") == ["◐ busy", "● ready", "◐ busy"]
            await b.until(lambda: "GET /files/file-0001" in server.requests)
            server.files[0] = remote(1, status="processed")
            await b.until(lambda: b.column("Status") == ["◐ busy", "● ready", "● ready"])
            server.files[2] = remote(3, status="error", status_details="Line 1 is no example")
            await b.until(lambda: b.column("Status") == ["✗ failed", "● ready", "● ready"])
            await b.detail("details", "Line 1 is no example")
            server.files.append(remote(4, status="pending"))
            await b.refreshed(4)
            server.files[3] = remote(4)
            await b.until(lambda: b.column("Status") == ["● ready", "✗ failed", "● ready", "● ready"])
            assert len(server.asked) == 2
            assert "GET /files/file-0002" not in server.requests


@pytest.mark.anyio
async def test_a_busy_file_that_is_gone_is_left_to_the_next_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "FIRST_LOOK", 0.01)
    with ScriptedServer([remote(1, status="uploaded"), remote(2, status="uploaded")]) as server:
        async with browsing(server.base_url) as b:
            server.files = [remote(2, status="processed")]
            await b.until(lambda: b.column("Status") == ["● ready", "◐ busy"])
            await b.refreshed(1)
            assert b.ids == ["file-0002"]
