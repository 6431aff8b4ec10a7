"""Backup and restore: into either kind of database, only an empty one, and what was erased since stays erased."""

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Any

import pytest

from domain.budget.commitments import Commitment
from domain.sealing import CannotOpen, KeyRing
from services.people.residents import Resident
from services.rights import erasing
from services.signals import following, reporting
from services.staff import accounts
from services.subjects import TABLES
from services.upkeep import copying
from services.upkeep.copying import CannotRestore, Restored
from storage.budget import rounds
from storage.engine import vault
from storage.engine.database import Database
from storage.upkeep import copying as rows_copied
from storage.upkeep.copying import LINES, BackupPlace
from storage.upkeep.tables import metadata
from tests.lives import EMAIL, Life, Marks, here, live, report_of
from tests.opened import Clock, everything, opened, rows
from tests.rounds import open_round, vote

Files = tuple[list[str], list[str]]
OTHER = Marks(telegram_id=99, story="another story", name="Another Name")


async def backup(database: Database, name: str = "one") -> Files:
    """Make a backup; the lines of its data file and of its keys file."""
    async with database.reading() as work:
        await copying.hold_still(work)
        data = [line async for line in copying.lines(work, keys=False, backup_id=name)]
        keys = [line async for line in copying.lines(work, keys=True, backup_id=name)]
        return data, keys


@pytest.fixture
async def fresh(other_url: str, keys: KeyRing, clock: Clock) -> AsyncIterator[Database]:
    """An empty database of the other kind."""
    async with opened(other_url, keys, clock) as other:
        yield other


async def empty(database: Database) -> None:
    """Take every row away."""
    async with database.begin() as work:
        for table in metadata.sorted_tables:
            await work.run(table.delete())


NEVER = {name for name, kept in TABLES.items() if kept == BackupPlace.NEVER}


async def restore(database: Database, files: Files) -> Restored:
    async with database.begin() as work:
        return await copying.restore(work, *files)


async def contents(database: Database) -> dict[str, Any]:
    """All rows by table, sorted, without what a restore leaves out or changes."""
    async with database.reading() as work:
        found = await everything(work)
    for row in found["outbox"]:
        del row["id"]
    for name in NEVER:
        del found[name]
    for row in found["roll"]:
        del row["channel"]  # forgotten by a restore: the ballots of an open vote are lost, and it is halted
    for row in found["rounds"]:
        del row["halted"], row["version"]
    for row in found["broadcasts"] + found["broadcast_recipients"]:  # a restore stops what was being sent
        for column in ("state", "version", "ended_at", "wrapped", "handle"):
            row.pop(column, None)
    return {name: sorted(map(repr, all_rows)) for name, all_rows in found.items()}


async def me(database: Database, telegram_id: int = Marks().telegram_id) -> dict[str, Any]:
    """All that a resident is shown."""
    async with database.begin() as work:
        return await erasing.my_data(work, await here(work, telegram_id))


async def test_everything_comes_back_on_the_same_and_on_the_other_kind_of_database(
    database: Database, fresh: Database
) -> None:
    await live(database)
    before = await contents(database)
    files = await backup(database)
    await empty(database)
    for target in (database, fresh):
        assert (await restore(target, files)).forgotten == 0
        assert await contents(target) == before
    assert await me(fresh) == await me(database)
    async with fresh.begin() as work:
        await reporting.report(work, (await here(work, 5)).reach, report_of(Marks()))
        assert [row["halted"] for row in await rows(work, "rounds")] == ["lost"]


async def test_a_table_of_many_pages_comes_back_whole_and_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_copied, "_PAGE", 3)
    await live(database)
    async with database.begin() as work:
        made, several = await open_round(work, 20)
        for number, code in enumerate(several):
            await vote(work, number, code, [1, 2, 3])
        for round_id in (made.id, "z" * 26):
            entries = [Commitment(number, 1, work.today, b"v", b"l") for number in range(2, 9)]
            await rounds.add_commitments(work, round_id, entries)
        before = {name: len(found) for name, found in (await everything(work)).items() if name not in NEVER}
    data, keys = await backup(database)
    written = Counter(json.loads(line)["table"] for line in (*data[1:-1], *keys[1:-1]))
    assert written - Counter(signals=before["signals"]) == Counter(before)
    assert len(set(data)) == len(data)
    assert len(set(keys)) == len(keys)


