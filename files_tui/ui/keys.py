"""Every place of the program that has keys. It loads all screens, and so is loaded by what asks for all of them."""

from __future__ import annotations

import string
from collections.abc import Sequence

from textual.app import App
from textual.dom import DOMNode
from textual.widgets import Button

from files_tui.ui.app import main_place
from files_tui.ui.keymap import Place
from files_tui.ui.preview.content import ContentView
from files_tui.ui.preview.save import SaveScreen
from files_tui.ui.preview.screen import PreviewScreen
from files_tui.ui.screens.delete import DeleteScreen
from files_tui.ui.screens.detach import DetachScreen
from files_tui.ui.screens.detail import DetailScreen
from files_tui.ui.screens.dialog import Pane
from files_tui.ui.screens.download import DownloadScreen
from files_tui.ui.screens.filter import FilterScreen
from files_tui.ui.screens.finding import FindingScreen
from files_tui.ui.screens.help import HelpScreen
from files_tui.ui.screens.log import LogScreen
from files_tui.ui.screens.menu import MenuScreen
from files_tui.ui.screens.open import OpenScreen
from files_tui.ui.screens.pick import PickScreen
from files_tui.ui.screens.refused import RefusedScreen
from files_tui.ui.screens.resume import ResumeScreen
from files_tui.ui.screens.show import ShowScreen
from files_tui.ui.screens.storage import BarList, StorageScreen
from files_tui.ui.screens.theme import ThemeScreen
from files_tui.ui.screens.transfers import TransfersScreen
from files_tui.ui.screens.upload import UploadScreen
from files_tui.ui.screens.uses import UsesScreen
from files_tui.ui.widgets.choice import Choice
from files_tui.ui.widgets.field import Field
from files_tui.ui.widgets.job_list import JobList
from files_tui.ui.widgets.list_table import ListTable
from files_tui.ui.widgets.options import Options
from files_tui.ui.widgets.path_list import PathList
from files_tui.ui.widgets.report_list import ReportList

_DIALOGS: Sequence[tuple[Sequence[type[DOMNode]], str]] = (
    ((Pane, DetailScreen), ""),
    ((ContentView, PreviewScreen), ""),
    ((Field, Button, SaveScreen), ""),
    ((Field, Button, OpenScreen), string.printable),
    ((PathList, PickScreen), ""),
    ((Choice, Field, Button, UploadScreen), ""),
    ((ReportList, UploadScreen), ""),
    ((Pane, FindingScreen), ""),
    ((Field, Button, DownloadScreen), ""),
    ((Field, Button, DeleteScreen), string.digits),
    ((Button, DetachScreen), ""),
    ((Options, MenuScreen), string.ascii_letters + string.digits),
    ((Options, ThemeScreen), ""),
    ((Choice, Field, Button, FilterScreen), ""),
    ((BarList, StorageScreen), ""),
    ((JobList, TransfersScreen), ""),
    ((Button, RefusedScreen), ""),
    ((Button, ResumeScreen), ""),
    ((Options, UsesScreen), ""),
    ((ListTable, LogScreen), ""),
    ((Pane, HelpScreen), ""),
    ((Pane, ShowScreen), ""),
)
PLACES = (main_place(), *(Place((*classes, App), typed) for classes, typed in _DIALOGS))
"""The main screen, and every dialog with what can have the focus in it; the keys of Textual's `App` hold everywhere."""
