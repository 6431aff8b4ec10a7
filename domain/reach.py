"""Where somebody can be answered: a door (a way to reach people, such as Telegram) and their address there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from domain.sealing import CannotOpen, Place, seal_json, unseal_json


@dataclass(frozen=True, slots=True)
class Reach:
    """One person at one door. Plain only in memory: on disk it is sealed, or a tag is made from it.

    Somebody who comes through two doors is two people.

    Attributes:
        door: The name of a door: lower-case letters and underscores.
        address: What the door calls them, such as Telegram's number of a chat. Not shown in a log.
    """

    door: str
    address: str = field(repr=False)

    @property
    def plain(self) -> str:
        """The text to seal or to make a tag from: `telegram:123`."""
        return f"{self.door}:{self.address}"

    @classmethod
    def read(cls, plain: str) -> Self:
        """The reach whose `plain` this is. Raises ValueError for a text that is no reach."""
        door, colon, address = plain.partition(":")
        if not (door and colon and address):
            raise ValueError("no reach")
        return cls(door, address)


def seal_reach(key: bytes, reach: Reach, place: Place) -> bytes:
    """The reach sealed by itself, with nothing else in the sealed value."""
    return seal_json(key, {"reach": reach.plain}, place)


def unseal_reach(key: bytes, sealed: bytes, place: Place) -> Reach:
    """The reach that `seal_reach` was given. Raises domain.sealing.CannotOpen."""
    return reach_in(unseal_json(key, sealed, place))


def reach_in(content: Any) -> Reach:
    """The reach in an unsealed value. Raises CannotOpen for a value without one, as older versions sealed."""
    try:
        return Reach.read(content["reach"])
    except (LookupError, TypeError, ValueError):
        raise CannotOpen("no reach of this version") from None
