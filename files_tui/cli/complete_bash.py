"""The completion script of bash; 3.2, which macOS has, reads it as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote

from files_tui.cli.outline import Argument, Command

# Each name of a profile, bare or quoted, in the file of this system or of macOS. `sed` there knows no alternatives.
PROFILES = r"""
    sed -n -e 's/^ *\[ *profiles *\. *"\([^"[:cntrl:]]*\)".*/\1/p' \
        -e 's/^ *\[ *profiles *\. *\([A-Za-z0-9_-][A-Za-z0-9_-]*\).*/\1/p' \
        "${XDG_CONFIG_HOME:-$HOME/.config}/files-tui/config.toml" \
        "$HOME/Library/Application Support/files-tui/config.toml" 2> /dev/null | sort -u
""".strip("\n")

_SCRIPT = r"""# bash completion for files-tui

_files_tui_profiles() {
@PROFILES@
}

_files_tui_fill() {
    local word
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen "$@" -- "$cur")
}

_files_tui_complete() {
    case $1 in
        path) compopt -o filenames 2> /dev/null; _files_tui_fill -f ;;
        folder) compopt -o filenames 2> /dev/null; _files_tui_fill -d ;;
        profile) local IFS=$'\n'; _files_tui_fill -W "$(_files_tui_profiles)" ;;
        words) _files_tui_fill -W "$2" ;;
    esac
}

_files_tui() {
    local cur=${COMP_WORDS[COMP_CWORD]} command='' takes='' words='' many='' place=0 word i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == '=' ]]; then
            continue # bash takes --flag=value apart
        elif [[ $word == -* ]]; then
            takes='' words='' many=''
            case "$command $word" in
@FLAGS@
            esac
        elif [[ $takes ]]; then
            [[ $many ]] || takes=''
        elif [[ $command ]]; then
            place=$((place + 1))
        else
            case $word in
                @NAMES@) command=$word ;;
            esac
        fi
    done
    [[ $cur == '=' ]] && cur=''
    if [[ $takes && ! ($many && $cur == -*) ]]; then
        _files_tui_complete "$takes" "$words"
    elif [[ $cur == -* ]]; then
        case $command in
@OPTIONS@
        esac
        _files_tui_fill -W "$words"
    else
        case "$command $place" in
@PLACES@
        esac
        _files_tui_complete "$takes" "$words"
    fi
}

complete -F _files_tui files-tui
"""


def script(commands: Sequence[Command]) -> str:
    """The whole script."""
    names = [command.name for command in commands if command.name]
    parts = {
        "PROFILES": PROFILES,
        "FLAGS": "\n".join(_flags(commands)),
        "NAMES": "|".join(names),
        "OPTIONS": "\n".join(_options(commands)),
        "PLACES": "\n".join([f"            ' '*) takes=words words={quote(' '.join(names))} ;;", *_places(commands)]),
    }
    text = _SCRIPT
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def _flags(commands: Sequence[Command]) -> Iterator[str]:
    """A case for each kind of value, with the flags of all commands that take it."""
    cases: dict[str, list[str]] = {}
    for command in commands:
        for flag in command.flags:
            if flag.takes != "nothing":
                sets = _sets(flag) + (" many=1" if flag.many else "")
                cases.setdefault(sets, []).extend(quote(f"{command.name} {name}") for name in flag.names)
    for sets, flags in cases.items():
        yield f"                {'|'.join(flags)}) {sets} ;;"


def _options(commands: Sequence[Command]) -> Iterator[str]:
    for command in commands:
        names = " ".join(name for flag in command.flags for name in flag.names)
        yield f"            {command.name or quote('')}) words={quote(names)} ;;"


def _places(commands: Sequence[Command]) -> Iterator[str]:
    for command in commands:
        for place, argument in enumerate(command.positionals):
            where = f"'{command.name} '*" if argument.many else f"'{command.name} {place}'"
            yield f"            {where}) {_sets(argument)} ;;"


def _sets(argument: Argument) -> str:
    if argument.choices:
        return f"takes=words words={quote(' '.join(argument.choices))}"
    return f"takes={argument.takes}"
