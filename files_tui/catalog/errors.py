"""What can go wrong in the catalog; it names no database, so that a screen can be drawn before one is loaded."""

from __future__ import annotations


class CatalogFailed(Exception):
    """The catalog's file cannot be read or written: one line that says why.

    `is_damage` tells that the file is no use any more, rather than that the disk is full, say.
    """

    def __init__(self, message: str, *, is_damage: bool) -> None:
        super().__init__(message)
        self.is_damage = is_damage


class Unusable(Exception):
    """A file that is no catalog of this version: what it is instead, in a few words."""


class TooSlow(Exception):
    """A question that would take longer than the asker's patience."""


class Superseded(Exception):
    """Another sync has begun."""
