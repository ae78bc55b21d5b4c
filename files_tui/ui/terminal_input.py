"""What a terminal sends, read so that a paste stays text, and that odd keys do no harm."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

BEGIN, END = "\x1b[200~", "\x1b[201~"
INSTEAD = "\ufffd"
"""What stands for an escape in what was pasted."""


class TerminalInput(XTermParser):
    """Keys, pastes and reports; of an escape inside a paste, and what follows it, Textual alone would make keys."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._is_pasting = False
        self._last = ""
        self._held = ""

    def feed(self, data: str) -> Iterable[Message]:
        made = self._disarmed(data)
        return super().feed(made) if made or not data else ()  # nothing at all would be the end of the input

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        """No keys of a form that was not asked for, which Textual cannot read and would end the program by."""
        try:
            yield from super()._sequence_to_key_events(sequence, alt)
        except ValueError:
            yield events.Key(Keys.Ignore, sequence)

    def _disarmed(self, data: str) -> str:
        """The same, but for a beginning of an end mark, which waits for its rest."""
        made = []
        if not self._is_pasting:
            before, mark, data = self._parted(data)
            made.append(before + mark)
            self._is_pasting = bool(mark)
        if not self._is_pasting:
            return made[0]
        data, self._held = self._held + data, ""
        pasted, mark, rest = data.partition(END)
        if not mark:
            kept = next(n for n in range(len(END) - 1, -1, -1) if pasted.endswith(END[:n]))
            pasted, self._held = pasted[: len(pasted) - kept], pasted[len(pasted) - kept :]
        made.append(pasted.replace("\x1b", INSTEAD) + mark)
        self._is_pasting = not mark
        return "".join(made) + (self._disarmed(rest) if rest else "")

    def _parted(self, data: str) -> tuple[str, str, str]:
        """What comes before a paste, the mark of its beginning, of which a part may have come earlier, and the rest."""
        for done in range(len(BEGIN) - 1, 0, -1):
            if self._last.endswith(BEGIN[:done]) and data.startswith(BEGIN[done:]):
                self._last = ""
                return "", BEGIN[done:], data[len(BEGIN) - done :]
        before, mark, rest = data.partition(BEGIN)
        self._last = "" if mark else (self._last + before)[-len(BEGIN) :]
        return before, mark, rest
