"""The speaker against a Telegram that fails in every way: nothing is lost, order holds, a 429 is obeyed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from bot.process.clock import make_clock
from bot.speaking import speaker as speaking_part
from bot.speaking.flight import IN_FLIGHT
from bot.speaking.speaker import MANY_IN_FLIGHT, Speaker
from domain.pace import Pace
from domain.screens import Screen, Words
from domain.sealing import KeyRing
from handlers.telegram.reaches import chat_of, reach_of
from services.outbox import envelopes, saying
from services.speaking import delivering
from services.speaking.delivering import Fate, Sending, SendResult
from services.work import DatabaseAway, Work
from storage.engine.database import Database
from tests.lives import here

FAST = Pace(burst=1000, gap=timedelta(milliseconds=1))


class Telegram:
    """Stands in for Telegram. fates: words -> the fate of each try, else said · gate: sends wait while it is clear."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []
        self.at_once = 0
        self.most_at_once = 0
        self.fates: dict[str, list[SendResult | Fate]] = {}
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, row: Sending) -> SendResult:
        """Hear a message, or do what the test wants with it."""
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
            words = words_of(row)
            wanted = self.fates.get(words, [])
            fate = wanted.pop(0) if wanted else Fate.SAID
            if isinstance(fate, SendResult):
                return SendResult(row, fate.fate, retry_after=fate.retry_after)
            if fate in {Fate.SAID, Fate.AMBIGUOUS}:
                self.heard.append((chat_of(row.envelope.to), words))
            return SendResult(row, fate, message_id=1)
        finally:
            self.at_once -= 1


def words_of(row: Sending) -> str:
    """The words of a row's screen."""
    assert row.envelope.screen is not None
    line = row.envelope.screen.lines[0]
    assert isinstance(line, Words)
    return line.words


async def say(database: Database, chat: int, *words: str) -> None:
    """Put messages into the outbox, each in a unit of work of its own."""
    for one in words:
        async with database.begin() as work:
            await saying.show(work, reach_of(chat), Screen((Words(one),)))


async def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait until the condition holds. TimeoutError after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def speaking_of(database: Database, telegram: Telegram, pace: Pace = FAST) -> AsyncIterator[Speaker]:
    """A running speaker, stopped at the end."""
    speaker = Speaker(database.begin, telegram.send, alone=database.is_sqlite, pace=pace)
    task = asyncio.create_task(speaker.run())
    try:
        yield speaker
    finally:
        speaker.stop()
        await asyncio.wait_for(task, 15)


async def states(database: Database) -> dict[str, int]:
    """State -> how many rows of the outbox are in it."""
    async with database.reading() as work:
        return await delivering.waiting(work)


async def test_a_chat_hears_its_messages_in_order_and_nothing_of_them_stays(database: Database) -> None:
    telegram = Telegram()
    for chat in range(1, 6):
        await say(database, chat, *(f"{n}" for n in range(6)))
    async with speaking_of(database, telegram):
        await until(lambda: len(telegram.heard) == 30)
    for chat in range(1, 6):
        assert [words for who, words in telegram.heard if who == chat] == [f"{n}" for n in range(6)]
    assert await states(database) == {}


async def test_never_more_than_eight_sends_are_in_flight(database: Database) -> None:
    telegram = Telegram()
    telegram.gate.clear()
    for chat in range(1, 31):
        await say(database, chat, "x")
    async with speaking_of(database, telegram):
        await until(lambda: telegram.at_once == IN_FLIGHT)
        telegram.gate.set()
        await until(lambda: len(telegram.heard) == 30)
    assert telegram.most_at_once == IN_FLIGHT


async def test_what_was_not_sent_is_sent_later_and_still_in_order(database: Database) -> None:
    telegram = Telegram()
    telegram.fates["a"] = [Fate.UNSENT]
    await say(database, 7, "a", "b")
    async with speaking_of(database, telegram):
        await until(lambda: len(telegram.heard) == 2)
    assert [words for _, words in telegram.heard] == ["a", "b"]


async def test_a_lost_answer_means_that_an_answer_in_a_conversation_is_said_again(database: Database) -> None:
    telegram = Telegram()
    telegram.fates["a"] = [Fate.AMBIGUOUS]
    await say(database, 7, "a")
    async with speaking_of(database, telegram):
        await until(lambda: len(telegram.heard) == 2)
    assert telegram.heard == [(7, "a"), (7, "a")]


