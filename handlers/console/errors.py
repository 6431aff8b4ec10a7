"""What a page says when something can't be: in plain words, in the reader's language."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from handlers.console.outside import BotUnknown
from handlers.console.pages import go, page
from handlers.console.visits import Forged, SignInFirst, sent_form, text_of
from services.access import NotAllowed
from services.broadcasts import UnknownBroadcast
from services.budget import NoSuchRound
from services.cases import NotHereYet, ReasonNeeded, UnknownSignal
from services.casework import RepeatedDifferently
from services.meetings import UnknownMeeting
from services.plans import NoSuchPlan
from services.work import DatabaseAway

_REFUSALS: dict[type[Exception], tuple[int, str]] = {
    UnknownSignal: (404, "console.error.not_found"),
    UnknownMeeting: (404, "console.error.not_found"),
    UnknownBroadcast: (404, "console.error.not_found"),
    NotAllowed: (403, "console.error.not_allowed"),
    Forged: (403, "console.error.forged"),
    RepeatedDifferently: (409, "console.error.forged"),
    ReasonNeeded: (403, "console.error.reason"),
    NotHereYet: (404, "console.signal.file_waiting"),
    NoSuchRound: (404, "console.error.not_found"),
    NoSuchPlan: (404, "console.error.not_found"),
    BotUnknown: (503, "console.codebox.no_telegram"),
    DatabaseAway: (503, "console.error.away"),
    RequestValidationError: (404, "console.error.not_found"),
}
_STATUSES = {
    404: "console.error.not_found",
    405: "console.error.not_found",
    413: "console.error.too_big",
    500: "console.error.broken",
}


def install(app: FastAPI) -> None:
    """Let every refusal of this app be a page."""
    for refusal in _REFUSALS:
        app.add_exception_handler(refusal, _refused)
    app.add_exception_handler(SignInFirst, _sign_in_first)
    app.add_exception_handler(HTTPException, _http)


def error_page(request: Request, status: int, text: str | None = None) -> Response:
    """A page that says what went wrong, by the HTTP status or with a text of its own."""
    key = text or _STATUSES.get(status, "console.error.unreadable")
    return page(request, "message.html", status=status, title="console.error.title", text=key)


async def _refused(request: Request, error: Exception) -> Response:
    return error_page(request, *_REFUSALS[type(error)])


async def _sign_in_first(request: Request, _error: Exception) -> Response:
    """Sign in, then on to the page; an answer that was being written is given back, to be copied."""
    if request.method == "GET":
        return go(f"/sign-in?next={quote(request.url.path)}")
    wanted = request.url.path.rpartition("/")[0] or "/"  # the page whose form was sent
    if request.headers.get("content-type", "").startswith("multipart/"):
        return go(f"/sign-in?next={quote(wanted)}")  # no file of a stranger is read
    try:
        words = text_of(await sent_form(request), "words")
    except Forged:
        words = ""  # nothing is shown that another site may have written
    if not words:
        return go(f"/sign-in?next={quote(wanted)}")
    return page(request, "sign_in.html", status=401, next=wanted, email="", problem=None, words=words)


async def _http(request: Request, error: Exception) -> Response:
    return error_page(request, error.status_code if isinstance(error, HTTPException) else 500)
