"""Saying something: a sealed envelope in the outbox, in the same unit of work as the deed it tells of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.reach import Reach
from domain.screens import Screen, from_plain, to_plain
from domain.sealing import CannotOpen, KeyRing, Place, new_key, seal_json, unseal_json
from domain.wall_clock import day_of
from services.work import Work
from storage.outbox import queue
from storage.people import phone_messages

ANSWER = 0
MANY = 1
# The receipt of news that is no answer: nobody notes its end, and it is not said after /stop.
NEWS = "news"
# Telegram deletes a bot's messages up to 48 hours; an hour is kept in hand.
DELETABLE = timedelta(hours=47)
_PLACE = Place("outbox", "", "envelope")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is in an outbox row: to whom, and a Screen (new, or in place of message `edit`), a removal or a farewell.

    picture: the photo that the screen names, found when the row is about to be said; never in the row.
    """

    to: Reach
    screen: Screen | None = None
    edit: int | None = None
    thread: str | None = None
    delete: tuple[int, ...] = ()
    leave: bool = False
    language: str = ""
    until: datetime | None = None
    picture: bytes | None = None


class Bell:
    """Rings when there is something to say, so that the speaker of this process need not wait for its next look."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self.ring: Callable[[], None] = lambda: None


bell = Bell()


async def show(
    work: Work,
    reach: Reach,
    screen: Screen,
    *,
    edit: int | None = None,
    thread: str | None = None,
    about: str | None = None,
    language: str = "",
    many: bool = False,
    receipt: str | None = None,
    until: datetime | None = None,
) -> None:
    """Say `screen` to a chat; with `edit` in place of that message.

    many: one of many (an invitation, a reminder): after a crash it is not said again by itself · receipt: whom to
    tell what became of it, see services/speaking/receipts.py; NEWS: nobody · thread: the conversation it belongs to, so
    that it can be removed from the phone · about: a signal's id, so that what waits about it can be forgotten ·
    language: for a reader of whom nothing is known any more · until: it is not said after this moment; the receipt is
    `expired` then.
    """
    envelope = Envelope(reach, screen, edit, thread, language=language, until=until)
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
    """Have the messages of a conversation removed where Telegram still allows it; how many will be tried."""
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
    """Forget what is still to be said to a chat of one conversation; False: some of it is being said just now."""
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


def chat_tag(keys: KeyRing, reach: Reach) -> bytes:
    """The pseudonym of a chat in the outbox: it can't be joined with people or signals."""
    return keys.tag("outbox", reach.plain)


def about_tag(keys: KeyRing, about: str) -> bytes:
    """The pseudonym of what a message is about."""
    return keys.tag("outbox-about", about)


def sealed(keys: KeyRing, envelope: Envelope) -> dict[str, Any]:
    """The columns of an outbox row for this envelope, under a key of its own."""
    key = new_key()
    plain: dict[str, Any] = {"to": envelope.to.plain}
    if envelope.screen is not None:
        plain["screen"] = to_plain(envelope.screen)
    if envelope.edit is not None:
        plain["edit"] = envelope.edit
    if envelope.thread is not None:
        plain["thread"] = envelope.thread
    if envelope.delete:
        plain["delete"] = envelope.delete
    if envelope.leave:
        plain["leave"] = True
    if envelope.language:
        plain["language"] = envelope.language
    if envelope.until is not None:
        plain["until"] = envelope.until.isoformat()
    return {
        "chat_tag": chat_tag(keys, envelope.to),
        "envelope": seal_json(key, plain, _PLACE),
        "wrapped": keys.wrap(key, "outbox"),
    }


def opened(keys: KeyRing, envelope: bytes, wrapped: bytes) -> Envelope:
    """The envelope again. Raises domain.sealing.CannotOpen."""
    plain = unseal_json(keys.unwrap(wrapped, "outbox"), envelope, _PLACE)
    try:
        reach = Reach.read(plain["to"])
        screen = from_plain(plain["screen"]) if "screen" in plain else None
    except (KeyError, TypeError, ValueError):
        raise CannotOpen("no screen of this version") from None
    return Envelope(
        reach,
        screen,
        plain.get("edit"),
        plain.get("thread"),
        tuple(plain.get("delete", ())),
        plain.get("leave", False),
        plain.get("language", ""),
        datetime.fromisoformat(plain["until"]) if "until" in plain else None,
    )


async def _put(
    work: Work, envelope: Envelope, about: str | None, lane: int = ANSWER, receipt: str | None = None
) -> None:
    row = sealed(work.keys, envelope) | {"lane": lane, "receipt": receipt}
    row["about_tag"] = about_tag(work.keys, about) if about else None
    await queue.put(work, row)
    work.after_commit(bell.ring)


def _thread_tag(keys: KeyRing, thread: str) -> bytes:
    return keys.tag("thread", thread)
