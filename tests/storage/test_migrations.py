"""Migrations: up, down and up again with rows in the tables, and no table that they don't make."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Table, TypeDecorator, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from storage import migrations
from storage.engine import database
from storage.engine.database import WrongDatabaseUrl, checked_url, is_newest, migrate
from storage.migrations import __main__ as writing
from storage.outbox import pace
from storage.upkeep.tables import metadata
from tests.opened import NOW, fresh_keys, opened, rows

VERSIONS = Path(migrations.__file__).parent / "versions"


def asked(url: str, question: Callable[[Connection], Any]) -> Any:
    """Give the answer of `question`, which gets a synchronous connection to the database."""

    async def ask() -> Any:
        async with opened(url, fresh_keys()) as database, database.begin() as work:
            return await work.connection.run_sync(question)

    return asyncio.run(ask())


def a_row(table: Table) -> dict[str, Any]:
    """A row with something in every column."""
    values: dict[type, object] = {
        datetime: datetime(2026, 11, 21, 10, tzinfo=UTC), date: date(2026, 11, 21),
        bytes: b"\x00\xff", bool: True, int: 7, str: "x",
    }  # fmt: skip
    kinds = {
        column.name: column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
        for column in table.columns
    }
    return {name: values[kind.python_type] for name, kind in kinds.items()}


def test_postgresql_keeps_no_samples_of_tags_and_of_what_is_sealed(postgres_url: str) -> None:
    """ANALYZE would keep samples by default: they would outlive an erased record and a cut line."""
    samples = "SELECT tablename || '.' || attname FROM pg_stats WHERE schemaname = 'public'"

    def analysed(connection: Connection) -> list[str]:
        connection.execute(text("ANALYZE"))
        return [str(name) for name in connection.execute(text(samples)).scalars()]

    asyncio.run(fill(postgres_url))
    found = asked(postgres_url, analysed)
    bytes_of = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.type.python_type is bytes
    }
    assert len(bytes_of) > 30
    assert set(found) & bytes_of == set()
    assert found, "of other columns it does"


async def fill(url: str) -> None:
    """Put a row into every table."""
    async with opened(url, fresh_keys()) as database, database.begin() as work:
        for table in metadata.sorted_tables:
            await work.run(table.insert(), a_row(table))


async def check(url: str, wanted: int) -> None:
    """Assert that every table holds `wanted` rows, each equal to `a_row`."""
    async with opened(url, fresh_keys()) as database, database.reading() as work:
        for table in metadata.sorted_tables:
            assert await rows(work, table.name) == [a_row(table)] * wanted


def test_rows_survive_in_every_table_and_the_way_down_and_up_again_leaves_none(database_url: str) -> None:
    asyncio.run(fill(database_url))
    asyncio.run(check(database_url, 1))
    migrate(database_url)
    asyncio.run(check(database_url, 1))
    migrate(database_url, "base")
    assert asked(database_url, lambda connection: inspect(connection).get_table_names()) == ["alembic_version"]
    migrate(database_url)
    asyncio.run(check(database_url, 0))
    asyncio.run(fill(database_url))


def down_to(url: str, revision: str) -> None:
    """Bring the database down to this revision, however many newer ones there are by now."""
    newer = [file for file in VERSIONS.glob("0*.py") if file.name[:4] > revision]
    migrate(url, f"-{len(newer)}")


def kept(url: str, table: str) -> dict[str, Any]:
    """The only row of this table."""

    async def ask() -> dict[str, Any]:
        async with opened(url, fresh_keys()) as database, database.reading() as work:
            (found,) = await rows(work, table)
            return found

    return asyncio.run(ask())


def test_a_round_from_before_there_was_more_time_goes_down_and_comes_up_again(database_url: str) -> None:
    asyncio.run(fill(database_url))
    before = kept(database_url, "rounds")
    down_to(database_url, "0004")
    columns = asked(database_url, lambda connection: inspect(connection).get_columns("rounds"))
    assert not {"extensions", "halted"} & {column["name"] for column in columns}
    migrate(database_url)
    assert kept(database_url, "rounds") == {
        **before,
        "extensions": None,
        "halted": None,
        "version": 1,
        "first_head": None,
    }


def test_a_round_and_a_plan_from_before_there_were_versions_get_the_first_one(database_url: str) -> None:
    asyncio.run(fill(database_url))
    tables = ("rounds", "plans", "broadcasts")
    before = {table: kept(database_url, table) for table in tables}
    down_to(database_url, "0005")
    columns = asked(database_url, lambda connection: inspect(connection).get_columns("broadcasts"))
    assert "approved_tag" in {column["name"] for column in columns}
    migrate(database_url)
    for table in tables:
        newer: dict[str, dict[str, Any]] = {
            "rounds": {"version": 1, "first_head": None},
            "broadcasts": {"approved": False, "slices": 1, "filled": 1, "most": 0},
        }  # fmt: skip
        assert kept(database_url, table) == {**before[table], **newer.get(table, {"version": 1})}


def test_a_halt_that_stands_when_the_program_is_renewed_holds_on(database_url: str) -> None:
    async def halted() -> datetime | None:
        async with opened(database_url, fresh_keys()) as database, database.reading() as work:
            return await pace.halted_until(work, NOW)

    async def halt() -> None:
        async with opened(database_url, fresh_keys()) as database, database.begin() as work:
            await pace.halt(work, NOW, NOW + timedelta(hours=1))

    asyncio.run(halt())
    down_to(database_url, "0005")
    columns = asked(database_url, lambda connection: inspect(connection).get_columns("halts"))
    assert {column["name"] for column in columns} == {"name", "until"}
    migrate(database_url)
    assert asyncio.run(halted()) == NOW + timedelta(hours=1)


def differences(connection: Connection) -> list[Any]:
    """The differences between the code's tables and those of the database, as Alembic reports them."""
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str) -> None:
    assert asked(database_url, differences) == []


