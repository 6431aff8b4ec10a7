"""`python -m bot migrate`: brings the database to the newest form."""

from __future__ import annotations

import logging

from bot.commands.command import with_settings
from bot.commands.words import make_parser
from bot.process.logs import name_role
from bot.settings import Settings
from bot.wiring import prepare_database

log = logging.getLogger("buurtstem")
_PATIENCE = 20.0  # seconds, for another `migrate` on the same SQLite file


def main(arguments: list[str]) -> int:
    """Migrate. Returns the exit status."""
    make_parser("migrate", "Bring the database to the newest form.").parse_args(arguments)
    return with_settings(_migrate)


def _migrate(settings: Settings) -> int:
    name_role("migrate")
    if line := prepare_database(settings, _PATIENCE):
        log.info("%s", line)
    print("The database has its newest form.")
    return 0
