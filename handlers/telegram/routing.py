"""The way in from Telegram: aiogram's routers understand an update and hand it to the entrance."""

from __future__ import annotations

from conversations.engine.answers import Tapped
from conversations.engine.fitting import Capabilities
from conversations.people import notices
from handlers.chat.door import Came, Listened, Nonsense, Went
from handlers.chat.entrance import Entrance
from handlers.chat.tap import Tap
from handlers.telegram.aiogram_lazily import (
    CallbackQuery,
    ChatMemberStatus,
    ChatMemberUpdated,
    ChatType,
    F,
    Message,
    Router,
)
from handlers.telegram.callbacks import Answer, Go, Listen
from handlers.telegram.incoming import answer_of_message
from handlers.telegram.reaches import reach_of
from handlers.telegram.render import MESSAGE_LIMIT
from services.outbox import saying
from services.people import residents

CAPABILITIES = Capabilities(text=MESSAGE_LIMIT)
_PRIVATE = F.chat.type == ChatType.PRIVATE


def routers(entrance: Entrance) -> list[Router]:
    """New routers for one dispatcher: one for private chats, one for everything else."""
    return [_Private(entrance).router(), _elsewhere()]


class _Private:
    """A private chat: what each kind of update means."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def router(self) -> Router:
        router = Router(name="private")
        router.message.register(self._heard, _private_chat)
        router.edited_message.register(self._corrected, _private_chat)
        router.callback_query.register(self._pressed, _in_private, Answer.filter())
        router.callback_query.register(self._went, _in_private, Go.filter())
        router.callback_query.register(self._listened, _in_private, Listen.filter())
        router.callback_query.register(self._pressed_nonsense, _in_private)
        return router

    async def _heard(self, message: Message, tap: Tap) -> None:
        await self._sent(message, tap, edited=False)

    async def _corrected(self, message: Message, tap: Tap) -> None:
        await self._sent(message, tap, edited=True)

    async def _sent(self, message: Message, tap: Tap, *, edited: bool) -> None:
        person = message.from_user
        if person is None:  # no person has sent this, as with a message that a channel passes on
            return
        answer = answer_of_message(message, edited=edited)
        came = Came(reach_of(message.chat.id), answer, person.language_code, message.message_id)
        await self._entrance.enter(tap, came, CAPABILITIES)

    async def _pressed(self, query: CallbackQuery, callback_data: Answer, tap: Tap) -> None:
        await self._press(query, Tapped(callback_data.value, callback_data.serial), tap)

    async def _went(self, query: CallbackQuery, callback_data: Go, tap: Tap) -> None:
        await self._press(query, Went(callback_data.deed, callback_data.value), tap)

    async def _listened(self, query: CallbackQuery, callback_data: Listen, tap: Tap) -> None:
        await self._press(query, Listened(callback_data.key), tap)

    async def _pressed_nonsense(self, query: CallbackQuery, tap: Tap) -> None:
        await self._press(query, Nonsense(), tap)

    async def _press(self, query: CallbackQuery, what: Tapped | Went | Listened | Nonsense, tap: Tap) -> None:
        if query.message is None:  # for the type checker: the filter _in_private lets no such query through
            return
        message = query.message
        came = Came(reach_of(message.chat.id), what, query.from_user.language_code, message.message_id)
        await self._entrance.enter(tap, came, CAPABILITIES)


def _elsewhere() -> Router:
    router = Router(name="elsewhere")
    router.my_chat_member.register(_lost, _PRIVATE, F.new_chat_member.status == ChatMemberStatus.KICKED)
    router.my_chat_member.register(_found, _PRIVATE)
    router.my_chat_member.register(_leave, F.new_chat_member.status == ChatMemberStatus.MEMBER)
    router.message.register(_leave, ~_PRIVATE)
    return router


# aiogram runs a filter that is no coroutine, such as one made with F, in a thread: too much work for every tap.
async def _private_chat(event: Message) -> bool:
    return event.chat.type == ChatType.PRIVATE


async def _in_private(query: CallbackQuery) -> bool:
    return query.message is not None and query.message.chat.type == ChatType.PRIVATE


async def _lost(event: ChatMemberUpdated, tap: Tap) -> None:
    """The resident has blocked the bot."""
    await residents.lost_contact(tap.work, reach_of(event.chat.id))


async def _found(event: ChatMemberUpdated, tap: Tap) -> None:
    """The resident has unblocked the bot."""
    await residents.arrive(tap.work, reach_of(event.chat.id), event.from_user.language_code)


async def _leave(event: ChatMemberUpdated | Message, tap: Tap) -> None:
    """Say one line in a group, and leave it."""
    await saying.show(tap.work, reach_of(event.chat.id), notices.group())
    tap.leave = True
