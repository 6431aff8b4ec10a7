"""No loop spins without a pause: not while nothing progresses, and not while all that it asks answers at once.

`ENDLESS` names each loop that runs for as long as its program, or for as long as something is away, with the test
here that counts its rounds; `ENDS` the loops that wait and come to an end. A new loop has to be put in one of them.
"""

import ast
import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from telegram import Bot
from telegram.error import NetworkError

from bot.commands import rotating
from bot.jobs.counting import CountingStarter
from bot.jobs.ticking import Ticker
from bot.listening.fetching import Fetcher
from bot.process.heart import Heart
from bot.process.stopping import Rounds
from bot.running.profile import present
from bot.running.supervisor import Supervisor
from bot.speaking.speaker import Speaker
from handlers.subjects import MOMENTS
from services.signals import reporting
from services.speaking.delivering import Fate
from services.upkeep.rotation import Confirms, Member
from services.work import DatabaseAway, Work
from storage.engine.database import Database
from tests.faults.test_listening import Desk, message
from tests.faults.test_odd_answers import ODD, answering, refused, told, waits
from tests.faults.test_speaking import FAST, Telegram, say
from tests.house.source import ROOMS, Source, sources
from tests.lives import Marks, here, report_of

SECONDS = 1.5
ENDLESS = {
    "bot/jobs/counting.py CountingStarter.run": "test_no_part_asks_the_database_without_a_pause",
    "bot/listening/fetching.py Fetcher.run": "test_a_file_that_can_not_be_fetched_is_asked_for_a_few_times",
    "bot/process/heart.py Heart.run": "test_no_part_asks_the_database_without_a_pause",
    "bot/listening/listener.py Listener._until_kept": "test_an_update_that_is_not_kept_is_not_tried_without_a_pause",
    "bot/listening/listener.py Listener._poll": "test_polling_has_a_floor_whatever_comes_at_once",
    "bot/running/profile.py present": "test_the_profile_is_not_told_without_a_pause",
    "bot/commands/rotating.py _wait": "test_a_rotation_waits_with_pauses",
    "bot/speaking/speaker.py Speaker._with_database": "test_no_part_asks_the_database_without_a_pause",
    "bot/speaking/speaker.py Speaker.run": "test_while_nothing_gets_through_eight_are_tried_a_second",
    "bot/running/supervisor.py Supervisor.keep": "test_a_part_that_falls_over_again_and_again_starts_a_few_times_only",
    "bot/jobs/ticking.py Ticker.run": "test_no_part_asks_the_database_without_a_pause",
}
ENDS = {  # or cannot turn without a pause
    "bot/commands/backup.py _write": "with the rows of the backup",
    "bot/web/guard.py _arrived": "with the body, which has a limit and a time limit",
    "bot/listening/hook.py _read": "with the body, which has a limit and a time limit",
    "bot/listening/in_hand.py InHand._serve": "with the updates of one chat; one that could not be kept ends it",
    "bot/listening/listener.py Listener._until_another_look": "each round waits until something is kept, or a second",
    "bot/running/observer.py Observer._look_again": "each round lasts five seconds",
    "bot/running/observer.py Observer._sum_again": "each round lasts a minute",
    "bot/run.py _Running._until_end": "each round waits for a part to end, and there are few",
    "bot/speaking/speaker.py Speaker._landing": "each round waits until something stirs, and all of them have one end",
    "bot/speaking/speaker.py Speaker._settle_apart": "each round takes one of what is finished",
    "bot/speaking/transport.py AiohttpRequest._asked": "with the answer, which has a limit and a time limit",
    "bot/process/watchdog.py Watchdog.run": "each round is a fixed pause",
    "handlers/api/budget.py _written": "with the last portion of the codes",
    "handlers/chat/unasked.py button_told": "with the last screen that may stand on the phone",
    "handlers/console/budget/codes.py _table": "with the last portion of the codes",
    "services/budget/codes.py all_of": "with the last portion of the codes",
    "services/upkeep/copying.py _lines": "with the rows of the backup",
    "services/upkeep/copying.py lines": "with the rows of the backup",
    "services/upkeep/keeping.py any_opens": "with the last page",
    "services/upkeep/keeping.py check_keys": "with the last page",
    "services/upkeep/keeping.py rewrap_all": "with the last page",
    "services/upkeep/rotation.py close_tables": "with the last page",
    "services/upkeep/rotation.py rewrap": "with a pass that finds nothing; each wraps for good what it finds",
    "storage/engine/lending.py Lender.close": "with the last idle connection",
    "storage/engine/lending.py Lender.take": "with the last idle connection",
    "storage/staff/access.py whole_chain": "with the last page",
    "storage/upkeep/copying.py rows_of": "with the last page",
}


