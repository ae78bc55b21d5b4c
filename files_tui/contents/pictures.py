"""What the first bytes of a picture tell of it, without decoding it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_MOST_SEGMENTS = 1000
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers of JPEG that no length follows."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's format and its size in pixels, 0 where that has not arrived."""

    format: str
    width: int = 0
    height: int = 0

    @property
    def pixels(self) -> int:
        """How many it has."""
        return self.width * self.height


def picture_of(data: bytes) -> Picture | None:
    """What picture `data` is the beginning of; None where it is none that is known."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Picture("PNG", *_numbers(">II", data, 16))
    if data.startswith((b"GIF87a", b"GIF89a")):
        return Picture("GIF", *_numbers("<HH", data, 6))
    if data.startswith(b"\xff\xd8\xff"):
        return Picture("JPEG", *_jpeg(data))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return Picture("WEBP", *_webp(data))
    return None


def _numbers(layout: str, data: bytes, at: int) -> tuple[int, ...]:
    return struct.unpack_from(layout, data, at) if len(data) >= at + struct.calcsize(layout) else ()


def _jpeg(data: bytes) -> tuple[int, ...]:
    """The size in the first frame's header, behind segments that each tell their length."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        while data[at : at + 2] == b"\xff\xff":
            at += 1
        if at + 4 > len(data) or data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker in _FRAMES:
            return _numbers(">HH", data, at + 5)[::-1]
        at += 2 if marker in _BARE else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return ()


def _webp(data: bytes) -> tuple[int, ...]:
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(data) >= 30:
        width, height = _numbers("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return ()
