"""What the contents of files look like: tables, curves, batches, Markdown, source and pictures."""

from __future__ import annotations

import base64
import io
import re
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from random import Random

import pytest
from PIL import Image
from rich.style import Style
from rich.text import Text

from files_tui.demo.sample_content import Author
from files_tui.ui.preview import batch, curve, image, markdown, parts, source, table

BRAILLE = re.compile("[\u2801-\u28ff]")


def shown(lines: list[Text]) -> str:
    return "\n".join(line.plain.rstrip() for line in lines)


def test_a_table_has_aligned_columns_with_numbers_to_the_right() -> None:
    data = "id,name,amount\n1,会議メモ,9.50\n20,a\tb,1200.00\n3,é,\n".encode()
    assert shown(table.lines(data, True, 60)) == (
        "3 rows · 3 columns · parted by commas\n"
        "\n"
        "id  name       amount\n"
        "──  ────────  ───────\n"
        " 1  会議メモ     9.50\n"
        "20  a␉b       1200.00\n"
        " 3  é"
    )


def test_columns_of_words_give_way_and_broken_rows_are_marked() -> None:
    data = b"id,first,second\n1," + b"x" * 90 + b"," + b"y" * 90 + b"\n2,short\n3,a,b,c,d\n4,a,b"
    lines = shown(table.lines(data, False, 50)).split("\n")
    assert lines[0] == "3 rows · 3 columns · parted by commas · so far"
    assert lines[1] == "✗ 2 rows are broken, where 3 cells belong: line 3…"
    assert lines[5] == "   1  xxxxxxxxxxxxxxxxxxxx…  yyyyyyyyyyyyyyyyyyyy…"
    assert lines[6] == "✗  2  short"
    assert lines[7].startswith("✗  3  a ")
    assert lines[7].endswith("│ c …")


def test_a_table_of_many_columns_is_drawn_row_by_row() -> None:
    names, values = [f"column {number}" for number in range(20)], [f"value {number}" for number in range(20)]
    lines = shown(table.lines(f"{','.join(names)}\n{','.join(values)}\n".encode(), True, 80)).split("\n")
    assert lines[2].startswith("── row 1 · line 2 ──")
    assert lines[3:] == [f"{name:<9}  {value}" for name, value in zip(names, values, strict=True)]


def curve_of(*values: str, width: int = 60, height: int = 24, head: str = "step,train_loss,valid_loss") -> list[str]:
    rows = "\n".join([head, *(f"{step},{value}" for step, value in enumerate(values, 1)), ""])
    return shown(curve.lines(rows.encode(), True, width, height)).split("\n")


def test_a_curve_has_axes_and_tells_train_from_valid_without_colours() -> None:
    lines = curve_of(*(f"{3 - step / 50:.2f},{'3.00' if step % 20 == 10 else ''}" for step in range(100)))
    assert lines[:2] == ["100 steps", "loss"]
    assert [line.split("┤")[0].strip() for line in lines if "┤" in line] == ["3.0", "2.5", "2.0", "1.5", "1.0"]
    axis = next(number for number, line in enumerate(lines) if "└" in line)
    assert lines[axis + 1].split() == ["1", "50", "step", "100"]
    drawn = lines[2:axis]
    assert all(BRAILLE.search(line) for line in drawn), "the line goes from the top to the bottom"
    assert sum(line.count("◆") for line in drawn) == drawn[0].count("◆") == 5
    assert lines[axis + 2] == "⣿ train loss  first 3.0000  least 1.0200 at 100  last 1.0200"
    assert lines[axis + 3] == "◆ valid loss  first 3.0000  least 3.0000 at 11  last 3.0000"
    assert lines[axis + 5].split() == ["step", "train_loss", "valid_loss"]
    assert lines[-1].split() == ["100", "1.02"]


def test_a_single_peak_among_thousands_of_steps_is_drawn() -> None:
    lines = curve_of(*("9," if step == 4321 else "1," for step in range(12_000)))
    drawn = [found for line in lines[2:] if (found := BRAILLE.findall(line))]
    assert len(drawn[0]) == 1, "the peak"
    assert len(drawn[-2]) > 50
    assert any("first 1.0000  least 1.0000 at 1  last 1.0000" in line for line in lines)


def test_a_gap_is_left_open_and_told() -> None:
    steady = curve_of(*["1,"] * 60)
    broken = curve_of(*["1,"] * 20, *["nan,"] * 20, *["1,"] * 20)
    counts = [max(len(BRAILLE.findall(line)) for line in lines) for lines in (steady, broken)]
    assert 0.5 < counts[1] / counts[0] < 0.75
    assert "✗ 20 steps of train loss without a number, the first at 21" in broken


def test_a_curve_bears_whatever_numbers_there_are() -> None:
    for values in (["1e308,-1e308", "-1e308,1e308"], ["0,0"], ["1,inf", "1.0000000000001,2"], ["1e-300,2e-300"] * 3):
        assert any("┤" in line for line in curve_of(*values))
    odd = curve_of("5,9", "1e300,8", "5,7", "x,6", head="row,step,train_loss")
    assert "⣿ train loss  first 6.0000  least 6.0000 at 4  last 8.0000" in odd


