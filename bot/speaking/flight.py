"""What a speaker has under way: at most 8 sends, counting those that are about to begin or have just landed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from bot.process import metrics
from services.outbox.at_once import Slot
from services.outbox.envelopes import Envelope
from services.outbox.saying import ANSWER
from services.speaking.delivering import Fate, Sending, SendResult

IN_FLIGHT = 8
_TRIED_AGAIN = frozenset({Fate.UNSENT, Fate.AMBIGUOUS, Fate.HALTED})
log = logging.getLogger("buurtstem.speaker")


class _Slot:
    """Room for one answer that is said at once; see services/outbox/at_once.py."""

    def __init__(self, flight: Flight, chat_tag: bytes, landed: int) -> None:
        self.chat_tag, self.landed = chat_tag, landed
        self.row: Sending | None = None
        self._flight = flight

    def hold(self, row_id: int, envelope: Envelope, language: str) -> None:
        """The row is there, and not yet kept. language: that its reader reads."""
        self.row = Sending(
            row_id, self.chat_tag, ANSWER, 0, envelope, envelope.language or language, self._flight.owner, at_once=True
        )

    def say(self) -> None:
        """It is kept: say it now."""
        self.free()
        if self.row is not None:
            self._flight.start(self.row)

    def free(self) -> None:
        """It is not going to be said at once."""
        self._flight.slots.discard(self)


class Flight:
    """The sends of one speaker, from the moment that their rows are marked until they are written down.

    flying: requests under way · finished: landed, and not yet written down · slots: room promised to answers that are
    said at once · marking: chats whose rows are being marked at this moment.
    """

    def __init__(self, owner: str, send: Callable[[Sending], Coroutine[Any, Any, SendResult]]) -> None:
        """owner: the name under which this process holds rows · send: `Sender.send`."""
        self.owner = owner
        self._send = send
        self.open = False  # while it is closed nothing begins: the rows stay as they are for whoever takes them over
        self.flying: dict[asyncio.Task[SendResult], Sending] = {}
        self.finished: list[SendResult] = []
        self.slots: set[_Slot] = set()
        self.marking: set[bytes] = set()
        self.in_vain = 0  # sends in a row that did not get through
        self.stirred = asyncio.Event()  # by the bell, by what was begun at once, and by what has landed

    def room(self) -> int:
        """How many more may be marked as being sent: so many may be said twice after a crash."""
        return IN_FLIGHT - len(self.flying) - len(self.finished) - len(self.slots) - len(self.marking)

    def rows(self) -> list[Sending]:
        """The rows that are known to be under way."""
        held = (one.row for one in self.slots if one.row)
        return [*self.flying.values(), *(result.sending for result in self.finished), *held]

    def slot(self, chat_tag: bytes, queued: Iterable[Sending]) -> Slot | None:
        """Room for an answer to this chat; None: no room, or another message to it is queued or under way."""
        landed = [result.sending for result in self.finished if result.sending.chat_tag == chat_tag]
        if not self.open or self.in_vain or self.room() < 1 or len(landed) > 1:
            return None
        busy = {row.chat_tag for row in (*queued, *self.flying.values())} | self.marking
        if chat_tag in busy or any(one.chat_tag == chat_tag for one in self.slots):
            return None
        one = _Slot(self, chat_tag, landed[0].id if landed else 0)
        self.slots.add(one)
        return one

    def start(self, row: Sending) -> None:
        """Send a row that is marked as being sent."""
        if self.open:
            task = asyncio.create_task(self._send(row))
            self.flying[task] = row
            task.add_done_callback(self._has_landed)
            self.stirred.set()

    def next(self, rows: Sequence[Sending], settled: int) -> list[Sending]:
        """The rows that may start now: the first of each chat that has none in flight, as many as there is room.

        settled: so many that have landed are written down in the same transaction.
        """
        room = self.room() + settled
        busy = {row.chat_tag for row in self.flying.values()} | {one.chat_tag for one in self.slots}
        chosen: list[Sending] = []
        for row in rows:
            if len(chosen) >= room:
                break
            if row.chat_tag not in busy:
                chosen.append(row)
            busy.add(row.chat_tag)
        return chosen

    def failed_chats(self) -> set[bytes]:
        """The chats whose last message has to be tried again: what follows it must wait."""
        return {result.sending.chat_tag for result in self.finished if result.fate in _TRIED_AGAIN}

    def _has_landed(self, task: asyncio.Task[SendResult]) -> None:
        result = self._result(task)
        self.finished.append(result)
        self.in_vain = self.in_vain + 1 if result.fate in {Fate.UNSENT, Fate.AMBIGUOUS} else 0
        self.stirred.set()

    def _result(self, task: asyncio.Task[SendResult]) -> SendResult:
        row = self.flying.pop(task)
        if (error := task.exception()) is not None:
            # A screen that can't be rendered: a fault of ours. It is kept as failed, and the others go on.
            metrics.SENDS.labels(Fate.REFUSED).inc()
            log.error("a message could not be said", exc_info=error)
            return SendResult(row, Fate.REFUSED, error=type(error).__name__)
        result = task.result()
        metrics.SENDS.labels(result.fate).inc()
        if result.fate is Fate.HALTED:
            metrics.HALTS.inc()
            log.warning(
                "halted: Telegram asked for a pause of %.0f s (429)",
                result.retry_after,
                extra={"lasts": result.retry_after},
            )
        return result
