"""The pictures among the sample files: painted by row, and written as PNG."""

import math
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from random import Random

Colour = tuple[int, int, int]
Stretch = tuple[float, Colour]
"""Up to which share of a row a colour goes."""
Painter = Callable[[float], list[Stretch]]
"""Gives the stretches of the row that is so far down, from 0 to 1."""


def chart(random: Random) -> bytes:
    """Bars of different heights."""
    width, height, bars = 640, 400, 16
    heights = [random.randint(40, height - 20) for _ in range(bars)]
    bar, ground = b"\x3b\x82\xf6" * (width // bars - 6), b"\xf8\xfa\xfc"
    rows = []
    for y in range(height):
        cells = [bar if height - y < top else ground * (width // bars - 6) for top in heights]
        rows.append(b"\0" + (ground * 6).join([*cells, b""]))
    return _png(width, height, b"".join(rows), 6)


def noisy(random: Random, size: int, paint: Painter) -> bytes:
    """A square picture of about `size` bytes, with the noise of a camera."""
    side = max(math.isqrt(size // 3), 8)
    rows = []
    for y in range(side):
        noise, row, start = random.randbytes(side * 3), bytearray(side * 3), 0
        for share, colour in paint(y / side):
            end = max(start, min(side, round(share * side)))
            for channel, value in enumerate(colour, start * 3):
                row[channel : end * 3 : 3] = noise[channel : end * 3 : 3].translate(_around(value))
            start = end
        rows.append(b"\0" + row)
    return _png(side, side, b"".join(rows), 0)


def parcel(y: float) -> list[Stretch]:
    """A row of a photo: a wall, a floor, and a parcel with tape and a dent."""
    wall = int(200 - 60 * y)
    ground = (wall, wall, wall + 12) if y < 0.7 else (112, 96, 84)
    if not 0.2 < y < 0.86:
        return [(1, ground)]
    slant = max(0.0, 0.36 - y) * 0.5
    board, tape = ((206, 164, 112), (232, 214, 176)) if y < 0.36 else ((176, 132, 84), (214, 190, 146))
    dent = math.sqrt(max(0.0, 0.012 - (y - 0.6) ** 2))
    right = [(0.68 - dent, board), (0.68 + dent, (96, 66, 40))] if dent else []
    return [(0.18 + slant, ground), (0.45, board), (0.53, tape), *right, (0.82 - slant, board), (1, ground)]


def page(y: float) -> list[Stretch]:
    """A row of a scan: a page on a desk, with a head, lines of items and a sum."""
    desk, paper, ink = (70, 74, 82), (246, 244, 238), (52, 56, 66)
    line = int(y * 50)
    if not 2 <= line < 48:
        return [(1, desk)]
    words: list[Stretch] = []
    if 4 <= line < 7:
        words = [(0.5, (38, 84, 160))]
    elif line == 39:
        words = [(0.82, ink)]
    elif line % 2 and 9 < line < 45 and line not in (17, 41):
        words = [(0.3 + line * 7 % 11 / 50, ink), (0.7, paper), (0.82, ink)]
    return [(0.1, desk), (0.18, paper), *words, (0.9, paper), (1, desk)]


@lru_cache(maxsize=256)
def _around(value: int) -> bytes:
    """Makes noise into a colour that is now lighter, now darker."""
    return bytes(max(0, min(255, value + (noise >> 4) - 8)) for noise in range(256))


def _png(width: int, height: int, rows: bytes, level: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, level)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
