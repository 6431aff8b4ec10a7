"""The signals that wait for a member of staff, without a word of what they say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from domain.neighbourhoods import ALL, BY_CODE
from domain.signals.workflow import ENDED, Kind, Status
from domain.staff.rights import Scope, window
from services.staff.access import require
from services.staff.accounts import Staff
from services.work import Work
from storage.signals import worklist as rows

PAGE = 25
OPEN = frozenset(Status) - ENDED


@dataclass(frozen=True, slots=True)
class ListedSignal:
    """A signal on the worklist. turns: unanswered ones · since: the day of the first of them."""

    signal_id: str
    kind: Kind
    status: Status
    received_on: date
    neighbourhood: str | None
    area: str | None
    unread: bool
    danger: bool
    turns: int
    since: date | None


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of the worklist. total: signals on all pages · page: counted from 1 · pages: at least one."""

    lines: tuple[ListedSignal, ...]
    total: int
    page: int
    pages: int


async def worklist(
    work: Work,
    staff: Staff,
    *,
    statuses: Collection[Status] = OPEN,
    kind: Kind | None = None,
    area: str | None = None,
    page: int = 1,
) -> Worklist:
    """The signals this member of staff may see: danger first, then who waits longest for an answer, then as they came.

    area: the name of a gebied · page: one beyond the end becomes the last. Raises NotAllowed.
    """
    require(staff, Scope.READ)
    seen = window(staff.mandate)
    areas = seen.areas if area is None else {area} & (seen.areas or {area})
    which = rows.Filter(
        kinds=[one.value for one in seen.kinds if kind in (None, one)],
        abouts=[one.value for one in seen.abouts],
        statuses=[one.value for one in statuses],
        neighbourhoods=None if areas is None else [one.code for one in ALL if one.area in areas],
        placeless=area is None,
    )
    total = await rows.count_signals(work, which)
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    found = await rows.waiting_signals(work, which, skip=(page - 1) * PAGE, most=PAGE)
    return Worklist(tuple(_line(row) for row in found), total, page, pages)


def area_of(neighbourhood: str | None) -> str | None:
    """The gebied of a neighbourhood code; None when there is no such code."""
    found = BY_CODE.get(neighbourhood or "")
    return found.area if found else None


def _line(row: rows.WaitingSignal) -> ListedSignal:
    return ListedSignal(
        row.id,
        Kind(row.kind),
        Status(row.status),
        row.received_on,
        row.neighbourhood,
        area_of(row.neighbourhood),
        row.unread,
        row.danger,
        row.turns,
        row.since,
    )
