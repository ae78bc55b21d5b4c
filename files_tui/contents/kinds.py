"""What kind of content a file has, told by its name and its first bytes."""

from __future__ import annotations

import codecs
import re
from enum import Enum
from pathlib import PurePosixPath

import msgspec

from files_tui.contents.results import is_results


class Kind(Enum):
    """How a content is best looked at; its value is what it is called."""

    JSONL = "JSON lines"
    BATCH_OUTPUT = "batch output"
    JSON = "JSON"
    TABLE = "table"
    RESULTS = "fine-tune results"
    MARKDOWN = "Markdown"
    SOURCE = "source"
    TEXT = "text"
    IMAGE = "image"
    BINARY = "binary"
    EMPTY = "empty"


LOOKED_AT = 64 << 10
"""No more than so many of the first bytes are looked at."""

_IMAGES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF87a", "GIF image"),
    (b"GIF89a", "GIF image"),
)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "PDF document"),
    (b"\x1f\x8b", "gzip archive"),
    (b"PK\x03\x04", "zip archive, or an Office document"),
    (b"BZh", "bzip2 archive"),
    (b"\xfd7zXZ\0", "xz archive"),
    (b"\x28\xb5\x2f\xfd", "zstd archive"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"PAR1", "Parquet table"),
    (b"ARROW1", "Arrow table"),
    (b"OggS", "Ogg sound"),
    (b"ID3", "MP3 sound"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
_BY_SUFFIX: dict[str, Kind] = {
    **dict.fromkeys((".jsonl", ".ndjson"), Kind.JSONL),
    **dict.fromkeys((".csv", ".tsv"), Kind.TABLE),
    **dict.fromkeys((".md", ".markdown"), Kind.MARKDOWN),
    **dict.fromkeys((".txt", ".log", ".text"), Kind.TEXT),
    **dict.fromkeys((".json", ".ipynb"), Kind.JSON),
}
_SOURCES = frozenset(
    (
        *(".py", ".pyi", ".js", ".jsx", ".ts", ".tsx", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".go", ".java", ".kt"),
        *(".rs", ".rb", ".php", ".sh", ".bash", ".sql", ".html", ".htm", ".css", ".scss", ".xml", ".yaml", ".yml"),
        *(".toml", ".ini", ".cfg", ".tex", ".r", ".lua", ".pl", ".swift", ".scala", ".diff", ".patch"),
    )
)
_SOURCE_NAMES = frozenset(("makefile", "dockerfile"))
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def kind_of(name: str, head: bytes) -> Kind:
    """The kind of a file of this name that begins with `head`; of any name and any bytes."""
    head = head[:LOOKED_AT]
    if not head:
        return Kind.EMPTY
    if _image(head):
        return Kind.IMAGE
    if head.startswith(b"%PDF-") or not is_text(head):
        return Kind.BINARY
    head = head.removeprefix(codecs.BOM_UTF8)
    suffix = PurePosixPath(name.lower()).suffix
    by_name = _BY_SUFFIX.get(suffix)
    if by_name in (Kind.JSON, Kind.JSONL) or (by_name is None and head.lstrip()[:1] in (b"{", b"[")):
        return _json_kind(head.lstrip(), by_name)
    if by_name in (None, Kind.TABLE) and is_results(head):
        return Kind.RESULTS
    if by_name is not None:
        return by_name
    is_source = suffix in _SOURCES or name.lower() in _SOURCE_NAMES or head.startswith(b"#!")
    return Kind.SOURCE if is_source else Kind.TEXT


def called(kind: Kind, head: bytes) -> str:
    """What a content of this kind is called, more exactly where its first bytes tell."""
    magics = {Kind.IMAGE: _IMAGES, Kind.BINARY: _OTHERS}.get(kind, ())
    return next((words for magic, words in magics if head.startswith(magic)), _image(head) or kind.value)


def is_text(head: bytes) -> bool:
    """Whether bytes are to be read as UTF-8, though a few of them may be broken."""
    broken = head.decode("utf-8", "replace").count("\ufffd") + len(_CONTROL.findall(head))
    return broken * 10 <= len(head)


def _image(head: bytes) -> str:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP image"
    return next((words for magic, words in _IMAGES if head.startswith(magic)), "")


def _json_kind(head: bytes, by_name: Kind | None) -> Kind:
    """One value or a line each, where the content shows it or else its name."""
    first, _, rest = head.partition(b"\n")
    record = _object(first)
    if by_name is not Kind.JSONL and (record is None or rest.lstrip()[:1] != b"{"):
        return Kind.JSON
    if record is None:  # perhaps since it is longer than what is looked at
        is_output = b'"custom_id"' in first and b'"response"' in first
    else:
        is_output = "custom_id" in record and not {"response", "error"}.isdisjoint(record)
    return Kind.BATCH_OUTPUT if is_output else Kind.JSONL


def _object(line: bytes) -> dict[str, object] | None:
    try:
        value = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


class Soundness:
    """Whether a growing text is valid UTF-8: `broken_at` is the place of its first byte that is not, None so far."""

    def __init__(self) -> None:
        self.broken_at: int | None = None
        self._seen = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def look(self, data: bytearray, end: int, *, whole: bool) -> None:
        """Take in what has come up to `end`."""
        while self.broken_at is None and (self._seen < end or whole):
            piece = data[self._seen : min(end, self._seen + LOOKED_AT)]
            held = len(self._decoder.getstate()[0])
            try:
                self._decoder.decode(piece, whole and self._seen + len(piece) >= end)
            except UnicodeDecodeError as error:
                self.broken_at = self._seen - held + error.start
            if not piece:
                return
            self._seen += len(piece)
