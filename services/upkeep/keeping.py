"""Keeping the keys: wrap all record keys anew, see whether all of them open."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from domain.sealing import CannotOpen
from services.work import Begin, Work
from storage.upkeep import wrapping

_AT_ONCE = 500  # rows locked at once: others who want them wait


@dataclass(frozen=True, slots=True)
class Checked:
    """How many wrapped keys open with the keys at hand, and how many don't."""

    readable: int
    unreadable: int


async def rewrap_all(begin: Begin, before: int | None = None) -> Checked:
    """Wrap every record key with the team key that wraps. Safe to interrupt and run again.

    before: only keys that are wrapped with an older team key than this number.

    Contents are not touched: a record key costs about 2 microseconds and one row. A key that does not open stays
    as it is and is counted: it was unreadable before, and must not keep the others from their new key.
    """
    readable = unreadable = 0
    for source in wrapping.WRAPPED:
        after: object = None
        while True:
            async with begin() as work:
                last, found = await rewrap_some(work, source, after, before)
            readable += found.readable
            unreadable += found.unreadable
            if last is None:
                break
            after = last
    return Checked(readable, unreadable)


async def rewrap_some(
    work: Work, source: wrapping.Wrapped, after: object, before: int | None
) -> tuple[object, Checked]:
    """Wrap the next record keys of one table anew: the id of the last row that was looked at (None: there was none)."""
    rows = await wrapping.page(work, source, after, _AT_ONCE, lock=True, before=before)
    done = 0
    for row_id, record, wrapped in rows:
        try:
            key = work.keys.unwrap(wrapped, record)
        except CannotOpen:
            continue
        await wrapping.put(work, source, row_id, work.keys.wrap(key, record))
        done += 1
    work.forgot = True  # old wraps must not stay in the write-ahead log
    return rows[-1][0] if rows else None, Checked(done, len(rows) - done)


async def any_opens(work: Work, before: int) -> bool:
    """Whether any key that is wrapped with a team key older than this number still opens."""
    for source in wrapping.WRAPPED:
        after: object = None
        while rows := await wrapping.page(work, source, after, _AT_ONCE, before=before):
            for _, record, wrapped in rows:
                with suppress(CannotOpen):
                    work.keys.unwrap(wrapped, record)
                    return True
            after = rows[-1][0]
    return False


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
