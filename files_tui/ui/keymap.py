"""The key map that a person has made: which command gets which keys, and what of it cannot be."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.keys import KEY_ALIASES, KEY_DISPLAY_ALIASES, Keys, _character_to_key, format_key
from textual.screen import ModalScreen

from files_tui.config import KeyChoice, meant
from files_tui.text import Safe, one_line

_MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")
_NAMED = frozenset(key.value for key in Keys if key.value.isalnum())
_ALSO_CALLED = {shown: key for key, shown in KEY_DISPLAY_ALIASES.items()} | {"return": "enter"}
_ARRIVES_AS = {alias: key for key, aliases in KEY_ALIASES.items() for alias in aliases}
_ARRIVES_AS["ctrl+left_square_bracket"] = "escape"


class Place(NamedTuple):
    """Where bindings are in force together: classes from the focus outward, and the characters that are text there."""

    classes: tuple[type[DOMNode], ...]
    typed: str = ""

    @property
    def is_dialog(self) -> bool:
        """Whether one has to get out of it again."""
        return any(issubclass(each, ModalScreen) for each in self.classes)


class Default(NamedTuple):
    """What a key map can give keys to."""

    id: str
    keys: tuple[str, ...]
    says: str


class KeyMap(NamedTuple):
    """The keys in force of each command that has others than its own, and what was wrong with the choices."""

    keys: dict[str, tuple[str, ...]]
    problems: list[Safe]

    def for_textual(self) -> dict[str, str]:
        """The map as `App.set_keymap` takes it: there a command has at least one key, be it one that never comes."""
        return {name: ",".join(keys or (f"<{name}>",)) for name, keys in self.keys.items()}


def defaults_of(places: Sequence[Place]) -> dict[str, Default]:
    """All that have an id, with the keys that they have by themselves."""
    found: dict[str, Default] = {}
    for place in places:
        for kind in place.classes:
            for binding in _bindings(kind):
                if binding.id:
                    keys = found[binding.id].keys if binding.id in found else ()
                    keys = keys if binding.key in keys else (*keys, binding.key)
                    found[binding.id] = Default(binding.id, keys, binding.tooltip or binding.description)
    return found


@cache
def _bindings(kind: type[DOMNode]) -> list[Binding]:
    """Those of a class and of what it is made from, where the nearer takes a key from the farther."""
    found: list[Binding] = []
    taken: set[str] = set()
    for base in kind.__mro__:
        own = BindingsMap(base.__dict__.get("BINDINGS", ())).key_to_bindings
        found += [binding for key, bindings in own.items() if key not in taken for binding in bindings]
        taken |= own.keys()
    return found


def key_map(choices: Sequence[KeyChoice], places: Sequence[Place]) -> KeyMap:
    """Make the map; a choice that names nothing, or takes a key that is in use in the same place, is left out.

    Of two choices that want the same key, the later one is.
    """
    commands = defaults_of(places)
    problems: list[Safe] = []
    wanted: dict[str, KeyChoice] = {}
    keys: dict[str, tuple[str, ...]] = {}

    def leave_out(choice: KeyChoice, words: str) -> None:
        problems.append(Safe(f"{choice.where}: {one_line(choice.binding, 60)}: {words}, ignored"))

    for choice in choices:
        try:
            keys[choice.binding] = _chosen(choice, commands, places)
            wanted[choice.binding] = choice
        except ValueError as error:
            leave_out(choice, str(error))
    while clash := next(_clashes(keys, commands, places), None):
        name, words = clash
        leave_out(wanted[name], words)
        del keys[name]
    return KeyMap(keys, problems)


def _chosen(choice: KeyChoice, commands: dict[str, Default], places: Sequence[Place]) -> tuple[str, ...]:
    """The keys of a choice by Textual's names; Escape always leaves a dialog. Raises `ValueError`."""
    command = commands.get(choice.binding)
    if command is None:
        hint = meant(choice.binding, tuple(commands))
        raise ValueError("there is no command of this id" + (f" ({hint}?)" if hint else ""))
    keys = tuple(dict.fromkeys(map(key_of, choice.keys)))
    leaves = "escape" in command.keys and any(command.id in _ids(place) for place in places if place.is_dialog)
    return (*keys, "escape") if leaves and "escape" not in keys else keys


def _ids(place: Place) -> set[str | None]:
    return {binding.id for kind in place.classes for binding in _bindings(kind)}


def _clashes(
    keys: dict[str, tuple[str, ...]], commands: dict[str, Default], places: Sequence[Place]
) -> Iterator[tuple[str, str]]:
    """Choices that cannot be, from the last one to the first, each with the reason."""
    for name in reversed(keys):
        for key in (key for key in keys[name] if key not in commands[name].keys):
            shown = format_key(key)
            for place in places:
                bindings = [each for kind in place.classes for each in _bindings(kind)]
                if own := [each for each in bindings if each.id == name]:
                    # Textual asks what a field takes before it looks at the map, and then only about the old key.
                    early = any(each.priority and len(format_key(each.key)) > 1 for each in own)
                    if len(shown) == 1 and shown in (string.printable if early else place.typed):
                        yield name, f"{shown} is typed there"
                    for each in bindings:
                        if key in keys.get(each.id or "", (each.key,)) and each.id != name:
                            yield name, f"{shown} is {each.id or each.description or each.action} there"


def key_of(words: str) -> str:
    """A key by the name that Textual has for it. Raises `ValueError` for what is no key, or never arrives as such."""
    *before, base = words.split("+") if len(words) > 1 and not words.endswith("+") else [words]
    modifiers = sorted({each.strip().lower() for each in before})
    base = base.strip()
    if len(base) > 1 or (modifiers and base.isupper()):
        base = base.lower()
    base = _ALSO_CALLED.get(base, base)
    character = base if len(base) == 1 else format_key(base)
    if base not in _NAMED and len(character) == 1 and character.isprintable():
        base = _character_to_key(character)
    elif base not in _NAMED:
        base = ""
    if not base or any(each not in _MODIFIERS for each in modifiers):
        raise ValueError(f"no key is called '{one_line(words, 30)}'")
    if modifiers == ["shift"] and len(character) == 1 and base not in _NAMED:
        if not base.isalpha() or len(base) > 1:
            raise ValueError(f"'{one_line(words, 30)}' arrives as another character, which is to be named itself")
        return base.upper()
    key = "+".join([*modifiers, base])
    if key in _ARRIVES_AS:
        raise ValueError(f"'{one_line(words, 30)}' arrives as {format_key(_ARRIVES_AS[key])}")
    return key


def shown_keys(keys: Sequence[str]) -> str:
    """Keys as the screen names them: `j ↓`; `none` where there are none."""
    return " ".join(map(format_key, keys)) or "none"
