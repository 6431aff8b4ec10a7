"""Delivering messages: sealed, at a chat's pace, in order, and settled by what became of each."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from domain.pace import Pace
from domain.screens import Screen, Words
from domain.sealing import CannotOpen, KeyRing
from handlers.telegram.reaches import DOOR, reach_of
from services.outbox import saying
from services.outbox.at_once import bell
from services.outbox.envelopes import Envelope, sealed
from services.outbox.envelopes import opened as unsealed
from services.people import residents, updates
from services.speaking import delivering
from services.speaking.delivering import Fate, Sending, SendResult
from storage.engine.database import Database
from tests.lives import FAST, here
from tests.opened import Clock, fresh_keys, opened, rows, table

ME = 4711


def screen(words: str = "hello") -> Screen:
    return Screen((Words(words),))


async def say(database: Database, *words: str, chat: int = ME, **options: Any) -> None:
    """Put each of these words into the outbox for a chat."""
    async with database.begin() as work:
        for one in words:
            await saying.show(work, reach_of(chat), screen(one), **options)


async def take(database: Database, pace: Pace = FAST) -> list[Sending]:
    """Take the messages that may be sent now, marked as being sent."""
    async with database.begin() as work:
        taken = await delivering.take(work, "me", 100, pace)
        await delivering.start_sending(work, "me", [row.id for row in taken])
    return taken


async def settle(database: Database, *results: SendResult) -> None:
    async with database.begin() as work:
        await delivering.settle(work, results)


async def counts(database: Database) -> dict[str, int]:
    async with database.reading() as work:
        return await delivering.waiting(work)


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope(reach_of(ME), screen()),
        Envelope(reach_of(-100123), screen(), edit=9, thread="report"),
        Envelope(reach_of(ME), delete=(1, 2**40)),
        Envelope(reach_of(ME), leave=True),
    ],
)
def test_an_envelope_comes_out_as_it_was_put_in(envelope: Envelope) -> None:
    keys = fresh_keys()
    row = sealed(keys, envelope)
    assert unsealed(keys, row["envelope"], row["wrapped"]) == envelope
    with pytest.raises(CannotOpen):
        unsealed(fresh_keys(), row["envelope"], row["wrapped"])


async def test_what_is_said_is_in_the_readers_language_of_that_moment_and_leaves_nothing(database: Database) -> None:
    await say(database, "hello")
    async with database.begin() as work:
        await residents.choose_language(work, await here(work, ME), "ar")
    (row,) = await take(database)
    assert (row.language, row.envelope.screen) == ("ar", screen())
    assert "4711" not in repr(row)
    await settle(database, SendResult(row, Fate.SAID, 7))
    async with database.begin() as work:
        assert await rows(work, "outbox") == await rows(work, "phone_messages") == []


async def test_nothing_is_said_of_work_that_was_rolled_back(database: Database) -> None:
    async def say_and_fail() -> None:
        async with database.begin() as work:
            await saying.show(work, reach_of(ME), screen())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await say_and_fail()
    assert await take(database) == []


async def test_the_bell_rings_after_the_commit_only(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(bell, "ring", lambda: rung.append(True))
    async with database.begin() as work:
        await saying.show(work, reach_of(ME), screen())
        assert rung == []
    assert rung == [True]


async def test_five_go_at_once_and_the_rest_waits_for_its_second(database: Database, clock: Clock) -> None:
    await say(database, *"abcdefg")
    await say(database, "x", chat=2)
    began = await take(database, Pace())
    assert [row.envelope.to for row in began].count(reach_of(ME)) == 5
    assert [row.envelope.to for row in began].count(reach_of(2)) == 1
    await settle(database, *(SendResult(row, Fate.SAID) for row in began))
    async with database.begin() as work:
        due = await delivering.next_due_in(work)
    assert due is not None
    assert 0 < due <= 1
    assert await take(database, Pace(gap=timedelta(hours=1))) == []
    assert await counts(database) == {"waiting": 2}


async def test_a_429_halts_everybody_and_the_message_waits(database: Database) -> None:
    await say(database, "a")
    await say(database, "b", chat=2)
    first, second = await take(database)
    await settle(database, SendResult(first, Fate.HALTED, retry_after=30), SendResult(second, Fate.SAID))
    async with database.begin() as work:
        assert 25 < await delivering.halted_for(work) <= 30
    assert await take(database) == []
    assert await counts(database) == {"waiting": 1}


async def test_a_clock_that_was_put_back_makes_no_halt_longer(sqlite_url: str, keys: KeyRing, clock: Clock) -> None:
    async with opened(sqlite_url, keys, clock) as database:
        await say(database, "hello")
        await settle(database, *(SendResult(row, Fate.HALTED, retry_after=35) for row in await take(database)))
        clock.move(seconds=-1)
        assert await take(database) == []
        clock.move(hours=-1)
        (row,) = await take(database)
        await settle(database, SendResult(row, Fate.HALTED, retry_after=5))
        clock.move(seconds=4)
        assert await take(database) == []
        clock.move(seconds=1)
        assert len(await take(database)) == 1


@pytest.mark.parametrize("fate", [Fate.UNSENT, Fate.AMBIGUOUS])
async def test_an_answer_that_may_not_have_arrived_is_tried_again_later(database: Database, fate: Fate) -> None:
    await say(database, "a", "b")
    first, second = await take(database, Pace(burst=1000, gap=timedelta(0)))
    async with database.begin() as work:  # one moment for all of it, by the database's clock
        await delivering.settle(work, [SendResult(first, fate), SendResult(second, Fate.SAID)])
        assert [row["attempts"] for row in await rows(work, "outbox")] == [1]
        assert await delivering.next_due_in(work) is not None
        assert await delivering.take(work, "me", 10, Pace(burst=1000, gap=timedelta(0))) == []


async def test_one_of_many_that_may_have_arrived_is_never_said_twice(database: Database) -> None:
    await say(database, "a")
    async with database.begin() as work:
        await here(work, ME)
        await work.run(update(table("outbox")).values(lane=saying.MANY))
    (row,) = await take(database)
    await settle(database, SendResult(row, Fate.AMBIGUOUS, error="TimedOut"))
    assert await counts(database) == {"uncertain": 1}


async def test_who_blocked_the_bot_is_no_longer_reachable(database: Database) -> None:
    async with database.begin() as work:
        await here(work, ME)
    await say(database, "a")
    (row,) = await take(database)
    await settle(database, SendResult(row, Fate.BLOCKED, error="Forbidden"))
    async with database.begin() as work:
        assert [person["reachable"] for person in await rows(work, "people")] == [False]
    assert await counts(database) == {"blocked": 1}


async def tired(database: Database, fate: Fate) -> dict[str, int]:
    """Try once more to send a message that was tried for a day; the outbox by state."""
    await say(database, "a")
    (row,) = await take(database)
    async with database.begin() as work:
        await work.run(update(table("outbox")).values(attempts=delivering.MOST_AMBIGUOUS))
    await settle(database, SendResult(replace(row, attempts=delivering.MOST_AMBIGUOUS), fate))
    return await counts(database)


async def test_what_may_have_arrived_is_said_again_for_a_day_and_then_given_up(database: Database) -> None:
    assert await tired(database, Fate.AMBIGUOUS) == {"failed": 1}


async def test_what_was_surely_not_sent_is_never_given_up(database: Database) -> None:
    assert await tired(database, Fate.UNSENT) == {"waiting": 1}


async def test_an_envelope_that_does_not_open_does_not_hold_up_the_others(database: Database) -> None:
    await say(database, "broken", "whole")
    async with database.begin() as work:
        first = min(row["id"] for row in await rows(work, "outbox"))
        broken = update(table("outbox")).where(table("outbox").c.id == first)
        await work.run(broken.values(envelope=b"\x01" + bytes(300)))
    assert [row.envelope.screen for row in await take(database)] == [screen("whole")]


async def test_an_envelope_that_was_moved_to_another_chat_is_not_said(database: Database) -> None:
    await say(database, "for me")
    await say(database, "for another", chat=2)
    async with database.begin() as work:
        mine, other = sorted(await rows(work, "outbox"), key=lambda row: int(row["id"]))
        swapped = update(table("outbox")).where(table("outbox").c.id == other["id"])
        await work.run(swapped.values(envelope=mine["envelope"], wrapped=mine["wrapped"]))
    assert [row.envelope.screen for row in await take(database)] == [screen("for me")]
    async with database.begin() as work:
        errors = [row["error"] for row in await rows(work, "outbox") if row["state"] == "failed"]
    assert errors == ["ForAnotherChat"]


async def test_a_screen_of_another_version_is_no_screen(database: Database) -> None:
    keys = fresh_keys()
    row = sealed(keys, Envelope(reach_of(ME), Screen((Words("x"),))))
    whole = unsealed(keys, row["envelope"], row["wrapped"])
    assert whole.screen is not None
    bad = sealed(keys, Envelope(reach_of(ME), Screen((3,))))  # type: ignore[arg-type]
    with pytest.raises(CannotOpen):
        unsealed(keys, bad["envelope"], bad["wrapped"])


async def test_a_conversation_can_be_removed_from_the_phone_for_two_days(database: Database, clock: Clock) -> None:
    await say(database, "old", thread="report")
    (row,) = await take(database)
    await settle(database, SendResult(row, Fate.SAID, 10))
    clock.move(hours=24)
    await say(database, "less old", thread="report")
    (row,) = await take(database)
    await settle(database, SendResult(row, Fate.SAID, 11))
    clock.move(hours=47)
    async with database.begin() as work:
        for message in range(1000, 1120):
            await saying.heard(work, reach_of(ME), message, "report")
        await saying.heard(work, reach_of(ME), 5, "another conversation")
        assert await saying.erase_from_phone(work, reach_of(ME), "report") == 121
        assert await saying.erase_from_phone(work, reach_of(ME), "report") == 0
    found = [row.envelope.delete for row in await take(database)]
    # Only a message's day is kept, so those of the oldest day may be too old: each is deleted alone, as a refusal
    # would keep the others of its batch on the phone.
    assert [len(batch) for batch in found] == [1, 100, 20]
    assert sorted(sum(found, ())) == [11, *range(1000, 1120)]


async def test_what_was_leased_and_not_begun_can_be_given_back(database: Database) -> None:
    await say(database, "a")
    async with database.begin() as work:
        taken = await delivering.take(work, "me", 10, FAST)
        await delivering.give_back(work, [])
        await delivering.give_back(work, taken)
    assert await counts(database) == {"waiting": 1}


async def test_after_a_start_what_was_under_way_waits_again(database: Database) -> None:
    await say(database, "a")
    await take(database)
    async with database.begin() as work:
        await delivering.renew(work, "me")
        await delivering.take_over(work, alone=True)
    assert await counts(database) == {"waiting": 1}


# Updates


async def test_an_update_that_could_not_be_handled_is_kept_sealed_with_the_kind_of_its_error(
    database: Database,
) -> None:
    raw = {"update_id": 5, "message": {"text": "words \ud83d of mine"}}
    async with database.begin() as work:
        assert await updates.first_time(work, DOOR, 5)
        assert not await updates.first_time(work, DOOR, 5)
        await updates.bury(work, raw, reach_of(ME), "KeyError" * 40)
        assert await updates.buried(work) == 1
        assert await updates.buried_of(work, reach_of(ME)) == [raw]
        assert await updates.buried_of(work, reach_of(2)) == []
        (row,) = await rows(work, "dead_letters")
    assert len(row["error"]) == 80
    assert json.dumps(raw).encode() not in row["content"]
