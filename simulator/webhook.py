"""Delivery to a webhook: one queue per chat, retries with growing pauses, the secret, the method in the answer."""

import asyncio
import heapq
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import aiohttp

from simulator.knobs import Knobs
from simulator.people import Json
from simulator.updates import Queue, Update, UpdateQueue

ANSWER_SECONDS = 60.0
LONGEST_PAUSE = 60  # seconds; the cap is random between this and twice this
LONGEST_RETRY_AFTER = 3600
GONE_SECONDS = 23 * 3600


@dataclass
class Webhook:
    """One bot's webhook. Source of the rules: WebhookActor.cpp of tdlib/telegram-bot-api."""

    knobs: Knobs
    updates: UpdateQueue
    url: str
    secret: str
    max_connections: int
    answer_with: Callable[[Json], None]  # carries out a method found in an answer
    closed: Callable[[], None]  # 410 for too long: Telegram gives up
    last_error: tuple[int, str] | None = None
    _succeeded: bool = False
    _in_flight: int = 0
    _gone_since: float | None = None
    _queues: dict[Queue, deque[Update]] = field(default_factory=dict)
    _ready: list[tuple[float, int, Queue]] = field(default_factory=list)  # heap: wake_at, update id, queue
    _disorder: list[tuple[float, int, Update]] = field(default_factory=list)  # heap of copies, under Chaos
    _made: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self) -> None:
        """Deliver the updates that wait and those to come; a new webhook knows nothing of former failures."""
        now = self.knobs.clock.now()
        for update in self.updates.pending.values():
            update.fails, update.delay, update.wake_at = 0, 1, now
            self._take(update)
        self.updates.on_new = self._take
        self.knobs.clock.on_move(self._wake.set)
        self._spawn(self._deliver())

    def stop(self) -> None:
        """End the deliveries; those under way are cut off."""
        self.updates.on_new = None
        self.knobs.clock.forget(self._wake.set)
        for task in list(self._tasks):
            task.cancel()

    def retry(self) -> None:
        """Send the updates that wait for their next try at once, as if their pause were over."""
        now = self.knobs.clock.now()
        self._ready = [(min(wake_at, now), number, queue) for wake_at, number, queue in self._ready]
        heapq.heapify(self._ready)
        self._wake.set()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take(self, update: Update) -> None:
        chaos = self.knobs.chaos
        self._made += 1
        if chaos is not None:
            for copy in range(chaos.copies()):
                heapq.heappush(self._disorder, (chaos.place(self._made), self._made * 100 + copy, update))
        else:
            queue = self._queues.setdefault(update.queue, deque())
            queue.append(update)
            if len(queue) == 1:
                heapq.heappush(self._ready, (update.wake_at, update.id, update.queue))
        self._wake.set()

    async def _deliver(self) -> None:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            auto_decompress=False,
        ) as session:  # fmt: skip
            while True:
                self._wake.clear()
                pause = self._send_ready(session)
                try:
                    await asyncio.wait_for(self._wake.wait(), pause)
                except TimeoutError:
                    continue

    def _send_ready(self, session: aiohttp.ClientSession) -> float | None:
        """Start every delivery that may go now; returns the seconds until the next, None when only an event tells."""
        while self._in_flight < (self.max_connections if self._succeeded else 1):
            now = self.knobs.clock.now()
            if self._disorder:
                _, _, update = heapq.heappop(self._disorder)
                self._start(session, update, self._after_copy)
            elif self._ready and self._ready[0][0] <= now:
                _, _, queue = heapq.heappop(self._ready)
                self._start(session, self._queues[queue][0], partial(self._after_turn, queue))
            elif self._ready:
                return self.knobs.clock.longest_sleep(self._ready[0][0] - now)
            else:
                return None
        return None

    def _start(
        self, session: aiohttp.ClientSession, update: Update, then: Callable[[Update, int | None], None]
    ) -> None:
        self._in_flight += 1
        self._spawn(self._send(session, update, then))

    async def _send(
        self, session: aiohttp.ClientSession, update: Update, then: Callable[[Update, int | None], None]
    ) -> None:
        """One delivery. `then` is told None for success, else the Retry-After in seconds (0 when there was none)."""
        retry_after: int | None = 0
        if update.expires_at < self.knobs.clock.now():
            self.updates.expire(update)
            retry_after = None
        else:
            try:
                retry_after = await self._post(session, update)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                self._failed(f"Webhook connection closed: {type(error).__name__}")
        self._in_flight -= 1
        then(update, retry_after)
        self._wake.set()

    async def _post(self, session: aiohttp.ClientSession, update: Update) -> int | None:
        headers = {"Content-Type": "application/json"}
        if self.secret and "no_secret_header" not in self.knobs.breakages:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.secret
        self.updates.sent(update)
        async with session.post(self.url, data=update.body, headers=headers, allow_redirects=False) as answer:
            body = await answer.read()
            if 200 <= answer.status <= 299:
                self._succeeded, self._gone_since = True, None
                self._carry_out(body, answer.content_type)
                return None
            self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
            self._watch_gone(answer.status)
            return min(_seconds(answer.headers.get("Retry-After", "")), LONGEST_RETRY_AFTER)

    def _carry_out(self, body: bytes, content_type: str) -> None:
        """Carry out the method in an answer, if there is one; its result is thrown away."""
        if not body:
            return
        try:
            if content_type == "application/x-www-form-urlencoded":
                params: Any = dict(parse_qsl(body.decode()))
            else:
                params = json.loads(body)
        except ValueError:
            return
        if isinstance(params, dict) and isinstance(params.get("method"), str):
            self.answer_with(params)

    def _after_copy(self, update: Update, retry_after: int | None) -> None:
        if retry_after is None or "no_redelivery" in self.knobs.breakages:
            self.updates.accept(update)
        elif not update.accepted and ("again", update.id) not in self._queues and self._later(update, retry_after):
            again = ("again", update.id)
            self._queues[again] = deque([update])
            heapq.heappush(self._ready, (update.wake_at, update.id, again))

    def _after_turn(self, name: Queue, update: Update, retry_after: int | None) -> None:
        """The queue goes on with its next update only when this one was accepted or dropped."""
        if retry_after is None or "no_redelivery" in self.knobs.breakages:
            self.updates.accept(update)
        elif not self._later(update, retry_after):
            self.updates.expire(update)
        else:
            heapq.heappush(self._ready, (update.wake_at, update.id, name))
            return
        queue = self._queues[name]
        queue.popleft()
        if queue:
            heapq.heappush(self._ready, (queue[0].wake_at, queue[0].id, name))
        else:
            del self._queues[name]

    def _later(self, update: Update, retry_after: int) -> bool:
        """Set when an update goes out again: at once, then after 2, 4, 8 … s; False when it will be expired by then."""
        pause = retry_after
        if retry_after == 0 and update.fails > 0:
            update.delay = min(random.randint(LONGEST_PAUSE, 2 * LONGEST_PAUSE), update.delay * 2)
            pause = update.delay
        update.fails += 1
        update.wake_at = self.knobs.clock.now() + pause
        self.updates.failed(update, pause)
        return update.wake_at <= update.expires_at

    def _failed(self, reason: str) -> None:
        self.last_error = (int(self.knobs.clock.now()), reason)

    def _watch_gone(self, status: int) -> None:
        """410 for more than 23 hours removes the webhook."""
        now = self.knobs.clock.now()
        if status != 410:
            self._gone_since = None
        elif self._gone_since is None:
            self._gone_since = now
        elif now - self._gone_since > GONE_SECONDS:
            self.closed()


def _seconds(header: str) -> int:
    return int(header) if header.isdigit() else 0
