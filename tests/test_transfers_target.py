"""Where a download may go, the names it gets, and how it gets them without a loss."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from files_tui.transfers.target import (
    TargetError,
    candidates,
    check_target,
    expanded,
    is_settled,
    part_beside,
    settle,
    sync_folder,
)


def made(path: Path, content: str = "new") -> Path:
    path.write_text(content)
    return path


def test_candidates() -> None:
    names = candidates(Path("x/a.b.txt"))
    assert [str(next(names)) for _ in range(3)] == ["x/a.b.txt", "x/a.b (1).txt", "x/a.b (2).txt"]
    names = candidates(Path("x/.hidden"))
    assert [next(names).name for _ in range(2)] == [".hidden", ".hidden (1)"]


def test_a_typed_path_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("PLACE", "here")
    assert expanded("~/$PLACE/${PLACE}") == Path("/home/me/here/here")
    assert expanded("a b") == Path("a b")


@pytest.mark.parametrize("name", ["a.txt", "會" * 80, "x" * 255, os.fsdecode(b"a\xff"), ".hidden"])
def test_the_name_of_a_temporary_file(name: str, tmp_path: Path) -> None:
    one, other = (part_beside(tmp_path / name) for _ in range(2))
    assert one != other
    assert one.parent == tmp_path
    assert one.name.startswith(".")
    assert one.name.endswith(".part")
    one.touch(exist_ok=False)


class Usage(NamedTuple):
    """What `shutil.disk_usage` gives."""

    total: int
    used: int
    free: int


def test_the_space_that_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def usage(folder: Path) -> Usage:
        asked.append(folder)
        return Usage(5_000, 4_000, 1_000)

    monkeypatch.setattr("shutil.disk_usage", usage)
    check_target(tmp_path / "a", 1_000)
    check_target(tmp_path / "a", None)
    with pytest.raises(TargetError, match=r"^1\.0 kB are wanted, and .* has 1\.0 kB left$"):
        check_target(tmp_path / "a", 1_001)
    assert set(asked) == {tmp_path}


def test_a_disk_that_cannot_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(folder: Path) -> Usage:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("shutil.disk_usage", usage)
    with pytest.raises(TargetError, match="Input/output error"):
        check_target(tmp_path / "a", 1)


def test_what_is_there_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x (1)").symlink_to(tmp_path / "nowhere")
    named: list[str] = []
    part = made(tmp_path / "part")
    saved = settle(part, tmp_path / "x", replace=False, about_to=lambda path: named.append(path.name))
    assert saved == tmp_path / "x (2)"
    assert saved.read_text() == "new"
    assert not part.exists()
    assert named == ["x (2)"]


def test_replacing_takes_the_name(tmp_path: Path) -> None:
    target, part = made(tmp_path / "x", "old"), made(tmp_path / "part")
    named: list[Path] = []
    assert settle(part, target, replace=True, about_to=named.append) == target
    assert (target.read_text(), part.exists(), named) == ("new", False, [target])


def no_links(source: object, target: object) -> None:
    """A file system without hard links."""
    if os.path.lexists(str(target)):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.mark.parametrize("links", [True, False])
def test_a_name_that_another_program_takes_in_the_last_moment(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    part, target = made(tmp_path / "part"), tmp_path / "a.txt"
    named: list[str] = []

    def about_to(path: Path) -> None:
        named.append(path.name)
        if path == target:
            made(target, "of another program")

    saved = settle(part, target, replace=False, about_to=about_to)
    assert named == ["a.txt", "a (1).txt"]
    assert (saved.name, saved.read_text(), target.read_text()) == ("a (1).txt", "new", "of another program")
    assert not part.exists()


def test_without_hard_links_the_name_is_taken_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    seen: list[bool] = []
    real = os.replace

    def replace(source: Path, target: Path) -> None:
        seen.append(target.exists())
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    part = made(tmp_path / "part")
    assert settle(part, tmp_path / "a", replace=False) == tmp_path / "a"
    assert (tmp_path / "a").read_text() == "new"
    assert seen == [True]
    assert os.listdir(tmp_path) == ["a"]


def test_without_hard_links_a_name_that_cannot_be_used_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(source: Path, target: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, "replace", replace)
    part = made(tmp_path / "part")
    with pytest.raises(OSError, match="Input/output"):
        settle(part, tmp_path / "a", replace=False)
    assert os.listdir(tmp_path) == ["part"]


def before(folder: Path) -> None:
    """A crash before anything."""
    made(folder / "part")


def after_the_link(folder: Path) -> None:
    """A crash between the new name and the end of the old one."""
    os.link(made(folder / "part"), folder / "saved")


def after_all(folder: Path) -> None:
    """A crash after the rename."""
    made(folder / "saved")


def name_taken_only(folder: Path) -> None:
    """A crash where there are no hard links."""
    made(folder / "part")
    made(folder / "saved", "")


def another_file(folder: Path) -> None:
    """What was to be replaced is still there."""
    made(folder / "part")
    made(folder / "saved", "old")


def neither(folder: Path) -> None:
    """Someone removed both."""


def another_length(folder: Path) -> None:
    """What has the name now is something else."""
    made(folder / "saved", "longer")


def a_folder(folder: Path) -> None:
    """What has the name now is no file."""
    (folder / "saved").mkdir()


@pytest.mark.parametrize(
    ("crash", "settled", "left"),
    [
        (before, False, ["part"]),
        (after_the_link, True, ["saved"]),
        (after_all, True, ["saved"]),
        (name_taken_only, False, ["part"]),
        (another_file, False, ["part", "saved"]),
        (neither, False, []),
        (another_length, False, ["saved"]),
        (a_folder, False, ["saved"]),
    ],
)
def test_what_a_crash_left(crash: Callable[[Path], None], settled: bool, left: list[str], tmp_path: Path) -> None:
    crash(tmp_path)
    assert is_settled(tmp_path / "part", tmp_path / "saved", 3) is settled
    assert sorted(os.listdir(tmp_path)) == left


def test_without_a_length_whatever_has_the_name_is_it(tmp_path: Path) -> None:
    another_length(tmp_path)
    assert is_settled(tmp_path / "part", tmp_path / "saved", None)


def test_a_folder_that_is_gone_cannot_be_synced(tmp_path: Path) -> None:
    sync_folder(tmp_path / "gone")
    handles = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    sync_folder(tmp_path)
    assert handles in (0, len(os.listdir("/proc/self/fd")))
