"""The health port: /healthz, /readyz and /metrics from a thread of its own, so that it can tell that a loop hangs."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from errno import EADDRINUSE
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.process import metrics
from bot.process.readiness import NotReady
from bot.process.watchdog import Watchdog
from bot.settings import PREFIX, Settings, WrongSetting

PORTS = {"run": 8090, "web": 8091, "listen": 8092, "work": 8093}
_READY_WITHIN = 8.0  # seconds
_PLAIN = "text/plain; charset=utf-8"
_OURS = "Buurtstem"
Ready = Callable[[], Awaitable[str]]
log = logging.getLogger("buurtstem.health")


class HealthPort:
    """Serves until it is closed. port: its number, on HEALTH_HOST."""

    def __init__(self, settings: Settings, role: str) -> None:
        """Open the port; any free one where the usual port is in use and HEALTH_PORT is not set.

        Raises WrongSetting when that is not possible.
        """
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watchdog: Watchdog | None = None
        self._ready: Ready | None = None

        class Asked(_Asked):
            health = self

        self._server = _served(settings, role, Asked)
        self.port: int = self._server.server_address[1]

    def start(self, watchdog: Watchdog, ready: Ready) -> None:
        """Answer from now on; called in the event loop. ready: raises NotReady."""
        self._loop, self._watchdog, self._ready = asyncio.get_running_loop(), watchdog, ready
        Thread(target=self._server.serve_forever, args=(0.2,), name="health port", daemon=True).start()

    def close(self) -> None:
        """Stop answering and free the port."""
        if self._loop is not None:
            self._server.shutdown()
        self._server.server_close()

    def alive(self) -> str | None:
        """Why this process should be started again; None when nothing hangs."""
        hung = self._watchdog.hung if self._watchdog else ""
        return f"the {hung} hangs: see the log" if hung else None

    def readiness(self) -> str:
        """What `ready` says. Raises NotReady, also when it gives no answer in time."""
        if why := self.alive():
            raise NotReady(why)
        if self._loop is None or self._ready is None:
            raise NotReady("this process is starting")

        async def ask(ready: Ready) -> str:
            async with asyncio.timeout(_READY_WITHIN):
                return await ready()

        try:
            return asyncio.run_coroutine_threadsafe(ask(self._ready), self._loop).result(_READY_WITHIN + 1)
        except (TimeoutError, CancelledError, RuntimeError):
            why = f"no answer within {_READY_WITHIN:.0f} seconds: the database or this process is too busy"
            raise NotReady(why) from None


def _served(settings: Settings, role: str, asked: type[_Asked]) -> _Server:
    host, port = settings.health_host, PORTS[role] if settings.health_port is None else settings.health_port
    kind = _Server6 if ":" in host else _Server
    try:
        return kind((host, port), asked)
    except (OSError, UnicodeError) as error:
        if settings.health_port is None and getattr(error, "errno", None) == EADDRINUSE:
            log.warning("%d is taken: the health port is another one; name it with %sHEALTH_PORT", port, PREFIX)
            return kind((host, 0), asked)
        why = getattr(error, "strerror", None) or "no address of this machine"
        raise WrongSetting(
            f"{PREFIX}HEALTH_PORT: {host}:{port} can't be used ({why}); a second `{role}` on this machine needs a "
            "port of its own there, or 0 for any"
        ) from None


def answers(settings: Settings) -> dict[str, tuple[int, str]]:
    """What each process of ours on this machine says about itself, by its role or port: status and words."""
    usual = PORTS if settings.health_port is None else {f"port {settings.health_port}": settings.health_port}
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.health_host, settings.health_host)  # noqa: S104
    found = {}
    for name, port in usual.items():
        asked = HTTPConnection(host, port, timeout=_READY_WITHIN + 2)
        try:
            asked.request("GET", "/readyz")
            answer = asked.getresponse()
            if answer.headers.get("Server", "").startswith(_OURS):
                found[name] = answer.status, answer.read().decode().strip()
        except (OSError, HTTPException):
            continue  # nobody is there, or somebody else
        finally:
            asked.close()
    return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that goes away before the answer."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Asked(BaseHTTPRequestHandler):
    """One connection; half a request is cut off after some seconds."""

    timeout = 5
    server_version, sys_version = _OURS, ""
    health: HealthPort

    def do_GET(self) -> None:
        """Answer /healthz, /readyz or /metrics."""
        match self.path.partition("?")[0]:
            case "/healthz":
                why = self.health.alive()
                self._answer(503 if why else 200, why or "alive")
            case "/readyz":
                self._tell_readiness()
            case "/metrics":
                self._answer(200, generate_latest(metrics.REGISTRY).decode(), CONTENT_TYPE_LATEST)
            case _:
                self._answer(404, "there is /healthz, /readyz and /metrics")

    do_HEAD = do_GET  # noqa: N815 - the library finds a method by its name

    def log_message(self, *_: object) -> None:
        """Log nothing: who asks, and how often, is of no interest."""

    def _tell_readiness(self) -> None:
        try:
            self._answer(200, self.health.readiness())
        except NotReady as error:
            self._answer(503, str(error))

    def _answer(self, status: int, text: str, kind: str = _PLAIN) -> None:
        body = f"{text.rstrip()}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