async def test_a_429_halts_everything_for_exactly_its_time_also_over_a_restart(database: Database) -> None:
    telegram = Telegram()
    refused = SendResult(Sending(0, b"", 0, 0, envelopes.Envelope(reach_of(0)), ""), Fate.HALTED, retry_after=1.5)
    telegram.fates["a"] = [refused]
    await say(database, 7, "a")
    loop = asyncio.get_running_loop()
    async with speaking_of(database, telegram):
        await until(lambda: not telegram.fates["a"])
        halted_at = loop.time()
        await say(database, 8, "b")
    assert telegram.heard == []
    async with speaking_of(database, telegram):
        await until(lambda: len(telegram.heard) == 2)
    assert loop.time() - halted_at >= 1.4


async def test_somebody_who_blocked_the_bot_is_not_written_to_and_the_content_is_gone(database: Database) -> None:
    telegram = Telegram()
    telegram.fates["a"] = [Fate.BLOCKED]
    await say(database, 7, "a")
    async with speaking_of(database, telegram):
        await until(lambda: telegram.fates["a"] == [])
    assert await states(database) == {"blocked": 1}


async def test_what_telegram_refuses_does_not_hold_up_the_others(database: Database) -> None:
    telegram = Telegram()
    telegram.fates["a"] = [Fate.REFUSED]
    await say(database, 7, "a", "b")
    async with speaking_of(database, telegram):
        await until(lambda: telegram.heard == [(7, "b")])
    assert await states(database) == {"failed": 1}


async def test_a_screen_that_cannot_be_rendered_does_not_stop_the_speaker(database: Database) -> None:
    telegram = Telegram()

    async def send(row: Sending) -> SendResult:
        if words_of(row) == "bad":
            raise KeyError("no such text")
        return await telegram.send(row)

    await say(database, 7, "bad", "good")
    speaker = Speaker(database.begin, send, alone=database.is_sqlite, pace=FAST)
    task = asyncio.create_task(speaker.run())
    await until(lambda: telegram.heard == [(7, "good")])
    speaker.stop()
    await task


async def test_a_receipt_that_nobody_knows_does_not_stop_the_speaker(database: Database) -> None:
    async with database.begin() as work:
        await saying.show(work, reach_of(7), Screen((Words("unknown"),)), receipt="weather:1")
    await say(database, 8, "known")
    telegram = Telegram()
    async with speaking_of(database, telegram):
        await until(lambda: len(telegram.heard) == 2)
    assert await states(database) == {}


async def test_a_chat_gets_five_at_once_and_then_one_a_second(database: Database) -> None:
    telegram = Telegram()
    await say(database, 7, *(f"{n}" for n in range(7)))
    loop = asyncio.get_running_loop()
    async with speaking_of(database, telegram, Pace()):
        began = loop.time()
        await until(lambda: len(telegram.heard) == 5)
        await until(lambda: len(telegram.heard) == 7)
    assert loop.time() - began >= 1.5
    assert [words for _, words in telegram.heard] == [f"{n}" for n in range(7)]