def test_results_without_room_for_a_curve_are_words_and_a_table() -> None:
    for width, height in ((20, 40), (80, 8)):
        lines = curve_of("2,", "1,", width=width, height=height)
        assert not any("┤" in line for line in lines)
        assert any("train loss" in line for line in lines)
    assert lines[-1].split() == ["2", "1"]
    assert "most 3.0000 at 3" in "\n".join(curve_of("1", "2", "3", head="step,train_mean_reward"))
    wrapped = base64.b64encode(Author(Random(1)).metrics(4000))
    assert "decoded from base64 · so far" in shown(curve.lines(wrapped, False, 80, 24))


def test_a_batch_is_told_in_a_few_lines() -> None:
    lines = shown(batch.lines(Author(Random(3)).batch_answers(200_000), True, 80)).split("\n")
    assert re.fullmatch(r"476 requests · ✓ 4\d\d succeeded · ✗ \d\d failed", lines[0])
    assert re.fullmatch(r"█+░+ 9\d\.\d %", lines[1])
    assert re.fullmatch(r"tokens  [\d,]+ read · [\d,]+ written · [\d,]+ in all", lines[2])
    assert "429 rate_limit_exceeded  first: req-0" in shown(batch.lines(Author(Random(3)).batch_errors(9000), True, 80))
    assert shown(batch.lines(b"no batch\n", False, 80)).split("\n") == [
        "no request has an outcome · so far",
        "✗ 1 line without a JSON object, the first is line 1",
    ]
    counts = batch.lines(b'{"custom_id": "\\u001b[2J", "error": "\\u202e' + b"long " * 99 + b'"}\n', True, 60)
    assert shown(counts[2:3]) == "     1 ✗ no status  first: ␛[2J"
    assert len(counts) == 3 + batch.MESSAGE_LINES
    assert counts[-1].plain.endswith("…")


def test_markdown_is_drawn_and_its_links_lead_nowhere() -> None:
    data = b"# Title\n\nSome **bold** [words](https://x.test/y).\n\n- a\n  - b\n\n1. c\n"
    data += b"\n| k | v |\n|---|--:|\n| a | 1 |\n"
    data += b"\n```python\nreturn None\n```\n\n<b>raw</b> &#27;[2J &#8238; ![alt](p.png)\n"
    lines = markdown.lines(data, True, 60)
    words = shown(lines)
    assert "words (https://x.test/y)" in words
    assert " • a\n    • b" in words
    assert " k  v\n" in words
    assert "│ return None" in words
    assert "<b>raw</b> \ufffd[2J \\u202e [image: alt] (p.png)" in words
    styles = {word: span.style for line in lines for span in line.spans for word in [line.plain[span.start : span.end]]}
    assert isinstance(styles["bold"], Style)
    assert styles["bold"].bold
    assert str(styles["return"])
    assert not any(isinstance(style, Style) and style.link for style in styles.values())


def test_source_is_coloured_by_its_name_or_its_first_line_and_folded() -> None:
    code = b"#!/usr/bin/env python3\nif x:\n\treturn '" + b"y" * 50 + b"'\n"
    for lines in (source.lines(code, True, 40), source.lines(code[22:], True, 40, name="A/B.PY")):
        keyword = next(line for line in lines if line.plain == "if x:")
        assert [(span.start, span.end) for span in keyword.spans if "blue" in str(span.style)] == [(0, 2)]
        at = lines.index(keyword)
        assert [line.plain for line in lines[at + 1 :]] == ["    return '" + "y" * 28, "y" * 22 + "'"]
    assert not any(line.spans for line in source.lines(code[22:], True, 40, name="a.unknown"))


def test_highlighting_ends_with_its_budget_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = b"x = 1\n" * 300, b"# a\n\n" * 300
    before = shown(source.lines(code, True, 40, name="a.py"))
    monkeypatch.setattr(source, "BUDGET", -1)
    monkeypatch.setattr(markdown, "BUDGET", -1)
    plain = source.lines(code, True, 40, name="a.py")
    assert shown(plain) == before
    assert not any(line.spans for line in plain)
    assert shown(markdown.lines(text, True, 40)) == text.decode().strip("\n") + "\n"


def test_a_table_that_nobody_writes_is_shown_as_it_is_written() -> None:
    """Its rows are short, and each would be filled up to a hundred cells."""
    for rows, is_drawn in ((20, True), (300, False)):
        text = "\n".join(["a|" * 99, "-|" * 99, *["b|"] * rows])
        assert (shown(markdown.lines(text.encode(), True, 250)) == text) != is_drawn


