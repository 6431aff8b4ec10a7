"""The console as one application: pages for the staff, made on the server, without a script."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from handlers.console import meetings, sign_in, signals
from handlers.console.errors import install
from handlers.console.pages import HERE
from services.work import Work


def make_console(
    begin: Callable[[], AbstractAsyncContextManager[Work]], *, timezone: ZoneInfo, secure: bool, demo: bool
) -> FastAPI:
    """The console, to be mounted at the root.

    begin: opens a unit of work · secure: cookies over https only · demo: a one-time link signs in by itself.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.begin, app.state.timezone, app.state.secure, app.state.demo = begin, timezone, secure, demo
    app.include_router(sign_in.router)
    app.include_router(signals.router)
    app.include_router(meetings.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    install(app)
    return app
