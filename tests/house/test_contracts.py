"""Who may import whom: the contracts of pyproject.toml are kept, and wrong imports seeded one at a time are caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOMS
from tests.parts import ROOT

LINTER = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# contract, the file that gets the line, the line
WRONG_IMPORTS = [
    ("floors", "domain/signals/workflow.py", "import storage"),
    ("floors", "storage/engine/database.py", "import services"),
    ("floors", "services/work.py", "import handlers.telegram"),
    ("floors", "locales/texts.py", "import domain.screens"),
    ("floors", "conversations/__init__.py", "import services"),
    ("floors", "conversations/engine/flow.py", "import storage.people.rates"),
    ("storage-callers", "handlers/api/__init__.py", "from storage import database"),
    ("storage-callers", "bot/__init__.py", "import storage.signals.cases"),
    ("kinds", "handlers/console/__init__.py", "import handlers.api"),
    ("simulator", "simulator/clock.py", "import domain.codes"),
    ("aiogram", "services/work.py", "from aiogram.types import Update"),
    ("aiogram", "handlers/telegram/routing.py", "from aiogram.types import Update"),
    ("python-telegram-bot", "handlers/telegram/__init__.py", "from telegram.error import Forbidden"),
    ("fastapi", "services/work.py", "from fastapi import HTTPException"),
    ("sqlmodel", "services/work.py", "from sqlalchemy import select"),
    ("apscheduler", "handlers/clock/__init__.py", "import apscheduler.schedulers.asyncio"),
    ("babel", "handlers/telegram/__init__.py", "from babel.dates import format_date"),
    ("rooms-of-handlers", "handlers/chat/front.py", "import handlers.telegram.render"),
    ("rooms-of-bot", "bot/process/loops.py", "import bot.wiring"),
    ("rooms-of-bot", "bot/speaking/sender.py", "import bot.listening.listener"),
    ("rooms-of-services", "services/people/residents.py", "import services.rights.erasing"),
    ("rooms-of-services", "services/signals/casework.py", "import services.meetings.rsvp"),
    ("rooms-of-services", "services/budget/codes.py", "import services.broadcasts.sending"),
    ("rooms-of-conversations", "conversations/engine/flow.py", "import conversations.people.menu"),
    ("rooms-of-conversations", "conversations/budget/vote.py", "import conversations.signals.danger"),
    ("rooms-of-storage", "storage/engine/vault.py", "import storage.people.residents"),
    ("rooms-of-storage", "storage/signals/cases.py", "import storage.upkeep.wrapping"),
    ("no-circles", "domain/signals/workflow.py", "import domain.staff.rights"),
]


def lint(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a copy of the code, in a process of its own: this one has the real packages loaded."""
    return subprocess.run(
        [sys.executable, "-c", LINTER, "--no-cache", "--no-logo", *arguments],
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__", "*.po", "voice"))
    return copy


def test_the_contracts_are_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "file", "line"), WRONG_IMPORTS)
def test_a_wrong_import_is_caught(copy_of_the_house: Path, contract: str, file: str, line: str) -> None:
    path = copy_of_the_house / file
    right = path.read_text(encoding="utf-8")
    try:
        path.write_text(f"{right}\n{line}\n", encoding="utf-8")
        done = lint(copy_of_the_house, "--contract", contract)
    finally:
        path.write_text(right, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout
