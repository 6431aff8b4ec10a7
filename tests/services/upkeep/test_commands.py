"""The upkeep commands backup, restore, migrate, areas, keys and doctor: what they do, print and refuse."""

import asyncio
import gzip
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from errno import ENOSPC
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from bot.commands import areas, backup, doctor, migrate, restore
from bot.commands import keys as keys_command
from bot.process.clock import make_clock
from bot.process.health import HealthPort
from bot.process.keys import make_keys, read_keys
from bot.settings import PREFIX, read_settings
from services.rights import erasing
from storage.outbox import pace
from tests.faults.running import free_port
from tests.lives import Life, here, live
from tests.opened import Clock, logging_as_before, opened

__all__ = ["logging_as_before"]

Set = Callable[..., None]
SQUARE = [[4.80, 52.36], [4.81, 52.36], [4.81, 52.37], [4.80, 52.36]]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logging_as_before: None) -> Set:
    """A function that sets settings by name. Set already: a deployment with keys, whose database is not made yet."""

    def put(**given: object) -> None:
        for name, value in given.items():
            monkeypatch.setenv(PREFIX + name, str(value))

    make_keys(tmp_path / "keys")
    put(KEYS_DIR=tmp_path / "keys", DATA_DIR=tmp_path / "data", TELEGRAM_API_URL="http://127.0.0.1:9", HEALTH_PORT=0)
    return put


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/buurtstem.db"


def machine_clock() -> Clock:
    """A clock that stands at the machine's moment: commands read that clock, so the data must be of the same day."""
    return Clock(make_clock("")())


async def a_life(folder: Path, keys: Path) -> Life:
    async with opened(url(folder), read_keys(keys), machine_clock()) as database:
        return await live(database)


async def shown(folder: Path, keys: Path, life: Life) -> dict[str, Any]:
    async with opened(url(folder), read_keys(keys), machine_clock()) as database, database.begin() as work:
        return await erasing.my_data(work, await here(work, life.marks.telegram_id))


def test_a_backup_comes_back_in_a_new_place(settings: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys, copies = tmp_path / "keys", tmp_path / "copies"
    assert migrate.main([]) == 0
    life = asyncio.run(a_life(tmp_path / "data", keys))
    before = asyncio.run(shown(tmp_path / "data", keys, life))
    capsys.readouterr()
    assert backup.main([str(copies)]) == 0
    data_file, keys_file = capsys.readouterr().out.splitlines()[:2]
    assert sorted(map(str, copies.iterdir())) == sorted([data_file, keys_file])
    assert {path.stat().st_mode & 0o777 for path in copies.iterdir()} == {0o600}
    settings(DATA_DIR=tmp_path / "new")
    assert restore.main([data_file, keys_file]) == 0
    assert "0 that were erased since" in capsys.readouterr().out
    after = asyncio.run(shown(tmp_path / "new", keys, life))
    stopped = {**before["news"]["invitations"][0], "state": "stopped", "can_still_be_sent": False}
    assert after == before | {
        "unfinished_ballot": None,  # no backup holds ballots
        "news": before["news"] | {"invitations": [stopped]},  # a recipient who waited may have got it since the backup
    }
    assert restore.main([data_file, keys_file]) == 1
    assert "not empty" in capsys.readouterr().err


def test_only_the_newest_keys_file_stays(settings: Set, tmp_path: Path) -> None:
    assert migrate.main([]) == 0
    for _ in range(2):
        assert backup.main([str(tmp_path / "copies")]) == 0
    names = [path.name for path in (tmp_path / "copies").iterdir()]
    assert names.count("keys.jsonl.gz") == 1
    assert not [name for name in names if name.endswith(".new")]


def damaged(content: bytes) -> dict[str, bytes]:
    """A file damaged in several ways."""
    middle = len(content) // 2
    return {
        "cut": content[:middle],
        "flipped": content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :],
        "no gzip": b"hello",
        "empty": b"",
        "no text": gzip.compress(b"\xff\xfe\xfd" * 500),
        "no rows": gzip.compress(b"{}\n"),
    }


