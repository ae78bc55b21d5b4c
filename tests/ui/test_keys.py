"""The key map: what a person may give to which command, and that the keys do it."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from files_tui import ui
from files_tui.config import Config, KeyChoice, read_config
from files_tui.text import Safe
from files_tui.ui.keymap import KeyMap, defaults_of, key_map, key_of
from files_tui.ui.keys import PLACES
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.detail import DetailScreen
from files_tui.ui.screens.help import HelpScreen, help_sections
from tests.ui.helpers import Browser, browsing
from tests.ui.scripted import ScriptedServer, remote

ROOT = Path(__file__).parents[2]


def choices(chosen: dict[str, str]) -> tuple[KeyChoice, ...]:
    return tuple(
        KeyChoice(name, tuple(key for key in keys.split(",") if key), Safe(f"line {number}"))
        for number, (name, keys) in enumerate(chosen.items(), 1)
    )


def made(chosen: dict[str, str]) -> KeyMap:
    return key_map(choices(chosen), PLACES)


def classes() -> Iterator[type[DOMNode]]:
    """Every class of ours that has keys."""
    for module in pkgutil.walk_packages(ui.__path__, f"{ui.__name__}."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and issubclass(kind, DOMNode) and kind.__module__ == module.name:
                yield kind


def test_every_command_is_known_by_one_name_and_is_in_a_place() -> None:
    bindings = [binding for kind in set(classes()) for binding in kind.__dict__.get("BINDINGS", ())]
    named = Counter(each.id for each in bindings if isinstance(each, Binding) and each.id)
    assert [name for name, times in named.items() if times > 1] == []
    assert named.keys() == defaults_of(PLACES).keys()
    assert all(command.says and command.keys for command in defaults_of(PLACES).values())


@pytest.mark.parametrize(
    ("words", "key"),
    [
        *(
            ("c", "c"),
            ("C", "C"),
            ("?", "question_mark"),
            ("/", "slash"),
            ("comma", "comma"),
            ("é", "é"),
            ("+", "plus"),
        ),
        *(("esc", "escape"), ("Esc", "escape"), ("del", "delete"), ("pgdn", "pagedown"), ("↓", "down"), ("⏎", "enter")),
        *(("return", "enter"), ("F5", "f5"), ("ctrl+x", "ctrl+x"), ("Ctrl+X", "ctrl+x"), ("shift+a", "A")),
        *(("shift+ctrl+left", "ctrl+shift+left"), ("alt+x", "alt+x"), ("shift+tab", "shift+tab"), ("space", "space")),
        *(("full_stop", "full_stop"), ("solidus", "slash"), ("minus", "minus"), ("-", "minus"), ("+", "plus")),
    ],
)
def test_a_key_has_the_name_that_it_arrives_by(words: str, key: str) -> None:
    assert key_of(words) == key


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        *(
            (word, f"no key is called '{re.escape(word)}'")
            for word in ("foo", "crtl+x", "ctrl++", "<any>", "a b", "x+", "f99")
        ),
        ("\x1b[A", r"no key is called '␛\[A'"),
        ("ctrl+i", r"'ctrl\+i' arrives as tab"),
        ("ctrl+m", r"'ctrl\+m' arrives as ⏎"),
        ("ctrl+[", r"'ctrl\+\[' arrives as esc"),
        ("shift+1", r"'shift\+1' arrives as another character"),
    ],
)
def test_what_is_no_key(words: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        key_of(words)


@pytest.mark.parametrize(
    ("chosen", "keys", "problems"),
    [
        ({"copy.id": "e,Y"}, {"copy.id": ("e", "Y")}, []),
        ({"copy.id": "d", "file.download": "c"}, {"copy.id": ("d",), "file.download": ("c",)}, []),
        ({"copy.id": "", "list.sort": "c"}, {"copy.id": (), "list.sort": ("c",)}, []),
        ({"table.down": "down"}, {"table.down": ("down",)}, []),
        ({"app.help": "f1", "dialog.help": "f1"}, {"app.help": ("f1",), "dialog.help": ("f1",)}, []),
        ({"detail.close": "x"}, {"detail.close": ("x", "escape")}, []),
        ({"delete.no": ""}, {"delete.no": ("escape",)}, []),
        ({"list.clear": "", "app.quit": ""}, {"list.clear": (), "app.quit": ()}, []),
        ({"copy.id": "d"}, {}, ["line 1: copy.id: d is file.download there, ignored"]),
        ({"copy.id": "left"}, {}, ["line 1: copy.id: ← is Cursor left there, ignored"]),
        ({"list.sort": "g"}, {}, ["line 1: list.sort: g is page.first there, ignored"]),
        ({"copy.id": "e", "list.sort": "e"}, {"copy.id": ("e",)}, ["line 2: list.sort: e is copy.id there, ignored"]),
        ({"copy.id": "ctrl+q"}, {}, ["line 1: copy.id: ctrl+q is Quit there, ignored"]),
        ({"delete.yes": "ctrl+q"}, {}, ["line 1: delete.yes: ctrl+q is Quit there, ignored"]),
        ({"delete.yes": "escape"}, {}, ["line 1: delete.yes: esc is delete.no there, ignored"]),
        ({"delete.yes": "escape", "delete.no": "f2"}, {"delete.no": ("f2", "escape")}, ["line 1: delete.yes: esc is "]),
        ({"delete.yes": "1"}, {}, ["line 1: delete.yes: 1 is typed there, ignored"]),
        ({"delete.no": "N"}, {}, ["line 1: delete.no: N is typed there, ignored"]),
        ({"menu.cancel": "q"}, {}, ["line 1: menu.cancel: q is typed there, ignored"]),
        ({"list.find": "e"}, {}, ["line 1: list.find: there is no command of this id (list."]),
        ({"\x1b[2J": "e"}, {}, ["line 1: ␛[2J: there is no command of this id, ignored"]),
        (
            # What the second one would have given way to stays, and so the first one cannot have its key either.
            {"copy.id": "d", "file.download": "nokey"},
            {},
            ["line 2: file.download: no key is called 'nokey', ignored", "line 1: copy.id: d is file.download there"],
        ),
    ],
)
def test_what_a_key_map_may_say(chosen: dict[str, str], keys: dict[str, tuple[str, ...]], problems: list[str]) -> None:
    result = made(chosen)
    assert result.keys == keys
    assert [found.startswith(words) for found, words in zip(result.problems, problems, strict=True)] == [True] * len(
        problems
    ), result.problems


def test_no_map_takes_escape_from_a_dialog() -> None:
    dialogs = [place for place in PLACES if place.is_dialog]
    assert len(dialogs) == len(PLACES) - 1
    for place in dialogs:
        bindings = [each for kind in place.classes for each in kind.BINDINGS if isinstance(each, Binding)]
        leaving = {each.id or "" for each in bindings if each.action == "leave" and "escape" in each.key}
        (name,) = leaving & defaults_of([place]).keys()
        assert made({name: "f12"}).keys == {name: ("f12", "escape")}
        for other in defaults_of([place]).keys() - {name}:
            assert made({name: "", other: "esc"}).keys == {name: ("escape",)}


def test_the_samples_of_the_readme_are_right(tmp_path: Path) -> None:
    samples = re.findall(r"^```toml\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text("\n".join(samples))
    config = read_config(path)
    assert len(config.keys) == len(key_map(config.keys, PLACES).keys) > 0
    assert len(config.profiles) > 1
    assert [*config.problems, *key_map(config.keys, PLACES).problems] == []


@pytest.mark.anyio
async def test_the_keys_in_force_do_it_and_the_others_do_not(here: Path, clipboard: list[str]) -> None:
    with ScriptedServer([remote(1), remote(2)]) as server:
        config = Config(
            keys=choices(
                {
                    "copy.id": "d",
                    "file.download": "",
                    "table.down": "ctrl+n,e",
                    "detail.close": "w",
                    "delete.yes": "Y",
                    "list.sort": "f9",
                    "app.help": "f1",
                    "file.delete": "x,nokey",
                }
            ),
            problems=(Safe("config.toml line 1: unknown setting 'tehme'"),),
            wheres={"theme": Safe("config.toml line 2")},
        )
        async with browsing(server.base_url, config=config, theme="nrod") as b:
            first = b.current
            await b.press("c", "j", "down", "d")
            await b.until(lambda: clipboard == [first])
            await b.press("e")
            assert b.current != first
            await b.toast(
                "Settings: config.toml line 1: unknown setting 'tehme'\nline 8: file.delete: no key is called"
            )
            assert b.words("#keys").startswith(" d copy id ")
            assert "f9 sort" in b.words("#keys")
            assert "download" not in b.words("#keys")
            main = cast(Screen[object], b.browse)
            shown = {each.words: each.keys for section in help_sections(main).values() for each in section}
            assert shown["Move down, turn the page"] == ["^n", "e"]
            assert "Download marked, or this" not in shown
            assert "Download marked, or this" in [command.help for command in b.app.get_system_commands(main)]

            await leaves_by(b, "w")
            await leaves_by(b, "escape")
            await b.press("f1")
            await b.screen(HelpScreen)
            await b.press("escape", "x")
            await b.screen(DeleteScreen)
            await b.press("y")
            assert isinstance(b.app.screen, DeleteScreen)
            await b.press("Y")
            await b.main()
            await b.until(lambda: len(server.files) == 1)


async def leaves_by(b: Browser, key: str) -> None:
    await b.press("enter")
    await b.screen(DetailScreen)
    await b.press("q", key)
    await b.main()
