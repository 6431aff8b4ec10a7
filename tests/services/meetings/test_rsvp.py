"""Residents sign up: exactly as many people get a place as there is room for, the others stand in line in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.meetings.planning import MOST_PEOPLE, Mine
from services.meetings import planning, rsvp
from services.meetings.rsvp import NoRoom, RsvpAnswer
from services.rights import erasing
from storage.engine.database import Database
from tests.lives import here
from tests.opened import Clock, rows
from tests.services.meetings.test_planning import PLAN, STARTS, UNKNOWN, organiser, published
from tests.ticks import ACTS

AT_ONCE = 200


async def comes(database: Database, meeting_id: str, number: int, count: int = 1) -> RsvpAnswer | NoRoom | None:
    """Resident `number` signs up with `count` people; None where the meeting or the count can't be."""
    async with database.begin() as work:
        return await rsvp.come(work, (await here(work, number)).reach, meeting_id, count)


async def leaves(database: Database, meeting_id: str, number: int) -> bool:
    async with database.begin() as work:
        return await rsvp.stay_away(work, (await here(work, number)).reach, meeting_id)


async def standing(database: Database, meeting_id: str, numbers: Sequence[int]) -> list[Mine | None]:
    """The place of each of them, or where they stand in line; None for who has not signed up."""
    async with database.begin() as work:
        shown = [await rsvp.look(work, (await here(work, number)).reach, meeting_id) for number in numbers]
    return [one.mine if one else None for one in shown]


async def test_two_hundred_at_once_for_twenty_places_are_twenty_and_a_line_in_order(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=20))
    answers = await asyncio.gather(*(comes(database, meeting_id, number) for number in range(1, AT_ONCE + 1)))
    mine = [answer.mine for answer in answers if isinstance(answer, RsvpAnswer)]
    assert len(mine) == AT_ONCE
    assert sum(one.people for one in mine if not one.waiting) == 20
    # What each was told at that moment is where they stand now: nobody was let in past another.
    assert sorted(one.place for one in mine if one.waiting) == list(range(1, AT_ONCE - 19))
    assert await standing(database, meeting_id, range(1, AT_ONCE + 1)) == mine
    async with database.begin() as work:
        kept = await rows(work, "rsvps")
    assert sorted(row["turn"] for row in kept) == list(range(1, AT_ONCE + 1))
    assert {row["turn"] for row in kept if row["state"] == "coming"} == set(range(1, 21))


async def test_groups_of_any_size_at_once_never_take_more_places_than_there_are(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=20))
    sizes = [1 + number % MOST_PEOPLE for number in range(60)]
    await asyncio.gather(*(comes(database, meeting_id, number, size) for number, size in enumerate(sizes, 1)))
    leaving = asyncio.gather(*(leaves(database, meeting_id, number) for number in range(1, 31)))
    changing = asyncio.gather(*(comes(database, meeting_id, number, 2) for number in range(31, 46)))
    await asyncio.gather(leaving, changing)
    async with database.begin() as work:
        kept = sorted(await rows(work, "rsvps"), key=lambda row: int(row["turn"]))
    taken = sum(row["people"] for row in kept if row["state"] == "coming")
    line = [row["people"] for row in kept if row["state"] == "waiting"]
    assert len(kept) == 30
    assert taken <= 20
    assert not line or taken + line[0] > 20


async def test_a_freed_place_goes_to_the_head_of_the_line_when_their_number_fits(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=4))
    for number, count in ((1, 1), (2, 2), (3, 1), (4, 2), (5, 1)):
        await comes(database, meeting_id, number, count)
    assert await standing(database, meeting_id, [4, 5]) == [Mine(2, True, 1), Mine(1, True, 2)]
    assert await leaves(database, meeting_id, 1)
    assert await standing(database, meeting_id, [4, 5]) == [Mine(2, True, 1), Mine(1, True, 2)]
    assert await leaves(database, meeting_id, 3)
    assert await standing(database, meeting_id, [4, 5]) == [Mine(2, False, 0), Mine(1, True, 1)]


async def test_who_comes_new_stands_behind_the_line_even_where_they_would_fit(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=3))
    for number, count in ((1, 2), (2, 2)):
        await comes(database, meeting_id, number, count)
    answer = await comes(database, meeting_id, 3, 1)
    assert answer == RsvpAnswer(Mine(1, True, 2))


async def test_a_party_larger_than_the_room_is_refused_and_told_how_many_fit(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=4))
    assert await comes(database, meeting_id, 1, 6) == NoRoom(4)
    assert await standing(database, meeting_id, [1]) == [None]
    assert await comes(database, meeting_id, 2, 3) == RsvpAnswer(Mine(3, False, 0))
    assert await comes(database, meeting_id, 3, 2) == RsvpAnswer(Mine(2, True, 1))
    assert await comes(database, meeting_id, 3, 5) == NoRoom(4)
    assert await standing(database, meeting_id, [3]) == [Mine(2, True, 1)]
    async with database.begin() as work:
        assert len(await rows(work, "rsvps")) == 2


async def test_a_party_that_no_longer_fits_is_told_so_and_holds_nobody_up(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=6))
    for number, count in ((1, 2), (2, 6), (3, 5)):
        await comes(database, meeting_id, number, count)
    async with database.begin() as work:
        staff = await organiser(work)
        await planning.change(work, staff, meeting_id, replace(PLAN, capacity=5), 2)
    assert await standing(database, meeting_id, [2, 3]) == [Mine(6, True, 0, fits=False), Mine(5, True, 1)]
    assert await leaves(database, meeting_id, 3)
    async with database.begin() as work:
        shown = await rsvp.look(work, (await here(work, 4)).reach, meeting_id)
    assert shown
    assert shown.free == 3, "the empty room is not full"
    assert await comes(database, meeting_id, 1, 3) == RsvpAnswer(Mine(3, False, 0))
    assert await comes(database, meeting_id, 4, 3) == RsvpAnswer(Mine(3, True, 1))
    assert await comes(database, meeting_id, 2, 2) == RsvpAnswer(Mine(2, False, 0))


