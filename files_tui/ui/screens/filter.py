"""What the listing is narrowed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, Vertical
from textual.widgets import Static

from files_tui.api.models import Kind
from files_tui.catalog.query import Never, Query, Span
from files_tui.text import DAY, Untrusted
from files_tui.ui.chips import age_words, expiry_words, size_words
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.choice import Choice

T = TypeVar("T")

MB = 1_000_000

_KINDS: tuple[tuple[str, Kind | None], ...] = (
    ("any", None),
    ("ready", "ready"),
    ("busy", "busy"),
    ("failed", "failed"),
    ("unknown", "unknown"),
)
_EXPIRES: tuple[tuple[str, Span | Never | None], ...] = (
    ("any time", None),
    ("in 1 day", Span(0, DAY)),
    ("in 7 days", Span(0, 7 * DAY)),
    ("in 30 days", Span(0, 30 * DAY)),
    ("never", "never"),
)
_AGES: tuple[tuple[str, Span | None], ...] = (
    ("any", None),
    ("< 1 day", Span(None, DAY)),
    ("< 7 days", Span(None, 7 * DAY)),
    ("> 7 days", Span(7 * DAY, None)),
    ("> 30 days", Span(30 * DAY, None)),
    ("> 1 year", Span(365 * DAY, None)),
)
_SIZES: tuple[tuple[str, Span | None], ...] = (
    ("any", None),
    ("< 1 MB", Span(None, MB)),
    ("> 1 MB", Span(MB, None)),
    ("> 10 MB", Span(10 * MB, None)),
    ("> 100 MB", Span(100 * MB, None)),
)


class FilterScreen(Dialog[Query | None]):
    """Gives the view with its filters changed."""

    CSS_PATH = ["dialog.tcss", "filter.tcss"]

    BINDINGS = [
        Binding("enter", "accept", "Apply", id="filter.apply"),
        Binding("escape", "leave", "Cancel", id="filter.cancel"),
        Binding("c", "clear", "Clear all", id="filter.clear"),
    ]

    def __init__(self, view: Query, purposes: Sequence[Untrusted]) -> None:
        super().__init__()
        self._view = view
        options: list[tuple[str | Untrusted, Untrusted | None]] = [
            ("all", None),
            *((purpose or "(none)", purpose) for purpose in purposes),
        ]
        self._purpose = Choice(_with(options, view.purpose, view.purpose or ""), view.purpose, id="purpose")
        self._kind = Choice(_KINDS, next(iter(view.kinds), None), id="kind")
        self._expires = Choice(
            _with(_EXPIRES, view.expires, expiry_words(view.expires or "never")), view.expires, id="expires"
        )
        self._age = Choice(_with(_AGES, view.age, age_words(view.age or Span())), view.age, id="age")
        self._sizes = Choice(_with(_SIZES, view.size, size_words(view.size or Span())), view.size, id="size")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Filter"
            dialog.border_subtitle = self.hint(
                "{choice.previous}{choice.next} choose · {choice.up}{choice.down} line · {filter.apply} apply · "
                "{filter.clear} clear · {filter.cancel} cancel",
                Choice,
            )
            with Grid(classes="form"):
                for label, choice in (
                    ("purpose", self._purpose),
                    ("status", self._kind),
                    ("expires", self._expires),
                    ("age", self._age),
                    ("size", self._sizes),
                ):
                    yield Static(label, classes="label")
                    yield choice

    def action_accept(self) -> None:
        """Narrow the listing."""
        kind = self._kind.value
        self.dismiss(
            replace(
                self._view,
                purpose=self._purpose.value,
                kinds=frozenset({kind} if kind else ()),
                expires=self._expires.value,
                age=self._age.value,
                size=self._sizes.value,
            )
        )

    def action_clear(self) -> None:
        """Show everything."""
        self.dismiss(Query(text=self._view.text, sort=self._view.sort, descending=self._view.descending))


def _with(
    options: Sequence[tuple[str | Untrusted, T]], value: T, words: str | Untrusted
) -> list[tuple[str | Untrusted, T]]:
    """The options, and the value that was chosen elsewhere where it is none of them."""
    return [*options] if value in [option for _, option in options] else [*options, (words, value)]
