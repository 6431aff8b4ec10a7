"""The matcher, who has everything but the destroyed keys, pairs codes and ballots no better than by chance.

It holds the published files, all rows with what PostgreSQL (xmin, ctid) or SQLite (the place in the file
and its log) adds to them, the rows and dumps from just before the close, and the days of the batches. It puts codes
in every order it can think of, ballots too, and pairs them place by place. Chance is what the same pairing would
meet if the ballots of each public batch were shuffled: 1 of n for n in one batch.
"""

from __future__ import annotations

import json
import random
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.budget.ballot_codes import new_receipt
from domain.sealing import new_id
from handlers.clock.budget import evening_has_come, votes_are_due
from handlers.telegram.reaches import reach_of
from services.budget import closing, voting
from services.budget.codes import code_tag
from services.budget.round_keys import draft_tag, round_keys, sealed_draft
from services.upkeep import copying
from storage.budget import ballots, rounds
from storage.engine.database import Database
from tests.opened import Clock, clock, database, keys, rows
from tests.rounds import open_round

__all__ = ["clock", "database", "keys"]

ELECTIONS = 50  # on each kind of database
EARLY, LATE, CHANGED = 20, 8, 2
Rank = Mapping[str, Any]  # a code or a receipt -> what it is put in order by


@dataclass(frozen=True)
class Evidence:
    """What is known of one election: orders of codes, orders of ballots, and, for the count, who cast which."""

    codes: Mapping[str, Rank]
    ballots: Mapping[str, Rank]
    truth: Mapping[str, str]  # code -> receipt
    batches: Mapping[str, int]  # receipt -> batch of its commitment


async def two_days(
    database: Database, clock: Clock, chance: random.Random, round_id: str, voters: Sequence[str]
) -> tuple[dict[str, str], dict[str, Any]]:
    """Most vote on the first day, some on the second, and a few change their ballot: (code -> receipt, and when)."""
    truth: dict[str, str] = {}
    when: dict[str, Any] = {}
    days = (voters[:EARLY], [*voters[EARLY:], *chance.sample(voters[:EARLY], CHANGED)])
    for day, today in enumerate(days):
        async with database.begin() as work:
            own = await round_keys(work, round_id)
            for person, code in enumerate(today):
                draft = new_id()
                content = {"telegram_id": person, "code": code, "choices": sorted(chance.sample(range(1, 7), 3))}
                row = {"draft_tag": draft_tag(work.keys, reach_of(person)), "id": draft, "round_id": round_id}
                await ballots.put_draft(work, {**row, "content": sealed_draft(own, draft, content)})
        for person, code in enumerate(today):
            async with database.begin() as work:
                truth[code] = (await voting.cast(work, reach_of(person))).receipt
            when[code] = (day, person)
        clock.now = clock.now.replace(hour=20)
        async with database.begin() as work:
            await evening_has_come(work)
        clock.now = (clock.now + timedelta(days=1)).replace(hour=10)
    return truth, when


async def election(database: Database, clock: Clock, chance: random.Random) -> Evidence:
    """A whole vote, and what is seen of it before and after the close."""
    async with database.begin() as work:
        made, several = await open_round(work, EARLY + LATE, closes_at=clock.now + timedelta(days=2))
        own = await round_keys(work, made.id)
        tags = {code: code_tag(work.keys, code) for code in several}
    ballot_tags = {code: own.ballot_tag(code) for code in several}
    truth, when = await two_days(database, clock, chance, made.id, chance.sample(several, len(several)))
    before = await places(database, made.id, "roll", "code_tag")
    sealed = await places(database, made.id, "ballots", "ballot_tag")
    dumped = await dump(database, "roll", "code_tag")
    async with database.reading() as work:
        contents = {row["ballot_tag"]: row["content"] for row in await rows(work, "ballots")}
    clock.now = made.closes_at
    async with database.begin() as work:
        await votes_are_due(work)
        found = await closing.opened(work, made.id)
    after = await places(database, made.id, "roll", "code_tag")
    counted = await places(database, made.id, "counted_ballots", "receipt")
    dumped_ballots = await dump(database, "counted_ballots", "receipt")
    batch_of = {one.value: one for one in found.commitments}
    entries = {one.receipt: batch_of[one.commitment(made.id)] for one in found.ballots}
    return Evidence(
        codes={
            "the order of the casts": when,
            "its place on the list": {code: at for at, code in enumerate(several)},
            "the code": {code: code for code in several},
            "its tag on the roll": tags,
            "its tag in the box": ballot_tags,
            "its sealed ballot": {code: contents[ballot_tags[code]] for code in several},
            "its place on the roll": {code: before[tags[code]] for code in several},
            "its place in the box": {code: sealed[ballot_tags[code]] for code in several},
            "its place on the roll after the close": {code: after[tags[code]] for code in several},
            "its place in a backup": {code: dumped[tags[code]] for code in several},
        },
        ballots={
            "the receipt": {one.receipt: one.receipt for one in found.ballots},
            "the salt": {one.receipt: one.salt for one in found.ballots},
            "the choices": {one.receipt: one.choices for one in found.ballots},
            "its commitment": {receipt: entry.value for receipt, entry in entries.items()},
            "its number in the chain": {receipt: entry.number for receipt, entry in entries.items()},
            "its place in the table": {one.receipt: counted[one.receipt] for one in found.ballots},
            "its place in a backup": {one.receipt: dumped_ballots[one.receipt] for one in found.ballots},
            "its place in the published file": {one.receipt: at for at, one in enumerate(found.ballots)},
        },
        truth=truth,
        batches={receipt: entry.batch for receipt, entry in entries.items()},
    )


