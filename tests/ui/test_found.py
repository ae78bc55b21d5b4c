"""What was searched for stands out in the rows that it found."""

import pytest
from rich.text import Text

from files_tui.ui.cells import FOUND, cell
from tests.files import a_file
from tests.ui.helpers import Browser, browsing
from tests.ui.scripted import ScriptedServer, remote


def shown(name: str, words: str, *, width: int = 60, file_id: str = "file-abc") -> Text:
    return cell(a_file(id=file_id, filename=name), "name", width, now=0.0, found=words)


def bright(text: Text) -> list[str]:
    """The parts that stand out."""
    return [text.plain[span.start : span.end] for span in text.spans if span.style == FOUND]


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("data-7.jsonl", "", []),
        ("data-7.jsonl", "ta-7", ["ta-7"]),
        ("Data-7.JSONL", "dAtA", ["Data"]),
        ("a-ab-aba", "ab", ["ab", "ab"]),
        ("aaaa", "aa", ["aa", "aa"]),
        ("Überblick.md", "überBLICK", ["Überblick"]),
        ("U\u0308berblick.md", "\u00fcber", ["Über"]),
        ("50%_[off].txt", "%_[o", ["%_[o"]),
        ("Straße.txt", "straße", []),  # where case changes the length, no place is better than a wrong one
        ("会議の記録.txt", "議の", ["議の"]),
    ],
)
def test_every_place_in_the_name_stands_out(name: str, words: str, expected: list[str]) -> None:
    found = shown(name, words)
    assert bright(found) == expected
    assert "file-abc" not in found.plain


@pytest.mark.parametrize("words", ["file-a", "E-AB", "abc"])
def test_the_id_is_shown_where_only_it_matches(words: str) -> None:
    found = shown("data.jsonl", words)
    assert found.plain == "data.jsonl  file-abc"
    assert [part.lower() for part in bright(found)] == [words.lower()]


def test_a_name_comes_first_and_nothing_is_shown_twice() -> None:
    assert shown("file-abc.txt", "file").plain == "file-abc.txt"
    assert shown("", "abc").plain == "(no name)  file-abc"


def test_a_narrow_column_is_not_left() -> None:
    found = shown("a-rather-long-name.jsonl", "abc", width=16)
    assert found.cell_len == 16
    assert found.plain.endswith("…")


def test_a_hostile_name_or_id_stays_one_safe_line() -> None:
    found = shown("a\n\x1b[31mb", "zz", file_id="zz\x1b]0;x\x07")
    assert "\x1b" not in found.plain
    assert "\n" not in found.plain
    assert bright(found) == ["zz"]


def name_cells(b: Browser) -> list[Text]:
    cells = [b.table.get_row_at(row)[-1] for row in range(b.table.row_count)]
    return [each for each in cells if isinstance(each, Text)]


@pytest.mark.anyio
async def test_rows_follow_what_is_typed() -> None:
    files = [remote(1, "notes.md"), remote(2, "report.md"), remote(3, "0002.txt")]
    with ScriptedServer(files) as server:
        async with browsing(server.base_url) as b:
            assert [bright(each) for each in name_cells(b)] == [[], [], []]
            await b.press("slash", *"000")
            await b.until(lambda: [bright(each) for each in name_cells(b)] == [["000"], ["000"], ["000"]])
            assert b.names == ["0002.txt", "report.md  file-0002", "notes.md  file-0001"]
            await b.write("2")
            await b.until(lambda: b.names == ["0002.txt", "report.md  file-0002"])
            assert [bright(each) for each in name_cells(b)] == [["0002"], ["0002"]]
            assert "report.md  file-0002" in b.text
            await b.press("escape")
            await b.until(lambda: b.names == ["0002.txt", "report.md", "notes.md"])
            assert [bright(each) for each in name_cells(b)] == [[], [], []]
