"""Many casts at once: one ballot a code, the last one cast; and a close that races with them loses none."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest

from domain.sealing import KeyRing
from handlers.telegram.reaches import reach_of
from services.budget import closing, codes, voting
from services.budget.voting import NoDraft, NotOpen
from services.work import DatabaseAway
from storage.engine import unit_of_work
from storage.engine.database import Database
from storage.engine.unit_of_work import UnitOfWork
from tests.opened import Clock, clock, database, keys, opened, rows
from tests.rounds import choose, open_round

__all__ = ["clock", "database", "keys"]

CASTS, CODES = 1000, 300
T = TypeVar("T")


async def persistent(act: Callable[[], Awaitable[T]]) -> T:
    """Repeat `act` while the database is too busy, as Telegram delivers an update again."""
    while True:
        with suppress(DatabaseAway):
            return await act()


async def test_of_a_thousand_casts_at_once_with_three_hundred_codes_the_last_of_each_counts(
    database: Database, clock: Clock
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, CODES)
    chance = random.Random(300)
    last: dict[str, tuple[int, ...]] = {}

    async def cast(telegram_id: int, code: str, choices: list[int]) -> bool:
        async with database.begin() as work:
            done = await voting.cast(work, reach_of(telegram_id))
            # The code's place on the roll is locked until the commit: this is the order in which they are kept.
            last[done.receipt] = tuple(sorted(choices))
            newest[code] = done.receipt
        return done.changed

    newest: dict[str, str] = {}
    voters = [
        (number, several[number % CODES], chance.sample(range(1, 7), chance.randint(3, 5))) for number in range(CASTS)
    ]
    async with database.begin() as work:
        for number, code, choices in voters:
            await voting.enter(work, reach_of(number), code)
            await choose(work, number, choices)
    chance.shuffle(voters)
    changed = await asyncio.gather(*(persistent(partial(cast, *voter)) for voter in voters))
    assert changed.count(False) == CODES
    async with database.reading() as work:
        assert await rows(work, "drafts") == []
        assert len(await rows(work, "ballots")) == CODES
    clock.now = made.closes_at
    async with database.begin() as work:
        await closing.open_and_close_due(work)
        found = await closing.opened(work, made.id)
    assert found.counts.used == CODES
    assert {one.receipt: one.choices for one in found.ballots} == {one: last[one] for one in newest.values()}


async def test_a_cast_that_races_with_the_close_is_refused_or_counted(
    database: Database, clock: Clock, keys: KeyRing
) -> None:
    async with database.begin() as work:
        made, several = await open_round(work, 200)
        for number, code in enumerate(several):
            await voting.enter(work, reach_of(number), code)
            await choose(work, number, [1, 2, 3])
    # The closer's clock is ahead: those who cast still believe that there is time.
    async with opened(database.url, keys, Clock(made.closes_at)) as other:

        async def cast(telegram_id: int) -> str | None:
            try:
                async with database.begin() as work:
                    return (await voting.cast(work, reach_of(telegram_id))).receipt
            except (NotOpen, NoDraft):
                return None

        async def close() -> None:
            async with other.begin() as work:
                await closing.open_and_close_due(work)

        casting = [persistent(partial(cast, number)) for number in range(len(several))]
        casts = asyncio.gather(*casting[:100])
        earlier, _, later = await asyncio.gather(casts, persistent(close), asyncio.gather(*casting[100:]))
    told = {receipt for receipt in (*earlier, *later) if receipt}
    async with database.reading() as work:
        found = await closing.opened(work, made.id)
        assert {one.receipt for one in found.ballots} == told
        assert (await codes.code_counts(work, made.id)).used == len(told)
        assert await rows(work, "ballots") == await rows(work, "drafts") == await rows(work, "round_keys") == []
    assert 0 < len(told) <= 200


class Broken(Exception):
    """The machine stopped at this statement."""


class Faulty(UnitOfWork):
    """A unit of work that raises Broken when `left`, counted down by each statement of any unit, comes to 0."""

    left = 0

    async def run(self, *arguments: Any) -> Any:
        Faulty.count()
        return await super().run(*arguments)

    async def toil(self, *arguments: Any) -> None:
        Faulty.count()
        await super().toil(*arguments)

    @staticmethod
    def count() -> None:
        Faulty.left -= 1
        if Faulty.left == 0:
            raise Broken


async def test_whatever_statement_breaks_a_vote_is_cast_once_and_counted_once(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "UnitOfWork", Faulty)

    async def again(act: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        """Repeat `act` after a break, as an update is delivered again or the clock looks again."""
        with suppress(Broken):
            async with database.begin() as work:
                await act(work)
            return
        async with database.begin() as work:
            await act(work)

    for nth in range(1, 100):
        Faulty.left = 0
        async with database.begin() as work:
            made, (code, _) = await open_round(work, 2, many=3, closes_at=clock.now + timedelta(hours=2))
        Faulty.left = nth
        told: list[str] = []

        async def cast(work: UnitOfWork, told: list[str] = told) -> None:
            told.append((await voting.cast(work, reach_of(1))).receipt)

        for step in (
            lambda work, code=code: voting.enter(work, reach_of(1), code),
            lambda work: choose(work, 1, [1, 2, 3]),
            cast,
            lambda work, code=code: voting.enter(work, reach_of(1), code),
            lambda work: choose(work, 1, [3, 2, 1]),
            cast,
        ):
            await again(step)
        clock.now = made.closes_at
        await again(closing.open_and_close_due)
        if Faulty.left > 0:
            break
        async with database.reading() as work:
            found = await closing.opened(work, made.id)
            assert [(one.receipt, one.choices) for one in found.ballots] == [(told[-1], (1, 2, 3))]
            assert (found.counts.used, len(found.commitments), found.replaced) == (
                1,
                2,
                (),
            )  # the opening is a link too
            assert await rows(work, "ballots") == await rows(work, "drafts") == await rows(work, "round_keys") == []
    assert 40 < nth < 99
