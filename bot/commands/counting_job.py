"""Counts closed votes and publishes them: `python -m bot.commands.counting_job`, a process of its own; see counting.py.

Counting needs memory and minutes that the bot and the web don't have. A vote stays `counting` until its files
are in DATA_DIR/published/ROUND and its result is kept: if this process ends before that, the next one begins again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from bot.commands.command import with_settings
from bot.commands.words import WRONG
from bot.jobs.counting import to_publish
from bot.process.heart import beating
from bot.process.locks import hold
from bot.settings import Settings
from bot.wiring import join, open_database
from domain.budget.rounds import HaltReason
from domain.budget.verifier import check, wrong_numbers
from handlers.console.budget.result_page import result_pages
from services.budget import closing, publishing
from services.work import Begin, DatabaseAway

log = logging.getLogger("buurtstem.counting")


def main(arguments: list[str]) -> int:
    """Count and publish every vote that waits for it. Returns the exit status."""
    if arguments:
        print("python -m bot.commands.counting_job takes no words", file=sys.stderr)
        return WRONG
    return with_settings(lambda settings: asyncio.run(_count_all(settings)))


async def _count_all(settings: Settings) -> int:
    folder = settings.data_dir / "published"
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / ".lock"
    lock.touch(mode=0o600)
    if not hold(lock, alone=True):
        return 0  # another process counts already
    database = open_database(settings)
    try:
        async with beating(await join(database, settings, "count")):
            return 0 if await publish_all(database.reading, database.begin, folder) else WRONG
    finally:
        await database.close()


async def publish_all(reading: Begin, begin: Begin, folder: Path) -> bool:
    """Count all closed votes that wait; whether all could be counted. One that can't does not hold up the others."""
    async with reading() as work:
        waiting = await to_publish(work, folder, again=True)
    counted = True
    for round_id in waiting:
        try:
            await publish(reading, begin, folder, round_id)
        except DatabaseAway:
            raise
        except Exception:
            log.exception("the vote of round %s could not be counted", round_id)
            counted = False
    return counted


async def publish(reading: Begin, begin: Begin, folder: Path, round_id: str) -> None:
    """Count one closed vote, write its folder, and only then record that it is published.

    reading, begin: open a unit of work for reading only, and for writing. Neither is open while counting goes on.
    """
    async with reading() as work:
        closed = await publishing.closed(work, round_id)
    done = publishing.published(*closed)
    files = publishing.sealed({**done.files, **result_pages(done.results)})
    if (why := not_to_be_published(folder / round_id, files, done)) is not None:
        async with begin() as work:
            await closing.halt(work, round_id, why)
        return
    write(folder / round_id, files)
    async with begin() as work:
        await publishing.keep(work, done)


def not_to_be_published(folder: Path, files: dict[str, bytes], done: publishing.Publication) -> HaltReason | None:
    """Why these files must not be published; None where they may.

    Codes and ballots that do not add up are no reason: nobody can mend that, so it is published for all to see.
    """
    counted = done.results["ballots"]["counted"]
    in_the_open = wrong_numbers(dict(done.results), counted)
    differs = [one for one in check(files)[1] if one not in in_the_open]
    if in_the_open:
        log.error("the numbers of %s do not add up: %s", done.round_id, "; ".join(in_the_open))
    if differs:
        log.error("the count of %s differs from its recount, so it waits: %s", done.round_id, "; ".join(differs))
        return HaltReason.WRONG_COUNT
    if ballots_in(folder) > counted:
        log.error("%s holds more ballots than there are now: it stays", folder)
        return HaltReason.FEWER
    return None


def ballots_in(folder: Path) -> int:
    """How many ballots a published folder holds; 0 where there is none that can be read."""
    try:
        return int(json.loads((folder / "results.json").read_bytes())["ballots"]["counted"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder with exactly these files in place, whole or not at all, and safe from a power cut.

    All of them in one zip are put beside it first: FOLDER.zip.
    """
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    write_zip(folder.with_name(f"{folder.name}.zip"), files)
    for name, content in files.items():
        with (fresh / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Put these files in place as a zip: byte for byte the same one for the same files."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in sorted(files):
                packed.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
