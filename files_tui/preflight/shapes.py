"""Requests that differ from one looked at before in nothing but their texts.

The lines of a batch file are alike: written by one program, they differ in `custom_id` and in what is asked. A line is
taken apart at these by a typed decoder, which skips all else, and put together again from the pieces of a line that
was read to the letter. Where that gives the same bytes, the line has the same keys, in the same places, with the same
values; only the texts are others, and those are strings of valid JSON by the decoder's word.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

MOST_SHAPES = 256
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


class _Shape:
    """A line's bytes in pieces, with a slot for its id and for each of its texts."""

    __slots__ = ("pieces", "slots")

    def __init__(self, pieces: list[bytes | Raw], slots: list[int]) -> None:
        self.pieces = pieces
        self.slots = slots


class Shapes:
    """The shapes of the lines that were right."""

    def __init__(self) -> None:
        self._decode = msgspec.json.Decoder(_Request).decode
        self._shapes: dict[tuple[int, int], _Shape] = {}

    def match(self, line: bytes) -> str | None:
        """The `custom_id` of a line that is right since one of its shape was; None where that is not known."""
        try:
            request = self._decode(line)
            if not line.isascii():
                line.decode()
        except (ValueError, RecursionError):  # a line for the strict reader
            return None
        body = request.body
        texts = [message.content for message in body.messages] or [body.input or body.prompt]
        custom_id = request.custom_id.encode()
        shape = self._shapes.get((len(texts), len(line) - len(custom_id) - sum(map(len, texts))))
        if shape is None:
            return None
        pieces, slots = shape.pieces, shape.slots
        pieces[slots[0]] = custom_id
        for slot, text in zip(slots[1:], texts, strict=True):
            pieces[slot] = text
        if b"".join(pieces) != line or any(memoryview(text)[0] != _QUOTE for text in texts):
            return None
        return request.custom_id

    def learn(self, line: bytes) -> None:
        """Remember the shape of a line that is right; one whose texts cannot be told from the rest has none."""
        try:
            request = self._decode(line)
        except (ValueError, RecursionError):
            return
        body = request.body
        texts = [bytes(message.content) for message in body.messages] or [bytes(body.input or body.prompt)]
        quoted = b'"%s"' % request.custom_id.encode()
        if any(line.count(text) != 1 or text[:1] != b'"' for text in (quoted, *texts)):
            return
        places = sorted((line.index(text), index, text) for index, text in enumerate((quoted, *texts)))
        pieces: list[bytes | Raw] = []
        slots = [0] * len(places)
        done = 0
        for start, index, text in places:
            # The id's quotes stay in the pieces, since the decoder gives it without them.
            quote = 0 if index else 1
            slots[index] = len(pieces) + 1
            pieces += (line[done : start + quote], b"")
            done = start + len(text) - quote
        pieces.append(line[done:])
        if len(self._shapes) >= MOST_SHAPES:
            self._shapes.clear()
        key = (len(texts), len(line) - sum(len(text) for _, _, text in places) + 2)
        self._shapes[key] = _Shape(pieces, slots)
