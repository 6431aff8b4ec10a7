"""`python -m bench [PYTHON]`: this bot beside the same conversation in two libraries that forget all, in one run.

Each bot is a process of its own before the same fast Telegram, with the same clients and screens; a tap counts when
its answer stands on the phone and the update was received. What this bot answers is kept on the disk by then.
Beside the rates stands the processor time of a tap, which changes less from run to run: of the bot and of PostgreSQL.
Rounds go round all bots, and the middle one counts. Rates of one run are compared with each other; they are no
promise for another machine. Aims stand in brackets; docs/decisions/0013 tells where the time of a tap goes.
Then a city's audience and close (bench/growth.py). At the end votes are counted, beside
pabutools where this interpreter, or PYTHON, has it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import pytest
import uvloop

from bench import counting
from bench.contenders import AIOGRAM, CONTENDERS, PTB, Contender, house
from bench.growth import growth
from bench.phones import ARRIVAL, REPORT, Phones
from bench.running import Bot, cpu_of
from bench.telegram import BotApi
from tests.postgres import PostgresServer, start_postgres

RESIDENTS = 320
ROUNDS = 3
SENDS = 3000
SYNCS = 200
_HEAD = (
    f"{'':<40}{'taps/s':>7}{'p99 ms':>8}{'x aiogram':>12}{'x ptb':>12}{'bot ms (1.5)':>14}{'db ms (0.7)':>13}"
    f"{'asked':>7}{'MB (300)':>10}{'start s':>9}"
)


class Measured(NamedTuple):
    """One bot in one round.

    rate: taps a second · p99: seconds until an answer stands there · bot, database: seconds of processor time a tap ·
    asked: requests to the Bot API a tap · megabytes: of the largest process · start: seconds.
    """

    rate: float
    p99: float
    bot: float
    database: float
    asked: float
    megabytes: float
    start: float


async def answering(folder: Path, server: PostgresServer | None) -> None:
    """Print how fast taps are answered."""
    rounds: dict[Contender, list[Measured]] = defaultdict(list)
    for _ in range(ROUNDS):
        for contender in CONTENDERS:
            if server is not None or not contender.postgres:
                rounds[contender].append(await _answering(contender, folder, server))
    found = {one: Measured._make(map(median, zip(*measured, strict=True))) for one, measured in rounds.items()}
    print(f"{_sync_seconds(folder) * 1000:.1f} ms for an fdatasync of 4 KB on this disk")
    print(_HEAD)
    for contender, one in found.items():
        shares = zip((AIOGRAM, PTB), contender.aims, strict=True)
        aimed = "".join(f"{_aimed(one.rate / found[other].rate, aim):>12}" for other, aim in shares)
        cpu = f"{one.bot * 1000:>14.2f}{one.database * 1000:>13.2f}"
        print(
            f"{contender.name:<40}{one.rate:>7.0f}{one.p99 * 1000:>8.0f}{aimed}{cpu}"
            f"{one.asked:>7.2f}{one.megabytes:>10.0f}{one.start:>9.1f}",
            flush=True,
        )


def _sync_seconds(folder: Path) -> float:
    """How long the disk takes to keep a page, the middle one of many."""
    took = []
    with (folder / "synced").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return median(took)


def _aimed(reached: float, aim: float) -> str:
    return f"{reached:.2f} ({aim})" if aim else f"{reached:.2f}"


async def _answering(contender: Contender, folder: Path, server: PostgresServer | None) -> Measured:
    api, screens = BotApi(), folder / "screens.json"
    listening, url = await api.open()
    async with listening, AsyncExitStack() as stack:
        started = await asyncio.to_thread(contender.bots, url, folder, screens, server)
        bots = [await stack.enter_async_context(bot) for bot in started]
        phones = Phones(api, [f"http://127.0.0.1:{bot.port}/telegram" for bot in bots if bot.port])
        arrival = () if contender.twin else ARRIVAL
        # One resident goes ahead, so that everything is loaded; what this bot shows, the others show too.
        await phones.hold(range(1, 2), arrival)
        shown = []
        for step in REPORT:
            await phones.hold(range(1, 2), (step,))
            shown.append(phones.standing(1))
        if not contender.twin:
            screens.write_text(json.dumps(shown), encoding="utf-8")
        residents = range(2, 2 + RESIDENTS)
        await phones.hold(residents, arrival)
        taps = RESIDENTS * len(REPORT)
        before = _used(bots, server), api.asked
        seconds = await phones.hold(residents, REPORT)
        (bot, database), asked = _used(bots, server), api.asked
        return Measured(
            taps / seconds,
            quantiles(phones.delays, n=100)[-1],
            (bot - before[0][0]) / taps,
            (database - before[0][1]) / taps if contender.postgres else 0.0,
            (asked - before[1]) / taps,
            max(each.megabytes for each in bots),
            bots[0].seconds,
        )


def _used(bots: Sequence[Bot], server: PostgresServer | None) -> tuple[float, float]:
    """Seconds of processor time that the bots and the database server have used."""
    return sum(bot.cpu for bot in bots), cpu_of(server.pid) if server is not None else 0.0


async def sending(folder: Path, server: PostgresServer | None) -> None:
    """Print how fast the speaker says what stands in the outbox."""
    for name, where in (("SQLite", None), ("PostgreSQL", server)):
        if where is None and name == "PostgreSQL":
            continue
        api = BotApi()
        listening, url = await api.open()
        settings = await asyncio.to_thread(house, url, folder, where)
        async with listening, Bot(("bench.sending", str(SENDS)), settings) as bot:
            await bot.ended()
        print(f"durable sends a second, {name}, pacing off: {api.rate:.0f} (1000)", flush=True)


PARTS = (answering, sending, growth)


async def _all(folder: Path, server: PostgresServer | None) -> None:
    for part in PARTS:
        await part(folder, server)


def main(arguments: list[str]) -> int:
    """Print the tables; exit status."""
    server = None
    try:
        server = start_postgres()
    except pytest.skip.Exception as error:
        print(error, file=sys.stderr)
    try:
        with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_all(Path(folder), server))
    finally:
        if server is not None:
            server.remove()
    return counting.main(arguments or ([sys.executable] if find_spec("pabutools") else []))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
