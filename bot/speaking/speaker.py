"""The one speaker: takes what is due out of the outbox and says it, at most 8 at once, in order per chat.

One turn is one transaction: it writes down what became of finished sends, takes what is due, and marks what is
about to go as `sending`. So a crash leaves at most 8 sends of which nobody knows whether they arrived.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.process import metrics
from bot.process.loops import LOOPS
from bot.process.readiness import say_away
from bot.process.stopping import Rounds, pause
from domain.pace import Pace
from domain.sealing import new_id
from services.outbox.at_once import LEASE
from services.outbox.envelopes import Envelope
from services.outbox.saying import ANSWER, MANY
from services.speaking import delivering
from services.speaking.delivering import Fate, Sending, SendResult
from services.work import Begin, DatabaseAway, Work

IN_FLIGHT = 8
# Of the many fewer: what is in flight when Telegram stands still arrives all at once, on top of their pace.
MANY_IN_FLIGHT = 4
BATCH = 64
_RENEW_EVERY = 2.0
_TAKE_OVER_EVERY = 1.0  # so often is looked for what dead processes left
_STOOD_STILL = LEASE.total_seconds() / 2  # a turn of so long: this process was frozen, or the database
_LOOK_EVERY = 0.25
_MANY_GO_ON = 1.0  # seconds after the last of the many in which it is worth looking for each next one in time
_LOOK_AT_ONCE = 0.01  # after something was said; the longer it is quiet, the longer the pauses
_GATHER = 0.005  # sends that land so soon after another are written down together with it
_IN_VAIN = 1.0  # seconds that a turn takes at least while nothing gets through: with 8 in flight, 8 tries a second
_TRIED_AGAIN = frozenset({Fate.UNSENT, Fate.AMBIGUOUS, Fate.HALTED})
_AWAY_WAITS = (0.2, 0.5, 1.0, 2.0)
log = logging.getLogger("buurtstem.speaker")


class _Slot:
    """Room for one answer that is said at once; see services/outbox/at_once.py."""

    def __init__(self, speaker: Speaker, chat_tag: bytes, landed: int) -> None:
        self.chat_tag, self.landed = chat_tag, landed
        self.row: Sending | None = None
        self._speaker = speaker

    def hold(self, row_id: int, envelope: Envelope, language: str) -> None:
        self.row = Sending(
            row_id, self.chat_tag, ANSWER, 0, envelope, envelope.language or language, self._speaker.owner, at_once=True
        )

    def say(self) -> None:
        self.free()
        if self.row is not None:
            self._speaker.start(self.row)

    def free(self) -> None:
        self._speaker.slots.discard(self)


class Speaker:
    """Says what stands in the outbox until it is stopped."""

    def __init__(
        self,
        begin: Begin,
        send: Callable[[Sending], Coroutine[Any, Any, SendResult]],
        *,
        alone: bool,
        pace: Pace | None = None,
    ) -> None:
        """begin: opens a unit of work · send: `Sender.send` · alone: no other process can be sending (SQLite)."""
        self._begin = begin
        self._send = send
        self._alone = alone
        self.pace = pace or Pace()
        self.owner = new_id()
        self.slots: set[_Slot] = set()
        self._marking: set[bytes] = set()  # chats whose rows are being marked at this moment
        self._bell = asyncio.Event()
        self._stirred = asyncio.Event()  # by the bell, by what was begun at once, and by what has landed
        self._queue: list[Sending] = []
        self._flying: dict[asyncio.Task[SendResult], Sending] = {}
        self._finished: list[SendResult] = []
        self._in_vain = 0  # sends in a row that did not get through
        self._stopping = asyncio.Event()
        self._speaks = False
        self._renewed = 0.0
        self._take_over_at = 0.0
        self._many_at = -_MANY_GO_ON
        self._may_wait = True  # whether the last look left something that waits
        self._look_at = 0.0  # others may write without a bell for us
        self._spoke = 0.0
        self._recovered = False
        self._unsure = False  # whether rows may be ours of which we don't know: the answer to a commit was lost

    def ring(self) -> None:
        """Something new stands in the outbox."""
        self._bell.set()
        self._stirred.set()

    def slot(self, chat_tag: bytes) -> _Slot | None:
        """Room for an answer to this chat; None: no room, or another message to it is on its way."""
        landed = [result.sending for result in self._finished if result.sending.chat_tag == chat_tag]
        may = self._speaks and not (self._stopping.is_set() or self._unsure or self._in_vain)
        if not may or self._room() < 1 or len(landed) > 1:
            return None
        busy = {row.chat_tag for row in (*self._queue, *self._flying.values())} | self._marking
        if chat_tag in busy or any(one.chat_tag == chat_tag for one in self.slots):
            return None
        one = _Slot(self, chat_tag, landed[0].id if landed else 0)
        self.slots.add(one)
        return one

    def start(self, row: Sending) -> None:
        """Say a row that is marked as being sent. After our end it stays as it is, for whoever takes it over."""
        if self._speaks:
            task = asyncio.create_task(self._send(row))
            self._flying[task] = row
            task.add_done_callback(self._has_landed)
            self._stirred.set()

    def _room(self) -> int:
        """How many more may be marked as being sent: so many may be said twice after a crash."""
        return IN_FLIGHT - len(self._flying) - len(self._finished) - len(self.slots) - len(self._marking)

    def stop(self) -> None:
        """Finish what is in flight and stop."""
        self._stopping.set()
        self.ring()

    async def run(self) -> None:
        """Speak until stopped; may be run again after it raised. A database that is away is waited for, said once."""
        if not self._recovered:
            await self._with_database(self._recover)
            self._recovered = True
        else:  # what is in flight goes on: only rows of which we know nothing are freed
            self._unsure = True
            await self._with_database(self._settle_apart)
        self._speaks = True
        async for each in Rounds(self._stopping, _LOOK_AT_ONCE):
            wait = await self._with_database(self._turn)
            if not self._flying and not self._finished:
                await self._idle(wait)
            if self._flying:
                await self._landing()
            if self._in_vain >= IN_FLIGHT:
                each.floor = _IN_VAIN
            elif self._finished or self._bell.is_set():
                each.floor = 0.0
        await self._with_database(self._close, tries=10)
        LOOPS.ended("speaker")

    async def _recover(self) -> float:
        async with self._begin() as work:
            await delivering.take_over(work, alone=self._alone)
        return 0.0

    async def _settle_apart(self) -> float:
        """Write down each finished send by itself: the one that can't be written down must not hold up the others."""
        while self._finished:
            result = self._finished[0]
            try:
                async with self._begin() as work:
                    await delivering.settle(work, [result])
                    await delivering.count(work, [result.sending], self.pace)
            except DatabaseAway:
                raise
            except Exception as error:
                log.error("what became of a message could not be written down", exc_info=error)
                async with self._begin() as work:
                    await delivering.give_up(work, result.sending, type(error).__name__)
            del self._finished[0]
        return 0.0

    async def _turn(self) -> float:
        """One transaction of bookkeeping, then the next requests start. Seconds until it is worth looking again."""
        rung = self._bell.is_set()
        self._bell.clear()
        now = asyncio.get_running_loop().time()
        wait = _LOOK_EVERY
        settled = list(self._finished)  # more may land while this one is at it
        self._marking = set()
        async with self._begin() as work:
            if self._unsure:
                known = [*self._queue, *self._flying.values(), *(result.sending for result in self._finished)]
                known += [one.row for one in self.slots if one.row]
                await delivering.free_unknown(work, self.owner, [row.id for row in known])
            await delivering.settle(work, settled)
            # The 429 may have been another process's.
            halted = bool(self._queue) and await delivering.halted_for(work) > 0
            held = self._held(halted)
            queue = [row for row in self._queue if row not in held]
            await delivering.give_back(work, held)
            taken: list[Sending] = []
            looks = rung or self._may_wait or now >= self._look_at
            if looks and not halted and len(queue) < IN_FLIGHT and not self._stopping.is_set():
                many = MANY_IN_FLIGHT - sum(row.lane == MANY for row in (*queue, *self._flying.values()))
                taken = await delivering.take(work, self.owner, BATCH, self.pace, max(0, many))
                self._spoke = now if taken else self._spoke
                # What waits behind another message of its chat is not taken: then it is looked for again each time.
                self._may_wait = bool(taken) or await delivering.is_any_waiting(work)
                self._look_at = now + _LOOK_EVERY
            candidates = self._next(queue + taken, len(settled))
            self._marking = {row.chat_tag for row in candidates}
            marked = await delivering.start_sending(work, self.owner, [row.id for row in candidates])
            if now - self._renewed > _RENEW_EVERY and (queue or self._flying):
                await delivering.renew(work, self.owner)
                self._renewed = now
            if not self._alone and now >= self._take_over_at:
                await delivering.take_over(work, alone=False)
                self._take_over_at = now + _TAKE_OVER_EVERY
            if not taken and not queue and not self._flying:
                wait = await self._wait(work)
                self._look_at = min(self._look_at, now + wait)
            # Last: who claims holds the turn of all processes first, and then waits for the paces that are held here.
            await delivering.count(work, [result.sending for result in settled], self.pace)
        self._unsure = asyncio.get_running_loop().time() - now > _STOOD_STILL
        del self._finished[: len(settled)]
        if self._unsure:  # another process may have taken over what we hold: the next turn sees what is left of it
            self._queue.clear()
            return 0.0
        if any(row.lane == MANY for row in taken):
            self._many_at = now
        chosen = {row.id for row in candidates}
        self._queue = [row for row in (*queue, *taken) if row.id not in chosen]
        for row in candidates:
            if row.id in marked:
                self.start(row)
        self._marking = set()
        return wait

    async def _wait(self, work: Work) -> float:
        """How long nothing is due: until a halt ends or a row's time comes, and never long."""
        halted = await delivering.halted_for(work)
        if halted:
            return min(halted, 1.0)
        due = await delivering.next_due_in(work)
        if self._alone:
            return min(due, _LOOK_EVERY * 4) if due is not None else _LOOK_EVERY * 4
        # Another process may write without a bell for us.
        quiet = asyncio.get_running_loop().time() - self._spoke
        return min(_LOOK_EVERY, max(_LOOK_AT_ONCE, quiet / 4), due if due is not None else _LOOK_EVERY)

    def _held(self, halted: bool) -> list[Sending]:
        """What is leased and must wait after all: everything in a halt, or a chat whose former message failed."""
        again = {result.sending.chat_tag for result in self._finished if result.fate in _TRIED_AGAIN}
        return [row for row in self._queue if halted or row.chat_tag in again]

    def _next(self, rows: list[Sending], settled: int) -> list[Sending]:
        """The rows that may start now: the first of each chat that has none in flight, as many as there is room.

        settled: so many that have landed are written down in the same transaction.
        """
        room = self._room() + settled
        busy = {row.chat_tag for row in self._flying.values()} | {one.chat_tag for one in self.slots}
        chosen: list[Sending] = []
        for row in rows:
            if len(chosen) >= room:
                break
            if row.chat_tag not in busy:
                chosen.append(row)
            busy.add(row.chat_tag)
        return chosen

    async def _landing(self) -> None:
        """Wait until a send has landed, or there is something new to say and room for it."""
        loop = asyncio.get_running_loop()
        # With room, as often as when idle: rows become due, and other processes write some without a bell for us.
        end = loop.time() + (self._soon(_LOOK_EVERY) if self._room() > 0 else _RENEW_EVERY)
        while not self._finished and not (self._bell.is_set() and self._room() > 0) and (left := end - loop.time()) > 0:
            self._stirred.clear()
            await pause(self._stirred, left)
        if self._flying and not self._bell.is_set():
            await asyncio.wait(self._flying, timeout=_GATHER)

    def _has_landed(self, task: asyncio.Task[SendResult]) -> None:
        result = self._landed(task)
        self._finished.append(result)
        self._in_vain = self._in_vain + 1 if result.fate in {Fate.UNSENT, Fate.AMBIGUOUS} else 0
        self._stirred.set()

    def _soon(self, seconds: float) -> float:
        """No longer than until the next of the many may go, while there are any."""
        gap = self.pace.even_gap.total_seconds()
        going_on = asyncio.get_running_loop().time() - self._many_at < _MANY_GO_ON
        return min(seconds, gap) if going_on and gap else seconds

    def _landed(self, task: asyncio.Task[SendResult]) -> SendResult:
        row = self._flying.pop(task)
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

    async def _idle(self, seconds: float) -> None:
        self._stirred.clear()
        if not self._bell.is_set():
            await pause(self._stirred, self._soon(seconds))

    async def _close(self) -> float:
        self._speaks = False
        if self._flying:
            await asyncio.wait(self._flying)
        async with self._begin() as work:
            await delivering.settle(work, self._finished)
            await delivering.give_back(work, self._queue)
        self._finished.clear()
        self._queue.clear()
        return 0.0

    async def _with_database(self, act: Callable[[], Awaitable[float]], tries: int | None = None) -> float:
        """Do `act`, again and again while the database is away."""
        failed = 0
        while True:
            LOOPS.turned("speaker")
            try:
                result = await act()
            except DatabaseAway as error:
                if failed == 0:
                    say_away(log, error)
                failed += 1
                self._unsure = True
                # The others were away too: their leases ran out, and they still know what they sent.
                self._take_over_at = asyncio.get_running_loop().time() + LEASE.total_seconds()
                if tries is not None and failed >= tries:
                    return 0.0
                await asyncio.sleep(_AWAY_WAITS[min(failed, len(_AWAY_WAITS)) - 1])
            else:
                if failed:
                    log.warning("the database is back")
                return result
