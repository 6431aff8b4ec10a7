"""One envelope becomes one request to Telegram, and Telegram's answer becomes a fate."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from telegram import (
    Bot,
    InputFile,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.speaking.transport import AiohttpRequest, NotSent
from domain.screens import Document, Text, Venue
from handlers.telegram.reaches import chat_of
from handlers.telegram.render import Rendered, render
from locales.texts import recording, say
from services.outbox.envelopes import Envelope
from services.speaking.delivering import Fate, Sending, SendResult

_NO_PREVIEW: Any = {"is_disabled": True}  # a plain dict, for the same reason as in `_inline`
# The last two: a text in place of a photo, or the other way round.
_GONE = (
    "message to edit not found", "message can't be edited", "message_id_invalid",
    "there is no text in the message", "there is no caption in the message",
)  # fmt: skip
_LOST = ("chat not found", "user is deactivated", "peer_id_invalid")


def make_bot(token: str, url: str) -> tuple[Bot, AiohttpRequest]:
    """python-telegram-bot's Bot on our transport, for Telegram or any other Bot API server. Not opened yet."""
    transport = AiohttpRequest()
    bot = Bot(
        token, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot", request=transport, get_updates_request=transport
    )
    return bot, transport


class Sender:
    """Renders in the reader's language of this moment and sends."""

    def __init__(self, bot: Bot, language: str) -> None:
        """language: for readers whose own is not known."""
        self._bot = bot
        self._language = language

    async def send(self, row: Sending) -> SendResult:
        """Send one row. Never raises for an error of Telegram or the network: that becomes its fate."""
        try:
            return SendResult(row, Fate.SAID, await self._request(row.envelope, row.language or self._language))
        except RetryAfter as error:
            return SendResult(row, Fate.HALTED, retry_after=seconds(error), error="RetryAfter")
        except Forbidden:
            return SendResult(row, Fate.BLOCKED, error="Forbidden")
        except BadRequest as error:
            lost = any(words in error.message.lower() for words in _LOST)
            return SendResult(row, Fate.BLOCKED if lost else Fate.REFUSED, error=_kind(error))
        except NotSent as error:
            return SendResult(row, Fate.UNSENT, error=type(error).__name__)
        except InvalidToken:
            return SendResult(row, Fate.UNSENT, error="InvalidToken")
        except ChatMigrated:
            return SendResult(row, Fate.REFUSED, error="ChatMigrated")
        except TelegramError as error:  # only Telegram's own well-formed refusals, above, are final
            return SendResult(row, Fate.AMBIGUOUS, error=type(error).__name__)

    async def answer_press(self, query_id: str, toast: Text | None, language: str, *, alert: bool) -> None:
        """Answer a button press. Failures are ignored: nothing depends on it."""
        try:
            words = toast_words(toast, language)
            await self._bot.answer_callback_query(query_id, words, alert if words else None)
        except TelegramError:
            return

    async def say_by_ear(self, chat_id: int, language: str, key: str) -> None:
        """Send the recording of a text, where there is one. Failures are ignored: it can be pressed again."""
        found = recording(language, key)
        if found is None:
            return
        try:
            await self._bot.send_voice(chat_id, InputFile(found.read_bytes(), filename=found.name))
        except TelegramError:
            return

    async def _request(self, envelope: Envelope, language: str) -> int | None:
        if envelope.delete:
            await self._bot.delete_messages(chat_of(envelope.to), list(envelope.delete))
            return None
        if envelope.leave:
            await self._bot.leave_chat(chat_of(envelope.to))
            return None
        if envelope.screen is None:
            return None
        rendered = render(envelope.screen, language)
        if envelope.screen.document is not None:
            return (await self._document(chat_of(envelope.to), envelope.screen.document, rendered)).message_id
        if envelope.screen.venue is not None:
            return (await self._venue(chat_of(envelope.to), envelope.screen.venue, rendered)).message_id
        if envelope.edit is not None and rendered.share_location is None:
            return await self._edit(envelope, envelope.edit, rendered)
        return (await self._new(envelope, rendered)).message_id

    async def _edit(self, envelope: Envelope, message_id: int, rendered: Rendered) -> int:
        """Change a message in place; where it is gone, send it anew. Returns its id, also when nothing had changed."""
        try:
            if envelope.picture is not None:
                await self._bot.edit_message_caption(
                    chat_of(envelope.to),
                    message_id,
                    caption=rendered.html,
                    parse_mode=ParseMode.HTML,
                    reply_markup=_inline(rendered),
                )
                return message_id
            await self._bot.edit_message_text(
                rendered.html,
                chat_of(envelope.to),
                message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=_inline(rendered),
                link_preview_options=_NO_PREVIEW,
            )
        except BadRequest as error:
            words = error.message.lower()
            if any(gone in words for gone in _GONE):
                return (await self._new(envelope, rendered)).message_id
            if "message is not modified" not in words:
                raise
        return message_id

    async def _new(self, envelope: Envelope, rendered: Rendered) -> Message:
        if envelope.picture is not None:
            return await self._bot.send_photo(
                chat_of(envelope.to),
                InputFile(envelope.picture, filename="plan.jpg"),
                caption=rendered.html,
                parse_mode=ParseMode.HTML,
                reply_markup=_inline(rendered),
            )
        return await self._bot.send_message(
            chat_of(envelope.to),
            rendered.html,
            parse_mode=ParseMode.HTML,
            reply_markup=_markup(rendered),
            link_preview_options=_NO_PREVIEW,
        )

    async def _document(self, chat_id: int, document: Document, rendered: Rendered) -> Message:
        return await self._bot.send_document(
            chat_id,
            InputFile(BytesIO(document.content.encode()), filename=document.name),
            caption=rendered.html,
            parse_mode=ParseMode.HTML,
            reply_markup=_inline(rendered),
        )

    async def _venue(self, chat_id: int, venue: Venue, rendered: Rendered) -> Message:
        return await self._bot.send_venue(
            chat_id, venue.latitude, venue.longitude, venue.title, venue.address, reply_markup=_inline(rendered)
        )


def toast_words(toast: Text | None, language: str) -> str | None:
    """The short words that answer a press, at most 200 characters."""
    if toast is None:
        return None
    values = {name: value for name, value in toast.values.items() if isinstance(value, str | int)}
    return say(language, toast.key, values, toast.count)[:200]


def _markup(rendered: Rendered) -> Any:
    if rendered.share_location is not None:
        share = KeyboardButton(rendered.share_location, request_location=True)
        typed = [[KeyboardButton(button["text"]) for button in row] for row in rendered.keyboard]
        return ReplyKeyboardMarkup([[share], *typed], resize_keyboard=True, one_time_keyboard=True)
    return ReplyKeyboardRemove() if rendered.remove_keyboard else _inline(rendered)


def _inline(rendered: Rendered) -> Any:
    """Plain values: python-telegram-bot would make an object of every button, only to take it apart again."""
    return {"inline_keyboard": rendered.keyboard} if rendered.keyboard else None


def seconds(error: RetryAfter) -> float:
    """The pause that a 429 asks for, in seconds."""
    wait = error.retry_after
    return float(wait if isinstance(wait, int | float) else wait.total_seconds())


def _kind(error: BadRequest) -> str:
    """The kind of a refusal, without any part that may quote the message."""
    return "BadRequest: " + error.message.partition(":")[0][:40]
