"""Every refusal of the API in one form: problem+json (RFC 9457), in plain words, without a resident's words in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from domain.budget.rounds import CHOICES_LIMIT, PLACE_LIMIT, PLANS_LIMIT, STORY_LIMIT, TITLE_LIMIT, Rule
from domain.meetings.planning import WrongMeeting
from domain.refusals import KINDS, Changed, Invalid, NotAllowed, NotNow, NotThere, Refusal, TooMany
from handlers.api.schemas.problems import Problem
from locales.texts import LANGUAGES
from services.broadcasts.sending import (
    ActNotPossible,
    BadBroadcast,
    NotSeen,
    SecondPersonNeeded,
    UnknownBroadcast,
    WrittenMeanwhile,
)
from services.budget.codes import GivenBefore, UnknownCode, UsedCode
from services.budget.plans import NoSuchPlan, PlanChanged, WrongPlan
from services.budget.round_acts import Frozen, MayNotMove, RoundChanged, WrongRound
from services.budget.rounds import NoSuchRound
from services.meetings.planning import MeetingChanged, MeetingNotNow, UnknownMeeting
from services.signals.cases import NotHereYet, ReasonNeeded, UnknownSignal
from services.signals.casework import BadCodes, BadWords, ChangedMeanwhile, MoveNotPossible
from services.staff.repeats import RepeatedDifferently
from services.work import DatabaseAway

MEDIA_TYPE = "application/problem+json"
# No cache between us and the caller may keep an answer.
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
# A body of 64 KiB can hold thousands of members that we don't know, or one with a name of 60,000 characters.
MOST_MISTAKES = 20
NAME_LIMIT = 100
_LANGUAGES = ", ".join(LANGUAGES)
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def _changed(what: str) -> tuple[str, str]:
    detail = f"The {what} has changed since you read it. Read it again and use its new version."
    return "changed-meanwhile", detail


# Kind of refusal -> status, type, and what the caller may do about it. _EXACTLY has more exact words for some.
_KINDS: dict[type[Refusal], tuple[HTTPStatus, str, str]] = {
    NotThere: (HTTPStatus.NOT_FOUND, "not-there", "There is none, or it is not yours to see."),
    Changed: (HTTPStatus.CONFLICT, *_changed("resource")),
    NotAllowed: (HTTPStatus.FORBIDDEN, "not-allowed", "Your role or token does not hold the scope for it."),
    Invalid: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The request has values that can't be."),
    TooMany: (HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too often in too short a time: try again later."),
    NotNow: (HTTPStatus.CONFLICT, "not-possible-now", "From where things stand this can't be done."),
}
_EXACTLY: dict[type[Refusal], tuple[str, str]] = {
    UnknownSignal: ("unknown-signal", "There is no such signal, or it is not yours to see."),
    ReasonNeeded: (
        "reason-needed",
        "Say once a day why you read this signal: ?reason=handling, supervision or request_of_reporter.",
    ),
    NotHereYet: ("file-not-here-yet", "The file is still on its way. Try again in a minute."),
    ChangedMeanwhile: _changed("signal"),
    MoveNotPossible: ("move-not-possible", "From where the signal stands this can't be done."),
    BadWords: (
        "no-answer",
        "Give words of at most 3000 characters, or the name of one standard reply.",
    ),
    BadCodes: (
        "unknown-codes",
        "Use the official words: grounds, domains and natures for discrimination, a group for nuisance.",
    ),
    RepeatedDifferently: (
        "key-used-before",
        "This Idempotency-Key belongs to another request. Use a new key for a new one.",
    ),
    UnknownMeeting: ("unknown-meeting", "There is no such meeting."),
    MeetingChanged: _changed("meeting"),
    MeetingNotNow: ("not-possible-now", "From where the meeting stands this can't be done."),
    UnknownBroadcast: ("unknown-broadcast", "There is none, or it is not yours to see."),
    WrittenMeanwhile: _changed("broadcast"),
    ActNotPossible: ("act-not-possible", "From where the broadcast stands this can't be done."),
    NotSeen: (
        "not-seen",
        "What would be sent, or to whom, is not what you saw. Read the preview and give its `seen`.",
    ),
    SecondPersonNeeded: ("second-person-needed", "Somebody else must approve what you asked for."),
    BadBroadcast: (
        "bad-broadcast",
        "Give a text, a decision on missing languages, an audience you may reach in our languages, an open button.",
    ),
    NoSuchRound: ("unknown-round", "There is no such round, or it is not yours to manage."),
    NoSuchPlan: ("unknown-plan", "This round has no such plan."),
    UnknownCode: ("unknown-code", "This round has no such code, or it is blocked already."),
    UsedCode: ("used-code", "A ballot was cast with this code. It stays valid."),
    Frozen: ("frozen", "Voting has opened, or has closed: this can't change any more."),
    MayNotMove: ("move-not-possible", "Use one of its next_moves."),
    RoundChanged: _changed("round"),
    PlanChanged: _changed("plan"),
    GivenBefore: (
        "codes-given-before",
        "The same request made codes before, and they can't be shown again. A new Idempotency-Key makes others.",
    ),
}

# Why a round does not move -> what the caller may do about it.
_NOT_MOVED = {
    "plans": "Voting opens with as many plans as one ballot must name, or more.",
    "costs": "Voting opens when no plan costs more than there is.",
    "codes": "Voting opens when codes were made.",
    "dates": "Voting can't open: its close is over.",
    "extend": "Only a vote that is open gets more time.",
    "delete": "Only a draft can be deleted: this round has begun.",
    "given": "Codes went out, so residents know of it. If all are still here, set what was handed out to 0 first.",
}
# Why a broadcast can't be kept or sent -> what the caller may do about it.
_BAD_BROADCASTS = {
    "no_test": "So many readers: make a test and see it on a phone first. Each change of the draft asks for another.",
    "nobody": "Nobody would get this. Choose other neighbourhoods or languages.",
    "too_often": "You have had many audiences counted. Try again in an hour.",
}
# Which member of a round or a plan is wrong -> how it may be.
_WRONG_MEMBERS = {
    "title": f"Give a title in one of {_LANGUAGES} at least, each of {TITLE_LIMIT} characters at most.",
    "areas": "Give one code of a neighbourhood at least, and only such as there are.",
    "amount_cents": "The amount is 1 cent to 100 million euros.",
    "choose": f"choose_min is 1 or more, choose_max as much or more, and {CHOICES_LIMIT} at most.",
    "rule": f"The rule is one of {', '.join(Rule)}.",
    "opens_at": "The opening lies within five years from now.",
    "closes_at": "The close comes after the opening, after the close that it replaces, and within five years from now.",
    "languages": f"Give one of {_LANGUAGES} at least, and no other.",
    "why": "Give `lost` where the round is halted because ballots were lost, and only there.",
    "story": f"Stories are by language ({_LANGUAGES}), each of {STORY_LIMIT} characters at most.",
    "place": f"The place has {PLACE_LIMIT} characters at most.",
    "cost_cents": "The cost is 1 cent to 100 million euros.",
    "many": f"A round has {PLANS_LIMIT} plans at most.",
}
# Why a meeting was refused -> the member that is wrong, and what would be right.
_WRONG_MEETINGS = {
    "no_theme": ("theme", "Give the theme in Dutch at least."),
    "no_place": ("place", "Give the name of the place and its address."),
    "too_long": ("", "A theme has 60 characters at most, a name or address 120, any other text 800."),
    "bad_capacity": ("capacity", "The capacity is 1 to 100000 people, or null for no limit."),
    "bad_point": ("point", "The point is latitude (-90 to 90) and longitude (-180 to 180)."),
    "far_point": ("point", "The point is not in the Netherlands. Are latitude and longitude exchanged?"),
    "bad_language": ("", f"Texts are by language: {_LANGUAGES}."),
    "no_such_hour": ("", "There is no such hour in Amsterdam: that night the clock goes forward."),
    "ends_before": ("ends", "The end must come after the start."),
    "in_the_past": ("starts", "The start is in the past."),
    "too_far": ("ends", "The end is five years ahead at most."),
    "lasts_too_long": ("ends", "A meeting lasts 24 hours at most."),
}


def problem(
    status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The answer to a refused request. kind: the last part of its type · more: other members of Problem."""
    body = Problem(
        type=f"urn:buurtstem:problem:{kind}", title=HTTPStatus(status).phrase, status=status, detail=detail, **more
    )
    content = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status, headers={**HEADERS, **(headers or {})}, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every refusal of this app problem+json."""
    for kind in KINDS:
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(DatabaseAway, _away)
    app.add_exception_handler(WrongMeeting, _wrong_meeting)
    app.add_exception_handler(WrongRound, _wrong_member)
    app.add_exception_handler(WrongPlan, _wrong_member)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    status, kind, detail = next(_KINDS[one] for one in KINDS if isinstance(error, one))
    kind, detail = next((told for one, told in _EXACTLY.items() if isinstance(error, one)), (kind, detail))
    possible = list(error.possible) if isinstance(error, MoveNotPossible | ActNotPossible) else None
    headers = errors = None
    if isinstance(error, TooMany):
        headers = {"Retry-After": format_datetime(error.until, usegmt=True)}
    if isinstance(error, NotAllowed) and error.scope:
        detail = f"Your role or token does not hold the scope {error}."
    if isinstance(error, BadBroadcast):
        detail = _BAD_BROADCASTS.get(error.why, detail)
    if isinstance(error, MayNotMove):
        detail = _NOT_MOVED.get(error.reason, detail)
        errors = [{"where": f"plans.{number}.cost_cents", "why": detail} for number in error.plans] or None
    return problem(status, kind, detail, headers=headers, possible=possible, errors=errors)


async def _away(_request: Request, _error: Exception) -> JSONResponse:
    detail = "The store can't be reached. Nothing was done; try again."
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "away", detail, headers={"Retry-After": "5"})


async def _wrong_meeting(_request: Request, error: Exception) -> JSONResponse:
    member, why = _WRONG_MEETINGS[str(error)]
    return _wrong("wrong-meeting", member, why)


async def _wrong_member(_request: Request, error: Exception) -> JSONResponse:
    field = error.field if isinstance(error, WrongRound | WrongPlan) else ""
    kind = "wrong-round" if isinstance(error, WrongRound) else "wrong-plan"
    return _wrong(kind, field, _WRONG_MEMBERS.get(field, "The named member can't be so."))


def _wrong(kind: str, member: str, why: str) -> JSONResponse:
    """member: the member of the body that is wrong, "" where it may be several."""
    errors = [{"where": f"body.{member}" if member else "body", "why": why}]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, kind, why, errors=errors)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    # Say where the request is wrong and why, never what was sent: that may be somebody's words.
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    errors = [{"where": _where(one["loc"]), "why": str(one["msg"])} for one in found[:MOST_MISTAKES]]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The request has values that can't be.", errors=errors)


def _where(place: Iterable[object]) -> str:
    name = ".".join(map(str, place))
    return name if len(name) <= NAME_LIMIT else name[: NAME_LIMIT - 1] + "…"


async def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    details = {
        HTTPStatus.BAD_REQUEST: ("unreadable", "The body can't be read: send JSON in UTF-8."),
        HTTPStatus.UNAUTHORIZED: ("no-token", "Send a valid API token: Authorization: Bearer bst_…"),
        HTTPStatus.NOT_FOUND: ("no-such-page", "There is nothing at this address."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too-large", "The body may have 64 KiB at most."),
        HTTPStatus.METHOD_NOT_ALLOWED: ("no-such-method", "This address does not take that method."),
    }
    kind, detail = details.get(HTTPStatus(error.status_code), ("refused", HTTPStatus(error.status_code).phrase))
    headers = error.headers
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(_methods(request))}
    return problem(error.status_code, kind, detail, headers=headers)


def _methods(request: Request) -> list[str]:
    """All methods of this path: each has a route of its own, and Starlette names only those of the first route."""

    def is_there(method: str) -> bool:
        asked = {**request.scope, "method": method}
        return any(route.matches(asked)[0] == Match.FULL for route in request.app.routes)

    return [method for method in _METHODS if is_there(method)]
