"""The pages that say why something was refused or failed: in plain words, in the reader's language."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from domain.refusals import Changed, Invalid, NotAllowed, NotNow, NotThere, TooMany
from domain.wall_clock import TIMEZONE
from handlers.console.outside import BotUnknown
from handlers.console.pages import go, language_of, message_page, page
from handlers.console.staff.turns import Busy
from handlers.console.visits import Forged, SignInFirst, sent_form
from locales.texts import LANGUAGES, moment
from services.signals.cases import NotHereYet, ReasonNeeded
from services.work import DatabaseAway

# Kind of refusal -> (HTTP status, text key) of its page. Most are told beside the form that was sent, see the subjects.
_KINDS: dict[type[Exception], tuple[int, str]] = {
    NotThere: (404, "console.error.not_found"),
    Changed: (409, "screens.refusal.changed"),
    NotAllowed: (403, "console.error.not_allowed"),
    Invalid: (422, "screens.refusal.invalid"),
    TooMany: (429, "screens.refusal.too_many"),
    NotNow: (409, "screens.refusal.not_now"),
}
_EXACTLY: dict[type[Exception], tuple[int, str]] = {
    Forged: (403, "console.error.forged"),
    ReasonNeeded: (403, "console.error.reason"),
    NotHereYet: (404, "console.signal.file_waiting"),
    Busy: (503, "console.enter.busy"),
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
# Bytes: a form that may hold a file is searched for texts up to this size; a larger one does hold a file.
WORDS_LIMIT = 64 * 1024
_HIDDEN = frozenset({"csrf", "once", "version"})
_FOR_WORDS = frozenset({"words", "place"})


def install(app: FastAPI) -> None:
    """Make every refusal of this app a page."""
    for refusal in {**_KINDS, **_EXACTLY}:
        app.add_exception_handler(refusal, _refused)
    app.add_exception_handler(SignInFirst, _sign_in_first)
    app.add_exception_handler(HTTPException, _http)


def error_page(request: Request, status: int, text: str | None = None, **values: str) -> Response:
    """A page that says what went wrong, by the HTTP status or with a text of its own and its values."""
    key = text or _STATUSES.get(status, "console.error.unreadable")
    return message_page(request, status, "console.error.title", key, **values)


async def _refused(request: Request, error: Exception) -> Response:
    status, text = next(told for kind, told in {**_EXACTLY, **_KINDS}.items() if isinstance(error, kind))
    values = {"until": moment(language_of(request), error.until, TIMEZONE)} if isinstance(error, TooMany) else {}
    return error_page(request, status, text, **values)


async def _sign_in_first(request: Request, _error: Exception) -> Response:
    """Ask to sign in, then go on to the page; words of a form that was sent are shown, so that they can be copied."""
    if request.method == "GET":
        return go(f"/sign-in?next={quote(request.url.path)}")
    wanted = request.url.path.rpartition("/")[0] or "/"  # the page whose form was sent
    texts = await _written(request)
    if not texts:
        return go(f"/sign-in?next={quote(wanted)}")
    return page(request, "staff/sign_in.html", status=401, next=wanted, email="", problem=None, unsent=texts)


async def _written(request: Request) -> list[str]:
    """The words that a person wrote in the form, no choices or numbers; none from a form that another site made."""
    files = request.headers.get("content-type", "").startswith("multipart/")
    if files and not _is_small(request):
        return []  # nobody has signed in: we read no file of a stranger
    try:
        form = await sent_form(request, files=int(files))
    except (Forged, HTTPException):
        return []
    fields = [(name, value.strip()) for name, value in form.multi_items() if isinstance(value, str)]
    await form.close()
    return [value for name, value in fields if value and _is_words(name, value)]


def _is_small(request: Request) -> bool:
    size = request.headers.get("content-length", "")
    return size.isdecimal() and int(size) <= WORDS_LIMIT


def _is_words(name: str, value: str) -> bool:
    """Whether a person wrote the value: it is from a field for words, or has several words."""
    if name in _HIDDEN:
        return False
    return name in _FOR_WORDS or name.rpartition("_")[2] in LANGUAGES or " " in value


async def _http(request: Request, error: Exception) -> Response:
    return error_page(request, error.status_code if isinstance(error, HTTPException) else 500)
