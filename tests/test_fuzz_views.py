"""Any bytes at all, looked at as each kind of content; see the conftest for the long search."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from files_tui.demo.sample_content import Author
from files_tui.ui.preview import batch, curve, image, markdown, source, table
from tests.hostile import HOSTILE, unprintable, width

View = Callable[[bytes, bool, int, int], list[Text]]

VIEWS: dict[str, View] = {
    "table": lambda data, whole, across, _: table.lines(data, whole, across),
    "curve": curve.lines,
    "batch": lambda data, whole, across, _: batch.lines(data, whole, across),
    "markdown": lambda data, whole, across, _: markdown.lines(data, whole, across),
    "python": lambda data, whole, across, _: source.lines(data, whole, across, name="a.py"),
    "html": lambda data, whole, across, _: source.lines(data, whole, across, name="a.html"),
    "image": image.lines,
    "dots": lambda data, whole, across, down: image.lines(data, whole, across, down, colours=False),
}

_AUTHOR = Author(Random(7))
_SAMPLES = [
    _AUTHOR.metrics(700),
    _AUTHOR.wrapped_metrics(700),
    _AUTHOR.table(600),
    _AUTHOR.batch_answers(3000),
    _AUTHOR.batch_errors(2000),
    _AUTHOR.markdown(900),
    _AUTHOR.code(900),
    _AUTHOR.photo(700),
    _AUTHOR.chart(0),
]
_PIECES = [
    *(text.encode("utf-8", "surrogateescape")[:60] for text in HOSTILE.values() if "\ud800" not in text),
    *(b"step,train_loss,valid_loss\n", b"1,2.5,\n", b"2,nan,-1\n", b"3,1e308,-1e308\n", b"1e999,inf,0x1\n"),
    *(b'"', b",", b"\n", b"\r\n", b"\r", b"\t", b";", b"|", b"\0", b"\xff\xfe", b"\xef\xbb\xbf"),
    *(b"# ", b"- ", b"```\n", b"> ", b"|-|-|\n", b"</kbd>", b"&#8238;", b"[a](b)", b"![a](b)", b"1. ", b"**"),
    *(b'{"custom_id":"a","response":{"status_code":', b"200", b"}", b',"body":{"usage":{"total_tokens":', b"9" * 40),
    *(b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", b"\xff\xff\xff\xff"),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sample that is cut, or has something else in its middle."""
    sample = draw(st.sampled_from(_SAMPLES))
    start, end = sorted((draw(st.integers(0, len(sample))), draw(st.integers(0, len(sample)))))
    return sample[:start] + draw(st.sampled_from(_PIECES)) + sample[end:]


any_bytes = st.one_of(
    damaged(),
    st.lists(st.sampled_from([*_PIECES, b"a", b" "]), max_size=25).map(b"".join),
    st.tuples(st.sampled_from(_PIECES), st.integers(1, 60)).map(lambda pair: pair[0] * pair[1]),
    st.binary(max_size=200),
)


@pytest.mark.parametrize("view", VIEWS)
@given(data=any_bytes, whole=st.booleans(), across=st.integers(1, 130), down=st.integers(1, 50))
def test_any_bytes_are_drawn_safely_in_their_room(view: str, data: bytes, whole: bool, across: int, down: int) -> None:
    lines = VIEWS[view](data, whole, across, down)
    assert view not in ("image", "dots") or len(lines) <= max(2, down)
    for line in lines:
        assert not unprintable(line.plain)
        assert not {char for char in line.plain if unicodedata.category(char) == "Zs"} - {" "}
        assert width(line.plain) == cell_len(line.plain) <= across
        assert not any(isinstance(span.style, Style) and span.style.link for span in line.spans)
        assert line.end == ""
