"""The matcher, who has all that is on disk, pairs cut signals with people no better than by chance.

Leaky variants of the program follow: the matcher must find out each, or it proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from sqlalchemy import text

from domain.sealing import KeyRing
from services.signals import cutting, reporting
from services.work import Work
from storage.engine.database import Database
from storage.signals import line_cuts
from tests.faults.cut_signals import Street, best, chance_of, live, look, matched
from tests.opened import Clock, clock, database, keys, opened
from tests.postgres import PostgresServer

__all__ = ["clock", "database", "keys"]

SIGNALS, MANY, LEAKY = 50, 200, 30


@pytest.fixture
def server(request: pytest.FixtureRequest, database: Database) -> PostgresServer | None:
    """PostgreSQL's server, whose files can be read; None on SQLite."""
    found: PostgresServer | None = None if database.is_sqlite else request.getfixturevalue("postgres_server")
    return found


async def seen(database: Database, clock: Clock, keys: KeyRing, server: PostgresServer | None, count: int) -> Street:
    street = await live(database, clock, count, seed=count)
    await look(database, street, keys, server)
    return street


async def at_chance(database: Database, clock: Clock, keys: KeyRing, server: Any, count: int) -> None:
    """Assert p > 0.05 in one of two streets: by chance alone, one street in twenty is below."""
    for seed in (count, count + 1):
        street = await live(database, clock, count, seed)
        await look(database, street, keys, server)
        p, way = best(street)
        print(f"n = {count} on {'SQLite' if server is None else 'PostgreSQL'}: p = {p:.3f}, {way}")
        assert street.named == []
        assert len(street.truth) == count
        if p > 0.05:
            return
    raise AssertionError(way)


async def test_no_sign_on_disk_pairs_cut_signals_and_people(
    database: Database, clock: Clock, keys: KeyRing, server: PostgresServer | None
) -> None:
    await at_chance(database, clock, keys, server, SIGNALS)


@pytest.mark.proof
async def test_two_hundred_cut_signals_are_paired_no_better_than_by_chance(
    database: Database, clock: Clock, keys: KeyRing, server: PostgresServer | None
) -> None:
    await at_chance(database, clock, keys, server, MANY)


def test_the_exact_chance_is_that_of_all_pairings() -> None:
    assert chance_of(0, 50) == pytest.approx(1)
    assert chance_of(50, 50) < 1e-60
    assert chance_of(1, 3) == pytest.approx(4 / 6)
    assert chance_of(3, 3) == pytest.approx(1 / 6)


# Leaky variants


async def _as_it_was(_work: Work, _signals: Collection[str]) -> None:
    """Stands in for `line_cuts.mix`: writes nothing anew."""


async def test_rows_that_stay_where_they_were_are_found_out(
    postgres_url: str, clock: Clock, keys: KeyRing, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_cuts, "mix", _as_it_was)
    async with opened(postgres_url, keys, clock) as database:
        street = await seen(database, clock, keys, postgres_server, LEAKY)
    p, _ = best(street)
    assert p < 0.001
    dead_rows = {"the pseudonym of a reporter", "the thread of a signal", "something sealed: line_cuts"}
    assert dead_rows <= set(street.named)


async def test_a_cut_in_the_transaction_of_the_tap_is_found_out(
    postgres_url: str, clock: Clock, keys: KeyRing, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(work: Work, resident: Any, signal_id: str, **_: Any) -> bool:
        return await reporting.cut_line(work, resident, signal_id)

    monkeypatch.setattr(cutting, "ask", at_once)
    async with opened(postgres_url, keys, clock) as database:
        street = await seen(database, clock, keys, postgres_server, LEAKY)
    (met, _) = matched(street)["conversations: xmin", "signals: xmin", False]
    assert met == LEAKY


async def test_rows_in_the_order_in_which_they_came_are_found_out(
    sqlite_url: str, clock: Clock, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As before the tables became WITHOUT ROWID: the rowid of the keys tells the order."""
    monkeypatch.setattr(line_cuts, "mix", _as_it_was)
    async with opened(sqlite_url, keys, clock) as database:
        async with database.begin() as work:
            made = (await work.run(text("SELECT sql FROM sqlite_master WHERE name = 'record_keys'"))).scalar_one()
            await work.run(text("DROP TABLE record_keys"))
            await work.run(text(made.replace("WITHOUT ROWID", "")))
        street = await seen(database, clock, keys, None, LEAKY)
    (met, _) = matched(street)["record_keys: rowid", "record_keys: rowid", False]
    assert met == LEAKY


async def test_a_telling_in_the_thread_of_the_signal_is_found_out(
    database: Database, clock: Clock, keys: KeyRing, server: PostgresServer | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = cutting.ask

    async def telling(work: Work, resident: Any, signal_id: str, **said: Any) -> bool:
        return await ask(work, resident, signal_id, **{**said, "thread": signal_id})

    monkeypatch.setattr(cutting, "ask", telling)
    street = await seen(database, clock, keys, server, LEAKY)
    assert street.named.count("the thread of a signal") == LEAKY
