"""What is written to the terminal: no more than has changed, and so that the same stands there."""

from collections.abc import Sequence

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from files_tui.ui.painting import Changes, Painted

SIZE = Size(24, 3)
CUTS = (0, 7, 15, 24)
CONSOLE = Console(force_terminal=True, color_system="truecolor", _environ={})
STYLES = [
    None,
    *map(
        Style.parse,
        (
            "bold red",
            "green",
            "on blue",
            "reverse on blue",
            "dim #102030 on #405060",
            "underline",
            "default on default",
            "italic",
        ),
    ),
]
CHARACTERS = st.sampled_from(["a", "b", " ", "会", "é", "│", "e\u0301"])
Update = LayoutUpdate | ChopsUpdate


def strips(width: int) -> st.SearchStrategy[Strip]:
    """A strip of words and blanks in several styles, of exactly this width."""
    parts = st.tuples(st.lists(CHARACTERS, min_size=1, max_size=6).map("".join), st.sampled_from(STYLES))
    return st.lists(parts, max_size=5).map(
        lambda made: Strip([Segment(text, style) for text, style in made]).adjust_cell_length(width)
    )


def full(lines: Sequence[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[line] for line in lines], Region(0, 0, *SIZE))


@st.composite
def partial(draw: st.DrawFn) -> ChopsUpdate:
    """Some columns of some lines, as they are when a few widgets are drawn."""
    ends = list(CUTS[1:])
    chops = [
        {x: draw(st.none() | strips(end - x)) for x, end in zip(CUTS[:-1], ends, strict=True)}
        for _ in range(SIZE.height)
    ]
    spans = []
    for y in draw(st.sets(st.integers(0, SIZE.height - 1), min_size=1)):
        start, stop = sorted(draw(st.tuples(st.integers(0, SIZE.width), st.integers(0, SIZE.width))))
        spans.append((y, start, stop))
    return ChopsUpdate(chops, sorted(spans), [ends] * SIZE.height)


UPDATES = st.lists(
    st.lists(strips(SIZE.width), min_size=SIZE.height, max_size=SIZE.height).map(full) | partial(), max_size=5
)


class Shown:
    """A terminal."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.Stream(self._screen)

    def write(self, sequences: str) -> None:
        self._stream.feed(sequences)

    @property
    def lines(self) -> list[str]:
        """A character a cell, the second one of a wide character as a blank."""
        rows = [self._screen.buffer[y] for y in range(SIZE.height)]
        return ["".join(row[x].data or " " for x in range(SIZE.width)) for row in rows]

    @property
    def cells(self) -> list[tuple[object, ...]]:
        """All that is to be seen: of a blank neither the colour of letters nor how thick they are."""
        cells: list[tuple[object, ...]] = []
        for y in range(SIZE.height):
            for x in range(SIZE.width):
                cell = self._screen.buffer[y][x]
                letters = (cell.fg, cell.bold, cell.italics) if cell.data.strip() or cell.reverse else ()
                cells.append((cell.data, cell.bg, cell.reverse, cell.underscore, letters))
        return cells


def changes(painted: Painted, update: Update) -> str:
    """What is written for an update."""
    made = painted.changes(update, SIZE, CONSOLE)
    assert made is None or isinstance(made, Changes)
    return made.render_segments(CONSOLE) if made else ""


@settings(max_examples=20)
@given(st.lists(strips(SIZE.width), min_size=SIZE.height, max_size=SIZE.height).map(full), UPDATES)
def test_the_terminal_shows_what_textual_would_have_written(first: LayoutUpdate, updates: list[Update]) -> None:
    painted, ours, theirs = Painted(), Shown(), Shown()
    for update in (first, *updates):
        ours.write(changes(painted, update))
        theirs.write(update.render_segments(CONSOLE) + "\x1b[H")
        assert ours.cells == theirs.cells
        assert changes(painted, update) == ""


def line(text: str, style: str = "") -> Strip:
    return Strip([Segment(text, Style.parse(style))]).adjust_cell_length(SIZE.width)


def test_a_letter_that_has_changed_costs_a_letter_and_its_place() -> None:
    painted = Painted()
    changes(painted, full([line("page 1 of 3"), line("abc"), line("")]))
    assert changes(painted, full([line("page 2 of 3"), line("abc"), line("")])) == "\x1b[1;6H2"
    assert changes(painted, full([line("page 2 of 3"), line("aXc", "bold"), line("")])) == "\x1b[2;1H\x1b[1maXc\x1b[0m"


def test_all_is_written_again_once_it_is_not_known_any_more() -> None:
    painted, again = Painted(), full([line("one"), line("two"), line("three")])
    first = changes(painted, again)
    assert changes(painted, again) == ""
    painted.forget()
    assert changes(painted, again) == first


def test_what_terminals_find_wider_or_narrower_leaves_no_hole_and_shifts_nothing() -> None:
    """pyte takes a family for two cells and draws each of its people; Rich has it as two cells in all."""
    painted, shown = Painted(), Shown()
    family = "👨\u200d👩\u200d👧"
    shown.write(changes(painted, full([line("############|"), line(""), line("")])))
    shown.write(changes(painted, full([line(f"a {family}.txt    |"), line("e\u0301 会 ✈\ufe0f |"), line("")])))
    assert shown.lines[0][4:].rstrip() == ".txt    |"
    assert "#" not in shown.lines[0]
    assert shown.lines[1].rstrip().endswith(" |")
    shown.write(changes(painted, full([line("🚀"), line(""), line("")])))
    assert shown.lines[0].rstrip() == "🚀"
    assert changes(painted, full([line("👍"), line(""), line("")])) == "\x1b[1;1H  \x1b[1G👍\x1b[3G"
