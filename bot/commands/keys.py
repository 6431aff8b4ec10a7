"""`python -m bot keys new | rotate | check`: make keys, change the team key, see whether all is readable."""

from __future__ import annotations

import asyncio
import sys

from bot.commands.command import with_settings
from bot.commands.rotating import rotated
from bot.commands.words import make_parser
from bot.process.keys import hold_alone, make_keys, read_keys
from bot.settings import PREFIX, Settings
from bot.wiring import open_database
from services.upkeep import keeping


def main(arguments: list[str]) -> int:
    """Run `new`, `rotate` or `check`. Returns the exit status."""
    acts = {"new": _new, "rotate": _rotate, "check": _check}
    parser = make_parser("keys", "Make keys, change the team key, or see whether all records can be read.")
    parser.add_argument("act", choices=acts)
    return with_settings(acts[parser.parse_args(arguments).act])


def _new(settings: Settings) -> int:
    if not make_keys(settings.keys_dir):
        print(f"There are keys in {settings.keys_dir} already; nothing was changed.", file=sys.stderr)
        return 1
    print(f"Keys made in {settings.keys_dir}. Keep a copy elsewhere: without them nothing can be read.")
    return 0


def _rotate(settings: Settings) -> int:
    """Change the team key, or go on with a change that a crash has interrupted."""
    read_keys(settings.keys_dir)
    if settings.database_url.startswith("sqlite") and not hold_alone(settings.keys_dir):
        print("Nothing was changed: stop the program first, it has the keys in use.", file=sys.stderr)
        return 1
    before = asyncio.run(_tried(settings))
    if not before.readable:  # a wrong DATABASE_URL must not cost the keys of the right one
        why = f"these keys open none of the {before.unreadable} records" if before.unreadable else "no record was found"
        print(f"{why} in {PREFIX}DATABASE_URL; nothing was changed.", file=sys.stderr)
        return 1
    asyncio.run(rotated(settings))
    return 0


def _check(settings: Settings) -> int:
    found = asyncio.run(_tried(settings))
    print(f"{found.readable} record keys can be opened, {found.unreadable} can't.")
    return 1 if found.unreadable else 0


async def _tried(settings: Settings) -> keeping.Checked:
    database = open_database(settings)
    try:
        async with database.reading() as work:
            return await keeping.check_keys(work)
    finally:
        await database.close()
