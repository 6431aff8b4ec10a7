"""Canaries: secrets are put everywhere that they can come, and then searched for everywhere as plain text.

No story, name, chat id, code, token, key or password in database, write-ahead log, dump, log, traceback, backup or
counts; and the search finds each when it is planted there.
"""

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from prometheus_client import generate_latest
from sqlalchemy import text, update

from bot.listening.listener import Listener
from bot.process import metrics
from bot.process.logs import start_logging
from bot.speaking.sender import Sender, make_bot
from domain.screens import Screen
from domain.sealing import KeyRing
from handlers.telegram.aiogram_lazily import Bot, Dispatcher, Message, Router
from handlers.telegram.reaches import reach_of
from services.outbox import saying
from services.speaking import delivering
from services.upkeep import copying
from services.work import DatabaseAway
from storage.engine.database import Database
from storage.upkeep.tables import metadata
from tests.faults.search import blobs, hits, raw_files, rows_of_files
from tests.faults.test_listening import message
from tests.lives import FAST, Life, Marks, live
from tests.opened import everything, logging_as_before, opened, table
from tests.postgres import PostgresServer

TOKEN = "7301946582:AAH-a-canary-of-a-token_0123456789"
PASSWORD = "canary-password-of-the-database"
NOWHERE = "http://127.0.0.1:9"
MARKS = Marks()

__all__ = ["logging_as_before"]
pytestmark = pytest.mark.usefixtures("logging_as_before")


def canaries(life: Life, keys: KeyRing) -> dict[str, str | bytes | int]:
    """Name -> value of all that is searched for."""
    open_keys = {"team key": keys.team[keys.newest], "root of the pseudonyms": keys.pseudonyms}
    words = {**asdict(life.marks), "code": life.code, "code without dashes": life.code.replace("-", "")}
    return {**words, **open_keys, "file": life.file, "token": TOKEN, "password": PASSWORD}


async def suffer(database: Database) -> Life:
    """Live a life, and let everything fail whose errors can hold words, tokens or passwords."""
    life = await live(database)
    await _handlers_fail(database)
    await _sending_fails(database)
    await _databases_fail(database)
    _programs_fail(life)
    return life


async def _handlers_fail(database: Database) -> None:
    async def hear(heard: Message) -> None:
        raise ValueError(f"{heard.text} from {heard.chat.id}")

    router = Router()
    router.message.register(hear)
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(router)
    bot, _ = make_bot(TOKEN, NOWHERE)
    listener = Listener(database.begin, dispatcher, Bot(TOKEN), Sender(bot, "nl"), "nl")
    raw = message(1, MARKS.story, MARKS.telegram_id)
    raw["message"]["from"]["first_name"] = MARKS.name
    await listener.take(raw)
    unreadable = message(2, MARKS.story, MARKS.telegram_id)
    unreadable["message"]["date"] = MARKS.name  # aiogram's own error repeats it
    await listener.take(unreadable)
    async with database.reading() as work:
        assert await delivering.waiting(work)


async def _sending_fails(database: Database) -> None:
    bot, transport = make_bot(TOKEN, NOWHERE)
    sender = Sender(bot, "nl")
    await transport.initialize()
    try:
        async with database.begin() as work:
            taken = await delivering.take(work, "speaker", 10, FAST)
            await delivering.start_sending(work, "speaker", [row.id for row in taken])
        results = [await sender.send(row) for row in taken]
        assert {result.fate for result in results} == {delivering.Fate.UNSENT}
        async with database.begin() as work:
            await delivering.settle(work, results)
    finally:
        await transport.shutdown()


async def _databases_fail(database: Database) -> None:
    log = logging.getLogger("buurtstem.tests")
    url = f"postgresql+asyncpg://buurtstem:{PASSWORD}@127.0.0.1:9/nothing"
    async with opened(url, database.keys) as away:
        try:
            async with away.begin():
                raise AssertionError("it is not there")
        except DatabaseAway:
            log.exception("the database %s is away", url)
    try:
        async with database.begin() as work:
            await work.run(text("INSERT INTO nothing VALUES (:words)"), {"words": MARKS.story})
    except Exception:
        log.exception("a statement failed")


def _programs_fail(life: Life) -> None:
    """A task that nobody waits for, a finalizer and the program itself fail, and libraries log: all with words."""
    error = ValueError(f"{MARKS.story} {life.code} {MARKS.telegram_id}")
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "Task exception was never retrieved", "exception": error, "task": error})
    for name in ("aiogram.event", "httpx", "sqlalchemy.engine", "a library that nobody has heard of"):
        for level in (logging.DEBUG, logging.INFO):
            logging.getLogger(name).log(level, "%s %s %s", MARKS.story, TOKEN, life.code)
        logging.getLogger(name).warning("failed: %s", MARKS.story)
    logging.getLogger("buurtstem.tests").info("asked %s/bot%s/getMe about %s", NOWHERE, TOKEN, life.code)
    sys.excepthook(ValueError, error, None)
    threading.excepthook(threading.ExceptHookArgs((ValueError, error, None, None)))
    sys.unraisablehook(_Lost(error))  # type: ignore[arg-type]


