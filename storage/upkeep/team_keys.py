"""Which team keys are in use and which processes live, so that all agree on a change of the team key. Holds no key.

A new key is `announced`, until every live process has read it; then it `wraps`; when nothing is left under an older
one it is the `only` one, and the older ones may be destroyed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, literal, select, text
from sqlmodel import Field, SQLModel

from storage.engine.columns import moment
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.upkeep.wrapping import WRAPPED, Wrapped

# After this long without a sign of life a process counts as ended; it stops working before that (bot/process/heart.py).
SILENT = timedelta(seconds=20)
_FORGOTTEN = timedelta(hours=1)
_LOCK_WAIT = "2s"  # to lock a whole table: all who write into it wait behind us meanwhile
_REFUSE = "refuse_destroyed_team_key"


class TeamKeyTable(SQLModel, table=True):
    """A team key by its number and fingerprint; state: announced, wraps or only."""

    __tablename__ = "team_keys"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    fingerprint: str = Field(max_length=16)
    state: str = Field(max_length=10)


class ProcessTable(SQLModel, table=True):
    """A live process. place: machine and process number · knows: its newest team key · wraps: the one it wraps with."""

    __tablename__ = "processes"

    id: str = Field(primary_key=True, max_length=26)
    role: str = Field(max_length=10)
    place: str = Field(max_length=80)
    knows: int
    wraps: int
    seen_at: datetime = moment()


class KeyRow(NamedTuple):
    """A team key as it stands in the database."""

    number: int
    fingerprint: str
    state: str


class ProcessRow(NamedTuple):
    """A live process."""

    role: str
    place: str
    knows: int
    wraps: int


_team = table_of(TeamKeyTable)
_processes = table_of(ProcessTable)


async def hold(work: UnitOfWork) -> None:
    """Let no other process start, or change the team key, until this work ends. On SQLite every write does so."""
    if not work.is_sqlite:
        await work.run(text(f"LOCK TABLE {_team.name} IN EXCLUSIVE MODE"))


async def team_keys(work: UnitOfWork) -> list[KeyRow]:
    """The team keys in use, the oldest first."""
    rows = await work.run(select(_team.c.number, _team.c.fingerprint, _team.c.state).order_by(_team.c.number))
    return [KeyRow._make(row) for row in rows]


async def put_key(work: UnitOfWork, key: KeyRow) -> None:
    """Add a team key, or change its state."""
    insert = work.insert(TeamKeyTable).values(**key._asdict())
    await work.run(insert.on_conflict_do_update(index_elements=[_team.c.number], set_={"state": key.state}))


async def drop_keys_before(work: UnitOfWork, number: int) -> None:
    """Forget that older team keys were in use."""
    await work.run(delete(_team).where(_team.c.number < number))


async def drop_keys(work: UnitOfWork) -> None:
    """Forget all team keys: a database without records may begin with any key."""
    await work.run(delete(_team))


async def live(work: UnitOfWork, silent: timedelta = SILENT) -> list[ProcessRow]:
    """The processes that live, in the order of their roles and places. silent: longest time without a sign of life."""
    since = await work.database_now() - silent
    columns = (_processes.c.role, _processes.c.place, _processes.c.knows, _processes.c.wraps)
    query = select(*columns).where(_processes.c.seen_at > since).order_by(_processes.c.role, _processes.c.place)
    return [ProcessRow._make(row) for row in await work.run(query)]


async def seen(work: UnitOfWork, process: str, row: ProcessRow) -> None:
    """Note that a process lives. Those that were not seen for an hour are forgotten."""
    now = await work.database_now()
    values = {**row._asdict(), "seen_at": now}
    insert = work.insert(ProcessTable).values(id=process, **values)
    await work.run(insert.on_conflict_do_update(index_elements=[_processes.c.id], set_=values))
    await work.run(delete(_processes).where(_processes.c.seen_at < now - _FORGOTTEN))


async def ended(work: UnitOfWork, process: str) -> None:
    """Note that a process ends."""
    await work.run(delete(_processes).where(_processes.c.id == process))


async def any_wrapped(work: UnitOfWork) -> bool:
    """Whether anything is wrapped with any team key."""
    for source in WRAPPED:
        query = select(literal(1)).select_from(source.table).where(source.table.c.wrapped != b"").limit(1)
        if (await work.run(query)).first() is not None:
            return True
    return False


async def hold_table(work: UnitOfWork, source: Wrapped) -> None:
    """Lock a table against all other writers until this work ends. Raises Held after waiting two seconds."""
    if not work.is_sqlite:
        await work.run(text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'"))
        await work.run(text(f"LOCK TABLE {source.table.name} IN SHARE ROW EXCLUSIVE MODE"))


async def refuse_before(work: UnitOfWork, source: Wrapped, number: int) -> None:
    """Make PostgreSQL refuse, for ever, rows that are wrapped with a team key older than `number`; SQLite: nothing.

    A frozen process would write such rows once it wakes. They are refused as if the database were away (class 57), so
    the process tries again and loses nothing.
    """
    if work.is_sqlite:
        return
    name, trigger = source.table.name, f"{source.table.name}_{_REFUSE}"
    await work.run(
        text(
            f"CREATE OR REPLACE FUNCTION {_REFUSE}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'this team key was destroyed' USING ERRCODE = '57K01'; END $$"
        )
    )
    await work.run(text(f"DROP TRIGGER IF EXISTS {trigger} ON {name}"))
    await work.run(
        text(
            f"CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE OF wrapped ON {name} FOR EACH ROW "
            f"WHEN (NEW.wrapped <> ''::bytea AND NEW.wrapped < '\\x{number:08x}'::bytea) "
            f"EXECUTE FUNCTION {_REFUSE}()"
        )
    )