LONG: dict[str, tuple[bytes, Callable[[bytes], list[Text]]]] = {
    "a row": (b",", lambda data: table.lines(data, True, 80)),
    "open quotes": (b'"a,b\n', lambda data: table.lines(b"a,b\n" + data, True, 80)),
    "a batch": (b'{"custom_id": 1}\n', lambda data: batch.lines(data, True, 80)),
    "a deep line": (b'{"response":', lambda data: batch.lines(data, True, 80)),
    "steps": (b"1,2\n", lambda data: curve.lines(b"step,train_loss\n" + data, True, 80, 24)),
    "base64": (b"c3RlcCxs", lambda data: curve.lines(data, True, 80, 24)),
    "marks": ("\u0301".encode(), lambda data: markdown.lines(data, True, 80)),
    "line ends": (b"\n", lambda data: curve.lines(data + b"!", True, 80, 24)),
    "dashes": (b"-", lambda data: markdown.lines(data + b"x", True, 80)),
    "links": (b"[a](b", lambda data: markdown.lines(data, True, 80)),
    "a word": (b"m", lambda data: source.lines(data, True, 80, name="a.py")),
}


@pytest.mark.parametrize("of", LONG)
def test_the_time_for_hostile_text_grows_with_its_length(of: str) -> None:
    unit, draw = LONG[of]
    times = []
    for size in (15_000, 240_000):
        data = unit * (size // len(unit))
        start = time.thread_time()
        assert len(draw(data)) <= parts.MOST_LINES
        times.append(time.thread_time() - start)
    assert times[1] < 64 * times[0] + 0.5, "the square of the length would be 256 times as much"


def png(*rows: list[tuple[int, int, int, int]], size: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    picture = Image.new("RGBA", (len(rows[0]), len(rows)))
    for y, row in enumerate(rows):
        for x, colour in enumerate(row):
            picture.putpixel((x, y), colour)
    picture.save(file, "PNG")
    data = file.getvalue()
    if size:
        head = b"IHDR" + struct.pack(">II", *size) + data[24:29]
        data = data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]
    return data


RED, BLUE, CLEAR = (255, 0, 0, 255), (0, 0, 255, 255), (9, 9, 9, 0)


def test_a_picture_is_drawn_in_half_blocks_of_two_colours() -> None:
    head, first, second = image.lines(png([RED, BLUE, CLEAR], [BLUE, BLUE, RED], [CLEAR, RED, CLEAR]), True, 40, 20)
    assert head.plain.startswith("PNG · 3 × 3 pixels · ")
    assert (first.plain, second.plain) == ("▀ ▄", " ▀ ")
    colours = [str(span.style) for line in (first, second) for span in line.spans]
    assert colours == ["#f80000 on #0000f8", "on #0000f8", "#f80000", "#f80000"]


MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "GIF": ("1", "L", "P", "RGBA"),
    "WEBP": ("RGB", "RGBA"),
}


@pytest.mark.parametrize(("kind", "mode"), [(kind, mode) for kind, modes in MODES.items() for mode in modes])
def test_pictures_of_each_kind_fit_and_keep_their_shape(kind: str, mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (400, 100)).save(file, kind)
    for colours in (True, False):
        assert len(image.lines(file.getvalue(), True, 80, 24, colours=colours)) == 1 + 10


def test_a_photo_stands_as_its_camera_was_held() -> None:
    file, turned = io.BytesIO(), Image.Exif()
    turned[0x112] = 6
    Image.new("RGB", (400, 100), "red").save(file, "JPEG", exif=turned)
    lines = image.lines(file.getvalue(), True, 80, 24)
    assert (len(lines), {len(line) for line in lines[1:]}) == (24, {11})


def test_a_picture_without_colours_is_as_dense_as_it_is_bright() -> None:
    white, black = (255, 255, 255, 255), (0, 0, 0, 255)
    _, first, second = image.lines(png(*[[white] * 4] * 4, *[[black] * 4] * 4), True, 40, 20, colours=False)
    assert (first.plain, second.plain) == ("⣿⣿", "")


def test_a_part_of_a_picture_is_drawn_as_far_as_it_has_come() -> None:
    data = Author(Random(3)).photo(90_000)
    whole, part = (image.lines(data[: len(data) // share], share == 1, 60, 30) for share in (1, 2))
    assert part[0].plain.endswith("so far")
    assert 0.4 < len(part) / len(whole) < 0.6


def test_a_picture_that_would_fill_the_memory_is_told_of_only() -> None:
    tracemalloc.start()
    try:
        for size in ((100_000, 100_000), (2**31 - 1, 2**31 - 1), (image.MOST_PIXELS["PNG"] + 1, 1)):
            lines = shown(image.lines(png([RED], size=size), True, 80, 24))
            assert lines.endswith("too many pixels to decode them here: download it to see it")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    damaged = shown(image.lines(png([RED])[:40] + b"damaged" * 9, True, 80, 24))
    assert "cannot be drawn" in damaged
    assert "0x" not in damaged


def test_without_pillow_a_picture_is_words_and_the_way_to_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "find_spec", lambda _: None)
    head, hint = image.lines(png([RED, RED]), True, 80, 24)
    assert re.fullmatch(r"PNG · 2 × 1 pixels · \d+ B", head.plain)
    assert hint.plain == "to see it here: pip install 'files-tui[images]'"
