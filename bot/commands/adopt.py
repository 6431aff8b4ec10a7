"""`python -m bot adopt [--yes]`: bind the database to the bot of this token, on purpose."""

from __future__ import annotations

import asyncio
import sys

from bot.commands.command import with_settings
from bot.commands.words import WRONG, make_parser
from bot.settings import PREFIX, Settings
from bot.wiring import join, open_database
from services.upkeep import binding


def main(arguments: list[str]) -> int:
    """Print what is lost with the old bot; with `--yes`, bind the new one. Returns the exit status."""
    parser = make_parser("adopt", __doc__ or "")
    parser.add_argument("--yes", action="store_true", help="do it; without, only what it would do is said")
    asked = parser.parse_args(arguments)
    return with_settings(lambda settings: _adopt(settings, do=asked.yes))


def _adopt(settings: Settings, *, do: bool) -> int:
    if settings.demo:
        print(f"{PREFIX}BOT_TOKEN is missing: a database is bound to a bot of your own.", file=sys.stderr)
        return WRONG
    try:
        dies = asyncio.run(_done(settings, do=do))
    except binding.OtherBot as error:
        print(f"{PREFIX}DATABASE_URL: {error}", file=sys.stderr)
        return WRONG
    if dies is None:
        print(f"The database belongs to bot {settings.bot_id} already; nothing was changed.")
        return 0
    old = f"bot {dies.bot_id}" if dies.bot_id else "no bot yet"
    print(f"The database {'belonged' if do else 'belongs'} to {old}. What dies with it:")
    print(f"- {dies.residents} residents can't be reached before they write to the new bot; tell them its name.")
    print(f"- {dies.unsaid} messages that were still to be said are not said; what was being sent to many is stopped.")
    print("- Buttons and messages of the old bot on phones lead nowhere; photos not fetched yet are lost.")
    if not do:
        print("Nothing was changed. Stop the program, make a backup, and do it with `python -m bot adopt --yes`.")
        return 1
    print(f"It belongs to bot {settings.bot_id} now. Signals, codes, ballots and RSVPs are as they were.")
    return 0


async def _done(settings: Settings, *, do: bool) -> binding.Dying | None:
    database = open_database(settings)
    try:
        await join(database, settings)
        async with database.begin() as work:
            dies = await binding.dying(work, settings.bot_id)
            if dies is not None and do:
                await binding.adopt(work, settings.bot_id)
            return dies
    finally:
        await database.close()
