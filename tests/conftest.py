"""Fixtures for every test (fresh databases, a browser), and the summary that a run prints at its end."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from selenium.webdriver import Chrome

from storage.engine.database import migrate
from tests.browser import start_browser
from tests.parts import SHARED
from tests.postgres import PostgresServer, start_postgres

# A shared machine is slow at times; a slow example is no bug.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL for this worker. Without fsync: no test here cuts the power, and it is twice as fast."""
    server = start_postgres(fsync=False)
    yield server
    server.remove()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> str:
    """Give the name of the migrated database that each test's database is copied from."""
    postgres_server.sql("CREATE DATABASE migrated")
    migrate(postgres_server.url("migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the migrated database file that each test's database is copied from."""
    folder = tmp_path_factory.mktemp("migrated")
    migrate(f"sqlite+aiosqlite:///{folder}/buurtstem.db")
    return folder


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Address of a fresh, migrated SQLite database."""
    # The whole folder: a write-ahead log beside the file belongs to it.
    folder = shutil.copytree(migrated_sqlite, tmp_path / "database")
    return f"sqlite+aiosqlite:///{folder}/buurtstem.db"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, migrated_postgres: str) -> Iterator[str]:
    """Address of a fresh, migrated PostgreSQL database, dropped afterwards."""
    name = f"test_{uuid4().hex}"
    postgres_server.sql(f"CREATE DATABASE {name} TEMPLATE {migrated_postgres}")
    yield postgres_server.url(name)
    postgres_server.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of a fresh, migrated database: every test that asks for it runs on both kinds."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    """A headless Chromium with an empty profile."""
    chromium = start_browser(tmp_path / "chromium")
    yield chromium
    chromium.quit()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the tests per folder; name each missing part once, and every test that lacked shared data."""
    folders: dict[str, Counter[str]] = {}
    skipped: dict[str, list[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped", "xfailed"):
        for report in terminalreporter.getreports(outcome):
            folder = str(Path(report.nodeid.partition("::")[0]).parent)
            folders.setdefault(folder, Counter())[outcome] += 1
            if outcome == "skipped":
                skipped.setdefault(report.longrepr[2].removeprefix("Skipped: "), []).append(report.nodeid)
    if folders:
        terminalreporter.section("tests per folder")
    for folder, outcomes in sorted(folders.items()):
        terminalreporter.line(f"{folder:<32}" + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    for reason, tests in sorted(skipped.items()):
        terminalreporter.line(f"{len(tests)} skipped: {reason}")
        if reason.startswith(SHARED):
            terminalreporter.line("  " + "\n  ".join(tests))
