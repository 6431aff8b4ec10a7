"""The plug-board: what is plugged into what. Only here the parts of the program meet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import telegram
from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import TelegramError

from bot.listening.fetching import NotTaken, remade
from bot.listening.listener import ALLOWED_UPDATES, Listener
from bot.process.clock import make_clock
from bot.process.heart import Heart, line_about, this_process
from bot.process.keys import has_keys, make_keys, read_keys
from bot.process.locks import hold
from bot.settings import PREFIX, Settings, WrongSetting
from bot.speaking.sender import Sender, make_bot
from bot.speaking.speaker import Speaker
from bot.speaking.transport import AiohttpRequest
from conversations.engine.facts import Deployment
from conversations.meaning import hearing
from domain.pace import Pace
from domain.sealing import KeyRing
from handlers.chat.entrance import Entrance
from handlers.console.outside import BotUnknown, Outside
from handlers.subjects import DEEDS, ENDINGS
from handlers.telegram import routers
from handlers.telegram.aiogram_lazily import Bot, Dispatcher
from services.outbox.at_once import bell
from services.upkeep import binding, keeping, rotation
from services.upkeep.binding import OtherBot
from services.upkeep.rotation import KeyMissing
from services.work import Begin, DatabaseAway, Work
from storage.engine.away import why_away
from storage.engine.database import Database, WrongDatabaseUrl, is_newest, migrate, sqlite_file

_NAME_WITHIN = 3.0  # seconds: who asks has a transaction open
_SAMPLE = 100  # record keys of each kind that are tried at a start


@dataclass(frozen=True, slots=True)
class House:
    """The parts of a running program, plugged together."""

    settings: Settings
    now: Callable[[], datetime]
    database: Database
    speaking_bot: telegram.Bot
    transport: AiohttpRequest
    sender: Sender

    @property
    def begin(self) -> Begin:
        """Opens a unit of work."""
        return self.database.begin

    @property
    def begin_short(self) -> Begin:
        """Opens a unit of work that never takes long."""
        return self.database.begin_short

    def listener(self) -> Listener:
        """A listener with aiogram's dispatcher; aiogram routes and types, and never polls or sends."""
        hearing.ready()
        dispatcher = Dispatcher(disable_fsm=True)
        for router in routers(Entrance(self._shown(), DEEDS, ENDINGS)):
            dispatcher.include_router(router)
        bot = Bot(self.settings.token)
        return Listener(self.begin_short, dispatcher, bot, self.sender, self.settings.language)

    def _shown(self) -> Deployment:
        """What conversations show of this deployment."""
        settings = self.settings
        return Deployment(
            settings.responsible_name or "Buurtstem (demo)",
            settings.responsible_contact or "demo@buurtstem.example",
            danger_now=settings.phones["danger"],
            police=settings.phones["police"],
            safe_at_home=settings.phones["safe_home"],
            crime=settings.phones["crime"],
            suicide=settings.phones["suicide"],
            sexual_violence=settings.phones["sexual_violence"],
            children=settings.phones["children"],
            discrimination=settings.phones["discrimination"],
            ombudsman=settings.phones["ombudsman"],
            public_url=settings.public_url,
        )

    def speaker(self, pace: Pace | None = None) -> Speaker:
        """The speaker, rung by this process's outbox."""
        speaker = Speaker(self.begin_short, self.sender.send, alone=self.database.is_sqlite, pace=pace)
        bell.ring, bell.mouth = speaker.ring, speaker
        return speaker

    def outside(self) -> Outside:
        """What the console asks of the rest of the program."""
        shown = self._shown()
        published = self.settings.data_dir / "published"
        return Outside(self._bot_name, photo_made_anew, shown.responsible_name, shown.responsible_contact, published)

    async def _bot_name(self) -> str:
        """Asked of Telegram once. Raises BotUnknown."""
        try:
            return self.speaking_bot.username
        except RuntimeError:  # not asked yet
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(_NAME_WITHIN):
                    return str((await self.speaking_bot.get_me()).username)
        raise BotUnknown

    def fetch(self) -> Callable[[int | None, int], Awaitable[list[dict[str, Any]]]]:
        """getUpdates as plain values: what can't be understood must still become a dead letter."""

        async def fetch(offset: int | None, seconds: int) -> list[dict[str, Any]]:
            asked: dict[str, Any] = {"timeout": seconds, "allowed_updates": ALLOWED_UPDATES, "limit": 100}
            if offset is not None:
                asked["offset"] = offset
            url = f"{self.settings.telegram_url}/bot{self.settings.token}/getUpdates"
            found: list[dict[str, Any]] = await self.transport.ask(url, asked, seconds + 10.0)
            return found

        return fetch

    async def check(self, role: str) -> Heart | None:
        """Take the database into use: its form, bot and keys must be ours. The heart that beats from now on.

        Raises WrongSetting, and DatabaseAway.
        """
        try:
            heart = await join(self.database, self.settings, role)
            async with self.database.begin() as work:
                await _check_keys(work, self.settings)
                await binding.bind(work, self.settings.bot_id, demo=self.settings.demo)
        except OtherBot as error:
            raise WrongSetting(f"{PREFIX}DATABASE_URL: {error}") from None
        return heart

    async def close(self) -> None:
        """Close all connections."""
        await self.transport.shutdown()
        await self.database.close()


