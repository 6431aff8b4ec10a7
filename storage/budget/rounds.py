"""Rounds of the budget, their plans and batches of codes, the published chain, and what was counted: all public."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, func, select, update
from sqlmodel import Field, SQLModel

from domain.budget.commitments import Commitment
from storage.engine.columns import blob, moment
from storage.engine.ready import Ready
from storage.engine.unit_of_work import UnitOfWork, table_of


class RoundRow(SQLModel):
    """A round. title: JSON by language · areas, languages: JSON lists · tally: the counts at the close, as text.

    version: counts every change ·
    extensions: JSON list, None where there was none · halted: why the round waits for staff, None where it goes on ·
    first_head: the first link of the chain (hexadecimal), published when voting opened.
    """

    id: str = Field(primary_key=True, max_length=26)
    version: int = 1
    state: str = Field(max_length=16, index=True)
    title: str
    areas: str
    languages: str
    amount_cents: int = Field(sa_type=BigInteger)
    choose_min: int
    choose_max: int
    rule: str = Field(max_length=20)
    opens_at: datetime = moment()
    closes_at: datetime = moment()
    tie_seed: str = Field(default="", max_length=64)
    committed_on: date | None = None
    tally: str | None = None
    extensions: str | None = None
    halted: str | None = Field(default=None, max_length=16)
    first_head: str | None = Field(default=None, max_length=64)


class RoundTable(RoundRow, table=True):
    """The table of rounds."""

    __tablename__ = "rounds"


class PlanRow(SQLModel):
    """A plan. title, story: JSON by language · version: counts every change."""

    id: str = Field(primary_key=True, max_length=26)
    version: int = 1
    round_id: str = Field(max_length=26, index=True)
    number: int
    title: str
    story: str
    place: str = Field(max_length=120)
    cost_cents: int = Field(sa_type=BigInteger)
    has_photo: bool = False


class PlanTable(PlanRow, table=True):
    """The table of plans."""

    __tablename__ = "plans"


class PlanPhotoTable(SQLModel, table=True):
    """The photo of a plan, a JPEG."""

    __tablename__ = "plan_photos"

    plan_id: str = Field(primary_key=True, max_length=26)
    round_id: str = Field(max_length=26, index=True)
    content: bytes = blob()


class BatchRow(SQLModel):
    """A batch of codes: how many were made, and how many of them went out."""

    id: str = Field(primary_key=True, max_length=26)
    round_id: str = Field(max_length=26, index=True)
    code_class: str = Field(max_length=12)
    made: int
    handed_out: int
    day: date


class CodeBatchTable(BatchRow, table=True):
    """The table of batches of codes."""

    __tablename__ = "code_batches"


class CommitmentTable(SQLModel, table=True):
    """An entry of a round's append-only chain; see domain/budget/commitments.py. said: the text of a statement."""

    __tablename__ = "commitments"

    round_id: str = Field(primary_key=True, max_length=26)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    batch: int
    day: date
    value: bytes = blob()
    link: bytes = blob()
    kind: str = Field(default="ballot", max_length=12)
    said: str | None = None


class CountedRow(SQLModel):
    """A ballot after the close, found by its random receipt alone. choices: JSON list of plan numbers."""

    round_id: str = Field(primary_key=True, max_length=26)
    receipt: str = Field(primary_key=True, max_length=12)
    choices: str = Field(max_length=200)
    salt: str = Field(max_length=64)


class CountedTable(CountedRow, table=True):
    """The table of opened ballots."""

    __tablename__ = "counted_ballots"
    __table_args__ = {"sqlite_with_rowid": False}


_rounds = table_of(RoundTable)
_plans = table_of(PlanTable)
_photos = table_of(PlanPhotoTable)
_batches = table_of(CodeBatchTable)
_commitments = table_of(CommitmentTable)
_OF_AN_ENTRY = [field.name for field in fields(Commitment)]
_CHAIN = Ready(
    lambda _: (
        select(*(_commitments.c[name] for name in _OF_AN_ENTRY))
        .where(_commitments.c.round_id == bindparam("round_id"))
        .order_by(_commitments.c.number)
    )
)
_counted = table_of(CountedTable)


