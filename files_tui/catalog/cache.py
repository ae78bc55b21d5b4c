"""Where the catalog of an account is kept between two runs, and how it is opened again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from files_tui.catalog.catalog import Catalog
from files_tui.catalog.errors import CatalogFailed, Unusable
from files_tui.catalog.query import Query
from files_tui.catalog.temporary import TemporaryFolder
from files_tui.identity import account_path, set_aside
from files_tui.settings import Account, cache_dir
from files_tui.text import one_line


class Opened(msgspec.Struct, frozen=True):
    """A catalog ready for use; `path` is where it is kept, None when it ends with the program.

    `note` is what the person should know about it.
    """

    catalog: Catalog
    path: Path | None
    note: str | None
    remove: Callable[[], None]

    def close(self) -> None:
        """Close the catalog, and remove it where it is not to be kept."""
        self.catalog.close()
        self.remove()

    def anew(self, account: Account) -> Opened:
        """An empty one in place of this one, which is damaged and to be closed afterwards."""
        return open_catalog(account, keep=self.path is not None, damaged=True)


def open_catalog(account: Account, *, keep: bool, damaged: bool = False) -> Opened:
    """The catalog of an account as it was left, or an empty one that ends with the program when it cannot be kept.

    A file that is `damaged` or of another kind is set aside. Raises `CatalogFailed` or `OSError` where not even a
    temporary file can be made.
    """
    note: str | None = None
    if keep:
        try:
            return _kept(catalog_path(account), damaged=damaged)
        except (CatalogFailed, OSError, Unusable) as error:
            note = f"the listing cannot be kept on disk: {one_line(str(error))}"
    folder = TemporaryFolder()
    return Opened(Catalog(folder.path / "catalog.sqlite", durable=False), None, note, folder.remove)


def catalog_path(account: Account) -> Path:
    """The file for an account; its folder is made when it is not there."""
    return account_path(cache_dir(), account, ".sqlite")


def _kept(path: Path, *, damaged: bool) -> Opened:
    try:
        if damaged:
            raise Unusable("damaged")
        return Opened(_looked_at(Catalog(path)), path, None, _nothing)
    except Unusable as unusable:
        note = f"the kept listing was {unusable} and is set aside as {set_aside(path).name}; it is fetched anew"
        return Opened(Catalog(path), path, note, _nothing)


def _looked_at(catalog: Catalog) -> Catalog:
    """A catalog whose first page can be read; raises `Unusable` where it is damaged behind a good beginning."""
    try:
        catalog.noted("synced_at")
        catalog.page(Query(), 1)
    except CatalogFailed as error:
        catalog.close()
        if error.is_damage:
            raise Unusable("damaged") from None
        raise
    return catalog


def _nothing() -> None:
    """What is kept is not removed."""
