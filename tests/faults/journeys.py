"""Residents for fault tests: each arrives, reports, and writes down what was promised.

They do as people do: wait for the answer, and press the newest button again when nothing comes. Together they keep a
steady beat: when all of them wait, somebody new arrives.
"""

import asyncio
import random
import re
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from simulator.phone import Phone

PATIENCE = 240.0
PRESS_AGAIN_AFTER = 15.0
_CODE = re.compile(r"SNW-[0-9A-Z]{4}-[0-9A-Z]{4}")

Chat = dict[str, Any]


@dataclass
class Promises:
    """What residents sent with "Send", and what they were told of it: story -> code."""

    codes: dict[str, str] = field(default_factory=dict)


@dataclass
class Beat:
    """Lets one act after another go, at a steady rate, whether the bot hears it or not.

    acts, seconds: how many so far, in how long · over: everybody acts when they like.
    """

    per_second: float
    acts: int = 0
    seconds: float = 0.0
    over: bool = False
    _ready: deque[asyncio.Future[None]] = field(default_factory=deque)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn(self) -> None:
        """Wait for one's turn to act."""
        if not self.over:
            self._ready.append(mine := asyncio.get_running_loop().create_future())
            self._news.set()
            await mine

    async def keep(self, newcomer: Callable[[], object]) -> None:
        """Beat until it is over. When nobody is ready to act, somebody new comes."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not self.over:
            await asyncio.sleep(max(0.0, began + self.acts / self.per_second - loop.time()))
            while not self._ready and not self.over:
                self._news.clear()
                newcomer()
                await self._news.wait()
            if self._ready:
                self._ready.popleft().set_result(None)
            self.acts, self.seconds = self.acts + 1, loop.time() - began

    def end(self) -> None:
        """Let everybody go who waits for a turn."""
        self.over = True
        self._news.set()
        while self._ready:
            self._ready.popleft().set_result(None)


class Resident(Phone):
    """A resident who keeps the beat."""

    looks_first = False
    beat: Beat


async def presses(phone: Phone, value: str, then: str) -> Chat:
    """Press the newest button that carries `value`, repeatedly, until a new message carries `then`; that message."""
    return await _insist(phone, lambda: _press(phone, value), then)


async def says(phone: Phone, text: str, then: str) -> Chat:
    """Write a text, once, and wait for a new message that carries `then`; AssertionError after PATIENCE seconds."""

    async def say() -> None:
        await phone.says(text)

    return await _insist(phone, say, then, again=False)


async def _press(phone: Phone, value: str) -> None:
    """Press the button if a message offers it; it may vanish at this very moment, because its answer has come."""
    for message in reversed(phone.seen["messages"]):
        if (data := _carried(message, value)) is not None:
            with suppress(AssertionError):
                await phone.act("press", message_id=message["message_id"], data=data)
            return


async def _insist(phone: Phone, act: Callable[[], Awaitable[None]], then: str, *, again: bool = True) -> Chat:
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    before = {message["message_id"]: message for message in phone.seen["messages"]}
    await _in_turn(phone, act)
    acted = loop.time()
    while loop.time() < end:
        for message in reversed((await phone.chat(wait=5.0))["messages"]):
            if message["from"] == "bot" and before.get(message["message_id"]) != message and _has(message, then):
                return dict(message)
        if again and loop.time() - acted > PRESS_AGAIN_AFTER:
            await _in_turn(phone, act)
            acted = loop.time()
    raise AssertionError(f"{phone.name} waits for {then!r} in vain\n{phone.shown()}")


async def _in_turn(phone: Phone, act: Callable[[], Awaitable[None]]) -> None:
    if isinstance(phone, Resident):
        await phone.beat.turn()
    await act()


def _has(message: Chat, then: str) -> bool:
    return _carried(message, then) is not None or then in str(message.get("text", ""))


def _carried(message: Chat, value: str) -> str | None:
    """The data of the button that carries `value`, be it a deed or an answer with any serial; None without one."""
    for row in message.get("buttons", []):
        for button in row:
            data: str = button.get("data", "")
            if data == value or (data.startswith("a:") and data.split(":", 2)[2] == value):
                return data
    return None


async def arrives(phone: Phone) -> None:
    """The first contact: language, warning, menu."""
    await says(phone, "/start", then="g:language:nl")
    await presses(phone, "g:language:nl", then="g:accept:")
    await presses(phone, "g:accept:", then="g:report:")


async def reports(phone: Phone, story: str, kind: str = "nuisance") -> str:
    """Report in the fewest taps; the code on the receipt."""
    await presses(phone, "g:report:", then="_help")
    await says(phone, story, then=kind)
    await presses(phone, kind, then="_summary")
    await presses(phone, "_summary", then="send")
    receipt = await presses(phone, "send", then="SNW-")
    found = _CODE.search(receipt["text"])
    assert found is not None
    await presses(phone, "g:menu:", then="g:report:")
    return found[0]


async def lives(url: str, number: int, promises: Promises, seed: int, beat: Beat) -> None:
    """One resident from the first contact to the receipt."""
    story = f"verhaal {seed} {number} {random.Random(f'{seed}/{number}').randrange(10**9)}"
    async with await Resident.new(url, name=f"Bewoner {number}", language_code="nl") as phone:
        phone.beat = beat
        await arrives(phone)
        promises.codes[story] = await reports(phone, story)
