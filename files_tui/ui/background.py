"""Network and disk work beside the screen's own loop."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message_pump import MessagePump

from files_tui import crash
from files_tui.ui.messages import WorkFailed


def in_background(screen: MessagePump, work: Callable[[], None], name: str) -> None:
    """Run `work` in a thread; what it finds out it tells by `call_later` or by a message, an error of our own too.

    The thread is a daemon of its own: one of asyncio's pool, as Textual's thread workers are, would hold up the end of
    the program for as long as a connection takes to fail, and the pool has few of them.
    """

    def run() -> None:
        try:
            work()
        except Exception as error:
            screen.post_message(WorkFailed(name, crash.noted(error)))

    threading.Thread(target=run, name=name, daemon=True).start()