def waiting_loops(source: Source) -> Iterator[str]:
    """File and function of each loop that may go round again after it waited: `while` and `async for`."""

    def within(node: ast.AST, names: tuple[str, ...]) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            waits = any(isinstance(one, ast.Await | ast.AsyncWith | ast.AsyncFor) for one in ast.walk(child))
            if isinstance(child, ast.AsyncFor) or (isinstance(child, ast.While) and waits):
                yield f"{source.name} {'.'.join(names)}"
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            yield from within(child, (*names, child.name) if named else names)  # type: ignore[attr-defined]

    yield from within(source.tree, ())


def test_every_loop_that_waits_is_known_with_what_keeps_it_slow() -> None:
    rooms = set(ROOMS) - {"simulator"}  # the local Telegram runs beside the program, for tests and demos
    found = [loop for source in sources() if source.room in rooms for loop in waiting_loops(source)]
    assert sorted(found) == sorted([*ENDLESS, *ENDS])
    assert set(ENDLESS.values()) <= set(globals())


def test_a_loop_without_a_floor_is_found() -> None:
    source = Source(
        "bot/bad.py", "async def spin(stop):\n    if stop:\n        while True:\n            await look()\n"
    )
    assert list(waiting_loops(source)) == ["bot/bad.py spin"]


async def test_rounds_keep_their_floor_and_a_stop_ends_them() -> None:
    stopping, loop, began = asyncio.Event(), asyncio.get_running_loop(), []
    async for each in Rounds(stopping, 0.1):
        began.append(loop.time())
        each.floor = {2: 0.0, 3: 0.3, 5: 60.0}.get(len(began), each.floor)
        if len(began) == 5:
            stopping.set()
    apart = [later - earlier for earlier, later in pairwise(began)]
    assert [taken >= floor for taken, floor in zip(apart, (0.09, 0.0, 0.29, 0.09), strict=True)] == [True] * 4
    assert loop.time() - began[0] < 30


class Counted:
    """Stands in for a Database and counts the units of work that are opened. away: opening one raises DatabaseAway."""

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
        """Do nothing: the lease does not matter here."""

    def clock(self) -> float:
        """The event loop's time, in seconds."""
        return asyncio.get_running_loop().time()


async def runs(run: Callable[[], Coroutine[Any, Any, None]], stop: Callable[[], object]) -> None:
    """Let a part run for a while, and stop it."""
    task = asyncio.create_task(run())
    await asyncio.sleep(SECONDS)
    stop()
    await asyncio.wait_for(task, 30)


async def turns(counted: Counted, run: Callable[[], Coroutine[Any, Any, None]], stop: Callable[[], object]) -> int:
    """Let a part run for a while and stop it; how many units of work it opened before the stop."""

    found: list[int] = []

    def note_and_stop() -> None:
        found.append(counted.times)
        counted.away = False
        stop()

    await runs(run, note_and_stop)
    return found[0]