async def add_round(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep a new round."""
    await work.run(_rounds.insert(), values)


async def round_by_id(work: UnitOfWork, round_id: str, *, lock: bool = False) -> RoundRow | None:
    """The round, or None. lock: lock its row until the work ends, for callers that will change it."""
    query = select(_rounds).where(_rounds.c.id == round_id)
    row = (await work.run(query.with_for_update() if lock else query)).mappings().one_or_none()
    return RoundRow.model_construct(**row) if row else None


async def all_rounds(work: UnitOfWork, states: Sequence[str] | None = None) -> list[RoundRow]:
    """All rounds, or those in these states, the latest opening first."""
    query = select(_rounds).order_by(_rounds.c.opens_at.desc(), _rounds.c.id)
    if states is not None:
        query = query.where(_rounds.c.state.in_(states))
    return [RoundRow.model_construct(**row) for row in (await work.run(query)).mappings()]


async def change_round(work: UnitOfWork, round_id: str, **values: object) -> None:
    """Change columns of a round; its version counts up."""
    changed = update(_rounds).where(_rounds.c.id == round_id)
    await work.run(changed.values(version=_rounds.c.version + 1, **values))


async def drop_round(work: UnitOfWork, round_id: str) -> None:
    """Forget a round with its plans, their photos and its batches of codes."""
    for table in (_photos, _plans, _batches):
        await work.run(delete(table).where(table.c.round_id == round_id))
    await work.run(delete(_rounds).where(_rounds.c.id == round_id))


async def add_plan(work: UnitOfWork, values: Mapping[str, Any]) -> int:
    """Keep a new plan. Returns its number, one more than the last. The caller holds the round's lock."""
    last = select(func.coalesce(func.max(_plans.c.number), 0)).where(_plans.c.round_id == values["round_id"])
    number: int = (await work.run(last)).scalar_one() + 1
    await work.run(_plans.insert(), {**values, "number": number})
    return number


async def plans_of(work: UnitOfWork, round_id: str) -> list[PlanRow]:
    """The plans of a round by their numbers."""
    rows = await work.run(select(_plans).where(_plans.c.round_id == round_id).order_by(_plans.c.number))
    return [PlanRow.model_construct(**row) for row in rows.mappings()]


async def plan_numbers(work: UnitOfWork, round_id: str) -> list[int]:
    """The numbers of a round's plans, rising."""
    query = select(_plans.c.number).where(_plans.c.round_id == round_id).order_by(_plans.c.number)
    return list((await work.run(query)).scalars())


async def plan_costs(work: UnitOfWork, round_id: str) -> dict[int, int]:
    """What each plan of a round costs in cents, by its number, rising."""
    query = select(_plans.c.number, _plans.c.cost_cents).where(_plans.c.round_id == round_id).order_by(_plans.c.number)
    return {row.number: row.cost_cents for row in await work.run(query)}


async def plan_by_id(work: UnitOfWork, plan_id: str) -> PlanRow | None:
    """The plan with this id, or None."""
    row = (await work.run(select(_plans).where(_plans.c.id == plan_id))).mappings().one_or_none()
    return PlanRow.model_construct(**row) if row else None


async def change_plan(work: UnitOfWork, plan_id: str, **values: object) -> None:
    """Change columns of a plan; its version counts up."""
    changed = update(_plans).where(_plans.c.id == plan_id)
    await work.run(changed.values(version=_plans.c.version + 1, **values))


async def drop_plan(work: UnitOfWork, plan_id: str) -> None:
    """Remove a plan with its photo."""
    await work.run(delete(_photos).where(_photos.c.plan_id == plan_id))
    await work.run(delete(_plans).where(_plans.c.id == plan_id))


async def put_photo(work: UnitOfWork, plan_id: str, round_id: str, content: bytes) -> None:
    """Put this photo in place of the one there is; an empty one only removes it."""
    await work.run(delete(_photos).where(_photos.c.plan_id == plan_id))
    if content:
        await work.run(_photos.insert(), {"plan_id": plan_id, "round_id": round_id, "content": content})


async def photo_of(work: UnitOfWork, plan_id: str) -> bytes | None:
    """The photo of a plan, a JPEG, or None."""
    query = select(_photos.c.content).where(_photos.c.plan_id == plan_id)
    found: bytes | None = (await work.run(query)).scalar_one_or_none()
    return found


async def add_batch(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep a batch of codes."""
    await work.run(_batches.insert(), values)


async def batches_of(work: UnitOfWork, round_id: str) -> list[BatchRow]:
    """The batches of a round, oldest first."""
    query = select(_batches).where(_batches.c.round_id == round_id).order_by(_batches.c.day, _batches.c.id)
    return [BatchRow.model_construct(**row) for row in (await work.run(query)).mappings()]


async def grow_batch(work: UnitOfWork, batch_id: str, count: int) -> None:
    """Add `count` codes to a batch, all of them handed out."""
    more = {"made": _batches.c.made + count, "handed_out": _batches.c.handed_out + count}
    await work.run(update(_batches).where(_batches.c.id == batch_id).values(**more))


async def set_handed_out(work: UnitOfWork, round_id: str, batch_id: str, handed_out: int) -> bool:
    """Set how many codes of a batch went out. False when there is no such batch, or it holds fewer."""
    mine = (_batches.c.id == batch_id, _batches.c.round_id == round_id, _batches.c.made >= handed_out)
    return (await work.run(update(_batches).where(*mine).values(handed_out=handed_out))).rowcount == 1


async def commitments_of(work: UnitOfWork, round_id: str) -> tuple[Commitment, ...]:
    """A round's chain in its order."""
    rows = await work.ask(_CHAIN, round_id=round_id)
    return await asyncio.to_thread(lambda: tuple(Commitment(*row) for row in rows))


async def said_of(work: UnitOfWork, round_id: str, kind: str) -> list[str]:
    """The texts of the statements of one kind in a round's chain, oldest first."""
    mine = (_commitments.c.round_id == round_id, _commitments.c.kind == kind)
    return list((await work.run(select(_commitments.c.said).where(*mine).order_by(_commitments.c.number))).scalars())


async def add_commitments(work: UnitOfWork, round_id: str, entries: Sequence[Commitment]) -> None:
    """Append to a round's chain."""

    def rows() -> list[dict[str, object]]:
        return [{"round_id": round_id} | {name: getattr(one, name) for name in _OF_AN_ENTRY} for one in entries]

    await work.add_many(_commitments, await asyncio.to_thread(rows))


async def drop_commitments(work: UnitOfWork, round_id: str) -> None:
    """Drop a chain whose ballots can never be opened: after a restore only."""
    await work.run(delete(_commitments).where(_commitments.c.round_id == round_id))


async def add_counted(work: UnitOfWork, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep opened ballots, in the order of their random receipts."""
    await work.add_many(_counted, sorted(rows, key=lambda row: str(row["receipt"])))


async def counted_of(work: UnitOfWork, round_id: str) -> list[CountedRow]:
    """The opened ballots of a round, in the order of their random receipts."""
    query = select(_counted).where(_counted.c.round_id == round_id).order_by(_counted.c.receipt)
    return [CountedRow.model_construct(**row) for row in (await work.run(query)).mappings()]
