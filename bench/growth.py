"""`python -m bench.growth`: what a city costs on SQLite and on PostgreSQL; aims in brackets.

167,000 readers: a look at an audience, and putting all of them in while somebody taps. 100,000 ballots: their close,
while others enter codes of another vote. All of it runs in one process, as with `run`: who is held up by the event
loop waits too. The clock asks without a pause, where it asks each second in real life.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import uvloop

from bot.process.clock import make_clock
from domain.broadcasts.rules import Content
from domain.broadcasts.slices import slices_for
from domain.budget.ballot_codes import new_receipt
from domain.budget.commitments import SealedChoice, new_salt
from domain.budget.rounds import CHANNEL_TELEGRAM
from domain.reach import seal_reach
from domain.sealing import KeyRing, Place, new_id, new_key, seal_json
from handlers.telegram.reaches import reach_of
from services.broadcasts import census, recipients
from services.budget import box, closing, voting
from services.budget.codes import code_tag
from services.budget.round_keys import round_keys, sealed_ballot
from services.budget.statements import commitments
from services.people import residents
from services.people.residents import person_tag
from services.work import Work
from storage.broadcasts import invitations
from storage.broadcasts.invitations import BroadcastRow
from storage.budget import ballots, rounds
from storage.engine.database import Database, migrate
from storage.engine.unit_of_work import table_of
from storage.engine.vault import RecordKeyTable
from storage.people.residents import PersonTable
from tests.postgres import PostgresServer, start_postgres
from tests.rounds import open_round

READERS, BALLOTS = 167_000, 100_000
TEXTS = Content({"nl": "Kom naar het open huis.", "ar": "\u062a\u0639\u0627\u0644\u0648\u0627"})
_TAP = 0.02  # seconds from one to the next
Deed = Callable[[Work], Awaitable[Any]]


class Waits:
    """How long taps waited that came beside something long, in milliseconds."""

    def __init__(self) -> None:
        """None have come."""
        self.each: list[float] = []

    @property
    def p95(self) -> float:
        """19 of 20 waited no longer."""
        return quantiles(self.each, n=20)[-1] if len(self.each) > 1 else 0.0


@asynccontextmanager
async def taps(database: Database, deed: Deed) -> AsyncIterator[Waits]:
    """Somebody taps all the while: each tap is a unit of work of its own, and they don't wait for one another."""
    waits, tasks, on = Waits(), set[asyncio.Task[None]](), True

    async def tap(due: float) -> None:
        async with database.begin_short() as work:
            await deed(work)
        waits.each.append((time.perf_counter() - due) * 1000)

    async def keep_tapping() -> None:
        due = time.perf_counter()
        while on:
            task = asyncio.create_task(tap(due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            due = max(due + _TAP, time.perf_counter() - 5)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    tapping = asyncio.create_task(keep_tapping())
    try:
        yield waits
    finally:
        on = False
        await tapping
        while tasks:
            await asyncio.gather(*tasks)


async def audiences(database: Database, name: str) -> None:
    """167,000 readers: counted by the clock, looked at, put in."""
    people, keys = await asyncio.to_thread(_people, database.keys, make_clock("")().date())
    async with database.begin() as work:
        await work.add_many(table_of(RecordKeyTable), keys)
        await work.add_many(table_of(PersonTable), people)
    began, slices = time.process_time(), slices_for(READERS)
    for _ in range(slices):
        async with database.begin() as work:
            await census.go_on(work)
    each = (time.process_time() - began) / slices * 1000
    began = time.perf_counter()
    async with database.reading() as work:
        found = (await census.counted(work, TEXTS)).total()
    look = (time.perf_counter() - began) * 1000
    async with database.begin() as work:
        one = new_id()
        sent = BroadcastRow(id=one, state="sending", texts=json.dumps(TEXTS.texts), made_on=work.today)
        await invitations.add(work, sent.model_dump() | {"started_at": work.now})
        row = await invitations.by_id(work, one)
        if row is None:
            raise RuntimeError("the broadcast is gone")
        await invitations.change(work, one, **await recipients.start(work, row))
        row = await invitations.by_id(work, one)
    async with taps(database, lambda work: residents.arrive(work, reach_of(1), "nl")) as waits:
        began = time.perf_counter()
        while row is not None and row.filled < row.slices:
            async with database.begin() as work:
                await recipients.fill(work)
            async with database.begin() as work:
                await recipients.feed(work)
                row = await invitations.by_id(work, one)
        seconds = time.perf_counter() - began
    print(f"{name}: a look at an audience of {found:,}: {look:.0f} ms (100)")
    print(f"{name}: a slice of the census: {each:.0f} ms of processor time")
    print(f"{name}: {found:,} put in in {seconds:.0f} s, taps meanwhile p95 {waits.p95:.0f} ms (100)", flush=True)


def _people(keys: KeyRing, today: date) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
    people, records = [], []
    for number in range(1, READERS + 1):
        reach, record, key = reach_of(number), new_id(), new_key()
        records.append({"record_id": record, "wrapped": keys.wrap(key, record)})
        wish = {"neighbourhood": ("FK01", "FB01", None)[number % 3], "fewer": number % 5 == 0}
        people.append({
            "tag": person_tag(keys, reach), "record_id": record, "language": ("nl", "en", "tr", "ar")[number % 4],
            "contact": seal_reach(key, reach, Place("people", record, "contact")), "language_chosen": True,
            "warned": True, "reachable": True, "since": today,
            "news": seal_json(key, wish, Place("people", record, "news")),
        })  # fmt: skip
    return people, records


async def closes(database: Database, name: str) -> None:
    """100,000 ballots are closed while codes of another vote are entered."""
    async with database.begin() as work:
        mine, _ = await open_round(work, 1)
        _, (code,) = await open_round(work, 1)
        keys = await round_keys(work, mine.id)
        cast, codes = await asyncio.to_thread(_ballots, database.keys, keys, mine.id)
        await ballots.add_codes(work, codes)
        await work.add_many(table_of(ballots.BallotTable), sorted(cast, key=lambda row: bytes(row["ballot_tag"])))
        told = await box.evening(work, mine.id, await commitments(work, mine.id))
        await rounds.add_commitments(work, mine.id, told)
        await rounds.change_round(work, mine.id, closes_at=work.now - timedelta(seconds=1))
    lags: list[float] = []

    async def lag() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            lags.append((time.perf_counter() - began - 0.01) * 1000)

    lagging = asyncio.create_task(lag())
    async with taps(database, lambda work: voting.enter(work, reach_of(7), code)) as waits:
        began = time.perf_counter()
        async with database.begin() as work:
            await closing.open_and_close_due(work)
        seconds = time.perf_counter() - began
    lagging.cancel()
    async with database.reading() as work:
        if (counted := len((await closing.opened(work, mine.id)).ballots)) != BALLOTS:
            raise RuntimeError(f"{counted} ballots came out")
    print(
        f"{name}: {BALLOTS:,} ballots closed in {seconds:.1f} s, others waited {max(waits.each):.0f} ms (300), "
        f"the loop stood still for {max(lags):.0f} ms",
        flush=True,
    )


def _ballots(ring: KeyRing, keys: Any, round_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    cast, codes = [], []
    for number in range(BALLOTS):
        code = f"{number:012d}"
        choice = SealedChoice((1, 2, 1 + number % 6), new_receipt(), new_salt())
        cast.append(sealed_ballot(keys, code, round_id, choice))
        codes.append({
            "code_tag": code_tag(ring, code), "round_id": round_id, "code_class": "post",
            "channel": CHANNEL_TELEGRAM, "blocked": False,
        })  # fmt: skip
    return cast, codes


async def growth(folder: Path, server: PostgresServer | None) -> None:
    """Print what a city costs, on each database."""
    urls = {"SQLite": f"sqlite+aiosqlite:///{folder}/growth.db"}
    if server is not None:
        server.sql("CREATE DATABASE growth")
        urls["PostgreSQL"] = server.url("growth")
    for name, url in urls.items():
        await asyncio.to_thread(migrate, url)
        database = Database(url, KeyRing({1: new_key()}, new_key()), make_clock(""))
        try:
            await closes(database, name)
            await audiences(database, name)
        finally:
            await database.close()


def main() -> None:
    """Print it."""
    server = start_postgres()
    try:
        with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(growth(Path(folder), server))
    finally:
        server.remove()


if __name__ == "__main__":
    main()
