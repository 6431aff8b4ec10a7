"""HTTP connections with limits: who sends half a request, or does not read the answer, holds up nobody else.

uvicorn has a limit only for the time between two requests of a connection.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_SECONDS = 10.0
BODY_SECONDS = 60.0  # for a photo of 10 MB over a slow line, where no reverse proxy reads it first
READER_SECONDS = 20.0  # without any progress
MOST_WAITING = 256  # well below the 1,024 files that a process may usually open


class Connections(ServerState):
    """What all connections of a server share.

    waiting: those that wait for the other side, the oldest first; when there are too many the oldest is dropped.
    """

    def __init__(self) -> None:
        """No connection yet."""
        super().__init__()
        self.waiting: dict[TimedProtocol, asyncio.TimerHandle | None] = {}


class TimedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with time limits for the head and the body of a request and for the reader of an answer."""

    server_state: Connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head, whatever comes between two requests."""
        if self.server_state.waiting.get(self) is None and (self.cycle is None or self.cycle.response_complete):
            self._wait(HEAD_SECONDS)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Wait for the body."""
        super().on_headers_complete()
        self._wait(BODY_SECONDS)

    def on_message_complete(self) -> None:
        """It is the program's turn."""
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
        """Wait for the reader."""
        super().pause_writing()
        self._wait(READER_SECONDS)

    def resume_writing(self) -> None:
        """It reads."""
        super().resume_writing()
        self._wait_no_more()

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
