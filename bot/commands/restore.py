"""`python -m bot restore DATA_FILE KEYS_FILE`: into an empty database; what was erased since stays erased."""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib

from bot.commands.command import with_settings
from bot.commands.words import make_parser
from bot.settings import Settings
from bot.wiring import open_database, prepare_database
from services.upkeep import copying


def main(arguments: list[str]) -> int:
    """Restore a backup. Returns the exit status."""
    parser = make_parser("restore", "Put a backup into an empty database; what was erased since stays erased.")
    parser.add_argument("data", metavar="DATA_FILE")
    parser.add_argument("keys", metavar="KEYS_FILE", help="the newest one")
    asked = parser.parse_args(arguments)
    return with_settings(lambda settings: _restore(settings, asked.data, asked.keys))


def _restore(settings: Settings, data: str, keys: str) -> int:
    prepare_database(settings)

    async def put() -> copying.Restored:
        database = open_database(settings)
        try:
            with gzip.open(data, "rt", encoding="utf-8") as rows, gzip.open(keys, "rt", encoding="utf-8") as wrapped:
                async with database.begin() as work:
                    return await copying.restore(work, rows, wrapped)
        finally:
            await database.close()

    try:
        found = asyncio.run(put())
    except copying.CannotRestore as error:
        print(f"Nothing was restored: {error}.", file=sys.stderr)
        return 1
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        print(f"Nothing was restored: a file can't be read ({type(error).__name__}).", file=sys.stderr)
        return 1
    print(f"{found.rows} rows restored; {found.forgotten} that were erased since were forgotten again.")
    return 0
