"""Invitations to many (broadcasts): the list, and one with its form, counts and report. Acts on it: acts.py."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from domain.broadcasts.rules import TEXT_LIMIT, BadBroadcast, BroadcastState, Content, Missing, RecipientFate
from domain.neighbourhoods import ALL, Neighbourhood
from domain.staff.rights import Scope
from handlers.console.broadcasts.targets import read, targets
from handlers.console.forms import version_of
from handlers.console.pages import go, language_of, page
from handlers.console.visits import OpenWork, SentForm, SignedIn, text_of, texts_of
from locales.texts import LANGUAGES
from services.broadcasts import drafts, sending
from services.staff.access import require
from services.staff.accounts import Staff
from services.staff.repeats import RepeatedDifferently
from services.work import Work

router = APIRouter()
BroadcastId = Annotated[str, Path(max_length=64)]
_NEW = Content({})
_DONE = ("written", "done")
# Why a draft was refused -> the field of its form.
_FIELDS = {
    "no_text": "text", "too_long": "text", "no_decision": "missing", "bad_button": "opens", "closed_button": "opens",
    "bad_audience": "buurt", "nobody": "buurt",
}  # fmt: skip


@router.get("/broadcasts")
async def asked_for_broadcasts(request: Request, work: OpenWork, staff: SignedIn) -> Response:
    """The list of broadcasts, the newest first."""
    return page(request, "broadcasts/broadcasts.html", found=await sending.listed(work, staff))


@router.get("/broadcasts/new")
async def asked_for_new_broadcast(request: Request, work: OpenWork, staff: SignedIn, opens: str = "") -> Response:
    """An empty form. opens: the meeting or round that its button opens, for staff who come from its page."""
    require(staff, Scope.INVITE)
    go_to, value = read(opens)
    return await _form_page(request, work, staff, replace(_NEW, go=go_to, value=value))


@router.post("/broadcasts")
async def sent_new_broadcast(request: Request, work: OpenWork, staff: SignedIn, form: SentForm) -> Response:
    """Write a new draft; with a mistake, show the form again."""
    content = _content(form)
    try:
        broadcast_id = await drafts.write(work, staff, content, text_of(form, "once") or None)
    except BadBroadcast as error:
        return await _form_page(request, work, staff, content, problem=error.why)
    except RepeatedDifferently as error:
        return await _form_page(request, work, staff, content, there=f"/broadcasts/{error.made}")
    return go(f"/broadcasts/{broadcast_id}?done=written")


@router.get("/broadcasts/{broadcast_id}")
async def asked_for_broadcast(
    request: Request, work: OpenWork, staff: SignedIn, broadcast_id: BroadcastId, done: str = ""
) -> Response:
    """One broadcast, with the readers it would reach, or what became of it."""
    return await broadcast_page(request, work, staff, broadcast_id, done=done if done in _DONE else "")


@router.post("/broadcasts/{broadcast_id}")
async def sent_broadcast(
    request: Request, work: OpenWork, staff: SignedIn, broadcast_id: BroadcastId, form: SentForm
) -> Response:
    """Change a draft; with a mistake, show the form again."""
    content = _content(form)
    try:
        await drafts.rewrite(work, staff, broadcast_id, content, version_of(form) or 0)
    except BadBroadcast as error:
        return await broadcast_page(request, work, staff, broadcast_id, problem=error.why, content=content)
    except sending.WrittenMeanwhile:
        return await broadcast_page(request, work, staff, broadcast_id, status=409, problem="changed", content=content)
    except sending.ActNotPossible:
        return await broadcast_page(request, work, staff, broadcast_id, status=409, problem="not_possible")
    return go(f"/broadcasts/{broadcast_id}?done=written")


async def broadcast_page(
    request: Request,
    work: Work,
    staff: Staff,
    broadcast_id: str,
    *,
    status: int = 200,
    done: str = "",
    problem: str | None = None,
    content: Content | None = None,
    command: str = "",
    link: str = "",
    picture: str = "",
) -> Response:
    """The broadcast as it is now. content: keeps a refused change in the form · command, link, picture: of a test."""
    one = await sending.overview(work, staff, broadcast_id)
    rows = sorted({buurt for buurt, _ in one.counts.cells}) if one.counts else []
    return page(
        request,
        "broadcasts/broadcast.html",
        status=422 if problem and status == 200 else status,
        at=_FIELDS.get(problem or "", "") if one.state == BroadcastState.DRAFT else "",
        one=one,
        buurten=rows,
        fates=[fate for fate in RecipientFate if fate in one.report],
        done=done,
        command=command,
        link=link,
        picture=picture,
        **await _form_values(request, work, staff, content or one.content, problem),
    )


async def _form_page(
    request: Request, work: Work, staff: Staff, content: Content, problem: str | None = None, there: str = ""
) -> Response:
    """The form of a new broadcast. there: the page of the broadcast that this form made before."""
    status = 409 if there else 422 if problem else 200
    values = await _form_values(request, work, staff, content, problem)
    at = _FIELDS.get(problem or "", "")
    return page(request, "broadcasts/broadcast_new.html", status=status, at=at, there=there, **values)


async def _form_values(
    request: Request, work: Work, staff: Staff, content: Content, problem: str | None
) -> dict[str, Any]:
    """The values that the template of the form needs, such as the neighbourhoods that staff may reach, by area."""
    opens = await targets(work, staff, language_of(request))
    chosen = f"{content.go}.{content.value}" if content.go else ""
    areas: dict[str, list[Neighbourhood]] = {}
    for one in ALL:
        if staff.mandate.areas is None or one.area in staff.mandate.areas:
            areas.setdefault(one.area, []).append(one)
    return {
        "content": content,
        "areas": areas,
        "order": LANGUAGES,
        "opens": opens,
        "chosen": chosen,
        "gone": bool(chosen) and not any(one.chosen == chosen for some in opens.values() for one in some),
        "missing": tuple(Missing),
        "limit": TEXT_LIMIT,
        "once": secrets.token_urlsafe(16),
        "problem": problem,
    }


def _content(form: FormData) -> Content:
    """The form as the content of a broadcast."""
    missing = text_of(form, "missing")
    opens, value = read(text_of(form, "opens"))
    return Content(
        {language: text_of(form, f"text_{language}") for language in LANGUAGES},
        Missing(missing) if missing in set(Missing) else None,
        opens,
        value,
        frozenset(texts_of(form, "buurt")),
        frozenset(texts_of(form, "language_of")),
    )
