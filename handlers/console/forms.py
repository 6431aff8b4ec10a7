"""Fields of forms as plain values: amounts, wall-clock moments, words per language. What can't be, is named."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from domain.money import cents_of
from handlers.console.visits import text_of
from locales.texts import LANGUAGES

_WALL_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?", re.ASCII)


class WrongField(ValueError):
    """A field that holds something that can't be. `field`: its name in the service's draft."""

    def __init__(self, field: str) -> None:
        """Nothing was kept."""
        super().__init__(field)
        self.field = field


def words_of(form: FormData, name: str) -> dict[str, str]:
    """What was written per language in `name_nl`, `name_en` …; empty ones left out."""
    given = {language: text_of(form, f"{name}_{language}").strip() for language in LANGUAGES}
    return {language: words for language, words in given.items() if words}


def version_of(form: FormData) -> int | None:
    """The version of what was on the page; None where there is none."""
    given = text_of(form, "version")
    return int(given) if re.fullmatch("[0-9]{1,9}", given) else None


def amount_of(form: FormData, name: str) -> int:
    """An amount of euros, in cents. Raises WrongField."""
    cents = cents_of(text_of(form, name))
    if cents is None:
        raise WrongField(name)
    return cents


def count_of(form: FormData, name: str, field: str = "") -> int:
    """A number of things. Raises WrongField with `field`, else `name`."""
    given = text_of(form, name).strip()
    if not re.fullmatch("[0-9]{1,6}", given):
        raise WrongField(field or name)
    return int(given)


def moment_of(form: FormData, name: str, zone: ZoneInfo) -> datetime:
    """A moment on the clocks of `zone`, in UTC. An hour that the clocks show twice is the first of both.

    Raises WrongField, also for an hour that the clocks skip in the spring night.
    """
    found = _WALL_CLOCK.fullmatch(text_of(form, name))
    try:
        local = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=zone) if found else None
        moment = local.astimezone(UTC) if local else None
    except (ValueError, OverflowError):
        moment = None
    if local is None or moment is None or moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise WrongField(name)
    return moment


def wall_clock(moment: datetime, zone: ZoneInfo) -> str:
    """The moment as a date and time field holds it."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
