"""Tables of outcomes that stand in the repository beside the tests that make them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

AT_ONCE = 4
WAITING_AT_ONCE = 96


@dataclass(frozen=True)
class Table:
    """What happened, in rows and columns; a cell that there is not is empty."""

    about: str
    columns: Sequence[str]
    rows: Mapping[str, Mapping[str, str]]

    def text(self) -> str:
        """The table as Markdown, aligned for those who read it as it is."""
        lines = [["", *self.columns]]
        lines += [[name, *(cells.get(column, "") for column in self.columns)] for name, cells in self.rows.items()]
        widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
        lines.insert(1, ["-" * width for width in widths])
        drawn = (" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join([self.about, "", *(f"| {line} |" for line in drawn), ""])

    def differences(self, path: Path) -> list[str]:
        """The cells that are not as the file at that path has them."""
        written = _cells(path.read_text(encoding="utf-8")) if path.exists() else {}
        found = _cells(self.text())
        keys = sorted(written.keys() | found.keys())
        return [
            f"{' x '.join(key)}: {found.get(key)!r}, and the table has {written.get(key)!r}"
            for key in keys
            if found.get(key) != written.get(key)
        ]

    def write(self, path: Path) -> None:
        """Make this what is expected."""
        path.write_text(self.text(), encoding="utf-8")
        print(f"{path}: {sum(map(len, self.rows.values()))} cells")


def _cells(text: str) -> dict[tuple[str, str], str]:
    lines = [[cell.strip() for cell in line[1:-1].split(" | ")] for line in text.splitlines() if line.startswith("|")]
    columns = lines[0]
    return {(line[0], column): cell for line in lines[2:] for column, cell in zip(columns, line, strict=True)}


def at_once(keys: Iterable[K], make: Callable[[K], str], *, waits: Callable[[K], bool]) -> dict[K, str]:
    """A cell for each key, several at a time, and many at a time of those that do nothing but wait."""
    with ThreadPoolExecutor(AT_ONCE) as working, ThreadPoolExecutor(WAITING_AT_ONCE) as waiting:
        made = {key: (waiting if waits(key) else working).submit(make, key) for key in keys}
        return {key: future.result() for key, future in made.items()}
