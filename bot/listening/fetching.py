"""Fetches residents' files from Telegram before their links expire: photos are made anew, voices kept as they are."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.jobs.photo import BYTES_LIMIT
from bot.process.loops import LOOPS
from bot.process.stopping import Rounds, pause
from bot.speaking.answers import OddAnswer
from services.signals import attachments
from services.signals.attachments import PendingFile, StoredFile
from services.work import Begin, DatabaseAway

_ROOT = Path(__file__).resolve().parents[2]
_LOOK_EVERY = 2.0
_LOOK_AT_LEAST_EVERY = 60.0
_LOOK_AT_MOST_EVERY = 0.1
_AT_ONCE = 4
_CHILD_SECONDS = 20
_TURNS_WITHIN = 600.0  # a file of 10 MB may come slowly
log = logging.getLogger("buurtstem.fetching")


class NotTaken(Exception):
    """A file that is no photo or voice message that we take."""


class Fetcher:
    """Looks for files that are still with Telegram, and fetches them, until it is stopped."""

    def __init__(self, begin: Begin, bot: Bot) -> None:
        """begin: opens a unit of work · bot: asks for the files."""
        self._begin = begin
        self._bot = bot
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the file in hand and stop."""
        self._stopping.set()

    async def run(self) -> None:
        """Fetch until stopped. While nothing succeeds, the pauses grow to a minute."""
        wait = _LOOK_EVERY
        async for _ in Rounds(self._stopping, _LOOK_AT_MOST_EVERY):
            LOOPS.turned("fetcher", _TURNS_WITHIN)
            try:
                tried, settled = await self._round()
            except DatabaseAway:
                tried, settled = 1, 0
            if settled:
                wait = _LOOK_EVERY
                continue
            await pause(self._stopping, wait)
            wait = min(wait * 2, _LOOK_AT_LEAST_EVERY) if tried else _LOOK_EVERY
        LOOPS.ended("fetcher")

    async def _round(self) -> tuple[int, int]:
        """Try some files. Returns how many were tried, and how many of them need no other try."""
        async with self._begin() as work:
            found = await attachments.waiting(work, _AT_ONCE)
        later = 0
        for one in found:
            LOOPS.turned("fetcher", _TURNS_WITHIN)
            settle = await self._settle(one)
            later += settle.func is attachments.try_later
            async with self._begin() as work:
                await settle(work)
        return len(found), len(found) - later

    async def _settle(self, one: PendingFile) -> partial[Coroutine[Any, Any, None]]:
        """Fetch one file, outside any transaction: the network may be slow. Returns what to do then in the database."""
        try:
            kept = await self._fetch(one)
        except NotTaken:
            return partial(attachments.refuse, attachment_id=one.attachment_id)
        except (TelegramError, OSError):
            return partial(attachments.try_later, waiting=one)
        except Exception:
            log.exception("a file could not be fetched")  # it must not hold up the others
            return partial(attachments.try_later, waiting=one)
        return partial(attachments.keep, attachment_id=one.attachment_id, kept=kept)

    async def _fetch(self, one: PendingFile) -> StoredFile:
        try:
            file = await self._bot.get_file(one.file_id)
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise NotTaken("over 20 MB") from None
            raise  # "temporarily unavailable" is a bad request too
        if file.file_size is not None and file.file_size > BYTES_LIMIT:
            raise NotTaken("over 10 MB")
        content = bytes(await file.download_as_bytearray())
        if len(content) > BYTES_LIMIT:
            raise NotTaken("over 10 MB")
        if file.file_size is not None and len(content) != file.file_size:
            raise OddAnswer("a file of another length")
        if one.kind == "photo":
            return StoredFile("image/jpeg", await remade(content))
        if not content.startswith(b"OggS"):
            raise NotTaken("not an Ogg recording")
        return StoredFile("audio/ogg", content)


async def remade(content: bytes) -> bytes:
    """The photo made anew by the limited child process, which gets no secrets of ours. Raises NotTaken."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.jobs.photo", env={}, cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        fresh, _ = await asyncio.wait_for(child.communicate(content), _CHILD_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()
        raise NotTaken("took too long") from None
    if child.returncode != 0 or not fresh:
        raise NotTaken("no photo")
    return fresh
