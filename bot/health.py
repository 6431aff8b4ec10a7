"""The health port: /healthz, /readyz and /metrics from a thread of their own, so that a hung loop is still told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot import metrics
from bot.settings import PREFIX, Settings, WrongSetting
from bot.watchdog import Watchdog

PORTS = {"run": 8090, "web": 8091, "listen": 8092, "work": 8093}
_READY_WITHIN = 8.0  # seconds
_PLAIN = "text/plain; charset=utf-8"
Ready = Callable[[], Awaitable[str | None]]


class HealthPort:
    """Serves until it is closed. ready: why this process can't serve, in one line; None when it can."""

    def __init__(self, settings: Settings, role: str) -> None:
        """Take the port. Raises WrongSetting when that is not possible."""
        port = PORTS[role] if settings.health_port is None else settings.health_port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watchdog: Watchdog | None = None
        self._ready: Ready | None = None

        class Asked(_Asked):
            health = self

        kind = _Server6 if ":" in settings.health_host else _Server
        try:
            self._server = kind((settings.health_host, port), Asked)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "no address of this machine"
            raise WrongSetting(
                f"{PREFIX}HEALTH_PORT: {settings.health_host}:{port} can't be used ({why}); a second `{role}` on "
                "this machine needs a port of its own there, or 0 for any"
            ) from None
        self.port: int = self._server.server_address[1]

    def start(self, watchdog: Watchdog, ready: Ready) -> None:
        """Answer from now on; called in the event loop."""
        self._loop, self._watchdog, self._ready = asyncio.get_running_loop(), watchdog, ready
        Thread(target=self._server.serve_forever, args=(0.2,), name="health port", daemon=True).start()

    def close(self) -> None:
        """Stop answering and free the port."""
        if self._loop is not None:
            self._server.shutdown()
        self._server.server_close()

    def alive(self) -> str | None:
        """Why this process should be started again; None when it lives."""
        return "the event loop hangs: see the log" if self._watchdog and self._watchdog.hung else None

    def unready(self) -> str | None:
        """Why this process can't serve now; None when it can."""
        if (why := self.alive()) or self._loop is None or self._ready is None:
            return why

        async def ask(ready: Ready) -> str | None:
            async with asyncio.timeout(_READY_WITHIN):
                return await ready()

        try:
            return asyncio.run_coroutine_threadsafe(ask(self._ready), self._loop).result(_READY_WITHIN + 1)
        except (TimeoutError, CancelledError, RuntimeError):
            return f"no answer within {_READY_WITHIN:.0f} seconds: the database or this process is too busy"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Who asks for health and goes away before the answer is no matter."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Asked(BaseHTTPRequestHandler):
    """One connection; half a request is cut off after some seconds."""

    timeout = 5
    health: HealthPort

    def do_GET(self) -> None:
        """Answer one of the three."""
        match self.path.partition("?")[0]:
            case "/healthz":
                self._tell("alive", self.health.alive())
            case "/readyz":
                self._tell("ready", self.health.unready())
            case "/metrics":
                self._answer(200, generate_latest(metrics.REGISTRY), CONTENT_TYPE_LATEST)
            case _:
                self._answer(404, b"there is /healthz, /readyz and /metrics\n", _PLAIN)

    do_HEAD = do_GET  # noqa: N815 - the library finds a method by its name

    def log_message(self, *_: object) -> None:
        """Who asks, and how often, is of no interest."""

    def _tell(self, well: str, why: str | None) -> None:
        self._answer(503 if why else 200, f"{why or well}\n".encode(), _PLAIN)

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
