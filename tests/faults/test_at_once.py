"""Answers sent right after the commit: kept first, in order, once, no more in flight than a crash may double."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.speaking.flight import IN_FLIGHT
from bot.speaking.speaker import Speaker
from domain.pace import Pace
from domain.screens import Screen, Words
from handlers.telegram.reaches import reach_of
from services.outbox import envelopes, saying
from services.outbox.at_once import bell
from services.speaking import delivering
from services.speaking.delivering import Fate, SendResult
from services.work import Work
from storage.engine.database import Database
from storage.outbox import pace as paces
from storage.outbox import queue
from tests.faults.test_speaking import FAST, Telegram, states, until
from tests.opened import rows


class Refused(Exception):
    """What a handler raises."""


@asynccontextmanager
async def mouth(database: Database, telegram: Telegram, pace: Pace = FAST) -> AsyncIterator[Speaker]:
    """A running speaker that is the `Mouth` of this process."""
    speaker = Speaker(database.begin_short, telegram.send, alone=database.is_sqlite, pace=pace)
    task = asyncio.create_task(speaker.run())
    bell.ring, bell.mouth = speaker.ring, speaker
    try:
        await until(lambda: speaker.slot(b"somebody") is not None)
        speaker.flight.slots.clear()
        yield speaker
    finally:
        bell.ring, bell.mouth = (lambda: None), None
        speaker.stop()
        await asyncio.wait_for(task, 15)


async def answer(work: Work, chat: int, words: str) -> None:
    """Put an answer into the outbox for somebody who waits for it."""
    await saying.show(work, reach_of(chat), Screen((Words(words),)), reads="nl")


async def under_way(database: Database) -> list[str]:
    """The states of all rows of the outbox."""
    async with database.reading() as work:
        return [str(row["state"]) for row in await rows(work, "outbox")]


async def test_an_answer_is_said_right_after_it_is_kept_and_nothing_of_it_stays(database: Database) -> None:
    telegram = Telegram()
    async with mouth(database, telegram) as speaker:
        async with database.begin() as work:
            await answer(work, 1, "a")
            assert [row["state"] for row in await rows(work, "outbox")] == ["sending"]
            assert telegram.heard == []
        await until(lambda: telegram.heard == [(1, "a")])
        await until(lambda: not speaker.flight.rows())
    assert await states(database) == {}


@pytest.mark.parametrize("whole", [True, False])
async def test_what_is_rolled_back_is_never_said_and_takes_no_room(database: Database, whole: bool) -> None:
    telegram = Telegram()
    async with mouth(database, telegram) as speaker:
        for chat in range(1, 20):
            async with database.begin() as work:
                with pytest.raises(Refused):
                    async with work.part():
                        await answer(work, chat, "never")
                        raise Refused
            if whole:
                with pytest.raises(Refused):
                    async with database.begin() as work:
                        await answer(work, chat, "never")
                        raise Refused
        assert not speaker.flight.slots
        async with database.begin() as work:
            await answer(work, 1, "said")
        await until(lambda: bool(telegram.heard))
    assert telegram.heard == [(1, "said")]


async def test_the_second_of_a_chat_waits_for_the_first(database: Database) -> None:
    telegram = Telegram()
    telegram.gate.clear()
    async with mouth(database, telegram):
        async with database.begin() as work:
            for words in ("a", "b", "c"):
                await answer(work, 1, words)
        await until(lambda: telegram.at_once == 1)
        async with database.begin() as work:
            await answer(work, 1, "d")
        telegram.gate.set()
        await until(lambda: len(telegram.heard) == 4)
    assert telegram.heard == [(1, words) for words in "abcd"]


async def test_it_waits_behind_what_stands_there_already(database: Database) -> None:
    telegram = Telegram()
    async with database.begin() as work:
        await saying.show(work, reach_of(1), Screen((Words("before"),)))
    telegram.gate.clear()
    async with mouth(database, telegram):
        async with database.begin() as work:
            await answer(work, 1, "after")
        telegram.gate.set()
        await until(lambda: len(telegram.heard) == 2)
    assert telegram.heard == [(1, "before"), (1, "after")]


async def test_it_waits_behind_what_waits_for_another_try(database: Database) -> None:
    telegram = Telegram()
    async with mouth(database, telegram):
        async with database.begin() as work:
            later = (await work.database_now()) + timedelta(seconds=60)
            await queue.put(work, envelope_to(work, 1) | {"not_before": later})
        async with database.begin() as work:
            await answer(work, 1, "after")
        assert await under_way(database) == ["waiting", "waiting"]
    assert telegram.heard == []


def envelope_to(work: Work, chat: int) -> dict[str, object]:
    """The outbox columns of a message "before" to this chat."""
    return envelopes.sealed(work.keys, envelopes.Envelope(reach_of(chat), Screen((Words("before"),))))


async def test_in_a_halt_it_waits(database: Database) -> None:
    telegram = Telegram()
    async with mouth(database, telegram):
        async with database.begin() as work:
            now = await work.database_now()
            await paces.halt(work, now, now + timedelta(minutes=1))
        async with database.begin() as work:
            await answer(work, 1, "later")
        assert await under_way(database) == ["waiting"]
    assert telegram.heard == []


async def test_a_halt_of_its_own_is_kept_and_the_message_comes_afterwards(database: Database) -> None:
    telegram = Telegram()
    async with mouth(database, telegram):
        row = SendResult(None, Fate.HALTED, retry_after=1.0)  # type: ignore[arg-type]
        telegram.fates["a"] = [row]
        async with database.begin() as work:
            await answer(work, 1, "a")
        await until(lambda: telegram.heard == [(1, "a")])
    assert await states(database) == {}


async def test_above_its_pace_a_chat_waits_like_with_a_claim(database: Database) -> None:
    telegram = Telegram()
    slow = Pace(burst=3, gap=timedelta(hours=1), even_gap=timedelta(0))
    async with mouth(database, telegram, slow) as speaker:
        for number in range(5):
            async with database.begin() as work:
                await answer(work, 1, str(number))
            await until(lambda number=number: len(telegram.heard) == min(number + 1, 3))  # type: ignore[misc]
            await until(lambda: not speaker.flight.rows())
        assert telegram.heard == [(1, "0"), (1, "1"), (1, "2")]
        assert await under_way(database) == ["waiting", "waiting"]


async def test_never_more_are_on_the_way_than_a_crash_may_double(database: Database) -> None:
    telegram = Telegram()
    telegram.gate.clear()
    async with mouth(database, telegram):

        async def taps(chat: int) -> None:
            async with database.begin_short() as work:
                await answer(work, chat, "x")

        await asyncio.gather(*(taps(chat) for chat in range(1, 41)))
        await until(lambda: telegram.at_once == IN_FLIGHT)
        assert (await under_way(database)).count("sending") == IN_FLIGHT
        telegram.gate.set()
        await until(lambda: len(telegram.heard) == 40)
    assert telegram.most_at_once == IN_FLIGHT
    assert len(set(telegram.heard)) == 40
    assert await states(database) == {}


async def test_what_a_dead_process_had_on_the_way_is_said_by_the_next(database: Database) -> None:
    telegram = Telegram()
    speaker = Speaker(database.begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    speaker.flight.open = True  # it dies between the commit and the send
    bell.mouth = speaker
    try:
        async with database.begin() as work:
            await answer(work, 1, "a")
            speaker.flight.open = False
    finally:
        bell.mouth = None
    assert (telegram.heard, await under_way(database)) == ([], ["sending"])
    async with database.begin() as work:
        if not database.is_sqlite:
            await work.driver.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")
    async with mouth(database, telegram):
        await until(lambda: telegram.heard == [(1, "a")])


async def test_what_is_shut_or_for_nobody_who_waits_is_claimed(database: Database) -> None:
    telegram = Telegram()
    telegram.gate.clear()
    async with mouth(database, telegram):
        async with database.begin() as work:
            await saying.show(work, reach_of(1), Screen((Words("news"),)))
            assert [row["state"] for row in await rows(work, "outbox")] == ["waiting"]
        telegram.gate.set()
        await until(lambda: telegram.heard == [(1, "news")])
    async with database.reading() as work:
        assert await delivering.waiting(work) == {}