def test_no_table_with_a_key_or_a_person_stands_in_the_first_file() -> None:
    first = {
        name: set(table.columns.keys())
        for name, table in metadata.tables.items()
        if TABLES[name] == BackupPlace.IN_THE_DATA
    }
    leading = {"wrapped", "chat_tag", "person_tag", "opener_tag", "contact", "reporter_tag", "handle"}
    assert {(name, column) for name, columns in first.items() for column in columns & leading} == {
        ("signals", "reporter_tag"),
        ("signals", "handle"),
    }
    assert set(LINES["signals"]) == {"reporter_tag", "handle", "handle_record_id"}


async def test_the_first_file_alone_tells_neither_words_nor_whose_they_are(database: Database) -> None:
    await live(database)
    async with database.reading() as work:
        (signal,) = await rows(work, "signals")
        (person,) = await rows(work, "people")
    data, keys = (json.dumps(lines) for lines in await backup(database))
    for value in (signal["reporter_tag"], signal["handle"], person["tag"], person["contact"]):
        assert base64.b64encode(value).decode() not in data
        assert base64.b64encode(value).decode() in keys


async def test_a_restore_into_a_database_that_is_not_empty_is_refused(database: Database) -> None:
    await live(database)
    before = await contents(database)
    with pytest.raises(CannotRestore, match="not empty"):
        await restore(database, await backup(database))
    assert await contents(database) == before


async def erase(database: Database, telegram_id: int) -> None:
    async with database.begin() as work:
        await erasing.erase(work, await here(work, telegram_id))


async def test_who_was_erased_after_the_backup_stays_erased_and_the_others_come_back(
    database: Database, fresh: Database
) -> None:
    await live(database)
    other = await live(database, OTHER)
    old_data, _ = await backup(database, "old")
    await erase(database, Marks().telegram_id)
    _, new_keys = await backup(database, "new")
    assert (await restore(fresh, (old_data, new_keys))).forgotten == 1
    async with fresh.begin() as work:
        assert [row["id"] for row in await rows(work, "signals")] == [other.signal_id]
        for name in ("signal_messages", "attachments", "signal_moves"):
            assert {row["signal_id"] for row in await rows(work, name)} == {other.signal_id}
        assert len(await rows(work, "people")) == 1
    assert (await me(fresh, OTHER.telegram_id))["signals"][0]["code"] == other.code
    assert (await me(fresh))["signals"] == []


async def test_a_line_that_was_cut_after_the_backup_stays_cut(database: Database, fresh: Database) -> None:
    life = await live(database)
    old_data, _ = await backup(database, "old")
    async with database.begin() as work:
        assert await reporting.cut_line(work, (await here(work, life.marks.telegram_id)).reach, life.signal_id)
    _, new_keys = await backup(database, "new")
    await restore(fresh, (old_data, new_keys))
    async with fresh.begin() as work:
        (signal,) = await rows(work, "signals")
        assert (signal["reporter_tag"], signal["handle"], signal["handle_record_id"]) == (None, None, None)
        resident = await here(work, life.marks.telegram_id)
        assert await following.mine(work, resident.reach) == []
        assert await following.follow(work, resident.reach, life.signal_id) is None
        assert await following.open_by_code(work, resident.reach, life.code) == life.signal_id
        assert (await story(work, resident, life)).startswith(life.marks.story)


async def story(work: Any, resident: Resident, life: Life) -> str:
    found = await following.follow(work, resident.reach, life.signal_id)
    assert found is not None
    return found.turns[0].words


async def test_a_member_of_staff_who_was_dismissed_after_the_backup_does_not_come_back(
    database: Database, fresh: Database
) -> None:
    await live(database)
    async with database.begin() as work:
        token = await accounts.new_token(work, EMAIL)
    old_data, _ = await backup(database, "old")
    async with database.begin() as work:
        assert await accounts.bearer(work, token) is not None
        await accounts.dismiss(work, EMAIL)
    _, new_keys = await backup(database, "new")
    await restore(fresh, (old_data, new_keys))
    async with fresh.begin() as work:
        assert await accounts.bearer(work, token) is None
        assert await rows(work, "staff") == await rows(work, "staff_tokens") == []


async def test_keys_of_what_came_after_the_data_are_not_kept(database: Database, fresh: Database) -> None:
    await live(database)
    old_data, _ = await backup(database, "old")
    later = await live(database, OTHER)
    async with database.reading() as work:
        record = next(row["record_id"] for row in await rows(work, "signals") if row["id"] == later.signal_id)
    _, new_keys = await backup(database, "new")
    await restore(fresh, (old_data, new_keys))
    async with fresh.begin() as work:
        with pytest.raises(CannotOpen):
            await vault.open_record(work, record)
        assert len(await rows(work, "people")) == 2  # people are in the keys file: their language and warning come back


