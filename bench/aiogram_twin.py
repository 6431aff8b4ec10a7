"""The same conversation as aiogram's documented examples do it: states in memory, its own webhook server and session.

Source: "Finite State Machine" and "Webhook" of docs.aiogram.dev (3.x). Nothing is kept: a restart forgets everything.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import uvloop
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from bench.telegram import SECRET, TOKEN


class Report(StatesGroup):
    """What is asked next."""

    story = State()
    kind = State()
    where = State()
    when = State()
    summary = State()


def make_router(screens: list[dict[str, Any]]) -> Router:
    """The handlers; screens: what our own bot showed at each step, texts and buttons."""
    router = Router()
    asks = [(screen["text"], InlineKeyboardMarkup(**screen["reply_markup"])) for screen in screens]

    @router.message(Command("melden"))
    async def begins(message: Message, state: FSMContext) -> None:
        await state.set_state(Report.story)
        await message.answer(asks[0][0], reply_markup=asks[0][1])

    @router.message(Report.story, F.text)
    async def tells(message: Message, state: FSMContext) -> None:
        await state.update_data(story=message.text)
        await state.set_state(Report.kind)
        await message.answer(asks[1][0], reply_markup=asks[1][1])

    for at, (here, after) in enumerate(
        [(Report.kind, Report.where), (Report.where, Report.when), (Report.when, Report.summary)], 2
    ):
        router.callback_query.register(_chooses(here, after, asks[at]), here)

    @router.callback_query(Report.summary)
    async def sends(query: CallbackQuery, state: FSMContext) -> None:
        await state.clear()
        await _changed(query, *asks[5])

    return router


def _chooses(here: State, after: State, ask: tuple[str, InlineKeyboardMarkup]) -> Any:
    async def chooses(query: CallbackQuery, state: FSMContext) -> None:
        await state.update_data({str(here.state): query.data})
        await state.set_state(after)
        await _changed(query, *ask)

    return chooses


async def _changed(query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup) -> None:
    await query.answer()
    if isinstance(query.message, Message):
        await query.message.edit_text(text, reply_markup=keyboard)


def main(port: str, url: str, screens: str, loop: str = "") -> None:
    """Serve the webhook on `port`, with the Bot API at `url`; screens: a JSON file; loop: `uvloop` or asyncio's."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    bot = Bot(TOKEN, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(make_router(json.loads(Path(screens).read_text(encoding="utf-8"))))
    app = web.Application()
    SimpleRequestHandler(dispatcher=dispatcher, bot=bot, secret_token=SECRET).register(app, path="/telegram")
    setup_application(app, dispatcher, bot=bot)
    web.run_app(
        app,
        host="127.0.0.1",
        port=int(port),
        print=None,
        access_log=None,
        loop=uvloop.new_event_loop() if loop else None,
    )


if __name__ == "__main__":
    main(*sys.argv[1:5])
