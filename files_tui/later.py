"""Modules that are imported when something of them is used."""

from __future__ import annotations

import sys
from _thread import allocate_lock
from types import ModuleType
from typing import Any

_LEAVING = allocate_lock()


class Later(ModuleType):
    """Stands for a module until something of it is used, but for the `names` that are known."""

    def __init__(self, module: str, **names: object) -> None:
        super().__init__(module)
        self.__dict__.update(names)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        from importlib import import_module

        with _LEAVING:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)
