"""aiogram's side of the front door: routers, and the middleware that fills the Tap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from conversations.engine.facts import House
from conversations.people import notices
from handlers.chat import front
from handlers.chat.session import Session
from handlers.chat.tap import Deed, Ending, Tap
from handlers.telegram.aiogram_lazily import (
    BaseMiddleware,
    CallbackQuery,
    ChatMemberStatus,
    ChatMemberUpdated,
    ChatType,
    F,
    Message,
    Router,
    TelegramObject,
)
from handlers.telegram.callbacks import Answer, Go, Listen
from handlers.telegram.incoming import answer_of_message
from locales.texts import has
from services.outbox import saying
from services.people import residents

_PRIVATE = F.chat.type == ChatType.PRIVATE


def routers(house: House, deeds: Mapping[str, Deed], endings: Mapping[str, Ending]) -> list[Router]:
    """New routers for one dispatcher: for private chats, and for everything that is none.

    Args:
        house: what the deployment says about itself.
        deeds: what buttons and commands do.
        endings: what follows a conversation that was held to its end.
    """
    return [_private(_Arrival(house, deeds, endings)), _elsewhere()]


def _private(arrival: _Arrival) -> Router:
    router = Router(name="private")
    for observer in (router.message, router.edited_message, router.callback_query):
        observer.middleware(arrival)
    router.message.register(_heard, _private_chat)
    router.edited_message.register(_corrected, _private_chat)
    router.callback_query.register(_pressed, _in_private, Answer.filter())
    router.callback_query.register(_went, _in_private, Go.filter())
    router.callback_query.register(_listened, _in_private, Listen.filter())
    router.callback_query.register(_pressed_nonsense, _in_private)
    return router


def _elsewhere() -> Router:
    router = Router(name="elsewhere")
    router.my_chat_member.register(_lost, _PRIVATE, F.new_chat_member.status == ChatMemberStatus.KICKED)
    router.my_chat_member.register(_found, _PRIVATE)
    router.my_chat_member.register(_leave, F.new_chat_member.status == ChatMemberStatus.MEMBER)
    router.message.register(_leave, ~_PRIVATE)
    return router


# aiogram runs a filter that is no coroutine, such as its magic ones, in a thread: too much to do for every tap.
async def _private_chat(event: Message) -> bool:
    return event.chat.type == ChatType.PRIVATE


async def _in_private(query: CallbackQuery) -> bool:
    return query.message is not None and query.message.chat.type == ChatType.PRIVATE


class _Arrival(BaseMiddleware):
    """Finds the resident and their session before the handler, and keeps the session after it."""

    def __init__(self, house: House, deeds: Mapping[str, Deed], endings: Mapping[str, Ending]) -> None:
        self._house, self._deeds, self._endings = house, deeds, endings

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        tap: Tap = data["tap"]
        if not await _fill(tap, event):
            return None
        tap.house, tap.deeds, tap.endings = self._house, self._deeds, self._endings
        before = tap.session
        result = await handler(event, data)
        if tap.session != before and not tap.forgotten:
            plain = tap.session.to_plain()
            if plain:
                await residents.keep_conversation(tap.work, tap.who, plain)
            else:
                await residents.end_conversation(tap.work, tap.who)
        return result


async def _fill(tap: Tap, event: TelegramObject) -> bool:
    """Fill the tap. False when nobody has sent this, as with what a channel passes on."""
    if isinstance(event, CallbackQuery):
        message, tap.pressed = event.message, True
    else:
        message = event if isinstance(event, Message) else None
    person = getattr(event, "from_user", None)
    if message is None or person is None:
        return False
    tap.chat_id, tap.message_id = message.chat.id, message.message_id
    tap.resident = await residents.arrive(tap.work, person.id, tap.chat_id, person.language_code)
    tap.session = _session(residents.conversation(tap.resident))
    return True


def _session(plain: dict[str, Any] | None) -> Session:
    try:
        return Session.from_plain(plain)
    except (KeyError, TypeError, ValueError):
        # Left by a version of the program that kept it otherwise: a chat must never be stuck on it.
        return Session()


async def _heard(message: Message, tap: Tap) -> None:
    await front.heard(tap, answer_of_message(message))


async def _corrected(message: Message, tap: Tap) -> None:
    await front.corrected(tap, answer_of_message(message, edited=True))


async def _pressed(_query: CallbackQuery, callback_data: Answer, tap: Tap) -> None:
    await front.pressed(tap, callback_data.value, callback_data.serial)


async def _went(_query: CallbackQuery, callback_data: Go, tap: Tap) -> None:
    await front.run(tap, callback_data.deed, callback_data.value)


async def _listened(_query: CallbackQuery, callback_data: Listen, tap: Tap) -> None:
    if has(callback_data.key):
        tap.listen = callback_data.key
    else:
        tap.toast = notices.STALE


async def _pressed_nonsense(_query: CallbackQuery, tap: Tap) -> None:
    tap.toast = notices.STALE


async def _lost(event: ChatMemberUpdated, tap: Tap) -> None:
    """The resident has blocked us."""
    await residents.lost_contact(tap.work, event.from_user.id)


async def _found(event: ChatMemberUpdated, tap: Tap) -> None:
    """The resident lets us in again."""
    await residents.arrive(tap.work, event.from_user.id, event.chat.id, event.from_user.language_code)


async def _leave(event: ChatMemberUpdated | Message, tap: Tap) -> None:
    """One line in a group, and then we leave."""
    await saying.show(tap.work, event.chat.id, notices.group())
    tap.leave = True
