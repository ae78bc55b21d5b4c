"""Whole answers, before anything happens to them on their way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.wire import answer


@dataclass(frozen=True)
class Whole:
    """An answer that is not broken; its length is added where it is sent."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, sent: bytes) -> Whole:
        """The answer that these bytes are."""
        head, _, body = sent.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        headers.pop("content-length", None)
        return cls(int(first.split(" ")[1]), body, headers)

    @classmethod
    def of(cls, status: int, value: object) -> Whole:
        """An answer with a value as JSON."""
        return cls(status, json.dumps(value).encode(), {"content-type": "application/json"})

    @property
    def value(self) -> Any:
        """What its JSON means."""
        return json.loads(self.body)

    def with_headers(self, **headers: str) -> Whole:
        """The same with these headers, whose names have `_` for `-`; an empty content_length leaves that one out."""
        return replace(self, headers={**self.headers, **{name.replace("_", "-"): headers[name] for name in headers}})

    def sent(self) -> bytes:
        """What goes over the wire."""
        return answer(self.status, self.body, self.headers)


def error(message: str, **more: object) -> dict[str, object]:
    """An error in the API's own envelope."""
    return {"error": {"message": message, "type": "server_error", "param": None, "code": None, **more}}
