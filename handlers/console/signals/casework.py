"""The worklist and one signal: read it with a reason, answer, move, give it codes."""

from __future__ import annotations

import re
import secrets
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from conversations.signals.report_choices import WHYS
from domain.neighbourhoods import ALL
from domain.signals.workflow import (
    DOMAINS,
    GROUNDS,
    NATURES,
    NUISANCE_GROUPS,
    STORY_LIMIT,
    Kind,
    Mover,
    Status,
    next_moves,
)
from domain.staff.rights import Reason, Scope
from handlers.console.forms import version_of
from handlers.console.pages import HEADERS, go, language_of, local_path, page
from handlers.console.visits import OpenWork, SentForm, SignedIn, text_of, texts_of
from locales.texts import day
from services.signals import casework
from services.signals.cases import ReasonNeeded, SignalCodes, open_file, open_signal
from services.signals.worklist import OPEN, worklist
from services.staff.accounts import Staff
from services.staff.repeats import RepeatedDifferently
from services.work import Work

router = APIRouter()
SignalId = Annotated[str, Path(max_length=64)]
_AREAS = tuple(sorted({one.area for one in ALL}))
# Why something was refused -> the field of its form.
_FIELDS = {"console.error.no_words": "words", "console.error.bad_codes": "codes"}
_SHOWN = re.compile(r"image/(jpeg|png)|audio/ogg")


@router.get("/signals")
async def asked_for_worklist(
    request: Request,
    work: OpenWork,
    staff: SignedIn,
    status: str = "",
    kind: str = "",
    area: str = "",
    page_number: Annotated[str, Query(alias="page")] = "1",
) -> Response:
    """The signals that this member of staff may see. Invalid filter values are ignored."""
    chosen_kind = Kind(kind) if kind in set(Kind) else None
    chosen_area = area if area in _AREAS else None
    statuses = {Status(status)} if status in set(Status) else OPEN
    number = int(page_number) if re.fullmatch("[0-9]{1,6}", page_number) else 1
    found = await worklist(work, staff, statuses=statuses, kind=chosen_kind, area=chosen_area, page=number)
    chosen = {"status": status if status in set(Status) else "", "kind": chosen_kind or "", "area": chosen_area or ""}
    return page(
        request,
        "signals/worklist.html",
        found=found,
        chosen=chosen,
        statuses=tuple(Status),
        kinds=tuple(Kind),
        areas=_AREAS,
        short=_short,
    )


@router.get("/signals/{signal_id}")
async def asked_for_signal(
    request: Request, work: OpenWork, staff: SignedIn, signal_id: SignalId, reason: str = "", done: str = ""
) -> Response:
    """One signal. Once a day it is first asked why it is read."""
    given = Reason(reason) if reason in set(Reason) else None
    try:
        return await _signal_page(request, work, staff, signal_id, reason=given, done=done)
    except ReasonNeeded:
        return _reason_page(request, signal_id)


@router.post("/signals/{signal_id}/answer")
async def sent_answer(
    request: Request, work: OpenWork, staff: SignedIn, signal_id: SignalId, form: SentForm
) -> Response:
    """Answer the reporter, in one's own words or with a standard reply."""
    reply = text_of(form, "reply") or None
    words, language, to = text_of(form, "words"), text_of(form, "language"), text_of(form, "to")
    try:
        if to and to not in set(Status):
            raise casework.MoveNotPossible(())
        await casework.answer(
            work,
            staff,
            signal_id,
            words=words,
            language=language,
            reply=reply,
            to=Status(to) if to else None,
            version=version_of(form),
            once=text_of(form, "once") or None,
        )
    except casework.BadWords:
        return await _refused(request, work, staff, signal_id, 422, "console.error.no_words", words, language)
    except casework.ChangedMeanwhile:
        return await _refused(request, work, staff, signal_id, 409, "console.error.changed", words, language)
    except RepeatedDifferently:
        return await _refused(request, work, staff, signal_id, 409, "console.error.answered_before", words, language)
    except casework.MoveNotPossible:
        why = "console.error.not_possible" if to else "console.error.withdrawn"
        return await _refused(request, work, staff, signal_id, 409, why, words, language)
    return _go_on(request, signal_id, "answered")


@router.post("/signals/{signal_id}/move")
async def sent_move(request: Request, work: OpenWork, staff: SignedIn, signal_id: SignalId, form: SentForm) -> Response:
    """Bring a signal to another state, by the table of moves."""
    to = text_of(form, "to")
    try:
        if to not in set(Status):
            raise casework.MoveNotPossible(())
        await casework.move(work, staff, signal_id, Status(to), version_of(form) or 0)
    except casework.ChangedMeanwhile:
        return await _refused(request, work, staff, signal_id, 409, "console.error.changed")
    except casework.MoveNotPossible:
        return await _refused(request, work, staff, signal_id, 409, "console.error.not_possible")
    return _go_on(request, signal_id, "moved")


