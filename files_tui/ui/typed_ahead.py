"""Keys that are typed ahead, before a dialog or the search line has the focus, reach it, in their order."""

from __future__ import annotations

from collections import deque
from functools import partial
from pathlib import PurePath
from weakref import WeakKeyDictionary

from textual import events
from textual.app import App
from textual.message import Message
from textual.widget import Widget

LOOK = 0.02
"""Seconds between two looks at whether the widget that is waited for has ended, and its messages with it."""

MOST_LOOKS = 12
"""After so many keys go on although nothing was heard of those before them."""

CALM = 3
"""How many times the focus has to be found where it was, after a key that may have moved it in a roundabout way."""

Typed = events.Key | events.Paste


class Passed(Message):
    """Goes the way of the keys before it: once it is back, so are those of them that nothing took."""

    def __init__(self, widget: Widget, calm: int) -> None:
        super().__init__()
        self.widget = widget
        self.calm = calm
        self.looks = 0


class TypedAheadApp(App[None]):
    """An app in which no key overtakes another while the focus moves."""

    def __init__(self, *, css_path: list[str | PurePath] | None = None, ansi_color: bool | None = None) -> None:
        super().__init__(css_path=css_path, ansi_color=ansi_color)
        self._held: deque[Typed] = deque()
        self._aims: WeakKeyDictionary[Typed, Widget] = WeakKeyDictionary()
        self._last_aim: Widget | None = None
        self._text_is_under_way = False
        self._returned: list[Typed] = []
        self._awaited: Passed | None = None

    @property
    def _aim(self) -> Widget:
        return self.focused or self.screen

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, Typed) or event.is_forwarded:
            await super().on_event(event)
            return
        self._held.append(event)
        if self._awaited is None:
            await self._send_held()

    async def _send_held(self) -> None:
        """Send keys to what has the focus, unless earlier ones may still come back from what had it before."""
        while self._held and not self._exit:
            event, aim = self._held[0], self._aim
            if self._last_aim not in (aim, None) and self._wait_for(self._last_aim):
                return
            is_text = isinstance(event, events.Key) and aim.check_consume_key(event.key, event.character)
            if self._text_is_under_way and not is_text and self._wait_for(aim, CALM):
                return  # or a binding with priority would overtake it
            self._held.popleft()
            self._last_aim = self._aims[event] = aim
            self._text_is_under_way = is_text
            await super().on_event(event)
            if not is_text and (self._wait_for(aim, CALM) or self._wait_for(self._aim, CALM)):
                return

    def _wait_for(self, widget: Widget, calm: int = 0) -> bool:
        """Hold all further keys until those that this widget was sent are done with."""
        passed = Passed(widget, calm)
        if not self._is_in_sight(widget) or not widget.post_message(passed):
            return False
        self._awaited = passed
        self.set_timer(LOOK, partial(self._look_after, passed))
        return True

    def _is_in_sight(self, widget: Widget) -> bool:
        return widget.is_attached and widget.screen in self.screen_stack

    async def _look_after(self, passed: Passed) -> None:
        if passed is not self._awaited:
            return
        passed.looks += 1  # and no seconds, since what keeps the whole program busy is no silence
        if self._is_in_sight(passed.widget) and passed.looks < MOST_LOOKS:
            self.set_timer(LOOK, partial(self._look_after, passed))
        else:
            await self.on_passed(passed)

    async def on_passed(self, passed: Passed) -> None:
        """The keys before those that are held were taken, or have come back."""
        if passed is not self._awaited or not self.screen_stack:  # which is empty when the app has ended
            return
        self._awaited = self._last_aim = None
        self._text_is_under_way = False
        aim = self._aim
        calm = passed.calm - 1 if aim is passed.widget else passed.calm
        if calm > 0 and self._wait_for(aim, calm):
            return
        await self._release()

    async def _release(self) -> None:
        """Send what came back, and behind it what was held."""
        self._held.extendleft(reversed(self._returned))
        self._returned.clear()
        await self._send_held()

    async def on_key(self, event: events.Key) -> None:
        """A key that came back, since it was typed before what it was meant for had the focus."""
        await self._take_back(event, events.Key(event.key, event.character))

    async def on_paste(self, event: events.Paste) -> None:
        """The same for text that was pasted."""
        await self._take_back(event, events.Paste(event.text))

    async def _take_back(self, event: Typed, again: Typed) -> None:
        aim = self._aims.pop(event, self._aim)
        if aim is self._aim:
            return
        event.prevent_default()
        self._returned.append(again)
        if self._awaited is None and not self._wait_for(aim):
            await self._release()
