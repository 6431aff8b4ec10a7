"""Telegram's reaches: a chat by its number, which in a private chat is the number of the person too."""

from __future__ import annotations

from domain.reach import Reach

DOOR = "telegram"


def reach_of(chat_id: int) -> Reach:
    """Where this chat is answered."""
    return Reach(DOOR, str(chat_id))


def chat_of(reach: Reach) -> int:
    """The chat that is answered there. Raises ValueError for a reach of another door."""
    if reach.door != DOOR:
        raise ValueError("no reach of Telegram")
    return int(reach.address)
