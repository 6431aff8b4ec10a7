"""Residents under fault tests: each arrives, reports again and again, and writes down what was promised."""

import asyncio
import random
import re
from dataclasses import dataclass, field

from simulator.phone import Phone

REPORTS_EACH = 3
PATIENCE = 60.0  # a bot that is killed and started again keeps people waiting
_CODE = re.compile(r"SNW-[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass
class Promises:
    """What residents sent with "Send", and what they were told of it: story -> code."""

    codes: dict[str, str] = field(default_factory=dict)
    residents: set[int] = field(default_factory=set)


async def presses(phone: Phone, value: str, text: str = "") -> None:
    """Press the newest button that carries `value`, and wait until the bot answers (with `text` in it)."""
    await phone.taps(await offered(phone, value))
    await phone.sees(text, timeout=PATIENCE)


async def offered(phone: Phone, value: str) -> str:
    """What the newest button that carries `value` sends, waited for."""
    async with asyncio.timeout(PATIENCE):
        while True:
            chat = await phone.chat(wait=1.0)
            for message in reversed(chat["messages"]):
                for row in message.get("buttons", []):
                    for button in row:
                        data: str = button.get("data", "")
                        if data == value or (data.startswith("a:") and data.split(":", 2)[2] == value):
                            return data


async def arrives(phone: Phone) -> None:
    """The first contact: language, warning, menu."""
    await phone.starts()
    await presses(phone, "g:language:nl")
    await presses(phone, "g:accept:")


async def reports(phone: Phone, story: str, kind: str = "nuisance") -> str:
    """Report in the fewest taps; the code on the receipt."""
    await presses(phone, "g:report:")
    await phone.says(story)
    await presses(phone, kind)
    await presses(phone, "_summary")
    await phone.taps(await offered(phone, "send"))
    receipt = await phone.sees("SNW-", timeout=PATIENCE)
    found = _CODE.search(receipt["text"])
    assert found is not None
    await presses(phone, "g:menu:")
    return found[0]


async def lives(url: str, number: int, promises: Promises, seed: int) -> None:
    """One resident from the first contact to the last report."""
    chance = random.Random(f"{seed}/{number}")
    async with await Phone.new(url, name=f"Bewoner {number}", language_code="nl") as phone:
        promises.residents.add(phone.id)
        await arrives(phone)
        for turn in range(REPORTS_EACH):
            story = f"verhaal {seed} {number} {turn} {chance.randrange(10**9)}"
            promises.codes[story] = await reports(phone, story)


async def crowd(url: str, count: int, promises: Promises, seed: int) -> None:
    """`count` residents at once."""
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(lives(url, number, promises, seed))
