"""The console as one application: pages for the staff, made on the server, without a script."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from domain.broadcasts.rules import APPROVAL_FROM
from handlers.console.errors import install
from handlers.console.outside import NOTHING, Outside
from handlers.console.pages import HERE
from handlers.console.staff.turns import Turns
from services.work import Begin

# The paths at which a form may carry a file: a plan's photo, or a table of plans.
FILES = re.compile(r"/rounds/[^/]+/plans/[^/]+")


def make_console(
    begin: Begin,
    routers: Iterable[APIRouter],
    *,
    secure: bool,
    demo: bool,
    approval_from: int = APPROVAL_FROM,
    outside: Outside = NOTHING,
) -> FastAPI:
    """The console, to be mounted at the root.

    Args:
        begin: opens a unit of work.
        routers: the pages, see handlers/subjects.py.
        secure: send cookies over https only.
        demo: let a one-time link sign in by itself.
        approval_from: from so many recipients on, a second person must approve a broadcast.
        outside: what the pages need from the rest of the program, such as the bot's name.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.begin, app.state.secure, app.state.demo = begin, secure, demo
    app.state.turns = Turns()
    app.state.approval_from, app.state.outside = approval_from, outside
    for router in routers:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    install(app)
    return app
