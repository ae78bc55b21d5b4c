"""Requests that differ from those looked at before in nothing but texts and numbers that no rule looks at.

The lines of a batch file are alike: written by one program, they differ in `custom_id` and in what is asked. A line is
taken apart at these by a typed decoder, which skips all else, and put together again from the pieces of a line that
was read to the letter. Where that gives the same bytes, the line has the same keys, in the same places, with the same
values; only those that were taken out are others, and they are strings and numbers of valid JSON by the decoder's word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from files_tui.preflight.places import Place, places

MOST_FORMS = 16
"""So many ways to take a line apart are tried."""

MOST_SHAPES = 4
"""So many are kept of lines that are taken apart alike into as many values, and so many are tried."""

MOST_PLACES = 2000
"""Values, objects and arrays of a line that is remembered."""

MOST_KEPT = 4 << 20
"""Characters of lines that are remembered before all of them are forgotten."""

DEEPEST_VALUE = 20
LONGEST_NUMBER = 300
PATIENCE = 100
"""So many more are remembered than lines have been known by them; then only some, since the lines are not alike."""

_ID = "/custom_id"
_IS_TEXT = re.compile(r"/custom_id|/body/(?:messages|input)/\d+(?:/content)?|/body/(?:input|prompt)")
_IS_LOOKED_AT = re.compile(r"/method|/url|/body/(?:model|input/0|stream(?:/.*)?)")
_QUOTE = ord('"')
_DIGITS = b"-+.eE0123456789"


class _Shape(NamedTuple):
    """A line's bytes in pieces, with a place between them for each value of its form; `order` is that of the line."""

    pieces: list[bytes | Raw]
    order: Callable[[list[Any]], tuple[Any, ...]] | None
    inputs: int


class _Message(msgspec.Struct, gc=False):
    content: Raw


class _Form:
    """A way to take a line apart, and the shapes of such lines by the number of their values.

    These are the id, then numbers, then texts. `numbers` and `texts` are pointers to them, the last one with `*` where
    it stands for each element of one of `lists`.
    """

    def __init__(self, numbers: list[str], texts: list[str], lists: set[str]) -> None:
        self.made_of = numbers, texts, lists
        self.shapes: dict[int, list[_Shape]] = {}
        self._holes = [_ID, *numbers, *texts]
        self._lists = lists
        self._texts_at = 1 + len(numbers)
        self._names: dict[str, str] = {}
        tree: dict[str, Any] = {}
        for hole in self._holes:
            node = tree
            for part in hole[1:].split("/"):
                node = node.setdefault(part, {})
        self._decode = msgspec.json.Decoder(self._kind_of(tree, "", "")).decode
        self._values = attrgetter(*(self._names[hole] for hole in self._holes))
        self._has_list = "*" in self._holes[-1]
        self._has_messages = self._holes[-1].endswith("*/content")

    def _kind_of(self, tree: dict[str, Any], pointer: str, name: str) -> Any:
        """The type of a value that has these holes, as the attribute `name` of the whole."""
        if not tree or "*" in tree:
            ending = "" if not tree else "/*/content" if tree["*"] else "/*"
            self._names[pointer + ending] = name[1:]
            if ending:
                return list[_Message] if tree["*"] else list[Raw]
            return str if pointer == _ID else Raw
        is_list = pointer in self._lists
        parts = [str(n) for n in range(1 + max(map(int, tree)))] if is_list else list(tree)
        kinds = {
            f"f{n}": self._kind_of(tree[part], f"{pointer}/{part}", f"{name}.f{n}") if part in tree else Raw
            for n, part in enumerate(parts)
        }
        keys = {f"f{n}": part.replace("~1", "/").replace("~0", "~") for n, part in enumerate(parts)}
        return msgspec.defstruct("Part", kinds.items(), rename=None if is_list else keys, array_like=is_list, gc=False)

    def match(self, line: bytes) -> tuple[str, int] | None:
        """See `Shapes.match`."""
        try:
            values = [*self._values(self._decode(line))]
        except (ValueError, RecursionError):
            return None
        if self._has_messages:
            for message in values.pop():
                values.append(message.content)  # noqa: PERF401 -- a comprehension takes twice as long
        elif self._has_list:
            values += values.pop()
        custom_id = values[0]
        values[0] = custom_id.encode()
        for each, order, inputs in self.shapes.get(len(values), ()):
            pieces = each.copy()
            pieces[1::2] = order(values) if order else values
            if b"".join(pieces) == line:
                if self._texts_at > 1 and not _are_numbers(values[1 : self._texts_at]):
                    return None
                for value in values[self._texts_at :]:
                    if memoryview(value)[0] != _QUOTE:
                        return None
                return custom_id, inputs
        return None

    def learn(self, line: str, found: dict[str, Place], inputs: int) -> None:
        """Remember the shape of a line, which has holes at these places, in their order."""
        pieces: list[bytes | Raw] = []
        done = 0
        for pointer, place in found.items():
            # The id's quotes stay in the pieces, since the decoder gives it without them.
            quote = pointer == _ID
            pieces += (line[done : place.start + quote].encode(), b"")
            done = place.end - quote
        pieces.append(line[done:].encode())
        values = dict.fromkeys(pointer for pointer in self._holes if "*" not in pointer) | found
        index_of = {pointer: at for at, pointer in enumerate(values)}
        indexes = [index_of[pointer] for pointer in found]
        order = itemgetter(*indexes) if indexes != sorted(indexes) else None
        shapes = self.shapes.setdefault(len(values), [])
        shapes.insert(0, _Shape(pieces, order, inputs))
        del shapes[MOST_SHAPES:]