@pytest.mark.parametrize("away", [False, True], ids=["nothing to do", "the database away"])
async def test_no_part_asks_the_database_without_a_pause(database: Database, tmp_path: Path, *, away: bool) -> None:
    async def fitting(_: Work) -> bool:
        return True

    telegram = Telegram()
    most = {
        "speaker": 40,
        "alone": 40,
        "fetcher": 4,
        "counting": 2,
        "heart": 5,
        "clock": 4 * len(MOMENTS),
    }
    each = {name: Counted(database, away=away) for name in most}
    parts: dict[str, Any] = {
        "speaker": Speaker(each["speaker"].begin, telegram.send, alone=False, pace=FAST),
        "alone": Speaker(each["alone"].begin, telegram.send, alone=True, pace=FAST),
        "fetcher": Fetcher(each["fetcher"].begin, cast(Any, telegram)),
        "counting": CountingStarter(each["counting"].begin, tmp_path),
        "clock": Ticker(each["clock"].begin),
    }
    if away or not database.is_sqlite:  # on SQLite no heart beats
        parts["heart"] = Heart(each["heart"], tmp_path, Member("a" * 26, "work", "here"), fitting)
    found = await asyncio.gather(*(turns(each[name], part.run, part.stop) for name, part in parts.items()))
    assert {name: times for name, times in zip(parts, found, strict=True) if times > most[name]} == {}


async def test_a_count_that_fails_at_once_is_not_begun_without_a_pause(database: Database, tmp_path: Path) -> None:
    class Failing(CountingStarter):
        begun = 0

        async def _something_to_count(self, *, again: bool) -> bool:
            return True

        async def _count(self) -> bool:
            self.begun += 1
            return False

    counting = Failing(database.begin, tmp_path)
    await runs(counting.run, counting.stop)
    assert counting.begun == 1


AT_ONCE = {
    "a result of another form": told(200, {"ok": True, "result": {}}),
    "nothing new": told(200, {"ok": True, "result": []}),
    "the same again and again": told(200, {"ok": True, "result": [message(1, "x")]}),
    "no update": told(200, {"ok": True, "result": [{}, 7]}),
    "another one polls": told(409, refused(409, "Conflict: terminated by other getUpdates request")),
    "a wrong token": told(401, refused(401, "Unauthorized")),
    "too fast": waits(1),
    "reset": ODD["reset"],
    "a proxy's page": ODD["502"],
}


async def test_polling_has_a_floor_whatever_comes_at_once(database: Database) -> None:
    async def asked(answer: bytes) -> int:
        desk = Desk(database)
        async with answering() as (server, _, transport):
            server.answer = answer

            async def fetch(offset: int | None, _seconds: int) -> list[dict[str, Any]]:
                found: list[dict[str, Any]] = await transport.ask(f"{server.url}/bot/getUpdates", {"offset": offset}, 5)
                return found

            await runs(lambda: desk.listener.poll(fetch), desk.listener.stop)
            return server.asked

    found = dict(zip(AT_ONCE, await asyncio.gather(*map(asked, AT_ONCE.values())), strict=True))
    # A connection that was reset is tried once more by the client.
    assert {name: times for name, times in found.items() if not 2 <= times <= 2 * 6} == {}


