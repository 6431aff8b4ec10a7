"""How often something was done in an hour: keyed tags and counts, forgotten after a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, select
from sqlmodel import SQLModel

from storage.engine.columns import blob, moment
from storage.engine.ready import Ready
from storage.engine.unit_of_work import UnitOfWork, table_of


class RateTable(SQLModel, table=True):
    """How often the person behind the tag did something in the hour that began at `hour`."""

    __tablename__ = "rates"

    tag: bytes = blob(primary_key=True)
    hour: datetime = moment(primary_key=True)
    times: int = 1


_rates = table_of(RateTable)
_THIS_HOUR = and_(_rates.c.tag == bindparam("tag"), _rates.c.hour == bindparam("hour"))
_TIMES = Ready(lambda _: select(_rates.c.times).where(_THIS_HOUR))


def _once_more(insert: Any) -> Any:
    row = insert(_rates).values(tag=bindparam("tag"), hour=bindparam("hour"), times=1)
    more = {"times": _rates.c.times + 1}
    return row.on_conflict_do_update(index_elements=[_rates.c.tag, _rates.c.hour], set_=more)


_ONCE_MORE = Ready(_once_more)


async def full_until(work: UnitOfWork, tag: bytes, most: int) -> datetime | None:
    """The end of this hour, when `most` times or more are counted in it; None while there are fewer."""
    hour = _hour(work.now)
    rows = await work.ask(_TIMES, tag=tag, hour=hour)
    return hour + timedelta(hours=1) if rows and rows[0][0] >= most else None


async def once_more(work: UnitOfWork, tag: bytes) -> None:
    """Count one more in this hour."""
    await work.ask(_ONCE_MORE, tag=tag, hour=_hour(work.now))


async def counted(work: UnitOfWork, tag: bytes) -> list[tuple[datetime, int]]:
    """What is counted under a tag: (hour, times)."""
    rows = await work.run(select(_rates.c.hour, _rates.c.times).where(_rates.c.tag == tag).order_by(_rates.c.hour))
    return [(row.hour, row.times) for row in rows]


async def drop_rates_before(work: UnitOfWork, moment: datetime) -> None:
    """Forget old counts."""
    await work.run(delete(_rates).where(_rates.c.hour < moment))


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)
