"""Guests get each message once and right: over a move, a standstill, two processes, and a Telegram that is away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from domain.meetings.planning import MeetingPlan
from domain.meetings.reminders import ReminderRule
from domain.pace import Pace
from domain.screens import Text
from domain.sealing import KeyRing
from domain.wall_clock import moment_of, wall_of
from handlers.telegram.reaches import chat_of, reach_of
from services.meetings import planning, reminder_plans, reminders, rsvp
from services.people import residents
from services.speaking import delivering
from services.speaking.delivering import Fate, SendResult
from services.upkeep import copying
from storage.engine.database import Database
from storage.meetings import attendance as stored
from storage.meetings import reminders as stored_reminders
from storage.meetings.attendance import RsvpRow
from tests.lives import here
from tests.opened import Clock, opened, rows, table
from tests.services.meetings.test_planning import PLAN, organiser, published
from tests.services.upkeep.test_copying import backup
from tests.ticks import tick
from tests.waits import done_or_waiting

FREE = Pace(1000, timedelta(milliseconds=1), timedelta(0))


def at(*parts: int) -> datetime:
    """The moment (aware UTC) at which the clock in Amsterdam shows this: year, month, day, hour, minute."""
    return moment_of(datetime(*parts))  # type: ignore[arg-type]  # noqa: DTZ001


@dataclass
class Town:
    """A database whose clock moves, and all that its residents were told.

    told: (resident, first text key without "meetings.", with its count, moment) · fate: of each message that is sent.
    """

    database: Database
    clock: Clock
    told: list[tuple[int, str, datetime]] = field(default_factory=list)
    fate: Fate = Fate.SAID

    async def comes(self, meeting_id: str, *numbers: int) -> None:
        for number in numbers:
            async with self.database.begin() as work:
                await rsvp.come(work, (await here(work, number)).reach, meeting_id, 1)

    async def look(self) -> None:
        """Have the clock put the reminders that are due into the outbox."""
        await tick(self.database, "reminders_are_due")

    async def speak(self) -> None:
        """Send what stands in the outbox, with the fate that the test chose."""
        async with self.database.begin() as work:
            for row in await delivering.take(work, "speaker", 100, FREE):
                assert row.envelope.screen
                line = row.envelope.screen.lines[0]
                assert isinstance(line, Text)
                if self.fate == Fate.SAID:
                    words = line.key.removeprefix("meetings.") + (f" {line.count}" if line.count else "")
                    self.told.append((chat_of(row.envelope.to), words, self.clock.now))
                await delivering.start_sending(work, "speaker", [row.id])
                await delivering.settle(work, [SendResult(row, self.fate, 1)])

    async def until(self, end: datetime) -> None:
        """Move the clock to `end`, stopping at each moment at which a reminder is due."""
        while True:
            await self.look()
            await self.speak()
            if self.clock.now >= end:
                return
            async with self.database.begin() as work:
                due = [row["due_at"] for row in await rows(work, "reminders") if row["state"] == "due"]
            self.clock.now = min(end, *(max(moment, self.clock.now) for moment in due), end)

    async def states(self) -> list[tuple[str, str]]:
        async with self.database.begin() as work:
            return sorted((row["rule"], row["state"]) for row in await rows(work, "reminders"))


@pytest.fixture
def town(database: Database, clock: Clock) -> Town:
    """A Town on a fresh database."""
    return Town(database, clock)


@pytest.mark.parametrize(
    ("start", "day_before", "two_hours"),
    [
        (at(2026, 11, 28, 14), at(2026, 11, 27, 18), at(2026, 11, 28, 12)),
        (at(2027, 3, 28, 14), at(2027, 3, 27, 18), at(2027, 3, 28, 12)),
        (at(2027, 10, 31, 14), at(2027, 10, 30, 18), at(2027, 10, 31, 12)),
    ],
)
async def test_each_guest_is_told_the_day_before_and_two_hours_before(
    town: Town, start: datetime, day_before: datetime, two_hours: datetime
) -> None:
    town.clock.now = start - timedelta(days=2)
    meeting_id = await published(town.database, _plan_at(start))
    await town.comes(meeting_id, 1, 2)
    await town.until(start + timedelta(hours=3))
    for number in (1, 2):
        heard = [(words, moment) for who, words, moment in town.told if who == number]
        assert heard == [("left.tomorrow", day_before), ("left.hours 2", two_hours)]
    assert await town.states() == [("day_before", "sent")] * 2 + [("two_hours", "sent")] * 2


def _plan_at(start: datetime) -> MeetingPlan:
    return replace(PLAN, starts=wall_of(start), ends=wall_of(start) + timedelta(hours=2))


async def test_who_comes_after_the_moment_gets_the_next_one(town: Town) -> None:
    meeting_id = await published(town.database)
    town.clock.now = at(2026, 11, 27, 19)
    await town.comes(meeting_id, 1)
    await town.until(at(2026, 11, 28, 13))
    await town.comes(meeting_id, 2)
    await town.until(at(2026, 11, 28, 15))
    assert [(who, words) for who, words, _ in town.told] == [(1, "left.hours 2")]


async def test_a_move_tells_everybody_at_once_and_makes_the_reminders_anew(town: Town) -> None:
    meeting_id = await published(town.database, replace(PLAN, capacity=1))
    await town.comes(meeting_id, 1, 2)
    await town.until(at(2026, 11, 27, 19))
    assert [words for _, words, _ in town.told] == ["left.tomorrow"]
    async with town.database.begin() as work:
        later = replace(_plan_at(at(2026, 12, 5, 10)), capacity=1)
        assert await planning.change(work, await organiser(work), meeting_id, later, 2)
    await town.until(at(2026, 12, 5, 12))
    heard = {who: [words for one, words, _ in town.told if one == who] for who in (1, 2)}
    assert heard == {1: ["left.tomorrow", "news.moved", "left.tomorrow", "left.hours 2"], 2: ["news.moved"]}


async def test_a_move_takes_back_what_still_waits_in_the_outbox(town: Town) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    town.clock.now = at(2026, 11, 27, 18)
    await town.look()
    async with town.database.begin() as work:
        later = _plan_at(at(2026, 12, 5, 14))
        assert await planning.change(work, await organiser(work), meeting_id, later, 2)
    await town.look()
    await town.speak()
    assert [words for _, words, _ in town.told] == ["news.moved"]


async def test_other_words_for_the_same_time_and_place_are_no_move(town: Town) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    async with town.database.begin() as work:
        words = replace(PLAN, details=replace(PLAN.details, theme={"nl": "Samen eten"}))
        assert not await planning.change(work, await organiser(work), meeting_id, words, 2)
    await town.until(at(2026, 11, 28, 15))
    assert [words for _, words, _ in town.told] == ["left.tomorrow", "left.hours 2"]


async def test_a_cancelled_meeting_is_told_once_and_reminds_nobody(town: Town) -> None:
    meeting_id = await published(town.database, replace(PLAN, capacity=1))
    await town.comes(meeting_id, 1, 2)
    async with town.database.begin() as work:
        await planning.cancel(work, await organiser(work), meeting_id, 2)
    await town.until(at(2026, 11, 28, 15))
    assert sorted((who, words) for who, words, _ in town.told) == [(1, "news.cancelled"), (2, "news.cancelled")]


async def test_who_moves_up_from_the_line_is_told_and_reminded(town: Town) -> None:
    meeting_id = await published(town.database, replace(PLAN, capacity=1))
    await town.comes(meeting_id, 1, 2)
    async with town.database.begin() as work:
        await rsvp.stay_away(work, (await here(work, 1)).reach, meeting_id)
    await town.until(at(2026, 11, 28, 15))
    assert [(who, words) for who, words, _ in town.told] == [
        (2, "news.place"), (2, "left.tomorrow"), (2, "left.hours 2")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("back_at", "heard", "states"),
    [
        (at(2026, 11, 28, 9), ["left.today", "left.hours 2"], [("day_before", "sent"), ("two_hours", "sent")]),
        (at(2026, 11, 28, 13), ["left.hours 1"], [("day_before", "missed"), ("two_hours", "sent")]),
        (at(2026, 11, 28, 13, 20), ["left.minutes 40"], [("day_before", "missed"), ("two_hours", "sent")]),
        (at(2026, 11, 28, 20), [], [("day_before", "missed"), ("two_hours", "missed")]),  # 26 hours late
    ],
)
async def test_after_a_standstill_what_still_makes_sense_is_said_in_the_right_words(
    town: Town, back_at: datetime, heard: list[str], states: list[tuple[str, str]]
) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    town.clock.now = back_at
    await town.until(at(2026, 11, 28, 21))
    assert [words for _, words, _ in town.told] == heard
    assert await town.states() == states
    async with town.database.begin() as work:
        found = await planning.meeting(work, await organiser(work), meeting_id)
        assert await stored_reminders.states(work, meeting_id) == dict.fromkeys(states, 1)
    assert found.told == dict.fromkeys(states), "staff see that there are fewer than 5"


async def test_what_waited_too_long_in_the_outbox_is_said_in_new_words_or_not_at_all(town: Town) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    town.clock.now = at(2026, 11, 28, 12)
    await town.look()  # the first reminder is missed, the second queued; then Telegram or the bot is away
    town.clock.now = at(2026, 11, 28, 13)
    await town.speak()
    assert (town.told, await town.states()) == ([], [("day_before", "missed"), ("two_hours", "due")])
    await town.look()
    await town.speak()
    assert [words for _, words, _ in town.told] == ["left.hours 1"]


async def test_a_message_whose_meeting_began_meanwhile_is_never_said(town: Town) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    town.clock.now = at(2026, 11, 28, 12)
    await town.look()
    town.clock.now += timedelta(hours=26)
    await town.until(town.clock.now + timedelta(hours=1))
    assert (town.told, await town.states()) == ([], [("day_before", "missed"), ("two_hours", "missed")])


@pytest.mark.parametrize(
    ("fate", "state"),
    [(Fate.BLOCKED, "blocked"), (Fate.REFUSED, "failed"), (Fate.AMBIGUOUS, "uncertain")],
)
async def test_what_became_of_a_message_is_written_down_and_never_tried_again(
    town: Town, fate: Fate, state: str
) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    town.fate = fate
    await town.until(at(2026, 11, 27, 18, 5))
    town.fate = Fate.SAID
    await town.until(at(2026, 11, 27, 20))
    assert town.told == []
    assert ("day_before", state) in await town.states()


async def test_who_wants_no_messages_gets_none(town: Town) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    async with town.database.begin() as work:
        await residents.lost_contact(work, reach_of(1))
    await town.until(at(2026, 11, 28, 15))
    assert (town.told, await town.states()) == ([], [("day_before", "dropped"), ("two_hours", "dropped")])


async def test_two_processes_that_ask_at_once_tell_nobody_twice(database_url: str, keys: KeyRing, clock: Clock) -> None:
    guests = range(1, 151)
    async with opened(database_url, keys, clock) as one, opened(database_url, keys, clock) as other:
        towns = [Town(one, clock), Town(other, clock)]
        meeting_id = await published(one, replace(PLAN, capacity=None))
        await towns[0].comes(meeting_id, *guests)
        clock.now = at(2026, 11, 27, 18)
        for _ in range(4):
            await asyncio.gather(*(town.look() for town in towns for _ in range(3)))
        while await _waiting(one):
            for town in towns:
                await town.speak()
        told = [who for town in towns for who, _, _ in town.told]
        assert sorted(told) == list(guests)
        assert (await towns[0].states()).count(("day_before", "sent")) == len(guests)


async def _waiting(database: Database) -> int:
    async with database.begin() as work:
        return len(await rows(work, "outbox"))


async def test_a_reminder_names_no_theme_and_leads_to_the_meeting(town: Town) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    town.clock.now = at(2026, 11, 27, 18)
    await town.look()
    async with town.database.begin() as work:
        (row,) = await delivering.take(work, "speaker", 10, FREE)
    screen = row.envelope.screen
    assert screen
    assert PLAN.details.theme["nl"] not in str(screen)
    assert [(button.go, button.value) for line in screen.buttons for button in line] == [
        ("meeting", meeting_id), ("stay_away", meeting_id)
    ]  # fmt: skip


@pytest.mark.parametrize("queued", [False, True])
async def test_who_just_got_a_place_hears_of_it_although_the_meeting_moves_first(town: Town, queued: bool) -> None:
    meeting_id = await published(town.database, replace(PLAN, capacity=1))
    await town.comes(meeting_id, 1, 2)
    async with town.database.begin() as work:
        await rsvp.stay_away(work, (await here(work, 1)).reach, meeting_id)
    if queued:
        await town.look()
    async with town.database.begin() as work:
        elsewhere = replace(PLAN, capacity=1, details=replace(PLAN.details, address="Osdorpplein 3"))
        assert await planning.change(work, await organiser(work), meeting_id, elsewhere, 2)
    await town.until(town.clock.now + timedelta(hours=1))
    assert sorted((who, words) for who, words, _ in town.told) == [(2, "news.moved"), (2, "news.place")]


async def test_who_has_heard_of_their_place_does_not_hear_of_it_again_when_the_meeting_moves(town: Town) -> None:
    meeting_id = await published(town.database, replace(PLAN, capacity=1))
    await town.comes(meeting_id, 1, 2)
    async with town.database.begin() as work:
        await rsvp.stay_away(work, (await here(work, 1)).reach, meeting_id)
    await town.until(town.clock.now + timedelta(minutes=1))
    async with town.database.begin() as work:
        elsewhere = replace(PLAN, capacity=1, details=replace(PLAN.details, address="Osdorpplein 3"))
        await planning.change(work, await organiser(work), meeting_id, elsewhere, 2)
    await town.until(town.clock.now + timedelta(hours=1))
    assert [words for _, words, _ in town.told] == ["news.place", "news.moved"]


async def test_a_reminder_of_no_known_rule_has_failed_and_the_others_are_said(town: Town) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1, 2)
    async with town.database.begin() as work:
        one = (await rows(work, "reminders"))[0]["id"]
        reminders_table = table("reminders")
        await work.run(reminders_table.update().where(reminders_table.c.id == one).values(rule="weather"))
    await town.until(at(2026, 11, 28, 12))
    assert len(town.told) == 3
    assert ("weather", "failed") in await town.states()


@pytest.mark.parametrize("queued", [False, True])
@pytest.mark.parametrize("then", ["moved", "cancelled"])
async def test_what_was_to_be_said_at_once_is_said_at_once_although_staff_change_it_again(
    town: Town, then: str, queued: bool
) -> None:
    plan = _plan_at(at(2026, 11, 28, 9))
    meeting_id = await published(town.database, plan)
    await town.comes(meeting_id, 1)
    town.clock.now = at(2026, 11, 27, 22)
    async with town.database.begin() as work:
        mistyped = _plan_at(at(2026, 12, 15, 9))
        assert await planning.change(work, await organiser(work), meeting_id, mistyped, 2)
    if queued:
        await town.look()
    town.clock.move(seconds=2)
    async with town.database.begin() as work:
        if then == "moved":
            assert await planning.change(work, await organiser(work), meeting_id, _plan_at(at(2026, 12, 5, 9)), 3)
        else:
            await planning.cancel(work, await organiser(work), meeting_id, 3)
    await town.until(town.clock.now)
    assert town.told == [(1, f"news.{then}", town.clock.now)]


async def test_however_many_come_all_are_told_of_a_move(database: Database) -> None:
    meeting_id = await published(database, replace(PLAN, capacity=None))
    guests = [RsvpRow.model_construct(id=f"g{number:025}", state="coming") for number in range(11_000)]
    async with database.begin() as work:
        meeting = await stored.meeting_by_id(work, meeting_id)
        assert meeting
        await reminder_plans.plan(work, meeting, guests, ReminderRule.MOVED)
        assert len(await rows(work, "reminders")) == 33_000
        # More ids than PostgreSQL takes in one statement; none of them has a row in the outbox.
        await stored_reminders.drop_reminders(work, [guest.id for guest in guests * 4])
        assert await rows(work, "reminders") == []


async def test_who_leaves_while_their_reminder_is_put_into_the_outbox_is_not_told(
    postgres_url: str, keys: KeyRing, clock: Clock
) -> None:
    async with opened(postgres_url, keys, clock) as database:
        meeting_id = await published(database)
        await Town(database, clock).comes(meeting_id, 1)
        clock.now = at(2026, 11, 28, 12)

        async def leave() -> None:
            async with database.begin() as work:
                await rsvp.stay_away(work, (await here(work, 1)).reach, meeting_id)

        async with database.begin() as work:
            assert await reminders.say_due(work)
            leaving = asyncio.create_task(leave())
            assert await done_or_waiting(database, leaving)
        await leaving
        async with database.begin() as work:
            assert await rows(work, "rsvps") == await rows(work, "outbox") == []


@pytest.mark.parametrize("queued", [False, True])
async def test_after_a_restore_no_reminder_is_said_a_second_time(
    town: Town, other_url: str, keys: KeyRing, queued: bool
) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    town.clock.now = at(2026, 11, 27, 18 if queued else 3)
    if queued:
        await town.look()
    files = await backup(town.database)
    await town.until(at(2026, 11, 27, 18, 5))
    assert [words for _, words, _ in town.told] == ["left.tomorrow"]
    town.clock.move(minutes=1)  # what stood in the outbox would still be right to say
    async with opened(other_url, keys, town.clock) as fresh:
        async with fresh.begin() as work:
            await copying.restore(work, *files)
        after = Town(fresh, town.clock)
        await after.until(at(2026, 11, 28, 15))
        assert [words for _, words, _ in after.told] == ["left.hours 2"]
        assert await after.states() == [("day_before", "uncertain"), ("two_hours", "sent")]
        async with fresh.begin() as work:
            assert (await stored_reminders.states(work, meeting_id))["day_before", "uncertain"] == 1


async def test_after_a_restore_of_older_data_with_newer_keys_nothing_stays_queued_for_ever(
    town: Town, other_url: str, keys: KeyRing
) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    older = await backup(town.database, "older")
    async with town.database.begin() as work:
        await planning.cancel(work, await organiser(work), meeting_id, 2)
    await town.look()
    newer = await backup(town.database, "newer")
    async with opened(other_url, keys, town.clock) as fresh:
        async with fresh.begin() as work:
            await copying.restore(work, older[0], newer[1])
        assert await Town(fresh, town.clock).states() == [("cancelled", "uncertain")]


async def test_who_says_stop_is_not_told_what_stands_in_the_outbox_already(town: Town) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    town.clock.now = at(2026, 11, 27, 18)
    await town.look()
    async with town.database.begin() as work:
        await residents.lost_contact(work, reach_of(1))
    await town.speak()
    assert (town.told, await town.states()) == ([], [("day_before", "dropped"), ("two_hours", "due")])


async def test_a_meeting_that_is_cancelled_while_it_runs_is_told_to_its_guests(town: Town) -> None:
    meeting_id = await published(town.database)
    await town.comes(meeting_id, 1)
    town.clock.now = at(2026, 11, 28, 14, 5)
    async with town.database.begin() as work:
        await planning.cancel(work, await organiser(work), meeting_id, 2)
    await town.until(at(2026, 11, 28, 14, 6))
    assert [words for _, words, _ in town.told] == ["news.cancelled"]


async def test_a_move_to_a_later_day_is_told_by_the_old_hour(town: Town) -> None:
    meeting_id = await published(town.database, _plan_at(at(2026, 11, 28, 9, 30)))
    await town.comes(meeting_id, 1)
    night = town.clock.now = at(2026, 11, 27, 22)
    async with town.database.begin() as work:
        later = _plan_at(at(2026, 12, 5, 14))
        assert await planning.change(work, await organiser(work), meeting_id, later, 2)
    await town.until(at(2026, 11, 28, 9))
    assert [(words, moment) for _, words, moment in town.told] == [("news.moved", night)]
