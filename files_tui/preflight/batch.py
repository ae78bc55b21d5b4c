"""Requests for the Batch API, a line each (API reference, "Upload", and the guide to batches)."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from files_tui.preflight.findings import Findings
from files_tui.preflight.report import Severity
from files_tui.preflight.rules import Rules, shown
from files_tui.preflight.shapes import Shapes
from files_tui.text import count, safe

MOST_REQUESTS = 50_000
MOST_INPUTS = 50_000
"""Inputs of embeddings, in all requests together."""

LARGEST = 200 << 20
"""Bytes of a batch file; whether the 200 MB of the documentation are a little less is not known."""

LONGEST_KEPT = 64
"""A longer id is remembered by its hash."""

WANTED = {
    "/v1/chat/completions": ("messages",),
    "/v1/responses": ("input", "prompt", "previous_response_id", "conversation"),
    "/v1/embeddings": ("input",),
    "/v1/completions": ("prompt",),
    "/v1/moderations": ("input",),
    "/v1/images/generations": ("prompt",),
    "/v1/images/edits": ("prompt",),
    "/v1/videos": ("prompt",),
}
"""Endpoints that batches can go to, and of what one of them needs at least one key in the body."""

HAVE_A_MODEL = ("/v1/moderations", "/v1/images/generations", "/v1/images/edits", "/v1/videos")
"""Endpoints that take a model of their own where none is named, as responses take that of a stored prompt."""

_EXAMPLE = '{"custom_id": "…", "method": "POST", "url": "/v1/chat/completions", "body": {…}}'


class BatchRules(Rules):
    """Looks at requests one by one, and at what they have to have in common."""

    noun = "request"

    def __init__(self, findings: Findings) -> None:
        super().__init__(findings)
        self._shapes = Shapes()
        self._ids: dict[str | bytes, int] = {}
        self._first: dict[str, tuple[str, int]] = {}
        self._warned: set[str] = set()
        self._count = 0
        self._more_inputs = 0

    def knows(self, number: int, line: bytes, /) -> bool:
        """Whether a line is right and taken into account, as one that is known to be like others before it."""
        known = self._shapes.match(line)
        if known is None:
            return False
        custom_id, inputs = known
        if not custom_id or self._count + self._more_inputs + inputs > MOST_REQUESTS:
            return False
        key = custom_id if len(custom_id) <= LONGEST_KEPT else _hash(custom_id)
        if self._ids.setdefault(key, number) != number:
            return False
        self._count += 1
        self._more_inputs += inputs - 1
        return True

    def look(self, number: int, line: bytes, value: dict[str, Any], /) -> None:
        """Look at one request."""
        self._count += 1
        if self._count == MOST_REQUESTS + 1:
            message = f"this is request {count(self._count)}: a batch takes at most {count(MOST_REQUESTS)}"
            self.error("", message, "split the file")
        self._look_at_id(number, value)
        self._look_at_method(value)
        url = self._look_at_url(number, value)
        inputs_before = self._more_inputs
        self._look_at_body(number, value, url)
        if self.findings.last_line != number:
            self._shapes.learn(line, 1 + self._more_inputs - inputs_before)

    def _look_at_id(self, number: int, value: dict[str, Any]) -> None:
        if "custom_id" not in value:
            self.error("", "custom_id is missing", f"write {_EXAMPLE}")
            return
        custom_id = value["custom_id"]
        if not isinstance(custom_id, str) or not custom_id:
            self.error("/custom_id", f"custom_id is {shown(custom_id)}", "give each request a text of its own")
            return
        key = custom_id if len(custom_id) <= LONGEST_KEPT else _hash(custom_id)
        before = self._ids.get(key)
        if before is not None:
            message = f"custom_id {shown(custom_id)} is that of line {count(before)}, too"
            self.error("/custom_id", message, "give each request an id of its own")
        elif len(self._ids) < MOST_REQUESTS:
            self._ids[key] = number

    def _look_at_method(self, value: dict[str, Any]) -> None:
        if "method" not in value:
            self.error("", "method is missing", 'write "method": "POST"')
        elif value["method"] != "POST":
            self.error("/method", f"method is {shown(value['method'])}", 'write "POST"')

    def _look_at_url(self, number: int, value: dict[str, Any]) -> str:
        url = value.get("url")
        if "url" not in value:
            self.error("", "url is missing", 'write the endpoint, such as "url": "/v1/chat/completions"')
            return ""
        if not isinstance(url, str):
            self.error("/url", f"url is {shown(url)}", 'write the endpoint, such as "/v1/chat/completions"')
            return ""
        if self._differs("/url", "url", url, number):
            return url
        if url in WANTED:
            return url
        ending = url[url.find("/v1/") :] if "/v1/" in url else f"/{url}" if url.startswith("v1/") else f"/v1{url}"
        if ending in WANTED and ending == f"/v1{url}":
            message = f"url {shown(url)} is without /v1, as Azure alone takes it"
            self._warn_once("/url", message, f'for others, write "{ending}"')
            return ending
        how = f'write "{ending}"' if ending in WANTED else f"take one of {', '.join(WANTED)}"
        self.error("/url", f"url {shown(url)} is no endpoint that takes batches", how)
        return ""

    def _look_at_body(self, number: int, value: dict[str, Any], url: str) -> None:
        if "body" not in value:
            self.error("", "body is missing", f"write {_EXAMPLE}")
            return
        body = value["body"]
        if not isinstance(body, dict):
            how = "write the request as an object, not as a text" if isinstance(body, str) else "write an object"
            self.error("/body", f"body is {shown(body)} and no object", how)
            return
        model = body.get("model")
        if isinstance(model, str) and model:
            self._differs("/body/model", "model", model, number)
        elif "model" not in body and (url in HAVE_A_MODEL or (url == "/v1/responses" and body.get("prompt"))):
            message = "body.model is missing, and whether a batch takes that is not documented"
            self._warn_once("/body", message, 'name it: "model": "…"')
        elif "model" not in body:
            self.error("/body", "body.model is missing", 'name the model: "model": "…"')
        else:
            self.error("/body/model", f"body.model is {shown(model)}", "write the model's name")
        wanted = WANTED.get(url, ())
        if wanted and not any(body.get(key) is not None for key in wanted):
            needs = wanted[0] if len(wanted) == 1 else f"one of {', '.join(wanted)}"
            self.error("/body", f"the body lacks {needs}, without which {url} refuses it", "add it to the body")
        if body.get("stream"):
            message = "a batch does not stream: the request may be refused"
            self.warn("/body/stream", message, "leave stream out")
        self._count_inputs(body, url)

    def _count_inputs(self, body: dict[str, Any], url: str) -> None:
        if url != "/v1/embeddings":
            return
        before = self._count - 1 + self._more_inputs
        self._more_inputs += _inputs(body.get("input")) - 1
        inputs = self._count + self._more_inputs
        if before <= MOST_INPUTS < inputs:
            message = f"with this request there are {count(inputs)} inputs: a batch embeds at most"
            self.error("/body/input", f"{message} {count(MOST_INPUTS)}", "split the file")

    def _warn_once(self, pointer: str, message: str, mend: str) -> None:
        """What is right or wrong for all requests together is told of the first."""
        if pointer not in self._warned:
            self._warned.add(pointer)
            self.warn(pointer, message, mend)

    def _differs(self, pointer: str, name: str, value: str, number: int) -> bool:
        """Whether a value is not that of the first request, which is told then."""
        first, line = self._first.setdefault(name, (value, number))
        if value == first:
            return False
        message = f"{name} {shown(value)} is not {shown(first)}, as on line {count(line)}"
        self.error(pointer, message, f"a batch has one {name}: write a file for each")
        return True

    def end(self, counted: int, /) -> None:
        """A batch of nothing is refused."""
        if not counted:
            self.findings.add(Severity.ERROR, "there is no request in the file", f"write {_EXAMPLE}, a line each")

    def statistics(self) -> list[tuple[str, str]]:
        """Endpoint, model and inputs."""
        url, model = (safe(self._first.get(name, ("",))[0], 80) for name in ("url", "model"))
        inputs = count(self._count + self._more_inputs) if url.endswith("/embeddings") else ""
        return [("endpoint", url), ("model", model), ("inputs", inputs)]


def _inputs(value: object) -> int:
    """How many inputs one request has: a text or a list of tokens is one, a list of those is as many."""
    if isinstance(value, list) and value and not isinstance(value[0], int):
        return len(value)
    return 1


def _hash(custom_id: str) -> bytes:
    return blake2b(custom_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
