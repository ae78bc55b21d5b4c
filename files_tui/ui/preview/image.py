"""A picture drawn with half blocks or, without colours, with dots; in words where that cannot be.

Pillow, the extra `images`, decodes it. Half blocks are letters and two colours, which every terminal and multiplexer
passes on; protocols for real pixels begin with questions to the terminal, whose answers arrive as keys over SSH.
"""

from __future__ import annotations

import io
import warnings
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby
from typing import TYPE_CHECKING

from rich.color import Color
from rich.style import Style
from rich.text import Text

from files_tui import text
from files_tui.contents.pictures import Picture, picture_of
from files_tui.ui.preview import parts
from files_tui.ui.preview.dots import Canvas

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = {"PNG": 16_000_000, "JPEG": 64_000_000, "GIF": 16_000_000, "WEBP": 16_000_000}
"""A picture of more is told of, not decoded: a few bytes can pack any number. A JPEG shrinks while it is decoded."""
MOST_CELLS = 400
"""A drawing is not wider or higher."""
_SHADES = 0xF8
"""The bits of a colour that are drawn: more make a picture hardly better, and many more bytes on the line."""
_SEEN = 128
"""The opacity from which on a pixel is drawn."""
_INSTALL = "to see it here: pip install 'files-tui[images]'"

Colour = tuple[int, int, int]


def lines(data: bytes, whole: bool, width: int, height: int, *, colours: bool = True) -> list[Text]:
    """The picture in `data`, or as much as has arrived, in `height` lines.

    `colours` tells whether the terminal has at least 256 of them.
    """
    picture = picture_of(data)
    if picture is None:
        return parts.fitted([parts.head("no picture that can be drawn", whole=whole)], width)
    return parts.fitted([_head(picture, data, whole), *_drawn(picture, data, whole, width, height - 1, colours)], width)


def _head(picture: Picture, data: bytes, whole: bool) -> Text:
    size = f"{picture.width:,} × {picture.height:,} pixels" if picture.pixels else "its size has not arrived"
    return parts.head(picture.format, size, text.size(len(data)), whole=whole)


def _drawn(picture: Picture, data: bytes, whole: bool, width: int, height: int, colours: bool) -> list[Text]:
    if picture.pixels > MOST_PIXELS[picture.format]:
        return [parts.note("too many pixels to decode them here: download it to see it")]
    if not find_spec("PIL"):
        return [parts.note(_INSTALL)]
    width, height = max(1, min(width, MOST_CELLS)), max(1, min(height, MOST_CELLS))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            most = (width, height * 2) if colours else (width * 2, height * 4)
            small = _decoded(data, whole, most, MOST_PIXELS[picture.format])
    except Exception as error:
        # A decoder of damaged bytes fails in whatever way; where none knows it, Pillow names an object of Python.
        words = "" if "<_io." in str(error) else str(error)
        return [parts.problem(f"it cannot be drawn: {text.one_line(words or 'it is damaged', 200)}")]
    return _half_blocks(small) if colours else _dots(small)


def _decoded(data: bytes, whole: bool, most: tuple[int, int], most_pixels: int) -> Image:
    """The picture with an opacity for each pixel, no larger than `most`, and without what has not arrived."""
    from PIL import Image, ImageFile, ImageOps

    ImageFile.LOAD_TRUNCATED_IMAGES = True
    with Image.open(io.BytesIO(data), formats=tuple(MOST_PIXELS)) as image:
        if image.width * image.height > most_pixels:
            raise ValueError(f"{image.width:,} × {image.height:,} pixels are too many")
        image.draft("RGB", (most[0] * 2, most[1] * 2))  # a JPEG is made smaller while it is decoded
        image.load()
        shown: Image.Image = image
        if image.mode.startswith("I"):  # greys of 16 bits
            shown = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        if shown.mode not in ("L", "RGB", "RGBA"):
            shown = shown.convert("RGBA")
        shown.thumbnail(most)
        shown = ImageOps.exif_transpose(shown)  # whereby a wide one may become a high one
        shown.thumbnail(most)
        if not whole and (box := shown.convert("RGB").getbbox()):
            shown = shown.crop((0, 0, shown.width, box[3]))
        return shown.convert("RGBA")


def _half_blocks(image: Image) -> list[Text]:
    """Two pixels a cell, one above the other; what is transparent keeps the terminal's background."""
    pixels = image.tobytes()
    colours = [
        (red & _SHADES, green & _SHADES, blue & _SHADES) if opacity >= _SEEN else None
        for red, green, blue, opacity in zip(*(pixels[channel::4] for channel in range(4)), strict=True)
    ]
    shown = []
    for start in range(0, len(colours), 2 * image.width):
        above, below = (colours[at : at + image.width] for at in (start, start + image.width))
        row = Text(no_wrap=True, end="")
        for (glyph, style), cells in groupby(map(_cell, above, below or [None] * image.width)):
            row.append(glyph * len(list(cells)), style)
        shown.append(row)
    return shown


@lru_cache(maxsize=16_384)
def _cell(above: Colour | None, below: Colour | None) -> tuple[str, Style]:
    if above == below:
        return " ", Style(bgcolor=_rich(above))
    if above is None:
        return "▄", Style(color=_rich(below))
    return "▀", Style(color=_rich(above), bgcolor=_rich(below))


def _rich(colour: Colour | None) -> Color | None:
    return Color.from_rgb(*colour) if colour else None


def _dots(image: Image) -> list[Text]:
    """Two by four dots a cell, as dense as the picture is bright."""
    from PIL import Image, ImageOps

    grey = Image.alpha_composite(Image.new("RGBA", image.size, "black"), image).convert("L")
    dots = ImageOps.autocontrast(grey).convert("1").convert("L").tobytes()
    canvas = Canvas(-(-image.width // 2), -(-image.height // 4))
    for at, is_lit in enumerate(dots):
        if is_lit:
            canvas.dot(at % image.width, at // image.width)
    return [canvas.row(row) for row in range(canvas.rows)]
