"""One line of JSON read to the letter: what is wrong with it, where, and how to mend it."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from files_tui.preflight.findings import LONGEST_SOUGHT, Findings
from files_tui.preflight.places import constant_at, places, too_deep_at
from files_tui.preflight.report import Severity
from files_tui.text import safe

DEEPEST = 500
"""Objects and arrays inside each other, beyond which no server's reader is known to follow."""

MANY_BYTES = 1 << 20
MOST_MARKS = 300_000
"""Brackets, commas and quotes of a line of more than `MANY_BYTES`, whose values would fill the memory."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_WORDS = {
    "None": "null",
    "True": "true",
    "False": "false",
    "undefined": "null",
    "nan": "null",
    "inf": "null",
}
_ONE_A_LINE = "write each object on a line of its own"
_BY_LIBRARY = "write the line with a JSON library, such as json.dumps"


class StrictReader:
    """Reads lines; what is no JSON object is found with `severity`."""

    def __init__(self, findings: Findings, severity: Severity) -> None:
        self._findings = findings
        self._severity = severity
        self._doubled = False
        self._constants = False
        self._skip = msgspec.json.Decoder(msgspec.Raw).decode
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=self._constant)

    def value(self, number: int, line: bytes, *, is_cut: bool = False) -> dict[str, Any] | None:
        """The object on a line, None where there is none; `is_cut` where the file ends behind it without a line end."""
        findings = self._findings
        findings.at(number)
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            self._not_utf8(line, error)
            return None
        findings.at(number, text)
        if len(line) > MANY_BYTES and sum(map(line.count, (b"[", b"{", b",", b'"'))) > MOST_MARKS:
            self._skim(line, text)
            return None
        if line.count(b"[") + line.count(b"{") > DEEPEST and self._is_too_deep(line):
            return None
        self._doubled = self._constants = False
        try:
            value = self._decoder.decode(text)
        except json.JSONDecodeError as error:
            self._broken(text, error, is_cut=is_cut)
            return None
        except RecursionError:  # where Python itself follows less deep
            self._add("too many objects and arrays inside each other", "make it flatter", 1)
            return None
        except ValueError:
            self._add("a number of thousands of digits", "write it as a string", 1)
            return None
        if self._doubled:
            self._tell_doubled(text)
        if self._constants:
            name = "NaN and Infinity are no JSON"
            self._add(name, "write null, or leave the value out", constant_at(text))
        self._tell_half_characters(line, text)
        if not isinstance(value, dict):
            how = "write each of its elements on a line of its own" if isinstance(value, list) else _ONE_A_LINE
            self._add(f"the line is {_kind(value)} and no JSON object", how, len(text) - len(text.lstrip()) + 1)
            return None
        return None if self._constants else value

    def _add(self, message: str, mend: str, column: int | None) -> None:
        self._findings.add(self._severity, message, mend, column=column)

    def _skim(self, line: bytes, text: str) -> None:
        """See whether a line is JSON at all, without any of its values."""
        try:
            self._skip(line)
        except RecursionError:
            if self._is_too_deep(line):
                return
        except ValueError as error:
            if _lone_surrogate(text) is None:  # half of a character is JSON all the same
                words = str(error).removeprefix("JSON is malformed: ")
                self._add(f"no JSON: {words}", _BY_LIBRARY, 1)
                return
        message = "more values on one line than are looked into"
        self._findings.add(Severity.WARNING, message, "write fewer into one object", column=1)

    def _is_too_deep(self, line: bytes) -> bool:
        deep = too_deep_at(line, DEEPEST)
        if deep is not None:
            column = len(line[:deep].decode(errors="replace")) + 1
            self._add(f"more than {DEEPEST} objects and arrays inside each other", "make it flatter", column)
        return deep is not None

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            self._doubled = True
        return made

    def _constant(self, _: str) -> None:
        self._constants = True

    def _tell_half_characters(self, line: bytes, text: str) -> None:
        """JSON may escape half of a character, which Python takes and UTF-8 cannot say."""
        try:
            self._skip(line)
        except (ValueError, RecursionError):
            lone = _lone_surrogate(text)
            if lone is not None:
                message = "an escape from \\ud800 to \\udfff is half of a character, and its other half is missing"
                self._findings.add(Severity.WARNING, message, "write the whole character", column=lone + 1)

    def _tell_doubled(self, text: str) -> None:
        if len(text) > LONGEST_SOUGHT:
            message = "a key stands twice in one object, and only the last one counts"
            self._findings.add(Severity.WARNING, message, "take one of them away")
            return
        for place in places(text):
            if place.is_second:
                key = place.pointer.rpartition("/")[2]
                message = f'the key "{safe(key, 60)}" stands twice in one object, and only the last one counts'
                pointer, column = place.pointer, place.key + 1
                self._findings.add(Severity.WARNING, message, "take one of them away", pointer=pointer, column=column)

    def _not_utf8(self, line: bytes, error: UnicodeDecodeError) -> None:
        column = len(line[: error.start].decode(errors="replace")) + 1
        self._add(f"byte 0x{line[error.start]:02x} is no UTF-8", "save the file as UTF-8", column)

    def _broken(self, text: str, error: json.JSONDecodeError, *, is_cut: bool) -> None:
        """Tell of what is no JSON, guessing how it came to be."""
        at, rest = error.pos, text[error.pos :]
        before = text[: error.pos].rstrip()
        word = re.match(r"[A-Za-z]+", rest)
        message, how = f"no JSON: {error.msg[0].lower()}{error.msg[1:]}".removesuffix(" at"), ""
        if is_cut and (not rest.strip() or error.msg.startswith("Unterminated string")):
            message, how = "the file ends in the middle of this line", "it may have been cut off: write it again"
        elif error.msg == "Extra data":
            if rest.startswith((",", "]")):
                message, how = (
                    "something stands behind the first value",
                    "take away the commas and brackets between lines",
                )
            else:
                message, how = "something stands behind the first value", _ONE_A_LINE
        elif text.lstrip().startswith("[") and before.endswith(",") and not rest.strip():
            message, how = "one JSON array stands on several lines", "take away the commas and brackets between lines"
        elif text.strip() in ("[", "{", "]", "],", "}", "},") or (text.startswith((" ", "\t")) and at > 0 and not rest):
            message, how = "one JSON text stands on several lines", "write each object on one line, as jq -c does"
        elif rest.startswith("'"):
            message, how = "single quotes are no JSON", "use double quotes, as json.dumps does"
        elif word is not None and word[0] in _WORDS:
            message, how = f"{word[0]} is no JSON", f"write {_WORDS[word[0]]}"
        elif (before.endswith(",") and rest.startswith(("}", "]"))) or "trailing comma" in error.msg.lower():
            message, how = "a comma stands behind the last value", "take it away"
        elif rest.startswith("\0"):
            message, how = "a zero byte", "the file may be damaged: write it again"
        elif error.msg.startswith("Invalid control character"):
            code = ord(rest[0]) if rest else 0
            message, how = f"a bare control character in a string: U+{code:04X}", f"write it as \\u{code:04x}"
        elif error.msg.startswith("Invalid \\escape"):
            message, how = "a backslash that escapes nothing", "write it as \\\\"
        elif rest.startswith("\ufeff"):
            message, how = "a byte order mark inside the line", "take it away"
        self._add(message, how or _BY_LIBRARY, at + 1)


def _lone_surrogate(text: str) -> int | None:
    """The first escape, from 0, of a half of a character that stands alone."""
    high = None
    for escape in _ESCAPE.finditer(text):
        code = int(escape[1], 16) if escape[1] else 0
        if 0xDC00 <= code <= 0xDFFF:
            if high != escape.start():
                return escape.start() if high is None else high - 6
            high = None
            continue
        if high is not None:
            return high - 6
        high = escape.end() if 0xD800 <= code <= 0xDBFF else None
    return None if high is None else high - 6


def _kind(value: object) -> str:
    kinds = {list: "an array", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")
