"""The keys in force, as help, palette, buttons and hint lines show them: a key map may have changed any of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

_NAME = re.compile(r"\{([a-z_.-]+)\}")


class Command(NamedTuple):
    """Something that keys do: its keys as they are shown, its name, and what it does in a few words.

    A key map may have taken all keys from it.
    """

    id: str
    keys: list[str]
    name: str
    words: str
    action: str
    node: DOMNode


def commands_of(screen: Screen[Any]) -> list[Command]:
    """Everything that a key does on a screen now.

    Not Textual's `active_bindings`: there, a field that has nothing to scroll hides what an arrow does behind it.
    """
    found: dict[str, Command] = {}
    taken: set[str] = set()
    bound = ((node, key, binding) for node, keys in screen._modal_binding_chain for key, binding in keys)
    for node, key, binding in bound:
        if key in taken or _only_scrolls_what_cannot(node, binding):
            continue
        taken.add(key)
        if binding.system or binding.id is None or not screen.app._check_action_state(binding.action, node):
            continue
        words = binding.tooltip or binding.description
        command = Command(binding.id, [], binding.description, words, binding.action, node)
        keys = found.setdefault(binding.id, command).keys
        shown = binding.key_display or screen.app.get_key_display(binding)
        if shown and shown not in keys:
            keys.append(shown)
    return list(found.values())


def _only_scrolls_what_cannot(node: DOMNode, binding: Binding) -> bool:
    scrolls = binding.id is None and binding.action.startswith(("scroll_", "page_"))
    return scrolls and isinstance(node, Widget) and not node.allow_vertical_scroll


def keys_of(app: App[Any], places: Iterable[type[DOMNode]], name: str) -> list[str]:
    """The keys that stand for a binding of one of these classes, as they are shown; `LookupError` for none of them."""
    for kind in (kind for place in places for kind in place.__mro__):
        for binding in vars(kind).get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id == name:
                changed = app._keymap.get(name)
                if binding.key_display and not changed:
                    return [binding.key_display]
                keys = (changed or binding.key).split(",")
                return [app.get_key_display(binding.with_key(key.strip(), None)) for key in keys]
    raise LookupError(name)


def filled(app: App[Any], places: Iterable[type[DOMNode]], template: str) -> str:
    """A text of ours in which each `{binding.id}` is the key in force."""
    known = list(places)
    return _NAME.sub(lambda found: keys_of(app, known, found[1])[0], template)
