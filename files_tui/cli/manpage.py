"""The manual page, in the man macros of roff, written from the parser."""

from __future__ import annotations

import os
import re
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence

from files_tui import __version__
from files_tui.cli.outline import Argument, Command, outline

VARIABLES = {
    "OPENAI_API_KEY": "The key.",
    "OPENAI_BASE_URL": "The server, such as https://eu.api.openai.com/v1.",
    "OPENAI_ORG_ID": "The organisation.",
    "OPENAI_PROJECT_ID": "The project.",
    "OPENAI_CUSTOM_HEADERS": "More headers for each request, in lines of “Name: value”.",
    "AZURE_OPENAI_API_KEY": "The key of Azure, where OPENAI_API_KEY is not set.",
    "AZURE_OPENAI_ENDPOINT": "The server of Azure.",
    "OPENAI_API_VERSION": "The API version of Azure.",
    "HTTPS_PROXY": "The proxy for https; HTTP_PROXY, ALL_PROXY and NO_PROXY are honoured as well.",
    "SSL_CERT_FILE": "The certificates to trust, and no others; with SSL_CERT_DIR those of a folder.",
    "NO_COLOR": "When it is set, the screen is drawn without colours.",
    "COLORTERM": "With “truecolor” all colours are used; sshd does not forward it.",
    "XDG_CONFIG_HOME": "With XDG_CACHE_HOME and XDG_STATE_HOME, the folders below which things are kept.",
}

FILES = {
    "~/.config/files-tui/config.toml": "Settings and profiles. A key never stands in it, only where to find one.",
    "~/.cache/files-tui": "The listings of accounts, as they were last seen.",
    "~/.local/state/files-tui": "Transfers that have not ended, what was uploaded from where, and reports of errors "
    "of the program's own.",
}

CODES = {
    "0": "All went well.",
    "1": "Something was refused, failed or may not be whole, or an error of the program's own; "
    "with --pick, nothing was chosen; from doctor, something keeps the program from working.",
    "2": "A setting or an argument that cannot be used, or no key.",
    "128 + n": "It was ended by signal n: 129 hang-up, 130 interrupt, 143 termination.",
}

EXAMPLES = {
    "files-tui --demo": "Look around in sample files; no key is needed.",
    "files-tui --purpose batch_output": "Show only the results of batches at first.",
    "files-tui list --purpose batch_output --json": "The same as data, for a script.",
    "files-tui --upload train.jsonl": "Start with a file in the upload dialog.",
    "files-tui --pick --purpose fine-tune": "Choose files for a script: enter prints their ids.",
    "files-tui check train.jsonl --purpose fine-tune": "Learn what would be refused before it is sent.",
    "files-tui upload data.jsonl --purpose fine-tune": "Upload without a screen, and print the id.",
    "files-tui --profile work --read-only": "Use the account of a profile, and change nothing.",
    "files-tui doctor": "Find out what stands in the way.",
    "source <(files-tui completion bash)": "Complete commands, flags and profiles in this bash.",
}

_PROFILE = """\
[profiles.work]
api_key_command = "pass show openai/work"
project = "proj_…"

[profiles.groq]
base_url = "https://api.groq.com/openai/v1"
api_key_env = "GROQ_API_KEY"
"""


_ABOUT = r"""
It shows the files of an account in a table: look for one, see whether it is ready, failed or about to expire, copy its
id, upload, download, preview and delete. It is made to be used over SSH and in tmux. Inside it, \fB?\fR shows the keys
of the place one is in, and \fB:\fR finds every command by its name.
"""

_PRECEDENCE = r"""
Flags win over the environment, the environment over the profile \fBdefault\fR. A profile that is named by
\fB\-\-profile\fR wins over the environment, and its key goes to no other address than its own.
"""


