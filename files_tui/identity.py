"""The name under which something about an account is kept on disk.

It tells the host and a hash of all that decides which files an account sees, keyed with a secret of this machine's
own: neither the key nor a guess at it can be read from the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

import msgspec

from files_tui.settings import Account, make_private

SALT, SALT_BYTES = "salt", 32


def account_path(folder: Path, account: Account, suffix: str) -> Path:
    """The file about an account in a folder; that and the machine's secret are made when they are not there."""
    make_private(folder)
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
    return folder / f"{host}-{digest}{suffix}"


def has_kept(folder: Path) -> bool:
    """Whether a folder has ever held something about an account; looking for the file of one would make it."""
    return (folder / SALT).exists()


def set_aside(path: Path) -> Path:
    """Move an SQLite file that is no use out of the way, in place of one that was set aside before."""
    aside = path.with_suffix(".aside")
    os.replace(path, aside)
    for ending in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(f"{path}{ending}")
    return aside


def _salt(folder: Path) -> bytes:
    """This machine's secret; two programs that start at once take the same."""
    path = folder / SALT
    with contextlib.suppress(FileNotFoundError):
        if len(salt := path.read_bytes()) == SALT_BYTES:
            return salt
    fresh = os.urandom(SALT_BYTES)
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
