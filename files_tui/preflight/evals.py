"""Items for evaluations, a line each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from files_tui.preflight.findings import Findings
from files_tui.preflight.report import Severity
from files_tui.preflight.rules import Rules, shown
from files_tui.text import count, safe

_EXAMPLE = '{"item": {"input": "…", "ideal": "…"}}'
_MOST_FIELDS = 1000


class ItemRules(Rules):
    """Looks at items one by one; a run wants in each the fields of its schema."""

    noun = "item"

    def __init__(self, findings: Findings) -> None:
        super().__init__(findings)
        self._fields: Counter[str] = Counter()
        self._count = 0

    def look(self, _number: int, _line: bytes, value: dict[str, Any], /) -> None:
        """Look at one item."""
        self._count += 1
        if "item" not in value:
            self.error("", "item is missing", f"put the fields into it: {_EXAMPLE}")
            return
        if not isinstance(value["item"], dict):
            message = f"item is {shown(value['item'])} and no object"
            self.error("/item", message, f"write {_EXAMPLE}")
            return
        if not isinstance(value.get("sample"), dict | None):
            message = f"sample is {shown(value['sample'])} and no object"
            self.error("/sample", message, 'write {"output_text": "…"}')
        if len(self._fields) < _MOST_FIELDS:
            self._fields.update(value["item"].keys())

    def end(self, counted: int, /) -> None:
        """Each item should have what the others have."""
        if not counted:
            self.findings.add(Severity.ERROR, "there is no item in the file", f"write {_EXAMPLE}, a line each")
        if len(self._fields) < _MOST_FIELDS:
            for field, number in self._fields.items():
                if number < self._count:
                    message = f"{count(self._count - number)} of {count(self._count)} items lack the field"
                    how = "a run needs it in each, if its schema says so"
                    self.findings.add(Severity.NOTE, f"{message} {shown(field)}", how)

    def statistics(self) -> list[tuple[str, str]]:
        """The fields."""
        fields = ", ".join(safe(field, 40) for field, _ in self._fields.most_common(12))
        return [("fields", fields)]
