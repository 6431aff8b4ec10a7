"""What Telegram shows of the bot before anybody writes: command menus, name and descriptions per language."""

from __future__ import annotations

import asyncio
import logging

from telegram import Bot, BotCommand
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.listening.listener import ALLOWED_UPDATES
from bot.listening.ways_in import differences
from bot.settings import Settings
from bot.speaking.sender import seconds
from bot.wiring import House
from locales.texts import LANGUAGES, bare, say

COMMANDS = (
    "start", "melden", "mijn", "agenda", "stem", "nieuws", "taal", "help", "privacy", "mijngegevens", "wis", "stop",
    "settings", "cancel",
)  # fmt: skip
_WAITS = (1, 2, 5, 10, 30)
log = logging.getLogger("buurtstem.profile")


async def present(house: House, leads: bool) -> None:
    """Tell Telegram how updates should come and how the bot looks; try until it worked.

    leads: whether this process does that; if not, nothing is done. Telegram allows a name to be set only a few times
    a day, so the present one is asked for first.
    """
    steps = [_ways_in, _looks] if leads else []
    for step in steps:
        failed = 0
        while True:
            try:
                await step(house.speaking_bot, house.settings)
                break
            except InvalidToken:
                log.error("Telegram refuses the bot token: check BUURTSTEM_BOT_TOKEN")
                await asyncio.sleep(_WAITS[-1])
            except RetryAfter as error:
                await asyncio.sleep(seconds(error))
            except TelegramError as error:
                if failed == 0:
                    log.warning("Telegram did not take the bot's profile (%s); I keep trying", type(error).__name__)
                await asyncio.sleep(_WAITS[min(failed, len(_WAITS) - 1)])
                failed += 1


async def _ways_in(bot: Bot, settings: Settings) -> None:
    for difference in differences(await bot.get_webhook_info(), settings):
        log.warning("%s", difference)
    if settings.listen == "polling":
        await bot.delete_webhook()
        return
    await bot.set_webhook(
        settings.webhook_url, secret_token=settings.webhook_secret, allowed_updates=ALLOWED_UPDATES, max_connections=40
    )


async def _looks(bot: Bot, settings: Settings) -> None:
    for language in (*LANGUAGES, None):
        spoken = language or settings.language
        menu = [BotCommand(name, say(spoken, f"commands.menu.{name}")) for name in COMMANDS]
        await bot.set_my_commands(menu, language_code=language)
        name = bare(say(spoken, "commands.bot.name"))
        if (await bot.get_my_name(language_code=language)).name != name:
            await bot.set_my_name(name, language_code=language)
        await bot.set_my_short_description(say(spoken, "commands.bot.short"), language_code=language)
        await bot.set_my_description(say(spoken, "commands.bot.description"), language_code=language)
