"""The last layer before an application: limits the size of bodies, hides what errors say, and counts requests."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.process.metrics import HTTP_REQUESTS

BODY_LIMIT = 64 * 1024
FILE_LIMIT = 10 * 1024 * 1024 + BODY_LIMIT
_log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware. It stands inside Starlette's own error layer, which raises an error again after its answer.

    refuse: makes the application's answer to an error nobody expected ·
    files: the paths where a body may hold a file of 10 MB.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        part: str,
        refuse: Callable[[Request], Response],
        files: re.Pattern[str] | None = None,
    ) -> None:
        """part: the name of the application in the counts."""
        self._app, self._part, self._refuse, self._files = app, part, refuse, files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = False

        async def counted(message: Message) -> None:
            nonlocal began
            if message["type"] == "http.response.start":
                began = True
                HTTP_REQUESTS.labels(self._part, str(message["status"])).inc()
            await send(message)

        try:
            if self._files is not None and self._files.fullmatch(scope["path"]):
                limited = _limited(receive, FILE_LIMIT)
            else:
                limited = await _arrived(_limited(receive, BODY_LIMIT))
            await self._app(scope, limited, counted)
        except Exception as error:
            # The message of an error may hold a resident's words: the type says enough, with the place.
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"
            _log.error("unexpected %s at %s", type(error).__name__, place)
            if not began:
                await self._refuse(Request(scope))(scope, receive, counted)


def _limited(receive: Receive, limit: int) -> Receive:
    """A `receive` that raises HTTPException 413 once the body is larger than the limit (bytes)."""
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise HTTPException(413)
        return message

    return limited


async def _arrived(receive: Receive) -> Receive:
    """Wait for the whole body; a `receive` that gives it again.

    The application then holds its unit of work no longer than needed: on SQLite all others wait for that one.
    """
    messages: list[Message | HTTPException] = []
    more = True
    while more:
        try:
            message = await receive()
            messages.append(message)
            more = message.get("more_body", False)
        except HTTPException as too_large:  # raised once the body is read: a page that reads none has its own answer
            messages.append(too_large)
            more = False
    waiting = iter(messages)

    async def arrived() -> Message:
        message = next(waiting, None)
        if isinstance(message, HTTPException):
            raise message
        return await receive() if message is None else message

    return arrived
