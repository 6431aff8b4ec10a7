"""Who wants to hear news: residents opt in, for one neighbourhood or all; an audience is worked out in memory."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.broadcasts import rules
from domain.broadcasts.rules import Content
from domain.reach import Reach, unseal_reach
from domain.sealing import CannotOpen, KeyRing, Place, seal_json, unseal_json
from domain.wall_clock import day_of
from services.work import Work
from storage.broadcasts import invitations
from storage.people import residents

log = logging.getLogger("buurtstem.audience")

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """What a resident wants to hear of. neighbourhood: its code, None = all of Nieuw-West · fewer: one a week."""

    neighbourhood: str | None = None
    fewer: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who wants news."""

    reach: Reach
    language: str
    wish: Wish


class Known(Protocol):
    """A resident as services/people/residents.py gives them."""

    @property
    def tag(self) -> bytes: ...
    @property
    def record_id(self) -> str: ...
    @property
    def key(self) -> bytes: ...
    @property
    def reach(self) -> Reach: ...


async def choose(work: Work, resident: Known, wish: Wish | None) -> None:
    """From now on the resident hears what they wish; None: no news any more."""
    sealed = None
    if wish is not None:
        plain = {"neighbourhood": wish.neighbourhood, "fewer": wish.fewer}
        sealed = seal_json(resident.key, plain, _place(resident.record_id))
    await residents.change_person(work, resident.tag, news=sealed)


async def wish_of(work: Work, resident: Known) -> Wish | None:
    """What the resident wants to hear of; None: nothing."""
    row = await residents.person_by_tag(work, resident.tag)
    return _wish(resident.key, row) if row else None


async def readers(work: Work, content: Content) -> AsyncIterator[Reader]:
    """The audience: who wants it, can be reached, and has not had enough this week.

    A resident whose row is damaged is left out, and counted in the log: the others must not wait for them.
    """
    had = await _had(work)
    after, damaged = b"", 0
    while page := await residents.who_want_news(work, after, _PAGE):
        for row in page:
            try:
                reader = _reader(work.keys, row)
            except CannotOpen:
                damaged += 1
                continue
            wish = reader.wish
            if rules.reads(content, wish.neighbourhood, reader.language):
                most = rules.FEWER if wish.fewer else rules.USUAL
                if sum(recipient_tag(work.keys, one, reader.reach) in tags for one, tags in had.items()) < most:
                    yield reader
        after = page[-1].tag
    if damaged:
        log.warning("an audience without %d resident(s): their rows can't be opened", damaged)


async def counted(work: Work, content: Content) -> Counter[tuple[str, str]]:
    """How many readers there are by (code of the neighbourhood or "", language)."""
    return Counter([(reader.wish.neighbourhood or "", reader.language) async for reader in readers(work, content)])


def recipient_tag(keys: KeyRing, broadcast_id: str, reach: Reach) -> bytes:
    """A resident's pseudonym in one broadcast: two of them can't be joined."""
    return keys.tag(f"broadcast:{broadcast_id}", reach.plain)


async def of_resident(work: Work, resident: Known) -> dict[str, Any]:
    """What is kept of a resident's news, JSON-able: what they chose, and what was sent to them."""
    wish = await wish_of(work, resident)
    found = await invitations.of_person(work, await _tags(work, resident.reach))
    return {
        "wanted": {"neighbourhood": wish.neighbourhood, "fewer": wish.fewer} if wish else None,
        "invitations": [
            {
                "day": day_of(row["started_at"]).isoformat(),
                "language": row["language"],
                "state": row["state"],
                "can_still_be_sent": bool(row["handle"]),
            }
            for row in found
        ],
    }


async def forget(work: Work, reach: Reach) -> None:
    """Forget what was sent to a resident and what still waits for them."""
    await invitations.let_audiences_be_made(work)
    await invitations.drop_person(work, await _tags(work, reach))


async def _tags(work: Work, reach: Reach) -> list[bytes]:
    return [recipient_tag(work.keys, one, reach) for one in await invitations.all_ids(work)]


async def _had(work: Work) -> Mapping[str, set[bytes]]:
    """The broadcasts of the last seven days, each with whom it reached, or may have.

    No moment is kept of a recipient. So all of a broadcast counts from its end: one that was paused may have been
    sent long after its start, and nobody hears too much.
    """
    recent = await invitations.under_way_since(work, work.now - rules.WEEK)
    return {one: await invitations.tags_in(work, one, rules.COUNTED) for one in recent}


def _reader(keys: KeyRing, row: residents.PersonRow) -> Reader:
    key = keys.unwrap(row.wrapped, row.record_id)
    reach = unseal_reach(key, row.contact, Place("people", row.record_id, "contact"))
    return Reader(reach, row.language, _wish(key, row) or Wish())


def _wish(key: bytes, row: residents.PersonRow) -> Wish | None:
    if row.news is None:
        return None
    plain = unseal_json(key, row.news, _place(row.record_id))
    return Wish(plain["neighbourhood"], plain["fewer"])


def _place(record_id: str) -> Place:
    return Place("people", record_id, "news")
