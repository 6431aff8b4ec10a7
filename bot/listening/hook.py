"""The webhook route: the secret is compared before the body is read, the body is small, a busy database is a 503."""

from __future__ import annotations

import hmac
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.listening.listener import Listener, is_update
from bot.settings import HOOK_PATH
from services.work import DatabaseAway

PATH = HOOK_PATH
BODY_LIMIT = 1024 * 1024
_HEADER = "x-telegram-bot-api-secret-token"
_AGAIN = {"Retry-After": "2"}


class Hook:
    """ASGI: POST /telegram goes to the listener, and everything else to the application behind it.

    It stands before the application, whose many layers would cost as much as half the reading of an update.
    """

    def __init__(self, app: ASGIApp, listener: Listener, secret: str) -> None:
        """secret: what Telegram puts into its header, as setWebhook told it."""
        self._app, self._listener, self._secret = app, listener, secret.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or take it."""
        if scope["type"] == "http" and scope["path"] == PATH:
            await (await self._answer(Request(scope, receive)))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        if not hmac.compare_digest(request.headers.get(_HEADER, "").encode(), self._secret):
            return Response(status_code=401)
        raw = await _read(request)
        if raw is None:
            return Response(status_code=400)
        try:
            answer = await self._listener.hook(raw)
        except DatabaseAway:
            return Response(status_code=503, headers=_AGAIN)
        return Response(status_code=200) if answer is None else JSONResponse(answer)


async def _read(request: Request) -> dict[str, Any] | None:
    """The update, or None when it is none or too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    try:
        raw = json.loads(bytes(body))
    except (ValueError, RecursionError):
        return None
    return raw if is_update(raw) else None
