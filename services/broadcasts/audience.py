"""Who wants to hear news: residents opt in, for one neighbourhood or all; an audience is worked out in memory."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from domain.broadcasts import rules
from domain.broadcasts.rules import Content
from domain.broadcasts.slices import bounds, slices_for
from domain.reach import Reach, unseal_reach
from domain.sealing import CannotOpen, KeyRing, Place, seal_json, unseal_json
from domain.wall_clock import day_of
from services.work import Work
from storage.broadcasts import invitations
from storage.people import residents

log = logging.getLogger("buurtstem.audience")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a resident wants to hear of. neighbourhood: its code, None = all of Nieuw-West · fewer: one a week."""

    neighbourhood: str | None = None
    fewer: bool = False


@dataclass(frozen=True, slots=True)
class NewsReader:
    """Somebody who wants news. heard: how many broadcasts reached them in the last seven days, or may have."""

    reach: Reach
    language: str
    wish: Wish
    heard: int = 0

    @property
    def had_enough(self) -> bool:
        """Whether they have had as much this week as they want to hear."""
        return self.heard >= (rules.FEWER if self.wish.fewer else rules.USUAL)

    def belongs(self, content: Content) -> bool:
        """Whether this reader is to get a broadcast with this content."""
        return not self.had_enough and rules.reads(content, self.wish.neighbourhood, self.language)


class Known(Protocol):
    """What this file needs of a Resident of services/people/residents.py."""

    @property
    def tag(self) -> bytes: ...
    @property
    def record_id(self) -> str: ...
    @property
    def key(self) -> bytes: ...
    @property
    def reach(self) -> Reach: ...


async def choose(work: Work, resident: Known, wish: Wish | None) -> None:
    """Keep what the resident wants to hear of from now on; None: no news any more."""
    sealed = None
    if wish is not None:
        plain = {"neighbourhood": wish.neighbourhood, "fewer": wish.fewer}
        sealed = seal_json(resident.key, plain, _place(resident.record_id))
    await residents.change_person(work, resident.tag, news=sealed)


async def wish_of(work: Work, resident: Known) -> Wish | None:
    """What the resident wants to hear of; None: nothing."""
    row = await residents.person_by_tag(work, resident.tag)
    return _wish(resident.key, row) if row else None


async def slices(work: Work) -> int:
    """How many slices the residents are divided into; one slice a second is put into an audience."""
    return slices_for(await residents.how_many_want_news(work))


async def readers(work: Work, number: int, many: int, *, of: str = "") -> list[NewsReader]:
    """The readers in slice `number` (from 0) of `many` slices, see domain/broadcasts/slices.py.

    of: the broadcast whose audience this is for; it doesn't itself count as heard. A resident whose row is damaged is
    left out, and counted in the log: the others must not wait for them.
    """
    rows = await residents.who_want_news(work, *bounds(number, many))
    # In a thread: opening the rows takes longer than others should wait for their answers.
    found = await asyncio.to_thread(_opened, work.keys, rows)
    if damaged := len(rows) - len(found):
        log.warning("an audience without %d resident(s): their rows can't be opened", damaged)
    heard: Counter[str] = Counter()
    for one in await invitations.under_way_since(work, work.now - rules.WEEK):
        # No time is kept per recipient. So a broadcast counts from its end for all of them: a paused one may have
        # been sent long after its start, and nobody may hear too much.
        if one != of:
            tags = {recipient_tag(work.keys, one, reader.reach): reader.reach.plain for reader in found}
            heard.update(tags[tag] for tag in await invitations.tags_among(work, list(tags), rules.COUNTED))
    return [replace(reader, heard=heard[reader.reach.plain]) for reader in found]


def recipient_tag(keys: KeyRing, broadcast_id: str, reach: Reach) -> bytes:
    """A resident's pseudonym in one broadcast; those of two broadcasts can't be joined."""
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


def _opened(keys: KeyRing, rows: Sequence[residents.PersonRow]) -> list[NewsReader]:
    found = []
    for row in rows:
        with suppress(CannotOpen):
            found.append(_reader(keys, row))
    return found


def _reader(keys: KeyRing, row: residents.PersonRow) -> NewsReader:
    key = keys.unwrap(row.wrapped, row.record_id)
    reach = unseal_reach(key, row.contact, Place("people", row.record_id, "contact"))
    return NewsReader(reach, row.language, _wish(key, row) or Wish())


def _wish(key: bytes, row: residents.PersonRow) -> Wish | None:
    if row.news is None:
        return None
    plain = unseal_json(key, row.news, _place(row.record_id))
    return Wish(plain["neighbourhood"], plain["fewer"])


def _place(record_id: str) -> Place:
    return Place("people", record_id, "news")
