"""The command line: what it says becomes `Settings`, and those the app."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from files_tui import __version__, settings
from files_tui.settings import Account, NoKeyError, Secret, Settings, SettingsError
from files_tui.text import Untrusted, one_line, safe

if TYPE_CHECKING:
    from files_tui.api.models import Exchange
    from files_tui.demo.launch import DemoServer

OWN_ERROR, USAGE_ERROR = 1, 2
_LATER = {
    "pick": "--pick is not there yet: browse without it and copy ids with c",
    "doctor": "'files-tui doctor' is not there yet",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; gives its exit code."""
    prepare()
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.command == "paths":
            print(f"profiles   {settings.config_file()}")
            print(f"listings   {settings.cache_dir()}")
            print(f"transfers  {settings.state_dir()}")
            print(f"crashes    {settings.state_dir()}/crash-*.txt", flush=True)
            return 0
        if options.command == "keys":
            return _print_keys()
        for name, words in _LATER.items():
            if options.command == name or getattr(options, name, False):
                raise SettingsError(words)
        return _browse(options)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        _let_go_of_who_is_gone()
        return 128 + signal.SIGPIPE
    except NoKeyError as error:
        _say(f"files-tui: {error}\n  export {error.variable}=sk-…    or    files-tui --demo")
    except SettingsError as error:
        _say(f"files-tui: {error}")
    except Exception as error:
        from files_tui import crash

        _say(crash.stopped(error))
        return OWN_ERROR
    return USAGE_ERROR


def prepare() -> None:
    """Make Python start quickly, and not pause for long."""
    # Where `click` is installed, httpx would import its own command line: a third of its import time.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    # Imports make garbage collections by the dozen and hardly any garbage: a sixth of the start-up.
    gc.set_threshold(200_000, 20, 20)


class _Parser(argparse.ArgumentParser):
    """An argument may be the name of a file, which a shell has filled in."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="files-tui",
        description="A terminal file browser for the OpenAI Files API and every server that speaks it.",
        epilog="The key comes from OPENAI_API_KEY, or from a profile in the file that 'files-tui paths' names. "
        "Exit codes: 0; 1 after an error of its own; 2 for a setting that cannot be used; 128 + n after signal n.",
    )
    add = parser.add_argument
    add("command", nargs="?", choices=("keys", "doctor", "paths"), help="print the key map, or where things are kept")
    add(
        "--upload",
        metavar="PATH",
        nargs="+",
        type=_path,
        default=[],
        help="start with these in the upload dialog",
    )
    add("--profile", metavar="NAME", help="a profile of the configuration file")
    add("--base-url", metavar="URL", help=f"the server's address (default {settings.DEFAULT_BASE_URL})")
    add("--demo", action="store_true", help="use an embedded server with sample files; needs no key")
    add("--demo-dir", metavar="DIR", type=_path, help="the same, and keep its files in this folder")
    add("--read-only", action="store_true", help="neither upload nor delete")
    add("--pick", action="store_true", help=argparse.SUPPRESS)
    add("--purpose", metavar="P", help="show only files of this purpose at first")
    add("--page-size", metavar="N", type=_positive, help="files a page (default: what fits)")
    add("--download-dir", metavar="DIR", type=_path, help="the folder that downloads go to")
    add("--log-file", metavar="FILE", type=_path, help="append a line for each request; never a key")
    add("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    add("--no-cache", action="store_true", help="keep nothing of the listing on disk after the program ends")
    add("--version", action="version", version=f"files-tui {__version__}")
    return parser


def _positive(words: str) -> int:
    if not words.isdecimal() or not 1 <= int(words) <= 10_000:
        raise argparse.ArgumentTypeError("a number from 1 to 10000 is wanted")
    return int(words)


def _path(words: str) -> Path:
    return Path(os.path.expanduser(words))


def _browse(options: argparse.Namespace) -> int:
    with contextlib.ExitStack() as stack:
        open_account: Callable[[], Account]
        if options.demo or options.demo_dir:
            account, read_only = Account(), False
            _check_demo(options)
            _check_terminal()
            open_account = partial(_demo_account, stack.enter_context(_start_demo(options)))
        else:
            account, read_only = settings.load_account(
                profile=options.profile,
                base_url=options.base_url,
                environ=os.environ,
                config=settings.config_file(),
            )
            open_account = partial(_same, account)
        chosen = _settings(options, account, read_only=read_only or options.read_only)
        _check_terminal()
        on_exchange = stack.enter_context(RequestLog(chosen.log_file)).write if chosen.log_file else _ignore
        return _run(chosen, open_account, on_exchange)


def _check_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise SettingsError("a terminal is needed on standard input and standard error")


def _same(account: Account) -> Account:
    return account


def _run(chosen: Settings, open_account: Callable[[], Account], on_exchange: Callable[[Exchange], None]) -> int:
    from files_tui.ui.app import FilesApp

    app = FilesApp(chosen, open_account, on_exchange)
    threading.excepthook = app.thread_failed
    app.run(mouse=chosen.mouse)
    _let_go_of_who_is_gone()
    return app.return_code or 0


def _let_go_of_who_is_gone() -> None:
    """Python would end with a code of its own when a terminal or a pipe takes its last words no more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _settings(options: argparse.Namespace, account: Account, *, read_only: bool) -> Settings:
    if options.upload and read_only:
        raise SettingsError("--upload does not go with a read-only session")
    if options.download_dir is not None and not os.path.isdir(options.download_dir):
        raise SettingsError(f"no such folder: {one_line(str(options.download_dir))}")
    return Settings(
        account=account,
        read_only=read_only,
        purpose=None if options.purpose is None else Untrusted(options.purpose),
        page_size=options.page_size,
        download_dir=options.download_dir,
        log_file=options.log_file,
        mouse=not options.no_mouse,
        upload=tuple(options.upload),
        demo=bool(options.demo or options.demo_dir),
        cache=not options.no_cache,
    )


