"""Sending a broadcast: its recipients go into the outbox a few at a time, and what became of each is noted.

The outbox holds only two seconds' worth of messages, so that a stop takes back at once all that has not left yet.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from conversations.broadcasts import notices
from domain.broadcasts import rules
from domain.broadcasts.rules import BroadcastState, Content, RecipientFate
from domain.reach import Reach, unseal_reach
from domain.sealing import CannotOpen, KeyRing, Place, new_id, new_key, seal_json
from services.broadcasts import audience
from services.outbox import envelopes, saying
from services.people import residents as people
from services.work import Work
from storage.broadcasts import invitations
from storage.broadcasts.invitations import BroadcastRow
from storage.outbox import queue
from storage.people import residents

RECEIPT = "recipient"
KEPT = timedelta(days=30)
_IN_OUTBOX = 50
# The state of a recipient whose message was taken back, by the state of a broadcast that may send nothing more.
_BACK = {
    BroadcastState.PAUSED: RecipientFate.WAITING,
    BroadcastState.STOPPED: RecipientFate.STOPPED,
    BroadcastState.SENT: RecipientFate.EXPIRED,
}


def content_of(row: BroadcastRow) -> Content:
    """What a broadcast says and to whom."""
    missing = rules.Missing(row.missing) if row.missing else None
    buurten, languages = frozenset(row.buurten.split()), frozenset(row.languages.split())
    return Content(json.loads(row.texts), missing, row.go, row.value, buurten, languages)


async def start(work: Work, row: BroadcastRow) -> dict[str, int]:
    """Add the recipients of the first slice; the clock adds the other slices. Returns the columns that count them."""
    await invitations.make_audience_alone(work)
    slices = await audience.slices(work)
    await _fill_slice(work, row, 0, slices)
    return {"slices": slices, "filled": 1}


async def fill(work: Work) -> None:
    """Add the recipients of one more slice to each broadcast being sent whose audience is not whole. For the clock.

    Needs a unit of work of its own: erasing a resident locks the audiences first and recipients afterwards.
    """
    await invitations.make_audience_alone(work)
    for broadcast_id in await invitations.not_whole(work):
        row = await invitations.by_id(work, broadcast_id, lock=True)
        if row is not None and row.state == BroadcastState.SENDING:
            await _fill_slice(work, row, row.filled, row.slices)
            await invitations.note_filled(work, row.id, row.filled + 1)


async def feed(work: Work) -> None:
    """Put messages to the next recipients into the outbox; end a broadcast once all are settled. For the clock."""
    for broadcast_id in await invitations.in_states(work, [BroadcastState.SENDING]):
        row = await invitations.by_id(work, broadcast_id, lock=True)
        if row is None or row.state != BroadcastState.SENDING:
            continue  # it was paused at this very moment
        room = _IN_OUTBOX - await queue.many_under_way(work)
        if room <= 0:
            return
        if not await _feed_one(work, row, room):
            await _end_if_done(work, row)


async def _fill_slice(work: Work, row: BroadcastRow, number: int, slices: int) -> None:
    """Make a row for each reader of the audience in one slice of the residents."""
    content = content_of(row)
    found = [one for one in await audience.readers(work, number, slices, of=row.id) if one.belongs(content)]
    made = await asyncio.to_thread(lambda: [_recipient(work.keys, row.id, reader) for reader in found])
    # In the order of random ids: within a slice nothing tells which row is whose.
    await invitations.add_recipients(work, sorted(made, key=lambda one: str(one["id"])))


async def _feed_one(work: Work, row: BroadcastRow, room: int) -> int:
    waiting = await invitations.next_waiting(work, row.id, room)
    reaches = await _opened(work, waiting)
    tags = {one: people.person_tag(work.keys, reach) for one, reach in reaches.items()}
    known = await residents.news_of(work, list(tags.values()))
    screen, about = notices.invitation(content_of(row)), _about(row.id)
    on_the_way = []
    for one, reach in reaches.items():
        if tags[one] not in known:
            await invitations.drop_recipient(work, one)  # they erased everything: no tag of theirs stays either
            continue
        reachable, wants = known[tags[one]]
        if reachable and wants:
            on_the_way.append(one)
            await saying.show(work, reach, screen, about=about, many=True, receipt=f"{RECEIPT}:{one}")
        else:
            await invitations.settle(work, [one], RecipientFate.STOPPED if reachable else RecipientFate.BLOCKED)
    await invitations.put_on_the_way(work, on_the_way)
    return len(waiting)


async def _opened(work: Work, waiting: Sequence[invitations.WaitingRecipient]) -> dict[str, Reach]:
    """The reach of each recipient; a damaged one is noted as failed, for the others must not wait for it."""
    found = {}
    for one in waiting:
        try:
            found[one.id] = unseal_reach(work.keys.unwrap(one.wrapped, one.id), one.handle, _place(one.id))
        except CannotOpen:
            await invitations.settle(work, [one.id], RecipientFate.FAILED)
    return found


async def _end_if_done(work: Work, row: BroadcastRow) -> None:
    whole = row.filled >= row.slices
    if whole and not any(state == RecipientFate.SENDING for _, state in await invitations.tallied(work, row.id)):
        await invitations.change(work, row.id, state=BroadcastState.SENT, ended_at=work.now)


async def noted(work: Work, recipient_id: str, state: str) -> None:
    """Note what became of a recipient. state: one of services/speaking/receipts.py."""
    await invitations.settle(work, [recipient_id], RecipientFate.BLOCKED if state == "unwanted" else state)


async def returned(work: Work, recipient_id: str) -> None:
    """Take back a message that was not sent and waits again, if its broadcast was paused or ended meanwhile."""
    row = await invitations.of_recipient(work, recipient_id)
    if row is not None and row.state in _BACK:
        await take_back(work, row.id, BroadcastState(row.state))


async def take_back(work: Work, broadcast_id: str, state: BroadcastState) -> None:
    """Take the messages that have not left out of the outbox. state: of the broadcast now: paused, stopped or sent."""
    receipts = await queue.withdraw(work, envelopes.about_tag(work.keys, _about(broadcast_id)))
    await invitations.back_to_waiting(work, [receipt.partition(":")[2] for receipt in receipts])
    if (fate := _BACK[state]) != RecipientFate.WAITING:
        await invitations.settle_waiting(work, broadcast_id, fate)


async def expire(work: Work) -> None:
    """End broadcasts a week after their start: what still waits then is no news any more. For the clock."""
    for one in await invitations.started_before(work, work.now - rules.LASTS):
        row = await invitations.by_id(work, one.id, lock=True)  # staff may be stopping it at this very moment
        if row is not None and row.state in (BroadcastState.SENDING, BroadcastState.PAUSED):
            await invitations.change(work, row.id, state=BroadcastState.SENT, ended_at=work.now)
            await take_back(work, row.id, BroadcastState.SENT)


async def forget(work: Work) -> None:
    """Forget recipients 30 days after the start; the counts by state that were shown of them stay. For the clock."""
    for row in await invitations.started_before(work, work.now - KEPT):
        counts = by_state(await invitations.tallied(work, row.id))
        await invitations.drop_recipients(work, row.id)
        await invitations.change(work, row.id, tally=json.dumps(counts))


async def stop_all(work: Work) -> None:
    """Stop all broadcasts: after a backup was restored nobody knows who was reached since."""
    for broadcast_id in await invitations.in_states(work, [BroadcastState.SENDING, BroadcastState.PAUSED]):
        await invitations.change(work, broadcast_id, state=BroadcastState.STOPPED, ended_at=work.now)
        await take_back(work, broadcast_id, BroadcastState.STOPPED)
        await invitations.settle_under_way(work, broadcast_id, RecipientFate.UNCERTAIN)


def by_state(tallied: dict[tuple[str, str], int]) -> dict[str, int | None]:
    """How many recipients there are by state, without small groups of one language; None where only those are left."""
    states = {state for _, state in tallied}
    by_language = {one: {cell: times for cell, times in tallied.items() if cell[1] == one} for one in states}
    return {one: rules.shown(cells).total for one, cells in by_language.items()}


def _recipient(keys: KeyRing, broadcast_id: str, reader: audience.NewsReader) -> dict[str, Any]:
    one, key = new_id(), new_key()
    handle = {"reach": reader.reach.plain}
    return {
        "id": one,
        "broadcast_id": broadcast_id,
        "recipient_tag": audience.recipient_tag(keys, broadcast_id, reader.reach),
        "language": reader.language,
        "state": RecipientFate.WAITING,
        "handle": seal_json(key, handle, _place(one)),
        "wrapped": keys.wrap(key, one),
    }


def _about(broadcast_id: str) -> str:
    return f"broadcast:{broadcast_id}"


def _place(recipient_id: str) -> Place:
    return Place("broadcast_recipients", recipient_id, "handle")
