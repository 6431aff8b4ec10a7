"""No loop turns without a pause: not while nothing moves on, and not while the database is away."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.counting import CountingStarter
from bot.fetching import Fetcher
from bot.heart import Heart
from bot.speaker import Speaker
from bot.supervisor import Supervisor
from bot.ticking import Ticker
from handlers.clock import MOMENTS
from services.rotation import Member
from services.speaking import Fate
from services.work import DatabaseAway, Work
from storage.database import Database
from tests.faults.test_listening import Desk, message
from tests.faults.test_speaking import FAST, Telegram, say

SECONDS = 3.0


class Counted:
    """Counts the units of work that are opened; `away`: none opens."""

    def __init__(self, database: Database, *, away: bool) -> None:
        self.database, self.away, self.times = database, away, 0
        self.keys = database.keys

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        """A unit of work, counted."""
        self.times += 1
        if self.away:
            raise DatabaseAway("gone")
        async with self.database.begin() as work:
            yield work

    beating = begin

    def renew_lease(self, until: float) -> None:
        """The lease is of no account here."""

    def clock(self) -> float:
        """The event loop's."""
        return asyncio.get_running_loop().time()


async def turns(counted: Counted, run: Callable[[], Coroutine[Any, Any, None]], stop: Callable[[], object]) -> int:
    """How many units of work are opened in three seconds."""
    task = asyncio.create_task(run())
    await asyncio.sleep(SECONDS)
    found = counted.times
    stop()
    counted.away = False
    await asyncio.wait_for(task, 30)
    return found


@pytest.mark.parametrize("away", [False, True], ids=["nothing to do", "the database away"])
async def test_no_part_asks_the_database_without_a_pause(database: Database, tmp_path: Path, *, away: bool) -> None:
    async def fitting(_: Work) -> bool:
        return True

    telegram = Telegram()
    each = {
        name: Counted(database, away=away) for name in ("speaker", "alone", "fetcher", "counting", "heart", "clock")
    }
    speaker = Speaker(each["speaker"].begin, telegram.send, alone=False, pace=FAST)
    alone = Speaker(each["alone"].begin, telegram.send, alone=True, pace=FAST)
    fetcher = Fetcher(each["fetcher"].begin, telegram)  # type: ignore[arg-type]
    counting = CountingStarter(each["counting"].begin, tmp_path)
    heart = Heart(each["heart"], tmp_path, Member("a" * 26, "work", "here"), fitting)
    clock = Ticker(each["clock"].begin)
    parts: dict[str, Any] = {
        "speaker": speaker, "alone": alone, "fetcher": fetcher, "counting": counting, "clock": clock,
    }  # fmt: skip
    if not (database.is_sqlite or away):
        parts["heart"] = heart
    found = await asyncio.gather(*(turns(each[name], part.run, part.stop) for name, part in parts.items()))
    # Of several speakers each looks up to 100 times a second for what others wrote, for a moment after it spoke.
    most = {"speaker": 40, "alone": 40, "fetcher": 4, "counting": 2, "heart": 5, "clock": 4 * len(MOMENTS)}
    assert {name: times for name, times in zip(parts, found, strict=True) if times > most[name]} == {}


async def test_a_message_that_never_arrives_is_not_sent_without_a_pause(database: Database) -> None:
    telegram = Telegram()
    telegram.fates["a"] = [Fate.UNSENT, Fate.AMBIGUOUS] * 1000
    await say(database, 7, "a")
    counted = Counted(database, away=False)
    speaker = Speaker(counted.begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    assert await turns(counted, speaker.run, speaker.stop) < 60
    assert 2000 - len(telegram.fates["a"]) <= 4


async def test_an_update_that_can_not_be_kept_is_not_tried_without_a_pause(database: Database) -> None:
    desk, counted = Desk(database), Counted(database, away=True)
    desk.listener._begin = counted.begin

    async def fetch(_offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        return [message(1, "x")]

    assert await turns(counted, lambda: desk.listener.poll(fetch), desk.listener.stop) < 10


async def test_a_part_that_falls_over_again_and_again_starts_a_few_times_only() -> None:
    async def falls_over() -> None:
        raise RuntimeError

    supervisor = Supervisor()
    supervisor.start("bad", falls_over)
    await asyncio.sleep(SECONDS)
    assert supervisor.restarts["bad"] <= 3
    supervisor.stop()
    await asyncio.wait(supervisor.tasks)
