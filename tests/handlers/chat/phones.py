"""Phones for tests of the handlers: updates go in as Telegram sends them, the outbox comes out as a chat."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Protocol

from conversations.engine.facts import Deployment
from domain.pace import Pace
from domain.reach import Reach
from domain.screens import Screen
from domain.sealing import KeyRing, new_key
from handlers.chat.entrance import Entrance
from handlers.chat.tap import Tap
from handlers.subjects import DEEDS, ENDINGS
from handlers.telegram import routers
from handlers.telegram.aiogram_lazily import Bot, Dispatcher, Update
from handlers.telegram.reaches import DOOR, reach_of
from handlers.telegram.render import Rendered, render
from handlers.telegram.used_parts import used_parts
from services.outbox.envelopes import Envelope
from services.people import updates
from services.signals import following
from services.speaking import delivering
from services.speaking.delivering import Fate, SendResult
from storage.engine.database import Database
from tests.ticks import tick

DEPLOYMENT = Deployment("Stichting Voorbeeld", "020 555 0100")
_TOKEN = "424242:for-tests-only"


@dataclass
class Message:
    """What stands on a phone: a screen and how it is shown."""

    id: int
    screen: Screen
    shown: Rendered

    @property
    def text(self) -> str:
        """The text as it is read, without markup."""
        return html.unescape(re.sub(r"</?[a-z]+>", "", self.shown.html))

    @property
    def buttons(self) -> dict[str, str]:
        """Label -> what the button sends."""
        return {button["text"]: button.get("callback_data", "") for row in self.shown.keyboard for button in row}


class Receiver(Protocol):
    """What the bench says something to: a phone, at any door."""

    def receives(self, envelope: Envelope, language: str) -> int | None:
        """Something is said; the number of the message that stands there then."""


@dataclass
class Bench:
    """The handlers on a database, without network: `now` can be moved; while `silent`, what is to be said waits."""

    database: Database
    dispatcher: Dispatcher
    bot: Bot
    entrance: Entrance
    now: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    phones: dict[Reach, Receiver] = field(default_factory=dict)
    ids: Any = field(default_factory=lambda: count(1000))
    silent: bool = False

    async def take(self, update: dict[str, Any]) -> Tap:
        """One update in one unit of work, and everything that is then to be said."""
        async with self.database.begin() as work:
            tap, number = Tap(work=work), next(self.ids)
            await updates.first_time(work, DOOR, number)
            if (needed := used_parts({"update_id": number, **update})) is not None:
                parsed = Update.model_validate(needed, context={"bot": self.bot})
                await self.dispatcher.propagate_event(parsed.event_type, parsed.event, tap=tap)
        await self.answer()
        return tap

    async def answer(self) -> None:
        """Say what is to be said now, unless it is to wait."""
        if not self.silent:
            await self.speak()
            for name in ("lines_are_to_be_cut", "cuts_are_to_be_told"):
                await tick(self.database, name)
            await self.speak()

    async def speak(self) -> None:
        """Say what stands in the outbox."""
        async with self.database.begin() as work:
            while rows := await delivering.take(work, "test", 50, Pace(1000, timedelta(0), timedelta(0))):
                results = []
                for row in rows:
                    phone = self.phones[row.envelope.to]
                    results.append(SendResult(row, Fate.SAID, phone.receives(row.envelope, row.language or "nl")))
                await delivering.settle(work, results)

    def phone(self, number: int = 1, language_code: str | None = "nl") -> Phone:
        """A new resident's phone."""
        phone = Phone(self, 700_000_000 + number, language_code)
        self.phones[phone.reach] = phone
        return phone


