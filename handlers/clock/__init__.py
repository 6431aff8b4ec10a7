"""Due moments. The clock only asks what is due; what is due are rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from handlers.clock.broadcasts import broadcasts_are_old, broadcasts_go_on
from handlers.clock.budget import ballots_are_unfinished, evening_has_come, votes_are_due, votes_were_missed
from handlers.clock.meetings import guests_are_old, meetings_are_over, reminders_are_due
from handlers.clock.people import conversations_are_old
from handlers.clock.signals import cuts_are_to_be_told, lines_are_to_be_cut, signals_are_old, silence_is_long
from handlers.clock.staff import reading_is_old, sessions_are_over
from handlers.clock.traces import traces_are_old
from services.work import Work

Act = Callable[[Work], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ClockMoment:
    """What the clock asks, and how often (seconds). after_outage: asked before it when nobody had asked for long."""

    name: str
    act: Act
    seconds: int
    after_outage: Act | None = None


MOMENTS = (
    ClockMoment("votes_are_due", votes_are_due, 5, votes_were_missed),
    ClockMoment("evening_has_come", evening_has_come, 900),
    ClockMoment("ballots_are_unfinished", ballots_are_unfinished, 1800),
    ClockMoment("conversations_are_old", conversations_are_old, 3600),
    ClockMoment("lines_are_to_be_cut", lines_are_to_be_cut, 1),
    ClockMoment("cuts_are_to_be_told", cuts_are_to_be_told, 1),
    ClockMoment("signals_are_old", signals_are_old, 3600),
    ClockMoment("silence_is_long", silence_is_long, 3600),
    ClockMoment("reading_is_old", reading_is_old, 86400),
    ClockMoment("sessions_are_over", sessions_are_over, 600),
    ClockMoment("traces_are_old", traces_are_old, 600),
    ClockMoment("reminders_are_due", reminders_are_due, 3),
    ClockMoment("meetings_are_over", meetings_are_over, 600),
    ClockMoment("guests_are_old", guests_are_old, 3600),
    ClockMoment("broadcasts_go_on", broadcasts_go_on, 1),
    ClockMoment("broadcasts_are_old", broadcasts_are_old, 3600),
)
