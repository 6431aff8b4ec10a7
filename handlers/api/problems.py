"""Every refusal of the API in one form: problem+json (RFC 9457), in plain words, without a resident's words in it."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.meetings import WrongMeeting
from handlers.api.schemas.problems import Problem
from services.access import NotAllowed
from services.broadcasts import (
    ActNotPossible,
    BadBroadcast,
    SecondPersonNeeded,
    UnknownBroadcast,
    UsedDifferently,
    WrittenMeanwhile,
)
from services.budget import Frozen, MayNotMove, NoSuchRound, WrongRound
from services.cases import NotHereYet, ReasonNeeded, UnknownSignal
from services.casework import BadCodes, BadWords, ChangedMeanwhile, MoveNotPossible, RepeatedDifferently
from services.codes import UnknownCode, UsedCode
from services.meetings import MeetingChanged, NotNow, UnknownMeeting
from services.plans import NoSuchPlan, WrongPlan
from services.work import DatabaseAway

MEDIA_TYPE = "application/problem+json"
# No cache between us and who asked may keep an answer.
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _changed(what: str) -> tuple[HTTPStatus, str, str]:
    detail = f"The {what} has changed since you read it. Read it again and use its new version."
    return HTTPStatus.CONFLICT, "changed-meanwhile", detail


# What services refuse with -> status, type, and what the caller may do about it.
_REFUSALS: dict[type[Exception], tuple[HTTPStatus, str, str]] = {
    UnknownSignal: (HTTPStatus.NOT_FOUND, "unknown-signal", "There is no such signal, or it is not yours to see."),
    ReasonNeeded: (
        HTTPStatus.FORBIDDEN,
        "reason-needed",
        "Say once a day why you read this signal: ?reason=handling, supervision or request_of_reporter.",
    ),
    NotHereYet: (HTTPStatus.CONFLICT, "file-not-here-yet", "The file is still on its way. Try again in a minute."),
    ChangedMeanwhile: _changed("signal"),
    MoveNotPossible: (HTTPStatus.CONFLICT, "move-not-possible", "From where the signal stands this can't be done."),
    BadWords: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "no-answer",
        "Give words of at most 3000 characters, or the name of one standard reply.",
    ),
    BadCodes: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "unknown-codes",
        "Use the official words: grounds, domains and natures for discrimination, a group for nuisance.",
    ),
    RepeatedDifferently: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "key-used-before",
        "This Idempotency-Key belongs to another answer. Use a new key for a new answer.",
    ),
    UnknownMeeting: (HTTPStatus.NOT_FOUND, "unknown-meeting", "There is no such meeting."),
    MeetingChanged: _changed("meeting"),
    NotNow: (HTTPStatus.CONFLICT, "not-possible-now", "From where the meeting stands this can't be done."),
    UnknownBroadcast: (HTTPStatus.NOT_FOUND, "unknown-broadcast", "There is none, or it is not yours to see."),
    WrittenMeanwhile: _changed("broadcast"),
    ActNotPossible: (HTTPStatus.CONFLICT, "act-not-possible", "From where the broadcast stands this can't be done."),
    SecondPersonNeeded: (HTTPStatus.CONFLICT, "second-person-needed", "Somebody else must approve what you asked for."),
    BadBroadcast: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "bad-broadcast",
        "Give a text, a decision on missing languages, an audience you may reach in our languages, an open button.",
    ),
    UsedDifferently: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "key-used-before",
        "This Idempotency-Key belongs to another broadcast. Use a new key for a new one.",
    ),
    NoSuchRound: (HTTPStatus.NOT_FOUND, "unknown-round", "There is no such round, or it is not yours to manage."),
    NoSuchPlan: (HTTPStatus.NOT_FOUND, "unknown-plan", "This round has no such plan."),
    UnknownCode: (HTTPStatus.NOT_FOUND, "unknown-code", "This round has no such code, or it is blocked already."),
    UsedCode: (HTTPStatus.CONFLICT, "used-code", "A ballot was cast with this code. It stays valid."),
    Frozen: (HTTPStatus.CONFLICT, "frozen", "Voting has opened, or has closed: this can't change any more."),
    MayNotMove: (HTTPStatus.CONFLICT, "move-not-possible", "Use one of its next_moves."),
    WrongRound: (HTTPStatus.UNPROCESSABLE_ENTITY, "wrong-round", "The named member can't be so."),
    WrongPlan: (HTTPStatus.UNPROCESSABLE_ENTITY, "wrong-plan", "The named member can't be so."),
    DatabaseAway: (HTTPStatus.SERVICE_UNAVAILABLE, "away", "The store can't be reached. Nothing was done; try again."),
}

# Why a round does not move -> what the caller may do about it.
_NOT_MOVED = {
    "plans": "Voting opens with as many plans as one ballot must name, or more.",
    "costs": "Voting opens when no plan costs more than there is.",
    "codes": "Voting opens when codes were made.",
    "dates": "Voting can't open: its close is over.",
    "extend": "Only a vote that is open gets more time.",
}
_WRONG_MEETINGS = {
    "no_theme": "Give the theme in Dutch at least.",
    "no_place": "Give the name of the place and its address.",
    "too_long": "A theme has 60 characters at most, a name or address 120, any other text 800.",
    "bad_capacity": "The capacity is 1 to 100000 people, or null for no limit.",
    "bad_point": "The point is latitude (-90 to 90) and longitude (-180 to 180).",
    "far_point": "The point is not in the Netherlands. Are latitude and longitude exchanged?",
    "bad_language": "Texts are by language: nl, en, tr, ar.",
    "no_such_hour": "There is no such hour in Amsterdam: that night the clock goes forward.",
    "ends_before": "The end must come after the start.",
    "in_the_past": "The start is in the past.",
    "too_far": "The end is five years ahead at most.",
    "lasts_too_long": "A meeting lasts 24 hours at most.",
}


def problem(
    status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A refusal. kind: the last part of its type; more: members of its own."""
    body = Problem(
        type=f"urn:buurtstem:problem:{kind}", title=HTTPStatus(status).phrase, status=status, detail=detail, **more
    )
    content = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status, headers={**HEADERS, **(headers or {})}, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every refusal of this app take that form."""
    for refusal in _REFUSALS:
        app.add_exception_handler(refusal, _refused)
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(WrongMeeting, _wrong_meeting)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    status, kind, detail = _REFUSALS[type(error)]
    headers = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    possible = list(error.possible) if isinstance(error, MoveNotPossible | ActNotPossible) else None
    if isinstance(error, MayNotMove):
        detail = _NOT_MOVED.get(error.reason, detail)
    wrong = [f"body.{error.field}"] if isinstance(error, WrongRound | WrongPlan) else []
    if isinstance(error, MayNotMove):
        wrong = [f"plans.{number}.cost_cents" for number in error.plans]
    errors = [{"where": where, "why": detail} for where in wrong] or None
    return problem(status, kind, detail, headers=headers, possible=possible, errors=errors)


async def _not_allowed(_request: Request, error: Exception) -> JSONResponse:
    return problem(HTTPStatus.FORBIDDEN, "not-allowed", f"Your role or token does not hold the scope {error}.")


async def _wrong_meeting(_request: Request, error: Exception) -> JSONResponse:
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "wrong-plan", _WRONG_MEETINGS[str(error)])


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    # Where it is wrong and why, never what was sent: that may be somebody's words.
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    errors = [{"where": ".".join(map(str, one["loc"])), "why": str(one["msg"])} for one in found]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The request has values that can't be.", errors=errors)


async def _http(_request: Request, error: Exception) -> JSONResponse:
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
    return problem(error.status_code, kind, detail, headers=error.headers)
