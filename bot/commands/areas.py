"""`python -m bot areas import FILE.geojson`: the shapes of the neighbourhoods, all of them or none."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from bot.commands.command import with_settings
from bot.commands.words import make_parser
from bot.settings import Settings
from bot.wiring import open_database
from domain.neighbourhoods import ALL
from services.signals import areas


def main(arguments: list[str]) -> int:
    """Import a file. Returns the exit status."""
    parser = make_parser("areas", "Import the shapes of the neighbourhoods: all of them or none.")
    parser.add_argument("act", choices=["import"])
    parser.add_argument("file", metavar="FILE.geojson", type=Path)
    asked = parser.parse_args(arguments)
    return with_settings(lambda settings: _import(settings, asked.file))


def _import(settings: Settings, path: Path) -> int:
    try:
        count = asyncio.run(_put(settings, _read(path)))
    except areas.BadShapes as error:
        print(f"Nothing was imported. {path.name}: {error}.", file=sys.stderr)
        return 1
    print(f"{count} of {len(ALL)} neighbourhoods have a shape now.")
    return 0


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise areas.BadShapes(f"it can't be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise areas.BadShapes("it is no JSON") from None


async def _put(settings: Settings, features: object) -> int:
    database = open_database(settings)
    try:
        async with database.begin() as work:
            return await areas.import_shapes(work, features)
    finally:
        await database.close()
