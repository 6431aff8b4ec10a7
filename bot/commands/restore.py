"""`python -m bot restore DATA_FILE KEYS_FILE`: into an empty database; what was erased since stays erased."""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib

from bot.commands.command import refused_words, with_settings
from bot.settings import Settings
from bot.wiring import open_database, prepare_database
from services.upkeep import copying


def main(arguments: list[str]) -> int:
    """Restore a backup; exit status."""
    if (status := refused_words(arguments, "python -m bot restore DATA_FILE KEYS_FILE", 2)) is not None:
        return status
    return with_settings(lambda settings: _restore(settings, *arguments))


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
