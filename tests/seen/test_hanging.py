"""A loop that hangs ends the process, which is then started again; before, the log and the health port say so."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.process.loops import Loops
from bot.process.watchdog import Watchdog
from tests.faults.running import RunningBot, free_port
from tests.seen.asking import asked

NOWHERE = "http://127.0.0.1:9"


def lines(bot: RunningBot) -> Iterator[dict[str, str]]:
    """The log's JSON lines so far."""
    return (json.loads(line) for line in bot.log.read_text().splitlines() if line.startswith("{"))


async def _until_hung(bot: RunningBot, health: int) -> tuple[tuple[int, str], tuple[int, str]]:
    """Wait for a CRITICAL line in the log; then the answers (status, text) of /healthz and of /readyz."""
    async with asyncio.timeout(120):
        while not [line for line in lines(bot) if line["level"] == "CRITICAL"]:
            await asyncio.sleep(0.05)
    return await asyncio.to_thread(asked, health, "healthz"), await asyncio.to_thread(asked, health, "readyz")


async def _ended(bot: RunningBot) -> int:
    assert bot.process is not None
    try:
        return await asyncio.wait_for(bot.process.wait(), 120)
    finally:
        await bot.kill()


async def test_an_event_loop_that_hangs_is_told_and_the_process_ends(sqlite_url: str, tmp_path: Path) -> None:
    health = free_port()
    command = ("-m", "tests.seen.hanging", "event_loop", "run")
    bot = RunningBot(tmp_path, NOWHERE, sqlite_url, command=command, more={"HEALTH_PORT": str(health)})
    await bot.start(serves=False)
    alive, ready = await _until_hung(bot, health)
    assert alive == ready == (503, "the event loop hangs: see the log\n")
    assert await _ended(bot) == 1
    told = [line["event"] for line in lines(bot) if line["level"] == "CRITICAL"]
    assert "hanging.py" in told[0]
    assert "_blocks_all" in told[0]
    assert told[1:] == ["the event loop hangs still: this process ends at once, to be started again"]


async def test_a_loop_of_ours_that_hangs_is_named_and_the_program_stops_in_order(
    sqlite_url: str, tmp_path: Path
) -> None:
    command = ("-m", "tests.seen.hanging", "speaker", "run")
    async with RunningBot(tmp_path, NOWHERE, sqlite_url, command=command) as bot:
        assert await _ended(bot) == 1
    events = [line["event"] for line in lines(bot)]
    (told,) = [event for event in events if event.startswith("the speaker hangs; it stands at ")]
    assert "hanging.py" in told
    assert "_waits_for_nobody" in told
    assert "stopped: the speaker hangs" in events or "the speaker hangs still" in events[-1]


async def test_each_of_our_loops_says_that_it_turns(database_url: str, tmp_path: Path) -> None:
    wanted = {"speaker", "fetcher", "counting", "clock", "listener", "observer"}
    if database_url.startswith("postgresql"):
        wanted.add("heart")
    async with (
        RunningBot(tmp_path, NOWHERE, database_url, command=("-m", "tests.seen.hanging", "nothing", "run")) as bot,
        asyncio.timeout(120),
    ):
        while not wanted <= {line[8:] for line in bot.log.read_text().splitlines() if line.startswith("turned: ")}:
            await asyncio.sleep(0.05)


async def test_the_loop_that_is_late_longest_is_named_and_one_that_ended_is_not() -> None:
    loops = Loops()
    assert loops.late() is None
    for name, within in (("quick", 10.0), ("slow", 60.0), ("gone", 1.0)):
        loops.turned(name, within)
    loops.ended("gone")
    loops.now = 10.0
    assert loops.late() is None
    loops.now = 61.0
    assert loops.late() == "quick"
    loops.turned("quick", 10.0)
    assert loops.late() == "slow"


async def test_a_program_that_does_not_end_in_order_is_ended_at_once(caplog: pytest.LogCaptureFixture) -> None:
    loops, asked_to_end, left = Loops(), list[str](), asyncio.Event()
    running = asyncio.get_running_loop()
    watchdog = Watchdog(
        end=asked_to_end.append,
        leave=lambda: running.call_soon_threadsafe(left.set),  # type: ignore[arg-type]
        loops=loops,
        hung_after=1000,
        look=0.05,
    )
    beating = asyncio.create_task(watchdog.run())
    loops.turned("speaker", 0.1)
    async with asyncio.timeout(60):
        await left.wait()
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
    assert asked_to_end == ["the speaker hangs"]
    assert re.search(
        r"the speaker hangs; it stands at locks\.py:\d+ wait < test_hanging\.py:\d+ test_a_pro", caplog.text
    )
    assert "the speaker hangs still" in caplog.text


async def test_who_hangs_with_the_log_in_hand_is_ended_too(caplog: pytest.LogCaptureFixture) -> None:
    loops, left = Loops(), threading.Event()
    watchdog = Watchdog(leave=left.set, loops=loops, hung_after=1000, look=0.05)
    beating = asyncio.create_task(watchdog.run())
    loops.turned("speaker", 0.1)
    caplog.handler.acquire()
    try:
        assert await asyncio.to_thread(left.wait, 60)
        assert caplog.text == "", "the log is held"
    finally:
        caplog.handler.release()
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


async def test_a_loop_that_turns_again_is_well_again() -> None:
    loops = Loops()
    watchdog = Watchdog(loops=loops, hung_after=1000, look=0.05)
    beating = asyncio.create_task(watchdog.run())
    async with asyncio.timeout(60):
        loops.turned("listener", 0.1)
        while watchdog.hung != "listener":
            await asyncio.sleep(0.01)
        loops.turned("listener", 1000.0)
        while watchdog.hung:
            await asyncio.sleep(0.01)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