class _Lost:
    """What Python hands to its hook for errors that nobody can catch."""

    def __init__(self, error: Exception) -> None:
        self.exc_value = error


async def places(database: Database, logs: Callable[[], str], postgres: PostgresServer) -> dict[str, bytes]:
    """Name of a place -> its bytes: everything that the program leaves behind."""
    async with database.reading() as work:
        rows = await everything(work)
        files = [[line async for line in copying.lines(work, keys=part, backup_id="b")] for part in (False, True)]
    found = {"rows": _flat(rows), "backup": "\n".join(line for file in files for line in file).encode()}
    found["backup, decoded"] = b"\n".join(blobs(rows_of_files(*files)))
    if database.is_sqlite:
        found |= raw_files(database.url)
    else:
        name = database.url.rpartition("/")[2]
        found["dump"] = postgres.sql("; ".join(f"COPY {one} TO STDOUT" for one in metadata.tables), name).encode()

    found["counts"] = generate_latest(metrics.REGISTRY)
    found["logs and tracebacks"] = logs().encode()
    return found


def _flat(rows: dict[str, list[dict[str, Any]]]) -> bytes:
    values = (value for found in rows.values() for row in found for value in row.values())
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


@pytest.fixture
def logs(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """A function that gives all that was logged or printed since it was last called."""

    def read() -> str:
        captured = capsys.readouterr()
        return captured.out + captured.err

    return read


async def test_no_canary_is_found_anywhere(
    database: Database, keys: KeyRing, logs: Callable[[], str], postgres_server: PostgresServer
) -> None:
    start_logging("DEBUG")
    life = await suffer(database)
    found = await places(database, logs, postgres_server)
    assert list(hits(canaries(life, keys), found)) == []
    written = found["logs and tracebacks"].decode()
    for words in ("an update could not be handled", "the program ended", "an error was lost", "ValueError"):
        assert words in written
    assert "[token]" in written
    assert "[code]" in written


async def plant_row(database: Database, mark: str) -> None:
    """Put the mark into a column that is not sealed."""
    async with database.begin() as work:
        await saying.show(work, reach_of(1), Screen(()))
    async with database.begin() as work:
        await work.run(update(table("outbox")).values(error=mark[:60]))


@pytest.mark.parametrize(
    ("where", "seen_in"),
    [
        ("row", {"rows", "backup"}),
        ("log", {"logs and tracebacks"}),
        ("traceback", {"logs and tracebacks"}),
        ("counts", {"counts"}),
    ],
)
async def test_a_planted_canary_is_found(
    database: Database,
    logs: Callable[[], str],
    postgres_server: PostgresServer,
    where: str,
    seen_in: set[str],
) -> None:
    start_logging("DEBUG")
    mark = MARKS.story
    match where:
        case "row":
            await plant_row(database, mark)
            seen_in = seen_in | ({"buurtstem.db-wal"} if database.is_sqlite else {"dump"})
        case "log":
            logging.getLogger("buurtstem.tests").error("he said %s", mark)
        case "traceback":
            traceback.print_exception(ValueError(mark))
        case _:
            metrics.RESTARTS.counted = {mark: 1}
    try:
        found = await places(database, logs, postgres_server)
    finally:
        metrics.RESTARTS.counted = {}
    assert {hit.rpartition(" in ")[2] for hit in hits({"story": mark}, found)} == seen_in


async def test_a_planted_canary_is_found_in_the_file_of_the_database(sqlite_url: str, keys: KeyRing) -> None:
    async with opened(sqlite_url, keys) as database:
        await plant_row(database, MARKS.story)
    assert list(hits({"story": MARKS.story}, raw_files(sqlite_url))) == ["story in buurtstem.db"]


@pytest.mark.parametrize("mark", ["Fatma Yıldırım", "SNW-2345-6789", b"\x00\xff0123456789", 7_301_946_582])
def test_a_canary_is_found_in_every_spelling(mark: str | bytes | int) -> None:
    raw = mark if isinstance(mark, bytes) else str(mark).encode()
    spelled = [raw, raw.hex().encode()]
    if isinstance(mark, int):
        spelled = [b"\x01" + mark.to_bytes(6, "big"), b"1" + mark.to_bytes(8, "little")]
    if isinstance(mark, str):
        spelled += [mark.encode("utf-16-le")]
    for one in spelled:
        assert list(hits({"it": mark}, {"here": b"before" + one + b"after", "there": b"nothing"})) == ["it in here"]
