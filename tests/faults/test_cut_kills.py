"""kill -9 around the cutting of a line: "cut" is told only once the line is cut, and in the end to all who asked."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.process.clock import make_clock
from conversations.engine.confirm import YES
from services.signals.sealed_places import code_tag
from simulator.phone import LocalTelegram
from storage.engine.database import Database
from storage.signals.cases import id_by_code
from tests.faults import journeys
from tests.faults.journeys import Beat, Resident, arrives, presses, reports
from tests.faults.kills import QUIET
from tests.faults.running import RunningBot
from tests.opened import rows

TOLD = "Je krijgt geen berichten meer"
GATE, PROOF = 3, 25


@asynccontextmanager
async def asking(telegram: LocalTelegram, database: Database, number: int) -> AsyncIterator[tuple[Resident, str]]:
    """The phone of somebody who has reported and is asked whether to cut the line, and the signal's id."""
    async with await Resident.new(telegram.url, name=f"Bewoner {number}", language_code="nl") as phone:
        phone.beat = Beat(50, over=True)
        await arrives(phone)
        code = await reports(phone, f"verhaal {number}")
        async with database.reading() as work:
            signal_id = str(await id_by_code(work, code_tag(work.keys, code)))
        await presses(phone, "g:mine:", then=f"g:follow:{signal_id}")
        for value, then in (("follow", "choices"), ("choices", "cut_line")):
            await presses(phone, f"g:{value}:{signal_id}", then=f"g:{then}:{signal_id}")
        await presses(phone, f"g:cut_line:{signal_id}", then=YES)
        yield phone, signal_id


async def told(phone: Resident) -> bool:
    return any(TOLD in str(message.get("text", "")) for message in (await phone.chat())["messages"])


async def is_cut(database: Database, signal_id: str) -> bool:
    async with database.reading() as work:
        (row,) = (row for row in await rows(work, "signals") if row["id"] == signal_id)
    return row["handle"] is row["handle_record_id"] is row["reporter_tag"] is None


async def _told_at_last(phone: Resident) -> None:
    end = asyncio.get_running_loop().time() + journeys.PATIENCE
    while not await told(phone):
        assert asyncio.get_running_loop().time() < end, "never told"
        await asyncio.sleep(0.2)


async def one_kill(
    telegram: LocalTelegram, bot: RunningBot, database: Database, number: int, wait: float | None
) -> dict[str, Any]:
    """Ask, kill the bot after `wait` seconds (None: once it told), start it again, wait to be told.

    Gives whether it was told, and cut, at the kill. AssertionError when it was told and not cut.
    """
    async with asking(telegram, database, number) as (phone, signal_id):
        await journeys._press(phone, YES)
        await (_told_at_last(phone) if wait is None else asyncio.sleep(wait))
        await bot.kill()
        found = {"told": await told(phone), "cut": await is_cut(database, signal_id)}
        assert found["cut"] or not found["told"], f"told and not cut, {wait} s after the press"
        await bot.start()
        await telegram.retry()
        await _told_at_last(phone)
        assert await is_cut(database, signal_id)
        return found


async def killed(folder: Path, url: str, kills: int, command: tuple[str, ...] = ("-m", "bot", "run")) -> None:
    chance, found = random.Random(kills), list[dict[str, Any]]()
    async with LocalTelegram("--thresholds", "raised") as telegram:
        bot = RunningBot(folder, telegram.url, url, command=command, more=QUIET)
        database = Database(url, bot.keys, make_clock(""))
        try:
            await bot.start()
            for number in range(kills):
                found.append(await one_kill(telegram, bot, database, number, chance.uniform(0, 2.5)))
            async with database.reading() as work:
                assert await rows(work, "line_cuts") == []
            await bot.stop()
        finally:
            await bot.kill()
            await database.close()
    moments = [(one["cut"], one["told"]) for one in found]
    print(f"{kills} kills: {moments.count((False, False))} before the cut, {moments.count((True, False))} between cut "
          f"and telling, {moments.count((True, True))} after it")  # fmt: skip


async def test_a_kill_around_the_cut_loses_neither_the_cut_nor_its_telling(tmp_path: Path, database_url: str) -> None:
    await killed(tmp_path, database_url, GATE)


@pytest.mark.proof
async def test_twenty_five_kills_around_the_cut(tmp_path: Path, database_url: str) -> None:
    await killed(tmp_path, database_url, PROOF)


async def test_a_bot_that_tells_before_it_cuts_is_found_out(tmp_path: Path, sqlite_url: str) -> None:
    async with LocalTelegram("--thresholds", "raised") as telegram:
        command = ("-m", "tests.faults.buggy", "tells_cuts_too_early", "run")
        bot = RunningBot(tmp_path, telegram.url, sqlite_url, command=command, more=QUIET)
        database = Database(sqlite_url, bot.keys, make_clock(""))
        try:
            await bot.start()
            with pytest.raises(AssertionError, match="told and not cut"):
                await one_kill(telegram, bot, database, 1, None)
        finally:
            await bot.kill()
            await database.close()
