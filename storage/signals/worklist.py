"""The worklist: what staff see of many signals at once; and the count of how often staff read a signal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select, update

from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.signals.cases import SignalMessageTable, SignalTable

_signals = table_of(SignalTable)
_messages = table_of(SignalMessageTable)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which signals: of these kinds, organisations they are about, and states.

    neighbourhoods: codes, None = all · placeless: also signals without a neighbourhood.
    """

    kinds: Collection[str]
    abouts: Collection[str]
    statuses: Collection[str]
    neighbourhoods: Collection[str] | None
    placeless: bool = True


@dataclass(frozen=True, slots=True)
class WaitingSignal:
    """A line of the worklist. turns: of the reporter, since the staff's last one · since: the day of the first one."""

    id: str
    kind: str
    status: str
    neighbourhood: str | None
    received_on: date
    unread: bool
    danger: bool
    turns: int
    since: date | None


async def count_signals(work: UnitOfWork, which: Filter) -> int:
    """How many signals the filter lets through."""
    found: int = (await work.run(select(func.count()).select_from(_signals).where(*_conditions(which)))).scalar_one()
    return found


async def waiting_signals(work: UnitOfWork, which: Filter, *, skip: int, most: int) -> list[WaitingSignal]:
    """A page of signals: danger first, then those that wait longest for an answer, then answered ones as they came."""
    names = ("id", "kind", "status", "neighbourhood", "received_on", "unread", "danger")
    waits = _unanswered(which).subquery()
    page = (
        select(*(_signals.c[name] for name in names), func.coalesce(waits.c.turns, 0).label("turns"), waits.c.since)
        .outerjoin(waits, waits.c.signal_id == _signals.c.id)
        .where(*_conditions(which))
        .order_by(
            _signals.c.danger.desc(), waits.c.since.is_(None), waits.c.since, _signals.c.received_on, _signals.c.id
        )
        .offset(skip)
        .limit(most)
    )
    return [WaitingSignal(**row) for row in (await work.run(page)).mappings()]


async def count_read(work: UnitOfWork, signal_id: str) -> None:
    """Count one more reading by staff. The version stays, so that no move of another is refused for it."""
    values = {"reads": _signals.c.reads + 1, "last_read_on": work.today, "unread": False}
    await work.run(update(_signals).where(_signals.c.id == signal_id).values(**values))


def _conditions(which: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        _signals.c.kind.in_(which.kinds),
        _signals.c.about.in_(which.abouts),
        _signals.c.status.in_(which.statuses),
    ]
    if which.neighbourhoods is not None:
        here = _signals.c.neighbourhood.in_(which.neighbourhoods)
        conditions.append(or_(here, _signals.c.neighbourhood.is_(None)) if which.placeless else here)
    return conditions


def _unanswered(which: Filter) -> Select[tuple[str, int, date]]:
    staff_turn = _messages.alias()
    last = (
        select(func.coalesce(func.max(staff_turn.c.turn), 0))
        .where(staff_turn.c.signal_id == _messages.c.signal_id, staff_turn.c.from_staff)
        .scalar_subquery()
    )
    return (
        select(_messages.c.signal_id, func.count().label("turns"), func.min(_messages.c.day).label("since"))
        .where(
            _messages.c.signal_id.in_(select(_signals.c.id).where(*_conditions(which))),
            ~_messages.c.from_staff,
            _messages.c.turn > last,
        )
        .group_by(_messages.c.signal_id)
    )
