"""What every request and answer has in common: the key, the headers."""

import hmac
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from files_tui.demo.errors import Refusal, missing_key, wrong_key


class Gate:
    """Asks for the key, and signs each answer with the headers of the API (API reference, Debugging)."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        """With an empty `key` nothing is asked for."""
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = f"req_{secrets.token_hex(16)}"
                headers["openai-processing-ms"] = str(int((time.perf_counter() - began) * 1000))
                headers["openai-version"] = "2020-10-01"
                headers["openai-organization"] = "org-demo"
            await send(message)

        refusal = self._refusal(Headers(scope=scope))
        await (self._app if refusal is None else refusal.answer())(scope, receive, signed)

    def _refusal(self, headers: Headers) -> Refusal | None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        given = given.strip()
        if not self._key or (scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), self._key.encode())):
            return None
        return wrong_key(given) if given else missing_key()
