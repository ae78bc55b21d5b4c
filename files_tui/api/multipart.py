"""The multipart form of an upload, read from disk while it is sent."""

from __future__ import annotations

import contextlib
import mimetypes
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from files_tui.api.digest import PassingDigest
from files_tui.api.errors import SourceChanged

# Larger reads cut the per-chunk cost of h11 and the socket: 1 MiB was measured to be the best of 64 KiB to 4 MiB.
READ_SIZE = 1 << 20

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Slice(msgspec.Struct, frozen=True):
    """The bytes of a local file that are sent: all of it, or `length` bytes from `start` on.

    `stamp` is the size (bytes) and modification time (ns) that the file must have, where that was noted before.
    """

    path: Path
    start: int = 0
    length: int | None = None
    stamp: tuple[int, int] | None = None


class UploadForm:
    """A file, or a slice of it, as multipart/form-data of known length (API reference, "Upload").

    The file is opened at once, so that a missing or unreadable one raises `OSError` before a connection is made.
    Iterating gives the body and reports the file's bytes as they leave. A file that changes meanwhile raises
    `SourceChanged` before the form is complete, so that the server cannot keep half of it. `on_sent` hears that all but
    the last line has left: from then on the server may have all of it. With `hashes` there is then a `digest` of the
    bytes, unless they left too fast.
    """

    def __init__(
        self,
        piece: Slice,
        *,
        field: str,
        name: str,
        fields: Mapping[str, str],
        on_bytes: Callable[[int], None],
        on_sent: Callable[[], None] = lambda: None,
        hashes: bool = False,
    ) -> None:
        self._file = piece.path.open("rb", buffering=0)
        self._piece = piece
        now = os.fstat(self._file.fileno())
        self.stamp = piece.stamp or (now.st_size, now.st_mtime_ns)
        """The size (bytes) and modification time (ns) of the whole file."""
        self.size = now.st_size - piece.start if piece.length is None else piece.length
        """The bytes of the slice."""
        self._on_bytes = on_bytes
        self._on_sent = on_sent
        self._hashes = hashes
        self.is_sent = False
        self.digest: str | None = None
        boundary = os.urandom(16).hex()
        form = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        )
        form += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{quoted(name)}"\r\n'
            f"Content-Type: {media_type(name)}\r\n\r\n"
        )
        self._head = form.encode("utf-8", "replace")
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + self.size + len(self._tail)),
        }

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        self._file.seek(self._piece.start)
        left = self.size
        with contextlib.closing(PassingDigest()) if self._hashes else contextlib.nullcontext() as digest:
            while left:
                chunk = self._file.read(min(READ_SIZE, left))
                if not chunk:
                    break
                left -= len(chunk)
                if digest is not None:
                    digest.update(chunk)
                yield chunk
                self._on_bytes(self.size - left)
            self.digest = digest.result() if digest is not None else None
        now = os.fstat(self._file.fileno())
        if left or (now.st_size, now.st_mtime_ns) != self.stamp:
            raise SourceChanged(f"{self._piece.path.name} changed while it was being read: nothing was uploaded")
        self._on_sent()
        self.is_sent = True
        yield self._tail


def media_type(name: str) -> str:
    """The media type that a file's name suggests."""
    return mimetypes.guess_type("file" + os.path.splitext(name)[1])[0] or "application/octet-stream"


def quoted(name: str) -> str:
    """A file name as OpenAI's servers expect it in a form: raw UTF-8, `"` as %22, `\\` doubled, controls as %XX."""
    name = name.encode("utf-8", "replace").decode()  # a name on disk need not be Unicode
    name = name.replace("\\", "\\\\").replace('"', "%22")
    return _CONTROL.sub(lambda match: f"%{ord(match[0]):02X}", name)
