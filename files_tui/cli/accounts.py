"""The account that the command line names: one of a profile or the environment, or the demo's."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from files_tui import settings
from files_tui.settings import Account, Secret, SettingsError

if TYPE_CHECKING:
    from files_tui.demo.launch import DemoServer


@contextlib.contextmanager
def account_of(options: argparse.Namespace) -> Iterator[tuple[Account, bool, Callable[[], Account]]]:
    """The account as far as it is known, whether it is read-only, and a function that waits for all of it.

    The last is for a thread: the demo, which is started here and ended with the `with`, is known by its address only
    once it runs. Raises `SettingsError`.
    """
    if is_demo(options):
        _check_demo(options)
        with _started(options) as demo:
            yield Account(), options.read_only, partial(_demo_account, demo)
        return
    account, read_only = settings.load_account(
        profile=options.profile,
        base_url=options.base_url,
        environ=os.environ,
        config=settings.config_file(),
    )
    yield account, read_only or options.read_only, partial(_same, account)


def is_demo(options: argparse.Namespace) -> bool:
    """Whether the embedded server is used, whose address is another one at the next start."""
    return bool(options.demo or options.demo_dir)


def _same(account: Account) -> Account:
    return account


def _check_demo(options: argparse.Namespace) -> None:
    if options.profile or options.base_url:
        raise SettingsError("--demo does not go with --profile or --base-url")
    from files_tui.demo.launch import missing_packages

    if missing := missing_packages():
        raise SettingsError(f"--demo needs {', '.join(missing)}: pip install 'files-tui[demo]'")


def _started(options: argparse.Namespace) -> DemoServer:
    from files_tui.demo.launch import DemoError, DemoServer

    try:
        return DemoServer(*(["--dir", str(options.demo_dir)] if options.demo_dir else []))
    except DemoError as error:
        raise SettingsError(str(error)) from None


def _demo_account(demo: DemoServer) -> Account:
    from files_tui.demo.launch import DemoError

    try:
        return Account(base_url=demo.base_url(), key=Secret("demo"), profile="demo", key_from="the demo itself")
    except DemoError as error:
        raise SettingsError(str(error)) from None
