"""The command line: what it says becomes `Settings`, and those the browser, or one command without a screen."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from files_tui.cli.parser import make_parser
from files_tui.cli.words import FAILED, OWN_ERROR, USAGE_ERROR, OutputFailed, let_go_of_who_is_gone, say, writing
from files_tui.settings import NoKeyError, SettingsError

# Each is a function of the options that gives an exit code, in a module that is loaded for it alone.
COMMANDS = {
    None: "browse:browse",
    "keys": "about:print_keys",
    "paths": "about:print_paths",
    "list": "listing:print_listing",
    "get": "listing:print_files",
    "check": "checks:check_files",
    "upload": "uploads:upload",
    "download": "downloads:download",
    "delete": "deletes:delete",
    "doctor": "doctor:examine",
    "completion": "completion:print_completion",
}


def run(arguments: Sequence[str] | None) -> int:
    """Run what the command line asks for; gives the exit code."""
    if os.path.expanduser("~") == "~":  # a user whom the system does not know, as containers have them
        os.environ["HOME"] = os.sep
    try:
        return _run(_options(arguments))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        let_go_of_who_is_gone()
        return 128 + signal.SIGPIPE
    except OutputFailed as error:
        say(f"files-tui: {error}")
        return FAILED
    except NoKeyError as error:
        export = f"export {error.variable}=sk-…    or    " if error.variable else ""
        say(f"files-tui: {error}\n  {export}files-tui --demo")
    except SettingsError as error:
        say(f"files-tui: {error}")
    except Exception as error:
        from files_tui import crash

        say(crash.stopped(error))
        return OWN_ERROR
    return USAGE_ERROR


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    try:
        return make_parser().parse_args(arguments)
    except SystemExit:  # after the help, or what is wrong
        let_go_of_who_is_gone()
        raise


def _run(options: argparse.Namespace) -> int:
    module, function = COMMANDS[options.command].split(":")
    code: int = getattr(import_module(f"files_tui.cli.{module}"), function)(options)
    with writing():
        sys.stdout.flush()
    return code
