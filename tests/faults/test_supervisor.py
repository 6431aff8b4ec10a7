"""A part of the program that fails starts again by itself: counted, after growing pauses, and doing nothing twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import httpx
import pytest
from starlette.responses import PlainTextResponse

from bot.jobs import ticking
from bot.running import supervisor as supervising
from bot.running.supervisor import Supervisor
from bot.settings import WrongSetting, read_settings
from bot.speaking.speaker import Speaker
from bot.web.serving import HttpPart, Server, bind
from domain.screens import Screen, Words
from domain.sealing import KeyRing, new_key, seal_json
from handlers.clock.moments import ClockMoment
from handlers.telegram.reaches import reach_of
from services.outbox import envelopes, saying
from services.speaking import receipts
from services.work import Work
from storage.engine.database import Database
from storage.outbox import queue
from tests.faults.running import free_port
from tests.faults.test_speaking import FAST, Hung, Telegram, say, states, until


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No part waits long before it starts again."""
    monkeypatch.setattr(supervising, "_WAITS", (0.01,))


@asynccontextmanager
async def supervised() -> AsyncIterator[Supervisor]:
    """A supervisor whose parts are stopped at the end."""
    supervisor = Supervisor()
    try:
        yield supervisor
    finally:
        supervisor.stop()
        await asyncio.wait_for(asyncio.gather(*supervisor.tasks, return_exceptions=True), 15)


async def test_a_part_that_raises_starts_again_after_growing_pauses_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervising, "_WAITS", (0.05, 0.1, 0.2))
    loop = asyncio.get_running_loop()
    began: list[float] = []
    beats = 0

    async def falls_over() -> None:
        began.append(loop.time())
        raise asyncio.CancelledError if len(began) == 2 else KeyError("what somebody wrote")

    async def goes_on() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.01)

    async with supervised() as supervisor:
        supervisor.start("bad", falls_over)
        supervisor.start("good", goes_on)
        await until(lambda: len(began) == 5)
        assert supervisor.restarts == {"bad": 4, "good": 0}, "every part has its count"
    waited = [later - earlier for earlier, later in pairwise(began[:5])]
    assert all(took > wait - 0.01 for took, wait in zip(waited, (0.05, 0.1, 0.2, 0.2), strict=True)), waited
    assert beats > 10
    assert sum("the part bad fell over" in one.getMessage() for one in caplog.records) >= 4


async def test_a_part_that_may_not_go_on_ends_for_good(at_once: None) -> None:
    async def refused() -> None:
        raise WrongSetting("BUURTSTEM_KEYS_DIR is another one")

    async with supervised() as supervisor:
        supervisor.start("heart", refused)
        await asyncio.wait(supervisor.tasks, timeout=5)
        assert isinstance(supervisor.tasks[0].exception(), WrongSetting)


async def test_a_speaker_that_starts_again_frees_nothing_that_is_in_flight(database: Database, at_once: None) -> None:
    bad = 0

    @asynccontextmanager
    async def begin() -> AsyncIterator[Work]:
        nonlocal bad
        async with database.begin() as work:
            yield work
            if bad:
                bad -= 1
                raise RuntimeError("a fault of ours")

    telegram = Hung()
    await say(database, 1, "hangs")
    speaker = Speaker(begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    async with supervised() as supervisor:
        supervisor.start("speaker", speaker.run, speaker.stop)
        await until(lambda: telegram.at_once == 1)
        bad = 2
        await say(database, 2, "a", "b")
        speaker.ring()
        await until(lambda: len(telegram.heard) == 2)
        assert supervisor.restarts["speaker"] == 2
        telegram.end.set()
        await until(lambda: len(telegram.heard) == 3)
    assert sorted(telegram.heard) == [(1, "hangs"), (2, "a"), (2, "b")], "nothing is said twice"
    assert await states(database) == {}


async def test_a_message_that_cannot_be_written_down_or_opened_holds_up_no_other(
    database: Database, at_once: None, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def noted(_work: Work, _about: str, _state: str) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(receipts, "NOTES", {"bad": noted})
    async with database.begin() as work:
        await saying.show(work, reach_of(1), Screen((Words("bad receipt"),)), receipt="bad:1")
        await saying.show(work, reach_of(4), Screen((Words("to nobody we know"),)), many=True, receipt="bad:2")
        key = new_key()
        wrapped = keys.wrap(key, "outbox")
        odd = seal_json(key, ["of no form"], envelopes._PLACE)
        tag = envelopes.chat_tag(keys, reach_of(2))
        await queue.put(work, {"chat_tag": tag, "envelope": odd, "wrapped": wrapped})
    telegram = Telegram()
    speaker = Speaker(database.begin, telegram.send, alone=database.is_sqlite, pace=FAST)
    async with supervised() as supervisor:
        supervisor.start("speaker", speaker.run, speaker.stop)
        await until(lambda: (1, "bad receipt") in telegram.heard)
        await say(database, 3, "good")
        await until(lambda: (3, "good") in telegram.heard)
    assert len(telegram.heard) == 2, "nothing is said twice"
    assert await states(database) == {"failed": 2}


async def test_an_http_server_that_falls_over_serves_again_at_its_port(
    at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, falls = Server.on_tick, [True]

    async def on_tick(self: Server, counter: int) -> bool:
        if falls and counter > 1:
            falls.clear()
            raise RuntimeError("a fault of uvicorn")
        return await whole(self, counter)

    monkeypatch.setattr(Server, "on_tick", on_tick)
    port = free_port()
    listening = bind(read_settings({"BUURTSTEM_HTTP_PORT": str(port)}))
    part = HttpPart(PlainTextResponse("here"), listening)
    async with supervised() as supervisor:
        supervisor.start("http", part.run, part.stop)
        await until(lambda: supervisor.restarts["http"] == 1)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            for _ in range(3):
                assert (await client.get("/")).text == "here"
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_clock_that_stands_still_starts_again(
    database: Database, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0

    async def hangs(_: Work) -> None:
        nonlocal looked
        looked += 1
        if looked == 1:
            await asyncio.Event().wait()

    monkeypatch.setattr(ticking, "MOMENTS", (ClockMoment(hangs, 1),))
    monkeypatch.setattr(ticking, "_STANDS_STILL", 2.0)
    monkeypatch.setattr(ticking, "_LOOK_EVERY", 0.1)
    ticker = ticking.Ticker(database.begin)
    async with supervised() as supervisor:
        supervisor.start("clock", ticker.run, ticker.stop)
        await until(lambda: looked > 2)
        assert supervisor.restarts["clock"] == 1
