"""What is pasted on the main screen, or dragged onto the terminal: files to upload, or ids to look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from files_tui.catalog.errors import CatalogFailed
from files_tui.settings import working_folder
from files_tui.text import Untrusted, is_word
from files_tui.ui.folder import LONGEST_PASTE, pasted_paths
from files_tui.ui.screens.open import MOST, ids_in

if TYPE_CHECKING:
    from files_tui.ui.browse.commands import FileCommands

LONGEST_ID = 2000


def paste(screen: FileCommands, words: str) -> None:
    """Do what a pasted text asks for: files of this machine are offered for upload, ids are opened."""
    paths = pasted_paths(words, working_folder())
    ids = ids_in(words[:LONGEST_PASTE])
    if paths and screen.read_only:
        screen.notify("Nothing is uploaded in this session: it is read-only.", severity="warning", markup=False)
    elif paths:
        screen.open_upload(paths)
    elif 0 < len(ids) <= MOST and all(_is_id(screen, each) for each in ids):
        screen.open_files(ids)
    else:
        what = "neither the path of a file here nor the id of one there"
        screen.notify(f"What was pasted is {what}.", severity="warning", markup=False)


def _is_id(screen: FileCommands, word: str) -> bool:
    if not is_word(word) or len(word) > LONGEST_ID:
        return False
    if word.startswith("file-") or screen.session is None:
        return word.startswith("file-")
    try:
        return bool(screen.session.catalog.get([Untrusted(word)]))
    except CatalogFailed as error:
        screen.app.browse.catalog_failed(error)
        return False
