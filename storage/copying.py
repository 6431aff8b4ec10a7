"""Rows of all tables as JSON-able values and back, the same on both databases: what backup and restore move."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, func, select, text, update

from storage.people import Conversation, Person
from storage.signals import Signal
from storage.tables import metadata
from storage.unit_of_work import UnitOfWork, table_of
from storage.vault import Erasure, RecordKey

_PAGE = 500
# What only the second file holds: keys and their ledger, and what lives shortly. Only its newest copy is kept.
BESIDE_THE_KEYS = frozenset(
    {
        "record_keys", "erasures", "conversations", "outbox", "dead_letters", "done_updates", "halts", "paces",
        "phone_messages", "rates", "sign_in_links", "staff_sessions", "repeated_requests",
    }
)  # fmt: skip
_people, _signals, _conversations = table_of(Person), table_of(Signal), table_of(Conversation)
_keys, _erasures = table_of(RecordKey), table_of(Erasure)


def table_names() -> list[str]:
    """All tables, those that others refer to first."""
    return [table.name for table in metadata.sorted_tables]


async def hold_still(work: UnitOfWork) -> None:
    """See one state of the database for the rest of this work. SQLite does so by itself."""
    if not work.is_sqlite:
        await work.run(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


async def rows_of(work: UnitOfWork, name: str) -> AsyncIterator[dict[str, Any]]:
    """The rows of one table in random order: the order in which they came would tell who belongs to what."""
    table = metadata.tables[name]
    keys = list(table.primary_key.columns)
    offset = 0
    while rows := (await work.run(select(table).order_by(*keys).offset(offset).limit(_PAGE))).mappings().all():
        for row in rows:
            yield {column: _plain(value) for column, value in row.items()}
        offset += len(rows)


async def put_rows(work: UnitOfWork, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows into a table. Columns that the table no longer has are an error: restore with the same version."""
    table = metadata.tables[name]
    if rows:
        await work.run(table.insert(), [_typed(table, row) for row in rows])


async def is_empty(work: UnitOfWork) -> bool:
    """Whether nothing stands in any table."""
    for table in metadata.sorted_tables:
        if (await work.run(select(func.count()).select_from(table))).scalar_one():
            return False
    return True


async def replay_erasures(work: UnitOfWork) -> int:
    """Forget again what was erased after the data was copied: rows whose key is gone or in the ledger; how many."""
    gone = select(_erasures.c.record_id)
    there = select(_keys.c.record_id)
    await work.run(delete(_keys).where(_keys.c.record_id.in_(gone)))
    cut = _signals.c.handle_record_id.not_in(there)
    nothing = {"handle": None, "handle_record_id": None, "reporter_tag": None}
    await work.run(update(_signals).where(cut).values(**nothing))
    lost = select(_signals.c.id).where(_signals.c.record_id.not_in(there))
    forgotten = 0
    for name in ("signal_messages", "attachments", "signal_moves", "openers"):
        table = metadata.tables[name]
        await work.run(delete(table).where(table.c.signal_id.in_(lost)))
    forgotten += (await work.run(delete(_signals).where(_signals.c.record_id.not_in(there)))).rowcount
    forgotten += (await work.run(delete(_people).where(_people.c.record_id.not_in(there)))).rowcount
    await work.run(delete(_conversations).where(_conversations.c.person_tag.not_in(select(_people.c.tag))))
    return forgotten


async def drop_orphan_keys(work: UnitOfWork, in_use: Sequence[str]) -> None:
    """Drop keys of records that came after the data was copied."""
    used = set(in_use)
    found = (await work.run(select(_keys.c.record_id))).scalars().all()
    for record in found:
        if record not in used:
            await work.run(delete(_keys).where(_keys.c.record_id == record))


async def records_in_use(work: UnitOfWork) -> list[str]:
    """The records that rows refer to."""
    found: list[str] = []
    for table in metadata.sorted_tables:
        if table.name in {"record_keys", "erasures"}:
            continue
        for column in table.columns:
            if column.name.endswith("record_id"):
                found += (await work.run(select(column).where(column.is_not(None)))).scalars().all()
    return found


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return {"b": base64.b64encode(value).decode()}
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
    return value


def _typed(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: _value(value) for name, value in row.items()}
    if table.name == "outbox":
        del known["id"]  # counted anew, so that the database's own counter stays right
    return known


def _value(value: Any) -> Any:
    match value:
        case {"b": content}:
            return base64.b64decode(content)
        case {"t": moment}:
            return datetime.fromisoformat(moment)
        case {"d": day}:
            return date.fromisoformat(day)
    return value
