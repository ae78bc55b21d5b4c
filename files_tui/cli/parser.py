"""What the command line takes: the browser's flags, and the commands that need no screen.

The help, the man page and the completions of shells are all made from this one parser.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from files_tui import __version__, settings
from files_tui.config import MOST_FILES_A_PAGE
from files_tui.text import one_line

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

DESCRIPTION = "A terminal file browser for the OpenAI Files API and every server that speaks it."
EPILOG = (
    "The key comes from OPENAI_API_KEY, or from a profile in the file that 'files-tui paths' names. "
    "Exit codes: 0; 1 when something was refused, failed or may not be whole, and after an error of its own; 2 for a "
    "setting or an argument that cannot be used; 128 + n after signal n."
)

_LIST = (
    "Columns: id, status, size, creation, expiry, purpose, name. To another program they go between tabs, sizes in "
    "bytes and times in UTC. With --json, one array of the server's own objects. "
    "When the list may not be whole, that is said on standard error, and the exit code is 1."
)
_CHECK = (
    "Nothing is sent, and no key needed. A line for each file, and one for each thing found: where it is, what is "
    "wrong, and how to mend it. Exit code 1 where a file would be refused or cannot be read, 0 with warnings alone. "
    "With --json, one array of reports."
)
_UPLOAD = "With --json, an object a line: path, id, and the file as the server describes it."
_DOWNLOAD = "What exists is not replaced unasked. With --json, an object a line: id and path."
_DELETE = "With --json, an object a line: id and outcome."


SHELLS = ("bash", "zsh", "fish")


class Parser(argparse.ArgumentParser):
    """An argument may be the name of a file, which a shell has filled in."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """A help that cannot be written is an error, which argparse would keep to itself."""
        if message and file is not None and file is sys.stdout:
            from files_tui.cli.output import put_lines

            put_lines([message.rstrip("\n")])
        else:
            super()._print_message(message, file)


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
    printed = parser.add_mutually_exclusive_group()
    printed.add_argument("--pick", action="store_true", help="choose files: enter prints their ids and ends")
    printed.add_argument("--print-ids", action="store_true", help="print what was copied after the program ends")
    add("--purpose", metavar="P", help="show only files of this purpose at first")
    plain = "print the files, a line each, as 'files-tui list' does: for screen readers"
    add("--plain", dest="command", action="store_const", const="list", help=plain)
    add("--page-size", metavar="N", type=_positive, help="files a page (default: what fits)")
    add("--download-dir", metavar="DIR", type=path, help="the folder that downloads go to")
    mouse = "take the mouse, or leave it to the terminal"
    add("--mouse", action=argparse.BooleanOptionalAction, default=None, help=mouse)
    add("--no-cache", action="store_true", help="keep nothing of the listing on disk after the program ends")
    parser.set_defaults(json=False)
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

    def command(name: str, says: str, more: str = "", *, account: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}. {more}".rstrip())
        if account:
            _add_account(made, default=argparse.SUPPRESS)
        return made

    _add_files_commands(command)
    command("keys", "print the key map", account=False)
    command("paths", "print where things are kept", account=False)
    doctor = command("doctor", "say what this terminal and account can do, and what stands in the way")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    completion = command("completion", "print a completion script for a shell", account=False)
    completion.add_argument("shell", metavar="SHELL", choices=SHELLS, help="one of bash, zsh and fish")


def _add_files_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """What can be done without a screen."""
    ids: dict[str, Any] = {"metavar": "ID", "nargs": "+", "help": "a file's id; - reads ids from standard input"}
    purpose = "what it is for, such as fine-tune or batch"
    read_only: dict[str, Any] = {"action": "store_true", "default": argparse.SUPPRESS, "help": "change nothing"}

    def files_command(name: str, says: str, more: str = "") -> argparse.ArgumentParser:
        made = command(name, says, more)
        made.add_argument("--json", action="store_true", help="print JSON")
        return made

    made = files_command("list", "print the files, newest first, a line each", _LIST)
    made.add_argument("--purpose", metavar="P", default=argparse.SUPPRESS, help="only files of this purpose")

    files_command("get", "print all that the server says of a file").add_argument("ids", **ids)

    made = command("check", "check files before they are uploaded", _CHECK, account=False)
    made.add_argument("paths", metavar="PATH", nargs="+", type=path, help="a local file")
    made.add_argument("--purpose", metavar="P", required=True, help=purpose)
    made.add_argument("--json", action="store_true", help="print JSON")

    made = files_command("upload", "upload files, and print their ids", _UPLOAD)
    made.add_argument("paths", metavar="PATH", nargs="+", type=path, help="a local file")
    made.add_argument("--purpose", metavar="P", required=True, help=purpose)
    span = "when it is to go by itself, from 1h to 30d after its upload"
    made.add_argument("--expires-after", metavar="SPAN", type=_span, help=span)
    made.add_argument("--read-only", **read_only)

    made = files_command("download", "download files, and print where they are", _DOWNLOAD)
    made.add_argument("ids", **ids)
    where = made.add_mutually_exclusive_group()
    where.add_argument("--to", metavar="DIR", type=path, help="the folder to save them in (default: this one)")
    where.add_argument("--output", metavar="FILE", type=path, help="the name to save one as; - for standard output")
    made.add_argument("--replace", action="store_true", help="replace what is there already under the same name")

    made = files_command("delete", "delete files, after a question, and print their ids", _DELETE)
    made.add_argument("ids", **ids)
    made.add_argument("--yes", action="store_true", help="ask no question")
    made.add_argument("--read-only", **read_only)


def _span(words: str) -> int:
    from files_tui.transfers.source import span_seconds

    seconds = span_seconds(words)
    if seconds is None:
        raise argparse.ArgumentTypeError("a span from 1h to 30d is wanted, such as 12h or 3d")
    return seconds


def _positive(words: str) -> int:
    if not words.isdecimal() or not 1 <= int(words) <= MOST_FILES_A_PAGE:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_FILES_A_PAGE} is wanted")
    return int(words)


def path(words: str) -> Path:
    """A path of the command line, where a shell has left the `~` in."""
    return Path(os.path.expanduser(words))