@dataclass
class Phone:
    """A resident's phone. `messages` are the bot's; `removed` those it had removed; `answers` counts all it did.

    pictures: the photo of each message that has one; such a message can't become one without, nor the other way round.
    """

    bench: Bench
    chat: int
    language_code: str | None
    messages: list[Message] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    toasts: list[str] = field(default_factory=list)
    answers: int = 0
    pictures: dict[int, bytes] = field(default_factory=dict)

    @property
    def reach(self) -> Reach:
        """Where they are answered."""
        return reach_of(self.chat)

    @property
    def text(self) -> str:
        """The text of the newest message."""
        return self.last.text

    @property
    def buttons(self) -> dict[str, str]:
        """The buttons of the newest message."""
        return self.last.buttons

    @property
    def last(self) -> Message:
        """The newest message of the bot."""
        return self.messages[-1]

    def receives(self, envelope: Envelope, language: str) -> int | None:
        """Something is said: a new message, a change of one, or a removal."""
        self.answers += 1
        self.removed.update(envelope.delete)
        if envelope.screen is None:
            return None
        shown = render(envelope.screen, language)
        message = next((one for one in self.messages if one.id == envelope.edit), None)
        fits = message is not None and (message.id in self.pictures) == (envelope.picture is not None)
        if message is not None and fits and not shown.share_location:
            message.screen, message.shown = envelope.screen, shown
            return message.id
        self.messages.append(Message(next(self.bench.ids), envelope.screen, shown))
        if envelope.picture is not None:
            self.pictures[self.last.id] = envelope.picture
        return self.last.id

    async def says(self, text: str) -> int:
        """Types a text; its message_id."""
        return await self.sends(text=text)

    async def sends(self, **content: Any) -> int:
        """Sends any kind of message; its message_id."""
        message = self._message(next(self.bench.ids)) | content
        await self.bench.take({"message": message})
        number: int = message["message_id"]
        return number

    async def corrects(self, message_id: int, text: str) -> None:
        """Changes a message that was sent."""
        edited = self._message(message_id) | {"text": text, "edit_date": self._seconds()}
        await self.bench.take({"edited_message": edited})

    async def taps(self, label: str, on: Message | None = None) -> Tap:
        """Presses the button whose label holds `label`, on the newest message or on another one."""
        message = on or self.last
        found = [data for text, data in message.buttons.items() if label in text]
        assert found, f"no button {label!r} among {list(message.buttons)}"
        return await self.presses(found[0], message.id)

    async def presses(self, data: str, message_id: int) -> Tap:
        """Sends a press with this data, as a hostile client could."""
        message = self._message(message_id) | {"text": "…", "from": {"id": 42, "is_bot": True, "first_name": "Bot"}}
        query = {"id": str(next(self.bench.ids)), "from": self._person(), "chat_instance": "1", "data": data}
        tap = await self.bench.take({"callback_query": query | {"message": message}})
        if tap.toast is not None:
            self.toasts.append(tap.toast.key)
        return tap

    async def arrives(self) -> None:
        """Past language and warning, to the main menu."""
        await self.says("/start")
        await self.presses("g:language:nl", self.last.id)
        await self.presses("g:accept:", self.last.id)

    async def signals(self) -> list[str]:
        """The ids of the resident's own signals."""
        async with self.bench.database.reading() as work:
            return [brief.signal_id for brief in await following.mine(work, self.reach)]

    def _message(self, number: int) -> dict[str, Any]:
        chat = {"id": self.chat, "type": "private", "first_name": "Bewoner"}
        return {"message_id": number, "date": self._seconds(), "chat": chat, "from": self._person()}

    def _person(self) -> dict[str, Any]:
        person = {"id": self.chat, "is_bot": False, "first_name": "Bewoner"}
        return person | ({"language_code": self.language_code} if self.language_code else {})

    def _seconds(self) -> int:
        return int(self.bench.now.timestamp())


@asynccontextmanager
async def open_bench(url: str, deployment: Deployment = DEPLOYMENT) -> AsyncIterator[Bench]:
    """The handlers on this database."""
    bench: list[Bench] = []
    database = Database(url, KeyRing({1: new_key()}, new_key()), lambda: bench[0].now)
    dispatcher = Dispatcher(disable_fsm=True)
    entrance = Entrance(deployment, DEEDS, ENDINGS)
    for router in routers(entrance):
        dispatcher.include_router(router)
    bench.append(Bench(database, dispatcher, Bot(_TOKEN), entrance))
    try:
        yield bench[0]
    finally:
        await database.close()
