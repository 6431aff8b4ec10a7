"""What stands in a row of the outbox: a sealed envelope, under pseudonyms that can't be joined with others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.reach import Reach
from domain.screens import Screen, from_plain, to_plain
from domain.sealing import CannotOpen, KeyRing, Place, new_key, seal_json, unseal_json

_PLACE = Place("outbox", "", "envelope")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is in an outbox row: to whom, and a Screen (new, or in place of message `edit`), a removal or a farewell.

    delete: ids of messages to remove · leave: leave the group · thread, language, until: as `saying.show` has them ·
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
    """The envelope that is sealed in a row. Raises domain.sealing.CannotOpen."""
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
