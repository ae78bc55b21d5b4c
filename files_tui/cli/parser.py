"""What the command line takes: the browser's flags, and the commands that need no screen.

The help, the man page and the completions of shells are all made from this one parser.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any, NoReturn

from files_tui import __version__, settings
from files_tui.text import one_line

DESCRIPTION = "A terminal file browser for the OpenAI Files API and every server that speaks it."
EPILOG = (
    "The key comes from OPENAI_API_KEY, or from a profile in the file that 'files-tui paths' names. "
    "Exit codes: 0; 1 after an error of its own, or when a file was refused; 2 for a setting that cannot be used; "
    "128 + n after signal n."
)


class Parser(argparse.ArgumentParser):
    """An argument may be the name of a file, which a shell has filled in."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


def make_parser() -> Parser:
    """The whole command line."""
    parser = Parser(prog="files-tui", description=DESCRIPTION, epilog=EPILOG)
    add = parser.add_argument
    add("--version", action="version", version=f"files-tui {__version__}")
    _add_account(parser)
    add(
        "--upload",
        metavar="PATH",
        nargs="+",
        type=path,
        default=[],
        help="start with these in the upload dialog",
    )
    add("--read-only", action="store_true", help="neither upload nor delete")
    add("--pick", action="store_true", help="choose files: enter prints their ids and ends")
    add("--print-ids", action="store_true", help="print what was copied after the program ends")
    add("--purpose", metavar="P", help="show only files of this purpose at first")
    add("--page-size", metavar="N", type=_positive, help="files a page (default: what fits)")
    add("--download-dir", metavar="DIR", type=path, help="the folder that downloads go to")
    add("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    add("--no-cache", action="store_true", help="keep nothing of the listing on disk after the program ends")
    _add_commands(parser)
    return parser


def _add_account(parser: argparse.ArgumentParser, **options: Any) -> None:
    """The flags that say which account; a command takes them as the browser does, in front of it or behind."""
    group = parser.add_argument_group("account")
    group.add_argument("--profile", metavar="NAME", help="a profile of the configuration file", **options)
    address = f"the server's address (default {settings.DEFAULT_BASE_URL})"
    group.add_argument("--base-url", metavar="URL", help=address, **options)
    demo = "use an embedded server with sample files; needs no key"
    group.add_argument("--demo", action="store_true", help=demo, **options)
    kept = "the same, and keep its files in this folder"
    group.add_argument("--demo-dir", metavar="DIR", type=path, help=kept, **options)
    log = "append a line for each request; never a key"
    group.add_argument("--log-file", metavar="FILE", type=path, help=log, **options)


def _add_commands(parser: Parser) -> None:
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)

    def command(name: str, says: str, *, account: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
        if account:
            _add_account(made, default=argparse.SUPPRESS)
        return made

    command("keys", "print the key map", account=False)
    command("paths", "print where things are kept", account=False)


def _positive(words: str) -> int:
    if not words.isdecimal() or not 1 <= int(words) <= 10_000:
        raise argparse.ArgumentTypeError("a number from 1 to 10000 is wanted")
    return int(words)


def path(words: str) -> Path:
    """A path of the command line, where a shell has left the `~` in."""
    return Path(os.path.expanduser(words))
