"""The webhook route: the secret is compared before the body is read, the body is small, a busy database is a 503."""

from __future__ import annotations

import hmac
import json
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.listener import Listener
from services.work import DatabaseAway

PATH = "/telegram"
BODY_LIMIT = 1024 * 1024
_NUMBERS = 2**63  # what the databases hold; Telegram's own are far smaller
_HEADER = "x-telegram-bot-api-secret-token"
_AGAIN = {"Retry-After": "2"}


def add_hook(app: FastAPI, listener: Listener, secret: str) -> None:
    """Add POST /telegram to the app."""

    async def hook(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(_HEADER, "").encode(), secret.encode()):
            return Response(status_code=401)
        raw = await _read(request)
        if raw is None:
            return Response(status_code=400)
        try:
            answer = await listener.hook(raw)
        except DatabaseAway:
            return Response(status_code=503, headers=_AGAIN)
        return Response(status_code=200) if answer is None else JSONResponse(answer)

    app.router.add_route(PATH, hook, methods=["POST"], include_in_schema=False)


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
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return raw if isinstance(number, int) and 0 <= number < _NUMBERS else None
