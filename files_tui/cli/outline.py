"""The command line as plain values, read from the parser: the man page and the completions are written from these."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from files_tui.api.models import PURPOSES, UPLOAD_PURPOSES
from files_tui.cli.parser import make_parser

Takes = Literal["nothing", "path", "folder", "profile", "purpose", "choice", "other"]

_BY_METAVAR: dict[str, Takes] = {
    "PATH": "path",
    "FILE": "path",
    "DIR": "folder",
    "NAME": "profile",
    "P": "purpose",
    "PURPOSE": "purpose",
}


@dataclass(frozen=True, slots=True)
class Argument:
    """A flag with all its names, or a positional argument, which has none."""

    names: tuple[str, ...]
    says: str
    takes: Takes
    metavar: str
    choices: tuple[str, ...] = ()
    """The words that can be completed: all of a choice, the known ones of a purpose."""
    many: bool = False
    """Whether it takes every word up to the next flag."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or the browser, whose name is empty."""

    name: str
    says: str
    """In one line, for lists of commands."""
    description: str
    """In sentences."""
    arguments: tuple[Argument, ...]

    @property
    def flags(self) -> tuple[Argument, ...]:
        """What begins with a dash."""
        return tuple(each for each in self.arguments if each.names)

    @property
    def positionals(self) -> tuple[Argument, ...]:
        """What is told by its place."""
        return tuple(each for each in self.arguments if not each.names)


def outline() -> list[Command]:
    """The browser, and each command behind it."""
    parser = make_parser()
    says = parser.description or ""
    browser = Command("", says, says, tuple(_arguments(parser, "")))
    return [browser, *_commands(parser)]


def _commands(parser: argparse.ArgumentParser) -> Iterator[Command]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            says = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, made in action.choices.items():
                if name in says:
                    yield Command(name, says[name], made.description or "", tuple(_arguments(made, name)))


def _arguments(parser: argparse.ArgumentParser, command: str) -> Iterator[Argument]:
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._SubParsersAction):
            continue
        choices = tuple(map(str, action.choices or ()))
        metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        takes: Takes = "choice" if choices else _BY_METAVAR.get(metavar, "other")
        if action.nargs == 0:
            takes, metavar = "nothing", ""
        if takes == "purpose":
            choices = UPLOAD_PURPOSES if command == "upload" else PURPOSES
        yield Argument(
            names=tuple(action.option_strings),
            says=(action.help or "") % {**vars(action), "prog": parser.prog},
            takes=takes,
            metavar=metavar,
            choices=choices,
            many=action.nargs in ("+", "*"),
            required=action.required,
        )
