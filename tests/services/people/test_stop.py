"""After /stop or a block the bot says nothing unasked: neither what comes up later nor what waits already."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from domain.screens import Screen, Text
from domain.signals.workflow import Kind, Report, Status
from handlers.telegram.reaches import chat_of, reach_of
from services.budget import voting
from services.meetings import planning, rsvp
from services.outbox import saying
from services.people import residents
from services.signals import attachments, casework, reporting
from services.signals.sealed_places import reporter_tag
from services.speaking import delivering
from services.work import Work
from storage.engine.database import Database
from storage.signals import cases
from tests.lives import FAST, Marks, here, report_of, somebody_of_the_staff
from tests.opened import Clock, rows
from tests.rounds import choose, open_round
from tests.services.meetings.test_planning import organiser, published
from tests.ticks import tick

ME = Marks().telegram_id


async def stopped(database: Database) -> None:
    """The resident says /stop."""
    async with database.begin() as work:
        await residents.lost_contact(work, reach_of(ME))


async def said(database: Database) -> list[int]:
    """The ids of the chats that would be sent something now."""
    async with database.begin() as work:
        return [chat_of(row.envelope.to) for row in await delivering.take(work, "speaker", 50, FAST)]


async def reported(work: Work, report: Report | None = None) -> str:
    receipt = await reporting.report(work, (await here(work, ME)).reach, report or Report(Kind.NUISANCE, "Music", "nl"))
    return receipt.signal_id


async def an_answer(database: Database, _clock: Clock) -> Callable[[], Awaitable[None]]:
    async with database.begin() as work:
        signal_id = await reported(work)

    async def act() -> None:
        async with database.begin() as work:
            await casework.answer(work, await somebody_of_the_staff(work), signal_id, words="Hello")

    return act


async def a_move(database: Database, _clock: Clock) -> Callable[[], Awaitable[None]]:
    async with database.begin() as work:
        signal_id = await reported(work)
        version = (await cases.signals_of(work, reporter_tag(work.keys, reach_of(ME))))[0].version

    async def act() -> None:
        async with database.begin() as work:
            await casework.move(work, await somebody_of_the_staff(work), signal_id, Status.IN_REVIEW, version)

    return act


async def a_lost_photo(database: Database, _clock: Clock) -> Callable[[], Awaitable[None]]:
    async with database.begin() as work:
        await reported(work, report_of(Marks()))

    async def act() -> None:
        async with database.begin() as work:
            for one in await attachments.waiting(work, 10):
                await attachments.refuse(work, one.attachment_id)

    return act


async def a_long_silence(database: Database, clock: Clock) -> Callable[[], Awaitable[None]]:
    async with database.begin() as work:
        signal_id = await reported(work)
        waits = Status.WAITING_FOR_REPORTER
        await cases.change_signal(work, signal_id, status=waits, moved_on=work.today)
    clock.move(days=61)
    return lambda: tick(database, "silence_is_long")


async def a_meeting_tomorrow(database: Database, clock: Clock) -> Callable[[], Awaitable[None]]:
    meeting_id = await published(database)
    async with database.begin() as work:
        await rsvp.come(work, (await here(work, ME)).reach, meeting_id, 1)
        starts = (await rows(work, "meetings"))[0]["starts_at"]
    clock.now = starts - timedelta(hours=2)
    return lambda: tick(database, "reminders_are_due")


async def a_meeting_cancelled(database: Database, _clock: Clock) -> Callable[[], Awaitable[None]]:
    meeting_id = await published(database)
    async with database.begin() as work:
        await rsvp.come(work, (await here(work, ME)).reach, meeting_id, 1)

    async def act() -> None:
        async with database.begin() as work:
            await planning.cancel(work, await organiser(work), meeting_id, 2)
        await tick(database, "reminders_are_due")

    return act


async def a_ballot_not_cast(database: Database, clock: Clock) -> Callable[[], Awaitable[None]]:
    async with database.begin() as work:
        made, (code,) = await open_round(work, 1)
        await here(work, ME)
        await voting.enter(work, reach_of(ME), code)
        await choose(work, ME, [1, 2, 3])
    clock.now = made.closes_at - timedelta(hours=24)

    async def act() -> None:
        for _ in range(2):  # the first marks the draft as seen, the second reminds if it was not touched since
            await tick(database, "ballots_are_unfinished")

    return act


COMES_UP = [an_answer, a_move, a_lost_photo, a_long_silence, a_meeting_tomorrow, a_meeting_cancelled, a_ballot_not_cast]
MadeReady = Callable[[Database, Clock], Awaitable[Callable[[], Awaitable[None]]]]
EACH = pytest.mark.parametrize("ready", COMES_UP, ids=lambda act: str(act.__name__))


@EACH
async def test_it_is_said_to_who_did_not_say_stop(database: Database, clock: Clock, ready: MadeReady) -> None:
    act = await ready(database, clock)
    await act()
    assert await said(database) == [ME]


@EACH
async def test_what_comes_up_after_stop_is_not_said(database: Database, clock: Clock, ready: MadeReady) -> None:
    act = await ready(database, clock)
    await stopped(database)
    await act()
    async with database.reading() as work:
        assert await rows(work, "outbox") == []  # nor does it wait there until they write again


@EACH
async def test_what_waits_to_be_said_at_a_stop_is_not_said(database: Database, clock: Clock, ready: MadeReady) -> None:
    """A halt of Telegram, or the pace of a chat, can hold a message back until after the stop."""
    act = await ready(database, clock)
    await act()
    await stopped(database)
    assert await said(database) == []
    async with database.reading() as work:
        assert [row for row in await rows(work, "outbox") if row["state"] == "waiting"] == []


async def test_answers_to_what_somebody_writes_are_said_after_stop_too(database: Database) -> None:
    async with database.begin() as work:
        await here(work, ME)
        await saying.show(work, reach_of(ME), Screen((Text("people.stop.done"),)))
    await stopped(database)
    assert await said(database) == [ME]


async def test_news_is_said_once_and_nobody_asks_what_became_of_it(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await (await an_answer(database, clock))()
    async with database.begin() as work:
        (row,) = await delivering.take(work, "speaker", 50, FAST)
        await delivering.start_sending(work, "speaker", [row.id])
        await delivering.settle(work, [delivering.SendResult(row, delivering.Fate.SAID, 1)])
        assert await rows(work, "outbox") == []
    assert caplog.records == []
