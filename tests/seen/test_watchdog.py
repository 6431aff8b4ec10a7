"""An event loop that hangs is noticed from outside: /healthz fails, and the log says where; all is well after it."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.process.health import PORTS, HealthPort
from bot.process.loops import Loops
from bot.process.watchdog import Watchdog
from bot.settings import PREFIX, WrongSetting, read_settings
from tests.seen.asking import asked

WORDS = "Fatma zegt dat het gevaarlijk is"


@asynccontextmanager
async def served(watchdog: Watchdog) -> AsyncIterator[int]:
    """Serve the health of this event loop, watched by `watchdog`; the port."""

    async def ready() -> str:
        return "ready"

    health = HealthPort(read_settings({PREFIX + "HEALTH_PORT": "0"}), "run")
    health.start(watchdog, ready)
    beating = asyncio.create_task(watchdog.run())
    try:
        yield health.port
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await asyncio.to_thread(health.close)


def until(true: Callable[[], object]) -> None:
    """Hold up the event loop until something is true, for half a minute at most."""
    end = time.monotonic() + 30
    while not true() and time.monotonic() < end:
        time.sleep(0.02)


async def test_a_hung_loop_is_told_without_a_value_and_recovers(caplog: pytest.LogCaptureFixture) -> None:
    watchdog, answers = Watchdog(loops=Loops(), hung_after=3, look=0.3), list[tuple[int, str]]()

    def hang(words: str) -> None:
        """Hang until the watchdog notices; a resident's words stand in the frame that hangs."""
        until(lambda: watchdog.hung)
        asking = threading.Thread(target=lambda: answers.extend(asked(port, path) for path in ("healthz", "readyz")))
        asking.start()
        asking.join()

    async with served(watchdog) as port:
        assert await asyncio.to_thread(asked, port, "healthz") == (200, "alive\n")
        hang(WORDS)
        assert [status for status, _ in answers] == [503, 503]
        assert "the event loop hangs" in answers[0][1]
        async with asyncio.timeout(30):
            while watchdog.hung:
                await asyncio.sleep(0.02)
        assert await asyncio.to_thread(asked, port, "healthz") == (200, "alive\n")
    said = [record for record in caplog.records if record.name == "buurtstem.watchdog"]
    assert [record.levelno for record in said] == [logging.CRITICAL, logging.WARNING]
    assert "hang" in said[0].getMessage()
    assert "test_watchdog.py:" in said[0].getMessage()
    assert WORDS not in caplog.text


async def test_systemd_hears_of_every_turn_and_of_none_while_the_loop_hangs(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        watchdog = Watchdog(str(tmp_path / "notify"), loops=Loops(), hung_after=3, look=0.3)
        async with served(watchdog):
            watchdog.tell("READY=1")
            heard = {await asyncio.to_thread(systemd.recv, 100) for _ in range(3)}
            until(lambda: watchdog.hung)
            systemd.setblocking(False)
            while True:  # what systemd was sent before the loop hung
                try:
                    systemd.recv(100)
                except BlockingIOError:
                    break
            end = time.monotonic() + 1
            until(lambda: time.monotonic() > end)
            with pytest.raises(BlockingIOError):
                systemd.recv(100)
        assert heard == {b"READY=1", b"WATCHDOG=1"}


def test_a_health_port_that_is_taken_is_one_line_that_says_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with pytest.raises(WrongSetting, match=f"HEALTH_PORT: 127.0.0.1:{port} can't be used .*or 0 for any"):
            HealthPort(read_settings({PREFIX + "HEALTH_PORT": port}), "work")
    with pytest.raises(WrongSetting, match="HEALTH_PORT"):
        HealthPort(read_settings({PREFIX + "HEALTH_HOST": "10.255.255.1", PREFIX + "HEALTH_PORT": "0"}), "work")


def test_where_the_usual_port_is_taken_and_none_was_asked_for_any_other_is_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setitem(PORTS, "run", port)
        health = HealthPort(read_settings({}), "run")
    assert health.port != port
    assert f"{port} is taken" in caplog.text
    health.close()
