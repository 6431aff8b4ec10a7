"""Residents: arriving, their language, their conversation, blocking, coming back, and being erased."""

import asyncio
from typing import Any

import pytest

from domain.sealing import CannotOpen, KeyRing
from handlers.telegram.reaches import reach_of
from services.outbox import saying
from services.people import residents
from services.rights import erasing
from services.speaking import delivering
from services.speaking.delivering import Fate, SendResult
from storage.engine.database import Database
from storage.people.residents import change_person
from tests.lives import FAST, Life, Marks, here, live
from tests.opened import Clock, everything, opened, rows

ME = 4711


async def test_somebody_new_is_spoken_to_in_the_nearest_language_and_has_agreed_to_nothing(database: Database) -> None:
    async with database.begin() as work:
        me = await residents.arrive(work, reach_of(ME), "tr-TR")
        stranger = await residents.arrive(work, reach_of(2), "xx")
        nobody = await residents.arrive(work, reach_of(3), None)
    assert (me.language, me.language_chosen, me.warned, me.reachable) == ("tr", False, False, True)
    assert stranger.language == nobody.language == "nl"


async def test_somebody_is_the_same_again(database: Database) -> None:
    async with database.begin() as work:
        first = await residents.arrive(work, reach_of(ME), "tr")
        first = await residents.accept_warning(work, await residents.choose_language(work, first, "ar"))
    async with database.begin() as work:
        again = await residents.arrive(work, reach_of(ME), "en")
    assert again == first
    assert (again.language, again.language_chosen, again.warned) == ("ar", True, True)


async def test_a_resident_shows_nothing_of_who_they_are(database: Database) -> None:
    async with database.begin() as work:
        shown = repr(await residents.arrive(work, reach_of(7_301_946_582), "nl"))
        assert repr(work.keys) == "KeyRing()"
    assert "7301946582" not in shown
    assert "key" not in shown
    assert "tag" not in shown


async def test_two_processes_that_meet_somebody_at_once_make_one_resident(
    database_url: str, keys: KeyRing, clock: Clock
) -> None:
    async def meet(database: Database) -> bytes:
        async with database.begin() as work:
            return (await residents.arrive(work, reach_of(ME), "nl")).key

    async with opened(database_url, keys, clock) as one, opened(database_url, keys, clock) as other:
        found = await asyncio.gather(*(meet(database) for database in (one, other) * 4))
        async with one.begin() as work:
            assert len(await rows(work, "people")) == len(await rows(work, "record_keys")) == 1
    assert len(set(found)) == 1


async def test_two_updates_of_one_resident_do_not_run_at_once(database: Database) -> None:
    async with database.begin() as work:
        await residents.arrive(work, reach_of(ME), "nl")

    async def count() -> None:
        async with database.begin() as work:
            me = await residents.arrive(work, reach_of(ME), "nl")
            state = residents.conversation(me) or {"n": 0}
            await residents.keep_conversation(work, me, {"n": state["n"] + 1})

    await asyncio.gather(*(count() for _ in range(8)))
    async with database.begin() as work:
        assert residents.conversation(await here(work, ME)) == {"n": 8}


async def test_a_conversation_is_kept_for_seven_days_and_can_be_ended(database: Database, clock: Clock) -> None:
    state: dict[str, Any] = {"flow": "report", "answers": {"story": "ماذا حدث", "broken": "\ud83d"}}
    async with database.begin() as work:
        me = await here(work, ME)
        assert residents.conversation(me) is None
        await residents.keep_conversation(work, me, {"first": True})
        await residents.keep_conversation(work, me, state)
    clock.move(days=7)
    async with database.begin() as work:
        assert residents.conversation(await here(work, ME)) == state
    clock.move(seconds=1)
    async with database.begin() as work:
        assert residents.conversation(await here(work, ME)) is None
        await residents.keep_conversation(work, await here(work, ME), state)
    async with database.begin() as work:
        await residents.end_conversation(work, await here(work, ME))
        assert residents.conversation(await here(work, ME)) is None


async def test_a_conversation_can_not_be_put_on_somebody_else(database: Database) -> None:
    async with database.begin() as work:
        me, other = await here(work, ME), await here(work, 2)
        await residents.keep_conversation(work, me, {"mine": True})
        ((state),) = [row["state"] for row in await rows(work, "conversations")]
        await residents.keep_conversation(work, other, {})
    async with database.begin() as work:
        changed = "UPDATE conversations SET state = :state"
        await work.connection.exec_driver_sql(changed.replace(":state", "?" if work.is_sqlite else "$1"), (state,))
    async with database.begin() as work:
        with pytest.raises(CannotOpen):
            residents.conversation(await here(work, 2))


