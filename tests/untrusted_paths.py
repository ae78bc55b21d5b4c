"""A plugin for mypy: on the screen's side of the house, a path becomes text through `files_tui.text` alone.

What a server says is `Untrusted`, which is no `str`, so that a forgotten door is an error of types by itself. Names of
files are as little to be trusted, but a `Path` gives them as plain text to whoever asks; here that is an error, too.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.plugin import AttributeContext, CheckerPluginInterface, Plugin
from mypy.plugin import FunctionContext as Call
from mypy.plugin import MethodContext as MethodCall
from mypy.types import Instance, Type, UnionType, get_proper_type

ADVICE = "a name on disk is untrusted text: use name_of or path_of of files_tui.text"
_TEXTS = frozenset(f"pathlib.PurePath.{name}" for name in ("name", "stem", "suffix", "suffixes", "parts"))
_METHODS = frozenset(("as_posix", "as_uri", "__str__", "__fspath__"))


class UntrustedPaths(Plugin):
    """Refuses every way by which a path turns into text."""

    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return _refused_attribute if fullname in _TEXTS else None

    def get_function_hook(self, fullname: str) -> Callable[[Call], Type] | None:
        return _refused_call if fullname in ("builtins.str", "builtins.format", "os.fspath") else None

    def get_method_hook(self, fullname: str) -> Callable[[MethodCall], Type] | None:
        where, _, name = fullname.rpartition(".")
        if where.startswith("pathlib.") and name in _METHODS:
            return _refused_method
        return _refused_arguments if fullname == "builtins.str.format" else None


def _refused_attribute(context: AttributeContext) -> Type:
    _refuse(context.api, context)
    return context.default_attr_type


def _refused_method(context: MethodCall) -> Type:
    _refuse(context.api, context)
    return context.default_return_type


def _refused_arguments(context: MethodCall) -> Type:
    """A path in an f-string, which mypy takes for a call of `str.format`."""
    if any(_is_path(given) for argument in context.arg_types for given in argument):
        _refuse(context.api, context)
    return context.default_return_type


def _refused_call(context: Call) -> Type:
    if any(_is_path(given) for argument in context.arg_types for given in argument):
        _refuse(context.api, context)
    return context.default_return_type


def _refuse(api: CheckerPluginInterface, context: AttributeContext | MethodCall | Call) -> None:
    if "/files_tui/ui/" in f"/{api.path}":
        api.fail(ADVICE, context.context)


def _is_path(given: Type) -> bool:
    given = get_proper_type(given)
    if isinstance(given, UnionType):
        return any(map(_is_path, given.items))
    return isinstance(given, Instance) and given.type.has_base("pathlib.PurePath")


def plugin(version: str) -> type[Plugin]:
    """What mypy asks for."""
    return UntrustedPaths
