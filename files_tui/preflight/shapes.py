"""Requests that differ from one looked at before in nothing but their texts.

The lines of a batch file are alike: written by one program, they differ in `custom_id` and in what is asked. A line is
taken apart at these by a typed decoder, which skips all else, and put together again from the pieces of a line that
was read to the letter. Where that gives the same bytes, the line has the same keys, in the same places, with the same
values; only the texts are others, and those are strings of valid JSON by the decoder's word.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from msgspec import Raw

from files_tui.preflight.places import places

MOST_SHAPES = 4
"""So many are kept of lines with the same number of texts, and so many are tried."""

MOST_TEXTS = 1000
PATIENCE = 100
"""So many more are remembered than lines have been known by them; then only some, since the lines are not alike."""

_IS_TEXT = re.compile(r"/custom_id|/body/messages/\d+/content|/body/(?:input|prompt)")
_QUOTE = ord('"')
_NO_TEXT = Raw()


class _Message(msgspec.Struct, gc=False):
    content: Raw = _NO_TEXT


class _Body(msgspec.Struct, gc=False):
    messages: list[_Message] = []
    input: Raw = _NO_TEXT
    prompt: Raw = _NO_TEXT


class _Request(msgspec.Struct, gc=False):
    custom_id: str
    body: _Body


class _Shape(NamedTuple):
    """A line's bytes in pieces, with a place between them for its id and for each of its texts."""

    pieces: list[bytes | Raw]
    id_at: int
    texts_at: slice


class Shapes:
    """The shapes of the lines that were right, by the number of their texts."""

    def __init__(self) -> None:
        self._decode = msgspec.json.Decoder(_Request).decode
        self._shapes: dict[int, list[_Shape]] = {}
        self._known = self._learnt = self._asked = 0

    def match(self, line: bytes) -> str | None:
        """The `custom_id` of a line that is right since one of its shape was; None where that is not known."""
        if self._are_unlike():
            return None
        try:
            request = self._decode(line)
            if not line.isascii():
                line.decode()
        except (ValueError, RecursionError):  # a line for the strict reader
            return None
        body = request.body
        texts = [message.content for message in body.messages] or [body.input or body.prompt]
        custom_id = request.custom_id.encode()
        for pieces, id_at, texts_at in self._shapes.get(len(texts), ()):
            pieces[id_at] = custom_id
            pieces[texts_at] = texts
            if b"".join(pieces) == line:
                for text in texts:
                    if memoryview(text)[0] != _QUOTE:
                        return None
                self._known += 1
                return request.custom_id
        return None

    def learn(self, line: bytes) -> None:
        """Remember the shape of a line that is right."""
        self._asked += 1
        if self._are_unlike():
            return
        self._learnt += 1
        shape = _shape_of(line.decode())
        if shape is not None:
            shapes = self._shapes.setdefault(len(shape.pieces) // 2 - 1, [])
            shapes.insert(0, shape)
            del shapes[MOST_SHAPES:]

    def _are_unlike(self) -> bool:
        """Whether to leave a line to the strict reader, as all but some are where hardly any was known."""
        return self._learnt > self._known + PATIENCE and self._asked % 256 > 1


def _shape_of(line: str) -> _Shape | None:
    """The shape of a line; None for one that has no texts, or its id among them."""
    texts = [place for place in places(line) if _IS_TEXT.fullmatch(place.pointer) and line[place.start] == '"']
    if any("messages" in place.pointer for place in texts):
        texts = [place for place in texts if place.pointer not in ("/body/input", "/body/prompt")]
    ids = [at for at, place in enumerate(texts) if place.pointer == "/custom_id"]
    last = len(texts) - 1
    if not 0 < last <= MOST_TEXTS or ids not in ([0], [last]):
        return None
    pieces: list[bytes | Raw] = []
    done = 0
    for place in texts:
        # The id's quotes stay in the pieces, since the decoder gives it without them.
        quote = place.pointer == "/custom_id"
        pieces += (line[done : place.start + quote].encode(), b"")
        done = place.end - quote
    pieces.append(line[done:].encode())
    return _Shape(pieces, 1, slice(3, None, 2)) if ids == [0] else _Shape(pieces, 2 * last + 1, slice(1, 2 * last, 2))
