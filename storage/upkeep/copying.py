"""Rows of all tables as JSON-able values and back, the same on both databases: what backup and restore move."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, bindparam, delete, func, literal, or_, select, text, tuple_, union_all, update
from sqlalchemy.exc import SQLAlchemyError

from storage.broadcasts.invitations import BroadcastTable
from storage.budget.rounds import RoundTable
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.engine.vault import ErasureTable, RecordKeyTable
from storage.meetings.attendance import MeetingTable, RsvpTable
from storage.people.residents import PersonTable
from storage.signals.cases import SignalTable
from storage.signals.line_cuts import hold_for_reading
from storage.staff.accounts import StaffTable
from storage.upkeep.tables import metadata

_PAGE = 500
_LOCK_WAIT = "60s"  # for the close of a vote to end


class BackupPlace(StrEnum):
    """Where a backup keeps a table: in its first file, in its second file beside the keys, or in no file.

    The second file holds keys and their ledger, all that leads to a resident, and short-lived rows: only its newest
    copy is kept. In no file: what was chosen in a vote that is open, with the keys without which nobody can read it;
    and rows that hold for the machines and keys of this moment only.
    """

    IN_THE_DATA = "in the data"
    BESIDE_THE_KEYS = "beside the keys"
    NEVER = "never"


# Columns of a table of the first file that stand in the second: the line from a signal to its reporter. In an old
# first file a tag would still tell whose signal it was, long after the line was cut.
LINES: Mapping[str, tuple[str, ...]] = {"signals": ("reporter_tag", "handle_record_id", "handle")}
_keys, _erasures = table_of(RecordKeyTable), table_of(ErasureTable)
# Foreign keys: a row means nothing once the row that it names is gone. Name of the column -> the column it points to.
_OWNERS = {
    "signal_id": table_of(SignalTable).c.id,
    "meeting_id": table_of(MeetingTable).c.id,
    "rsvp_id": table_of(RsvpTable).c.id,
    "broadcast_id": table_of(BroadcastTable).c.id,
    "staff_id": table_of(StaffTable).c.id,
    "person_tag": table_of(PersonTable).c.tag,
    "round_id": table_of(RoundTable).c.id,
}


class DamagedCopy(ValueError):
    """Rows that can't be from a backup of this version."""


@dataclass(frozen=True, slots=True)
class Portion:
    """The columns of a table that stand in one file. adds: they complete rows that stand in the other file."""

    table: Table
    columns: tuple[str, ...]
    adds: bool = False


def portions(kept: Mapping[str, BackupPlace], *, keys: bool) -> dict[str, Portion]:
    """What stands in the first file, or with `keys` in the second: name of the table -> its portion.

    Args:
        kept: Where a backup keeps each table, by its name.
        keys: Whether it is about the second file.
    """
    found = {}
    for table in metadata.sorted_tables:
        if kept[table.name] == BackupPlace.NEVER:
            continue
        line = LINES.get(table.name, ())
        whole = tuple(column.name for column in table.columns if column.name not in line)
        if (kept[table.name] == BackupPlace.BESIDE_THE_KEYS) == keys:
            found[table.name] = Portion(table, whole)
        elif line and keys:
            found[table.name] = Portion(table, (*_primary(table), *line), adds=True)
    return found


async def hold_still(work: UnitOfWork) -> None:
    """See one state of the database for the rest of this work; SQLite does so by itself. Raises Held."""
    if not work.is_sqlite:
        await work.run(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        await work.take_time()  # the disk that the backup is written to may be slow
        await work.run(text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'"))
        # The close of a vote writes the roll anew by TRUNCATE, which an older view sees as empty: it has to wait, and
        # does so without holding up voters (ballots.hold_tables).
        await work.run(text("LOCK TABLE roll IN ACCESS SHARE MODE"))
        await hold_for_reading(work)  # cutting a line writes tables anew too


async def rows_of(work: UnitOfWork, portion: Portion) -> AsyncGenerator[dict[str, Any]]:
    """The rows in the order of their ids, which are random: the order in which they came would tell too much."""
    table, key = portion.table, tuple(portion.table.primary_key.columns)
    query = select(*(table.c[name] for name in portion.columns)).order_by(*key)
    if portion.adds:
        query = query.where(or_(*(table.c[name].is_not(None) for name in LINES[table.name])))
    page = query.limit(_PAGE)
    while rows := (await work.run(page)).mappings().all():
        for row in rows:
            yield {column: _plain(value) for column, value in row.items()}
        last = (literal(rows[-1][column.name], column.type) for column in key)
        page = query.where(tuple_(*key) > tuple_(*last)).limit(_PAGE)


async def put_rows(work: UnitOfWork, portion: Portion, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows back. Raises DamagedCopy for rows that are not of this form: restore with the same version."""
    table = portion.table
    if any(set(row) != set(portion.columns) for row in rows):
        raise DamagedCopy(f"the columns of {table.name} are others")
    try:
        typed = [{name: _value(value) for name, value in row.items()} for row in rows]
        if portion.adds:
            await _add(work, portion, typed)
            return
        for row in typed:
            if table.name == "outbox":
                del row["id"]  # counted anew, so that the database's own counter stays right
        await work.run(table.insert(), typed)
    except (SQLAlchemyError, KeyError, TypeError, ValueError) as error:
        raise DamagedCopy(f"{type(error).__name__} in {table.name}") from None


async def _add(work: UnitOfWork, portion: Portion, rows: Sequence[Mapping[str, Any]]) -> None:
    table, keys = portion.table, _primary(portion.table)
    statement = (
        update(table)
        .where(*(table.c[name] == bindparam(f"its_{name}") for name in keys))
        .values({name: bindparam(f"its_{name}") for name in portion.columns if name not in keys})
    )
    await work.run(statement, [{f"its_{name}": value for name, value in row.items()} for row in rows])


async def is_empty(work: UnitOfWork) -> bool:
    """Whether nothing stands in any table."""
    for table in metadata.sorted_tables:
        if (await work.run(select(func.count()).select_from(table))).scalar_one():
            return False
    return True


async def replay_erasures(work: UnitOfWork) -> int:
    """Erase again what was erased after the data was copied: rows whose key is gone or in the ledger. How many.

    Rows that point to an erased row are deleted too, but not counted.
    """
    await work.run(delete(_keys).where(_keys.c.record_id.in_(select(_erasures.c.record_id))))
    forgotten = 0
    for table in metadata.sorted_tables:
        if "record_id" in table.c and table not in (_keys, _erasures):
            gone = table.c.record_id.not_in(select(_keys.c.record_id))
            forgotten += (await work.run(delete(table).where(gone))).rowcount
    for table in metadata.sorted_tables:
        for column, owner in _OWNERS.items():
            if column in table.c:
                await work.run(delete(table).where(table.c[column].not_in(select(owner))))
    return forgotten


async def drop_orphan_keys(work: UnitOfWork) -> None:
    """Drop keys of records that came after the data was copied."""
    columns = [
        column
        for table in metadata.sorted_tables
        if table not in (_keys, _erasures)
        for column in table.columns
        if column.name.endswith("record_id")
    ]
    in_use = union_all(*(select(column).where(column.is_not(None)) for column in columns))
    await work.run(delete(_keys).where(_keys.c.record_id.not_in(in_use)))


def _primary(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key.columns)


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return {"b": base64.b64encode(value).decode()}
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
    return value


def _value(value: Any) -> Any:
    match value:
        case {"b": content}:
            return base64.b64decode(content, validate=True)
        case {"t": moment}:
            return datetime.fromisoformat(moment)
        case {"d": day}:
            return date.fromisoformat(day)
    return value
