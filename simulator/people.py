"""Residents and groups, and their chats with messages. Plain records."""

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MESSAGES_KEPT = 500  # in each chat
TOASTS_KEPT = 50


@dataclass(slots=True)
class Resident:
    """A person with a phone. `language_code` None: the app does not tell its language."""

    id: int
    first_name: str
    language_code: str | None = None
    deactivated: bool = False

    def as_user(self) -> Json:
        """The Bot API's User."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.language_code:
            user["language_code"] = self.language_code
        return user

    def as_chat(self) -> Json:
        """The Bot API's private Chat."""
        return {"id": self.id, "first_name": self.first_name, "type": "private"}


@dataclass(slots=True)
class Group:
    """A group chat; `migrated_to` is the id of the supergroup it became."""

    id: int
    title: str
    kind: str = "group"
    migrated_to: int | None = None
    status: dict[int, str] = field(default_factory=dict)  # bot id -> member, left, kicked

    def as_chat(self) -> Json:
        """The Bot API's group Chat."""
        return {"id": self.id, "title": self.title, "type": self.kind}


@dataclass(slots=True)
class Message:
    """One message; `content` holds the Bot API's own fields (text, entities, photo …)."""

    message_id: int
    sender: Json
    from_bot: bool
    date: int
    content: Json
    markup: Json | None = None
    edit_date: int | None = None
    deleted: bool = False

    def as_json(self, chat: Json) -> Json:
        """The Bot API's Message."""
        message = {"message_id": self.message_id, "from": self.sender, "chat": chat, "date": self.date, **self.content}
        if self.edit_date:
            message["edit_date"] = self.edit_date
        if self.markup:
            message["reply_markup"] = self.markup
        return message


@dataclass(slots=True)
class News:
    """A counter of changes: every change raises `version` and wakes all who wait."""

    version: int = 1
    waiters: set[asyncio.Future[None]] = field(default_factory=set)

    def bump(self) -> int:
        """Count one more change and wake all who wait; returns its number."""
        self.version += 1
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)
        self.waiters.clear()
        return self.version

    async def wait(self, seconds: float) -> None:
        """Returns at the next change, or when the time is over."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiters.add(waiter)
        try:
            await asyncio.wait_for(waiter, seconds)
        except TimeoutError:
            return
        finally:
            self.waiters.discard(waiter)


@dataclass(slots=True)
class Chat:
    """A bot's chat with a resident or a group. Its version is the number of the last change a phone can see."""

    id: int
    owner: Resident | Group
    everywhere: News
    messages: OrderedDict[int, Message] = field(default_factory=OrderedDict)
    started: bool = False
    blocked: bool = False
    typing_until: float = 0.0
    reply_keyboard: list[list[Json]] | None = None
    toasts: deque[Json] = field(default_factory=lambda: deque(maxlen=TOASTS_KEPT))
    news: News = field(default_factory=News)

    @property
    def version(self) -> int:
        """The number of the last change."""
        return self.news.version

    def put(self, message: Message) -> None:
        """Keep a message; above MESSAGES_KEPT the oldest falls out."""
        self.messages[message.message_id] = message
        if len(self.messages) > MESSAGES_KEPT:
            self.messages.popitem(last=False)
        self.changed()

    def find(self, message_id: int) -> Message | None:
        """A message that is there and not deleted; None for any other id."""
        message = self.messages.get(message_id)
        return None if message is None or message.deleted else message

    def delete(self, message: Message) -> None:
        """Delete a message: its content goes, a mark stays, so that the phone can take it off the screen."""
        message.deleted, message.content, message.markup = True, {}, None
        self.changed()

    def toast(self, text: str, *, alert: bool) -> None:
        """Show a short text over the chat; an alert waits for a tap. `n` is its number in this chat."""
        number = self.toasts[-1]["n"] + 1 if self.toasts else 1
        self.toasts.append({"n": number, "text": text, "alert": alert})
        self.changed()

    def changed(self) -> None:
        """Wake the phones that wait for something new."""
        self.news.version = self.everywhere.bump() - 1
        self.news.bump()
