"""The console on a port of 127.0.0.1, in a thread of its own, for a browser."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bot.web.application import make_app
from bot.web.serving import make_server
from domain.sealing import KeyRing
from storage.engine.database import Database
from tests.handlers.api.office import OUTSIDE, Clock


@contextmanager
def served(url: str, keys: KeyRing, clock: Clock, *, demo: bool) -> Iterator[str]:
    """Serve the console on this database; its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    database = Database(url, keys, clock)
    server = make_server(make_app(database.begin, secure=False, demo=demo, outside=OUTSIDE))

    async def serve() -> None:
        await server.serve(sockets=[listening])
        await database.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
