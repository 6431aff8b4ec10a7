"""The bot's side in these tests: a bot that calls methods, and a webhook that listens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from simulator.local_telegram import Telegram

TOKEN = "4242:local-test"

Update = dict[str, Any]


class Bot:
    """A bot with a token: `await bot("sendMessage", chat_id=1, text="x")` gives the result, and fails on an error."""

    def __init__(self, telegram: Telegram, token: str = TOKEN) -> None:
        self.telegram = telegram
        self.token = token
        self._offset = 0

    async def __call__(self, method: str, **params: Any) -> Any:
        answer = await self.telegram.call(self.token, method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """Call a method that must be refused; the description of the error."""
        answer = await self.telegram.call(self.token, method, **params)
        assert not answer["ok"], answer
        return str(answer["description"])

    async def updates(self, count: int = 1, **params: Any) -> list[Update]:
        """Wait for `count` updates and confirm them. Fails when none comes for 5 s."""
        found: list[Update] = []
        while len(found) < count:
            batch = await self("getUpdates", offset=self._offset, timeout=5, **params)
            assert batch, f"{len(found)} of {count} updates came"
            found.extend(batch)
            self._offset = batch[-1]["update_id"] + 1
        await self("getUpdates", offset=self._offset, timeout=0)
        return found

    async def waiting(self) -> int:
        """How many updates are not accepted yet."""
        return int((await self("getWebhookInfo"))["pending_update_count"])


Answer = Callable[[Update], Awaitable[web.Response]]


class Hook:
    """A webhook served by the test. `answers` makes the response to an update; by default status 200."""

    def __init__(self) -> None:
        self.heard: list[Update] = []
        self.secrets: list[str | None] = []
        self.at_once = 0
        self.most_at_once = 0
        self.answers: Answer = _fine
        self.url = ""
        self._news = asyncio.Event()

    async def hear(self, request: web.Request) -> web.Response:
        """Take one delivery: note it, then answer."""
        update = await request.json()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.heard.append(update)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self._news.set()
        try:
            return await self.answers(update)
        finally:
            self.at_once -= 1

    async def wait_for(self, count: int) -> list[Update]:
        """Wait until that many deliveries came; all of them so far. Raises TimeoutError after 10 s."""
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()
        return self.heard


async def _fine(_: Update) -> web.Response:
    return web.Response()


@asynccontextmanager
async def listening() -> AsyncIterator[Hook]:
    """A Hook that listens on a free port."""
    hook = Hook()
    application = web.Application()
    application.router.add_post("/hook", hook.hear)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield hook
    finally:
        await runner.cleanup()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Wait for a condition that must be asked of the local Telegram. Raises TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.01)
