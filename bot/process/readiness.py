"""Whether this process can serve: disk, database and its form, keys, records. A halt by Telegram does not matter."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bot.process.keys import read_keys
from bot.settings import PREFIX, Settings, WrongSetting
from services.speaking import delivering
from services.upkeep import keeping
from services.upkeep.health import is_newest
from services.work import Begin, DatabaseAway

_FULL_CODES = ("SQLITE_FULL", "DiskFullError")
_FULL_FOR = 30.0  # seconds after a write failed for want of room
_TRIED = 65_536  # bytes
_WORDS: Mapping[str, str] = {
    "SQLITE_BUSY": "another program holds the database",
    "SQLITE_LOCKED": "another program holds the database",
    "SQLITE_READONLY": "the database can't be written",
    "SQLITE_CANTOPEN": "the file of the database can't be opened",
    "SQLITE_IOERR": "its disk fails",
    "ConnectionRefusedError": "nothing listens there",
    "TimeoutError": "it does not answer",
    "TooManyConnectionsError": "it has no connection left",
    "InvalidPasswordError": "it refuses the password",
    "CannotConnectNowError": "it is starting or stopping",
    "AdminShutdownError": "somebody stops it",
}
_SAMPLE = 5  # record keys of each kind: this is asked every few seconds
_full_at = -_FULL_FOR


class NotReady(Exception):
    """Why this process can't serve now, in one line that names the cause."""


def why_away(error: DatabaseAway) -> str:
    """What is wrong with the database, in words that name the cause; remembers when the disk was full."""
    global _full_at  # noqa: PLW0603 - one disk, one process
    said = str(error) or "unknown"
    if said in _FULL_CODES:
        _full_at = time.monotonic()
        return f"the disk of the database is full ({said}): make room"
    words = next((f"{word}, {said}" for code, word in _WORDS.items() if said.startswith(code)), said)
    return f"the database is away ({words})"


def say_away(log: logging.Logger, error: DatabaseAway) -> None:
    """One line about a database that is away, for a part that keeps trying."""
    log.warning("%s; I keep trying", why_away(error))


def disk_full(folder: Path) -> str | None:
    """Why nothing can be written in the folder; None when it can be, or when there is no such folder."""
    if not folder.is_dir():
        return None
    try:
        with tempfile.TemporaryFile(dir=folder) as tried:
            tried.write(bytes(_TRIED))
            tried.flush()
            os.fsync(tried.fileno())
    except OSError as error:
        return f"{PREFIX}DATA_DIR can't be written ({error.strerror}): make room on its disk"
    return None


def free_bytes(folder: Path) -> int:
    """Free bytes where the folder is, or will be."""
    folder = folder.resolve()
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free


async def readiness(begin: Begin, settings: Settings | None = None) -> str:
    """What /readyz says of a process that can serve: `ready`, and problems that do not keep it from serving.

    Args:
        begin: Opens a unit of work.
        settings: Where the data and the keys lie; without them only the database is asked.

    Raises:
        NotReady: why it can't, in one line.
    """
    if settings is not None:
        if why := await asyncio.to_thread(disk_full, settings.data_dir):
            raise NotReady(why)
        try:
            read_keys(settings.keys_dir)
        except WrongSetting as error:
            raise NotReady(str(error)) from None
    try:
        async with begin() as work:
            await work.database_now()
            if not await is_newest(work):
                raise NotReady("the database has not the form of this version: `python -m bot migrate`")
            tried, halted = await keeping.check_keys(work, _SAMPLE), await delivering.halted_for(work)
    except DatabaseAway as error:
        raise NotReady(why_away(error)) from None
    if time.monotonic() - _full_at < _FULL_FOR:
        raise NotReady("the disk of the database was full a moment ago: make room")
    if tried.unreadable and not tried.readable:
        raise NotReady(f"no record of the database opens: put back your copy of {PREFIX}KEYS_DIR")
    but = [f"{tried.unreadable} record keys can't be opened: see `doctor`"] if tried.unreadable else []
    but += [halt_line(halted)] if halted else []
    return "; ".join(["ready", *but])


def halt_line(seconds: float) -> str:
    """One line that nothing is sent, and for how many seconds."""
    return f"nothing is sent for {seconds:.0f} s more: Telegram asked for a pause (429)"
