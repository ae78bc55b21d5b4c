"""What the screen says when there is nothing to list, and about what it leaves out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text

from files_tui import text
from files_tui.api.errors import (
    ApiError,
    AuthenticationFailed,
    ConnectionFailed,
    NotFound,
    NotSupported,
    PermissionMissing,
    RateLimited,
    TimedOut,
)
from files_tui.catalog.errors import TooSlow
from files_tui.catalog.query import Query
from files_tui.ui.chips import chips_of

if TYPE_CHECKING:
    from files_tui.catalog.catalog import Catalog
    from files_tui.ui.browse.standing import Standing

WORTH_WAITING = 0.03

Keys = Callable[[str], str]
"""Gives the key in force for a binding's id, as it is shown."""


def state_word(error: ApiError, keys: Keys) -> text.Safe:
    """A failed listing in two words, for the head line."""
    match error:
        case AuthenticationFailed():
            words = "key rejected"
        case PermissionMissing():
            words = "no permission"
        case ConnectionFailed() | TimedOut():
            words = "offline"
        case RateLimited():
            words = "rate-limited"
        case NotSupported():
            return text.Safe(f"✗ server cannot list · {keys('file.open')} opens by id")
        case _:
            words = "listing failed"
    return text.Safe(f"✗ {words} · {keys('list.refresh')} tries again")


def notice(
    *,
    standing: Standing,
    view: Query,
    catalog: Catalog | None,
    key_from: str,
    usual: bool,
    can_upload: bool,
    keys: Keys,
) -> Text:
    """Why the table is empty, and which key or variable helps.

    `key_from` tells where the key came from, and `usual` that the server is the API's own.
    """
    again, opens, uploads = keys("list.refresh"), keys("file.open"), keys("file.upload")
    is_empty = catalog is None or not catalog.purposes()
    match standing.problem:
        case _ if not is_empty:
            title, helps = (
                f"Nothing matches {' · '.join(chip.words for chip in chips_of(view))}",
                _way_out(view, catalog, keys),
            )
            if standing.under_way and not standing.is_known:
                title += " so far"
        case AuthenticationFailed():
            title = "The key was rejected"
            helps = f"It came from {text.safe(key_from, 80)}: set another one and start again."
        case PermissionMissing():
            title, helps = "The key may not do this", standing.problem.advice
        case ConnectionFailed() | TimedOut():
            title = "The server cannot be reached"
            helps = (
                "Check the network"
                + ("" if usual else ", and OPENAI_BASE_URL or --base-url")
                + f"; {again} tries again."
            )
        case NotSupported():
            title = "This server cannot list files"
            helps = f"{opens} opens a file by its id{f', {uploads} uploads' if can_upload else ''}, {again} asks again."
        case NotFound():
            title, helps = (
                "The listing failed",
                f"{standing.problem.advice} {again} tries again, {opens} opens a file by its id.",
            )
        case ApiError():
            title, helps = "The listing failed", f"{standing.problem.advice} {again} tries again."
        case str():
            title, helps = "Not connected", f"{again} tries again, {keys('app.quit')} quits."
        case None if standing.is_fresh and not standing.under_way:
            title = "No files yet"
            helps = f"{uploads} uploads the first one." if can_upload else f"{again} asks again."
        case _:
            title, helps = "Loading…", ""
    problem = standing.problem if is_empty else None
    shown = Text(justify="center").append(title, "bold red" if problem else "bold")
    if problem:
        shown.append(f"\n\n{text.one_line(str(problem), 400)}")
    shown.append(f"\n\n{helps}" if helps else "", "cyan")
    return shown


def _way_out(view: Query, catalog: Catalog | None, keys: Keys) -> str:
    """Which filter to drop, with what would then be there."""
    clear = keys("list.clear")
    one = len(chips_of(view)) == 1
    lines = [f"{clear} clears it." if one else f"{clear} clears all, {keys('list.drop')} drops the last."]
    for chip in chips_of(view):
        try:
            files = catalog.totals(chip.without, patience=WORTH_WAITING).files if catalog else 0
        except TooSlow:
            continue
        if files:
            lines.append(f"Without {chip.words}: {text.plural(files, 'file')}")
    return "\n".join(lines)
