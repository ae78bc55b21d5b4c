"""What can be uploaded, told from real files."""

import os
from pathlib import Path

import pytest

from files_tui.api.models import LARGEST_IN_PARTS, LARGEST_UPLOAD
from files_tui.transfers.source import SourceError, source_size


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        source_size(path)
    words = str(caught.value)
    assert words.isprintable()
    return words


def test_a_file_has_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"12345")
    (tmp_path / "link").symlink_to(path)
    assert source_size(path) == 5
    assert source_size(tmp_path / "link") == 5


def test_the_largest_upload(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    path.touch()
    os.truncate(path, LARGEST_UPLOAD + 1)
    assert source_size(path) == LARGEST_UPLOAD + 1 == 512 * 1024**2 + 1
    os.truncate(path, LARGEST_IN_PARTS)
    assert source_size(path) == LARGEST_IN_PARTS == 8 * 1024**3
    os.truncate(path, LARGEST_IN_PARTS + 1)
    assert refusal(path).endswith("holds 8.6 GB: an upload holds at most 8 GiB")


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "fifo")

    assert refusal(tmp_path / "missing").startswith("no such file: ")
    assert refusal(tmp_path / "dangling").startswith("no such file: ")
    assert refusal(tmp_path / "loop").startswith("cannot read ")
    assert refusal(tmp_path / "empty" / "below").startswith("cannot read ")
    assert refusal(tmp_path).endswith("is a folder: choose the files in it")
    assert refusal(tmp_path / "empty").endswith("is empty: the API takes no files of 0 bytes")
    assert refusal(tmp_path / "fifo").endswith("is no regular file")
    assert refusal(Path("/dev/null")).endswith("is no regular file")
    assert refusal(tmp_path / ("x" * 300)).startswith("cannot read ")


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_what_is_no_path(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path / name).startswith("not a path: ")


def test_a_hostile_name_is_shown_safely(tmp_path: Path) -> None:
    assert "␛[31m" in refusal(tmp_path / "a\x1b[31m\nb")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("x")
    path.chmod(0)
    assert refusal(path).endswith("permission denied")
    tmp_path.chmod(0)
    try:
        assert refusal(path).startswith("cannot read ")
    finally:
        tmp_path.chmod(0o700)
