"""The deeds of a guest: see coming meetings, say whether they come, find the place, put the date in a calendar."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.engine.state import Done
from conversations.meetings import agenda
from conversations.meetings.rsvp import RSVP
from domain.meetings.calendar_file import CalendarEntry, calendar_file
from domain.screens import Told
from handlers.chat import conversation
from handlers.chat.tap import Deed, Ending, Tap
from services.meetings import rsvp


async def tapped_agenda(tap: Tap, value: str) -> None:
    """Shows the meetings to come. value: the page."""
    found = await rsvp.agenda(tap.work)
    await tap.show(agenda.agenda(found, int(value) if value.isdecimal() else 0), in_place=bool(value))


async def tapped_meeting(tap: Tap, meeting_id: str) -> None:
    """Shows one meeting: from the list, a poster or a reminder."""
    found = await rsvp.look(tap.work, tap.who.reach, meeting_id)
    await tap.show(agenda.meeting(found) if found else agenda.unknown())


async def tapped_come(tap: Tap, meeting_id: str) -> None:
    """Asks with how many people."""
    found = await rsvp.look(tap.work, tap.who.reach, meeting_id)
    if found is None:
        await tap.show(agenda.unknown())
    elif found.cancelled or found.over:
        await tap.show(agenda.closed())
    else:
        conversation.ended(tap, RSVP.name)
        await conversation.begin(tap, RSVP, {"meeting": meeting_id, "theme": dict(found.details.theme)})


async def said_how_many(tap: Tap, done: Done) -> None:
    """After the number of people was given. Raises Refused where the room can never hold so many."""
    meeting_id = done.answers["meeting"]
    answer = await rsvp.come(tap.work, tap.who.reach, meeting_id, int(done.outcome))
    found = await rsvp.look(tap.work, tap.who.reach, meeting_id)
    if answer is None or found is None:
        await tap.show(agenda.closed(), in_place=True)
    elif isinstance(answer, rsvp.NoRoom):
        raise conversation.Refused(*agenda.too_many(found, answer.most))
    else:
        await tap.show(agenda.answered(found, answer.mine, kept=answer.kept), in_place=True)


async def tapped_stay_away(tap: Tap, meeting_id: str) -> None:
    """Notes that a resident does not come, or no longer."""
    said_before = await rsvp.stay_away(tap.work, tap.who.reach, meeting_id)
    await tap.show(agenda.away(said_before=said_before))


async def tapped_venue(tap: Tap, meeting_id: str) -> None:
    """Shows where a meeting is."""
    found = await rsvp.look(tap.work, tap.who.reach, meeting_id)
    await tap.show(agenda.venue(found) if found else agenda.unknown())


async def tapped_calendar(tap: Tap, meeting_id: str) -> None:
    """Sends a file for the phone's own calendar."""
    found = await rsvp.look(tap.work, tap.who.reach, meeting_id)
    if found is None:
        await tap.show(agenda.unknown())
        return
    details, language = found.details, tap.who.language
    event = CalendarEntry(
        uid=meeting_id,
        sequence=found.sequence,
        summary=Told(details.theme).spoken(language),
        location=f"{details.place}, {details.address}",
        description=Told(details.about).spoken(language),
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        written_at=tap.work.now,
        point=details.point,
        cancelled=found.cancelled,
    )
    await tap.show(agenda.calendar(found, calendar_file(event)))


DEEDS: Mapping[str, Deed] = {
    "agenda": tapped_agenda,
    "meeting": tapped_meeting,
    "come": tapped_come,
    "stay_away": tapped_stay_away,
    "venue": tapped_venue,
    "calendar": tapped_calendar,
}
ENDINGS: Mapping[str, Ending] = {RSVP.name: said_how_many}
