"""The one speaker: takes what is due out of the outbox and says it, at most 8 at once, in order per chat.

One turn is one transaction: it writes down what became of finished sends, takes what is due, and marks what is
about to go as `sending`. So a crash leaves at most 8 sends of which nobody knows whether they arrived.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bot.process.loops import LOOPS
from bot.process.readiness import say_away
from bot.process.stopping import Rounds, pause
from bot.speaking.flight import IN_FLIGHT, Flight
from domain.pace import Pace
from domain.sealing import new_id
from services.outbox.at_once import LEASE, Slot
from services.outbox.saying import MANY
from services.speaking import delivering
from services.speaking.delivering import Sending, SendResult
from services.work import Begin, DatabaseAway, Work

# Of the many fewer: what is in flight when Telegram stands still arrives all at once, on top of their pace.
MANY_IN_FLIGHT = 4
BATCH = 64
_RENEW_EVERY = 2.0
_TAKE_OVER_EVERY = 1.0  # so often is looked for what dead processes left
_STOOD_STILL = LEASE.total_seconds() / 2  # a turn of so long: this process was frozen, or the database
_LOOK_EVERY = 0.25
_QUIET = 1.0  # seconds between two turns when nothing is due, and no other process can have written anything for us
_MANY_GO_ON = 1.0  # seconds after the last of the many in which it is worth looking for each next one in time
_LOOK_AT_ONCE = 0.01  # after something was said; the longer it is quiet, the longer the pauses
_GATHER = 0.005  # sends that land so soon after another are written down together with it
_IN_VAIN = 1.0  # seconds that a turn takes at least while nothing gets through: with 8 in flight, 8 tries a second
_AWAY_WAITS = (0.2, 0.5, 1.0, 2.0)
log = logging.getLogger("buurtstem.speaker")


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
        """Set it up; it says nothing before `run`.

        Args:
            begin: Opens a unit of work.
            send: `Sender.send`.
            alone: No other process can be sending (SQLite).
            pace: How fast it may send.
        """
        self._begin = begin
        self._alone = alone
        self.pace = pace or Pace()
        self.owner = new_id()
        self.flight = Flight(self.owner, send)
        self._bell = asyncio.Event()
        self._queue: list[Sending] = []  # leased, and not yet begun
        self._stopping = asyncio.Event()
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
        self.flight.stirred.set()

    def slot(self, chat_tag: bytes) -> Slot | None:
        """Room for an answer to this chat; None: no room, or another message to it is on its way."""
        if self._stopping.is_set() or self._unsure:
            return None
        return self.flight.slot(chat_tag, self._queue)

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
        flight = self.flight
        flight.open = True
        async for each in Rounds(self._stopping, _LOOK_AT_ONCE):
            wait = await self._with_database(self._turn)
            if not flight.flying and not flight.finished:
                await self._idle(wait)
            if flight.flying:
                await self._landing()
            if flight.in_vain >= IN_FLIGHT:
                each.floor = _IN_VAIN
            elif flight.finished or self._bell.is_set():
                each.floor = 0.0
        await self._with_database(self._close, tries=10)
        LOOPS.ended("speaker")

    async def _recover(self) -> float:
        async with self._begin() as work:
            await delivering.take_over(work, alone=self._alone)
        return 0.0

    async def _settle_apart(self) -> float:
        """Write down each finished send by itself: the one that can't be written down must not hold up the others."""
        finished = self.flight.finished
        while finished:
            result = finished[0]
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
            del finished[0]
        return 0.0

    async def _turn(self) -> float:
        """One transaction of bookkeeping, then the next requests start. Seconds until it is worth looking again."""
        rung = self._bell.is_set()
        self._bell.clear()
        flight, now = self.flight, _now()
        settled = list(flight.finished)  # more may land while this one is at it
        flight.marking = set()
        async with self._begin() as work:
            if self._unsure:
                known = (*self._queue, *flight.rows())
                await delivering.free_unknown(work, self.owner, [row.id for row in known])
            await delivering.settle(work, settled)
            halted, queue = await self._recheck(work)
            taken = [] if halted else await self._take(work, queue, now, rung)
            candidates = flight.next(queue + taken, len(settled))
            flight.marking = {row.chat_tag for row in candidates}
            marked = await delivering.start_sending(work, self.owner, [row.id for row in candidates])
            await self._keep_leases(work, queue, now)
            wait = _LOOK_EVERY if taken or queue or flight.flying else await self._wait(work, now)
            # Last: who claims holds the turn of all processes first, and then waits for the paces that are held here.
            await delivering.count(work, [result.sending for result in settled], self.pace)
        self._unsure = _now() - now > _STOOD_STILL
        del flight.finished[: len(settled)]
        if self._unsure:  # another process may have taken over what we hold: the next turn sees what is left of it
            self._queue.clear()
            return 0.0
        chosen = {row.id for row in candidates}
        self._queue = [row for row in (*queue, *taken) if row.id not in chosen]
        for row in candidates:
            if row.id in marked:
                flight.start(row)
        flight.marking = set()
        return wait

    async def _recheck(self, work: Work) -> tuple[bool, list[Sending]]:
        """Give back what is leased and must wait after all; whether everything must, and what is left of the queue."""
        # The 429 may have been another process's.
        halted = bool(self._queue) and await delivering.halted_for(work) > 0
        again = self.flight.failed_chats()
        held = [row for row in self._queue if halted or row.chat_tag in again]
        await delivering.give_back(work, held)
        return halted, [row for row in self._queue if row not in held]

    async def _take(self, work: Work, queue: list[Sending], now: float, rung: bool) -> list[Sending]:
        """Lease what is due, when it is worth looking for it."""
        looks = rung or self._may_wait or now >= self._look_at
        if not looks or len(queue) >= IN_FLIGHT or self._stopping.is_set():
            return []
        many = MANY_IN_FLIGHT - sum(row.lane == MANY for row in (*queue, *self.flight.flying.values()))
        taken = await delivering.take(work, self.owner, BATCH, self.pace, max(0, many))
        self._spoke = now if taken else self._spoke
        if any(row.lane == MANY for row in taken):
            self._many_at = now
        # What waits behind another message of its chat is not taken: then it is looked for again each time.
        self._may_wait = bool(taken) or await delivering.is_any_waiting(work)
        self._look_at = now + _LOOK_EVERY
        return taken

    async def _keep_leases(self, work: Work, queue: list[Sending], now: float) -> None:
        """Say that this process is alive, and take over what dead ones left."""
        if now - self._renewed > _RENEW_EVERY and (queue or self.flight.flying):
            await delivering.renew(work, self.owner)
            self._renewed = now
        if not self._alone and now >= self._take_over_at:
            await delivering.take_over(work, alone=False)
            self._take_over_at = now + _TAKE_OVER_EVERY

    async def _wait(self, work: Work, now: float) -> float:
        """How long nothing is due: until a halt ends or a row's time comes, and never long."""
        wait = await self._quiet(work)
        self._look_at = min(self._look_at, now + wait)
        return wait

    async def _quiet(self, work: Work) -> float:
        halted = await delivering.halted_for(work)
        if halted:
            return min(halted, 1.0)
        due = await delivering.next_due_in(work)
        if self._alone:
            return min(due, _QUIET) if due is not None else _QUIET
        # Another process may write without a bell for us.
        quiet = _now() - self._spoke
        return min(_LOOK_EVERY, max(_LOOK_AT_ONCE, quiet / 4), due if due is not None else _LOOK_EVERY)

    async def _landing(self) -> None:
        """Wait until a send has landed, or there is something new to say and room for it."""
        flight = self.flight
        # With room, as often as when idle: rows become due, and other processes write some without a bell for us.
        end = _now() + (self._soon(_LOOK_EVERY) if flight.room() > 0 else _RENEW_EVERY)
        while not flight.finished and not (self._bell.is_set() and flight.room() > 0) and (left := end - _now()) > 0:
            flight.stirred.clear()
            await pause(flight.stirred, left)
        if flight.flying and not self._bell.is_set():
            await asyncio.wait(flight.flying, timeout=_GATHER)

    def _soon(self, seconds: float) -> float:
        """No longer than until the next of the many may go, while there are any."""
        gap = self.pace.even_gap.total_seconds()
        return min(seconds, gap) if _now() - self._many_at < _MANY_GO_ON and gap else seconds

    async def _idle(self, seconds: float) -> None:
        self.flight.stirred.clear()
        if not self._bell.is_set():
            await pause(self.flight.stirred, self._soon(seconds))

    async def _close(self) -> float:
        flight = self.flight
        flight.open = False
        if flight.flying:
            await asyncio.wait(flight.flying)
        async with self._begin() as work:
            await delivering.settle(work, flight.finished)
            await delivering.give_back(work, self._queue)
        flight.finished.clear()
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
                self._take_over_at = _now() + LEASE.total_seconds()
                if tries is not None and failed >= tries:
                    return 0.0
                await asyncio.sleep(_AWAY_WAITS[min(failed, len(_AWAY_WAITS)) - 1])
            else:
                if failed:
                    log.warning("the database is back")
                return result


def _now() -> float:
    return asyncio.get_running_loop().time()