async def photo_made_anew(content: bytes) -> bytes | None:
    """The photo as a JPEG without metadata, made by the limited child process; None where it is no photo."""
    try:
        return await remade(content)
    except NotTaken:
        return None


def prepare_database(settings: Settings, patience: float = 0.0) -> str | None:
    """Bring the database to its newest form; the line that says so, None where it had that form.

    Raises WrongSetting when it can't be reached or used.

    A SQLite file is this process's own from then on: with SQLite there is one sending process, which takes over at
    once whatever another one has under way. patience: seconds to wait for another process that uses the file.
    """
    try:
        if (file := sqlite_file(settings.database_url)) is not None:
            _take(file, settings, patience)
        applied = migrate(settings.database_url)
        return f"migrated: {', '.join(applied)}" if applied else None
    except WrongDatabaseUrl as error:
        raise WrongSetting(f"{PREFIX}DATABASE_URL is wrong: {error}") from None
    except (SQLAlchemyError, OSError, PostgresError) as error:
        raise WrongSetting(f"{PREFIX}DATABASE_URL: the database can't be used ({why_away(error)})") from None


def _take(file: Path, settings: Settings, patience: float) -> None:
    name, end = "DATA_DIR", time.monotonic() + patience
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if file.parent != settings.data_dir.resolve():
            name = "DATABASE_URL"
        lock = file.with_name(f"{file.name}.lock")
        for path in (lock, file):  # what SQLite puts beside its file has the mode of that file
            path.touch(mode=0o600)
        while not (mine := hold(lock, alone=True)) and time.monotonic() < end:
            time.sleep(0.1)
    except OSError as error:
        raise WrongSetting(f"{PREFIX}{name}: {error.filename} can't be used ({error.strerror})") from None
    if not mine:
        raise WrongSetting(f"{PREFIX}DATABASE_URL: another `python -m bot` uses {file}: stop that one first")


def check_bot(settings: Settings) -> None:
    """Raises WrongSetting when the database, whatever its form, is another bot's. Nothing is changed or made."""
    try:
        file = sqlite_file(settings.database_url)
        if file is None or file.exists():
            asyncio.run(_check_bot(settings))
    except OtherBot as error:
        raise WrongSetting(f"{PREFIX}DATABASE_URL: {error}") from None
    except (DatabaseAway, WrongDatabaseUrl, SQLAlchemyError, OSError, PostgresError):
        return  # who uses the database next says what is wrong with it


async def _check_bot(settings: Settings) -> None:
    database = Database(settings.database_url, KeyRing({}, b""), make_clock(settings.clock))
    try:
        async with database.reading() as work:
            await binding.check(work, settings.bot_id, demo=settings.demo)
    finally:
        await database.close()


async def join(database: Database, settings: Settings, role: str = "") -> Heart | None:
    """Have this process wrap with the team key that all others wrap with. Raises WrongSetting, and DatabaseAway.

    role: of a process that lives for long; its heart, which must beat from now on. On SQLite there is none: one
    process has the database and its keys for itself.
    """
    async with database.reading() as work:
        if not await is_newest(work):
            raise WrongSetting(f"{PREFIX}DATABASE_URL: its form is not of this version: `python -m bot migrate`")
    member = this_process(role)
    listed = bool(role) and not database.is_sqlite
    try:
        async with database.begin() as work:
            database.keys = await rotation.fitting(work, database.keys)
            if listed:
                await rotation.say_alive(work, member, database.keys)
    except KeyMissing as error:
        raise WrongSetting(line_about(error, settings.keys_dir)) from None
    return Heart(database, settings.keys_dir, member, is_newest) if listed else None


def make_first_keys(settings: Settings) -> None:
    """Make keys where there are none. Raises WrongSetting where the database holds records: it needs those it had."""
    if not has_keys(settings.keys_dir):
        asyncio.run(_check_without_keys(settings))
        make_keys(settings.keys_dir)


async def _check_without_keys(settings: Settings) -> None:
    database = Database(settings.database_url, KeyRing({}, b""), make_clock(settings.clock))
    try:
        async with database.reading() as work:
            await _check_keys(work, settings)
    finally:
        await database.close()


async def _check_keys(work: Work, settings: Settings) -> None:
    tried = await keeping.check_keys(work, _SAMPLE)
    if tried.unreadable and not tried.readable:
        raise WrongSetting(
            f"{PREFIX}KEYS_DIR ({settings.keys_dir}): no record in the database opens with what is there: "
            "put back your copy of the keys"
        )


def open_database(settings: Settings) -> Database:
    """The database with the keys. Raises WrongSetting. Nothing is contacted yet."""
    try:
        file = sqlite_file(settings.database_url)
        if file is not None and not file.exists():
            raise WrongSetting(f"{PREFIX}DATABASE_URL: there is no {file} yet: `python -m bot migrate` makes it")
        return Database(settings.database_url, read_keys(settings.keys_dir), make_clock(settings.clock))
    except WrongDatabaseUrl as error:
        raise WrongSetting(f"{PREFIX}DATABASE_URL is wrong: {error}") from None


def plug(settings: Settings) -> House:
    """Plug the parts together. Raises WrongSetting. Nothing is contacted yet."""
    now = make_clock(settings.clock)
    database = open_database(settings)
    bot, transport = make_bot(settings.token, settings.telegram_url)
    return House(settings, now, database, bot, transport, Sender(bot, settings.language))
