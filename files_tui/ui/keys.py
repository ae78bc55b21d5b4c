"""The key map, as the bindings of all screens make it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.keys import format_key

from files_tui.ui.browse.screen import BrowseScreen
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.detail import DetailScreen
from files_tui.ui.screens.dialog import Dialog, Pane
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.filter import FilterScreen
from files_tui.ui.screens.help import HelpScreen
from files_tui.ui.screens.log import LogScreen
from files_tui.ui.screens.menu import MenuScreen
from files_tui.ui.screens.open import OpenScreen
from files_tui.ui.screens.pick import PickScreen
from files_tui.ui.screens.resume import ResumeScreen
from files_tui.ui.screens.show import ShowScreen
from files_tui.ui.screens.storage import BarList, StorageScreen
from files_tui.ui.screens.transfers import TransfersScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.widgets.choice import Choice
from files_tui.ui.widgets.field import Field
from files_tui.ui.widgets.files_table import FilesTable
from files_tui.ui.widgets.line_list import LineList
from files_tui.ui.widgets.list_table import ListTable
from files_tui.ui.widgets.options import Options
from files_tui.ui.widgets.path_list import PathList

_SCREENS = (
    BrowseScreen,
    FilesTable,
    DetailScreen,
    Dialog,
    Pane,
    OpenScreen,
    PickScreen,
    Field,
    LineList,
    PathList,
    UploadScreen,
    Choice,
    DownloadScreen,
    DeleteScreen,
    MenuScreen,
    Options,
    FilterScreen,
    StorageScreen,
    BarList,
    TransfersScreen,
    ResumeScreen,
    LogScreen,
    ListTable,
    HelpScreen,
    ShowScreen,
)


def key_map(app: type[App[Any]]) -> Iterator[tuple[str, str, str]]:
    """For each binding that a key map can name: its id, its keys, and what it does."""
    for place in (app, *_SCREENS):
        for binding in place.BINDINGS:
            if isinstance(binding, Binding) and binding.id:
                keys = " ".join(format_key(key.strip()) for key in binding.key.split(","))
                yield binding.id, keys, binding.tooltip or binding.description
