"""What every command does first: read settings, start the logs, and turn a mistake into one clear line."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bot.commands.words import WRONG
from bot.process.logs import hidden, start_logging
from bot.process.readiness import why_away
from bot.settings import PREFIX, Settings, WrongSetting, read_settings
from services.work import DatabaseAway


def with_settings(act: Callable[[Settings], int]) -> int:
    """Run `act` with the settings. Returns its exit status.

    A wrong setting, or a database that is away, ends with one line that names the setting, and status 2; Ctrl-C with
    status 130.
    """
    try:
        settings = read_settings()
        start_logging(settings.log_level)
        return act(settings)
    except WrongSetting as error:
        print(hidden(str(error)), file=sys.stderr)
        return WRONG
    except DatabaseAway as error:
        print(f"{PREFIX}DATABASE_URL: {why_away(error)}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return 130
