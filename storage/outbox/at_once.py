"""Puts an answer into the outbox; when nothing stands before it, as `sending`: the process that puts it sends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import Interval

from storage.engine.ready import Ready
from storage.engine.unit_of_work import UnitOfWork, table_of
from storage.outbox.pace import AHEAD, TELEGRAM, HaltTable, PaceTable
from storage.outbox.queue import OutboxTable

_outbox, _halts, _paces = table_of(OutboxTable), table_of(HaltTable), table_of(PaceTable)
_COLUMNS = ("chat_tag", "envelope", "wrapped", "about_tag")


@dataclass(frozen=True, slots=True)
class Limits:
    """Spans from now. lease: how long the answer's lease lasts.

    paced: the answer waits when its chat's pace is used up for longer than this · unbelievable: but a moment further
    away than this is ignored, for it was written before the clock was put back.
    """

    lease: timedelta
    paced: timedelta
    unbelievable: timedelta


def _put(insert: Any) -> Any:
    on_postgres = insert is postgresql.insert

    def moment(name: str) -> ColumnElement[Any]:
        """A moment: PostgreSQL's clock plus the bound span; SQLite has one process, which binds the moment itself."""
        if on_postgres:
            return func.clock_timestamp() + bindparam(name, type_=Interval())
        return bindparam(name, type_=_outbox.c.lease_until.type)

    older = select(_outbox.c.id).where(
        _outbox.c.chat_tag == _bound("chat_tag"), _outbox.c.ended_on.is_(None), _outbox.c.id != bindparam("landed")
    )
    halted = select(_halts.c.name).where(
        _halts.c.name == TELEGRAM, _halts.c.since <= moment("ahead"), _halts.c.until > moment("now")
    )
    paced = select(_paces.c.chat_tag).where(
        _paces.c.chat_tag == _bound("chat_tag"),
        and_(_paces.c.used_until > moment("paced"), _paces.c.used_until <= moment("unbelievable")),
    )
    waits = or_(exists(older), exists(halted), exists(paced))
    may_go = select(case((waits, "waiting"), else_="sending").label("state")).subquery()
    sending = may_go.c.state == "sending"
    values = {
        **{name: _bound(name) for name in _COLUMNS},
        "lane": bindparam("lane", 0), "attempts": bindparam("attempts", 0), "state": may_go.c.state,
        "owner": case((sending, _bound("owner"))), "lease_until": case((sending, moment("lease"))),
    }  # fmt: skip
    row = insert(_outbox).from_select(list(values), select(*values.values()), include_defaults=False)
    return row.returning(_outbox.c.id, _outbox.c.state)


def _bound(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=_outbox.c[name].type)


_PUT = Ready(_put)


async def put(
    work: UnitOfWork,
    row: Mapping[str, Any],
    owner: str,
    limits: Limits,
    landed: int,
    there: Callable[[int, bool], None],
) -> None:
    """Put an answer into the outbox. there: called with the row's id, and whether `owner` must send it now.

    Like any other message it waits during a halt, behind an older message of its chat (except the row `landed`, which
    has arrived and is only not removed yet), and while its chat's pace is used up. Raises DatabaseAway.
    """
    spans = {
        "now": timedelta(0), "ahead": AHEAD, "lease": limits.lease, "paced": limits.paced,
        "unbelievable": limits.unbelievable,
    }  # fmt: skip
    moments = {name: work.now + span for name, span in spans.items()} if work.is_sqlite else spans

    def told(found: Sequence[Any]) -> None:
        there(found[0], found[1] == "sending")

    await work.flush()  # an older message of this chat must be in the table, so that this statement sees it
    await work.ask_later(_PUT, told, **row, **moments, owner=owner, landed=landed)
