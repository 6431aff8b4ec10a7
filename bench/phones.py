"""Residents who hold the same short conversation, each waiting for the answer before the next tap."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.telegram import BotApi, Json, Line

CLIENTS = 16
PATIENCE = 120.0  # the process that speaks may still be starting


@dataclass(frozen=True, slots=True)
class Step:
    """What a resident does: says `words`, or presses the button in `row`, `column` of what stands there."""

    words: str = ""
    row: int = 0
    column: int = 0


# Telegram's Start, a language, and what can't be promised: before anything is measured.
ARRIVAL = (Step("/start"), Step(row=0), Step(row=0))
# Asked for, told, what it is, where (not known), when, and sent.
REPORT = (
    Step("/melden"),
    Step("Er ligt al weken afval bij de speeltuin."),
    Step(row=1),
    Step(row=-2),
    Step(row=1),
    Step(row=0),
)


@dataclass
class Phones:
    """Phones on as many lines as there are clients; urls: the webhooks, which share the lines."""

    api: BotApi
    urls: Sequence[str]
    delays: list[float] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _stands: dict[int, Json] = field(default_factory=dict)

    async def hold(self, residents: range, steps: tuple[Step, ...]) -> float:
        """Every resident goes through the steps; seconds until the last one has the last answer.

        A client brings all its residents one step further before it begins with the next step: so nobody taps
        faster than people do, and no bot has to hold its answers back.
        """
        lines = [Line(self.urls[at % len(self.urls)]) for at in range(min(CLIENTS, len(residents)))]
        await asyncio.gather(*(line.open() for line in lines))
        self.delays.clear()
        began = time.perf_counter()
        await asyncio.gather(*(self._client(line, residents[at :: len(lines)], steps) for at, line in enumerate(lines)))
        seconds = time.perf_counter() - began
        for line in lines:
            line.close()
        return seconds

    async def _client(self, line: Line, residents: range, steps: tuple[Step, ...]) -> None:
        for step in steps:
            for resident in residents:
                await self._tap(line, resident, step)

    async def _tap(self, line: Line, resident: int, step: Step) -> None:
        answered: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self.api.said[resident] = answered.set_result
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            await line.deliver(self._update(resident, step))
            self._stands[resident] = await answered
        self.delays.append(time.perf_counter() - began)

    def _update(self, resident: int, step: Step) -> Json:
        person = {"id": resident, "is_bot": False, "first_name": "B", "language_code": "nl"}
        number = next(self._numbers)
        if step.words:
            chat = {"id": resident, "type": "private", "first_name": "B"}
            told: dict[str, Any] = {"message_id": self.api.next_number(resident), "date": 1795000000, "chat": chat}
            told |= {"from": person, "text": step.words}
            if step.words.startswith("/"):
                told["entities"] = [{"type": "bot_command", "offset": 0, "length": len(step.words)}]
            return {"update_id": number, "message": told}
        stands = self._stands[resident]
        data = stands["reply_markup"]["inline_keyboard"][step.row][step.column]["callback_data"]
        press = {"id": str(number), "from": person, "chat_instance": "1", "message": stands, "data": data}
        return {"update_id": number, "callback_query": press}

    def standing(self, resident: int) -> Json:
        """What stands on a phone."""
        return self._stands[resident]
