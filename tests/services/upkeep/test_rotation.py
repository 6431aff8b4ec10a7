"""A change of the team key on several machines: one without it is waited for or refused, a frozen one can't undo it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.commands import rotating
from bot.process.heart import Heart, this_process
from bot.process.keys import make_keys, read_keys
from bot.settings import PREFIX, Settings, WrongSetting, read_settings
from bot.wiring import join
from domain.sealing import KeyRing, new_key
from services.upkeep import keeping, rotation
from services.upkeep.rotation import ANNOUNCED, ONLY, WRAPS, KeyMissing
from services.work import DatabaseAway, Work
from storage.engine import vault
from storage.engine.database import Database, is_newest
from storage.upkeep import team_keys
from tests.lives import live
from tests.opened import opened, rows
from tests.waits import done_or_waiting


def with_new(ring: KeyRing) -> KeyRing:
    """The ring with one more team key, which does not wrap yet."""
    return replace(ring, team={**ring.team, ring.newest + 1: new_key()}, wraps=ring.wrapping)


def alone(ring: KeyRing, number: int) -> KeyRing:
    return KeyRing({number: ring.team[number]}, ring.pseudonyms)


async def states(database: Database) -> dict[int, str]:
    async with database.reading() as work:
        return {row.number: row.state for row in await team_keys.team_keys(work)}


async def begun(database: Database) -> KeyRing:
    """Announce a new team key; the ring that has it."""
    async with database.begin() as work:
        database.keys = await rotation.fitting(work, database.keys)
        database.keys = with_new(database.keys)
        await rotation.announce(work, database.keys)
    return database.keys


async def test_who_lacks_a_key_in_use_may_not_start_and_changes_nothing(database: Database) -> None:
    old = database.keys
    await live(database)
    both = await begun(database)
    impostor = replace(both, team={**both.team, 2: new_key()})
    for lacking in (old, impostor):
        with pytest.raises(KeyMissing) as refused:
            async with database.begin() as work:
                await rotation.fitting(work, lacking)
        assert (refused.value.number, refused.value.announced) == (2, True)
    assert await states(database) == {1: ONLY, 2: ANNOUNCED}
    async with database.begin() as work:
        assert (await rotation.fitting(work, both)).wrapping == 1


async def test_keys_that_open_nothing_are_never_written_down_as_those_in_use(database: Database) -> None:
    await live(database)
    async with opened(database.url, KeyRing({7: new_key()}, new_key())) as stranger, stranger.begin() as work:
        await rotation.fitting(work, stranger.keys)
    assert await states(database) == {}


async def test_a_database_without_any_record_takes_other_keys(database: Database) -> None:
    async with database.begin() as work:
        await rotation.fitting(work, database.keys)
    other = KeyRing({1: new_key()}, new_key())
    async with database.begin() as work:
        assert (await rotation.fitting(work, other)).wrapping == 1
    async with database.reading() as work:
        assert [row.fingerprint for row in await team_keys.team_keys(work)] == [other.fingerprint(1)]


async def test_nobody_wraps_with_a_key_before_every_live_process_has_it(database: Database) -> None:
    old = database.keys
    await live(database)
    both = await begun(database)
    first, second = this_process("run"), rotation.new_member("work", "the other machine")
    async with database.begin() as work:
        await rotation.say_alive(work, first, both)
        await rotation.say_alive(work, second, old)
    async with database.begin() as work:
        assert [one.place for one in await rotation.let_wrap(work, 2)] == ["the other machine"]
    assert await states(database) == {1: ONLY, 2: ANNOUNCED}
    async with database.begin() as work:
        await rotation.say_alive(work, second, both)
        assert await rotation.let_wrap(work, 2) == []
    assert await states(database) == {1: ONLY, 2: WRAPS}
    async with database.begin() as work:
        assert len(await rotation.not_wrapping(work, 2)) == 2
        assert await rotation.may_destroy(work, both) is None


async def changed(database: Database) -> KeyRing:
    """Change the team key to the end; the ring with the old and the new one."""
    both = await begun(database)
    async with database.begin() as work:
        await rotation.let_wrap(work, 2)
    database.keys = replace(both, wraps=2)
    await rotation.rewrap(database.begin, 2)
    await rotation.close_tables(database.begin, 2)
    async with database.begin() as work:
        await rotation.make_only(work, 2)
    return both


async def test_after_a_change_the_new_key_alone_opens_everything(database: Database) -> None:
    await live(database)
    both = await changed(database)
    assert await states(database) == {2: ONLY}
    async with opened(database.url, alone(both, 2)) as other, other.reading() as work:
        assert (await keeping.check_keys(work)).unreadable == 0
    async with database.begin() as work:
        assert await rotation.may_destroy(work, both) == 2


async def test_an_old_key_is_not_destroyed_while_anything_opens_with_it(database: Database) -> None:
    await live(database)
    both = await changed(database)
    async with database.begin() as work:
        name = "outbox_refuse_destroyed_team_key"
        if not work.is_sqlite:
            await work.toil(text(f"DROP TRIGGER {name} ON outbox"))
        wrapped = replace(both, wraps=1).wrap(new_key(), "outbox")
        await work.run(text("UPDATE outbox SET wrapped = :it").bindparams(it=wrapped))
        assert await rotation.may_destroy(work, both) is None


async def test_what_a_frozen_process_wraps_with_a_destroyed_key_is_refused_as_if_the_database_were_away(
    postgres_url: str, keys: KeyRing
) -> None:
    async with opened(postgres_url, keys) as database, opened(postgres_url, keys) as frozen:
        await live(database)
        async with frozen.begin() as work:
            await vault.new_record(work)  # it works, until the key is changed
        await changed(database)
        for _ in range(2):
            with pytest.raises(DatabaseAway):
                async with frozen.begin() as work:
                    await vault.new_record(work)
        async with database.begin() as work:
            await vault.new_record(work)


async def test_a_row_that_was_written_while_its_table_was_closed_is_wrapped_anew(
    postgres_url: str, keys: KeyRing
) -> None:
    async with opened(postgres_url, keys) as database, opened(postgres_url, keys) as slow:
        await live(database)
        both = await begun(database)
        async with database.begin() as work:
            await rotation.let_wrap(work, 2)
        database.keys = replace(both, wraps=2)
        async with slow.begin() as work:
            record, key = await vault.new_record(work)
            closing = asyncio.create_task(rotation.close_tables(database.begin, 2))
            assert await done_or_waiting(database, closing)
        await closing
        async with opened(postgres_url, alone(both, 2)) as other, other.reading() as work:
            assert await vault.open_record(work, record) == key


async def until(true: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.05)


# With hearts (bot.process.heart) and folders of keys


@pytest.fixture
def machine(tmp_path: Path, postgres_url: str) -> Settings:
    """The settings of a machine with keys, on PostgreSQL."""
    make_keys(tmp_path / "keys")
    given = {"KEYS_DIR": str(tmp_path / "keys"), "DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": postgres_url}
    return read_settings({PREFIX + name: value for name, value in given.items()})


async def test_the_change_names_whom_it_waits_for_and_goes_on_once_the_file_is_copied(
    machine: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "second"
    folder.mkdir(mode=0o700)
    for path in machine.keys_dir.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
        (folder / path.name).chmod(0o600)
    second = replace(machine, keys_dir=folder)
    async with opened(machine.database_url, read_keys(folder)) as database:
        await live(database)
        heart = await join(database, second, "work")
        assert heart is not None
        pulse = asyncio.create_task(heart.run())
        change = asyncio.create_task(rotating.rotated(machine))
        said = ""

        def waits() -> bool:
            nonlocal said
            said += capsys.readouterr().out
            return "has not read the new key yet" in said

        await until(waits)
        assert "Copy team-0002.key to KEYS_DIR of every other machine now" in said
        assert "Waiting: work on " in said
        async with opened(machine.database_url, database.keys) as late:
            with pytest.raises(WrongSetting, match=r"team-0002\.key is missing.*copy it from the machine"):
                await join(late, second, "work")
        new = folder / "team-0002.key"
        new.touch(mode=0o600)
        new.write_bytes((machine.keys_dir / "team-0002.key").read_bytes())
        await change
        await until(lambda: not (folder / "team-0001.key").exists())
        assert not (machine.keys_dir / "team-0001.key").exists()
        assert database.keys.wrapping == 2
        heart.stop()
        await pulse
        async with database.reading() as work:
            assert await rows(work, "processes") == []
            assert (await keeping.check_keys(work)).unreadable == 0


async def test_a_process_that_lost_a_key_in_use_ends_with_a_line(machine: Settings) -> None:
    async with opened(machine.database_url, read_keys(machine.keys_dir)) as database:
        await live(database)
        heart = await join(database, machine, "run")
        assert heart is not None
        await changed(database)
        database.keys = read_keys(machine.keys_dir)  # as if it had slept through all of it
        with pytest.raises(WrongSetting, match=r"team-0002\.key is missing"):
            await heart.run()


async def test_a_process_ends_with_a_line_when_another_version_has_changed_the_form(machine: Settings) -> None:
    async def newer(_: Work) -> bool:
        return False

    async with opened(machine.database_url, read_keys(machine.keys_dir)) as database:
        heart = Heart(database, machine.keys_dir, this_process("run"), newer)
        with pytest.raises(WrongSetting, match="another version has changed its form"):
            await heart.run()


async def test_a_process_that_was_not_heard_of_for_too_long_does_nothing_until_its_next_beat(machine: Settings) -> None:
    async with opened(machine.database_url, read_keys(machine.keys_dir)) as database:
        database.renew_lease(database.clock() - 1)
        for begin in (database.begin, database.reading):
            with pytest.raises(DatabaseAway):
                begin()
        heart = Heart(database, machine.keys_dir, this_process("run"), is_newest)
        pulse = asyncio.create_task(heart.run())
        await until(lambda: (database.lease_until or 0) > database.clock())
        async with database.begin():
            pass
        heart.stop()
        await pulse


async def test_a_change_that_broke_off_anywhere_is_gone_on_with(
    machine: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(machine.database_url, read_keys(machine.keys_dir)) as database:
        await live(database)
    steps = ("announce", "let_wrap", "rewrap", "close_tables", "make_only")

    def broken(*_: object) -> None:
        raise RuntimeError("killed")

    for step in steps:
        with monkeypatch.context() as patched:
            patched.setattr(rotation, step, broken)
            with pytest.raises(RuntimeError, match="killed"):
                await rotating.rotated(machine)
        assert sorted(read_keys(machine.keys_dir).team) == [1, 2], step
    with monkeypatch.context() as patched:
        patched.setattr(rotating, "drop_team_keys_before", broken)
        with pytest.raises(RuntimeError, match="killed"):
            await rotating.rotated(machine)
    await rotating.rotated(machine)
    assert sorted(read_keys(machine.keys_dir).team) == [2]
    async with opened(machine.database_url, read_keys(machine.keys_dir)) as database, database.reading() as work:
        assert (await keeping.check_keys(work)).unreadable == 0
