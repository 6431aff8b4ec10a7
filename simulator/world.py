"""Everything the simulator remembers, in one place and only in memory."""

import random
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.clock import Clock
from simulator.contract import Contract
from simulator.errors import Misused, Refused
from simulator.files import FileStore
from simulator.knobs import Knobs
from simulator.ledger import Ledger
from simulator.pace import Pace, Thresholds
from simulator.people import Chat, Group, Json, Message, News, Resident
from simulator.updates import UpdateQueue
from simulator.webhook import Webhook

TOKEN = re.compile(r"(\d{1,16}):([A-Za-z0-9_-]+)")


@dataclass(slots=True)
class Press:
    """A callback query that waits for its answer."""

    chat_id: int
    expires_at: float


@dataclass(slots=True)
class Bot:
    """One bot, made when its token is first used."""

    id: int
    token: str
    updates: UpdateQueue
    pace: Pace = field(default_factory=Pace)
    chats: dict[int, Chat] = field(default_factory=dict)
    presses: OrderedDict[str, Press] = field(default_factory=OrderedDict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)  # (scope, language) -> commands
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    last_message_id: int = 0
    webhook: Webhook | None = None
    next_webhook_at: float = 0.0  # monotonic
    poll: Any = None  # the getUpdates that waits now: listening.Poll
    last_poll: tuple[int, float] = (-1, -1e9)  # its offset and (monotonic) moment

    @property
    def username(self) -> str:
        """The bot's user name, made from its id; a real one is chosen at BotFather."""
        return f"local_{self.id}_bot"

    def shown_name(self, language: str | None) -> str:
        """The name on a phone with that language."""
        return self.names.get((language or "").split("-")[0]) or self.names.get("", "Bot")

    def as_user(self) -> Json:
        """The Bot API's User."""
        return {"id": self.id, "is_bot": True, "first_name": self.names.get("", "Bot"), "username": self.username}

    def new_message(self, chat: Chat, sender: Json, content: Json, date: float, markup: Json | None = None) -> Message:
        """Put a new message into a chat, with the bot's next number."""
        self.last_message_id += 1
        message = Message(self.last_message_id, sender, sender["id"] == self.id, int(date), content, markup)
        chat.put(message)
        return message


class World:
    """Residents, groups, bots, files and the knobs that tests turn."""

    def __init__(self, clock: Clock, contract: Contract | None, thresholds: Thresholds) -> None:
        self.clock = clock
        self.contract = contract
        self._first_thresholds = thresholds
        self.news = News()
        self._empty()

    def _empty(self) -> None:
        self.ledger = Ledger(self.clock.now)
        self.knobs = Knobs(self.clock, self._first_thresholds)
        self.residents: dict[int, Resident] = {}
        self.groups: dict[int, Group] = {}
        self.bots: dict[int, Bot] = {}
        self.files = FileStore()
        self.waiting: list[Callable[[Bot], object]] = []  # what residents did before any bot was there

    def reset(self) -> None:
        """Forget everything, and wake all requests that wait."""
        for bot in self.bots.values():
            if bot.webhook is not None:
                bot.webhook.stop()
            if bot.poll is not None:
                bot.poll.ended_by = "the local Telegram was reset"
                bot.updates.arrived.set()
            for chat in bot.chats.values():
                chat.changed()
        self.clock.move(0.0)
        self._empty()

    def bot(self, token: str) -> Bot:
        """The bot of a token, made on first use. Raises Refused: 404 for no token, 401 for a known id, wrong secret."""
        match = TOKEN.fullmatch(token)
        if match is None:
            raise Refused(404, "")
        bot = self.bots.get(int(match[1]))
        if bot is None:
            bot = Bot(int(match[1]), token, UpdateQueue(self.clock.now, self.ledger))
            bot.last_message_id = random.randrange(1000)
            self.bots[bot.id] = bot
            waiting, self.waiting = self.waiting, []
            for act in waiting:
                act(bot)
        elif not secrets.compare_digest(bot.token, token):
            raise Refused(401, "")
        return bot

    def only_bot(self, wish: Any = None) -> Bot | None:
        """The bot a resident means: by id or token prefix, or the only one; None when there is none yet.

        Raises Misused when it names no bot, or none of several.
        """
        if wish is None:
            if len(self.bots) > 1:
                raise Misused('several bots: name one in "bot"')
            return next(iter(self.bots.values()), None)
        for bot in self.bots.values():
            if bot.id == wish or bot.token.startswith(str(wish)):
                return bot
        raise Misused(f"no bot {wish!r}")

    def resident(self, resident_id: Any) -> Resident:
        """The resident with this id. Raises Misused when there is none."""
        resident = self.residents.get(resident_id)
        if resident is None:
            raise Misused(f"no resident {resident_id}")
        return resident

    def add_resident(self, name: str | None, language_code: str | None, resident_id: int | None) -> Resident:
        """A new resident; adding an id again changes the name and the language of that phone."""
        if resident_id is not None and resident_id in self.residents:
            resident = self.residents[resident_id]
            resident.first_name = name or resident.first_name
            resident.language_code = language_code
            self.news.bump()
            return resident
        chosen = resident_id or random.randrange(10**8, 9 * 10**9)
        resident = Resident(chosen, name or f"Resident {len(self.residents) + 1}", language_code)
        self.residents[resident.id] = resident
        self.news.bump()
        return resident

    def chat(self, bot: Bot, chat_id: int) -> Chat | None:
        """The bot's chat with that resident or group, or None when there is no such person or group."""
        chat = bot.chats.get(chat_id)
        if chat is None:
            owner = self.residents.get(chat_id) or self.groups.get(chat_id)
            if owner is None:
                return None
            chat = bot.chats[chat_id] = Chat(chat_id, owner, self.news)
        return chat
