"""The program dies before a reminder and is back 26 hours later: reminders still of use are sent, others are missed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.process.clock import make_clock
from domain.meetings.planning import Details, MeetingPlan
from domain.staff.rights import StaffRole
from domain.wall_clock import TIMEZONE, wall_of
from handlers.telegram.reaches import reach_of
from locales.texts import say
from services.meetings import planning, rsvp
from simulator.phone import Phone
from storage.engine.database import Database
from storage.meetings.reminders import states
from tests.faults.journeys import arrives
from tests.faults.running import RunningBot, WatchedTelegram
from tests.lives import somebody_of_the_staff

AWAY = timedelta(hours=26)
GUESTS = 6


def go_to(file: Path, moment: datetime) -> None:
    """Set the clock file so that it is that moment in all processes."""
    new = file.with_suffix(".new")
    new.write_text(str((moment - make_clock("")()).total_seconds()))
    new.replace(file)


async def planned(database: Database, starts: datetime, guests: list[Phone]) -> str:
    """A published meeting to which they all come."""
    wall = wall_of(starts)
    plan = MeetingPlan(Details({"nl": "Open huis"}, "De Honingraat", "Osdorpplein 1"), wall, wall + timedelta(hours=2))
    async with database.begin() as work:
        staff = await somebody_of_the_staff(work, StaffRole.ORGANISER)
        meeting_id = await planning.plan(work, staff, plan)
        await planning.publish(work, staff, meeting_id, 1)
        for guest in guests:
            assert await rsvp.come(work, reach_of(guest.id), meeting_id, 1)
    return meeting_id


async def settled(database: Database, meeting_id: str) -> dict[tuple[str, str], int]:
    """Wait until no reminder of the meeting is due or on its way; (rule, state) -> number of reminders."""
    async with asyncio.timeout(60):
        while True:
            async with database.begin() as work:
                found = await states(work, meeting_id)
            if not {state for _, state in found} & {"due", "queued"}:
                return found
            await asyncio.sleep(0.2)


async def test_after_26_hours_late_ones_are_said_in_the_right_words_and_the_rest_is_missed(
    database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "clock"
    day = wall_of(make_clock("")()).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3)
    died_at = _moment(day.replace(hour=17))
    back_at = died_at + AWAY  # 19:00 on the next day
    go_to(file, died_at - timedelta(hours=5))
    clock = {"CLOCK": f"file:{file}"}
    async with WatchedTelegram() as telegram:
        first = RunningBot(tmp_path / "bot", telegram.url, database_url, more=clock)
        await first.start()
        database = Database(database_url, first.keys, make_clock(f"file:{file}"))
        phones = [await Phone.new(telegram.url, language_code="nl") for _ in range(GUESTS)]
        try:
            await asyncio.gather(*(arrives(phone) for phone in phones))
            over = await planned(database, _moment(day.replace(hour=14) + timedelta(days=1)), phones)
            soon = await planned(database, back_at + timedelta(hours=1), phones)
            await first.kill()
            go_to(file, back_at)
            # On PostgreSQL two processes ask what is due.
            others = [] if database_url.startswith("sqlite") else [replace(first, command=("-m", "bot", "work"))]
            for other in others:
                await other.start(serves=False)
            await first.start()
            told = await settled(database, over), await settled(database, soon)
            for running in (first, *others):
                await running.stop()
            words = say("nl", "meetings.left.hours", count=1)
            heard = [
                sum(words in str(one.get("text", "")) for one in (await phone.chat())["messages"]) for phone in phones
            ]
        finally:
            for phone in phones:
                await phone.close()
            await database.close()
            await first.kill()
    assert told == (
        {("day_before", "missed"): GUESTS, ("two_hours", "missed"): GUESTS},
        {("day_before", "missed"): GUESTS, ("two_hours", "sent"): GUESTS},
    )
    assert heard == [1] * GUESTS


def _moment(wall: datetime) -> datetime:
    return wall.replace(tzinfo=TIMEZONE)
