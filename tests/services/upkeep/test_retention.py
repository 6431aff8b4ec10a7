"""Forgetting by the clock: each kind of thing for as long as was promised, and no longer."""

from datetime import timedelta

import pytest

from domain.signals.workflow import Status
from handlers.telegram.reaches import DOOR, reach_of
from services.outbox import saying
from services.people import updates
from services.rights import erasing
from services.signals import casework, reporting
from storage.engine.database import Database
from storage.outbox import pace
from storage.signals import cases
from tests.lives import Life, here, live, somebody_of_the_staff
from tests.opened import NOW, Clock, rows, table
from tests.ticks import ACTS


async def end(database: Database, life: Life, status: Status = Status.RESOLVED) -> None:
    """End the life's signal today."""
    async with database.begin() as work:
        today = work.today
        await cases.change_signal(work, life.signal_id, status=status, moved_on=today, ended_on=today)


async def test_a_signal_is_erased_twelve_months_after_it_ended(database: Database, clock: Clock) -> None:
    life = await live(database)
    await end(database, life)
    clock.move(days=365)
    async with database.begin() as work:
        await ACTS["signals_are_old"](work)
        assert len(await rows(work, "signals")) == 1
    clock.move(days=1)
    async with database.begin() as work:
        await ACTS["signals_are_old"](work)
        for name in ("signals", "signal_messages", "attachments", "signal_moves", "openers"):
            assert await rows(work, name) == []
        assert {row["reason"] for row in await rows(work, "erasures")} == {"retention"}
        assert len(await rows(work, "people")) == 1


async def test_an_open_signal_is_not_forgotten(database: Database, clock: Clock) -> None:
    await live(database)
    clock.move(days=4000)
    async with database.begin() as work:
        await ACTS["signals_are_old"](work)
        assert len(await rows(work, "signals")) == 1


async def test_a_signal_whose_reporter_is_silent_for_sixty_days_is_closed(database: Database, clock: Clock) -> None:
    life = await live(database)
    async with database.begin() as work:
        waits = Status.WAITING_FOR_REPORTER
        await cases.change_signal(work, life.signal_id, status=waits, moved_on=work.today, news=False)
    clock.move(days=60)
    async with database.begin() as work:
        await ACTS["silence_is_long"](work)
        assert (await rows(work, "signals"))[0]["status"] == "waiting_for_reporter"
    clock.move(days=1)
    async with database.begin() as work:
        await ACTS["silence_is_long"](work)
        (signal,) = await rows(work, "signals")
        moves = {row["mover"]: (row["begin"], row["end"]) for row in await rows(work, "signal_moves")}
        assert (signal["status"], signal["ended_on"], signal["news"]) == ("closed", work.today, True)
        assert moves["clock"] == ("waiting_for_reporter", "closed")
        await ACTS["silence_is_long"](work)
        assert len(await rows(work, "signal_moves")) == 2


async def test_a_line_that_no_longer_opens_keeps_no_signal_from_being_closed(database: Database, clock: Clock) -> None:
    life = await live(database)
    async with database.begin() as work:
        waits = Status.WAITING_FOR_REPORTER
        await cases.change_signal(work, life.signal_id, status=waits, moved_on=work.today)
        (whole,) = await rows(work, "signals")
        lost = {"id": "0" * 26, "record_id": "1" * 26, "handle_record_id": "2" * 26, "code_tag": b"other"}
        await work.run(table("signals").insert(), {**whole, **lost})
    clock.move(days=61)
    async with database.begin() as work:
        await ACTS["silence_is_long"](work)
        assert {row["status"] for row in await rows(work, "signals")} == {"closed"}


async def test_an_answer_at_the_very_moment_is_not_lost(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    life = await live(database)
    async with database.begin() as work:
        await cases.change_signal(work, life.signal_id, status=Status.WAITING_FOR_REPORTER)
        (seen,) = await cases.waiting_since(work, work.today + timedelta(days=1), 10)
        await reporting.add(work, (await here(work, life.marks.telegram_id)).reach, life.signal_id, "here I am", ())

    async def as_it_was(*_: object) -> list[cases.SignalRow]:
        return [seen]

    monkeypatch.setattr("storage.signals.cases.waiting_since", as_it_was)
    async with database.begin() as work:
        await ACTS["silence_is_long"](work)
        assert (await rows(work, "signals"))[0]["status"] == "in_progress"


async def test_a_draft_is_forgotten_after_seven_days(database: Database, clock: Clock) -> None:
    await live(database)
    clock.move(days=7)
    async with database.begin() as work:
        await ACTS["conversations_are_old"](work)
        assert len(await rows(work, "conversations")) == 1
    clock.move(seconds=1)
    async with database.begin() as work:
        await ACTS["conversations_are_old"](work)
        assert await rows(work, "conversations") == []


# table -> the longest time that its rows may stay
TRACES = {
    "rates": timedelta(days=1, hours=1),
    "phone_messages": timedelta(days=2, hours=23),
    "dead_letters": timedelta(days=7),
    "openers": timedelta(days=8),
    "done_updates": timedelta(days=9),
}


@pytest.mark.parametrize("name", TRACES)
async def test_a_trace_stays_for_its_time_and_is_then_forgotten(database: Database, clock: Clock, name: str) -> None:
    await live(database)
    async with database.begin() as work:
        await saying.heard(work, reach_of(1), 1, "thread")
        await updates.first_time(work, DOOR, 6)
        await ACTS["traces_are_old"](work)
        assert await rows(work, name)
    clock.now = max(clock.now, NOW) + TRACES[name] + timedelta(minutes=1)
    async with database.begin() as work:
        await ACTS["traces_are_old"](work)
        assert await rows(work, name) == []


async def test_an_allowance_is_forgotten_an_hour_after_it_is_whole_again(database: Database) -> None:
    async with database.begin() as work:
        now = await work.database_now()  # the pace follows the database's own clock
        passed, recent = now - timedelta(minutes=61), now - timedelta(minutes=59)
        await pace.keep_paces(work, {b"passed": passed, b"recent": recent})
        await ACTS["traces_are_old"](work)
        assert [row["chat_tag"] for row in await rows(work, "paces")] == [b"recent"]


async def test_that_something_could_not_be_said_is_forgotten_after_a_week(database: Database, clock: Clock) -> None:
    await live(database)
    async with database.begin() as work:
        assert "failed" in {row["state"] for row in await rows(work, "outbox")}
    clock.move(days=8)
    async with database.begin() as work:
        await ACTS["traces_are_old"](work)
        assert {row["state"] for row in await rows(work, "outbox")} == {"waiting"}


async def test_what_is_still_in_use_survives_every_clock_moment(database: Database) -> None:
    life = await live(database)
    async with database.begin() as work:
        before = await erasing.my_data(work, await here(work, life.marks.telegram_id))
    async with database.begin() as work:
        for name in set(ACTS) - {"broadcasts_go_on"}:  # which says something new
            await ACTS[name](work)
    async with database.begin() as work:
        assert await erasing.my_data(work, await here(work, life.marks.telegram_id)) == before
        await casework.answer(work, await somebody_of_the_staff(work), life.signal_id, words="Hello")
