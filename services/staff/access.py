"""The access log: every look at a resident's words and every act of staff, and whether its chain is whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.chain import first_broken
from domain.refusals import NotAllowed
from domain.staff.rights import Reason, Scope
from domain.wall_clock import midnight_before
from services.staff.accounts import Staff
from services.work import Work
from storage.staff import access

PAGE = 100


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, and the head that proves all of it."""

    entries: tuple[access.Entry, ...]
    head: access.Head


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many entries were looked at, and the number of the first that is not as it was written (None: all are)."""

    entries: int
    broken: int | None


def require(staff: Staff, scope: Scope) -> None:
    """Raises NotAllowed when the session or token of this member of staff does not hold the scope."""
    if scope not in staff.scopes:
        raise NotAllowed(scope)


def signal_tag(work: Work, signal_id: str) -> bytes:
    """The pseudonym of a signal in the access log."""
    return work.keys.tag("access-log", signal_id)


async def note(work: Work, staff: Staff, signal_id: str, act: str, reason: str = "") -> None:
    """Write an act of staff into the access log.

    signal_id: the id of what it is about, also of a round, a meeting or a broadcast · act: a word that the API's
    AccessLine (handlers/api/schemas/access.py) explains.
    """
    await access.append(work, staff.tag, signal_tag(work, signal_id), act, reason)


async def reason_today(work: Work, staff: Staff, signal_id: str) -> Reason | None:
    """The reason this member of staff gave today to read this signal; None when they gave none."""
    given = await access.reason_given(work, staff.tag, signal_tag(work, signal_id), midnight_before(work.now))
    return Reason(given) if given else None


async def log(work: Work, staff: Staff, after: int = 0) -> Log:
    """The entries that follow number `after`, 100 at most. Raises NotAllowed."""
    require(staff, Scope.ACCESS_LOG)
    return Log(tuple(await access.entries_after(work, after, PAGE)), await access.chain_head(work))


async def verify(work: Work) -> Verdict:
    """Go through the whole chain. An entry that was changed, taken out or cut off at the end is found."""
    head = await access.chain_head(work)
    entries = [entry async for entry in access.whole_chain(work)]
    place = first_broken(head.start_hash, head.hash, ((entry.content(), entry.hash) for entry in entries))
    return Verdict(len(entries), None if place is None else head.start_number + 1 + place)


async def forget_before(work: Work, moment: datetime) -> int:
    """Forget entries older than `moment`; the rest still verifies. For the clock; how many were forgotten."""
    return await access.forget_entries_before(work, moment)
