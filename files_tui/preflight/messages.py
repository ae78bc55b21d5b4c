"""Messages of a chat that is trained on: roles, content, tool calls, weights (guides to fine-tuning)."""

from __future__ import annotations

import json
from typing import Any

from files_tui.preflight.findings import Findings
from files_tui.preflight.report import Severity
from files_tui.preflight.rules import shown
from files_tui.text import safe

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_KEYS = {
    *("role", "content", "name", "weight", "tool_calls", "function_call", "tool_call_id", "refusal"),
    *("annotations", "audio", "thinking", "reasoning_content"),
}
_ROLE_WORDS = {"human": "user", "gpt": "assistant", "bot": "assistant", "ai": "assistant", "model": "assistant"}
MOST_IMAGES = 10
"""Images in one example."""

_IMAGE_TYPES = ("image/jpeg", "image/jpg", "image/png", "image/webp")


class Chat:
    """What was seen in the messages of one example; `names` and `ids` are those of calls."""

    def __init__(self) -> None:
        self.roles: list[str] = []
        self.images = 0
        self.calls = 0
        self.untrained = 0
        self.names: set[str] = set()
        self.ids: set[str] = set()

    @property
    def answers(self) -> int:
        """Messages of the assistant."""
        return self.roles.count("assistant")

    def look(self, findings: Findings, pointer: str, messages: object, roles: tuple[str, ...] = ROLES) -> None:
        """Look at a list of messages that stands at `pointer`, in which these roles may be."""
        if not isinstance(messages, list):
            message = f"{safe(pointer.rpartition('/')[2])} is {shown(messages)} and no list"
            findings.add(Severity.ERROR, message, "write a list of messages", pointer=pointer)
            return
        if not messages:
            findings.add(Severity.ERROR, "there is no message in the list", "add some", pointer=pointer)
        for index, message in enumerate(messages):
            _Message(self, findings, f"{pointer}/{index}").look(message, roles)
        if self.images > MOST_IMAGES:
            says = f"{self.images} images in one example: at most {MOST_IMAGES} are taken"
            findings.add(Severity.ERROR, says, "split the example", pointer=pointer)