@router.post("/signals/{signal_id}/calm")
async def sent_calm(request: Request, work: OpenWork, staff: SignedIn, signal_id: SignalId, form: SentForm) -> Response:
    """Take the mark of danger away, after somebody has looked."""
    try:
        await casework.clear_danger(work, staff, signal_id, version_of(form) or 0)
    except casework.ChangedMeanwhile:
        return await _refused(request, work, staff, signal_id, 409, "console.error.changed")
    return _go_on(request, signal_id, "calm")


@router.post("/signals/{signal_id}/codes")
async def sent_codes(
    request: Request, work: OpenWork, staff: SignedIn, signal_id: SignalId, form: SentForm
) -> Response:
    """Replace the official codes by those that are ticked."""
    grounds, domains, natures = (texts_of(form, name) for name in ("grounds", "domains", "natures"))
    codes = SignalCodes(grounds, domains, natures, text_of(form, "group") or None)
    try:
        await casework.set_codes(work, staff, signal_id, codes, version_of(form) or 0)
    except casework.ChangedMeanwhile:
        return await _refused(request, work, staff, signal_id, 409, "console.error.changed")
    except casework.BadCodes:
        return await _refused(request, work, staff, signal_id, 422, "console.error.bad_codes")
    return _go_on(request, signal_id, "coded")


@router.get("/signals/{signal_id}/files/{attachment_id}")
async def asked_for_file(
    work: OpenWork, staff: SignedIn, signal_id: SignalId, attachment_id: Annotated[str, Path(max_length=64)]
) -> Response:
    """A photo or voice message of a signal that was opened today."""
    kept = await open_file(work, staff, signal_id, attachment_id)
    safe = kept.media_type if _SHOWN.fullmatch(kept.media_type) else "application/octet-stream"
    return Response(kept.content, media_type=safe, headers=HEADERS)


async def _refused(
    request: Request,
    work: Work,
    staff: Staff,
    signal_id: str,
    status: int,
    problem: str,
    words: str = "",
    language: str = "",
) -> Response:
    """The page of the signal as it is now, with the reason of a refusal; words and their language stay in the form."""
    try:
        return await _signal_page(
            request, work, staff, signal_id, status=status, problem=problem, words=words, language=language
        )
    except ReasonNeeded:
        return _reason_page(request, signal_id)


def _reason_page(request: Request, signal_id: str) -> Response:
    came, short = _came_from(request), _short(signal_id)
    return page(request, "signals/reason.html", signal_id=signal_id, reasons=tuple(Reason), came=came, short=short)


def _came_from(request: Request) -> str:
    """The worklist that somebody came from, with its filter and page; "" for the whole list."""
    found = local_path(request.query_params.get("from", ""))
    return found if found.startswith("/signals?") else ""


def _go_on(request: Request, signal_id: str, done: str) -> Response:
    came = _came_from(request)
    return go(f"/signals/{signal_id}?done={done}" + (f"&from={quote(came, safe='')}" if came else ""))


def _short(signal_id: str) -> str:
    """A short name to tell signals apart by: random characters of the id, not the reporter's code."""
    return signal_id[:4].upper()


def _when(language: str, told: str) -> str:
    """A day (YYYY-MM-DD) as people read it; the reporter's own words as they are."""
    try:
        return day(language, date.fromisoformat(told))
    except ValueError:
        return told


async def _signal_page(
    request: Request,
    work: Work,
    staff: Staff,
    signal_id: str,
    *,
    reason: Reason | None = None,
    status: int = 200,
    done: str = "",
    problem: str | None = None,
    words: str = "",
    language: str = "",
) -> Response:
    case = await open_signal(work, staff, signal_id, reason)
    final = tuple(one for one in case.next_moves if not next_moves(one, Mover.STAFF, work.today, work.today))
    return page(
        request,
        "signals/signal.html",
        status=status,
        at=_FIELDS.get(problem or "", ""),
        came=_came_from(request),
        short=_short(signal_id),
        final=final,
        case=case,
        why=WHYS.get(case.details["why"]),
        when=_when(language_of(request), case.details["when"]),
        official={"grounds": GROUNDS, "domains": DOMAINS, "natures": NATURES},
        groups=NUISANCE_GROUPS,
        replies=casework.replies_for(case.kind),
        may={scope.name for scope in Scope if scope in staff.scopes},
        done=done if done in ("answered", "moved", "coded", "calm") else "",
        problem=problem,
        words=words,
        limit=STORY_LIMIT,
        once=secrets.token_urlsafe(16),
        written_in=language or language_of(request),
    )
