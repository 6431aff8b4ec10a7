"""The page on which publishing, moving, cancelling or deleting a meeting is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fastapi import Request
from fastapi.responses import Response

from domain.meetings import Details, Plan
from domain.screens import Told
from domain.wall_clock import TIMEZONE, moment_of
from handlers.console.pages import language_of, page
from locales.texts import LANGUAGES, moment, say
from services.meetings import Meeting


def meeting_confirm(
    request: Request, found: Meeting, what: str, fields: Sequence[tuple[str, str]] = (), plan: Plan | None = None
) -> Response:
    """what: publish, move, cancel or delete · fields: of the form that is asked about · plan: what it says."""
    starts = moment_of(plan.starts) if plan else found.starts_at
    details = plan.details if plan else found.details
    facts: list[tuple[str, str | int]] = [
        ("console.meeting.begin", moment(language_of(request), starts, TIMEZONE)),
        ("console.meeting.place", f"{details.place}, {details.address}"),
    ]
    if what in ("move", "cancel"):
        # Exact, as on the meeting's page: who sets up chairs needs it.
        facts.append(("console.asked.reached", found.coming_parties + found.waiting_parties))
    path = f"/meetings/{found.meeting_id}"
    version = str(found.version)
    return page(
        request,
        "confirm.html",
        status=409 if what == "move" else 200,
        back=path,
        action=f"{path}/{'change' if what == 'move' else what}",
        name=details.theme,
        what=f"meeting_{what}",
        changed=False,
        facts=facts,
        phones=[] if what == "delete" else [_phone(code, what, details, starts) for code in LANGUAGES],
        fields=[*fields, ("version", version), ("seen", version)],
    )


def _phone(code: str, what: str, details: Details, starts: datetime) -> tuple[str, str, tuple[str, ...]]:
    """What a resident of this language reads: language, words, buttons."""
    begin = say(code, "meetings.one.start", {"start": moment(code, starts, TIMEZONE)})
    where = say(code, "meetings.one.where", {"place": details.place, "address": details.address})
    look, leave = say(code, "meetings.button.look"), say(code, "meetings.button.leave")
    if what == "cancel":
        return code, "\n\n".join((say(code, "meetings.news.cancelled"), begin)), (look,)
    if what == "move":
        return code, "\n\n".join((say(code, "meetings.news.moved"), begin, where)), (look, leave)
    about = [Told(words).spoken(code) for words in (details.access, details.about) if words]
    buttons = (say(code, "meetings.button.come"), say(code, "meetings.button.not_coming"))
    return code, "\n\n".join((Told(details.theme).spoken(code), begin, where, *about)), buttons
