"""What the console asks of the rest of the program: the bot's name, clean photos, who answers for the letters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path


class BotUnknown(Exception):
    """Telegram can't be asked at this moment what the bot is called."""


@dataclass(frozen=True, slots=True)
class Outside:
    """bot_name: the bot's name on Telegram without @, or raises BotUnknown · remade: a photo made anew as a JPEG
    without metadata, None where it is no photo · responsible, contact: the organisation that answers for the data ·
    published: the folder in which results are published, a folder a round."""

    bot_name: Callable[[], Awaitable[str]]
    remade: Callable[[bytes], Awaitable[bytes | None]]
    responsible: str = ""
    contact: str = ""
    published: Path | None = None

    async def link(self, start: str) -> str:
        """The link that opens the bot with `/start` and this word; "" while the bot's name is not known."""
        try:
            return f"https://t.me/{await self.bot_name()}?start={start}"
        except BotUnknown:
            return ""


async def _no_name() -> str:
    raise BotUnknown


async def _no_photo(_content: bytes) -> None:
    return None


# A console by itself: no letters, no photos.
NOTHING = Outside(_no_name, _no_photo)