async def places(database: Database, round_id: str, table: str, column: str) -> dict[Any, Any]:
    """Where each row of a round stands: by transaction and page in PostgreSQL, by byte in SQLite's file and log."""
    async with database.reading() as work:
        if not database.is_sqlite:
            query = f"SELECT {column}, xmin::text::bigint AS x, ctid::text AS c FROM {table} WHERE round_id = :id"
            found = await work.run(text(query), {"id": round_id})
            return {row[0]: (row.x, *map(int, row.c.strip("()").split(","))) for row in found}
        values = [row[column] for row in await rows(work, table) if row["round_id"] == round_id]
    file = Path(database.url.partition(":///")[2])
    raw = b"".join(path.read_bytes() for path in (file, file.with_name(f"{file.name}-wal")))
    return {one: raw.rfind(one if isinstance(one, bytes) else one.encode()) for one in values}


async def dump(database: Database, table: str, column: str) -> dict[Any, int]:
    """The place of each value of a column in a backup."""
    async with database.reading() as work:
        files = [copying.lines(work, keys=part, backup_id="") for part in (False, True)]
        lines = [json.loads(line) for file in files async for line in file]
    values = [line["row"][column] for line in lines if line.get("table") == table]
    return {b64decode(one["b"]) if isinstance(one, dict) else one: at for at, one in enumerate(values)}


def in_order(rank: Rank) -> list[str]:
    """Codes or receipts, sorted by their rank."""
    return sorted(rank, key=lambda one: rank[one])


def met(codes: Sequence[str], receipts: Sequence[str], evidence: Evidence) -> tuple[int, float]:
    """How many pairs are right, and how many would be by chance within the public batches."""
    sizes = list(evidence.batches.values())
    right, expected = 0, 0.0
    for code, receipt in zip(codes, receipts, strict=True):
        true, batch = evidence.truth[code], evidence.batches[receipt]
        right += true == receipt
        expected += (evidence.batches[true] == batch) / sizes.count(batch)
    return right, expected


async def matched(database: Database, clock: Clock, elections: int) -> dict[tuple[str, str, bool], tuple[int, float]]:
    """For each way to pair (codes by, ballots by, backwards): how many pairs were right, and how many by chance."""
    chance = random.Random(7)
    totals: dict[tuple[str, str, bool], tuple[int, float]] = {}
    for _ in range(elections):
        evidence = await election(database, clock, chance)
        for by_code, codes in evidence.codes.items():
            for by_ballot, receipts in evidence.ballots.items():
                for backwards in (False, True):
                    ordered = in_order(receipts)
                    right, expected = met(in_order(codes), ordered[::-1] if backwards else ordered, evidence)
                    before = totals.get((by_code, by_ballot, backwards), (0, 0.0))
                    totals[by_code, by_ballot, backwards] = before[0] + right, before[1] + expected
    return totals


async def no_better_than_chance(database: Database, clock: Clock, elections: int) -> None:
    """Assert that no way to pair them is right more often than chance."""
    totals = await matched(database, clock, elections)
    assert len(totals) == 160
    for way, (right, expected) in totals.items():
        # Poisson's law: of 160 ways, one is 6 deviations above by chance once in some hundred thousand runs.
        assert right <= expected + 6 * sqrt(expected), way
        assert expected <= 2 * elections, way  # what the public days tell is of that order too


async def test_no_order_of_codes_and_ballots_matches_better_than_chance(database: Database, clock: Clock) -> None:
    await no_better_than_chance(database, clock, ELECTIONS)


@pytest.mark.proof
async def test_a_thousand_elections_match_no_better_than_chance(database: Database, clock: Clock) -> None:
    await no_better_than_chance(database, clock, 500)


async def test_receipts_that_rise_with_time_are_found_out(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = count(1)
    monkeypatch.setattr("services.budget.voting.new_receipt", lambda: f"{next(numbers):010d}")
    totals = await matched(database, clock, 3)
    right, expected = totals["the order of the casts", "the receipt", False]
    assert right > 5 * expected
    assert right > 3 * (EARLY + LATE) / 4


async def test_ballots_that_are_counted_where_they_were_cast_are_found_out(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The close forgets to shuffle: ballots go out in the order in which they came in.
    cast: list[str] = []
    made, keep = new_receipt, rounds.add_counted

    def remembered() -> str:
        cast.append(made())
        return cast[-1]

    async def unshuffled(work: Any, counted: Sequence[Mapping[str, Any]]) -> None:
        for row in sorted(counted, key=lambda row: cast.index(row["receipt"])):
            await keep(work, [row])

    monkeypatch.setattr("services.budget.voting.new_receipt", remembered)
    monkeypatch.setattr(rounds, "add_counted", unshuffled)
    totals = await matched(database, clock, 3)
    right, expected = totals["the order of the casts", "its place in the table", False]
    if database.is_sqlite:  # it keeps the rows by their receipts: even then nothing is seen
        assert right <= expected + 5 * sqrt(expected)
    else:
        assert right > 5 * expected
