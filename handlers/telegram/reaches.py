"""Reaches (domain/reach.py) of Telegram: the number of a chat, which in a private chat is the person's number too."""

from __future__ import annotations

from domain.reach import Reach

DOOR = "telegram"


def reach_of(chat_id: int) -> Reach:
    """The reach of this chat."""
    return Reach(DOOR, str(chat_id))


def chat_of(reach: Reach) -> int:
    """The number of the chat with this reach. Raises ValueError for a reach of another door."""
    if reach.door != DOOR:
        raise ValueError("no reach of Telegram")
    return int(reach.address)