async def test_who_has_a_place_keeps_it_though_the_room_became_smaller_than_their_party(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=6))
    await comes(database, meeting_id, 1, 5)
    async with database.begin() as work:
        await planning.change(work, await organiser(work), meeting_id, replace(PLAN, capacity=2), 2)
    assert await comes(database, meeting_id, 1, 5) == RsvpAnswer(Mine(5, False, 0))
    assert await comes(database, meeting_id, 1, 6) == RsvpAnswer(Mine(5, False, 0), kept=True)
    assert await comes(database, meeting_id, 1, 4) == RsvpAnswer(Mine(4, False, 0))


@pytest.mark.parametrize(("hours", "reminded"), [(30, True), (3, True), (2, False), (1, False)])
async def test_a_message_before_the_start_is_promised_when_one_is_still_to_come(
    database: Database, clock: Clock, hours: int, reminded: bool
) -> None:
    meeting_id = await published(database)
    async with database.begin() as work:
        starts_at = (await planning.meeting(work, await organiser(work), meeting_id)).starts_at
    clock.now = starts_at - timedelta(hours=hours)
    await comes(database, meeting_id, 1)
    async with database.begin() as work:
        shown = await rsvp.look(work, (await here(work, 1)).reach, meeting_id)
        assert shown
        assert shown.reminded == bool(await rows(work, "reminders")) == reminded


async def test_a_number_can_be_changed_as_far_as_there_is_room(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=4))
    assert await comes(database, meeting_id, 1, 2) == RsvpAnswer(Mine(2, False, 0))
    assert await comes(database, meeting_id, 1, 4) == RsvpAnswer(Mine(4, False, 0))
    assert await comes(database, meeting_id, 1, 5) == RsvpAnswer(Mine(4, False, 0), kept=True)
    assert await comes(database, meeting_id, 2, 2) == RsvpAnswer(Mine(2, True, 1))
    assert await comes(database, meeting_id, 1, 1) == RsvpAnswer(Mine(1, False, 0))
    assert await standing(database, meeting_id, [2]) == [Mine(2, False, 0)]
    assert await comes(database, meeting_id, 3, 3) == RsvpAnswer(Mine(3, True, 1))
    assert await comes(database, meeting_id, 1, 2) == RsvpAnswer(Mine(1, False, 0), kept=True)
    assert await comes(database, meeting_id, 3, 1) == RsvpAnswer(Mine(1, False, 0))


@pytest.mark.parametrize("count", [0, 7, -1])
async def test_other_numbers_than_one_to_six_are_none(database: Database, count: int) -> None:
    meeting_id = await published(database)
    assert await comes(database, meeting_id, 1, count) is None


async def test_nobody_comes_to_what_is_unknown_cancelled_or_over(database: Database, clock: Clock) -> None:
    cancelled, over = await published(database), await published(database)
    async with database.begin() as work:
        await planning.cancel(work, await organiser(work), cancelled, 2)
    clock.move(days=8)
    for meeting_id in (UNKNOWN, cancelled, over):
        assert await comes(database, meeting_id, 1) is None
        assert not await leaves(database, meeting_id, 1)


async def test_nothing_is_kept_of_who_no_longer_comes(database: Database) -> None:
    meeting_id = await published(database)
    await comes(database, meeting_id, 1)
    assert await leaves(database, meeting_id, 1)
    assert not await leaves(database, meeting_id, 1)
    async with database.begin() as work:
        assert await rows(work, "rsvps") == await rows(work, "reminders") == []


async def test_a_guest_has_another_pseudonym_at_each_meeting(database: Database) -> None:
    for meeting_id in (await published(database), await published(database)):
        await comes(database, meeting_id, 1)
    async with database.begin() as work:
        found = await rows(work, "rsvps")
    assert len({row["guest_tag"] for row in found}) == len({row["record_id"] for row in found}) == 2


async def test_erasing_oneself_frees_the_place_for_the_next(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=1))
    for number in (1, 2):
        await comes(database, meeting_id, number)
    async with database.begin() as work:
        me = await here(work, 1)
        shown = (await erasing.my_data(work, me))["meetings"]
        assert [(one["theme"]["nl"], one["people"], one["state"]) for one in shown] == [("Open huis", 1, "coming")]
        await erasing.erase(work, me)
    assert await standing(database, meeting_id, [2]) == [Mine(1, False, 0)]
    async with database.begin() as work:
        assert (await erasing.my_data(work, await here(work, 1)))["meetings"] == []


async def test_guests_are_forgotten_thirty_days_after_the_end(database: Database, clock: Clock) -> None:
    meeting_id = await published(database)
    await comes(database, meeting_id, 1)
    clock.now = STARTS.replace(tzinfo=clock.now.tzinfo) + timedelta(days=30)
    async with database.begin() as work:
        await ACTS["guests_are_old"](work)
        assert len(await rows(work, "rsvps")) == 1
    clock.move(hours=2)
    async with database.begin() as work:
        await ACTS["guests_are_old"](work)
        assert await rows(work, "rsvps") == await rows(work, "reminders") == []
        assert {row["reason"] for row in await rows(work, "erasures")} == {"retention"}
