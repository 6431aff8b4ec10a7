"""Erasing a resident takes every row about them: their own, and what others left on what was theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handlers.telegram.reaches import reach_of
from services.broadcasts import audience
from services.outbox import saying
from services.rights import erasing
from services.signals import following
from services.signals.cutting import ask
from storage.engine.database import Database
from tests.lives import THREAD, Marks, here, live
from tests.opened import everything
from tests.services.rights.test_my_data import DECIDED
from tests.services.signals.test_cutting import CUT, FAILED

ABOUT_RESIDENTS = [name for name, columns in DECIDED.items() if isinstance(columns, dict)]
# Tables that keep rows, under tags: counts per hour stay for a day, lest erasing be a way to guess codes, and a chat's
# pace for an hour. The keys are checked by tests/faults/test_erasure.py, which tries each of them on all that is left.
STAYS = {"rates", "paces", "record_keys"}
OTHER = Marks(telegram_id=99, story="another story", name="Another Name", reply="Other", unhandled="another")

Rows = dict[str, list[dict[str, Any]]]


async def snapshot(database: Database) -> Rows:
    """All rows of the tables about residents."""
    async with database.reading() as work:
        found = await everything(work)
    return {name: found[name] for name in ABOUT_RESIDENTS if name not in STAYS}


def since(before: Iterable[dict[str, Any]], after: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of `after` that are not in `before`."""
    known = list(before)
    return [row for row in after if row not in known]


async def test_every_row_that_came_with_a_resident_goes_with_them(database: Database) -> None:
    other = await live(database, OTHER)
    before = await snapshot(database)
    life = await live(database)
    async with database.begin() as work:
        me, neighbour = await here(work, life.marks.telegram_id), await here(work, OTHER.telegram_id)
        assert await following.open_by_code(work, me.reach, other.code)
        assert await following.open_by_code(work, neighbour.reach, life.code)
        assert await ask(work, me.reach, life.signal_id, cut=CUT, failed=FAILED, edit=None, thread=THREAD)
        await saying.show(work, me.reach, CUT)
    came = {name: since(before[name], rows) for name, rows in (await snapshot(database)).items()}
    # A table in which the life left no row would prove nothing.
    assert [name for name, rows in came.items() if not rows] == []
    async with database.begin() as work:
        await erasing.erase(work, await here(work, life.marks.telegram_id))
    after = await snapshot(database)
    left = {name: [row for row in rows if row in after[name]] for name, rows in came.items()}
    theirs = recipient_tag(database, OTHER.telegram_id, came)
    left["broadcast_recipients"] = [row for row in left["broadcast_recipients"] if row["recipient_tag"] != theirs]
    assert {name: rows for name, rows in left.items() if rows} == {}


def recipient_tag(database: Database, telegram_id: int, came: Rows) -> bytes:
    """The pseudonym of the resident `telegram_id` in the broadcast that this life sent, which goes to them too."""
    (broadcast_id,) = {row["broadcast_id"] for row in came["broadcast_recipients"]}
    return audience.recipient_tag(database.keys, broadcast_id, reach_of(telegram_id))
