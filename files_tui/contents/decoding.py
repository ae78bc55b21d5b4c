"""Bytes of a file as text."""

from __future__ import annotations

import codecs

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(data: bytes, whole: bool) -> str:
    """The text of `data`, by its byte order mark or as UTF-8; what is not valid becomes U+FFFD.

    Where `data` is not `whole`, a character that its end has cut is left out.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    return codecs.getincrementaldecoder(encoding)("replace").decode(data, whole)
