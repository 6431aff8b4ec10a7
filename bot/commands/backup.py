"""`python -m bot backup FOLDER`: writes data-MOMENT.jsonl.gz, and keys.jsonl.gz in place of the one before."""

from __future__ import annotations

import asyncio
import gzip
import os
import sys
from contextlib import aclosing
from pathlib import Path

from bot.commands.command import with_settings
from bot.commands.words import make_parser
from bot.settings import Settings
from bot.wiring import open_database
from domain.sealing import new_id
from services.upkeep import copying
from services.work import Work

KEYS_FILE = "keys.jsonl.gz"


def main(arguments: list[str]) -> int:
    """Write a backup. Returns the exit status."""
    parser = make_parser("backup", f"Write the data in one file, and {KEYS_FILE} in place of the one before.")
    parser.add_argument("folder", metavar="FOLDER", type=Path)
    asked = parser.parse_args(arguments)
    return with_settings(lambda settings: _backup(settings, asked.folder))


def _backup(settings: Settings, folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        data = asyncio.run(_written(settings, folder))
    except OSError as error:
        print(f"No backup was made: {folder} can't be written ({error.strerror}).", file=sys.stderr)
        return 1
    print(
        f"{data}\n{folder / KEYS_FILE}\nKeep only the newest {KEYS_FILE}: older ones could bring back what was erased."
    )
    return 0


async def _written(settings: Settings, folder: Path) -> Path:
    database = open_database(settings)
    try:
        async with database.reading() as work:
            await copying.hold_still(work)
            backup = new_id()
            data = folder / f"data-{work.now:%Y%m%dT%H%M%SZ}.jsonl.gz"
            # The keys first: if this breaks off, they are newer than every data file, and all of those can be restored.
            await _write(work, folder / KEYS_FILE, keys=True, backup=backup)
            await _write(work, data, keys=False, backup=backup)
    finally:
        await database.close()
    return data


async def _write(work: Work, path: Path, *, keys: bool, backup: str) -> None:
    """Write the file whole or not at all, and readable by its owner alone."""
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8") as file:
                async with aclosing(copying.lines(work, keys=keys, backup_id=backup)) as lines:
                    async for line in lines:
                        file.write(line + "\n")
            raw.flush()
            os.fsync(raw.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
