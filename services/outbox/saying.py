"""Saying something: a sealed envelope in the outbox, in the same unit of work as the deed it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.reach import Reach
from domain.screens import Screen, to_plain
from domain.sealing import KeyRing
from domain.wall_clock import day_of
from services.outbox import at_once
from services.outbox.at_once import bell
from services.outbox.envelopes import Envelope, about_tag, chat_tag, opened, sealed
from services.work import Work
from storage.outbox import at_once as at_once_rows
from storage.outbox import queue
from storage.people import phone_messages

ANSWER = 0
MANY = 1
# The receipt of news that is no answer: nobody notes its end, and it is not said after /stop.
NEWS = "news"
# Telegram lets a bot delete messages for 48 hours; an hour is kept as a margin.
DELETABLE = timedelta(hours=47)


async def show(
    work: Work,
    reach: Reach,
    screen: Screen,
    *,
    edit: int | None = None,
    thread: str | None = None,
    about: str | None = None,
    language: str = "",
    reads: str = "",
    many: bool = False,
    receipt: str | None = None,
    until: datetime | None = None,
) -> None:
    """Say `screen` to a chat; with `edit` in place of that message.

    thread: the conversation it belongs to, so that it can be removed from the phone · about: the id of a signal, a
    broadcast or a sign-up, so that what waits about it can be forgotten · language: for a reader of whom nothing is
    known any more · reads: the language of a reader who waits for this answer; without a receipt it may then be said at
    once, see services/outbox/at_once.py · many: a bulk message (an invitation, a reminder): it is not said again after
    a crash · receipt: `subject:id`, which is told what became of it, see services/speaking/receipts.py; NEWS: nobody
    is told · until: it is not said after this moment; the receipt is `expired` then.
    """
    envelope = Envelope(reach, screen, edit, thread, language=language, until=until)
    waits = bool(reads) and not many and receipt is None
    if waits and await _put_at_once(work, envelope, about, reads):
        return
    await _put(work, envelope, about, lane=MANY if many else ANSWER, receipt=receipt)


async def heard(work: Work, reach: Reach, message_id: int, thread: str) -> None:
    """Remember a resident's own message of a conversation, for "delete this from my phone"."""
    await remember(work, [(reach, message_id, thread)])


async def remember(work: Work, messages: Sequence[tuple[Reach, int, str]]) -> None:
    """Remember messages (reach, message_id, thread) that stand on phones."""
    rows = [
        {
            "chat_tag": chat_tag(work.keys, reach),
            "message_id": message_id,
            "thread_tag": _thread_tag(work.keys, thread),
            "day": work.today,
        }
        for reach, message_id, thread in messages
    ]
    await phone_messages.remember(work, rows)


async def erase_from_phone(work: Work, reach: Reach, thread: str) -> int:
    """Have the messages of a conversation removed where Telegram still allows it; returns how many will be tried."""
    tag = chat_tag(work.keys, reach)
    oldest = day_of(work.now - DELETABLE)
    messages = await phone_messages.take(work, tag, _thread_tag(work.keys, thread), oldest)
    young = [message for message, day in messages if day > oldest]
    # Of the oldest day some may be too old. Each goes alone, so that a refusal keeps no other on the phone.
    parts: list[tuple[int, ...]] = [(message,) for message, day in messages if day == oldest]
    parts += [tuple(young[start : start + 100]) for start in range(0, len(young), 100)]  # Telegram takes 100 at once
    for part in parts:
        await _put(work, Envelope(reach, delete=part), None)
    return len(messages)


async def forget_on_phone(work: Work, reach: Reach, thread: str) -> None:
    """Forget which messages of a conversation stand on a phone; they stay there."""
    await phone_messages.take(work, chat_tag(work.keys, reach), _thread_tag(work.keys, thread), work.today)


async def drop_thread(work: Work, reach: Reach, thread: str) -> bool:
    """Forget the messages of one conversation that a chat still has to get; False, and none: one is being said now."""
    found = []
    for row_id, state, envelope, wrapped in await queue.unsaid_to(work, chat_tag(work.keys, reach)):
        one = opened(work.keys, envelope, wrapped) if envelope else None
        if one is not None and (one.thread == thread or (one.screen and thread in str(to_plain(one.screen)))):
            found.append((row_id, state))
    if any(state != "waiting" for _, state in found):
        return False
    await queue.drop(work, [row_id for row_id, _ in found])
    return True


async def leave(work: Work, reach: Reach) -> None:
    """Leave a group, after what is still to be said there."""
    await _put(work, Envelope(reach, leave=True), None)


async def _put_at_once(work: Work, envelope: Envelope, about: str | None, reads: str) -> bool:
    """Put a message into the outbox for this process to send right after the commit; False: it was not put there.

    A shut screen, or one with a picture, can't go this way: it is completed when its row is claimed.
    """
    screen = envelope.screen
    if bell.mouth is None or screen is None or screen.shut is not None or screen.picture is not None:
        return False
    row = sealed(work.keys, envelope)
    slot = bell.mouth.slot(row["chat_tag"])
    if slot is None:
        return False
    work.after_rollback(slot.free)
    row["about_tag"] = about_tag(work.keys, about) if about else None
    limits = at_once.limits(bell.mouth.pace, slot.landed)

    def there(row_id: int, may_go: bool) -> None:
        if may_go:
            slot.hold(row_id, envelope, reads)
            work.after_commit(slot.say)
        else:
            work.after_commit(slot.free)
            work.after_commit(bell.ring)

    await at_once_rows.put(work, row, bell.mouth.owner, limits, slot.landed, there)
    return True


async def _put(
    work: Work, envelope: Envelope, about: str | None, lane: int = ANSWER, receipt: str | None = None
) -> None:
    row = sealed(work.keys, envelope) | {"lane": lane, "receipt": receipt}
    row["about_tag"] = about_tag(work.keys, about) if about else None
    await queue.put(work, row)
    work.after_commit(bell.ring)


def _thread_tag(keys: KeyRing, thread: str) -> bytes:
    return keys.tag("thread", thread)
