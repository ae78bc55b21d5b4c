"""The completion script of fish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from files_tui.cli.outline import Argument, Command

_SCRIPT = r"""# fish completion for files-tui

function __files_tui_profiles
    set -l base $XDG_CONFIG_HOME
    test -n "$base"; or set base $HOME/.config
    sed -n -e 's/^ *\[ *profiles *\. *"\([^"[:cntrl:]]*\)".*/\1/p' \
        -e 's/^ *\[ *profiles *\. *\([A-Za-z0-9_-][A-Za-z0-9_-]*\).*/\1/p' \
        "$base/files-tui/config.toml" \
        "$HOME/Library/Application Support/files-tui/config.toml" 2>/dev/null | sort -u
end

# Whether the cursor is in one of these commands; an empty name is that of the browser.
function __files_tui_in
    set -l command ''
    set -l values no
    for word in (commandline -opc)[2..-1]
        switch $word
            case @ONE@
                set values one
            case @MANY@
                set values many
            case '-*'
                set values no
            case '*'
                if test $values = one
                    set values no
                else if test $values = no -a -z "$command"; and contains -- $word @NAMES@
                    set command $word
                end
        end
    end
    contains -- "$command" $argv
end

# Whether the last flag is one of these, so that the words behind it are its values.
function __files_tui_behind
    set -l last ''
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and set last $word
    end
    contains -- "$last" $argv
end

complete -c files-tui -f
@COMMANDS@
@ARGUMENTS@
"""

_VALUES = {
    "path": "-F",
    "other": "-f",
    "folder": "-a '(__fish_complete_directories)'",
    "profile": "-a '(__files_tui_profiles)'",
}


def script(commands: Sequence[Command]) -> str:
    """The whole script."""
    flags = [flag for command in commands for flag in command.flags if flag.takes != "nothing"]
    one, many = (
        " ".join(dict.fromkeys(name for flag in flags if flag.many is many for name in flag.names))
        for many in (False, True)
    )
    names = [command.name for command in commands if command.name]
    free = f'__files_tui_in ""; and not __files_tui_behind {many}'
    parts = {
        "ONE": one or "''",
        "MANY": many or "''",
        "NAMES": " ".join(names),
        "COMMANDS": "\n".join(
            f"complete -c files-tui -n '{free}' -a {each.name} -d {_quoted(each.says)}"
            for each in commands
            if each.name
        ),
        "ARGUMENTS": "\n".join(_arguments(commands)),
    }
    text = _SCRIPT
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def _arguments(commands: Sequence[Command]) -> Iterator[str]:
    """A line for each argument, with all the commands that have it."""
    owners: dict[Argument, list[str]] = {}
    for command in commands:
        for argument in command.arguments:
            owners.setdefault(argument, []).append(command.name or '""')
    for argument, names in owners.items():
        inside = f"__files_tui_in {' '.join(names)}"
        begin = f"complete -c files-tui -n '{inside}'"
        if not argument.names:
            yield f"{begin} {_values(argument)}"
            continue
        flags = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in argument.names)
        required = "-r" if argument.takes == "path" else "-x"
        value = "" if argument.takes == "nothing" else f" {required} {_values(argument)}"
        yield f"{begin} {flags}{value} -d {_quoted(argument.says)}"
        if argument.many:
            behind = f"__files_tui_behind {' '.join(argument.names)}"
            yield f"complete -c files-tui -n '{inside}; and {behind}' {_values(argument)}"


def _values(argument: Argument) -> str:
    return f"-a {_quoted(' '.join(argument.choices))}" if argument.choices else _VALUES[argument.takes]


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
