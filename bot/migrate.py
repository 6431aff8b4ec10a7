"""`python -m bot migrate`: brings the database to the newest form."""

from __future__ import annotations

import sys

from bot.command import WRONG, with_settings
from bot.settings import Settings
from bot.wiring import prepare_database


def main(arguments: list[str]) -> int:
    """Migrate; exit status."""
    if arguments:
        print("python -m bot migrate", file=sys.stderr)
        return WRONG
    return with_settings(_migrate)


def _migrate(settings: Settings) -> int:
    prepare_database(settings)
    print("The database has its newest form.")
    return 0
