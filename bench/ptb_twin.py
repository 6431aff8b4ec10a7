"""The same conversation as python-telegram-bot's documented examples do it: a ConversationHandler, states in memory.

Source: examples/conversationbot.py and examples/customwebhookbot.py of python-telegram-bot 22.x.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from warnings import filterwarnings

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)
from telegram.warnings import PTBUserWarning

from bench.telegram import TOKEN

STORY, KIND, WHERE, WHEN, SUMMARY = range(5)
Handler = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, int]]


def make_conversation(screens: list[dict[str, Any]]) -> ConversationHandler[Any]:
    """The conversation; screens: what our own bot showed at each step, texts and buttons."""
    asks = [(screen["text"], InlineKeyboardMarkup.de_json(screen["reply_markup"])) for screen in screens]

    async def begins(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> int:
        await _said(update, *asks[0])
        return STORY

    async def tells(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
        if update.message is not None and context.user_data is not None:
            context.user_data["story"] = update.message.text
        await _said(update, *asks[1])
        return KIND

    def chooses(after: int) -> Handler:
        async def chosen(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
            if update.callback_query is None or context.user_data is None:
                return ConversationHandler.END
            context.user_data[after] = update.callback_query.data
            if after == ConversationHandler.END:
                context.user_data.clear()
            await update.callback_query.answer()
            text, keyboard = asks[after]
            await update.callback_query.edit_message_text(text, reply_markup=keyboard, parse_mode=ParseMode.HTML)
            return after

        return chosen

    return ConversationHandler(
        entry_points=[CommandHandler("melden", begins)],
        states={
            STORY: [MessageHandler(filters.TEXT & ~filters.COMMAND, tells)],
            KIND: [CallbackQueryHandler(chooses(WHERE))],
            WHERE: [CallbackQueryHandler(chooses(WHEN))],
            WHEN: [CallbackQueryHandler(chooses(SUMMARY))],
            SUMMARY: [CallbackQueryHandler(chooses(ConversationHandler.END))],
        },
        fallbacks=[],
    )


async def _said(update: Update, text: str, keyboard: InlineKeyboardMarkup) -> None:
    if update.message is not None:
        await update.message.reply_text(text, reply_markup=keyboard, parse_mode=ParseMode.HTML)


# Of its own examples it warns that a press is not told apart by its message; its documentation says to ignore that.
filterwarnings("ignore", message=".*CallbackQueryHandler", category=PTBUserWarning)


async def main(port: str, url: str, screens: str) -> None:
    """Serve the webhook on `port`, with the Bot API at `url`; screens: a JSON file."""
    application = Application.builder().token(TOKEN).base_url(f"{url}/bot").updater(None).build()
    application.add_handler(make_conversation(json.loads(Path(screens).read_text(encoding="utf-8"))))

    async def telegram(request: Request) -> Response:
        await application.update_queue.put(Update.de_json(data=await request.json(), bot=application.bot))
        return Response()

    app = Starlette(routes=[Route("/telegram", telegram, methods=["POST"])])
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
    )
    async with application:
        await application.start()
        await server.serve()
        await application.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
