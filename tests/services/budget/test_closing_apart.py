"""Votes don't hold each other up: what is damaged, large or locked in one round delays no other."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.jobs.ticking import make_ticker
from domain.budget.rounds import HaltReason, RoundState
from domain.sealing import KeyRing
from handlers.telegram.reaches import reach_of
from services.budget import closing, codes, round_acts, rounds, voting
from services.upkeep import copying
from services.work import DatabaseAway, Work
from storage.budget import ballots
from storage.engine.database import Database
from tests.lives import here
from tests.opened import Clock, opened, rows, table
from tests.rounds import drafted, open_round, organiser, vote
from tests.services.budget.test_closing import EVENING, reminded, state
from tests.ticks import tick
from tests.waits import Heart

MANY = 60_000


async def damage(work: Work, name: str, column: str) -> str:
    """Change a byte in this column of the table's first row; the id of that row's round."""
    target = table(name)
    key = next(iter(target.primary_key.columns))
    row = (await work.run(target.select().order_by(key).limit(1))).mappings().one()
    spoiled = bytes([row[column][-1] ^ 1])
    await work.run(target.update().where(key == row[key.name]).values({column: row[column][:-1] + spoiled}))
    return str(row["round_id"])


@pytest.mark.parametrize("gone", [False, True])
async def test_a_key_of_a_round_that_is_damaged_or_gone_stops_no_other_vote_and_is_told_once(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture, gone: bool
) -> None:
    async with database.begin() as work:
        found = [await open_round(work, 20) for _ in range(2)]
        both = {made.id: several for made, several in found}
        for several in both.values():
            for number, code in enumerate(several):
                await vote(work, number, code, [1, 2, 3])
            await voting.enter(work, reach_of(50), several[0])
        broken = await damage(work, "round_keys", "wrapped")
        if gone:
            await ballots.destroy_key(work, broken)
        next_one = await drafted(work, opens_at=work.now + timedelta(days=7), closes_at=work.now + timedelta(days=9))
        await codes.make_codes(work, organiser(), next_one.id, 1)
    (whole,) = both.keys() - {broken}
    clock.now = EVENING
    await tick(database, "evening_has_come")
    async with database.reading() as work:
        assert {row["round_id"] for row in await rows(work, "commitments") if row["number"] > 1} == {whole}
    clock.now = next_one.opens_at
    for _ in range(2):
        await tick(database, "votes_are_due")
    assert await state(database, whole) == RoundState.COUNTING
    assert await state(database, broken) == RoundState.VOTING
    assert await state(database, next_one.id) == RoundState.VOTING
    assert [record.getMessage().count(broken) for record in caplog.records if record.levelno >= logging.WARNING] == [1]


async def test_a_damaged_draft_keeps_nobody_else_from_being_reminded(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 3)
        for chat, code in enumerate(several, 1):
            await here(work, chat)
            await voting.enter(work, reach_of(chat), code)
        await damage(work, "drafts", "content")
    clock.now = made.closes_at - timedelta(hours=20)
    for _ in range(3):
        await tick(database, "ballots_are_unfinished")
    async with database.reading() as work:
        assert len(await reminded(work)) == 2
        assert sorted(str(row["reminded"]) for row in await rows(work, "drafts")) == [
            "unreadable", "waiting", "waiting",
        ]  # fmt: skip
    assert [record.getMessage().count(made.id) for record in caplog.records if record.levelno >= logging.WARNING] == [1]


async def test_a_close_among_many_codes_of_earlier_rounds_keeps_nobody_from_their_turn(
    database: Database, clock: Clock
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 12)
        for number, code in enumerate(several):
            await vote(work, number, code, [1, 2, 3])
        earlier = {"round_id": "o" * 26, "code_class": "resident", "channel": None, "blocked": True}
        await ballots.add_codes(work, [{"code_tag": secrets.token_bytes(32), **earlier} for _ in range(MANY)])
    clock.now = made.closes_at
    async with Heart() as heart:
        await tick(database, "votes_are_due")
    async with database.reading() as work:
        assert len((await closing.opened(work, made.id)).ballots) == 12
        assert (await ballots.roll_counts(work, "o" * 26)).total() == MANY
    assert heart.longest < heart.took / 3


async def test_making_many_codes_keeps_nobody_from_their_turn(database: Database) -> None:
    async with database.begin() as work:
        made = await drafted(work)
        async with Heart() as heart:
            batch = await codes.make_codes(work, organiser(), made.id, MANY)
        assert (await ballots.roll_counts(work, made.id)).total() == len(set(batch.codes)) == MANY
    assert heart.longest < heart.took / 3


@pytest.fixture
async def postgres_database(postgres_url: str, keys: KeyRing, clock: Clock) -> AsyncIterator[Database]:
    """An opened PostgreSQL database, where several transactions can write at once."""
    async with opened(postgres_url, keys, clock) as it:
        yield it


async def test_while_a_backup_runs_a_vote_stays_open_others_vote_and_it_closes_afterwards(
    postgres_database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    database = postgres_database
    async with database.begin() as work:
        over, _ = await open_round(work, 1)
        going_on, (code,) = await open_round(work, 1, closes_at=work.now + timedelta(days=9))
        begins = await drafted(work, opens_at=over.closes_at, closes_at=over.closes_at + timedelta(days=1))
        await codes.make_codes(work, organiser(), begins.id, 1)
    clock.now = over.closes_at
    async with database.reading() as backup, asyncio.timeout(20):
        await copying.hold_still(backup)
        for _ in range(2):
            await tick(database, "votes_are_due")
        assert await state(database, over.id) == RoundState.VOTING
        assert await state(database, begins.id) == RoundState.VOTING
        async with database.begin() as work:
            await vote(work, 1, code, [1, 2, 3])
        lines = [line async for line in copying.lines(backup, keys=True, backup_id="x")]
        assert sum('"table":"roll"' in line for line in lines) == 3
    assert [record.getMessage().count(over.id) for record in caplog.records if record.levelno >= logging.WARNING] == [1]
    await tick(database, "votes_are_due")
    assert await state(database, over.id) == RoundState.COUNTING
    assert await state(database, going_on.id) == RoundState.VOTING


async def test_a_vote_whose_close_was_missed_for_long_closes_only_after_it_got_more_time(
    database: Database, clock: Clock
) -> None:
    async with database.begin() as work:
        missed, several = await open_round(work, 2)
        just_over, _ = await open_round(work, 1, closes_at=missed.closes_at + timedelta(minutes=30))
        await vote(work, 1, several[0], [1, 2, 3])
    clock.now = just_over.closes_at + timedelta(minutes=5)
    for _ in range(2):  # the program starts, and once more
        async with database.begin() as work:
            await closing.halt_missed(work)
        await tick(database, "votes_are_due")
        assert await state(database, just_over.id) == RoundState.COUNTING
        assert await state(database, missed.id) == RoundState.VOTING
    async with database.begin() as work:
        with pytest.raises(voting.NotOpen):
            await voting.enter(work, reach_of(2), several[1])
        until = work.now + timedelta(days=1)
        longer = await round_acts.extend_round(work, organiser(), missed.id, until, "outage")
        assert (longer.halted, longer.notice) == (None, "outage")
        await vote(work, 2, several[1], [1, 2, 3])
    clock.now = until
    await tick(database, "votes_are_due")
    async with database.reading() as work:
        assert len((await closing.opened(work, missed.id)).ballots) == 2


async def test_a_vote_whose_close_fell_into_an_outage_of_the_database_alone_waits_too(
    database: Database, clock: Clock
) -> None:
    away = False

    @asynccontextmanager
    async def begin() -> AsyncIterator[Work]:
        if away:
            raise DatabaseAway("gone")
        async with database.begin() as work:
            yield work

    async with database.begin() as work:
        missed, _ = await open_round(work, 1)
        seen, _ = await open_round(work, 1, closes_at=missed.closes_at - timedelta(days=1))
    look = make_ticker(begin).get_job("votes_are_due").func
    for minutes in (-5, 1):  # a tick may be late
        clock.now = seen.closes_at + timedelta(minutes=minutes)
        await look()
    assert await state(database, seen.id) == RoundState.COUNTING
    away, clock.now = True, missed.closes_at + timedelta(minutes=5)
    await look()
    away, clock.now = False, missed.closes_at + timedelta(hours=2)
    for _ in range(2):
        await look()
    async with database.reading() as work:
        found = await rounds.round_of(work, missed.id)
    assert (found.state, found.halted) == (RoundState.VOTING, HaltReason.MISSED)
