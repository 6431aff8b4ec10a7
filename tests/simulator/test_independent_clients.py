"""Three independent client libraries run the same script against the local Telegram."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import aiogram
import pytest
import telegram as ptb
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import BotCommand, BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from simulator import samples
from simulator.local_telegram import Telegram
from simulator.phone import Phone
from tests.simulator.client import TOKEN


class Client(Protocol):
    """What the script needs of a client. refusal: (words of the refusal or "429", seconds to wait), ("", 0) if sent."""

    async def me(self) -> int: ...
    async def commands(self, command: str, description: str) -> None: ...
    async def send(self, chat: int, html: str, button: str, data: str) -> int: ...
    async def edit(self, chat: int, message: int, html: str) -> None: ...
    async def photo(self, chat: int, data: bytes) -> None: ...
    async def updates(self, offset: int) -> list[dict[str, Any]]: ...
    async def answer(self, query: str, text: str) -> None: ...
    async def download(self, file_id: str) -> bytes: ...
    async def refusal(self, chat: int) -> tuple[str, float]: ...


class Aiogram:
    """The client made with aiogram."""

    def __init__(self, url: str) -> None:
        self.bot = aiogram.Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))

    async def close(self) -> None:
        await self.bot.session.close()

    async def me(self) -> int:
        return (await self.bot.get_me()).id

    async def commands(self, command: str, description: str) -> None:
        await self.bot.set_my_commands([BotCommand(command=command, description=description)], language_code="nl")

    async def send(self, chat: int, html: str, button: str, data: str) -> int:
        keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=button, callback_data=data)]])
        return (await self.bot.send_message(chat, html, parse_mode="HTML", reply_markup=keyboard)).message_id

    async def edit(self, chat: int, message: int, html: str) -> None:
        await self.bot.edit_message_text(html, chat_id=chat, message_id=message, parse_mode="HTML")

    async def photo(self, chat: int, data: bytes) -> None:
        await self.bot.send_photo(chat, BufferedInputFile(data, "huis.jpg"), caption="huis")

    async def updates(self, offset: int) -> list[dict[str, Any]]:
        found = await self.bot.get_updates(offset=offset, timeout=5)
        return [update.model_dump(exclude_none=True) for update in found]

    async def answer(self, query: str, text: str) -> None:
        await self.bot.answer_callback_query(query, text)

    async def download(self, file_id: str) -> bytes:
        file = await self.bot.get_file(file_id)
        target = io.BytesIO()
        await self.bot.download_file(str(file.file_path), target)
        return target.getvalue()

    async def refusal(self, chat: int) -> tuple[str, float]:
        try:
            await self.bot.send_message(chat, "dag")
        except TelegramRetryAfter as error:
            return "429", error.retry_after
        except TelegramForbiddenError as error:
            return error.message, 0
        return "", 0


class PythonTelegramBot:
    """The client made with python-telegram-bot."""

    def __init__(self, url: str) -> None:
        self.bot = ptb.Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot")

    async def close(self) -> None:
        await self.bot.shutdown()

    async def me(self) -> int:
        await self.bot.initialize()
        return self.bot.id

    async def commands(self, command: str, description: str) -> None:
        await self.bot.set_my_commands([ptb.BotCommand(command, description)], language_code="nl")

    async def send(self, chat: int, html: str, button: str, data: str) -> int:
        keyboard = ptb.InlineKeyboardMarkup([[ptb.InlineKeyboardButton(button, callback_data=data)]])
        return (await self.bot.send_message(chat, html, parse_mode="HTML", reply_markup=keyboard)).message_id

    async def edit(self, chat: int, message: int, html: str) -> None:
        await self.bot.edit_message_text(html, chat_id=chat, message_id=message, parse_mode="HTML")

    async def photo(self, chat: int, data: bytes) -> None:
        await self.bot.send_photo(chat, data, caption="huis")

    async def updates(self, offset: int) -> list[dict[str, Any]]:
        return [update.to_dict() for update in await self.bot.get_updates(offset=offset, timeout=5)]

    async def answer(self, query: str, text: str) -> None:
        await self.bot.answer_callback_query(query, text)

    async def download(self, file_id: str) -> bytes:
        return bytes(await (await self.bot.get_file(file_id)).download_as_bytearray())

    async def refusal(self, chat: int) -> tuple[str, float]:
        try:
            await self.bot.send_message(chat, "dag")
        except ptb.error.RetryAfter as error:
            wait = error.retry_after
            return "429", wait if isinstance(wait, int) else wait.total_seconds()
        except ptb.error.Forbidden as error:
            return error.message, 0
        return "", 0


class PyTelegramBotAPI:
    """The client made with pyTelegramBotAPI; skips the test where it is not installed."""

    def __init__(self, url: str) -> None:
        self.telebot = pytest.importorskip("telebot.async_telebot")
        self.helper = pytest.importorskip("telebot.asyncio_helper")
        self.types = pytest.importorskip("telebot.types")
        self.helper.API_URL = url + "/bot{0}/{1}"
        self.helper.FILE_URL = url + "/file/bot{0}/{1}"
        self.bot = self.telebot.AsyncTeleBot(TOKEN)

    async def close(self) -> None:
        await self.bot.close_session()

    async def me(self) -> int:
        return int((await self.bot.get_me()).id)

    async def commands(self, command: str, description: str) -> None:
        await self.bot.set_my_commands([self.types.BotCommand(command, description)], language_code="nl")

    async def send(self, chat: int, html: str, button: str, data: str) -> int:
        keyboard = self.types.InlineKeyboardMarkup()
        keyboard.add(self.types.InlineKeyboardButton(button, callback_data=data))
        return int((await self.bot.send_message(chat, html, parse_mode="HTML", reply_markup=keyboard)).message_id)

    async def edit(self, chat: int, message: int, html: str) -> None:
        await self.bot.edit_message_text(html, chat_id=chat, message_id=message, parse_mode="HTML")

    async def photo(self, chat: int, data: bytes) -> None:
        await self.bot.send_photo(chat, data, caption="huis")

    async def updates(self, offset: int) -> list[dict[str, Any]]:
        found = []
        for update in await self.bot.get_updates(offset=offset, timeout=5):
            inner = (update.message or update.callback_query).json
            kind = "message" if update.message else "callback_query"
            found.append({"update_id": update.update_id, kind: inner})
        return found

    async def answer(self, query: str, text: str) -> None:
        await self.bot.answer_callback_query(query, text)

    async def download(self, file_id: str) -> bytes:
        return bytes(await self.bot.download_file((await self.bot.get_file(file_id)).file_path))

    async def refusal(self, chat: int) -> tuple[str, float]:
        try:
            await self.bot.send_message(chat, "dag")
        except self.helper.ApiTelegramException as error:
            if error.error_code == 429:
                return "429", float(error.result_json["parameters"]["retry_after"])
            return str(error.description), 0
        return "", 0


LIBRARIES: dict[str, Callable[[str], Any]] = {
    "aiogram": Aiogram,
    "python-telegram-bot": PythonTelegramBot,
    "pyTelegramBotAPI": PyTelegramBotAPI,
}


@asynccontextmanager
async def client_of(library: str, url: str) -> AsyncIterator[Client]:
    client = LIBRARIES[library](url)
    try:
        yield client
    finally:
        await client.close()


async def next_update(client: Client, offset: int) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while not (found := await client.updates(offset)):
            continue
    return found[0]


@pytest.mark.parametrize("library", sorted(LIBRARIES))
async def test_an_independent_client_runs_the_script(
    telegram: Telegram, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else python-telegram-bot warns that retry_after will change its type
    async with client_of(library, telegram.url) as client, await Phone.new(telegram.url, language_code="nl") as phone:
        assert await client.me() == 4242
        await client.commands("wis", "Alles wissen")
        await phone.starts("nl_x")
        first = await next_update(client, 0)
        assert first["message"]["text"] == "/start nl_x"
        assert (await phone.chat())["commands"] == [{"command": "wis", "description": "Alles wissen"}]

        message = await client.send(phone.id, "<b>Klopt</b> 🔊 dit?", "Ja", "yes")
        await phone.sees("Klopt")
        await phone.taps("Ja")
        pressed = await next_update(client, first["update_id"] + 1)
        assert pressed["callback_query"]["data"] == "yes"
        await client.answer(pressed["callback_query"]["id"], "Dank u")
        await phone.sees("Dank u")
        await client.edit(phone.id, message, "<i>Goed</i>")
        await phone.sees("Goed")

        await phone.shows_photo()
        shown = await next_update(client, pressed["update_id"] + 1)
        assert await client.download(shown["message"]["photo"][-1]["file_id"]) == samples.PHOTO
        await client.photo(phone.id, samples.PHOTO)
        await phone.sees("huis")
        assert await phone.fetch(phone.last["photo"]) == samples.PHOTO

        await telegram.thresholds(chat_burst=1)
        assert await refusal_at_last(client, phone.id) == "429"
        await phone.blocks()
        assert (await client.refusal(phone.id))[0].endswith("bot was blocked by the user")
        assert await telegram.violations() == []


async def refusal_at_last(client: Client, chat: int) -> str:
    """Send up to twice, the burst being 1, until Telegram refuses; the words of the refusal."""
    words, wait = await client.refusal(chat)
    if not words:
        words, wait = await client.refusal(chat)
    assert wait >= 1
    return words
