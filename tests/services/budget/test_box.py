"""The result of closing a vote, worked out ahead of it: used only where nothing has changed since."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from domain.budget.commitments import EntryKind
from services.budget import box, closing
from services.work import Held
from storage.budget import ballots, rounds
from storage.engine.database import Database
from tests.opened import Clock, fresh_keys, opened
from tests.rounds import open_round, vote
from tests.services.budget.test_closing import EVENING
from tests.ticks import tick

CHOICE = [1, 2, 3]


async def voted(database: Database, voters: int, spare: int = 0) -> tuple[str, list[str]]:
    """A round in which so many have voted; its id, and the `spare` codes that were not used."""
    async with database.begin() as work:
        made, several = await open_round(work, voters + spare)
        for number, code in enumerate(several[:voters]):
            await vote(work, number, code, CHOICE)
    return made.id, list(several[voters:])


async def closed(database: Database, round_id: str, ahead: box.CloseResult) -> closing.Opened:
    """Close the vote with what was worked out ahead; what the closed vote holds."""
    async with database.begin() as work:
        await rounds.change_round(work, round_id, closes_at=work.now - timedelta(seconds=1))
        await closing.close(work, round_id, ahead)
    async with database.reading() as work:
        return await closing.opened(work, round_id)


async def look_ahead(database: Database, round_id: str) -> box.CloseResult:
    """Work out what the close would come to now."""
    async with database.begin() as work:
        found = await box.worked_out_ahead(work, round_id)
    assert found is not None
    return found


async def test_where_nothing_has_changed_nothing_is_opened_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id, _ = await voted(database, 5)
    ahead = await look_ahead(database, round_id)
    monkeypatch.setattr(box, "_worked_out", None)
    found = await closed(database, round_id, ahead)
    assert sorted(one.choices for one in found.ballots) == [tuple(CHOICE)] * 5
    assert sum(one.kind == EntryKind.BALLOT for one in found.commitments) == 5


async def test_a_ballot_that_comes_after_the_look_ahead_is_counted(database: Database) -> None:
    round_id, (late, again) = await voted(database, 5, 2)
    async with database.begin() as work:
        await vote(work, 60, again, CHOICE)
    ahead = await look_ahead(database, round_id)
    async with database.begin() as work:
        await vote(work, 50, late, [4, 5, 6])
        await vote(work, 60, again, [2, 4, 6])
    found = await closed(database, round_id, ahead)
    assert sorted(one.choices for one in found.ballots) == [*[tuple(CHOICE)] * 5, (2, 4, 6), (4, 5, 6)]
    values = {one.commitment(round_id) for one in found.ballots}
    assert {one.value for one in found.commitments if one.kind == EntryKind.BALLOT} == values


async def test_an_evening_that_comes_after_the_look_ahead_is_not_committed_twice(
    database: Database, clock: Clock
) -> None:
    round_id, _ = await voted(database, 25)
    ahead = await look_ahead(database, round_id)
    clock.now = EVENING
    await tick(database, "evening_has_come")
    found = await closed(database, round_id, ahead)
    entries = [one for one in found.commitments if one.kind == EntryKind.BALLOT]
    assert len(entries) == len({one.value for one in entries}) == 25
    assert [one.number for one in found.commitments] == list(range(1, len(found.commitments) + 1))


async def test_a_vote_that_another_process_closed_is_left_alone(database: Database) -> None:
    round_id, _ = await voted(database, 5)
    found = await closed(database, round_id, await look_ahead(database, round_id))
    async with database.begin() as work:
        assert await box.worked_out_ahead(work, round_id) is None
    assert len(found.ballots) == 5


async def test_clocks_of_several_processes_close_a_vote_once_and_say_nothing_is_wrong(
    postgres_url: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(postgres_url, fresh_keys(), clock) as database:
        round_id, _ = await voted(database, 300)
        async with database.begin() as work:
            await rounds.change_round(work, round_id, closes_at=work.now - timedelta(seconds=1))
        await asyncio.gather(*(tick(database, "votes_are_due") for _ in range(4)))
        async with database.reading() as work:
            assert len((await closing.opened(work, round_id)).ballots) == 300
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_while_somebody_reads_the_roll_nothing_is_opened_ahead(
    postgres_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballots, "_PATIENCE", "100ms")
    async with opened(postgres_url, fresh_keys(), clock) as database:
        round_id, _ = await voted(database, 1)
        monkeypatch.setattr(box, "_worked_out", None)
        async with database.reading() as reader, database.begin() as work:
            await ballots.roll_counts(reader, round_id)
            with pytest.raises(Held):
                await box.worked_out_ahead(work, round_id)
