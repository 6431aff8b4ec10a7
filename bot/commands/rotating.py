"""What `python -m bot keys rotate` does, one step after the other; after a crash it goes on where it was.

On PostgreSQL the program may run meanwhile, on any number of machines. On SQLite it must not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.process.heart import Beats, line_about
from bot.process.keys import add_team_key, drop_team_keys_before, read_keys, team_key_name
from bot.settings import Settings, WrongSetting
from bot.wiring import join, open_database
from services.upkeep import rotation
from services.upkeep.rotation import KeyMissing
from services.work import DatabaseAway, Work

Found = TypeVar("Found")
_PAUSE = 0.5  # seconds, between two looks at which processes have confirmed
_PATIENCE = 120  # tries in a row while the database is away: another transaction may block ours for a moment


async def rotated(settings: Settings) -> None:
    """Change the team key and print each step. Raises WrongSetting, and DatabaseAway when the database stays away."""
    database = open_database(settings)
    try:
        await join(database, settings)
        number = await _again(lambda: _announced(database, settings))
        print(
            f"Team key {number} is announced. Copy {team_key_name(number)} to KEYS_DIR of every other machine now.",
            flush=True,
        )
        await _wait(lambda: _in_work(database, rotation.let_wrap, number), "has not read the new key yet")
        database.keys = replace(database.keys, wraps=number)
        await _wait(lambda: _in_work(database, rotation.not_wrapping, number), "does not use the new key yet")
        found = await _again(lambda: rotation.rewrap(database.begin, number))
        await _again(lambda: rotation.close_tables(database.begin, number))
        await _again(lambda: _in_work(database, rotation.make_only, number))
    finally:
        await database.close()
    drop_team_keys_before(settings.keys_dir, number)
    print(f"{found.readable} record keys wrapped anew with team key {number}; older team keys are destroyed here.")
    print("Processes that run destroy them on their machines; delete them from every other copy of KEYS_DIR yourself.")
    if found.unreadable:
        print(f"{found.unreadable} record keys could not be opened before, and can't now.")
    print("Make a backup now: the keys files of older ones can't be opened any more.")


async def _announced(database: Beats, settings: Settings) -> int:
    """The number of the new team key, whose announcement was made now or before a crash."""
    async with database.begin() as work:
        try:
            database.keys = await rotation.fitting(work, database.keys)
        except KeyMissing as error:  # another machine was first, just now
            raise WrongSetting(line_about(error, settings.keys_dir)) from None
        number = await rotation.under_way(work)
        if number is not None:
            return number
        if min(database.keys.team) < database.keys.wrapping:
            return database.keys.wrapping  # a former change is done but for the destroying of older keys
        if database.keys.newest == database.keys.wrapping:  # else a crash came between its file and the announcement
            add_team_key(settings.keys_dir)
        database.keys = replace(read_keys(settings.keys_dir), wraps=database.keys.wrapping)
        await rotation.announce(work, database.keys)
        return database.keys.newest


async def _in_work(database: Beats, ask: Callable[[Work, int], Awaitable[Found]], number: int) -> Found:
    async with database.begin() as work:
        return await ask(work, number)


async def _wait(ask: Callable[[], Awaitable[Sequence[rotation.Confirms]]], why: str) -> None:
    """Wait until `ask` names no process any more; print those it names, and `why`, whenever they change."""
    told: list[str] = []
    while waiting := [f"{one.role} on {one.place}" for one in await _again(ask)]:
        if waiting != told:
            print(*(f"Waiting: {one} {why}." for one in waiting), sep="\n", flush=True)
            told = waiting
        await asyncio.sleep(_PAUSE)


async def _again(act: Callable[[], Awaitable[Found]]) -> Found:
    """Do it again while the database is away: two transactions may have blocked each other. Raises DatabaseAway."""
    for _ in range(_PATIENCE):
        try:
            return await act()
        except DatabaseAway:
            await asyncio.sleep(_PAUSE)
    return await act()
