"""For the walk: somebody new writes to the bot on the local Telegram, chooses a language and is answered each time."""

from __future__ import annotations

import asyncio
import sys

sys.path.insert(0, ".")  # the checkout, in which it is started

from simulator.phone import Phone

_PATIENCE = 60.0


async def _button(phone: Phone, start: str) -> tuple[int, str]:
    async with asyncio.timeout(_PATIENCE):
        while True:
            for message in reversed((await phone.chat(wait=1.0))["messages"]):
                for button in (one for row in message.get("buttons", []) for one in row):
                    if button.get("data", "").startswith(start):
                        return message["message_id"], button["data"]


async def main() -> None:
    """Arrive."""
    async with await Phone.new("http://127.0.0.1:8081", language_code="nl") as phone:
        await phone.says("/start")
        for start in ("g:language:nl", "g:accept:"):
            message, data = await _button(phone, start)
            await phone.act("press", message_id=message, data=data)
        await _button(phone, "g:report:")
    print("ok     resident  wrote to the bot and was answered three times")


if __name__ == "__main__":
    asyncio.run(main())
