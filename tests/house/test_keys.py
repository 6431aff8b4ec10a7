"""The keys of a deployment: made once, refused when others can read them, and changed without losing anything."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bot.commands.keys import main
from bot.process.keys import add_team_key, drop_team_keys_before, hold_alone, make_keys, read_keys
from bot.settings import PREFIX, WrongSetting
from services.rights import erasing
from services.upkeep import keeping
from storage.engine.database import Database
from tests.lives import Life, here, live
from tests.opened import Clock, logging_as_before, opened
from tests.parts import ROOT

__all__ = ["logging_as_before"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with fresh keys."""
    assert make_keys(tmp_path / "keys")
    return tmp_path / "keys"


def test_keys_are_made_for_their_owner_alone(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["pseudonyms.key", "team-0001.key"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    ring = read_keys(folder)
    assert (ring.newest, len(ring.team[1]), len(ring.pseudonyms)) == (1, 32, 32)
    assert ring.team[1] != ring.pseudonyms


def test_keys_are_never_made_over_others(folder: Path) -> None:
    before = read_keys(folder)
    assert not make_keys(folder)
    assert read_keys(folder) == before


@pytest.mark.parametrize(("lost", "named"), [("pseudonyms.key", "pseudonyms.key"), ("team-0001.key", "team-NNNN.key")])
def test_a_lost_key_is_asked_for_and_not_made_anew(folder: Path, lost: str, named: str) -> None:
    (folder / lost).unlink()
    assert not make_keys(folder)
    with pytest.raises(WrongSetting, match=rf"{named} is missing: put back your copy"):
        read_keys(folder)


def test_missing_keys_are_one_line_that_says_what_makes_them(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        path.parent.chmod(0o700)
        path.chmod(0o700) if path.exists() else None
        with pytest.raises(WrongSetting, match=r"BUURTSTEM_KEYS_DIR.*`python -m bot keys new` makes"):
            read_keys(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620])
def test_keys_that_others_can_read_are_refused(folder: Path, mode: int) -> None:
    (folder / "team-0001.key").chmod(mode)
    with pytest.raises(WrongSetting, match=rf"BUURTSTEM_KEYS_DIR: others can read .*: chmod 600 {folder}"):
        read_keys(folder)


def test_a_folder_that_others_can_read_is_refused(folder: Path) -> None:
    folder.chmod(0o750)
    with pytest.raises(WrongSetting, match=f"chmod 700 {folder}$"):
        read_keys(folder)


@pytest.mark.parametrize("content", [b"", b"no base64!", b"c2hvcnQ=", b"\xff" * 44])
def test_a_damaged_key_is_named_and_not_shown(folder: Path, content: bytes) -> None:
    (folder / "team-0001.key").write_bytes(content)
    with pytest.raises(WrongSetting, match=r"team-0001\.key is damaged: put back your copy") as caught:
        read_keys(folder)
    assert caught.value.__cause__ is None


def test_a_copy_with_another_name_is_no_key(folder: Path) -> None:
    for name in ("team-0001 (copy).key", "team-x.key", "team-0002.key.old"):
        (folder / name).write_bytes((folder / "team-0001.key").read_bytes())
        (folder / name).chmod(0o600)
    assert set(read_keys(folder).team) == {1}


def test_the_newest_of_several_wraps_and_the_older_ones_can_be_dropped(folder: Path) -> None:
    first = read_keys(folder)
    assert add_team_key(folder) == 2
    both = read_keys(folder)
    assert (both.newest, both.team[1], both.pseudonyms) == (2, first.team[1], first.pseudonyms)
    drop_team_keys_before(folder, 2)
    assert read_keys(folder).team == {2: both.team[2]}


# The command


@pytest.fixture
def settings(folder: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, logging_as_before: None) -> str:
    """The environment of a deployment with a database."""
    monkeypatch.setenv(PREFIX + "KEYS_DIR", str(folder))
    monkeypatch.setenv(PREFIX + "DATA_DIR", str(folder.parent / "data"))
    monkeypatch.setenv(PREFIX + "DATABASE_URL", sqlite_url)
    return sqlite_url


async def a_life(url: str, folder: Path) -> Life:
    async with opened(url, read_keys(folder)) as database:
        return await live(database)


async def shown(database: Database, life: Life) -> dict[str, object]:
    async with database.begin() as work:
        return await erasing.my_data(work, await here(work, life.marks.telegram_id))


async def look(url: str, folder: Path, life: Life) -> tuple[dict[str, object], int]:
    """(what the resident sees of their data, how many record keys don't open)."""
    async with opened(url, read_keys(folder), Clock()) as database:
        async with database.reading() as work:
            unreadable = (await keeping.check_keys(work)).unreadable
        return await shown(database, life), unreadable


def test_after_a_change_everything_is_readable_and_the_old_key_is_gone(
    settings: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    life = asyncio.run(a_life(settings, folder))
    before = asyncio.run(look(settings, folder, life))
    assert main(["rotate"]) == 0
    assert "team key 2" in capsys.readouterr().out
    assert [path.name for path in sorted(folder.glob("team-*"))] == ["team-0002.key"]
    assert asyncio.run(look(settings, folder, life)) == before == (before[0], 0)
    assert main(["check"]) == 0
    assert ", 0 can't" in capsys.readouterr().out


def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Assert that a change of the keys is refused and touches none of them; the line that says why."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert main(["rotate"]) == 1
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    said = capsys.readouterr()
    assert (said.err.count("\n"), said.out) == (1, "")
    return said.err


def test_keys_are_not_changed_over_a_database_that_holds_no_record(
    settings: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no record was found in BUURTSTEM_DATABASE_URL; nothing was changed" in refused(folder, capsys)


def test_keys_are_not_changed_over_the_database_of_other_keys(
    settings: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(a_life(settings, folder))
    make_keys(folder.parent / "others")
    monkeypatch.setenv(PREFIX + "KEYS_DIR", str(folder.parent / "others"))
    assert "open none of the" in refused(folder.parent / "others", capsys)


def test_a_check_says_what_does_not_open(settings: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(a_life(settings, folder))
    add_team_key(folder)
    drop_team_keys_before(folder, 2)
    assert main(["check"]) == 1
    assert "0 record keys can be opened" in capsys.readouterr().out


def test_keys_are_made_by_the_command_once(
    settings: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new"]) == 1
    assert "already" in capsys.readouterr().err
    monkeypatch.setenv(PREFIX + "KEYS_DIR", str(folder.parent / "others"))
    assert main(["new"]) == 0
    assert read_keys(folder.parent / "others") != read_keys(folder)


@pytest.mark.parametrize("arguments", [[], ["destroy"], ["new", "more"]])
def test_a_wrong_word_is_answered_with_the_right_ones(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "{new,rotate,check}" in capsys.readouterr().err


HOLDER = "import sys, pathlib; from bot.process.keys import read_keys, hold_alone; folder = pathlib.Path(sys.argv[1]); "


def test_keys_that_a_running_program_uses_are_not_changed_under_it(
    settings: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(a_life(settings, folder))
    before = sorted(folder.iterdir())
    holder = HOLDER + "read_keys(folder); print('holding', flush=True); sys.stdin.read()"
    with running(holder, folder) as program:
        assert main(["rotate"]) == 1
        assert "stop the program first" in capsys.readouterr().err
        assert sorted(folder.iterdir()) == before
        program.communicate()
    assert main(["rotate"]) == 0


def test_a_program_does_not_start_while_the_keys_are_changed(settings: str, folder: Path) -> None:
    with running(HOLDER + "hold_alone(folder); print('holding', flush=True); sys.stdin.read()", folder) as program:
        with pytest.raises(WrongSetting, match="being changed"):
            read_keys(folder)
        program.communicate()
    read_keys(folder)
    assert hold_alone(folder)


def running(code: str, folder: Path) -> subprocess.Popen[str]:
    """Another process that holds the keys until its input ends."""
    command = [sys.executable, "-c", code, str(folder)]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert program.stdout is not None
    assert program.stdout.readline() == "holding\n"
    return program