async def test_a_stopped_speaker_leaves_nothing_under_way(database: Database) -> None:
    telegram = Telegram()
    telegram.gate.clear()
    for chat in range(1, 21):
        await say(database, chat, "x")
    speaker = Speaker(database.begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    task = asyncio.create_task(speaker.run())
    await until(lambda: telegram.at_once == IN_FLIGHT)
    speaker.stop()
    telegram.gate.set()
    await task
    assert await states(database) == {"waiting": 20 - len(telegram.heard)}


async def test_a_killed_speakers_rows_are_taken_over(database: Database) -> None:
    telegram = Telegram()
    telegram.gate.clear()
    for chat in range(1, 21):
        await say(database, chat, "x")
    speaker = Speaker(database.begin, telegram.send, alone=True, pace=FAST)
    task = asyncio.create_task(speaker.run())
    await until(lambda: telegram.at_once == IN_FLIGHT)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await states(database) == {"sending": IN_FLIGHT, "leased": 20 - IN_FLIGHT}
    telegram.gate.set()
    fresh = Speaker(database.begin, telegram.send, alone=True, pace=FAST)
    task = asyncio.create_task(fresh.run())
    await until(lambda: len({who for who, _ in telegram.heard}) == 20)
    fresh.stop()
    await task


async def test_a_database_that_is_away_is_waited_for(database: Database) -> None:
    telegram = Telegram()
    await say(database, 7, "a")
    tries = 0

    @asynccontextmanager
    async def begin() -> AsyncIterator[object]:
        nonlocal tries
        tries += 1
        if tries <= 3:
            raise DatabaseAway("gone")
        async with database.begin() as work:
            yield work

    speaker = Speaker(begin, telegram.send, alone=True, pace=FAST)  # type: ignore[arg-type]
    task = asyncio.create_task(speaker.run())
    await until(lambda: telegram.heard == [(7, "a")])
    speaker.stop()
    await task


HALT = SendResult(Sending(0, b"", 0, 0, envelopes.Envelope(reach_of(0)), ""), Fate.HALTED, retry_after=1.5)


class Hung(Telegram):
    """A Telegram that never answers about chat 1."""

    def __init__(self) -> None:
        super().__init__()
        self.end = asyncio.Event()

    async def send(self, row: Sending) -> SendResult:
        """Hear a message; one to chat 1 hangs until the end."""
        if chat_of(row.envelope.to) == 1:
            self.at_once += 1
            await self.end.wait()
        return await super().send(row)


@asynccontextmanager
async def busy_speaker(
    database: Database, begin: Callable[[], object] | None = None
) -> AsyncIterator[tuple[Hung, Speaker]]:
    """A speaker, one of several, whose message to chat 1 hangs in flight all the while."""
    telegram = Hung()
    await say(database, 1, "hangs")
    speaker = Speaker(begin or database.begin, telegram.send, alone=False, pace=FAST)  # type: ignore[arg-type]
    task = asyncio.create_task(speaker.run())
    try:
        await until(lambda: telegram.at_once == 1)
        yield telegram, speaker
    finally:
        telegram.end.set()
        speaker.stop()
        await asyncio.wait_for(task, 15)


async def test_a_429_that_another_process_met_holds_back_what_is_leased_here(database: Database) -> None:
    telegram = Telegram()
    telegram.gate.clear()
    for chat in range(1, 31):
        await say(database, chat, "x")
    loop = asyncio.get_running_loop()
    speaker = Speaker(database.begin, telegram.send, alone=False, pace=FAST)
    task = asyncio.create_task(speaker.run())
    await until(lambda: telegram.at_once == IN_FLIGHT)
    async with database.begin() as work:
        await delivering.settle(work, [HALT])
    halted_at = loop.time()
    telegram.gate.set()
    await until(lambda: len(telegram.heard) > IN_FLIGHT)
    assert loop.time() - halted_at >= 1.4
    await until(lambda: len(telegram.heard) == 30)
    speaker.stop()
    await task


async def test_what_a_dead_process_left_is_said_while_this_one_is_busy(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking_part, "_RENEW_EVERY", 0.1)
    async with busy_speaker(database) as (telegram, _):
        await say(database, 2, "left")
        monkeypatch.setattr(delivering, "LEASE", timedelta(0))
        async with database.begin() as work:
            await delivering.take(work, "dead", 1, FAST)
        monkeypatch.undo()
        await until(lambda: telegram.heard == [(2, "left")])


async def test_rows_of_a_claim_whose_commit_was_kept_but_not_heard_are_said_at_once(database: Database) -> None:
    lost = False

    @asynccontextmanager
    async def begin() -> AsyncIterator[Work]:
        nonlocal lost
        async with database.begin() as work:
            before = await delivering.waiting(work)
            yield work
            now = await delivering.waiting(work)
        if now.get("sending", 0) > max(1, before.get("sending", 0)) and not lost:
            lost = True
            raise DatabaseAway("the answer to the commit was lost")

    async with busy_speaker(database, begin) as (telegram, speaker):
        await say(database, 2, "a", "b")
        speaker.ring()
        await until(lambda: telegram.heard == [(2, "a"), (2, "b")], seconds=5)
    assert lost
    assert await states(database) == {}


async def test_a_send_that_hangs_does_not_keep_the_others_waiting(database: Database) -> None:
    async with busy_speaker(database) as (telegram, _):
        await say(database, 2, "from another process")
        await until(lambda: telegram.heard == [(2, "from another process")], seconds=1.5)


async def test_who_comes_back_late_does_not_free_what_another_is_sending_by_now(database: Database) -> None:
    await say(database, 7, "a")
    async with database.begin() as work:
        (late,) = await delivering.take(work, "late", 1, FAST)
        await delivering.start_sending(work, "late", [late.id])
        await delivering.take_over(work, alone=True)
        (now,) = await delivering.take(work, "now", 1, FAST)
        await delivering.start_sending(work, "now", [now.id])
        await delivering.settle(work, [SendResult(late, Fate.AMBIGUOUS)])
    assert await states(database) == {"sending": 1}
    async with database.begin() as work:
        await delivering.settle(work, [SendResult(now, Fate.AMBIGUOUS)])
    assert await states(database) == {"waiting": 1}


async def test_who_was_away_from_the_database_gives_the_others_time_before_it_takes_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking_part, "_RENEW_EVERY", 0.1)
    away, turns = False, 0

    @asynccontextmanager
    async def begin() -> AsyncIterator[Work]:
        nonlocal turns
        turns += 1
        if away:
            raise DatabaseAway("gone")
        async with database.begin() as work:
            yield work

    async with busy_speaker(database, begin) as (telegram, _):
        away = True
        await until(lambda: turns > 5)
        await say(database, 2, "of another that was away too")
        monkeypatch.setattr(delivering, "LEASE", timedelta(0))
        async with database.begin() as work:
            (row,) = await delivering.take(work, "another", 1, FAST)
            await delivering.start_sending(work, "another", [row.id])
        monkeypatch.setattr(delivering, "LEASE", timedelta(seconds=10))
        away, turns = False, 0
        await until(lambda: turns > 3)
        async with database.begin() as work:
            await delivering.settle(work, [SendResult(row, Fate.SAID)])
    assert telegram.heard == [(1, "hangs")]