async def test_what_was_on_its_way_at_another_moment_is_not_said_again(database: Database, fresh: Database) -> None:
    await live(database)
    old_data, _ = await backup(database, "old")
    _, new_keys = await backup(database, "new")
    await restore(fresh, (old_data, new_keys))
    async with fresh.begin() as work:
        assert await rows(work, "outbox") == await rows(work, "conversations") == []


async def test_older_keys_than_the_data_are_refused(database: Database, clock: Clock) -> None:
    _, old_keys = await backup(database, "old")
    clock.move(seconds=1)
    data, _ = await backup(database, "new")
    with pytest.raises(CannotRestore, match="older than the data file"):
        await restore(database, (data, old_keys))


async def test_a_backup_that_the_keys_at_hand_do_not_open_is_refused(database: Database) -> None:
    await live(database)
    files = await backup(database)
    await empty(database)
    stranger = KeyRing({1: bytes(32)}, bytes(32))
    async with opened(database.url, stranger) as other:
        with pytest.raises(CannotRestore, match="KEYS_DIR open none of it"):
            await restore(other, files)
        assert not any((await contents(other)).values())


def without_head(files: Files) -> Files:
    return files[0][1:], files[1]


def swapped(files: Files) -> Files:
    return files[1], files[0]


def cut(files: Files) -> Files:
    return [*files[0][:-1], files[0][-1][: len(files[0][-1]) // 2]], files[1]


def twice(files: Files) -> Files:
    return [*files[0], files[0][-1]], files[1]


def in_the_wrong_file(files: Files) -> Files:
    return [*files[0], files[1][-1]], files[1]


def changed(before: str, after: str) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        assert any(before in line for line in files[0])
        return [line.replace(before, after) for line in files[0]], files[1]

    return change


def sealed(lines: list[str]) -> list[str]:
    """The lines, and an end line with their right number and checksum."""
    digest = sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    return [*lines, json.dumps({"table": "end", "row": {"lines": len(lines), "sha256": digest}})]


def written_so(damage: Callable[[Files], Files]) -> Callable[[Files], Files]:
    """The same damage with an end line that fits it, so that the checks of the lines themselves must find it."""

    def written(files: Files) -> Files:
        data, keys = damage((files[0][:-1], files[1][:-1]))
        return sealed(data), sealed(keys)

    return written


def without_end(files: Files) -> Files:
    return files[0][:-1], files[1]


def without_some_rows(files: Files) -> Files:
    return [*files[0][:5], *files[0][7:]], files[1]


def rows_in_another_order(files: Files) -> Files:
    return [files[0][0], files[0][2], files[0][1], *files[0][3:]], files[1]


def joined(files: Files) -> Files:
    return [*files[0], *files[0]], files[1]


def keys_cut(files: Files) -> Files:
    return files[0], files[1][:-2]


def keys_without_a_row(files: Files) -> Files:
    return files[0], [*files[1][:-2], files[1][-1]]


def end_of_the_other(files: Files) -> Files:
    return [*files[0][:-1], files[1][-1]], files[1]


def another_head(files: Files) -> Files:
    return ['{"buurtstem":9,"part":"data","backup":"x","at":"y"}', *files[0][1:]], files[1]


DAMAGES = [
    swapped, cut, twice, without_end, without_some_rows, rows_in_another_order, joined, written_so(joined), keys_cut,
    keys_without_a_row, end_of_the_other,
    *map(written_so, (without_head, cut, twice, in_the_wrong_file, another_head)),
    written_so(changed('"table":"signals"', '"table":"users"')),
    written_so(changed('"kind":', '"sort":')),
    written_so(changed('{"d":"2026-11-21"}', '{"d":"soon"}')),
    written_so(changed('{"b":"', '{"b":"!')),
    written_so(changed('"row":{', '"row":[{')),
]  # fmt: skip


async def test_a_damaged_file_is_refused_and_nothing_of_it_is_kept(database: Database) -> None:
    await live(database)
    files = await backup(database)
    await empty(database)
    for damage in DAMAGES:
        with pytest.raises(CannotRestore, match=r"damaged|not the data file"):
            await restore(database, damage(files))
        assert not any((await contents(database)).values())
    assert (await restore(database, files)).rows > 20
