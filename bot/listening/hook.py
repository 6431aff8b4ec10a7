"""The webhook route: compares the secret before it reads a body, limits that, and answers 503 without a database."""

from __future__ import annotations

import hmac
import json
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.listening.listener import Listener, is_update
from bot.settings import HOOK_PATH
from services.work import DatabaseAway

PATH = HOOK_PATH
BODY_LIMIT = 1024 * 1024
_HEADER = b"x-telegram-bot-api-secret-token"
_AGAIN = (b"retry-after", b"2")
_JSON = (b"content-type", b"application/json")


class Hook:
    """ASGI: POST /telegram goes to the listener, and everything else to the application behind it.

    It stands before the application, whose many layers would cost as much as half the reading of an update.
    """

    def __init__(self, app: ASGIApp, listener: Listener, secret: str) -> None:
        """secret: what Telegram puts into its header, as setWebhook told it."""
        self._app, self._listener, self._secret = app, listener, secret.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or take it."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        # Every tap comes this way: it does without Starlette's Request and Response.
        status, headers, body = await self._answer(scope, receive)
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """The status, headers and body of the answer."""
        if scope["method"] != "POST":
            return 405, [(b"allow", b"POST")], b""
        secret = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        if not hmac.compare_digest(secret, self._secret):
            return 401, [], b""
        raw = await _read(receive)
        if raw is None:
            return 400, [], b""
        try:
            answer = await self._listener.hook(raw)
        except DatabaseAway:
            return 503, [_AGAIN], b""
        if answer is None:
            return 200, [], b""
        return 200, [_JSON], json.dumps(answer, ensure_ascii=False).encode()


async def _read(receive: Receive) -> dict[str, Any] | None:
    """The update; None when the body is no update, too long, or broken off."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if message["type"] == "http.disconnect" or len(body) > BODY_LIMIT:
            return None
    try:
        raw = json.loads(bytes(body))
    except (ValueError, RecursionError):
        return None
    return raw if is_update(raw) else None