async def test_who_blocked_the_bot_is_reachable_again_when_they_write(database: Database) -> None:
    async with database.begin() as work:
        me = await here(work, ME)
        await residents.lost_contact(work, reach_of(ME))
        assert [row["reachable"] for row in await rows(work, "people")] == [False]
        assert (await here(work, ME)).reachable
        assert me.reachable
        assert [row["reachable"] for row in await rows(work, "people")] == [True]


async def test_the_languages_of_those_who_are_known(database: Database) -> None:
    async with database.begin() as work:
        await residents.choose_language(work, await here(work, 1), "ar")
        await residents.choose_language(work, await here(work, 2), "tr")
        assert await residents.languages(work, [reach_of(one) for one in (1, 2, 3)]) == {
            reach_of(1): "ar",
            reach_of(2): "tr",
        }
        assert await residents.languages(work, []) == {}


async def test_a_resident_whose_key_is_damaged_is_an_error_and_no_new_resident(database: Database) -> None:
    async with database.begin() as work:
        me = await here(work, ME)
        await change_person(work, me.tag, record_id="a" * 26)
    with pytest.raises(CannotOpen):
        async with database.begin() as work:
            await here(work, ME)


# Erasing

# What may be left of somebody who is erased, each with its reason.
LEFT = {
    "broadcasts": "what staff wrote for everybody",
    "meetings": "what staff planned for everybody",
    "alembic_version": "no person",
    "reader_census": "how many want news, sealed: the next night counts without them",
    "rates": "counts under a tag, for a day: else erasing would be a way to guess codes without end",
    "paces": "until when a chat's allowance is used up: gone within the hour; the farewell needs it too",
    "done_updates": "numbers of updates, so that none is done twice",
    "erasures": "which record keys were destroyed, on which day, and why: no content, no person",
    "access_log": "that staff looked at a signal, under a tag of its own",
    "access_head": "where that log ends",
    "repeated_requests": "that an answer of staff was sent, under a tag",
    "staff": "of the staff",
    "staff_tokens": "of the staff",
    "sign_in_links": "of the staff",
    "record_keys": "the key of the staff's own record",
    "rounds": "no person",
    "plans": "no person",
    "code_batches": "no person",
    "commitments": "what a vote is about, told at its opening: no person",
    "roll": "codes, under tags: whose they are is not known here",
    "ballots": "can't be tied to a person",
    "round_keys": "without which the ballots of all others could not be counted",
}


async def erased(database: Database, life: Life) -> None:
    """Erase the resident of this life, as they ask."""
    async with database.begin() as work:
        await erasing.erase(work, await here(work, life.marks.telegram_id))


async def test_erasing_leaves_no_row_but_those_that_somebody_decided_on(database: Database) -> None:
    await erased(database, await live(database))
    async with database.begin() as work:
        left = {name: found for name, found in (await everything(work)).items() if found}
        assert set(left) <= set(LEFT)
        assert {row["record_id"] for row in left["record_keys"]} == {row["record_id"] for row in left["staff"]}
        assert {row["reason"] for row in left["erasures"]} == {"person"}
        me = await here(work, Marks().telegram_id)
    assert (me.language, me.language_chosen, me.warned) == ("nl", False, False)


async def test_erasing_one_leaves_the_others_as_they_were(database: Database) -> None:
    await live(database, Marks())
    other = await live(database, Marks(telegram_id=99, story="another story"))
    async with database.begin() as work:
        before = await erasing.my_data(work, await here(work, Marks().telegram_id))
    await erased(database, other)
    async with database.begin() as work:
        assert await erasing.my_data(work, await here(work, Marks().telegram_id)) == before


async def test_a_message_that_is_on_its_way_while_somebody_is_erased_leaves_nothing(database: Database) -> None:
    life = await live(database)
    async with database.begin() as work:
        flying = await delivering.take(work, "speaker", 1, FAST)
        await delivering.start_sending(work, "speaker", [row.id for row in flying])
    assert len(flying) == 1
    await erased(database, life)
    async with database.begin() as work:
        await delivering.settle(work, [SendResult(flying[0], Fate.SAID, 99)])
        assert await rows(work, "phone_messages") == []
        assert await rows(work, "outbox") == []


async def test_who_is_erased_can_still_not_report_more_than_five_times_an_hour(database: Database) -> None:
    life = await live(database)
    async with database.begin() as work:
        before = await rows(work, "rates")
    await erased(database, life)
    async with database.begin() as work:
        assert await rows(work, "rates") == before


async def test_what_is_said_to_somebody_erased_is_the_farewell_alone(database: Database) -> None:
    life = await live(database)
    chat = life.marks.telegram_id
    async with database.begin() as work:
        me = await here(work, chat)
        await erasing.erase(work, me)
        await saying.leave(work, reach_of(chat))
    async with database.begin() as work:
        assert [row.envelope.leave for row in await delivering.take(work, "s", 10, FAST)] == [True]
