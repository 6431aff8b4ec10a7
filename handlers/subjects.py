"""The manifest of subjects, as seen from outside: residents' buttons, jobs of the clock, API routes, staff's pages.

The other half is services/subjects.py. Every field is required; an empty one says "nothing".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter

from conversations.people.erasing import ERASE
from handlers.api import access as access_api
from handlers.api import broadcasts as broadcasts_api
from handlers.api import budget as budget_api
from handlers.api import meetings as meetings_api
from handlers.api import signals as signals_api
from handlers.api import staff as staff_api
from handlers.chat import broadcasts as broadcasts_chat
from handlers.chat import budget as budget_chat
from handlers.chat import front, offering, people
from handlers.chat import meetings as meetings_chat
from handlers.chat import signals as signals_chat
from handlers.chat.tap import Deed, Ending
from handlers.clock.broadcasts import (
    audiences_are_put_in,
    broadcasts_are_old,
    broadcasts_go_on,
    readers_are_counted,
)
from handlers.clock.budget import ballots_are_unfinished, evening_has_come, votes_are_due, votes_were_missed
from handlers.clock.meetings import guests_are_old, meetings_are_over, reminders_are_due
from handlers.clock.moments import ClockMoment
from handlers.clock.people import conversations_are_old
from handlers.clock.signals import cuts_are_to_be_told, lines_are_to_be_cut, signals_are_old, silence_is_long
from handlers.clock.staff import reading_is_old, sessions_are_over
from handlers.clock.traces import traces_are_old
from handlers.console import start
from handlers.console.broadcasts import acts, invitations
from handlers.console.budget import codes, plans, results, round_acts, rounds
from handlers.console.meetings import planning
from handlers.console.signals import casework
from handlers.console.staff import sign_in
from services.subjects import joined


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectWays:
    """The ways into a subject.

    Attributes:
        deeds: The name of a deed, as a button or command gives it -> what it does.
        endings: The name of a conversation -> what follows when it was held to its end.
        moments: The jobs that the clock runs, and how often.
        api: Routes for programs.
        pages: Routes for people of the staff, and the public pages.
    """

    name: str
    deeds: Mapping[str, Deed]
    endings: Mapping[str, Ending]
    moments: tuple[ClockMoment, ...]
    api: tuple[APIRouter, ...]
    pages: tuple[APIRouter, ...]


SUBJECTS = (
    SubjectWays(
        name="people",
        deeds={**people.DEEDS, **front.DEEDS, **offering.DEEDS},
        endings={ERASE.name: people.erased},
        moments=(ClockMoment(conversations_are_old, 3600), ClockMoment(traces_are_old, 600)),
        api=(),
        pages=(),
    ),
    SubjectWays(
        name="staff",
        deeds={},
        endings={},
        moments=(ClockMoment(reading_is_old, 86400), ClockMoment(sessions_are_over, 600)),
        api=(staff_api.router, access_api.router),
        pages=(sign_in.router, start.router),
    ),
    SubjectWays(
        name="signals",
        deeds=signals_chat.DEEDS,
        endings=signals_chat.ENDINGS,
        moments=(
            ClockMoment(lines_are_to_be_cut, 1),
            ClockMoment(cuts_are_to_be_told, 1),
            ClockMoment(signals_are_old, 3600),
            ClockMoment(silence_is_long, 3600),
        ),
        api=(signals_api.router,),
        pages=(casework.router,),
    ),
    SubjectWays(
        name="meetings",
        deeds=meetings_chat.DEEDS,
        endings=meetings_chat.ENDINGS,
        moments=(
            ClockMoment(reminders_are_due, 3),
            ClockMoment(meetings_are_over, 600),
            ClockMoment(guests_are_old, 3600),
        ),
        api=(meetings_api.router,),
        pages=(planning.router,),
    ),
    SubjectWays(
        name="broadcasts",
        deeds=broadcasts_chat.DEEDS,
        endings=broadcasts_chat.ENDINGS,
        moments=(
            ClockMoment(broadcasts_go_on, 1),
            ClockMoment(audiences_are_put_in, 1),
            ClockMoment(readers_are_counted, 2),
            ClockMoment(broadcasts_are_old, 3600),
        ),
        api=(broadcasts_api.router,),
        pages=(invitations.router, acts.router),
    ),
    SubjectWays(
        name="budget",
        deeds=budget_chat.DEEDS,
        endings={},
        moments=(
            ClockMoment(votes_are_due, 5, votes_were_missed),
            ClockMoment(evening_has_come, 900),
            ClockMoment(ballots_are_unfinished, 1800),
        ),
        api=(budget_api.router,),
        pages=(rounds.router, round_acts.router, plans.router, codes.router, results.router),
    ),
)
DEEDS = joined(subject.deeds for subject in SUBJECTS)
ENDINGS = joined(subject.endings for subject in SUBJECTS)
MOMENTS = tuple(moment for subject in SUBJECTS for moment in subject.moments)
API = tuple(router for subject in SUBJECTS for router in subject.api)
PAGES = tuple(router for subject in SUBJECTS for router in subject.pages)