class Shapes:
    """The shapes of the lines that were right; a value is open where two lines of the same keys differ in it."""

    def __init__(self) -> None:
        self._forms: list[_Form] = []
        self._lines: dict[tuple[tuple[str, str], ...], tuple[set[str], str]] = {}
        self._kept = self._asked = 0
        self._patience = PATIENCE

    def match(self, line: bytes) -> tuple[str, int] | None:
        """The `custom_id` of a line that is right since one of its shape was, and how many inputs it has.

        None where that is not known.
        """
        if self._patience < 0 and self._asked % 256 > 1:
            return None
        for form in self._forms:
            known = form.match(line)
            if known is not None:
                if not line.isascii() and not _is_utf8(line):
                    return None
                self._patience += 1
                if form is not self._forms[0]:
                    self._forms.remove(form)
                    self._forms.insert(0, form)
                return known
        return None

    def learn(self, line: bytes, inputs: int) -> None:
        """Remember the shape of a line that is right, and has so many inputs."""
        self._asked += 1
        if self._patience < 0 and self._asked % 256 > 1:
            return
        self._patience -= 1
        self._kept += len(line)
        if self._kept > MOST_KEPT:
            self._kept = len(line)
            self._forms.clear()
            self._lines.clear()
        text = line.decode()
        seen = {place.pointer: place for place in islice(places(text), MOST_PLACES)}
        if len(seen) == MOST_PLACES:
            return
        holes = self._holes_of(text, seen)
        found = {pointer: place for pointer, place in seen.items() if pointer in holes}
        if _ID not in found or len(found) == 1 or not all(map(_can_be_open, found)):
            return
        lists = {pointer for pointer, place in seen.items() if text[place.start] == "["}
        numbers = {pointer for pointer, place in found.items() if text[place.start] != '"'}
        texts = _with_list(found.keys() - numbers - {_ID}, seen)
        self._form_of(sorted(numbers), sorted(texts, key=_list_last), lists).learn(text, found, inputs)

    def _holes_of(self, text: str, seen: dict[str, Place]) -> set[str]:
        """Pointers to what is open in lines with the keys of this one; none where rules look at what differs."""
        keys = tuple((place.pointer, _kind_of(text, place)) for place in seen.values())
        holes = {place.pointer for place in seen.values() if _is_text(text, place)}
        if keys in self._lines:
            before, other = self._lines[keys]
            holes |= before
            pairs = zip(seen.values(), places(other), strict=True)
            holes |= {place.pointer for place, one in pairs if _value(text, place) != _value(other, one)}
        self._lines[keys] = holes, text
        is_looked_at = any(_IS_LOOKED_AT.fullmatch(hole) and not _is_text(text, seen[hole]) for hole in holes)
        return set() if is_looked_at else holes

    def _form_of(self, numbers: list[str], texts: list[str], lists: set[str]) -> _Form:
        made_of = (
            numbers,
            texts,
            {each for each in lists if any(hole.startswith(f"{each}/") for hole in (*numbers, *texts))},
        )
        for form in self._forms:
            if form.made_of == made_of:
                return form
        form = _Form(*made_of)
        self._forms.insert(0, form)
        del self._forms[MOST_FORMS:]
        return form


def _are_numbers(values: list[Any]) -> bool:
    """Whether values of JSON are numbers, none of them of thousands of digits."""
    digits = b"".join(values)
    return len(digits) <= LONGEST_NUMBER and not digits.translate(None, _DIGITS)


def _value(text: str, place: Place) -> str:
    return text[place.start : place.end]


def _kind_of(text: str, place: Place) -> str:
    """What values must have in common to be open: texts, numbers, and the same of all else, such as roles."""
    first = text[place.start]
    if first == '"' and place.pointer.endswith(("/role", "/type")):
        return _value(text, place)
    return "0" if first in "-0123456789" else first if first in '"[{' else _value(text, place)


def _is_text(text: str, place: Place) -> bool:
    return text[place.start] == '"' and _IS_TEXT.fullmatch(place.pointer) is not None


def _can_be_open(pointer: str) -> bool:
    """Whether a type can say where a value stands: keys with escapes are not decoded here."""
    return "\\" not in pointer and "*" not in pointer and pointer.count("/") <= DEEPEST_VALUE


def _list_last(hole: str) -> tuple[bool, str]:
    return "*" in hole, hole


def _with_list(holes: set[str], seen: Iterable[str]) -> set[str]:
    """The same with one hole for all messages, or all inputs, where each of them has one."""
    for parent in ("/body/messages", "/body/input"):
        inside = {hole for hole in holes if hole.startswith(f"{parent}/")}
        elements = [pointer for pointer in seen if pointer.rpartition("/")[0] == parent]
        for ending in ("", "/content"):
            if inside and inside == {element + ending for element in elements}:
                return holes - inside | {f"{parent}/*{ending}"}
    return holes


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
