"""The program that most people mean: the browser."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from files_tui.accounts import Accounts, account_of_environment
from files_tui.cli.accounts import account_of, problems_told
from files_tui.cli.request_log import RequestLog
from files_tui.cli.words import OutputFailed, let_go_of_who_is_gone
from files_tui.config import Config, read_config
from files_tui.settings import Account, Settings, SettingsError, config_file
from files_tui.text import Untrusted, one_line

if TYPE_CHECKING:
    from files_tui.api.models import Exchange
    from files_tui.ui.app import FilesApp


def browse(options: argparse.Namespace) -> int:
    """Run the browser; gives its exit code. Raises `SettingsError` and `OutputFailed`."""
    config = read_config(config_file())
    with contextlib.ExitStack() as stack:
        stack.enter_context(problems_told(config, always=False))
        account, read_only, open_account = stack.enter_context(account_of(options, config))
        chosen = settings_of(options, account, config, read_only=read_only or options.pick)
        if options.pick:
            _hear_the_terminal()
        _check_terminal()
        _take_terminal_as_it_is()
        on_exchange = stack.enter_context(RequestLog(chosen.log_file)).write if chosen.log_file else ignore
        with _drawn_on_the_terminal():
            app = _run(chosen, open_account, on_exchange, None if chosen.demo else _accounts(options, config))
        code = app.return_code or 0
        put([*(app.copier.copied if options.print_ids else ()), *(app.chosen if code == 0 else ())], code)
        let_go_of_who_is_gone()
        return code


def put(texts: list[str], code: int) -> None:
    """Write what is to be printed at the end of a run with this exit code. Raises `OutputFailed`."""
    from files_tui.cli.output import put_text

    try:
        for words in texts:
            put_text(words)
    except OutputFailed:
        if not code:  # or the signal that may have taken the terminal away says more
            raise


def _accounts(options: argparse.Namespace, config: Config) -> Accounts:
    """What one can switch to; the `default` profile is in use where nothing else is named."""
    current = options.profile or (None if account_of_environment(os.environ) else "default")
    read_only = options.read_only or options.pick
    return Accounts(os.environ, config.path, current, base_url=options.base_url, read_only=read_only)


def _hear_the_terminal() -> None:
    """Where standard input is something else, as in a pipe, the keys come from the terminal all the same."""
    if sys.stdin is not None and not sys.stdin.isatty():
        with contextlib.suppress(OSError):  # without any terminal, the check that follows says so
            terminal = os.open("/dev/tty", os.O_RDONLY)
            os.dup2(terminal, sys.stdin.fileno())
            os.close(terminal)


@contextlib.contextmanager
def _drawn_on_the_terminal() -> Iterator[None]:
    """Where standard output is something else, the screen has the terminal in its place, which it asks for its size."""
    if sys.stdout is None or sys.stdout.isatty():
        yield
        return
    sys.stdout.flush()
    output = os.dup(1)
    os.dup2(sys.stderr.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(output, 1)
        os.close(output)


def _is_awaited() -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(1).st_mode)
    except OSError:
        return False


def _check_terminal() -> None:
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        raise SettingsError("a terminal is needed on standard input and standard error")


def _take_terminal_as_it_is() -> None:
    """Have its own size, which an exported one would not follow, and a cell for each letter, whatever the locale."""
    with contextlib.suppress(OSError):
        if all(os.get_terminal_size(sys.stderr.fileno())):
            for name in ("COLUMNS", "LINES"):
                os.environ.pop(name, None)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8")


def _run(
    chosen: Settings,
    open_account: Callable[[], Account],
    on_exchange: Callable[[Exchange], None],
    accounts: Accounts | None,
) -> FilesApp:
    from files_tui.ui.quick import import_textual

    import_textual()
    from files_tui.ui.app import FilesApp

    app = FilesApp(chosen, open_account, on_exchange, accounts)
    threading.excepthook = app.thread_failed
    app.run(mouse=chosen.mouse)
    return app


def settings_of(options: argparse.Namespace, account: Account, config: Config, *, read_only: bool) -> Settings:
    """What the flags decide, and the file where they say nothing.

    Raises `SettingsError` for flags that do not go together, or a folder that does not exist.
    """
    if options.upload and read_only:
        raise SettingsError(f"--upload does not go with {'--pick' if options.pick else 'a read-only session'}")
    if options.download_dir is not None and not os.path.isdir(options.download_dir):
        raise SettingsError(f"no such folder: {one_line(str(options.download_dir))}")
    return Settings(
        account=account,
        read_only=read_only,
        purpose=None if options.purpose is None else Untrusted(options.purpose),
        page_size=options.page_size or config.page_size,
        download_dir=options.download_dir or config.download_dir,
        log_file=options.log_file,
        mouse=config.mouse if options.mouse is None else options.mouse,
        upload=tuple(options.upload),
        pick=options.pick,
        awaited=_is_awaited(),
        demo=bool(options.demo or options.demo_dir),
        cache=not options.no_cache,
        theme=config.theme,
        animation=config.animation,
        columns=config.columns,
        confirm=config.confirm,
        config=config,
    )


def ignore(exchange: Exchange) -> None:
    """Without a log file, a request is kept for the screen only."""