async def test_a_clock_that_was_put_back_silences_nobody(sqlite_url: str, keys: KeyRing) -> None:
    machine, moved = make_clock(""), timedelta(days=1)

    def now() -> datetime:
        return machine() + moved

    put_back = Database(sqlite_url, keys, now)
    telegram = Telegram()
    telegram.fates["6"] = [Fate.UNSENT]
    async with speaking_of(put_back, telegram, Pace()):
        await say(put_back, 7, *"12345")
        await until(lambda: len(telegram.heard) == 5)
        await say(put_back, 7, "6", "7")
        await until(lambda: not telegram.fates["6"])
        moved = timedelta(0)
        await until(lambda: len(telegram.heard) == 7, seconds=5)
    assert [words for _, words in telegram.heard] == list("1234567")
    await put_back.close()


async def say_to_many(database: Database, chats: range) -> None:
    """Put one bulk message (many=True) for each chat into the outbox."""
    async with database.begin() as work:
        for chat in chats:
            await here(work, chat)
            await saying.show(work, reach_of(chat), Screen((Words("many"),)), many=True)


async def test_of_the_many_twenty_five_a_second_leave_whoever_sends_them(database: Database) -> None:
    telegram = Telegram()
    await say_to_many(database, range(1, 41))
    loop = asyncio.get_running_loop()
    async with speaking_of(database, telegram):
        began = loop.time()
        await until(lambda: len(telegram.heard) >= 1)
        if database.is_sqlite:
            await until(lambda: len(telegram.heard) == 40)
        else:
            async with speaking_of(database, telegram):
                await until(lambda: len(telegram.heard) == 40)
    assert loop.time() - began >= 38 / 25 - 0.1
    assert len({chat for chat, _ in telegram.heard}) == 40


async def test_an_answer_does_not_wait_for_the_many(database: Database) -> None:
    telegram = Telegram()
    await say_to_many(database, range(1, 101))
    async with speaking_of(database, telegram) as speaker:
        await until(lambda: len(telegram.heard) >= 10)
        await say(database, 7000, "answer")
        speaker.ring()
        before = len(telegram.heard)
        await until(lambda: (7000, "answer") in telegram.heard)
        assert telegram.heard.index((7000, "answer")) <= before + 10
    assert len(telegram.heard) < 101


async def test_few_of_the_many_are_in_flight_so_that_answers_have_room(database: Database) -> None:
    telegram = Telegram()
    telegram.gate.clear()
    await say_to_many(database, range(1, 31))
    async with speaking_of(database, telegram) as speaker:
        await until(lambda: telegram.at_once == MANY_IN_FLIGHT)
        await say(database, 7000, "answer")
        speaker.ring()
        await until(lambda: telegram.at_once == MANY_IN_FLIGHT + 1)
        telegram.gate.set()
        await until(lambda: len(telegram.heard) >= 10)
    assert telegram.most_at_once <= IN_FLIGHT
