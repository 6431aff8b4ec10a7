"""Several `python -m bot migrate` at once: all succeed, and the migrations run once."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from storage.engine.database import is_newest
from tests.opened import fresh_keys, opened
from tests.parts import ROOT, surroundings
from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without any table; for SQLite there is no file yet."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/data/buurtstem.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"empty_{uuid4().hex}"
    server.sql(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.sql(f"DROP DATABASE {name}")


async def newest(url: str) -> bool:
    async with opened(url, fresh_keys()) as database, database.reading() as work:
        return await is_newest(work)


def test_three_at_once_end_well(empty_url: str, tmp_path: Path) -> None:
    settings = {"BUURTSTEM_DATABASE_URL": empty_url, "BUURTSTEM_DATA_DIR": str(tmp_path / "data")}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", "migrate"],
            cwd=ROOT, env=surroundings() | settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    said = [(*process.communicate(), process.returncode) for process in started]
    assert [(out, status) for out, _, status in said] == [("The database has its newest form.\n", 0)] * 3
    (told,) = [err for _, err, _ in said if err]
    assert '"migrated: 0001, ' in told
    assert asyncio.run(newest(empty_url))