async def test_polling_has_a_floor_when_two_old_updates_come_in_turn(database: Database) -> None:
    desk, asked = Desk(database), 0

    async def fetch(_offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        nonlocal asked
        asked += 1
        return [message(1 + asked % 2, "x")]

    await runs(lambda: desk.listener.poll(fetch), desk.listener.stop)
    assert asked <= 2 + SECONDS / 0.5 + 1


async def test_an_update_that_is_not_kept_is_not_tried_without_a_pause(database: Database) -> None:
    desk, counted = Desk(database), Counted(database, away=True)
    desk.listener._begin = counted.begin

    async def fetch(_offset: int | None, _seconds: int) -> list[dict[str, Any]]:
        return [message(1, "x")]

    assert await turns(counted, lambda: desk.listener.poll(fetch), desk.listener.stop) < 10


async def test_a_message_that_never_arrives_is_not_sent_without_a_pause(database: Database) -> None:
    telegram = Telegram()
    telegram.fates["a"] = [Fate.UNSENT, Fate.AMBIGUOUS] * 1000
    await say(database, 7, "a")
    counted = Counted(database, away=False)
    speaker = Speaker(counted.begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    assert await turns(counted, speaker.run, speaker.stop) < 60
    assert 2000 - len(telegram.fates["a"]) <= 3


async def test_while_nothing_gets_through_eight_are_tried_a_second(database: Database) -> None:
    telegram, chats = Telegram(), 100
    for chat in range(1, chats + 1):
        telegram.fates[f"{chat}"] = [Fate.AMBIGUOUS if chat % 2 else Fate.UNSENT] * 1000
        await say(database, chat, f"{chat}")
    speaker = Speaker(database.begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    await runs(speaker.run, speaker.stop)
    tried = 1000 * chats - sum(map(len, telegram.fates.values()))
    assert 8 <= tried <= 8 * (SECONDS + 2)
    telegram.fates.clear()
    speaker = Speaker(database.begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    telegram.heard.clear()
    task = asyncio.create_task(speaker.run())
    async with asyncio.timeout(30):  # and once it does get through, it goes on at full speed
        while len({chat for chat, _ in telegram.heard}) < chats:
            await asyncio.sleep(0.01)
    speaker.stop()
    await task


async def test_who_stops_waits_for_what_is_in_flight_without_turning(database: Database) -> None:
    telegram = Telegram()
    telegram.gate.clear()
    await say(database, 7, "a")
    speaker = Speaker(database.begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    task = asyncio.create_task(speaker.run())
    while not telegram.at_once:
        await asyncio.sleep(0.01)
    begun: list[object] = []

    def counting(loop: asyncio.AbstractEventLoop, act: Any, **more: Any) -> Any:
        begun.append(act)
        return asyncio.Task(act, loop=loop, **more)

    asyncio.get_running_loop().set_task_factory(counting)
    speaker.stop()
    await asyncio.sleep(SECONDS)
    asyncio.get_running_loop().set_task_factory(None)
    assert len(begun) < 20  # a loop that spins begins a task for each thing that it waits for
    telegram.gate.set()
    await asyncio.wait_for(task, 15)
    assert telegram.heard == [(7, "a")]


async def test_a_file_that_can_not_be_fetched_is_asked_for_a_few_times(database: Database) -> None:
    class Away:
        asked = 0

        async def get_file(self, _file_id: str) -> None:
            self.asked += 1
            raise NetworkError("away")

    async with database.begin() as work:
        await reporting.report(work, (await here(work, 1)).reach, report_of(Marks()))
    telegram = Away()
    fetcher = Fetcher(database.begin, cast(Any, telegram))
    await runs(fetcher.run, fetcher.stop)
    assert 2 <= telegram.asked <= 4  # a photo and a voice


async def test_the_profile_is_not_told_without_a_pause() -> None:
    class House:
        settings = None

        def __init__(self, bot: Bot) -> None:
            self.speaking_bot = bot

    async def asked(answer: bytes) -> int:
        async with answering() as (server, bot, _):
            server.answer = answer
            task = asyncio.create_task(present(cast(Any, House(bot)), leads=True))
            await asyncio.sleep(SECONDS)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return server.asked

    answers = (told(401, refused(401, "Unauthorized")), waits(1), ODD["502"])
    assert [1 <= times <= 4 for times in await asyncio.gather(*map(asked, answers))] == [True] * 3


@pytest.mark.parametrize("away", [False, True], ids=["somebody is waited for", "the database away"])
async def test_a_rotation_waits_with_pauses(*, away: bool) -> None:
    asked = 0

    async def ask() -> list[Confirms]:
        nonlocal asked
        asked += 1
        if away:
            raise DatabaseAway("gone")
        return [Confirms("work", "here", 1, 1)]

    task = asyncio.create_task(rotating._wait(ask, "waits"))
    await asyncio.sleep(SECONDS)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert 2 <= asked <= SECONDS / 0.5 + 2


async def test_a_part_that_falls_over_again_and_again_starts_a_few_times_only() -> None:
    async def falls_over() -> None:
        raise RuntimeError

    supervisor = Supervisor()
    supervisor.start("bad", falls_over)
    await asyncio.sleep(SECONDS)
    assert 1 <= supervisor.restarts["bad"] <= 3
    supervisor.stop()
    await asyncio.gather(*supervisor.tasks, return_exceptions=True)
