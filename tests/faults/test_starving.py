"""A stream of updates leaves the speaker its turns: answers go out while more comes in."""

import asyncio
from typing import Any

import pytest

from bot.speaking.speaker import Speaker
from storage.engine.database import Database
from tests.faults.test_listening import Desk, message
from tests.faults.test_speaking import FAST, Telegram

UPDATES = 800
AT_ONCE = 40  # connections that Telegram opens to a webhook


@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_a_stream_of_updates_does_not_starve_the_speaker(database: Database, way: str) -> None:
    telegram, desk = Telegram(), Desk(database)
    speaker = Speaker(database.begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    speaking = asyncio.create_task(speaker.run())
    updates = [message(number, f"{number}", 1 + number % 200) for number in range(1, UPDATES + 1)]
    behind: list[int] = []

    def look() -> None:
        behind.append(len(desk.heard) - len(telegram.heard))

    async def fetch(_offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        look()
        batch = updates[:100]
        del updates[:100]
        if not batch:
            desk.listener.stop()
        return batch

    async def deliver() -> None:
        while updates:
            await desk.listener.hook(updates.pop(0))
            look()

    if way == "polling":
        await desk.listener.poll(fetch)
    else:
        await asyncio.gather(*(deliver() for _ in range(AT_ONCE)))
    # On PostgreSQL each turn of the speaker takes as many messages to and fro as several updates: it falls behind,
    # and goes on all the while.
    most = UPDATES / 4 if database.is_sqlite else UPDATES * 0.85
    assert max(behind) < most, f"{len(telegram.heard)} answers went out while {UPDATES} updates came in"
    speaker.stop()
    await speaking
