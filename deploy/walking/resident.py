"""For deploy/walk.sh: somebody new writes to the bot on the local Telegram, and must be answered at each step."""

from __future__ import annotations

import asyncio
import sys

sys.path.insert(0, ".")  # it is started in the checkout

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
    """Write to the bot, choose a language, accept the warning. Raises TimeoutError without an answer for a minute."""
    async with await Phone.new("http://127.0.0.1:8081", language_code="nl") as phone:
        await phone.says("/start")
        for start in ("g:language:nl", "g:accept:"):
            message, data = await _button(phone, start)
            await phone.act("press", message_id=message, data=data)
        await _button(phone, "g:report:")
    print("ok     resident  wrote to the bot and was answered three times")


if __name__ == "__main__":
    asyncio.run(main())