class _Message:
    """One message; what it brings is added to the chat."""

    def __init__(self, chat: Chat, findings: Findings, pointer: str) -> None:
        self._chat = chat
        self._findings = findings
        self._pointer = pointer

    def look(self, message: object, roles: tuple[str, ...]) -> None:
        if not isinstance(message, dict):
            self._error("", f"the message is {shown(message)} and no object", "write an object with role and content")
            return
        role = self._role(message, roles)
        self._chat.roles.append(role)
        self._content(message, role)
        if role == "assistant":
            self._calls(message.get("tool_calls"))
            self._call(message.get("function_call"), "/function_call")
        elif role == "tool":
            self._answered(message)
        elif role == "function" and not isinstance(message.get("name"), str):
            self._error("", "the function's message has no name", "name the function that was called")
        self._weight(message, role)
        for key in (key for key in message if key not in _KEYS):
            says = f"the key {shown(key)} is none that messages have"
            self._warn(f"/{_reference(key)}", says, "take it away")

    def _role(self, message: dict[str, Any], roles: tuple[str, ...]) -> str:
        if "role" not in message:
            how = 'write "role" and "content" for "from" and "value"' if "from" in message else 'write "role": "…"'
            self._error("", "the message has no role", how)
            return ""
        role = message["role"]
        if isinstance(role, str) and role in roles:
            return role
        other = _ROLE_WORDS.get(role.lower()) if isinstance(role, str) else None
        how = f'write "{other}"' if other else f"write one of {', '.join(roles)}"
        self._error("/role", f"the role is {shown(role)}", how)
        return role if isinstance(role, str) and role in ROLES else ""

    def _content(self, message: dict[str, Any], role: str) -> None:
        says_more = role == "assistant" and any(message.get(key) for key in ("tool_calls", "function_call", "refusal"))
        content = message.get("content")
        match content:
            case str():
                # No instructions and a tool that gives nothing are usual.
                if not content and not says_more and role in ("user", "assistant"):
                    self._warn("/content", "the content is empty", "fill it, or leave the message out")
            case list():
                if not content and not says_more:
                    self._error("/content", "the content has no parts", "add some, or write a text")
                for index, part in enumerate(content):
                    self._part(f"/content/{index}", part, role)
            case None if says_more:
                pass
            case None:
                known = "content" in message
                says = "the content is null" if known else "the message has no content"
                self._error("/content" if known else "", says, "write what is said")
            case _:
                self._error("/content", f"the content is {shown(content)}", "write a text, or a list of parts")

    def _part(self, place: str, part: object, role: str) -> None:
        if not isinstance(part, dict):
            self._error(place, f"the part is {shown(part)} and no object", 'write {"type": "text", "text": "…"}')
            return
        kind = part.get("type")
        if kind == "text":
            if not isinstance(part.get("text"), str):
                self._error(place, "the part has no text", 'write {"type": "text", "text": "…"}')
        elif kind == "image_url":
            self._image(place, part, role)
        elif kind == "refusal" and role == "assistant":
            if not isinstance(part.get("refusal"), str):
                self._error(place, "the part has no refusal", 'write {"type": "refusal", "refusal": "…"}')
        elif kind in ("input_audio", "file", "audio"):
            self._error(place, f"a part of the type {shown(kind)} cannot be trained on", "give its text, or an image")
        else:
            says = "the part has no type" if "type" not in part else f"the part's type is {shown(kind)}"
            self._error(place, says, "write text or image_url")

    def _image(self, place: str, part: dict[str, Any], role: str) -> None:
        self._chat.images += 1
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else None
        if not isinstance(url, str):
            how = 'write {"type": "image_url", "image_url": {"url": "…"}}'
            self._error(place, "the image has no url", how)
        elif role not in ("user", ""):
            self._error(place, f"an image in a message of the {role}", "only the user's messages may have images")
        elif url.startswith("data:"):
            kind = url[5:60].partition(";")[0]
            if kind not in _IMAGE_TYPES:
                how = "turn it into JPEG, PNG or WebP"
                self._error(place, f"an image of the type {shown(kind)} is not taken", how)
        elif not url.startswith(("https://", "http://")):
            how = "write an https address, or data:image/png;base64,…"
            self._error(place, f"the image's url is {shown(url)}", how)

    def _calls(self, calls: object) -> None:
        if calls is None:
            return
        if not isinstance(calls, list):
            self._error("/tool_calls", f"tool_calls is {shown(calls)} and no list", "write a list of calls")
            return
        for index, call in enumerate(calls):
            place = f"/tool_calls/{index}"
            if not isinstance(call, dict):
                self._error(place, f"the call is {shown(call)} and no object", "write id, type and function")
                continue
            if isinstance(call.get("id"), str):
                self._chat.ids.add(call["id"])
            else:
                self._error(place, "the call has no id", 'write "id": "…", as its answer names it')
            if call.get("type") != "function":
                self._error(place, "the call's type is not function", 'write "type": "function"')
            if call.get("function") is None:
                self._error(place, "the call names no function", 'write "function": {"name": "…", "arguments": "{…}"}')
            self._call(call.get("function"), f"{place}/function")

    def _call(self, call: object, place: str) -> None:
        if call is None:
            return
        self._chat.calls += 1
        how = 'write {"name": "…", "arguments": "{…}"}'
        if not isinstance(call, dict):
            self._error(place, f"the function is {shown(call)} and no object", how)
            return
        if isinstance(call.get("name"), str) and call["name"]:
            self._chat.names.add(call["name"])
        else:
            self._error(place, "the called function has no name", how)
        arguments = call.get("arguments")
        if not isinstance(arguments, str):
            says = f"the arguments are {shown(arguments)}" if "arguments" in call else "the call has no arguments"
            self._error(place, says, "write them as JSON in a text, as json.dumps gives it")
        elif not _is_object(arguments):
            says = "the arguments are no JSON object"
            self._warn(f"{place}/arguments", says, "write them as json.dumps gives them")

    def _answered(self, message: dict[str, Any]) -> None:
        call = message.get("tool_call_id")
        if not isinstance(call, str):
            self._error("", "the tool's message has no tool_call_id", "name the call that it answers")
        elif call not in self._chat.ids:
            says = f"no call before has the id {shown(call)}"
            self._error("/tool_call_id", says, "take the id of the assistant's call")

    def _weight(self, message: dict[str, Any], role: str) -> None:
        if message.get("weight") is None:
            return
        weight = message["weight"]
        if isinstance(weight, bool) or weight not in (0, 1):
            self._error("/weight", f"the weight is {shown(weight)}", "write 0 or 1")
        elif role not in ("assistant", ""):
            says = f"a weight in a message of the {role}, where it means nothing"
            self._warn("/weight", says, "only the assistant's messages have one")
        elif weight == 0:
            self._chat.untrained += 1

    def _error(self, place: str, message: str, mend: str) -> None:
        self._findings.add(Severity.ERROR, message, mend, pointer=self._pointer + place)

    def _warn(self, place: str, message: str, mend: str) -> None:
        self._findings.add(Severity.WARNING, message, mend, pointer=self._pointer + place)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _reference(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
