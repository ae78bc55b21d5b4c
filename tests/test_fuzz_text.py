"""Any text at all, made safe to show, and made a name to save under; see the conftest for the long search."""

import os
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from files_tui.text import FLOOD, MAX_MARKS, file_name, one_line, safe
from files_tui.transfers.target import distinct
from tests.hostile import HOSTILE, unprintable, width

_CORPUS = list(HOSTILE.values())
_PIECES = [piece for text in _CORPUS for piece in (text[:7], text[-3:]) if piece]
_MARKS = "\u0301\u0316\u0338\u20dd\u0e33\u093f\u0900\u1161\u11a8\ufe0f\u200d\u3099\U0001f3fd"

any_text = st.one_of(
    st.text(st.characters()),
    st.lists(st.sampled_from([*_PIECES, *_MARKS, "a", "\n", "/", ".", " "]), max_size=30).map("".join),
    st.sampled_from(_CORPUS),
    st.text(_MARKS + "ae\u1100\u00e9会", max_size=60),
    st.tuples(st.text(_MARKS + "a", max_size=8), st.integers(1, FLOOD)).map(lambda pair: pair[0] * pair[1]),
    st.binary(max_size=80).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")),
)
"""Texts of every kind: Unicode, bytes of any sort, and pieces of what is known to harm."""

# Names that some system takes for something else, and what is hard about the end and the length of a name.
any_name = st.one_of(
    any_text,
    st.tuples(
        st.sampled_from(
            ["con", "CON", "nul.", "aux.tar", "COM1", "lpt9", "com¹", "CONIN$", "~", "-rf", "a:b", "..", ""]
        ),
        any_text,
    ).map("".join),
    st.tuples(any_text, st.sampled_from([".", " ", ". .", ".jsonl", ".part", "/", "\\", "/..", "\0"])).map("".join),
    st.text("aé会😀. ", min_size=150, max_size=300),
)

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in "0123456789¹²³"]
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def assert_shown(shown: str) -> None:
    """One visible line that every terminal measures alike."""
    assert not unprintable(shown)
    assert not {char for char in shown if unicodedata.category(char) == "Zs"} - {" "}
    assert width(shown) == cell_len(shown)
    assert sum(map(cell_len, shown)) == cell_len(shown)
    run = MAX_MARKS
    for char in shown:
        run = run + 1 if cell_len(char) == 0 else 0
        assert run <= MAX_MARKS, "a character of no width that none carries"


@given(any_text)
def test_what_is_safe_is_one_visible_line(text: str) -> None:
    shown = safe(text)
    assert_shown(shown)
    assert safe(shown) == shown
    assert bool(shown) or all(cell_len(char) == 0 or "\U0001f3fb" <= char <= "\U0001f3ff" for char in text)


@given(any_text, st.integers(1, 300))
def test_what_is_cut_is_so_too(text: str, limit: int) -> None:
    shown = safe(text, limit)
    assert_shown(shown)
    if len(text) <= limit:
        assert shown == safe(text)
    else:
        assert "…" in shown


@given(any_text, any_text)
def test_safe_texts_stay_safe_side_by_side(one: str, other: str) -> None:
    """As the program joins them: with a blank, or with words of its own between them."""
    for between in (" ", "  ", ": ", " · ", "…"):
        shown = f"{safe(one)}{between}{safe(other)}"
        assert not unprintable(shown)
        assert width(shown) == cell_len(shown) == cell_len(safe(one)) + cell_len(between) + cell_len(safe(other))


@given(any_text, st.integers(1, 400))
def test_a_message_is_one_line_of_a_known_length(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert_shown(line)
    assert len(line) <= 10 * limit  # a character that is escaped is ten
    assert one_line(line, len(line) or 1) == " ".join(line.split())


@given(any_text)
def test_plain_text_is_left_alone(text: str) -> None:
    plain = "".join(char for char in text if char.isascii() and char.isprintable())
    assert safe(plain) == plain


def assert_saveable(name: str) -> None:
    """A name that Linux, macOS and Windows take, for this very file."""
    assert name not in ("", ".", "..")
    assert not set(name) & set('/\\\0:<>"|?*')
    assert name.isprintable()
    assert not unprintable(name)
    assert name == name.strip(" ")
    assert not name.endswith(".")
    assert not name.startswith(".")
    assert len(name.encode()) <= 255
    assert len(name.encode("utf-16-le")) // 2 <= 255
    assert name.split(".")[0].rstrip(" ").casefold() not in _RESERVED


@given(any_name)
@example("com¹.txt")
@example("con .txt")
@example("CONIN$")
@example("x" * 199 + "é.jsonl")
def test_a_name_to_save_under_is_plain(folder: Path, text: str) -> None:
    name = file_name(text)
    assert_saveable(name)
    assert file_name(name) == name
    path = folder / name
    assert path.parent == folder
    assert os.path.normpath(path) == str(path)
    path.touch()
    assert os.listdir(folder) == [name]
    path.unlink()


@given(st.lists(any_name, max_size=6), st.integers(1, 3), st.data())
def test_names_of_one_download_are_distinct(folder: Path, texts: list[str], copies: int, data: st.DataObject) -> None:
    """And none of them is that of a file which is there."""
    names = [file_name(text) for text in texts] * copies
    there = {folder / name for name in names if data.draw(st.booleans())}
    for path in there:
        path.touch()
    try:
        targets = distinct([folder / name for name in names], keep=True)
        assert len(set(targets)) == len(names)
        assert not there & set(targets)
        for target in targets:
            assert target.parent == folder
            assert_saveable(target.name)
            target.touch(exist_ok=False)
            there.add(target)
    finally:
        for path in there:
            path.unlink(missing_ok=True)