def man_page() -> str:
    """The page; its date is that of SOURCE_DATE_EPOCH, else today."""
    browser, *commands = outline()
    made = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())))
    lines = [
        f'.TH FILES\\-TUI 1 "{made}" "files\\-tui {__version__}"',
        ".SH NAME",
        *_wrapped(f"files\\-tui \\- {_plain(browser.says[:1].lower() + browser.says[1:].rstrip('.'))}"),
        ".SH SYNOPSIS",
        "\n.br\n".join(map(_synopsis, (browser, *commands))),
        ".SH DESCRIPTION",
        *_wrapped(_ABOUT),
        ".PP",
        *_wrapped(_PRECEDENCE),
        ".SH OPTIONS",
        *_list(browser.flags),
        ".SH COMMANDS",
        r"Each command takes \fB\-\-help\fR.",
        "Data goes to standard output, words for the person to standard error.",
        *(line for command in commands for line in _section(command, browser)),
        ".SH ENVIRONMENT",
        *_table(VARIABLES),
        ".SH FILES",
        r"\fBfiles\-tui paths\fR tells where these are on this system.",
        *_table(FILES),
        ".PP",
        "A configuration file with two profiles:",
        *_literal(_PROFILE),
        ".SH EXIT STATUS",
        *_table(CODES),
        ".SH EXAMPLES",
        *(line for what, says in EXAMPLES.items() for line in (*_text(says), *_literal(what), ".PP")),
    ]
    return "\n".join(lines[:-1]) + "\n"


def _synopsis(command: Command) -> str:
    words = [f"files-tui {command.name}".rstrip()]
    options = [r"[\fIoptions\fR]"] if any(not _is_help(flag) for flag in command.flags) else []
    return " ".join([_bold(words[0]), *options, *map(_placed, command.positionals)])


def _section(command: Command, browser: Command) -> Iterator[str]:
    """A command with its arguments; what it shares with the browser is told of there."""
    yield f".SS {_plain(command.name)}"
    yield from _text(command.description)
    own = [each for each in command.arguments if each not in browser.arguments and not _is_help(each)]
    shared = [_bold(each.names[-1]) for each in command.flags if each in browser.arguments and not _is_help(each)]
    yield from _list(own)
    if shared:
        *first, last = shared
        yield ".PP"
        yield from _wrapped(f"Of the options above it takes {', '.join(first)}{' and ' if first else ''}{last}.")


def _list(arguments: Sequence[Argument]) -> Iterator[str]:
    for argument in arguments:
        yield ".TP"
        value = "" if argument.takes == "nothing" else f" {_value(argument)}"
        yield ", ".join(map(_bold, argument.names)) + value if argument.names else _placed(argument)
        yield from _text(f"{argument.says}.")


def _placed(argument: Argument) -> str:
    return _value(argument) if argument.required else f"[{_value(argument)}]"


def _value(argument: Argument) -> str:
    return rf"\fI{_plain(argument.metavar)}\fR{' ...' if argument.many else ''}"


def _table(rows: Mapping[str, str]) -> Iterator[str]:
    for name, says in rows.items():
        yield ".TP"
        yield _bold(name)
        yield from _text(says)


def _literal(text: str) -> Iterator[str]:
    yield from (".PP", ".RS 4", ".EX")
    yield from (_plain(line) or r"\&" for line in text.splitlines())
    yield from (".EE", ".RE")


def _text(text: str) -> list[str]:
    return _wrapped(_plain(text[:1].upper() + text[1:]))


def _wrapped(text: str) -> list[str]:
    """Lines of at most 80 bytes, a new one for each sentence, as roff wants them."""
    sentences = re.split(r"(?<=[.;]) (?=[A-Z])", text.replace("\n", " ").strip())
    lines = [line for each in sentences for line in textwrap.wrap(each, 74, break_on_hyphens=False)]
    return [rf"\&{line}" if line.startswith((".", "'")) else line for line in lines]


def _bold(text: str) -> str:
    return rf"\fB{_plain(text)}\fR"


def _plain(text: str) -> str:
    """A text of which roff draws each character as it is, so that it can be copied."""
    names = {"\\": "\\e", "-": "\\-", "~": "\\(ti", "^": "\\(ha", "`": "\\(ga"}
    return "".join(names.get(char, char) if char.isascii() else f"\\[u{ord(char):04X}]" for char in text)


def _is_help(argument: Argument) -> bool:
    return "--help" in argument.names
