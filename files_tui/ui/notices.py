"""What the screen says when there is nothing to list, and about what it leaves out."""

from __future__ import annotations

from rich.text import Text

from files_tui import text
from files_tui.api.errors import (
    ApiError,
    AuthenticationFailed,
    ConnectionFailed,
    NotSupported,
    PermissionMissing,
    RateLimited,
    TimedOut,
)
from files_tui.catalog.query import Query


def state_word(error: ApiError) -> text.Safe:
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
            words = "server cannot list"
        case _:
            words = "listing failed"
    return text.Safe(f"✗ {words} · r tries again")


def notice(
    *,
    problem: ApiError | str | None,
    synced: bool,
    empty: bool,
    view: Query,
    key_from: str,
    usual: bool,
    can_upload: bool,
) -> Text:
    """Why the table is empty, and which key or variable helps.

    `empty` tells that the account has no files at all, `key_from` where the key came from, and `usual` that the server
    is the API's own.
    """
    match problem:
        case AuthenticationFailed():
            title, helps = "The key was rejected", f"It came from {key_from}: set another one and start again."
        case PermissionMissing():
            title, helps = "The key may not do this", problem.advice
        case ConnectionFailed() | TimedOut():
            title = "The server cannot be reached"
            helps = "Check the network" + ("" if usual else ", and OPENAI_BASE_URL or --base-url") + "; r tries again."
        case NotSupported():
            title, helps = "This server cannot list files", "Uploading still works: u."
        case ApiError():
            title, helps = "The listing failed", f"{problem.advice} r tries again."
        case str():
            title, helps = "Not connected", "r tries again, q quits."
        case None if synced and not empty:
            title, helps = f"Nothing matches {filter_words(view) or text.safe(view.purpose or '')}", "esc clears it."
        case None if synced:
            title = "No files yet"
            helps = "u uploads the first one." if can_upload else "r asks again."
        case None:
            title, helps = "Loading…", ""
    shown = Text(title, "bold red" if problem else "bold", justify="center")
    if problem:
        shown.append(f"\n\n{text.one_line(str(problem), 400)}", "not bold")
    shown.append(f"\n\n{helps}" if helps else "", "not bold cyan")
    return shown


def filter_words(view: Query) -> str:
    """What narrows the listing, in words; empty when nothing but the purpose does."""
    parts = [f"“{text.safe(view.text, 40)}”"] if view.text else []
    parts += sorted(view.kinds)
    if view.expiring_within:
        parts.append(f"expiring in {text.span(view.expiring_within)}")
    return " · ".join(parts)
