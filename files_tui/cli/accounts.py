"""The account that the command line names: one of a profile or the environment, or the demo's."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from files_tui import accounts, settings
from files_tui.cli.words import say
from files_tui.config import Config, read_config
from files_tui.settings import Account, Secret, SettingsError

if TYPE_CHECKING:
    from files_tui.demo.launch import DemoServer


@contextlib.contextmanager
def account_of(
    options: argparse.Namespace, config: Config | None = None
) -> Iterator[tuple[Account, bool, Callable[[], Account]]]:
    """The account as far as it is known, whether it is read-only, and a function that waits for all of it.

    The last is for a thread: the demo, which is started here and ended with the `with`, is known by its address only
    once it runs. Without a `config`, the file is read, and what is wrong with it said. Raises `SettingsError`.
    """
    if is_demo(options):
        _check_demo(options)
        with _started(options) as demo:
            yield Account(), options.read_only, partial(_demo_account, demo)
        return
    read = read_config(settings.config_file()) if config is None else config
    with problems_told(read, always=True) if config is None else contextlib.nullcontext():
        account, read_only = accounts.load_account(
            profile=options.profile, base_url=options.base_url, environ=os.environ, config=read
        )
    yield account, read_only or options.read_only, partial(_same, account)


def is_demo(options: argparse.Namespace) -> bool:
    """Whether the embedded server is used, whose address is another one at the next start."""
    return bool(options.demo or options.demo_dir)


@contextlib.contextmanager
def problems_told(config: Config, *, always: bool) -> Iterator[None]:
    """Say on standard error what is wrong with the file; unless `always`, only where the program ends for an error."""
    said = ""
    try:
        yield
    except SettingsError as error:
        said, always = str(error), True
        raise
    finally:
        for problem in config.problems if always else ():
            if not said or not (problem.startswith(said) or (config.broken or problem) in said):
                say(f"files-tui: {problem}")


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
