"""The console as one application: pages for the staff, made on the server, without a script."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from domain.broadcasts import APPROVAL_FROM
from handlers.console import broadcasts, meetings, sign_in, signals
from handlers.console.errors import install
from handlers.console.pages import HERE
from services.work import Work


def make_console(
    begin: Callable[[], AbstractAsyncContextManager[Work]],
    *,
    timezone: ZoneInfo,
    secure: bool,
    demo: bool,
    approval_from: int = APPROVAL_FROM,
) -> FastAPI:
    """The console, to be mounted at the root.

    begin: opens a unit of work · secure: cookies over https only · demo: a one-time link signs in by itself ·
    approval_from: from so many recipients a second person approves a broadcast.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.begin, app.state.timezone, app.state.secure, app.state.demo = begin, timezone, secure, demo
    app.state.approval_from = approval_from
    app.include_router(sign_in.router)
    app.include_router(signals.router)
    app.include_router(meetings.router)
    app.include_router(broadcasts.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    install(app)
    return app
