"""What the console needs from the rest of the program: the bot's name, clean photos, who answers for the data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path


class BotUnknown(Exception):
    """The bot's name is not known, and Telegram can't be asked for it at this moment."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the pages need from the rest of the program.

    bot_name: the bot's name on Telegram without @, or raises BotUnknown · remade: a photo made anew as a JPEG
    without metadata, None where it is no photo · responsible, contact: the organisation that answers for the data ·
    published: the folder in which results are published, a folder a round.
    """

    bot_name: Callable[[], Awaitable[str]]
    remade: Callable[[bytes], Awaitable[bytes | None]]
    responsible: str = ""
    contact: str = ""
    published: Path | None = None

    async def link(self, start: str) -> str:
        """The link that opens the bot with `/start` and the word `start`; "" while the bot's name is not known."""
        try:
            return f"https://t.me/{await self.bot_name()}?start={start}"
        except BotUnknown:
            return ""


async def _no_name() -> str:
    raise BotUnknown


async def _no_photo(_content: bytes) -> None:
    return None


# For a console by itself: it can't make letters or take photos.
NOTHING = Outside(_no_name, _no_photo)
