"""The completion script of zsh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from files_tui.cli.complete_bash import PROFILES
from files_tui.cli.outline import Argument, Command

_SCRIPT = r"""#compdef files-tui

_files_tui_profiles() {
    local -a profiles
    profiles=(${(f)"$(_files_tui_profile_names)"})
    compadd -a profiles
}

_files_tui_profile_names() {
@PROFILES@
}

_files_tui() {
    local curcontext="$curcontext" state ret=1
    local -a line commands
    local -A opt_args
    commands=(
@COMMANDS@
    )
    _arguments -C \
@FLAGS@
        '1: :->command' '*:: :->rest' && ret=0
    case $state in
        command) _describe -t commands command commands && ret=0 ;;
        rest)
            curcontext="${curcontext%:*:*}:files-tui-$words[1]:"
            case $words[1] in
@REST@
            esac
            ;;
    esac
    return ret
}

if [[ $funcstack[1] == _files-tui ]]; then
    _files_tui "$@"
else
    compdef _files_tui files-tui
fi
"""

_ACTIONS = {"path": "_files", "folder": "_files -/", "profile": "_files_tui_profiles"}


def script(commands: Sequence[Command]) -> str:
    """The whole script; it works as a file in `fpath` and when it is sourced."""
    browser, *others = commands
    parts = {
        "PROFILES": PROFILES,
        "COMMANDS": "\n".join(f"        {_quoted(_plain(each.name) + ':' + each.says)}" for each in others),
        "FLAGS": "\n".join(f"        {spec} \\" for spec in _specs(browser)),
        "REST": "\n".join(_rest(others)),
    }
    text = _SCRIPT
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def _rest(commands: Sequence[Command]) -> Iterator[str]:
    for command in commands:
        specs = "".join(f" \\\n                        {spec}" for spec in _specs(command))
        yield f"                {command.name})\n                    _arguments{specs} && ret=0\n                    ;;"


def _specs(command: Command) -> Iterator[str]:
    for flag in command.flags:
        alone = "(- *)" if flag.names[-1] in ("--help", "--version") else ""
        excluded = alone or (f"({' '.join(flag.names)})" if len(flag.names) > 1 else "")
        for name in flag.names:
            # With a plus, the value may be the next word or stand behind a `=`.
            joined = "=" if flag.takes != "nothing" and name.startswith("--") and not flag.many else ""
            value = "" if flag.takes == "nothing" else f":{'*-*:' if flag.many else ''}{_value(flag)}"
            yield _quoted(f"{excluded}{name}{joined}[{_plain(flag.says)}]{value}")
    for place, argument in enumerate(command.positionals, 1):
        yield _quoted(f"{'*' if argument.many else place}:{_value(argument)}")


def _value(argument: Argument) -> str:
    action = f"({' '.join(argument.choices)})" if argument.choices else _ACTIONS.get(argument.takes, " ")
    return f"{_plain(argument.metavar)}:{action}"


def _plain(text: str) -> str:
    """A text in which `_arguments` finds no end."""
    for char in "\\:[]":
        text = text.replace(char, f"\\{char}")
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", r"'\''") + "'"
