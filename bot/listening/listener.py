"""The listener: one update = one unit of work; Telegram is told "received" only after the commit.

Two ways in: our own long polling, whose offset moves only when a whole batch is kept, and the webhook.
Either way a chat's updates are handled in order, and one that can't be handled becomes a dead letter, so that it
never blocks its chat.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeGuard
from weakref import WeakValueDictionary

from telegram.error import Conflict, RetryAfter

from bot.listening.in_hand import AT_ONCE, InHand
from bot.process import metrics
from bot.process.loops import LOOPS, WITHIN
from bot.process.readiness import say_away
from bot.process.stopping import Rounds, done_first, pause
from bot.speaking.sender import Sender, seconds, toast_words
from conversations.people.notices import sorry
from domain.screens import Text
from handlers.chat.tap import Tap
from handlers.telegram.aiogram_lazily import Bot, Dispatcher, Update
from handlers.telegram.reaches import DOOR, reach_of
from handlers.telegram.used_parts import used_parts
from services.outbox import saying
from services.people import updates
from services.work import Begin, DatabaseAway

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
_POLL_SECONDS = 25
_AWAY_WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)
_FLOOR = 0.5  # seconds: the least time of a poll that brings nothing new
_LOOK_AGAIN = 0.02
_LOOK_WHEN_STUCK = 1.0
_HOOK_ANSWER_WITHIN = 0.5
_NUMBERS = 2**63  # what the databases hold; Telegram's own are far smaller
log = logging.getLogger("buurtstem.listener")

Fetch = Callable[[int | None, int], Awaitable[list[dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Press:
    """A button press that still wants its answer."""

    query_id: str
    toast: Text | None
    alert: bool
    language: str


class Listener:
    """Handles updates, each exactly once."""

    def __init__(self, begin: Begin, dispatcher: Dispatcher, bot: Bot, sender: Sender, language: str) -> None:
        """language: in which we say sorry to somebody we don't know yet."""
        self._begin = begin
        self._dispatcher = dispatcher
        self._bot = bot
        self._sender = sender
        self._language = language
        self._chats: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._asides: set[asyncio.Task[object]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)  # more at once would leave the speaker too few turns
        self._stopping = asyncio.Event()
        self._away = False
        self._new = 0  # updates that had not been handled before

    def stop(self) -> None:
        """Finish the updates in hand and stop polling."""
        self._stopping.set()

    async def take(self, raw: dict[str, Any]) -> Press | None:
        """Handle one update, in order with others of its chat. Raises DatabaseAway: nothing was kept."""
        chat = chat_of(raw)
        lock = self._chats.get(chat)
        if lock is None:
            lock = self._chats[chat] = asyncio.Lock()
        async with lock, self._room:  # in this order: what waits for its own chat takes no room from others
            tap = await self._once(raw, chat)
        if tap is None:
            return _bare_press(raw, self._language)
        if tap.listen is not None and tap.resident is not None:
            self._later(self._sender.say_by_ear(chat, tap.resident.language, tap.listen))
        language = tap.resident.language if tap.resident else self._language
        press = _bare_press(raw, language)
        return Press(press.query_id, tap.toast, tap.alert, language) if press else None

    async def _once(self, raw: dict[str, Any], chat: int) -> Tap | None:
        """Handle the update in one unit of work. None when it was handled before or could not be handled."""
        try:
            async with self._begin() as work:
                if not await updates.first_time(work, DOOR, raw["update_id"]):
                    metrics.UPDATES.labels("repeated").inc()
                    return None
                self._new += 1
                tap = Tap(work=work)
                work.after_commit(metrics.UPDATES.labels("handled").inc)
                if (needed := used_parts(raw)) is None:
                    return tap
                update = Update.model_validate(needed, context={"bot": self._bot})
                # Straight to the routers: what aiogram does around them is for bots that keep their states with it.
                await self._dispatcher.propagate_event(update.event_type, update.event, tap=tap)
                if tap.leave:
                    await saying.leave(work, reach_of(chat))
                return tap
        except DatabaseAway:
            raise
        except Exception as error:
            log.exception("an update could not be handled")
            await self._bury(raw, chat, type(error).__name__)
            return None

    async def _bury(self, raw: dict[str, Any], chat: int, error: str) -> None:
        """Keep the update as a dead letter; where it can't be kept as it came, only its number."""
        try:
            await self._keep(raw, chat, error)
        except DatabaseAway:
            raise
        except Exception:
            log.exception("an update could not be kept as it came")
            await self._keep({"update_id": raw["update_id"]}, chat, error)

    async def _keep(self, raw: dict[str, Any], chat: int, error: str) -> None:
        """In a second transaction, keep the update as a dead letter and tell its sender that we are sorry."""
        async with self._begin() as work:
            if not await updates.first_time(work, DOOR, raw["update_id"]):
                return
            await updates.bury(work, raw, reach_of(chat), error)
            work.after_commit(metrics.UPDATES.labels("dead").inc)
            if chat > 0:
                await saying.show(work, reach_of(chat), sorry())

    def _later(self, act: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(act)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    # The webhook

    async def hook(self, raw: dict[str, Any]) -> dict[str, Any] | None:
        """Handle an update of the webhook. Returns the answer to a press if the commit took under 500 ms, else None."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        press = await self.take(raw)
        if press is None:
            return None
        if loop.time() - began > _HOOK_ANSWER_WITHIN:
            self._answer(press)
            return None
        words = toast_words(press.toast, press.language)
        shown = {"text": words, "show_alert": press.alert} if words else {}
        return {"method": "answerCallbackQuery", "callback_query_id": press.query_id, **shown}

    # Long polling

    async def poll(self, fetch: Fetch) -> None:
        """Poll until stopped. fetch(offset, seconds): getUpdates; any error it raises means that Telegram is away."""
        async with asyncio.TaskGroup() as tasks:
            hand = InHand(tasks, chat_of, self._until_kept)
            await self._poll(fetch, hand)
        if self._asides:
            await asyncio.wait(self._asides, timeout=5)

    async def _poll(self, fetch: Fetch, hand: InHand) -> None:
        failed = 0
        async for each in Rounds(self._stopping, _FLOOR):
            LOOPS.turned("listener")
            new, before = self._new, hand.offset
            try:
                batch = await self._fetched(fetch, before, 0 if hand.at_work else _POLL_SECONDS)
            except RetryAfter as error:
                lasts = seconds(error)
                log.warning("halted: Telegram gives no updates for %.0f s (429)", lasts, extra={"lasts": lasts})
                LOOPS.turned("listener", lasts + WITHIN)
                await pause(self._stopping, lasts)
                continue
            except Exception as error:
                if failed == 0:
                    log.warning("%s; I keep trying", _why_no_updates(error))
                failed += 1
                each.floor = _away_wait(failed)
                continue
            if failed:
                log.warning("Telegram is back")
                failed = 0
            hand.add(batch, before)
            await self._until_another_look(hand)
            if self._new != new:  # else the floor holds: the server does not wait, or repeats itself
                each.floor = 0.0
        LOOPS.ended("listener")

    async def _until_another_look(self, hand: InHand) -> None:
        """Wait until all updates in hand are kept, or until more can be fetched: one slow chat must not hold up others.

        Telegram slows down a bot that asks for one offset again and again, so the offset has to move first, or time to
        pass.
        """
        loop, first = asyncio.get_running_loop(), hand.offset
        began = loop.time()
        while hand.at_work:
            LOOPS.turned("listener")
            wait = _LOOK_AGAIN if hand.offset != first else _LOOK_WHEN_STUCK
            rest = wait - (loop.time() - began)
            if rest <= 0 and hand.has_room and not self._away and not self._stopping.is_set():
                return
            await hand.progress(rest if rest > 0 else _LOOK_WHEN_STUCK)

    async def _fetched(self, fetch: Fetch, offset: int | None, seconds: int) -> list[dict[str, Any]]:
        """The next batch; empty when we are to stop. Raises ValueError when it holds only things that are no update."""
        asking = asyncio.ensure_future(fetch(offset, seconds))
        if not await done_first(asking, self._stopping):
            asking.cancel()
            return []
        batch = asking.result()
        if len(known := [raw for raw in batch if is_update(raw)]) < len(batch):
            log.error("Telegram gave %d update(s) without a number", len(batch) - len(known))
            if not known:
                raise ValueError  # with nothing to confirm it comes again at once
        return known

    async def _until_kept(self, raw: dict[str, Any]) -> bool:
        """Handle one update, however long the database is away. False when it is still away when we are to stop."""
        failed = 0
        while True:
            try:
                press = await self.take(raw)
            except DatabaseAway as error:
                LOOPS.turned("listener")
                if failed == 0:
                    say_away(log, error)
                failed += 1
                self._away = True
                if self._stopping.is_set() and failed > 1:
                    # Not kept, so not confirmed either: Telegram brings it again to whoever starts next.
                    return False
                await pause(self._stopping, _away_wait(failed))
            else:
                self._away = False
                if failed:
                    log.warning("the database is back")
                if press is not None:
                    self._answer(press)
                return True

    def _answer(self, press: Press) -> None:
        self._later(self._sender.answer_press(press.query_id, press.toast, press.language, alert=press.alert))


def _away_wait(failed: int) -> float:
    return _AWAY_WAITS[min(failed, len(_AWAY_WAITS)) - 1]


def _why_no_updates(error: Exception) -> str:
    """Why Telegram gives no updates, in one line."""
    if not isinstance(error, Conflict):
        return f"Telegram is away ({type(error).__name__})"
    if "webhook" in error.message.lower():
        return "Telegram gives no updates (409): a webhook is set; another program with this bot's token set it anew"
    return "Telegram gives no updates (409): another program polls with this bot's token; stop all but one"


def is_update(raw: object) -> TypeGuard[dict[str, Any]]:
    """Whether it has a number (update_id). Whatever else is wrong with it, it can be kept as a dead letter."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return isinstance(number, int) and 0 <= number < _NUMBERS


def chat_of(raw: dict[str, Any]) -> int:
    """The chat of an update; of a press, that of the message, else of the presser. 0: it has none, or no known form."""
    try:
        for kind in ("message", "edited_message", "my_chat_member"):
            if kind in raw:
                return int(raw[kind]["chat"]["id"])
        press = raw.get("callback_query")
        if press is not None:
            return int((press.get("message") or {}).get("chat", {}).get("id") or press["from"]["id"])
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError):
        return 0
    return 0


def _bare_press(raw: dict[str, Any], language: str) -> Press | None:
    press = raw.get("callback_query")
    return Press(str(press["id"]), None, False, language) if isinstance(press, dict) and "id" in press else None
