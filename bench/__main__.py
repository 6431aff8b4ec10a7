"""`python -m bench`: durable taps and sends a second, one after another and side by side, on each database.

A tap here is an update handled in one transaction, with its answer in the outbox; a send is an answer claimed,
marked, rendered and settled, with a Telegram that takes everything at once. Rates of one run are compared with
each other; they are no promise for another machine. PostgreSQL: give the address of an empty database.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.keys import make_keys
from bot.settings import read_settings
from bot.speaker import Speaker
from bot.wiring import House, plug
from handlers.telegram.render import render
from services import speaking
from services.speaking import Fate, Pace, Result, Sending
from storage.database import migrate

RESIDENTS = 150
AT_ONCE = 8
WORDS = ("/start", "Nederlands", "1", "/melden", "Er ligt afval bij de speeltuin.", "2", "/taal", "/mijn")


def main(arguments: list[str]) -> int:
    """Print the table; arguments: addresses of further, empty databases."""
    print(f"{'database':<12}{'taps/s, in a row':>20}{'taps/s, side by side':>24}{'sends/s':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for url in (f"sqlite+aiosqlite:///{folder}/bench.db", *arguments):
            migrate(url)
            rates = asyncio.run(_measure(Path(folder), url))
            print(f"{url.partition('+')[0]:<12}{rates[0]:>20.0f}{rates[1]:>24.0f}{rates[2]:>12.0f}")
    print(f"memory at its peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    return 0


async def _measure(folder: Path, url: str) -> tuple[float, float, float]:
    make_keys(folder / "keys")
    settings = read_settings(
        {
            "BUURTSTEM_BOT_TOKEN": "1:bench",
            "BUURTSTEM_TELEGRAM_API_URL": "http://127.0.0.1:1",
            "BUURTSTEM_DATABASE_URL": url,
            "BUURTSTEM_KEYS_DIR": str(folder / "keys"),
            "BUURTSTEM_DATA_DIR": str(folder / "data"),
        }
    )
    house = plug(settings)
    try:
        listener = house.listener()
        alone = await _rate(_updates(0, RESIDENTS // 3), 1, listener.take)
        beside = await _rate(_updates(RESIDENTS, RESIDENTS), AT_ONCE, listener.take)
        return alone, beside, await _sends(house)
    finally:
        await house.close()


def _updates(first: int, count: int) -> list[dict[str, Any]]:
    """Residents' lives side by side, each update numbered."""
    return list(_lives(first, count))


def _lives(first: int, count: int) -> Iterator[dict[str, Any]]:
    number = first * 1000
    for words in WORDS:
        for resident in range(first + 1, first + count + 1):
            number += 1
            person = {"id": resident, "is_bot": False, "first_name": "B", "language_code": "nl"}
            chat = {"id": resident, "type": "private"}
            told = {"message_id": number, "date": 1795000000, "chat": chat, "from": person, "text": words}
            yield {"update_id": number, "message": told}


async def _rate(updates: list[dict[str, Any]], at_once: int, take: Callable[[dict[str, Any]], Any]) -> float:
    waiting = iter(updates)

    async def worker() -> None:
        for update in waiting:
            await take(update)

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return len(updates) / (time.perf_counter() - began)


async def _sends(house: House) -> float:
    """Say everything that the taps left in the outbox."""
    async with house.database.reading() as work:
        waiting = left = (await speaking.waiting(work)).get("waiting", 0)
    all_said = asyncio.Event()

    async def send(row: Sending) -> Result:
        nonlocal left
        if row.envelope.screen is not None:
            render(row.envelope.screen, row.language or "nl")
        left -= 1
        if left == 0:
            all_said.set()
        return Result(row, Fate.SAID)

    fast = Pace(burst=10_000, gap=timedelta(microseconds=1))
    speaker = Speaker(house.begin, send, alone=house.database.is_sqlite, pace=fast)
    began = time.perf_counter()
    task = asyncio.create_task(speaker.run())
    await all_said.wait()
    seconds = time.perf_counter() - began
    speaker.stop()
    await task
    return waiting / seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
