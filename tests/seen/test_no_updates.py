"""Why Telegram gives no updates is named from its own error (409): another program polls, or a webhook is set."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from telegram.error import Conflict

from bot.listening.listener import _why_no_updates
from bot.process.keys import make_keys
from bot.settings import PREFIX, read_settings
from bot.wiring import plug
from simulator.phone import LocalTelegram
from tests.faults.running import TOKEN


async def test_two_pollers_and_a_webhook_are_named(sqlite_url: str, tmp_path: Path) -> None:
    make_keys(tmp_path / "keys")
    async with LocalTelegram() as telegram, AsyncExitStack() as closing:
        given = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "DATABASE_URL": sqlite_url}
        given |= {"DATA_DIR": str(tmp_path / "data"), "KEYS_DIR": str(tmp_path / "keys")}
        house = plug(read_settings({PREFIX + name: value for name, value in given.items()}))
        await house.transport.initialize()
        closing.push_async_callback(house.close)
        fetch = house.fetch()
        both = await asyncio.gather(fetch(None, 3), fetch(None, 3), return_exceptions=True)
        (refused,) = [one for one in both if isinstance(one, Exception)]
        assert "(409): another program polls with this bot's token; stop all but one" in _why_no_updates(refused)
        await telegram.call(TOKEN, "setWebhook", url="https://elsewhere.example/telegram")
        with pytest.raises(Conflict) as hooked:
            await fetch(None, 0)
        assert "(409): a webhook is set" in _why_no_updates(hooked.value)
