"""The page on which publishing, moving, cancelling or deleting a meeting is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import Request
from fastapi.responses import Response

from conversations.meetings import agenda
from conversations.meetings.notices import news
from domain.meetings.planning import MeetingPlan, Shown
from domain.meetings.reminders import ReminderRule
from domain.screens import Screen
from domain.wall_clock import TIMEZONE, moment_of
from handlers.console.confirm import confirm_page
from handlers.console.pages import language_of
from locales.texts import moment, say
from services.meetings.planning import Meeting

_DO = {
    "publish": "console.button.publish", "move": "console.meeting.edit", "cancel": "console.button.call_off",
    "delete": "console.broadcast_act.delete",
}  # fmt: skip
_TOLD = {"move": ReminderRule.MOVED, "cancel": ReminderRule.CANCELLED}


def meeting_confirm(
    request: Request, found: Meeting, what: str, fields: Sequence[tuple[str, str]] = (), plan: MeetingPlan | None = None
) -> Response:
    """The page that asks to confirm an act on a meeting.

    what: publish, move, cancel or delete · fields: (name, value) of the form with the change · plan: the changed plan.
    """
    language = language_of(request)
    if plan:
        found = replace(found, details=plan.details, starts_at=moment_of(plan.starts), ends_at=moment_of(plan.ends))
    facts = [
        ("console.meeting.begin", moment(language, found.starts_at, TIMEZONE)),
        ("console.meeting.place", f"{found.details.place}, {found.details.address}"),
    ]
    if what in _TOLD:
        # The sum of the rounded numbers that staff see, so that it tells no more than those.
        parties = (found.coming_parties or 0) + (found.waiting_parties or 0)
        facts.append(("console.asked.reached", _people(language, parties)))
    path, version = f"/meetings/{found.meeting_id}", str(found.version)
    return confirm_page(
        request,
        back=path,
        action=f"{path}/{'change' if what == 'move' else what}",
        name=found.details.theme,
        do=say(language, _DO[what]),
        explain=say(language, f"console.asked_what.meeting_{what}"),
        facts=facts,
        screens=_screens(found, what),
        fields=[*fields, ("version", version), ("seen", version)],
    )


def _people(language: str, number: int) -> str:
    """A rounded number of people in words: "at least" so many; "fewer than 5" for 0."""
    return say(language, "console.people.least", count=number) if number else say(language, "console.people.few")


def _screens(found: Meeting, what: str) -> list[Screen]:
    """The screens that residents read because of the act."""
    if what in _TOLD:
        return [news(_TOLD[what], found.meeting_id, found.starts_at, found.details)]
    if what == "delete":
        return []
    shown = Shown(
        found.meeting_id, False, False, found.sequence, found.details, found.starts_at, found.ends_at, False,
        found.capacity, found.capacity,
    )  # fmt: skip
    return [agenda.meeting(shown)]
