"""The keys that matter most, in the last line."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Static


class KeyBar(Static):
    """Made from the screen's bindings as Textual's `Footer` is, but one widget: that one mounts a widget for each key,
    anew whenever the focus moves, which start-up and a slow line can both do without."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id, markup=False)
        self._places: list[tuple[int, int, DOMNode, str]] = []

    def on_resize(self) -> None:
        self.show()

    def show(self) -> None:
        """Show the keys that do something now, as many as fit; the last one, which is help, always."""
        labels: dict[str, tuple[Text, DOMNode, str]] = {}
        places = {each.id: n for n, each in enumerate(self.screen.BINDINGS) if isinstance(each, Binding)}
        # A key map puts what it changes behind the rest.
        active = sorted(self.screen.active_bindings.values(), key=lambda each: places.get(each.binding.id, len(places)))
        for node, binding, enabled, _ in active:
            key = binding.key_display or self.app.get_key_display(binding)
            if key and binding.show and enabled and binding.id and binding.id not in labels:
                label = Text().append(f" {key}", "bold cyan").append(f" {binding.description} ")
                labels[binding.id] = label, node, binding.action
        line = Text()
        self._places = []
        *others, last = labels.values() or [(Text(), self, "")]
        room = self.size.width - last[0].cell_len
        for label, node, action in [*others, last]:
            if line.cell_len + label.cell_len <= room or label is last[0]:
                self._places.append((line.cell_len, line.cell_len + label.cell_len, node, action))
                line.append_text(label)
            else:
                room = 0
        if line != self.content:
            self.update(line, layout=False)

    async def on_click(self, event: events.Click) -> None:
        for start, end, node, action in self._places:
            if start <= event.x < end:
                await self.app.run_action(action, node)
