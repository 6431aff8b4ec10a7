"""Staff plan, publish, move and cancel meetings: who may, what is refused, and two changes at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.meetings.planning import Details, MeetingPlan, MeetingStatus, WrongMeeting
from domain.refusals import NotAllowed
from domain.sealing import KeyRing
from domain.staff.rights import SCOPES, Mandate, Scope, StaffRole
from domain.wall_clock import moment_of
from services.meetings import planning, rsvp
from services.meetings.planning import MeetingChanged, MeetingNotNow, UnknownMeeting
from services.staff.access import log, signal_tag
from services.staff.accounts import Staff
from services.staff.repeats import RepeatedDifferently
from services.work import Work
from storage.engine.database import Database
from storage.meetings.attendance import people_by_state
from tests.lives import here, somebody_of_the_staff
from tests.opened import Clock, opened, rows
from tests.ticks import tick
from tests.waits import done_or_waiting

STARTS = datetime(2026, 11, 28, 14)  # noqa: DTZ001
PLAN = MeetingPlan(
    Details({"nl": "Open huis", "tr": "Açık ev"}, "De Honingraat", "Osdorpplein 1", point=(52.3579, 4.8053)),
    STARTS,
    STARTS + timedelta(hours=2),
    8,
)
UNKNOWN = "a" * 26


async def organiser(work: Work) -> Staff:
    return await somebody_of_the_staff(work, StaffRole.ORGANISER)


async def published(database: Database, plan: MeetingPlan = PLAN) -> str:
    """A published meeting; its id."""
    async with database.begin() as work:
        staff = await organiser(work)
        meeting_id = await planning.plan(work, staff, plan)
        await planning.publish(work, staff, meeting_id, 1)
    return meeting_id


async def test_a_draft_is_for_staff_alone_until_it_is_published(database: Database) -> None:
    async with database.begin() as work:
        staff, me = await organiser(work), await here(work, 1)
        meeting_id = await planning.plan(work, staff, PLAN)
        assert await rsvp.agenda(work) == []
        assert await rsvp.look(work, me.reach, meeting_id) is None
        assert await rsvp.come(work, me.reach, meeting_id, 1) is None
        await planning.publish(work, staff, meeting_id, 1)
        assert [one.meeting_id for one in await rsvp.agenda(work)] == [meeting_id]
        found = await planning.meeting(work, staff, meeting_id)
        assert (found.status, found.version, found.details) == (MeetingStatus.PUBLISHED, 2, PLAN.details)


async def test_the_list_shows_the_nearest_first_with_its_people(database: Database, clock: Clock) -> None:
    later = await published(database, replace(PLAN, starts=STARTS + timedelta(days=7), ends=STARTS + timedelta(days=8)))
    first = await published(database)
    early = await published(database, replace(PLAN, starts=STARTS - timedelta(days=3), ends=STARTS - timedelta(days=2)))
    async with database.begin() as work:
        for number in (1, 2, 3):
            await rsvp.come(work, (await here(work, number)).reach, first, 3)
        staff = await organiser(work)
        lines = await planning.all_meetings(work, staff, "tr")
        assert [(line.meeting_id, line.theme, line.coming, line.waiting) for line in lines] == [
            (early, "Açık ev", None, None), (first, "Açık ev", 5, None), (later, "Açık ev", None, None)
        ]  # fmt: skip
        found = await planning.meeting(work, staff, first)
        assert (found.coming_parties, found.coming, found.waiting_parties, found.waiting) == (None, 5, None, None)
    clock.now = moment_of(PLAN.ends)
    async with database.reading() as work:
        lines = await planning.all_meetings(work, staff)
        assert [line.meeting_id for line in lines] == [later, first, early]


ACTS: list[Callable[[Work, Staff], Awaitable[object]]] = [
    lambda work, staff: planning.plan(work, staff, PLAN),
    lambda work, staff: planning.change(work, staff, UNKNOWN, PLAN, 1),
    lambda work, staff: planning.publish(work, staff, UNKNOWN, 1),
    lambda work, staff: planning.cancel(work, staff, UNKNOWN, 1),
    planning.all_meetings,
    lambda work, staff: planning.meeting(work, staff, UNKNOWN),
]


@pytest.mark.parametrize("role", [role for role in StaffRole if Scope.MEETINGS not in SCOPES[role]])
async def test_whose_role_has_no_part_in_meetings_does_nothing_with_them(database: Database, role: StaffRole) -> None:
    async with database.begin() as work:
        staff = replace(await organiser(work), scopes=SCOPES[role])
        for act in ACTS:
            with pytest.raises(NotAllowed):
                await act(work, staff)


async def test_an_area_binds_no_meeting(database: Database) -> None:
    meeting_id = await published(database)
    async with database.begin() as work:
        mandate = Mandate(StaffRole.ORGANISER, frozenset({"Sloterdijk"}))
        elsewhere = replace(await organiser(work), mandate=mandate)
        await planning.cancel(work, elsewhere, meeting_id, 2)
        assert (await planning.meeting(work, elsewhere, meeting_id)).status == MeetingStatus.CANCELLED


@pytest.mark.parametrize("meeting_id", [UNKNOWN, "", "x' OR 1=1", "\x00" * 26])
async def test_an_unknown_meeting_is_unknown(database: Database, meeting_id: str) -> None:
    async with database.begin() as work:
        staff = await organiser(work)
        with pytest.raises(UnknownMeeting):
            await planning.meeting(work, staff, meeting_id)
        with pytest.raises(UnknownMeeting):
            await planning.cancel(work, staff, meeting_id, 1)


async def test_who_read_an_older_version_is_told_so(database: Database) -> None:
    meeting_id = await published(database)
    async with database.begin() as work:
        staff = await organiser(work)
        for act in (
            planning.change(work, staff, meeting_id, PLAN, 1),
            planning.publish(work, staff, meeting_id, 1),
            planning.cancel(work, staff, meeting_id, 1),
        ):
            with pytest.raises(MeetingChanged):
                await act


async def test_what_is_over_or_cancelled_stays_so(database: Database, clock: Clock) -> None:
    meeting_id, held = await published(database), await published(database)
    async with database.begin() as work:
        staff = await organiser(work)
        with pytest.raises(MeetingNotNow):
            await planning.publish(work, staff, meeting_id, 2)
        await planning.cancel(work, staff, meeting_id, 2)
        for act in (planning.change(work, staff, meeting_id, PLAN, 3), planning.cancel(work, staff, meeting_id, 3)):
            with pytest.raises(MeetingNotNow):
                await act
    clock.move(days=8)
    async with database.begin() as work:
        with pytest.raises(MeetingNotNow):
            await planning.cancel(work, await organiser(work), held, 2)
    await tick(database, "meetings_are_over")
    async with database.begin() as work:
        assert {row["id"]: row["status"] for row in await rows(work, "meetings")} == {
            meeting_id: "cancelled", held: "held"
        }  # fmt: skip
        assert await rsvp.agenda(work) == []


async def test_a_draft_whose_day_has_passed_can_be_planned_anew_but_not_published(
    database: Database, clock: Clock
) -> None:
    async with database.begin() as work:
        meeting_id = await planning.plan(work, await organiser(work), PLAN)
    clock.move(days=8)
    async with database.begin() as work:
        staff = await organiser(work)
        with pytest.raises(WrongMeeting, match="in_the_past"):
            await planning.publish(work, staff, meeting_id, 1)
        again = replace(PLAN, starts=STARTS + timedelta(days=30), ends=STARTS + timedelta(days=31))
        assert not await planning.change(work, staff, meeting_id, again, 1)
        await planning.publish(work, staff, meeting_id, 2)


async def test_words_are_cleaned_empty_languages_left_out_and_unknown_ones_refused(database: Database) -> None:
    async with database.begin() as work:
        staff = await organiser(work)
        theme, about = {"nl": " Open\x00\nhuis ", "en": "  "}, {"nl": "Welkom!\n\nKom gerust."}
        details = Details(theme, " De\u2028Plek ", " Straat 1\r\nAmsterdam ", about)
        meeting_id = await planning.plan(work, staff, replace(PLAN, details=details))
        found = (await planning.meeting(work, staff, meeting_id)).details
        assert (found.theme, found.place, found.address) == ({"nl": "Open huis"}, "De Plek", "Straat 1 Amsterdam")
        assert found.about == about
        with pytest.raises(WrongMeeting, match="bad_language"):
            await planning.plan(work, staff, replace(PLAN, details=replace(details, about={"xx": "?"})))


async def test_the_same_plan_with_the_same_key_is_one_meeting(database: Database) -> None:
    async with database.begin() as work:
        staff = await organiser(work)
        first = await planning.plan(work, staff, PLAN, "a key of mine")
        assert await planning.plan(work, staff, PLAN, "a key of mine") == first
        assert await planning.plan(work, staff, PLAN, "another key") != first
        with pytest.raises(RepeatedDifferently):
            await planning.plan(work, staff, replace(PLAN, capacity=9), "a key of mine")
        assert len(await rows(work, "meetings")) == 2


async def test_more_room_lets_in_the_head_of_the_line_and_less_sends_nobody_away(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=3))
    async with database.begin() as work:
        for number, people in ((1, 2), (2, 3), (3, 1)):
            await rsvp.come(work, (await here(work, number)).reach, meeting_id, people)
        staff = await organiser(work)
        assert not await planning.change(work, staff, meeting_id, replace(PLAN, capacity=5), 2)
        found = await planning.meeting(work, staff, meeting_id)
        assert (found.coming, found.waiting, found.sequence) == (5, None, 0)
        assert await people_by_state(work, [meeting_id]) == {
            (meeting_id, "coming"): (2, 5),
            (meeting_id, "waiting"): (1, 1),
        }
        await planning.change(work, staff, meeting_id, replace(PLAN, capacity=1), 3)
        assert (await people_by_state(work, [meeting_id]))[meeting_id, "coming"] == (2, 5)
        await planning.change(work, staff, meeting_id, replace(PLAN, capacity=None), 4)
        assert await people_by_state(work, [meeting_id]) == {(meeting_id, "coming"): (3, 6)}


async def test_a_meeting_that_is_moved_at_the_moment_of_its_end_was_not_held(
    postgres_url: str, keys: KeyRing, clock: Clock
) -> None:
    async with opened(postgres_url, keys, clock) as database:
        meeting_id = await published(database)
        clock.now = moment_of(PLAN.ends) - timedelta(seconds=1)

        async with database.begin() as work:
            next_week = replace(PLAN, starts=STARTS + timedelta(days=7), ends=STARTS + timedelta(days=7, hours=2))
            await planning.change(work, await organiser(work), meeting_id, next_week, 2)
            clock.move(seconds=1)
            ending = asyncio.create_task(tick(database, "meetings_are_over"))
            assert await done_or_waiting(database, ending)
        await ending
        async with database.begin() as work:
            assert [(row["status"], row["version"]) for row in await rows(work, "meetings")] == [("published", 3)]


async def test_every_act_with_a_meeting_stands_in_the_log(database: Database) -> None:
    async with database.begin() as work:
        staff = await organiser(work)
        meeting_id = await planning.plan(work, staff, PLAN)
        await planning.publish(work, staff, meeting_id, 1)
        await planning.change(work, staff, meeting_id, replace(PLAN, capacity=9), 2)
        await planning.cancel(work, staff, meeting_id, 3)
        entries = (await log(work, await somebody_of_the_staff(work, StaffRole.AUDITOR))).entries
        assert [(one.act, one.staff_tag, one.signal_tag) for one in entries] == [
            (act, staff.tag, signal_tag(work, meeting_id)) for act in ("plan", "publish", "change", "cancel")
        ]
