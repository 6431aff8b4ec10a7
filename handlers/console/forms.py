"""Reads fields of forms as plain values: amounts, wall-clock moments, words per language; a wrong one is named."""

from __future__ import annotations

import re
from datetime import datetime

from starlette.datastructures import FormData

from domain.budget.rounds import CHOICES_LIMIT, PLACE_LIMIT, PLANS_LIMIT, STORY_LIMIT, TITLE_LIMIT
from domain.money import cents_of
from domain.wall_clock import NoSuchHour, moment_of, wall_of
from handlers.console.visits import text_of
from locales.texts import LANGUAGES, say
from services.budget.plans import WrongPlan
from services.budget.round_acts import WrongRound

_WALL_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?", re.ASCII)
# Reason of a refusal -> the number that its text names.
_LIMITS = {
    "title_long": TITLE_LIMIT, "story": STORY_LIMIT, "place": PLACE_LIMIT, "choose": CHOICES_LIMIT,
    "many": PLANS_LIMIT,
}  # fmt: skip


class WrongField(ValueError):
    """A field of a form has a wrong value. Nothing was kept.

    `field`: its name in the service's draft · `reason`: in which way it is wrong; the field's name if there is one way.
    """

    def __init__(self, field: str, reason: str = "") -> None:
        """reason: "" for a field that can be wrong in one way only."""
        super().__init__(field)
        self.field, self.reason = field, reason or field


def why_of(language: str, error: WrongField | WrongRound | WrongPlan) -> dict[str, str]:
    """Why a form was refused, for its page: `problem` in words, and `at`, the field that it is about."""
    return {"problem": refusal(language, error.reason), "at": error.field}


def refusal(language: str, reason: str, column: str = "") -> str:
    """Why a round, plan or table was refused, in the reader's language. column: of a table, the one that is wrong."""
    values: dict[str, str | int] = {
        "most": _LIMITS.get(reason, 0),
        "column": column,
        "one": "12500",
        "other": "12.500,50",
    }
    return say(language, f"console.wrong.{reason}", values)


def words_of(form: FormData, name: str) -> dict[str, str]:
    """The words by language, from the fields `name_nl`, `name_en` …; empty ones are left out."""
    given = {language: text_of(form, f"{name}_{language}").strip() for language in LANGUAGES}
    return {language: words for language, words in given.items() if words}


def version_of(form: FormData) -> int | None:
    """The version of what was shown on the page; None where there is none."""
    given = text_of(form, "version")
    return int(given) if re.fullmatch("[0-9]{1,9}", given) else None


def amount_of(form: FormData, name: str) -> int:
    """An amount of euros, in cents. Raises WrongField."""
    cents = cents_of(text_of(form, name))
    if cents is None:
        raise WrongField(name)
    return cents


def count_of(form: FormData, name: str, field: str = "") -> int:
    """A whole number from 0 to 999999. Raises WrongField, with `field` as its field if given, else `name`."""
    given = text_of(form, name).strip()
    if not re.fullmatch("[0-9]{1,6}", given):
        raise WrongField(field or name)
    return int(given)


def wall_time(given: str) -> datetime | None:
    """The value of a date and time field: Amsterdam wall-clock time, without a zone; None when it can't be read."""
    found = _WALL_CLOCK.fullmatch(given)
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}") if found else None
    except ValueError:
        return None


def moment_in(form: FormData, name: str) -> datetime:
    """The moment (aware UTC) of a date and time field. Raises WrongField, also for an hour that the clock skips."""
    wall = wall_time(text_of(form, name))
    if wall is None:
        raise WrongField(name, "no_moment")
    try:
        return moment_of(wall)
    except NoSuchHour:
        raise WrongField(name, "no_such_hour") from None
    except OverflowError:
        raise WrongField(name) from None


def wall_clock(at: datetime) -> str:
    """A moment as the value of a date and time field, in Amsterdam time."""
    return f"{wall_of(at):%Y-%m-%dT%H:%M}"
