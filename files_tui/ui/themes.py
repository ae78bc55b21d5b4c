"""Colours: which theme to begin with, and what the names of colours stand for in it.

Texts of ours name the terminal's own colours (`bold red`, `dim`). A theme of Textual's `ansi` kind leaves them to the
terminal; in any other they are these, each of which is readable on every background that comes with Textual.
"""

from __future__ import annotations

from rich.terminal_theme import TerminalTheme

USUAL = "textual-dark"
"""The theme where nothing else is asked for."""

TERMINAL = "ansi-dark"
"""The theme that has no colours but the terminal's own, and leaves it its background."""

_BRIGHT = [
    (255, 124, 124),
    (130, 215, 95),
    (235, 190, 80),
    (130, 175, 255),
    (225, 150, 255),
    (90, 210, 235),
    (246, 246, 239),
]
_DARK = [(165, 25, 25), (35, 95, 15), (115, 75, 0), (35, 70, 170), (125, 35, 145), (0, 85, 125), (40, 40, 40)]

ON_DARK = TerminalTheme((12, 12, 12), (217, 217, 217), [(26, 26, 26), *_BRIGHT], [(140, 140, 140), *_BRIGHT])
ON_LIGHT = TerminalTheme((247, 247, 247), (0, 0, 0), [(247, 247, 247), *_DARK], [(110, 110, 110), *_DARK])


def first_theme(wanted: str | None, usual: str, *, no_color: bool, color_system: str | None) -> str:
    """The theme to begin with: the one that is wanted, else the terminal's own colours where it has but sixteen."""
    if no_color:
        return TERMINAL
    return wanted or (TERMINAL if color_system == "standard" else usual)
