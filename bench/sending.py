"""`python -m bench.sending COUNT`: says so many answers to as many chats, with pacing off; the settings say where."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

import uvloop

from bot.settings import read_settings
from bot.wiring import plug
from conversations.signals.report_choices import KINDS
from domain.pace import Pace
from domain.screens import Button, Screen, Text
from handlers.telegram.reaches import reach_of
from services.outbox import saying as outbox
from services.speaking import delivering

_SCREEN = Screen(
    (Text("report.kind.ask"),), tuple((Button(Text(key), value),) for value, key in KINDS.items()), True, serial=1
)
_AT_ONCE = 500


async def _say(count: int) -> None:
    house = plug(read_settings())
    await house.transport.initialize()
    try:
        for first in range(1, count + 1, _AT_ONCE):
            async with house.begin() as work:
                for chat in range(first, first + _AT_ONCE):
                    await outbox.show(work, reach_of(chat), _SCREEN, thread="bench")
        speaker = house.speaker(Pace(burst=10_000, gap=timedelta(microseconds=1), even_gap=timedelta(0)))
        saying = asyncio.create_task(speaker.run())
        while True:
            async with house.database.reading() as work:
                if not await delivering.waiting(work):
                    break
            await asyncio.sleep(0.25)
        speaker.stop()
        await saying
    finally:
        await house.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_say(int(sys.argv[1])))
