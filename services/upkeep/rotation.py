"""A change of the team key that any number of machines agree on through the database; a crash anywhere loses nothing.

The new key has three states. announced: the database knows its number and fingerprint, and every live process confirms
that it has read the key · wraps: every process wraps with it from now on, and what older keys wrap is wrapped anew
until nothing is left · only: the database refuses what an older key would wrap, and the older keys are destroyed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from domain.sealing import KeyRing, new_id
from services.upkeep import keeping
from services.work import Begin, DatabaseAway, Held, Work
from storage.upkeep import team_keys
from storage.upkeep.team_keys import KeyRow
from storage.upkeep.team_keys import ProcessRow as Confirms
from storage.upkeep.wrapping import WRAPPED

__all__ = ["Confirms"]
ANNOUNCED, WRAPS, ONLY = "announced", "wraps", "only"
_JUST_NOW = timedelta(seconds=4)  # a process that was killed and started again is one, not two
_SAMPLE = 100  # record keys of each kind


class KeyMissing(Exception):
    """A team key that is in use is not on this ring. number: which; announced: nothing is wrapped with it yet."""

    def __init__(self, number: int, *, announced: bool) -> None:
        super().__init__(number)
        self.number, self.announced = number, announced


@dataclass(frozen=True, slots=True)
class Member:
    """A process that uses the keys: its role, and where it runs."""

    id: str
    role: str
    place: str


def new_member(role: str, place: str) -> Member:
    """A process that has just started."""
    return Member(new_id(), role, place[:80])


async def fitting(work: Work, ring: KeyRing) -> KeyRing:
    """The ring, set to wrap with the key in use; at the first start its newest key is noted as that. Raises KeyMissing.

    No process can start and no key can change until this work ends. A database that holds no record accepts a ring
    without the keys used before: nothing is wrapped with them.
    """
    await team_keys.hold(work)
    rows = await team_keys.team_keys(work)
    if rows and missing(ring, rows) and not await team_keys.any_wrapped(work) and not await team_keys.live(work):
        await team_keys.drop_keys(work)
        rows = []
    if not rows:
        tried = await keeping.check_keys(work, _SAMPLE)
        if tried.unreadable and not tried.readable:
            return ring  # its keys are of another database: the caller finds out at the first use
        rows = [KeyRow(ring.newest, ring.fingerprint(ring.newest), ONLY)]
        await team_keys.put_key(work, rows[0])
    if lacks := missing(ring, rows):
        raise KeyMissing(lacks.number, announced=lacks.state == ANNOUNCED)
    return wrapping_with(ring, rows)


def missing(ring: KeyRing, rows: list[KeyRow]) -> KeyRow | None:
    """The newest team key in use that this ring lacks, or has with another fingerprint; None when it has all."""
    lacks = [row for row in rows if ring.fingerprint(row.number) != row.fingerprint]
    return lacks[-1] if lacks else None


def wrapping_with(ring: KeyRing, rows: list[KeyRow]) -> KeyRing:
    """The ring with the key that wraps by these rows."""
    return replace(ring, wraps=max(row.number for row in rows if row.state != ANNOUNCED))


async def say_alive(work: Work, member: Member, ring: KeyRing) -> list[KeyRow]:
    """Note that this process lives, and which of the team keys in use it has; returns the keys in use."""
    rows = await team_keys.team_keys(work)
    knows = [row.number for row in rows if ring.fingerprint(row.number) == row.fingerprint]
    await team_keys.seen(work, member.id, Confirms(member.role, member.place, max(knows, default=0), ring.wrapping))
    return rows


async def say_ended(work: Work, member: Member) -> None:
    """Note that this process ends, so that nobody waits for it."""
    await team_keys.ended(work, member.id)


async def under_way(work: Work) -> int | None:
    """The number of a new team key whose change has begun and not ended; None when no change is under way."""
    rows = [row for row in await team_keys.team_keys(work) if row.state != ONLY]
    return rows[-1].number if rows else None


async def announce(work: Work, ring: KeyRing) -> None:
    """Announce the newest key of the ring. Call `fitting` first in the same work."""
    await team_keys.put_key(work, KeyRow(ring.newest, ring.fingerprint(ring.newest), ANNOUNCED))


async def without(work: Work, number: int) -> list[Confirms]:
    """The live processes that have not confirmed a team key."""
    return [one for one in await team_keys.live(work) if one.knows < number]


async def not_wrapping(work: Work, number: int) -> list[Confirms]:
    """The live processes that don't wrap with a team key yet."""
    return [one for one in await team_keys.live(work) if one.wraps < number]


async def let_wrap(work: Work, number: int) -> list[Confirms]:
    """Have all processes wrap with this key, if all live ones have it; returns those that must confirm it first."""
    await team_keys.hold(work)
    if waiting := await without(work, number):
        return waiting
    (row,) = [row for row in await team_keys.team_keys(work) if row.number == number]
    if row.state == ANNOUNCED:
        await team_keys.put_key(work, row._replace(state=WRAPS))
    return []


async def rewrap(begin: Begin, number: int) -> keeping.Checked:
    """Wrap anew what older keys wrap, in passes until nothing more can be; how many were, and how many can't be."""
    done = 0
    while True:
        found = await keeping.rewrap_all(begin, number)
        done += found.readable
        if not found.readable:
            return keeping.Checked(done, found.unreadable)


async def close_tables(begin: Begin, number: int) -> None:
    """Wrap the last of each table anew and have the database refuse older keys there.

    Raises DatabaseAway while somebody else holds a table: to be tried again.
    """
    for source in WRAPPED:
        try:
            async with begin() as work:
                await team_keys.hold_table(work, source)
                after: object = None
                while True:
                    after, _ = await keeping.rewrap_some(work, source, after, number)
                    if after is None:
                        break
                await team_keys.refuse_before(work, source, number)
        except Held:
            raise DatabaseAway(f"{source.table.name} is held by somebody else") from None


async def make_only(work: Work, number: int) -> None:
    """Note that nothing is left under older keys: they may be destroyed."""
    await team_keys.hold(work)
    (row,) = [row for row in await team_keys.team_keys(work) if row.number == number]
    await team_keys.put_key(work, row._replace(state=ONLY))
    await team_keys.drop_keys_before(work, number)


async def may_destroy(work: Work, ring: KeyRing) -> int | None:
    """The number below which nobody needs the ring's team keys; None: the ring has none older, or may need them."""
    rows = await team_keys.team_keys(work)
    if len(rows) != 1 or rows[0].state != ONLY or min(ring.team) >= rows[0].number:
        return None
    return None if await keeping.any_opens(work, rows[0].number) else rows[0].number


async def members(work: Work) -> list[tuple[str, str]]:
    """Role and place of each process that was seen just now."""
    return [(one.role, one.place) for one in await team_keys.live(work, _JUST_NOW)]
