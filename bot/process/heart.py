"""The heart of a process on PostgreSQL: says every second that it lives, and follows a change of the team key."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from bot.process.keys import drop_team_keys_before, read_keys, team_key_name
from bot.process.loops import LOOPS
from bot.process.stopping import Rounds
from bot.settings import PREFIX, WrongSetting
from domain.sealing import KeyRing
from services.upkeep import rotation
from services.upkeep.rotation import KeyMissing, Member
from services.work import DatabaseAway, Work

# Seconds without a beat after which this process stops working. Other processes take it for ended after twice as long.
LEASE = 10.0
_BEAT = 1.0
_OPENED_WITHIN = 60.0  # seconds in which a record read before its key was wrapped anew can still be opened
log = logging.getLogger("buurtstem.keys")


class Beats(Protocol):
    """The part of a database that a heart needs."""

    keys: KeyRing

    def begin(self) -> AbstractAsyncContextManager[Work]:
        """Open a unit of work."""

    def beating(self) -> AbstractAsyncContextManager[Work]:
        """Open a unit of work, whatever the lease says."""

    def renew_lease(self, until: float) -> None:
        """Let the process work until this moment of `clock`."""

    def clock(self) -> float:
        """Seconds that go on while the process is frozen and the machine sleeps."""


def this_process(role: str) -> Member:
    """This process, by its machine and number."""
    return rotation.new_member(role, f"{socket.gethostname()}, process {os.getpid()}")


def line_about(error: KeyMissing, folder: Path) -> str:
    """What is wrong with the keys, and which file is to be copied."""
    name = team_key_name(error.number)
    return (
        f"{PREFIX}KEYS_DIR ({folder}): {name} is missing, or is another one than the one in use: "
        "copy it from the machine where `python -m bot keys rotate` ran, or put back your copy"
    )


class Heart:
    """Beats until it is stopped. Raises WrongSetting when this process may not go on."""

    def __init__(
        self, database: Beats, folder: Path, member: Member, newest_form: Callable[[Work], Awaitable[bool]]
    ) -> None:
        """newest_form: whether the database still has the form of this version."""
        self._database, self._folder, self._member, self._newest_form = database, folder, member, newest_form
        self._stop = asyncio.Event()
        self._told = 0
        self._drop_at = 0.0

    def stop(self) -> None:
        """Make `run` return."""
        self._stop.set()

    async def run(self) -> None:
        """Beat until stopped; then say that this process has ended, so that no change of keys waits for it."""
        async for _ in Rounds(self._stop, _BEAT):
            LOOPS.turned("heart")
            with suppress(DatabaseAway):  # the other parts log that already
                await self._beat()
        LOOPS.ended("heart")
        with suppress(DatabaseAway):
            async with self._database.beating() as work:
                await rotation.say_ended(work, self._member)

    async def _beat(self) -> None:
        database, began = self._database, self._database.clock()
        async with database.beating() as work:
            if not await self._newest_form(work):
                raise WrongSetting(f"{PREFIX}DATABASE_URL: another version has changed its form: start that version")
            rows = await rotation.say_alive(work, self._member, database.keys)
            useless = await rotation.may_destroy(work, database.keys)
        ring = database.keys
        if useless is not None:
            drop_team_keys_before(self._folder, useless)
            self._drop_at = self._drop_at or began + _OPENED_WITHIN
            if began > self._drop_at:
                self._drop_at = 0.0
                ring = replace(ring, team={number: key for number, key in ring.team.items() if number >= useless})
        if rotation.missing(ring, rows):
            with suppress(WrongSetting):  # said below, or it is there at the next beat
                ring = read_keys(self._folder)
        lacks = rotation.missing(ring, rows)
        if lacks is not None and lacks.state != rotation.ANNOUNCED:
            raise WrongSetting(line_about(KeyMissing(lacks.number, announced=False), self._folder))
        if lacks is not None and self._told != lacks.number:
            self._told = lacks.number
            log.warning("%s", line_about(KeyMissing(lacks.number, announced=True), self._folder))
        if rows:
            database.keys = rotation.wrapping_with(ring, rows)
        database.renew_lease(began + LEASE)


@asynccontextmanager
async def beating(heart: Heart | None) -> AsyncIterator[None]:
    """Let a heart beat while the block runs; if it fails, its lease runs out. None: no heart is needed."""
    if heart is None:
        yield
        return
    pulse = asyncio.ensure_future(heart.run())
    try:
        yield
    finally:
        heart.stop()
        await asyncio.gather(pulse, return_exceptions=True)
