"""Links in messages: the address of one that hides behind a word, and what a pasted link to the bot asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.telegram.aiogram_lazily import MessageEntity

_LINK = re.compile(
    r"(?:(?:https?://)?(?:t|telegram)\.(?:me|dog)/\w{1,64}/?\?start=|tg://resolve\?domain=\w{1,64}&start=)([\w-]{1,64})",
    re.ASCII | re.IGNORECASE,
)
_TOO_LONG = 4096  # code units of all addresses of a text together


def with_links(text: str, entities: Sequence[MessageEntity] | None) -> str:
    """The text with each hidden address in brackets after its words. Offsets of entities count UTF-16 code units.

    "zie hier" with a link on "hier" → "zie hier (https://voorbeeld.example/77)"
    """
    if not entities:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    pieces: list[bytes] = []
    done, room = 0, _TOO_LONG
    for entity in sorted(entities, key=lambda one: (one.offset + one.length, -one.offset)):
        start, end = (_boundary(units, place) for place in (entity.offset, entity.offset + entity.length))
        address = (entity.url or "")[:room]
        if not address or _same(units[2 * start : 2 * end].decode("utf-16-le", "surrogatepass"), address):
            continue
        room -= len(address)
        pieces += [units[2 * done : 2 * end], f" ({address})".encode("utf-16-le", "surrogatepass")]
        done = end
    return b"".join([*pieces, units[2 * done :]]).decode("utf-16-le", "surrogatepass")


def pasted(text: str) -> str:
    """A link to a bot that was pasted as a message, as the command that opening it would send; else the same text.

    "https://t.me/some_bot?start=vote-7K2M" → "/start vote-7K2M"
    """
    found = _LINK.fullmatch(text.strip())
    return f"/start {found[1]}" if found else text


def _boundary(units: bytes, place: int) -> int:
    """The place, moved into the text and out of the middle of a character of two units."""
    place = min(max(place, 0), len(units) // 2)
    return place + 1 if 0xDC <= units[2 * place + 1 : 2 * place + 2].ljust(1, b"\0")[0] <= 0xDF else place


def _same(words: str, address: str) -> bool:
    """Whether the words already are the address, as when somebody links an address to itself."""
    return _plain(words) == _plain(address)


def _plain(address: str) -> str:
    return address.strip().casefold().removeprefix("https://").removeprefix("http://").rstrip("/")
