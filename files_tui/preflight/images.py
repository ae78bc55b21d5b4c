"""What an image file really is, by its first bytes."""

from __future__ import annotations

from files_tui.preflight.findings import Findings
from files_tui.preflight.report import Severity
from files_tui.text import safe

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x00\x00\x01\x00", "ICO"),
)
_BRANDS = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIF", b"msf1": "HEIF", b"avif": "AVIF", b"avis": "AVIF"}
EXTENSIONS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "gif": "GIF", "webp": "WebP"}
"""Extensions of images that are taken, and what such a file should be."""

HEAD = 512
"""So many first bytes are enough."""


def kind_of_image(head: bytes) -> str:
    """`PNG`, `JPEG` and so on; empty for what is not known."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "")
    return "SVG" if b"<svg" in head else ""


def look_at_image(findings: Findings, extension: str, head: bytes, tail: bytes, size: int) -> str:
    """Look whether a file of `size` bytes is an image that is taken; gives what it is."""
    kind = kind_of_image(head)
    taken = ", ".join(sorted(set(EXTENSIONS.values())))
    if kind not in EXTENSIONS.values():
        what = f"this is {kind}" if kind else "this is no image that is known"
        findings.add(Severity.ERROR, f"{what}: {taken} are taken", "turn it into one of these")
    elif EXTENSIONS.get(extension) not in (kind, None):
        message = f"the name says {EXTENSIONS[extension]}, the content is {kind}"
        findings.add(Severity.WARNING, message, f"name it .{_extension_of(kind)}")
    if extension not in EXTENSIONS:
        message = f"the extension {safe(extension, 20) or '(none)'} is none of an image that is taken"
        how = f"name it .{_extension_of(kind)}" if kind in EXTENSIONS.values() else f"turn it into one of {taken}"
        findings.add(Severity.ERROR, message, how)
    if (kind == "PNG" and b"IEND" not in tail) or (kind == "WebP" and size < int.from_bytes(head[4:8], "little") + 8):
        findings.add(Severity.WARNING, "the image seems to be cut off", "write or fetch it again")
    return kind


def _extension_of(kind: str) -> str:
    return next(extension for extension, name in EXTENSIONS.items() if name == kind)
