"""What a newcomer sees after `make run`, also when the program before it was killed."""

import asyncio
import json
import re
import signal
from pathlib import Path

from simulator.newcomers import NEWCOMERS
from tests.faults.running import RunningBot, free_port
from tests.seen.asking import asked

DEMO = {"BOT_TOKEN": "", "TELEGRAM_API_URL": ""}


async def _seen(port: int) -> dict[str, str]:
    """Wait until each phone on the phone page shows a message with buttons; its text by the owner's first name."""
    _, page = await asyncio.to_thread(asked, port, "")
    residents = json.loads(re.findall(r'id="residents"[^>]*>(.+?)</script>', page)[0])
    while True:
        shown = {}
        for one in residents:
            _, view = await asyncio.to_thread(asked, port, f"sim/residents/{one['id']}/chat")
            said = [message for message in json.loads(view)["messages"] if message["from"] == "bot"]
            if said and said[-1].get("buttons"):
                shown[one["first_name"]] = said[-1]["text"]
        if len(shown) == len(NEWCOMERS):
            return shown
        await asyncio.sleep(0.1)


async def test_two_phones_with_a_name_and_a_first_screen_also_after_a_kill(sqlite_url: str, tmp_path: Path) -> None:
    port = free_port()
    bot = RunningBot(tmp_path, "", sqlite_url, more={**DEMO, "SIMULATOR_PORT": str(port)})
    for _ in range(2):
        async with asyncio.timeout(180):
            await bot.start()
            shown = await _seen(port)
        assert set(shown) == {name for name, _ in NEWCOMERS}
        assert all("Kies je taal" in text for text in shown.values())
        printed = bot.log.read_text()
        assert "Each of these two links works once. A new start prints new ones" in printed
        assert "-m bot staff link handler@demo.example" in printed
        await bot.kill()
        assert bot.process is not None
        assert bot.process.returncode == -signal.SIGKILL


async def test_a_public_address_without_a_token_is_one_line(sqlite_url: str, tmp_path: Path) -> None:
    bot = RunningBot(tmp_path, "", sqlite_url, more={**DEMO, "PUBLIC_URL": "https://buurt.example"})
    await bot.start(serves=False)
    assert bot.process is not None
    assert await asyncio.wait_for(bot.process.wait(), 120) == 2
    (line,) = bot.log.read_text().splitlines()
    assert line.startswith("BUURTSTEM_BOT_TOKEN is missing: with a BUURTSTEM_PUBLIC_URL")