async def newest(url: str) -> bool:
    """Whether the database is at the newest migration."""
    async with opened(url, fresh_keys()) as database, database.reading() as work:
        return await is_newest(work)


def test_a_database_knows_whether_it_has_the_newest_form(database_url: str) -> None:
    assert asyncio.run(newest(database_url))
    migrate(database_url, "base")
    assert not asyncio.run(newest(database_url))


def test_a_migration_that_breaks_off_leaves_nothing_behind_on_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "half.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE signals (in_the_way)")
    connection.close()
    with pytest.raises(SQLAlchemyError):
        migrate(f"sqlite+aiosqlite:///{path}")
    with sqlite3.connect(path) as connection:
        left = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    assert left == [("signals",)]


@pytest.mark.parametrize(
    "url", ["", "mysql://a/b", "postgresql://a:port/b", "sqlite://", "sqlite:///:memory:", "no url at all"]
)
def test_an_address_of_no_database_of_ours_is_refused_with_what_would_be_right(url: str) -> None:
    with pytest.raises(WrongDatabaseUrl, match=r"sqlite\+aiosqlite:///PATH or postgresql"):
        checked_url(url)


def test_a_word_that_the_driver_does_not_know_is_refused_and_ssl_is_named() -> None:
    with pytest.raises(WrongDatabaseUrl, match=r"'sslmode' in it; .*\?ssl=require"):
        checked_url("postgresql://a:secret@b/c?sslmode=require")
    assert checked_url("postgresql://a@b/c?ssl=require").endswith("?ssl=require")


@pytest.mark.parametrize("end", [":99999999/b", ":5432/b?port=abc", "/b?prepared_statement_cache_size=abc"])
def test_a_number_that_the_driver_would_fall_over_is_refused(end: str) -> None:
    with pytest.raises(WrongDatabaseUrl, match="must be a number from 0 to 65535"):
        checked_url(f"postgresql://a:secret@b{end}")
    assert checked_url("postgresql://a@b:65535/c?prepared_statement_cache_size=0")


def test_the_next_migration_is_written_from_what_the_tables_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(database._MIGRATIONS, tmp_path / "migrations")
    *_, before, last = sorted((copy / "versions").glob("0*.py"))
    last.unlink()
    monkeypatch.setattr(database, "_MIGRATIONS", copy)
    assert writing.main(["what was lost"]) == 0
    written = copy / "versions" / f"{int(before.name[:4]) + 1:04d}_what_was_lost.py"
    assert f"down_revision = {before.name[:4]!r}" in written.read_text()
    url = f"sqlite+aiosqlite:///{tmp_path}/new.db"
    migrate(url)
    assert asked(url, differences) == []
    assert writing.main([]) == 2


def test_an_address_without_its_driver_gets_it() -> None:
    assert checked_url("postgresql://a:p%40w@b/c") == "postgresql+asyncpg://a:p%40w@b/c"
    assert checked_url("sqlite:////x/y.db") == "sqlite+aiosqlite:////x/y.db"
