"""What the listing is narrowed to."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Grid, Vertical
from textual.widgets import Static

from files_tui.api.models import Kind
from files_tui.catalog.query import Query
from files_tui.text import DAY
from files_tui.ui.screens.dialog import Dialog
from files_tui.ui.widgets.choice import Choice

_KINDS: tuple[tuple[str, Kind | None], ...] = (
    ("any", None),
    ("ready", "ready"),
    ("busy", "busy"),
    ("failed", "failed"),
    ("unknown", "unknown"),
)
_SPANS: tuple[tuple[str, int | None], ...] = (
    ("any time", None),
    ("in 1 day", DAY),
    ("in 7 days", 7 * DAY),
    ("in 30 days", 30 * DAY),
)


class FilterScreen(Dialog[Query | None]):
    """Gives the view with its filters changed."""

    CSS_PATH = ["dialog.tcss", "filter.tcss"]

    BINDINGS = [
        Binding("enter", "accept", "Apply", id="filter.apply"),
        Binding("escape", "leave", "Cancel", id="filter.cancel"),
        Binding("c", "clear", "Clear all", id="filter.clear"),
    ]

    def __init__(self, view: Query, purposes: Sequence[str]) -> None:
        super().__init__()
        self._view = view
        options: list[tuple[str, str | None]] = [
            ("all", None),
            *((purpose or "(none)", purpose) for purpose in purposes),
        ]
        self._purpose = Choice(options, view.purpose, id="purpose")
        self._kind = Choice(_KINDS, next(iter(view.kinds), None), id="kind")
        self._span = Choice(_SPANS, view.expiring_within, id="span")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Filter"
            dialog.border_subtitle = "←→ choose · ↑↓ line · ⏎ apply · c clear · esc cancel"
            with Grid(classes="form"):
                yield Static("purpose", classes="label")
                yield self._purpose
                yield Static("status", classes="label")
                yield self._kind
                yield Static("expiring", classes="label")
                yield self._span

    def action_accept(self) -> None:
        """Narrow the listing."""
        kind = self._kind.value
        self.dismiss(
            replace(
                self._view,
                purpose=self._purpose.value,
                kinds=frozenset({kind} if kind else ()),
                expiring_within=self._span.value,
            )
        )

    def action_clear(self) -> None:
        """Show everything."""
        self.dismiss(replace(self._view, purpose=None, kinds=frozenset(), expiring_within=None))
