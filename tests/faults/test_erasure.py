"""Erasing: with every key that is left tried on every stored blob, nothing of the erased resident can be read.

The same search finds all of it before the erasure, and still finds the others afterwards.
"""

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from domain.sealing import KeyRing
from handlers.telegram.reaches import reach_of
from services.rights import erasing
from services.signals import reporting, sealed_places
from services.upkeep import copying
from storage.engine.database import Database
from tests.faults.search import blobs, ids, raw_files, readable, rows_of_files, wrapped_in
from tests.lives import Life, Marks, here, live
from tests.opened import everything, opened

OTHER = Marks(
    telegram_id=8_212_345_678,
    story="Water comes through the ceiling",
    name="Hendrik van der Plas",
    place="above the bicycle shop",
    reply="We have called the corporation",
    file_id="another-file",
    draft="another draft",
    unhandled="another update",
)


def marks(life: Life) -> dict[str, bytes]:
    """All that could tell who somebody is or what they said."""
    found: dict[str, Any] = {**asdict(life.marks), "code": life.code, "file": life.file}
    found["file_id"] += "-voice"  # the photo's own was dropped when the photo was kept
    return {name: value if isinstance(value, bytes) else str(value).encode() for name, value in found.items()}


def missing(life: Life, found: bytes) -> set[str]:
    """Names of the marks that are not in `found`."""
    return {name for name, mark in marks(life).items() if mark not in found}


async def all_rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    async with database.reading() as work:
        return await everything(work)


async def erase(database: Database, life: Life) -> None:
    async with database.begin() as work:
        await erasing.erase(work, await here(work, life.marks.telegram_id))


async def backup(database: Database, name: str) -> tuple[list[str], list[str]]:
    async with database.reading() as work:
        data = [line async for line in copying.lines(work, keys=False, backup_id=name)]
        keys = [line async for line in copying.lines(work, keys=True, backup_id=name)]
        return data, keys


async def test_no_key_that_is_left_opens_anything_of_who_was_erased(database: Database, keys: KeyRing) -> None:
    life, other = await live(database), await live(database, OTHER)
    before = await all_rows(database)
    found = readable(before, (), keys)
    assert missing(life, found) == missing(other, found) == set()
    await erase(database, life)
    found = readable(await all_rows(database), ids(before), keys)
    assert missing(life, found) == set(marks(life))
    assert missing(other, found) == set()


async def test_no_row_of_the_erased_is_left_in_the_raw_files(sqlite_url: str, keys: KeyRing) -> None:
    """Neither a wrapped key nor a piece of a sealed value, in the database or in its write-ahead log."""
    async with opened(sqlite_url, keys) as database:
        other = await live(database, OTHER)
        theirs = blobs(await all_rows(database))
        life = await live(database)
        before = await all_rows(database)
        mine = {blob for blob in blobs(before) - theirs if len(blob) >= 32}
        raw = raw_files(sqlite_url)
        assert set(raw) == {"buurtstem.db", "buurtstem.db-shm", "buurtstem.db-wal"}
        assert len(wrapped_in(raw["buurtstem.db-wal"] + raw["buurtstem.db"], keys, ids(before))) >= 8
        both = b"".join(raw.values())
        assert [blob for blob in mine if not any(piece in both for piece in pieces(blob))] == []
        await erase(database, life)
        after = await all_rows(database)
        gone = mine - blobs(after)
        assert len(gone) > 10
        for name, file in raw_files(sqlite_url).items():
            left = {blob for blob in gone if any(piece in file for piece in pieces(blob))}
            assert left == set(), name
            wraps = wrapped_in(file, keys, ids(before))
            assert wraps <= wrapped_in(b"".join(blobs(after)), keys, ids(before) | ids(after)), name
        assert missing(other, readable(after, ids(before), keys)) == set()
    for name, file in raw_files(sqlite_url).items():
        assert not any(piece in file for blob in gone for piece in pieces(blob)), name


def pieces(blob: bytes) -> list[bytes]:
    """A row may have been torn: pieces of 24 bytes are enough to know it by."""
    return [blob[at : at + 24] for at in range(0, len(blob) - 24, 24)]


async def test_an_old_backup_is_noise_for_who_was_erased_since(
    database: Database, keys: KeyRing, migrated_sqlite: Path, tmp_path: Path
) -> None:
    life, other = await live(database), await live(database, OTHER)
    old_data, old_keys = await backup(database, "old")
    old = rows_of_files(old_data, old_keys)
    assert missing(life, readable(old, (), keys)) == set()
    await erase(database, life)
    _, new_keys = await backup(database, "new")
    both = rows_of_files(old_data, new_keys)
    assert missing(life, readable(both, ids(old), keys)) == set(marks(life))
    folder = shutil.copytree(migrated_sqlite, tmp_path / "fresh")
    async with opened(f"sqlite+aiosqlite:///{folder}/buurtstem.db", keys) as fresh:
        async with fresh.begin() as work:
            await copying.restore(work, old_data, new_keys)
        found = readable(await all_rows(fresh), ids(old), keys)
        on_its_way = {"draft"}  # not restored with newer keys: what was under way at that later moment
        assert missing(other, found) <= on_its_way
        assert missing(life, found) == set(marks(life))


async def test_a_cut_line_leads_to_nobody_in_the_store_in_the_files_or_in_an_old_backup(
    database: Database, keys: KeyRing
) -> None:
    life = await live(database)
    before = await all_rows(database)
    (signal,) = before["signals"]
    handle = json_of(life)
    assert handle in readable({"signals": [signal], "record_keys": before["record_keys"]}, ids(before), keys)
    old_data, _ = await backup(database, "old")
    async with database.begin() as work:
        assert await reporting.cut_line(work, (await here(work, life.marks.telegram_id)).reach, life.signal_id)
    after = await all_rows(database)
    _, new_keys = await backup(database, "new")
    old_signals = {"signals": rows_of_files(old_data)["signals"]}
    for rows in ({**before, "record_keys": after["record_keys"]}, {**old_signals, **rows_of_files(new_keys)}):
        of_signals = {"signals": rows["signals"], "record_keys": rows["record_keys"]}
        assert handle not in readable(of_signals, ids(before), keys)
    lead = sealed_places.reporter_tag(keys, reach_of(life.marks.telegram_id))
    assert lead in blobs(before)
    assert lead not in blobs(after)
    assert lead not in blobs(rows_of_files(old_data, new_keys))


def json_of(life: Life) -> bytes:
    return f'{{"reach":"{reach_of(life.marks.telegram_id).plain}"}}'.encode()


FORGOTTEN = [("record_keys", "signal_messages"), ("record_keys", "people"), ("outbox",), ("dead_letters",)]


@pytest.mark.parametrize("tables", FORGOTTEN, ids="-".join)
async def test_the_search_finds_what_an_erasure_forgot(
    database: Database, keys: KeyRing, tables: tuple[str, ...]
) -> None:
    life = await live(database)
    before = await all_rows(database)
    await erase(database, life)
    after = {**await all_rows(database), **{name: before[name] for name in tables}}
    assert missing(life, readable(after, (), keys)) != set(marks(life))
