"""The outermost layer of the web side: answers HEAD as GET without the body, and keeps browsers on https."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ONLY_HTTPS = "max-age=31536000"


class Door:
    """ASGI middleware. secure: people reach these pages over https."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """app: the application behind it."""
        self._app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bare = scope["method"] == "HEAD"

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and self._secure:
                MutableHeaders(scope=message)["Strict-Transport-Security"] = _ONLY_HTTPS
            elif message["type"] == "http.response.body" and bare:
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if bare else scope, receive, sent)
