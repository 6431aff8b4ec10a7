"""Keeping the keys: wrap all record keys anew, see whether all of them open."""

from __future__ import annotations

from dataclasses import dataclass

from domain.sealing import CannotOpen
from services.work import Begin, Work
from storage import wrapping

_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Checked:
    """How many wrapped keys open with the keys at hand, and how many don't."""

    readable: int
    unreadable: int


async def rewrap_all(begin: Begin) -> Checked:
    """Wrap every record key with the newest team key. May be broken off and done again.

    Contents are not touched: a record key costs about 2 microseconds and one row. A key that does not open stays
    as it is and is counted: it was unreadable before, and must not keep the others from their new key.
    """
    readable = unreadable = 0
    for source in wrapping.WRAPPED:
        after: object = None
        while True:
            async with begin() as work:
                rows = await wrapping.page(work, source, after, _AT_ONCE, lock=True)
                for row_id, record, wrapped in rows:
                    try:
                        key = work.keys.unwrap(wrapped, record)
                    except CannotOpen:
                        unreadable += 1
                        continue
                    await wrapping.put(work, source, row_id, work.keys.wrap(key, record))
                    readable += 1
                work.forgot = True  # old wraps must not stay in the write-ahead log
            if not rows:
                break
            after = rows[-1][0]
    return Checked(readable, unreadable)


async def check_keys(work: Work, most: int | None = None) -> Checked:
    """Try to open every wrapped key, or the first `most` of each kind."""
    readable = unreadable = 0
    for source in wrapping.WRAPPED:
        after: object = None
        while rows := await wrapping.page(work, source, after, most or _AT_ONCE):
            for _, record, wrapped in rows:
                try:
                    work.keys.unwrap(wrapped, record)
                    readable += 1
                except CannotOpen:
                    unreadable += 1
            after = rows[-1][0]
            if most is not None:
                break
    return Checked(readable, unreadable)
