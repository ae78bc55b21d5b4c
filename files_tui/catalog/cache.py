"""Where the catalog of an account is kept between two runs, and how it is opened again.

A file's name tells the host and a hash of all that decides which files an account sees, keyed with a secret of this
machine's own: neither the key nor a guess at it can be read from the cache folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from files_tui.catalog.catalog import Catalog
from files_tui.catalog.errors import CatalogFailed, Unusable
from files_tui.catalog.query import Query
from files_tui.settings import Account, cache_dir
from files_tui.text import one_line

SALT_BYTES = 32


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
    folder = tempfile.TemporaryDirectory(prefix="files-tui-")
    return Opened(Catalog(Path(folder.name) / "catalog.sqlite", durable=False), None, note, folder.cleanup)


def catalog_path(account: Account) -> Path:
    """The file for an account; its folder and the machine's secret are made when they are not there."""
    folder = cache_dir()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = (
        account.base_url.rstrip("/"),
        account.auth,
        account.key.reveal(),
        account.organization,
        account.project,
        sorted(account.headers.items()),
        sorted(account.query.items()),
    )
    digest = hashlib.blake2b(msgspec.json.encode(about), key=_salt(folder), digest_size=12).hexdigest()
    host = re.sub(r"[^A-Za-z0-9.-]", "_", account.host)[:60]
    return folder / f"{host}-{digest}.sqlite"


def set_aside(path: Path) -> Path:
    """Move a file that is no use out of the way, in place of one that was set aside before."""
    aside = path.with_suffix(".aside")
    os.replace(path, aside)
    for ending in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(f"{path}{ending}")
    return aside


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


def _salt(folder: Path) -> bytes:
    """This machine's secret; two programs that start at once take the same."""
    path = folder / "salt"
    with contextlib.suppress(FileNotFoundError):
        if len(salt := path.read_bytes()) == SALT_BYTES:
            return salt
    fresh = secrets.token_bytes(SALT_BYTES)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:  # made with mode 0600
        file.write(fresh)
    try:
        os.link(file.name, path)
    except FileExistsError:
        if len(path.read_bytes()) != SALT_BYTES:
            os.replace(file.name, path)
            return fresh
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(file.name)
    return path.read_bytes()
