"""Requests that differ from one looked at before in nothing but their texts.

The lines of a batch file are alike: written by one program, they differ in `custom_id` and in what is asked. A line is
taken apart at these by a typed decoder, which skips all else, and put together again from the pieces of a line that
was read to the letter. Where that gives the same bytes, the line has the same keys, in the same places, with the same
values; only the texts are others, and those are strings of valid JSON by the decoder's word.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

MOST_SHAPES = 4
"""So many are kept of lines with the same number of texts, and so many are tried."""

MOST_TEXTS = 1000
PATIENCE = 100
"""So many more are remembered than lines have been known by them; then only some, since the lines are not alike."""

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


class Shapes:
    """The shapes of the lines that were right, by the number of their texts.

    A shape is a line's bytes in pieces, with a place between them for its id and for each of its texts.
    """

    def __init__(self) -> None:
        self._decode = msgspec.json.Decoder(_Request).decode
        self._shapes: dict[int, list[list[bytes | Raw]]] = {}
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
        for pieces in self._shapes.get(len(texts), ()):
            pieces[1] = custom_id
            pieces[3::2] = texts
            if b"".join(pieces) == line:
                for text in texts:
                    if memoryview(text)[0] != _QUOTE:
                        return None
                self._known += 1
                return request.custom_id
        return None

    def learn(self, line: bytes) -> None:
        """Remember the shape of a line that is right; one whose texts cannot be told from the rest has none."""
        self._asked += 1
        if self._are_unlike():
            return
        self._learnt += 1
        try:
            request = self._decode(line)
        except (ValueError, RecursionError):
            return
        body = request.body
        texts = [bytes(message.content) for message in body.messages] or [bytes(body.input or body.prompt)]
        quoted = b'"%s"' % request.custom_id.encode()
        if len(texts) > MOST_TEXTS or any(line.count(text) != 1 or text[:1] != b'"' for text in (quoted, *texts)):
            return
        head, _, rest = line.partition(quoted)
        # The id's quotes stay in the pieces, since the decoder gives it without them.
        pieces: list[bytes | Raw] = [head + b'"', b""]
        between = b'"'
        for text in texts:
            piece, found, rest = rest.partition(text)
            if not found:  # the id stands behind the texts, as in no file that a library writes
                return
            pieces += (between + piece, b"")
            between = b""
        pieces.append(rest)
        shapes = self._shapes.setdefault(len(texts), [])
        shapes.insert(0, pieces)
        del shapes[MOST_SHAPES:]

    def _are_unlike(self) -> bool:
        """Whether to leave a line to the strict reader, as all but some are where hardly any was known."""
        return self._learnt > self._known + PATIENCE and self._asked % 32 > 1