def _check_demo(options: argparse.Namespace) -> None:
    if options.profile or options.base_url:
        raise SettingsError("--demo does not go with --profile or --base-url")
    from files_tui.demo.launch import missing_packages

    if missing := missing_packages():
        raise SettingsError(f"--demo needs {', '.join(missing)}: pip install 'files-tui[demo]'")


def _start_demo(options: argparse.Namespace) -> DemoServer:
    from files_tui.demo.launch import DemoError, DemoServer

    try:
        return DemoServer(*(["--dir", str(options.demo_dir)] if options.demo_dir else []))
    except DemoError as error:
        raise SettingsError(str(error)) from None


def _demo_account(demo: DemoServer) -> Account:
    return Account(base_url=demo.base_url(), key=Secret("demo"), profile="demo", key_from="the demo itself")


def _ignore(exchange: Exchange) -> None:
    """Without a log file, a request is kept for the screen only."""


class RequestLog:
    """Appends a line for each request to a file that only its owner reads; `write` may be called from any thread."""

    def __init__(self, path: Path) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
        except OSError as error:
            raise SettingsError(f"cannot write {one_line(str(path))}: {error.strerror}") from None
        self._handle: int | None = handle
        self._failure: OSError | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> RequestLog:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None
        if self._failure is not None:
            _say(f"files-tui: the log file is not complete: {self._failure.strerror}")

    def write(self, exchange: Exchange) -> None:
        """Note a request: time, method, path, status, seconds, request id, earlier tries, and its error.

        A log that cannot be written must not make a request fail that did not; it is told of at the end.
        """
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(exchange.at))
        line = (
            f"{when} {exchange.method} {exchange.path} {exchange.status or '-'} {exchange.duration:.3f}s "
            f"{exchange.request_id or '-'} retries={exchange.retries}"
            f"{f' error={safe(exchange.error)}' if exchange.error else ''}\n"
        )
        with self._lock:
            if self._handle is not None and self._failure is None:
                try:
                    os.write(self._handle, line.encode())
                except OSError as error:
                    self._failure = error


def _print_keys() -> int:
    from files_tui.ui.app import FilesApp
    from files_tui.ui.keys import key_map

    for name, keys, says in key_map(FilesApp):
        print(f"{name:<18} {keys:<16} {says}")
    sys.stdout.flush()
    return 0


def _say(words: str) -> None:
    print("\n".join(map(safe, words.split("\n"))), file=sys.stderr)
