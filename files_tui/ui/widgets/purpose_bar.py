"""The line of purposes, each with its digit and its number of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static

from files_tui.api.models import PURPOSES
from files_tui.text import Untrusted, count, safe

_KNOWN = tuple(map(Untrusted, PURPOSES))

MOST_LINES = 2


def ordered(purposes: Mapping[Untrusted, int]) -> list[Untrusted]:
    """Purposes in the order of their digits."""
    known = [purpose for purpose in _KNOWN if purpose in purposes]
    return known + sorted(purpose for purpose in purposes if purpose not in _KNOWN)


class PurposeBar(Static):
    """Shows what there is, in one line or two; a click chooses, as the digits do."""

    @dataclass(eq=False, repr=False)
    class Chosen(Message):
        """The nth purpose was clicked; 0 is all."""

        number: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id, markup=False)
        self._purposes: Mapping[Untrusted, int] = {}
        self._chosen: Untrusted | None = None
        self._places: list[tuple[int, int, int, int]] = []
        self._line = Text()

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return self._line.plain.count("\n") + 1

    @property
    def has_shown(self) -> bool:
        """Whether there has been anything to show."""
        return bool(self._line)

    def show(self, purposes: Mapping[Untrusted, int], chosen: Untrusted | None) -> None:
        """Show the numbers of files by purpose, and which purpose is chosen; None is all."""
        self._purposes, self._chosen = purposes, chosen
        self._draw()

    def _draw(self) -> None:
        names: list[Untrusted | None] = [None, *ordered(self._purposes)]
        lines = self._wrapped(self._labels(names, counts=True))
        if len(lines) > MOST_LINES:
            lines = self._wrapped(self._labels(names, counts=False))
        line = Text("\n").join(lines[:MOST_LINES])
        if line != self._line:
            layout = line.plain.count("\n") != self._line.plain.count("\n")
            self._line = line
            self.update(line, layout=layout)

    def _wrapped(self, labels: list[Text]) -> list[Text]:
        """Labels in as many lines as they need, with their places noted for the mouse."""
        lines = [Text(no_wrap=True)]
        self._places = []
        for number, label in enumerate(labels):
            if lines[-1].cell_len + label.cell_len > self.size.width and lines[-1]:
                lines.append(Text(no_wrap=True))
            start = lines[-1].cell_len
            lines[-1].append_text(label)
            self._places.append((len(lines) - 1, start, lines[-1].cell_len, number))
        return lines

    def _labels(self, names: list[Untrusted | None], *, counts: bool) -> list[Text]:
        labels: list[Text] = []
        for number, name in enumerate(names):
            is_chosen = name == self._chosen
            label = Text(f" {number} " if number < 10 else " ", "bold" if is_chosen else "dim")
            word = "All" if name is None else safe(name, 24) or "(none)"
            label.append(word, "bold underline" if is_chosen else "not dim")
            if counts or is_chosen:
                files = sum(self._purposes.values()) if name is None else self._purposes.get(name, 0)
                label.append(f" {count(files)}", "bold cyan" if is_chosen else "not dim cyan")
            labels.append(label.append(" "))
        return labels

    def on_resize(self) -> None:
        self._draw()

    def on_click(self, event: events.Click) -> None:
        for line, start, end, number in self._places:
            if event.y == line and start <= event.x < end:
                self.post_message(self.Chosen(number))
