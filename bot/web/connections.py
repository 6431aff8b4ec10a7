"""HTTP connections with limits: a client that sends half a request, or reads no answer, holds up nobody else.

uvicorn has a limit only for the time between two requests of a connection, and with httptools none for a head.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_SECONDS = 10.0
BODY_SECONDS = 60.0  # for a photo of 10 MB over a slow line, where no reverse proxy reads it first
READER_SECONDS = 20.0  # without any progress
HEAD_LIMIT = 16 * 1024  # bytes; each layer decodes the address and the headers again
MOST_WAITING = 256  # well below the 1,024 files that a process may usually open

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class HeadTooLarge(Exception):
    """The address and headers are over HEAD_LIMIT: the parser stops."""


class Connections(ServerState):
    """What all connections of a server share.

    waiting: the connections that wait for their client, the oldest first -> the timer that aborts them, None where
    only uvicorn's own limit holds. When there are more than MOST_WAITING the oldest is dropped.
    """

    def __init__(self) -> None:
        """No connection yet."""
        super().__init__()
        self.waiting: dict[TimedProtocol, asyncio.TimerHandle | None] = {}


class TimedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with time limits for the head and the body of a request and for the reader of an answer."""

    server_state: Connections
    # Bytes since the last end of a message or piece of a body: a head, or what follows a body in chunks.
    _beside = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin the time limit for a head."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Begin the time limit for a head at its first bytes, and refuse a head that is too large."""
        if self.server_state.waiting.get(self) is None and (self.cycle is None or self.cycle.response_complete):
            self._wait(HEAD_SECONDS)
        self._beside += len(data)
        super().data_received(data)
        if self._beside > HEAD_LIMIT and not self.transport.is_closing():
            self._refuse_head()

    def on_headers_complete(self) -> None:
        """Begin the time limit for the body. Raises HeadTooLarge."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_LIMIT:
            self._beside = size
            raise HeadTooLarge
        super().on_headers_complete()
        self._wait(BODY_SECONDS)

    def on_body(self, body: bytes) -> None:
        """A piece of the body came: the bytes so far are no head."""
        self._beside = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """The parser stopped: answer 431 where the head was too large, else as uvicorn does."""
        if self._beside > HEAD_LIMIT:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def on_message_complete(self) -> None:
        """The request is whole: end its time limit."""
        self._beside = 0
        super().on_message_complete()
        self._wait_no_more()

    def on_response_complete(self) -> None:
        """Wait for the next request, by uvicorn's own limit; or, at the end, until the reader has all of it."""
        super().on_response_complete()
        if self not in self.server_state.waiting and self.cycle.response_complete:
            self._wait(READER_SECONDS if self.transport.is_closing() else None)

    def timeout_keep_alive_handler(self) -> None:
        """No other request came: wait only until the reader has all of the answer."""
        super().timeout_keep_alive_handler()
        self._wait(READER_SECONDS)

    def pause_writing(self) -> None:
        """The client does not read: begin the time limit for the reader."""
        super().pause_writing()
        self._wait(READER_SECONDS)

    def resume_writing(self) -> None:
        """The client reads again: end the time limit for the reader."""
        super().resume_writing()
        self._wait_no_more()

    def _refuse_head(self) -> None:
        self.transport.write(_TOO_LARGE)
        self.transport.close()

    def _wait(self, seconds: float | None) -> None:
        self._wait_no_more()
        waiting = self.server_state.waiting
        waiting[self] = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)
        if len(waiting) > MOST_WAITING:
            oldest = next(iter(waiting))
            oldest._wait_no_more()  # noqa: SLF001 - of the same class
            oldest.transport.abort()

    def _wait_no_more(self) -> None:
        timer = self.server_state.waiting.pop(self, None)
        if timer is not None:
            timer.cancel()
