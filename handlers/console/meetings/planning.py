"""Meetings on the console: the list, a form to plan or change one, and one meeting with who comes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from domain.coordinates import point_of
from domain.meetings.planning import (
    PLACE_LIMIT,
    TEXT_LIMIT,
    THEME_LIMIT,
    Details,
    MeetingPlan,
    MeetingStatus,
    WrongMeeting,
)
from domain.staff.rights import Scope
from domain.wall_clock import comes_twice
from handlers.console.budget.printing import drawn
from handlers.console.forms import version_of, wall_clock, wall_time
from handlers.console.meetings.confirming import meeting_confirm
from handlers.console.pages import go, language_of, page
from handlers.console.visits import OpenWork, SentForm, SignedIn, text_of
from locales.texts import LANGUAGES
from services.meetings import planning
from services.meetings.planning import MeetingChanged, MeetingNotNow
from services.staff.access import require
from services.staff.accounts import Staff
from services.staff.repeats import RepeatedDifferently
from services.work import Work

router = APIRouter()
MeetingId = Annotated[str, Path(max_length=64)]
_CONFIRMED = {"publish": MeetingStatus.DRAFT, "delete": MeetingStatus.DRAFT, "cancel": MeetingStatus.PUBLISHED}
_DONE = frozenset({"planned", "changed", "moved", "published", "cancelled"})
_TEXTS = ("theme", "about", "access")
_LIMITS = {"theme": THEME_LIMIT, "about": TEXT_LIMIT, "access": TEXT_LIMIT, "place": PLACE_LIMIT}


@dataclass(frozen=True, slots=True)
class MeetingForm:
    """The fields of the form, as they were typed."""

    texts: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {name: {} for name in _TEXTS})
    place: str = ""
    address: str = ""
    latitude: str = ""
    longitude: str = ""
    starts: str = ""
    ends: str = ""
    capacity: str = ""

    def plan(self) -> MeetingPlan:
        """The form as a plan. Raises WrongMeeting."""
        theme, about, access = (self.texts[name] for name in _TEXTS)
        details = Details(theme, self.place, self.address, about, access, self._point())
        return MeetingPlan(details, _wall(self.starts, "starts"), _wall(self.ends, "ends"), self._capacity())

    def _point(self) -> tuple[float, float] | None:
        if not self.latitude and not self.longitude:
            return None
        try:
            return point_of(self.latitude, self.longitude)
        except ValueError:
            raise WrongMeeting("bad_point", "point") from None

    def _capacity(self) -> int | None:
        if not self.capacity:
            return None
        if not re.fullmatch("[0-9]{1,6}", self.capacity):
            raise WrongMeeting("bad_capacity", "capacity")
        return int(self.capacity)


@router.get("/meetings")
async def asked_for_meetings(request: Request, work: OpenWork, staff: SignedIn) -> Response:
    """The list of meetings: those to come, the soonest first; then those that are over, the latest first."""
    language = language_of(request)
    lines = await planning.all_meetings(work, staff, language)
    return page(request, "meetings/meetings.html", lines=lines)


@router.get("/meetings/new")
async def asked_for_form(request: Request, staff: SignedIn) -> Response:
    """An empty form for a new meeting."""
    require(staff, Scope.MEETINGS)
    return _form(request, MeetingForm())


@router.post("/meetings")
async def sent_meeting(request: Request, work: OpenWork, staff: SignedIn, form: SentForm) -> Response:
    """Plan a meeting, as a draft."""
    draft = _draft(form)
    try:
        made = await planning.plan(work, staff, draft.plan(), text_of(form, "once") or None)
    except WrongMeeting as error:
        return _form(request, draft, error.why, error.field)
    except RepeatedDifferently as error:
        return _form(request, draft, there=f"/meetings/{error.made}")
    return go(f"/meetings/{made}?done=planned")


@router.get("/meetings/{meeting_id}")
async def asked_for_meeting(
    request: Request, work: OpenWork, staff: SignedIn, meeting_id: MeetingId, done: str = ""
) -> Response:
    """One meeting, with how many people come."""
    return await _meeting_page(request, work, staff, meeting_id, done=done)


@router.post("/meetings/{meeting_id}/change")
async def sent_change(
    request: Request, work: OpenWork, staff: SignedIn, meeting_id: MeetingId, form: SentForm
) -> Response:
    """Change a meeting; guests are told when it moves, which is confirmed first."""
    draft, version = _draft(form), version_of(form) or 0
    try:
        # A move counts as confirmed only when the page that asked was about this very version.
        asked = text_of(form, "seen") != str(version)
        if asked and await planning.would_move(work, staff, meeting_id, draft.plan(), version):
            found = await planning.meeting(work, staff, meeting_id)
            return meeting_confirm(request, found, "move", _fields(draft), draft.plan())
        moved = await planning.change(work, staff, meeting_id, draft.plan(), version)
    except (WrongMeeting, MeetingChanged, MeetingNotNow) as error:
        return await _refused(request, work, staff, meeting_id, error, draft)
    return go(f"/meetings/{meeting_id}?done={'moved' if moved else 'changed'}")


@router.post("/meetings/{meeting_id}/publish")
async def sent_publish(
    request: Request, work: OpenWork, staff: SignedIn, meeting_id: MeetingId, form: SentForm
) -> Response:
    """Publish a draft: residents see it from now on."""
    there = f"/meetings/{meeting_id}?done=published"
    return await _do(request, work, staff, meeting_id, form, planning.publish, there)


@router.post("/meetings/{meeting_id}/cancel")
async def sent_cancel(
    request: Request, work: OpenWork, staff: SignedIn, meeting_id: MeetingId, form: SentForm
) -> Response:
    """Cancel a meeting."""
    there = f"/meetings/{meeting_id}?done=cancelled"
    return await _do(request, work, staff, meeting_id, form, planning.cancel, there)


@router.get("/meetings/{meeting_id}/confirm")
async def asked_to_confirm(
    request: Request, work: OpenWork, staff: SignedIn, meeting_id: MeetingId, what: str = ""
) -> Response:
    """The page that tells what publishing, cancelling or deleting does, and asks to confirm it. Nothing is done yet."""
    found = await planning.meeting(work, staff, meeting_id)
    if found.status != _CONFIRMED.get(what):
        return await _refused(request, work, staff, meeting_id, MeetingNotNow())
    return meeting_confirm(request, found, what)


@router.post("/meetings/{meeting_id}/delete")
async def sent_delete(
    request: Request, work: OpenWork, staff: SignedIn, meeting_id: MeetingId, form: SentForm
) -> Response:
    """Delete a draft."""
    return await _do(request, work, staff, meeting_id, form, planning.discard, "/meetings")


async def _do(
    request: Request,
    work: Work,
    staff: Staff,
    meeting_id: str,
    form: FormData,
    deed: Callable[[Work, Staff, str, int], Awaitable[object]],
    there: str,
) -> Response:
    """Do the deed that was confirmed and go on to `there`; when it is refused, show the meeting with the reason."""
    try:
        await deed(work, staff, meeting_id, version_of(form) or 0)
    except (WrongMeeting, MeetingChanged, MeetingNotNow) as error:
        return await _refused(request, work, staff, meeting_id, error)
    return go(there)


def _fields(draft: MeetingForm) -> list[tuple[str, str]]:
    """The (name, value) pairs of a form, as it was sent."""
    texts = [(f"{name}_{code}", words) for name in _TEXTS for code, words in draft.texts[name].items()]
    return texts + [(name, getattr(draft, name)) for name in MeetingForm.__slots__ if name != "texts"]


def _draft(form: FormData) -> MeetingForm:
    texts = {name: {one: text_of(form, f"{name}_{one}") for one in LANGUAGES} for name in _TEXTS}
    rest = {name: text_of(form, name).strip() for name in MeetingForm.__slots__ if name != "texts"}
    return MeetingForm(texts, **rest)


def _wall(typed: str, field: str) -> datetime:
    wall = wall_time(typed)
    if wall is None:
        raise WrongMeeting("unreadable", field)
    return wall


def _form(request: Request, draft: MeetingForm, wrong: str | None = None, at: str = "", there: str = "") -> Response:
    """The form. wrong, at: why it was refused, and which field · there: page of the meeting that it made before."""
    return page(
        request,
        "meetings/meeting_form.html",
        status=409 if there else 422 if wrong else 200,
        at=at,
        draft=draft,
        wrong=wrong,
        there=there,
        once=secrets.token_urlsafe(16),
        limits=_LIMITS,
    )


async def _refused(
    request: Request, work: Work, staff: Staff, meeting_id: str, error: Exception, draft: MeetingForm | None = None
) -> Response:
    """The page of the meeting as it is now, with the reason of the refusal; what was typed is still in the form."""
    known: dict[type[Exception], str] = {MeetingChanged: "changed", MeetingNotNow: "not_now"}
    why = known.get(type(error), str(error))
    status, at = (422, error.field) if isinstance(error, WrongMeeting) else (409, "")
    return await _meeting_page(request, work, staff, meeting_id, status=status, wrong=why, at=at, draft=draft)


async def _meeting_page(
    request: Request,
    work: Work,
    staff: Staff,
    meeting_id: str,
    *,
    status: int = 200,
    done: str = "",
    wrong: str | None = None,
    at: str = "",
    draft: MeetingForm | None = None,
) -> Response:
    found = await planning.meeting(work, staff, meeting_id)
    poster = (
        await request.app.state.outside.link(f"meet-{meeting_id}") if found.status == MeetingStatus.PUBLISHED else ""
    )
    return page(
        request,
        "meetings/meeting.html",
        status=status,
        at=at,
        meeting=found,
        draft=draft or _draft_of(found),
        changeable=found.status in {MeetingStatus.DRAFT, MeetingStatus.PUBLISHED},
        doubled=comes_twice(found.starts_at) or comes_twice(found.ends_at),
        done=done if done in _DONE else "",
        wrong=wrong,
        editing=draft is not None,
        limits=_LIMITS,
        poster=poster,
        picture=drawn(poster) if poster else "",
    )


def _draft_of(found: planning.Meeting) -> MeetingForm:
    details, point = found.details, found.details.point
    return MeetingForm(
        {name: getattr(details, name) for name in _TEXTS},
        details.place,
        details.address,
        str(point[0]) if point else "",
        str(point[1]) if point else "",
        wall_clock(found.starts_at),
        wall_clock(found.ends_at),
        "" if found.capacity is None else str(found.capacity),
    )
