"""Examples for fine-tuning, a line each: chats, preferences, completions, and those that a grader judges."""

from __future__ import annotations

from collections import Counter
from typing import Any

from files_tui.preflight.findings import Findings
from files_tui.preflight.messages import ROLES, Chat
from files_tui.preflight.report import Severity
from files_tui.preflight.rules import Rules, shown
from files_tui.text import count, plural

FEWEST = 10
"""Examples that a job needs."""

CHAT, PREFERENCE, COMPLETION, GRADED = "chat", "preference", "completion", "reinforcement"
_OUTPUTS = ("preferred_output", "non_preferred_output")
_CHAT_KEYS = {"messages", "tools", "functions", "parallel_tool_calls", "tool_choice", "response_format", "metadata"}
_SHAPES = 'write {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}'
_FUNCTION = '{"name": "…", "parameters": {…}}'
_LAST = "end it with the assistant's answer; for reinforcement, add the fields that the grader reads"


class ExampleRules(Rules):
    """Looks at examples one by one, which all have the shape of the first."""

    noun = "example"

    def __init__(self, findings: Findings) -> None:
        super().__init__(findings)
        self._shape: tuple[str, int] | None = None
        self._roles: Counter[str] = Counter()
        self._with: Counter[str] = Counter()
        self._most = 0

    def look(self, number: int, _line: bytes, value: dict[str, Any], /) -> None:
        """Look at one example."""
        shape = _shape_of(value)
        if shape is None:
            self._unknown(value)
            return
        first, at = self._shape = self._shape or (shape, number)
        if shape != first:
            message = f"this is a {shape} example, and the one on line {count(at)} is for {first}"
            if {shape, first} == {CHAT, GRADED}:
                last = "does not end" if shape == GRADED else "ends"
                message = f"this chat {last} with the assistant, unlike the one on line {count(at)}"
            self.error("", message, "write a file for each shape")
        if shape == COMPLETION:
            self._completion(value)
        elif shape == PREFERENCE:
            self._preference(value)
        else:
            self._chat(value, shape)

    def _chat(self, value: dict[str, Any], shape: str) -> None:
        chat = Chat()
        chat.look(self.findings, "/messages", value["messages"])
        self._tools(value, "", chat)
        self._add(chat)
        if shape == CHAT and chat.answers and chat.untrained == chat.answers:
            message = "every answer has the weight 0: nothing is learnt from this example"
            self.warn("/messages", message, "give one of them the weight 1")
        if shape == GRADED and chat.roles and value.keys() <= _CHAT_KEYS:
            # For reinforcement, a grader that reads the answer alone needs no other field.
            add = self.warn if self._shape and self._shape[0] == GRADED else self.error
            add("/messages", f"the last message is {_of(chat.roles[-1])}, not the assistant's", _LAST)

    def _preference(self, value: dict[str, Any]) -> None:
        given = value["input"]
        chat = Chat()
        if isinstance(given, dict) and "messages" in given:
            chat.look(self.findings, "/input/messages", given["messages"])
            self._tools(given, "/input", chat)
        elif isinstance(given, dict):
            self.error("/input", "the input has no messages", 'write "input": {"messages": […]}')
        else:
            self.error("/input", f"the input is {shown(given)}", 'write "input": {"messages": […]}')
        self._add(chat)
        for key in _OUTPUTS:
            output = Chat()
            output.ids |= chat.ids  # it may begin with what a tool has answered
            output.look(self.findings, f"/{key}", value[key], ("assistant", "tool"))
            if output.roles and not output.answers:
                self.error(f"/{key}", f"{key} has no message of the assistant", "add the answer")
        if value[_OUTPUTS[0]] == value[_OUTPUTS[1]]:
            message = "both outputs are the same: there is nothing to prefer"
            self.warn(f"/{_OUTPUTS[1]}", message, "leave the example out")

    def _completion(self, value: dict[str, Any]) -> None:
        for key in ("prompt", "completion"):
            if not isinstance(value[key], str):
                self.error(f"/{key}", f"the {key} is {shown(value[key])} and no text", "write a text")
        if value["completion"] == "":
            message = "the completion is empty: there is nothing to learn"
            self.warn("/completion", message, "fill it, or leave the example out")

    def _tools(self, value: dict[str, Any], where: str, chat: Chat) -> None:
        known: set[str] = set()
        for key in ("tools", "functions"):
            tools = value.get(key)
            if tools is None:
                continue
            self._with["tools"] += bool(tools)
            if not isinstance(tools, list):
                self.error(f"{where}/{key}", f"{key} is {shown(tools)} and no list", "write a list")
                continue
            for index, tool in enumerate(tools):
                name = _name_of(tool, is_function=key == "functions")
                if name is None:
                    how = _FUNCTION if key == "functions" else f'{{"type": "function", "function": {_FUNCTION}}}'
                    self.error(f"{where}/{key}/{index}", "the tool has no function with a name", f"write {how}")
                else:
                    known.add(name)
        for name in sorted(chat.names - known):
            message = f"{shown(name)} is called, but is not among the tools of the example"
            pointer = f"{where}/messages"
            self.warn(pointer, message, "add it to tools")

    def _unknown(self, value: dict[str, Any]) -> None:
        if "conversations" in value:
            message, how = "conversations is another program's key", 'write "messages", with "role" and "content"'
        elif "custom_id" in value:
            message, how = "this is a request of a batch, and no example", "upload it with the purpose batch"
        elif missing := [key for key in ("input", *_OUTPUTS) if key not in value and set(_OUTPUTS) & value.keys()]:
            message, how = f"{missing[0]} is missing", "a preference has input, preferred_output, non_preferred_output"
        elif "prompt" in value or "completion" in value:
            key = "completion" if "prompt" in value else "prompt"
            message, how = f"{key} is missing", 'write {"prompt": "…", "completion": "…"}'
        else:
            message, how = "messages is missing", _SHAPES
        self.error("", message, how)

    def _add(self, chat: Chat) -> None:
        self._roles.update(chat.roles)
        self._with["images"] += bool(chat.images)
        self._with["tool calls"] += bool(chat.calls)
        self._with["untrained answers"] += bool(chat.untrained)
        self._most = max(self._most, len(chat.roles))

    def end(self, counted: int, /) -> None:
        """A job needs some examples."""
        if counted < FEWEST:
            message = f"{plural(counted, 'example')}: a job needs at least {FEWEST}"
            self.findings.add(Severity.ERROR, message, f"add {plural(FEWEST - counted, 'example')}")

    def statistics(self) -> list[tuple[str, str]]:
        """Shape, messages, roles, and how many have what."""
        total = sum(self._roles.values())
        roles = ", ".join(f"{role} {count(self._roles[role])}" for role in ROLES if self._roles[role])
        having = ", ".join(f"{what} in {count(number)}" for what, number in self._with.items() if number)
        return [
            ("shape", self._shape[0] if self._shape else ""),
            ("messages", f"{count(total)}, at most {count(self._most)} in one example" if total else ""),
            ("roles", roles),
            ("having", having),
        ]


def _shape_of(value: dict[str, Any]) -> str | None:
    if "messages" in value:
        messages = value["messages"]
        last = messages[-1] if isinstance(messages, list) and messages else None
        role = last.get("role") if isinstance(last, dict) else None
        return GRADED if role in ("user", "developer", "system", "tool", "function") else CHAT
    if {"input", *_OUTPUTS} <= value.keys():
        return PREFERENCE
    return COMPLETION if {"prompt", "completion"} <= value.keys() else None


def _name_of(tool: object, *, is_function: bool) -> str | None:
    function = tool if is_function or not isinstance(tool, dict) else tool.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    return name if isinstance(name, str) and name else None


def _of(role: str) -> str:
    return f"the {role}'s" if role else "nobody's"
