"""`python -m bot migrate`: brings the database to the newest form."""

from __future__ import annotations

from bot.command import with_settings
from bot.settings import Settings
from bot.wiring import prepare_database


def main(_arguments: list[str]) -> int:
    """Migrate; exit status."""
    return with_settings(_migrate)


def _migrate(settings: Settings) -> int:
    prepare_database(settings)
    print("The database has its newest form.")
    return 0
