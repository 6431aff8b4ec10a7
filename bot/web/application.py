"""The web side in one application: the API, the console, and what machines ask (health)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.process.readiness import NotReady, readiness
from bot.web.door import Door
from bot.web.guard import Guard
from domain.broadcasts.rules import APPROVAL_FROM
from handlers.api.app import make_api
from handlers.api.problems import problem
from handlers.console.app import FILES, make_console
from handlers.console.errors import error_page
from handlers.console.outside import NOTHING, Outside
from handlers.subjects import API, PAGES
from services.work import Begin


def make_app(
    begin: Begin,
    *,
    secure: bool,
    demo: bool = False,
    ready: Callable[[], Awaitable[str]] | None = None,
    approval_from: int = APPROVAL_FROM,
    outside: Outside = NOTHING,
) -> FastAPI:
    """The application that uvicorn serves.

    begin: opens a unit of work · secure: people open the pages over https · demo: the printed link signs in by
    itself; raises ValueError when `secure` · ready: raises NotReady; without it only the database is asked ·
    approval_from: from this many recipients on, a second person must approve a broadcast · outside: what the console
    asks of the rest of the program.
    """
    if demo and secure:
        raise ValueError("a demonstration is for this machine: on pages that are public a link alone signs nobody in")
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    _add_machine_routes(app, ready or partial(readiness, begin))
    api = make_api(begin, API, approval_from=approval_from)
    api.add_middleware(Guard, part="api", refuse=_broken_api)
    console = make_console(begin, PAGES, secure=secure, demo=demo, approval_from=approval_from, outside=outside)
    console.add_middleware(Guard, part="console", refuse=_broken_console, files=FILES)
    app.add_middleware(Door, secure=secure)
    app.mount("/api/v1", api)
    app.router.default = _everything_else(console)
    return app


def _add_machine_routes(app: FastAPI, ready: Callable[[], Awaitable[str]]) -> None:
    @app.get("/healthz", response_class=PlainTextResponse)
    async def asked_for_health() -> str:
        """The process answers."""
        return "alive\n"

    @app.get("/readyz", response_class=PlainTextResponse)
    async def asked_for_readiness() -> Response:
        """Whether the program can serve. The reason why not is told at the health port, not to the world."""
        try:
            await ready()
        except NotReady:
            return PlainTextResponse("not ready\n", 503)
        return PlainTextResponse("ready\n")


def _everything_else(console: ASGIApp) -> ASGIApp:
    async def everything_else(scope: Scope, receive: Receive, send: Send) -> None:
        # Also what a mount does not match, such as a line end in the address.
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            await problem(404, "no-such-page", "There is nothing at this address.")(scope, receive, send)
        else:
            await console(scope, receive, send)

    return everything_else


def _broken_api(_request: Request) -> Response:
    return problem(500, "broken", "Something went wrong on our side. Nothing was changed.")


def _broken_console(request: Request) -> Response:
    return error_page(request, 500)
