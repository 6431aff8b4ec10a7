"""Which bot this database belongs to, and whether it is a demonstration's: one row, written at the first start."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, delete, func, inspect, literal, select, table, update
from sqlmodel import Field, SQLModel

from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.outbox.queue import OutboxTable
from storage.people.phone_messages import PhoneMessageTable
from storage.people.residents import PersonTable
from storage.people.updates import DoneUpdateTable

_THIS = "this"


class DeploymentTable(SQLModel, table=True):
    """The bot (the number before the colon of its token) whose residents and staff stand in this database."""

    __tablename__ = "deployment"

    name: str = Field(primary_key=True, max_length=10)
    bot_id: int = Field(sa_type=BigInteger)
    demo: bool = False


class Owner(NamedTuple):
    """The bot that the database belongs to."""

    bot_id: int
    demo: bool


_deployment = table_of(DeploymentTable)
_outbox, _people = table_of(OutboxTable), table_of(PersonTable)
_UNSAID = _outbox.c.state.in_(("waiting", "leased", "sending"))
# Tables that each start writes into: their rows are nobody's data.
_NOBODYS = frozenset({"deployment", "team_keys", "processes", "alembic_version"})


async def owner(work: UnitOfWork) -> Owner | None:
    """The bot that the database belongs to; None when it belongs to none yet, or is too old to have this table."""
    if not await work.look(lambda connection: inspect(connection).has_table(_deployment.name)):
        return None
    row = (await work.run(select(_deployment.c.bot_id, _deployment.c.demo))).first()
    return Owner(row.bot_id, row.demo) if row else None


async def holds_rows(work: UnitOfWork) -> bool:
    """Whether any data stands in the database, whatever tables its version has."""

    def names(connection: Connection) -> list[str]:
        return sorted(set(inspect(connection).get_table_names()) - _NOBODYS)

    for name in await work.look(names):
        if (await work.run(select(literal(1)).select_from(table(name)).limit(1))).first() is not None:
            return True
    return False


async def set_owner(work: UnitOfWork, bot_id: int, *, demo: bool) -> bool:
    """Write down to which bot the database belongs. False when another process was first."""
    insert = work.insert(DeploymentTable).values(name=_THIS, bot_id=bot_id, demo=demo).on_conflict_do_nothing()
    return (await work.run(insert)).rowcount == 1


async def would_end(work: UnitOfWork) -> tuple[int, int]:
    """What a change of bot would end: (messages still to be sent, residents who can be reached)."""
    unsaid = select(func.count()).select_from(_outbox).where(_UNSAID)
    reached = select(func.count()).select_from(_people).where(_people.c.reachable)
    return (await work.run(unsaid)).scalar_one(), (await work.run(reached)).scalar_one()


async def change_owner(work: UnitOfWork, bot_id: int) -> None:
    """Give the database to another bot.

    What only the old bot could use is deleted: the numbers of its updates, which the new bot may use again; the numbers
    of its messages on phones; messages still to be sent. No resident can be reached until they write to the new bot.
    """
    await work.run(delete(_outbox).where(_UNSAID))
    for kind in (DoneUpdateTable, PhoneMessageTable, DeploymentTable):
        await work.run(delete(table_of(kind)))
    await work.run(update(_people).values(reachable=False))
    await set_owner(work, bot_id, demo=False)
    work.forgot = True
