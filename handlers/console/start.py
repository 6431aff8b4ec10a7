"""The start page: what waits for this member of staff today, each with a link. A subject adds a line to DUE."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from domain.broadcasts.rules import BroadcastState
from domain.budget.rounds import BEFORE_VOTING, RoundState
from domain.meetings.planning import MeetingStatus
from domain.screens import Told
from domain.signals.workflow import About
from domain.staff.promises import unread
from domain.staff.rights import Scope, StaffRole
from domain.wall_clock import TIMEZONE, day_of
from handlers.console.pages import language_of, page
from handlers.console.visits import OpenWork, SignedIn
from locales.texts import NAMES, listing, moment, say
from services.broadcasts.sending import listed
from services.budget.plans import lacking, plans
from services.budget.round_acts import hindrance, rounds
from services.budget.rounds import Round
from services.meetings.planning import ListedMeeting, all_meetings
from services.signals.worklist import worklist
from services.staff.accounts import Staff, mandates
from services.work import Work

router = APIRouter()
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits. path: the page where it is done · what: what waits, in words · urgent: new or for today."""

    path: str
    title: str
    what: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Viewer:
    """The member of staff who looks at the page, the open unit of work, and their language."""

    work: Work
    staff: Staff
    language: str

    def day(self, when: datetime) -> date:
        """The date in Amsterdam."""
        return day_of(when)


async def signals_waiting(asked: Viewer) -> list[Task]:
    """How many signals are open; urgent when one has news or points to danger."""
    found = await worklist(asked.work, asked.staff)
    if not found.total:
        return []
    what = say(asked.language, "console.start.signals", count=found.total)
    new = any(line.unread or line.danger for line in found.lines)
    return [Task("/signals", say(asked.language, "console.worklist.title"), what, new)]


async def rounds_turning(asked: Viewer) -> list[Task]:
    """The votes that are open or being counted, that open within a week, that are halted, or that can't open."""
    found = [await _hindered(asked, one) or await _turning(asked, one) for one in await rounds(asked.work, asked.staff)]
    return [due for due in found if due is not None]


async def _hindered(asked: Viewer, one: Round) -> Task | None:
    """The task of a vote that should be open but can't open, until a week after its close; None for other rounds."""
    now = asked.work.now
    if one.state not in BEFORE_VOTING or not one.opens_at <= now < one.closes_at + SOON:
        return None
    found = await hindrance(asked.work, one.id)
    if found is None:
        return None
    plans = listing(asked.language, [str(number) for number in found.plans])
    return _urgent(asked, one, f"console.notmoved.{found.reason}", {"plans": plans})


async def _turning(asked: Viewer, one: Round) -> Task | None:
    now, key, when = asked.work.now, "", one.closes_at
    if one.halted:
        return _urgent(asked, one, f"console.halted.{one.halted}")
    if one.state == RoundState.VOTING:
        key = "console.start.closes"
    elif one.state == RoundState.COUNTING:
        key = "console.start.counting"
    elif one.opens_at < now + SOON and now < one.closes_at and RoundState.VOTING in one.next_moves():
        key, when = "console.start.opens", one.opens_at
    if not key:
        return None
    what = say(asked.language, key, {"moment": moment(asked.language, when, TIMEZONE)})
    today = asked.day(when) <= asked.day(now)
    if key == "console.start.opens" and (missing := lacking(one.languages, await plans(asked.work, one.id))):
        names = listing(asked.language, [NAMES[code] for code in missing])
        what, today = f"{what} {say(asked.language, 'console.start.lacking', {'languages': names})}", True
    return Task(f"/rounds/{one.id}", Told(one.title).spoken(asked.language), what, today)


def _urgent(asked: Viewer, one: Round, key: str, values: Mapping[str, str] | None = None) -> Task:
    title, what = Told(one.title).spoken(asked.language), say(asked.language, key, values)
    return Task(f"/rounds/{one.id}", title, what, True)


async def meetings_near(asked: Viewer) -> list[Task]:
    """The meetings that are going on and those of the next seven days, with drafts, which residents don't see yet."""
    lines = await all_meetings(asked.work, asked.staff, asked.language)
    return [due for one in lines if (due := _near(asked, one)) is not None]


def _near(asked: Viewer, one: ListedMeeting) -> Task | None:
    now, key, when = asked.work.now, "console.start.meeting", one.starts_at
    if one.status not in (MeetingStatus.DRAFT, MeetingStatus.PUBLISHED) or when >= now + SOON:
        return None
    if one.status == MeetingStatus.DRAFT:
        key = "console.start.draft"
    elif when <= now:
        key, when = "console.start.going_on", one.ends_at
    if when <= now:
        return None
    what = say(asked.language, key, {"moment": moment(asked.language, when, TIMEZONE)})
    return Task(f"/meetings/{one.meeting_id}", one.theme, what, asked.day(one.starts_at) <= asked.day(now))


async def broadcasts_halted(asked: Viewer) -> list[Task]:
    """The invitations that wait for somebody of the staff: to be approved, or to be resumed."""
    keys = {BroadcastState.ASKED: "console.start.asked", BroadcastState.PAUSED: "console.start.paused"}
    return [
        Task(f"/broadcasts/{one.broadcast_id}", one.words, say(asked.language, keys[one.state]), True)
        for one in await listed(asked.work, asked.staff)
        if one.state in keys
    ]


async def readers_missing(asked: Viewer) -> list[Task]:
    """The kinds of reports that nobody of the staff may read; for admins, who make the accounts."""
    if asked.staff.mandate.role != StaffRole.ADMIN:
        return []
    found = unread(await mandates(asked.work))
    title, due = say(asked.language, "console.start.gap_title"), []
    if any(about != About.NOBODY for _, _, about in found):
        command = {"command": "python -m bot staff create EMAIL --role confidant"}
        due.append(Task("/", title, say(asked.language, "console.start.no_confidant", command), True))
    kinds = {kind: say(asked.language, f"signals.kind.{kind}") for kind, _, about in found if about == About.NOBODY}
    if kinds:
        values = {
            "kinds": listing(asked.language, list(kinds.values())),
            "command": "python -m bot staff create EMAIL --role handler",
        }
        due.append(Task("/", title, say(asked.language, "console.start.no_reader", values), True))
    return due


# Scope that a member of staff needs -> what may wait for them. Each subject adds its lines here.
DUE: tuple[tuple[Scope, Callable[[Viewer], Awaitable[list[Task]]]], ...] = (
    (Scope.READ, signals_waiting),
    (Scope.MEETINGS, meetings_near),
    (Scope.INVITE, broadcasts_halted),
    (Scope.ROUNDS, rounds_turning),
    (Scope.ROUNDS, readers_missing),
)
# What staff may begin: (scope, path, text key).
NEW: tuple[tuple[Scope, str, str], ...] = (
    (Scope.MEETINGS, "/meetings/new", "console.meeting.new"),
    (Scope.INVITE, "/broadcasts/new", "console.broadcasts.new"),
    (Scope.ROUNDS, "/rounds/new", "console.rounds.new"),
)


@router.get("/")
async def asked_for_start(request: Request, work: OpenWork, staff: SignedIn) -> Response:
    """What waits for you, and what you may begin."""
    asked = Viewer(work, staff, language_of(request))
    found = [due for scope, waiting in DUE if scope in staff.scopes for due in await waiting(asked)]
    new = [(path, label) for scope, path, label in NEW if scope in staff.scopes]
    return page(request, "start.html", waiting=sorted(found, key=lambda due: not due.urgent), new=new)