def test_a_damaged_file_is_one_line_and_nothing_is_kept(
    settings: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate.main([]) == 0
    asyncio.run(a_life(tmp_path / "data", tmp_path / "keys"))
    assert backup.main([str(tmp_path / "copies")]) == 0
    data_file, keys_file = capsys.readouterr().out.splitlines()[1:3]
    settings(DATA_DIR=tmp_path / "new")
    for name, content in damaged(Path(data_file).read_bytes()).items():
        (tmp_path / name).write_bytes(content)
        assert restore.main([str(tmp_path / name), keys_file]) == 1, name
        said = capsys.readouterr().err
        assert said.startswith("Nothing was restored"), name
        assert said.count("\n") == 1, name
    assert restore.main([str(tmp_path / "missing"), keys_file]) == 1
    assert restore.main([data_file, keys_file]) == 0


def test_shapes_are_imported_from_a_file(settings: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "shapes.geojson"
    shape = {"properties": {"code": "FK01"}, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
    assert migrate.main([]) == 0
    assert areas.main(["import", str(file)]) == 0
    assert "1 of 73 neighbourhoods" in capsys.readouterr().out
    for content, says in ((b"{", "no JSON"), (b"\xff", "no JSON"), (b"[]", "no GeoJSON"), (b"[" * 99999, "no JSON")):
        file.write_bytes(content)
        assert areas.main(["import", str(file)]) == 1
        said = capsys.readouterr().err
        assert said.startswith("Nothing was imported")
        assert says in said
    assert areas.main(["import", str(tmp_path / "missing")]) == 1
    assert "can't be read (No such file" in capsys.readouterr().err


def test_a_folder_that_can_not_be_used_is_one_line_that_names_its_setting(
    settings: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "inside"):
        settings(DATA_DIR=folder)
        assert migrate.main([]) == 2
        settings(DATA_DIR=tmp_path / "data", KEYS_DIR=folder)
        assert keys_command.main(["new"]) == 2
        settings(KEYS_DIR=tmp_path / "keys")
        data, keys = capsys.readouterr().err.splitlines()
        assert data.startswith(f"{PREFIX}DATA_DIR")
        assert keys.startswith(f"{PREFIX}KEYS_DIR")
    settings(DATABASE_URL=url(tmp_path / "file"))
    assert migrate.main([]) == 2
    assert capsys.readouterr().err.startswith(f"{PREFIX}DATABASE_URL: {tmp_path / 'file'}")


def test_a_backup_that_can_not_be_written_is_one_line_and_leaves_nothing_half(
    settings: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    assert migrate.main([]) == 0
    assert json.loads(capsys.readouterr().err)["event"].startswith("migrated: 0001, ")
    (tmp_path / "file").touch()
    assert backup.main([str(tmp_path / "file")]) == 1
    monkeypatch.setattr(os, "fsync", full)
    assert backup.main([str(tmp_path / "copies")]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.startswith("No backup was made: ") for line in said] == [True, True]
    assert "No space left" in said[1]
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_new_database_is_for_its_owner_alone(settings: Set, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    assert migrate.main([]) == 0
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()} == {0o600}


def test_restored_records_need_the_keys_they_had(
    settings: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(KEYS_DIR=tmp_path / "nowhere")
    assert restore.main(["data", "keys"]) == 2
    assert "put back your copy" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [areas.main, backup.main, restore.main, doctor.main, keys_command.main, migrate.main]
)
def test_a_command_with_wrong_words_says_its_right_ones(
    command: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command(["one", "two", "three"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m bot ")


# The doctor


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """Run the doctor: (state, text) by the part that it looked at."""
    status = doctor.main([])
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    found = {part: (state, "".join(rest)) for state, part, *rest in lines}
    assert status == (1 if "wrong" in {state for state, _ in found.values()} else 0)
    assert {state for state, _ in found.values()} <= {"ok", "todo", "wrong"}
    return found


def test_the_doctor_finds_a_healthy_deployment_well(
    settings: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate.main([])
    capsys.readouterr()
    found = findings(capsys)
    assert {part for part, (state, _) in found.items() if state == "wrong"} == {"telegram"}
    assert found["access"][1] == "the chain of the access log is whole, with 0 entries"
    assert "http://127.0.0.1:9" in found["telegram"][1]
    assert found["readers"][0] == found["legal"][0] == "todo"
    assert "--role confidant" in found["readers"][1]
    assert "--role handler" in found["readers"][1]


def test_the_doctor_lists_what_nobody_signed_off(settings: Set, capsys: pytest.CaptureFixture[str]) -> None:
    assert "texts, privacy, dpia, processing" in findings(capsys)["legal"][1]
    settings(SIGNED_OFF="dpia=privacy officer 2026-12-01; texts=lawyer 2026-12-02")
    assert "nobody signed off privacy, processing:" in findings(capsys)["legal"][1]
    settings(SIGNED_OFF="; ".join(f"{one}=lawyer 2026-12-02" for one in ("texts", "privacy", "dpia", "processing")))
    assert findings(capsys)["legal"] == ("ok", "")
    settings(SIGNED_OFF="dpia")
    assert "TEXT=FUNCTION DATE" in findings(capsys)["settings"][1]


def test_the_doctor_says_what_to_do(settings: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "`python -m bot run` or `migrate` makes it" in findings(capsys)["database"][1]
    assert not (tmp_path / "data").exists()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "buurtstem.db").touch()
    assert "python -m bot migrate" in findings(capsys)["database"][1]
    settings(DATABASE_URL="postgresql://buurtstem:a-password@127.0.0.1:9/none")
    assert findings(capsys)["database"][1].startswith("the database is away (nothing listens there")
    settings(DATABASE_URL="mysql://buurtstem:a-password@127.0.0.1:9/none")
    assert "DATABASE_URL" in findings(capsys)["database"][1]
    settings(KEYS_DIR=tmp_path / "nowhere")
    assert "keys new" in findings(capsys)["keys"][1]
    settings(HTTP_PORT="eighty")
    assert findings(capsys)["settings"][0] == "wrong"


def test_the_doctor_asks_the_running_process_and_tells_of_a_halt_and_a_full_disk(
    settings: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def halted() -> None:
        place = url(tmp_path / "data"), read_keys(tmp_path / "keys"), Clock(make_clock("")())
        async with opened(*place) as database, database.begin() as work:
            now = await work.database_now()
            await pace.halt(work, now, now + timedelta(hours=2))

    migrate.main([])
    settings(HEALTH_PORT=free_port())
    capsys.readouterr()
    found = findings(capsys)
    assert found["running"] == ("todo", "no process answers at a health port of 127.0.0.1")
    assert "halt" not in found
    asyncio.run(halted())
    health = HealthPort(read_settings(), "run")
    Thread(target=health._server.handle_request, daemon=True).start()  # not told to be ready yet
    found = findings(capsys)
    health.close()
    assert found["running"][0] == "wrong"
    assert found["running"][1].endswith(": this process is starting")
    assert found["halt"][0] == "todo"
    assert "Telegram asked for a pause" in found["halt"][1]
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(ENOSPC, "No space left on device")))
    assert "make room" in findings(capsys)["disk"][1]


def test_the_doctor_sees_what_is_unwell_in_the_database(
    settings: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate.main([])
    asyncio.run(a_life(tmp_path / "data", tmp_path / "keys"))
    capsys.readouterr()
    found = findings(capsys)
    assert found["records"][0] == "ok"
    assert found["outbox"] == ("wrong", "1 failed, 2 waiting; the log says why they failed")
    assert found["updates"] == ("wrong", "1 could not be handled; see the log")
    assert found["access"][0] == found["disk"][0] == "ok"
    with sqlite3.connect(tmp_path / "data" / "buurtstem.db") as file:
        file.execute("UPDATE access_log SET reason = 'other' WHERE number = 2")
    file.close()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000_000))
    found = findings(capsys)
    assert found["access"] == ("wrong", "the access log is not as it was written from entry 2 on: was it changed?")
    assert found["disk"] == ("wrong", "10 MB free in BUURTSTEM_DATA_DIR")
    make_keys(tmp_path / "others")
    settings(KEYS_DIR=tmp_path / "others")
    assert "put back your copy" in findings(capsys)["records"][1]
