"""Serves HTTP on a socket that we open ourselves, so that a port in use gives one clear line."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from errno import EADDRNOTAVAIL

import uvicorn

from bot.settings import PREFIX, Settings, WrongSetting
from bot.web.connections import Connections, TimedProtocol


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the program stops all its parts together."""

    def __init__(self, config: uvicorn.Config) -> None:
        """config: with TimedProtocol."""
        super().__init__(config)
        self.server_state = Connections()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle no signals."""
        yield

    def stop_listening(self) -> None:
        """Leave the port to another server; requests in hand go on."""
        for one in getattr(self, "servers", ()):
            one.close()


def bind(settings: Settings) -> socket.socket:
    """Listen on HTTP_HOST and HTTP_PORT. Raises WrongSetting when that is not possible."""
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.http_host, settings.http_port))
    except (OSError, UnicodeError) as error:
        listening.close()
        if not isinstance(error, OSError) or isinstance(error, socket.gaierror) or error.errno == EADDRNOTAVAIL:
            raise WrongSetting(
                f"{PREFIX}HTTP_HOST is {settings.http_host!r}: that is no address of this machine"
            ) from None
        raise WrongSetting(
            f"{PREFIX}HTTP_PORT: {settings.http_host}:{settings.http_port} can't be used ({error.strerror}); "
            "stop what uses it or choose another port"
        ) from None
    listening.listen(256)
    return listening


class HttpPart:
    """Serves an application on a bound socket until it is stopped; may be run again after it raised."""

    def __init__(self, app: object, listening: socket.socket, proxies: Sequence[str] = ()) -> None:
        """app, proxies: as `make_server` takes them · listening: what `bind` gave."""
        self._app, self._listening, self._proxies = app, listening, proxies
        self._server: Server | None = None

    def stop(self) -> None:
        """Finish the requests in hand and stop; new connections are refused."""
        self._listening.close()
        if self._server is not None:
            self._server.should_exit = True

    async def run(self) -> None:
        """Serve until stopped."""
        if self._listening.fileno() < 0:
            return
        self._server = server = make_server(self._app, self._proxies)
        try:
            # A copy of the socket: uvicorn closes the one that it serves.
            await server.serve(sockets=[self._listening.dup()])
        except BaseException:
            server.stop_listening()
            raise


def make_server(app: object, proxies: Sequence[str] = ()) -> Server:
    """A server for `app`; no access log, for addresses of people are no business of ours.

    proxies: addresses and networks from which X-Forwarded-For is believed; without any, from nobody.
    """
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=TimedProtocol,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return Server(config)
