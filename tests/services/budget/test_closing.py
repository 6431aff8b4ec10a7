"""The clock and a vote: it opens it, commits to ballots each evening, reminds and closes; then no key is left."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from domain.budget.commitments import EntryKind
from domain.budget.rounds import RoundState
from domain.chain import BEGINNING, first_broken
from domain.screens import to_plain
from domain.sealing import KeyRing
from handlers.telegram.reaches import chat_of, reach_of
from services.budget import closing, codes, round_acts, rounds, voting
from services.budget.round_acts import MayNotMove, WrongRound
from services.budget.rounds import NoSuchRound
from services.outbox import envelopes, saying
from services.people import residents
from services.speaking import receipts
from services.work import Work
from storage.budget import ballots
from storage.engine.database import Database
from tests.opened import Clock, opened, rows
from tests.rounds import choose, drafted, open_round, organiser, plan_draft, vote
from tests.ticks import tick

EVENING = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)  # 21:30 in Amsterdam


async def state(database: Database, round_id: str) -> str:
    async with database.reading() as work:
        return (await rounds.round_of(work, round_id)).state


async def test_a_vote_opens_and_closes_by_the_clock(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        made = await drafted(work)
        await codes.make_codes(work, organiser(), made.id, 1)
        unready = await drafted(work, 1)
    for moment, expected in (
        (made.opens_at - timedelta(seconds=1), RoundState.DRAFTING),
        (made.opens_at, RoundState.VOTING),
        (made.closes_at - timedelta(seconds=1), RoundState.VOTING),
        (made.closes_at, RoundState.COUNTING),
        (made.closes_at + timedelta(days=1), RoundState.COUNTING),
    ):
        clock.now = moment
        await tick(database, "votes_are_due")
        assert await state(database, made.id) == expected
    async with database.begin() as work:
        assert (await rounds.round_of(work, made.id)).opens_at == made.opens_at
        assert (await rounds.round_of(work, unready.id)).state == RoundState.DRAFTING
        assert [one.id for one in await rounds.past_rounds(work)] == [made.id]
        await closing.published(work, made.id)
        assert (await rounds.round_of(work, made.id)).state == RoundState.PUBLISHED
        with pytest.raises(MayNotMove):
            await closing.published(work, made.id)
        for unknown in (closing.published, closing.opened, closing.close):
            with pytest.raises(NoSuchRound):
                await unknown(work, "x" * 26)


@pytest.mark.parametrize("before", [RoundState.COLLECTING, RoundState.SUPPORTING, RoundState.CHECKING])
async def test_a_vote_opens_by_the_clock_from_every_state_before_it(
    database: Database, clock: Clock, before: RoundState
) -> None:
    async with database.begin() as work:
        made = await drafted(work)
        await codes.make_codes(work, organiser(), made.id, 1)
        for to in (RoundState.COLLECTING, RoundState.SUPPORTING, RoundState.CHECKING):
            await round_acts.move_round(work, organiser(), made.id, to)
            if to == before:
                break
    clock.now = made.opens_at
    await tick(database, "votes_are_due")
    assert await state(database, made.id) == RoundState.VOTING


async def test_a_close_before_its_time_does_nothing(database: Database) -> None:
    async with database.begin() as work:
        made, (code,) = await open_round(work, 1)
        await vote(work, 1, code, [1, 2, 3])
        await closing.close(work, made.id)
        assert (await rounds.round_of(work, made.id)).state == RoundState.VOTING
        assert len(await rows(work, "ballots")) == 1
        with pytest.raises(NoSuchRound):
            await closing.opened(work, made.id)


async def test_after_the_close_the_keys_are_gone_and_other_votes_go_on(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 12)
        going_on, (one, other) = await open_round(work, 2, closes_at=made.closes_at + timedelta(days=1))
        for number, code in enumerate(several):
            await vote(work, number, code, [1, 2, 3])
        await voting.enter(work, reach_of(50), several[0])
        await choose(work, 50, [4, 5, 6])
        await vote(work, 60, one, [1, 2, 3])
        await voting.enter(work, reach_of(61), other)
        await choose(work, 61, [4, 5, 6])
    clock.now = made.closes_at
    await tick(database, "votes_are_due")
    async with database.begin() as work:
        assert await ballots.wrapped_key(work, made.id) is None
        assert {row["round_id"] for row in await rows(work, "ballots")} == {going_on.id}
        assert {row["round_id"] for row in await rows(work, "drafts")} == {going_on.id}
        roll = [row for row in await rows(work, "roll") if row["round_id"] == made.id]
        assert {row["channel"] for row in roll} == {None}
        assert (await codes.code_counts(work, made.id)).used == 12
        assert len((await closing.opened(work, made.id)).ballots) == 12
        assert not (await voting.cast(work, reach_of(61))).changed
        assert (await vote(work, 60, one, [2, 3, 4])).changed
    clock.now = going_on.closes_at
    await tick(database, "votes_are_due")
    async with database.reading() as work:
        assert sorted(one.choices for one in (await closing.opened(work, going_on.id)).ballots) == [
            (2, 3, 4), (4, 5, 6),
        ]  # fmt: skip


@pytest.fixture
async def sqlite_database(sqlite_url: str, keys: KeyRing, clock: Clock) -> AsyncIterator[Database]:
    """An opened SQLite database, whose files can be read."""
    async with opened(sqlite_url, keys, clock) as it:
        yield it


async def test_on_sqlite_neither_file_nor_log_holds_what_the_close_destroyed(
    sqlite_database: Database, clock: Clock
) -> None:
    async with sqlite_database.begin() as work:
        made, several = await open_round(work, 30)
        for number, code in enumerate(several):
            await vote(work, number, code, [1, 2, 3])
        await voting.enter(work, reach_of(50), several[0])
    async with sqlite_database.reading() as work:
        gone = [value for name in ("ballots", "drafts", "round_keys") for row in await rows(work, name)
                for value in row.values() if isinstance(value, bytes)]  # fmt: skip
    file = Path(sqlite_database.url.partition(":///")[2])

    def raw() -> bytes:
        return b"".join(path.read_bytes() for path in file.parent.iterdir() if path.name.startswith(file.name))

    assert all(value in raw() for value in gone)
    clock.now = made.closes_at
    await tick(sqlite_database, "votes_are_due")
    assert not [value for value in gone if value in raw()]


async def test_a_ballot_that_was_tampered_with_is_left_out_and_missed(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        made, (one, other) = await open_round(work, 2)
        await vote(work, 1, one, [1, 2, 3])
        await vote(work, 2, other, [4, 5, 6])
        first, second = await ballots.ballots_of(work, made.id)
        await ballots.put_ballot(work, {"ballot_tag": first.ballot_tag, "round_id": made.id, "content": second.content})
    clock.now = made.closes_at
    await tick(database, "votes_are_due")
    async with database.reading() as work:
        found = await closing.opened(work, made.id)
    assert (len(found.ballots), found.counts.used) == (1, 2)


async def _waiting_for_a_lock(database: Database) -> bool:
    """Whether a transaction on this PostgreSQL database waits for a lock of another."""
    async with database.reading() as work:
        found = await work.run(text(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ))  # fmt: skip
        return found.first() is not None


async def _beside_the_close(database: Database, act: Callable[[Work], Awaitable[None]]) -> None:
    """Close votes while a transaction has done `act` but not committed; it commits once the close waits for it."""
    acted = asyncio.Event()

    async def other() -> None:
        async with database.begin() as work:
            await act(work)
            acted.set()
            while not closer.done() and not await _waiting_for_a_lock(database):
                await asyncio.sleep(0.01)

    async def close_votes() -> None:
        await acted.wait()
        await tick(database, "votes_are_due")

    async with asyncio.timeout(60):
        closer = asyncio.create_task(close_votes())
        await asyncio.gather(other(), closer)


@pytest.fixture
async def postgres_database(postgres_url: str, keys: KeyRing, clock: Clock) -> AsyncIterator[Database]:
    """An opened PostgreSQL database, where several write at once."""
    async with opened(postgres_url, keys, clock) as it:
        yield it


async def test_what_others_are_writing_at_the_close_is_not_lost(postgres_database: Database, clock: Clock) -> None:
    database = postgres_database
    async with database.begin() as work:
        first, _ = await open_round(work, 3)
        second, _ = await open_round(work, 3, closes_at=first.closes_at + timedelta(days=1))
        third, (lost, replaced, begun) = await open_round(work, 3, closes_at=first.closes_at + timedelta(days=9))
        await voting.enter(work, reach_of(7), begun)
    fresh: list[str] = []

    async def makes_codes(work: Work) -> None:
        fresh.extend((await codes.make_codes(work, organiser(), third.id, 50)).codes)
        await codes.block_code(work, organiser(), third.id, lost)
        fresh.append(await codes.replace_code(work, organiser(), third.id, replaced))

    clock.now = first.closes_at
    await _beside_the_close(database, makes_codes)
    clock.now = second.closes_at
    await _beside_the_close(database, lambda work: voting.drop_draft(work, reach_of(7)))
    async with database.begin() as work:
        assert await rows(work, "drafts") == []
        counts = await codes.code_counts(work, third.id)
        assert (counts.made, counts.blocked) == (54, 2)
        for code in fresh:
            assert not (await voting.enter(work, reach_of(8), code)).voted
        for code in (lost, replaced):
            with pytest.raises(voting.WrongCode):
                await voting.enter(work, reach_of(9), code)


async def test_two_votes_close_at_once_while_codes_are_made_for_one_of_them(
    postgres_database: Database, clock: Clock
) -> None:
    database = postgres_database
    async with database.begin() as work:
        one, _ = await open_round(work, 3)
        other, _ = await open_round(work, 3)
    first, last = sorted((one.id, other.id))
    clock.now = one.closes_at

    async with asyncio.timeout(60):
        async with database.begin() as work:
            await round_acts.managed(work, organiser(), last, lock=True)
            closer = asyncio.create_task(tick(database, "votes_are_due"))
            while not await _waiting_for_a_lock(database):
                await asyncio.sleep(0.01)
            await codes.make_codes(work, organiser(), last, 5)
        await closer
    for round_id in (first, last):
        assert await state(database, round_id) == RoundState.COUNTING


# Evenings


async def commit(database: Database) -> int:
    """Have the clock do its evening work; how many ballots the chains hold then."""
    await tick(database, "evening_has_come")
    async with database.reading() as work:
        return sum(row["kind"] == EntryKind.BALLOT for row in await rows(work, "commitments"))


async def test_batches_of_ten_and_more_are_chained_in_the_evening_and_every_change_adds_one(
    database: Database, clock: Clock
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 60)
        for code in several[:19]:
            await vote(work, 1, code, [1, 2, 3])
    assert await commit(database) == 0  # it is morning
    clock.now = EVENING
    assert await commit(database) == 0  # of 19, ten are held back: fewer than ten are left
    async with database.begin() as work:
        for code in several[19:35]:
            await vote(work, 1, code, [1, 2, 3])
    assert await commit(database) == 0  # once an evening
    clock.move(days=1)
    assert await commit(database) == 25
    async with database.begin() as work:
        for code in several[:35]:
            await vote(work, 1, code, [4, 5, 6])
    clock.move(days=1)
    assert await commit(database) == 50
    clock.now = made.closes_at
    await tick(database, "votes_are_due")
    async with database.reading() as work:
        found = await closing.opened(work, made.id)
    assert [one.number for one in found.commitments] == list(range(1, 62))
    batches = [one.batch for one in found.commitments]
    assert [batches.count(number) for number in (1, 2, 3, 4)] == [1, 25, 25, 10]
    assert (len(found.ballots), len(found.replaced)) == (35, 25)
    valid = {one.commitment(made.id) for one in found.ballots}
    assert valid | set(found.replaced) == {one.value for one in found.commitments[1:]}
    contents = [(one.content(), one.link) for one in found.commitments]
    assert first_broken(BEGINNING, found.commitments[-1].link, contents) is None


# Reminders


async def reminded(work: Work) -> list[dict[str, object]]:
    """The reminders that wait in the outbox: chat, lane and receipt of each."""
    found = []
    for row in await rows(work, "outbox"):
        envelope = envelopes.opened(work.keys, row["envelope"], row["wrapped"])
        assert envelope.screen is not None
        assert "ballots.reminder.open" in str(to_plain(envelope.screen))
        found.append({"chat": chat_of(envelope.to), "lane": row["lane"], "receipt": row["receipt"]})
    return found


async def test_who_stops_before_casting_is_reminded_once_before_the_close(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        made, (slow, stopped, cast, busy, quiet) = await open_round(work, 5)
        for chat, code in enumerate((slow, stopped, cast, busy, quiet), 1):
            await residents.arrive(work, reach_of(chat), "nl")
            await voting.enter(work, reach_of(chat), code)
            await choose(work, chat, [1, 2, 3])
        await voting.cast(work, reach_of(3))
        await residents.lost_contact(work, reach_of(5))
    await tick(database, "ballots_are_unfinished")
    await tick(database, "ballots_are_unfinished")
    clock.now = made.closes_at - timedelta(hours=24)
    await tick(database, "ballots_are_unfinished")
    async with database.begin() as work:
        assert await reminded(work) == []  # they may be choosing at this very moment
        await choose(work, 4, [1, 2, 4])
    await tick(database, "ballots_are_unfinished")
    async with database.begin() as work:
        found = await reminded(work)
        assert sorted(str(one["chat"]) for one in found) == ["1", "2"]
        assert {one["lane"] for one in found} == {saying.MANY}
        await receipts.note(work, str(found[0]["receipt"]), receipts.SENT)
        assert sorted(str(row["reminded"]) for row in await rows(work, "drafts")) == [
            "seen", "sent", "unwanted", "waiting",
        ]  # fmt: skip
        await voting.enter(work, reach_of(1), slow)  # begun anew
        await voting.cast(work, reach_of(2))
        await receipts.note(work, "draft:" + "x" * 26, receipts.BLOCKED)  # cast meanwhile
    for _ in range(3):
        await tick(database, "ballots_are_unfinished")
    async with database.begin() as work:
        assert sorted(str(one["chat"]) for one in await reminded(work)) == ["1", "2", "4"]


async def test_after_a_restore_votes_begin_anew_with_new_keys(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 30)
        for code in several:
            await vote(work, 1, code, [1, 2, 3])
        early = await drafted(work)
    clock.now = EVENING
    assert await commit(database) == 20
    async with database.begin() as work:
        for name in (made.id, early.id):
            await ballots.destroy_key(work, name)
        await ballots.empty_box(work, made.id)
        await closing.begin_anew(work)
        assert [row["link"].hex() for row in await rows(work, "commitments")] == [made.first_head]
        assert not (await voting.enter(work, reach_of(1), several[0])).voted
        await choose(work, 1, [1, 2, 3])
        await voting.cast(work, reach_of(1))
        before = await rows(work, "round_keys")
        await closing.begin_anew(work)
        assert await rows(work, "round_keys") == before
        assert len(before) == 2
        assert (await codes.code_counts(work, made.id)).used == 1


async def test_plans_of_a_closed_vote_are_what_was_voted_on(database: Database, clock: Clock) -> None:
    async with database.begin() as work:
        made, _ = await open_round(work, 1, many=3)
    clock.now = made.closes_at
    await tick(database, "votes_are_due")
    async with database.reading() as work:
        found = await closing.opened(work, made.id)
    assert [(plan.number, plan.title) for plan in found.plans] == [
        (number, plan_draft(number).title) for number in (1, 2, 3)
    ]
    assert (found.ballots, len(found.commitments), found.blank) == ((), 1, 0)


async def test_a_vote_that_lost_its_ballots_closes_only_after_it_got_more_time(
    database: Database, clock: Clock
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 3)
        early = await drafted(work)
        for name in (made.id, early.id):
            await ballots.destroy_key(work, name)
        await closing.begin_anew(work)
        assert (await rounds.round_of(work, early.id)).halted is None
        assert (await rounds.round_of(work, made.id)).notice == "lost"
        await vote(work, 1, several[0], [1, 2, 3])
    clock.now = made.closes_at + timedelta(hours=3)
    await tick(database, "votes_are_due")
    async with database.begin() as work:
        await closing.close(work, made.id)
        assert (await rounds.round_of(work, made.id)).state == RoundState.VOTING
        with pytest.raises(voting.NotOpen):
            await voting.enter(work, reach_of(2), several[1])
        until = work.now + timedelta(days=3)
        with pytest.raises(WrongRound, match="why"):
            await round_acts.extend_round(work, organiser(), made.id, until, "outage")
        longer = await round_acts.extend_round(work, organiser(), made.id, until, "lost")
        assert (longer.halted, longer.notice) == (None, "lost")
        await vote(work, 2, several[1], [1, 2, 3])
    clock.now = until
    await tick(database, "votes_are_due")
    async with database.reading() as work:
        assert len((await closing.opened(work, made.id)).ballots) == 2
