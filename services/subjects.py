"""The manifest of subjects: what each gives the rest of the program. All fields are required; an empty one: nothing.

A subject that is not in SUBJECTS, or a table that none of them names, is noticed by tests/house/test_subjects.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from domain.reach import Reach
from domain.staff.rights import Scope
from services.broadcasts import audience, recipients
from services.budget import closing, voting
from services.budget import own_data as own_ballot
from services.meetings import reminders, rsvp
from services.people import residents, updates
from services.people.residents import Resident
from services.signals import own_data as own_signals
from services.signals import reporting
from services.work import Work
from storage.upkeep.copying import BackupPlace

Shows = Callable[[Work, Resident], Awaitable[Any]]
Erases = Callable[[Work, Resident], Awaitable[None]]
# (work, id, state of services/speaking/receipts.py) -> done, in the unit of work that settles the row.
Notes = Callable[[Work, str, str], Awaitable[None]]
Returns = Callable[[Work, str], Awaitable[None]]
T = TypeVar("T")


def _of(act: Callable[[Work, Reach], Awaitable[T]]) -> Callable[[Work, Resident], Awaitable[T]]:
    """Make a function of a reach into one of a resident."""
    return lambda work, resident: act(work, resident.reach)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One part of what people do here, such as signals or meetings.

    Attributes:
        shows: What /mijngegevens shows: the name in its file -> the function that gives the JSON-able value.
        erases: What /wis does, in this order. It may not fail on what is not there.
        counts: The deeds that are limited by the hour, as `residents.rate_tag` names them.
        notes: The word before the colon of a receipt -> the function that notes what became of the message.
        returns: The same word -> the function that looks again at a message that was not sent and waits once more.
        tables: All its tables, and where a backup keeps each.
        restored: What to do after a backup was put back.
        scopes: The rights of staff that are about it.
    """

    name: str
    shows: Mapping[str, Shows]
    erases: tuple[Erases, ...]
    counts: tuple[str, ...]
    notes: Mapping[str, Notes]
    returns: Mapping[str, Returns]
    tables: Mapping[str, BackupPlace]
    restored: tuple[Callable[[Work], Awaitable[None]], ...]
    scopes: frozenset[Scope]


SIGNALS = Subject(
    name="signals",
    shows={
        "signals": _of(own_signals.signals_of),
        "signals_opened_by_code_on": _of(own_signals.opened_on),
        "lines_being_cut": _of(own_signals.being_cut),
    },
    erases=(_of(reporting.erase_all), _of(reporting.forget_traces)),
    counts=("report", "guess"),
    notes={},
    returns={},
    tables={
        "signals": BackupPlace.IN_THE_DATA,
        "signal_messages": BackupPlace.IN_THE_DATA,
        "signal_moves": BackupPlace.IN_THE_DATA,
        "attachments": BackupPlace.IN_THE_DATA,
        "openers": BackupPlace.BESIDE_THE_KEYS,
        "line_cuts": BackupPlace.BESIDE_THE_KEYS,
        "neighbourhood_shapes": BackupPlace.IN_THE_DATA,
    },
    restored=(),
    scopes=frozenset({Scope.READ, Scope.ANSWER, Scope.MOVE, Scope.CODE}),
)
MEETINGS = Subject(
    name="meetings",
    shows={"meetings": _of(rsvp.my_meetings)},
    erases=(_of(rsvp.erase_all),),
    counts=(),
    notes={"reminder": reminders.noted},
    returns={},
    tables={
        "meetings": BackupPlace.IN_THE_DATA,
        "rsvps": BackupPlace.BESIDE_THE_KEYS,
        "reminders": BackupPlace.BESIDE_THE_KEYS,
    },
    restored=(reminders.doubt_all,),
    scopes=frozenset({Scope.MEETINGS}),
)
BROADCASTS = Subject(
    name="broadcasts",
    shows={"news": audience.of_resident},
    erases=(_of(audience.forget),),
    counts=(),
    notes={recipients.RECEIPT: recipients.noted},
    returns={recipients.RECEIPT: recipients.returned},
    tables={
        "broadcasts": BackupPlace.IN_THE_DATA,
        "broadcast_recipients": BackupPlace.BESIDE_THE_KEYS,
        "reader_census": BackupPlace.NEVER,
    },
    restored=(recipients.stop_all,),
    scopes=frozenset({Scope.INVITE}),
)
BUDGET = Subject(
    name="budget",
    shows={"unfinished_ballot": _of(own_ballot.ballot_of)},
    erases=(_of(voting.drop_draft),),
    counts=("vote",),
    notes={"draft": voting.note_reminder},
    returns={},
    tables={
        "rounds": BackupPlace.IN_THE_DATA,
        "plans": BackupPlace.IN_THE_DATA,
        "plan_photos": BackupPlace.IN_THE_DATA,
        "code_batches": BackupPlace.IN_THE_DATA,
        "commitments": BackupPlace.IN_THE_DATA,
        "counted_ballots": BackupPlace.IN_THE_DATA,
        "published_results": BackupPlace.IN_THE_DATA,
        "roll": BackupPlace.BESIDE_THE_KEYS,
        "ballots": BackupPlace.NEVER,
        "drafts": BackupPlace.NEVER,
        "round_keys": BackupPlace.NEVER,
    },
    restored=(closing.begin_anew,),
    scopes=frozenset({Scope.ROUNDS}),
)
STAFF = Subject(
    name="staff",
    shows={},
    erases=(),
    counts=(),
    notes={},
    returns={},
    tables={
        "staff": BackupPlace.IN_THE_DATA,
        "staff_tokens": BackupPlace.IN_THE_DATA,
        "sign_in_links": BackupPlace.BESIDE_THE_KEYS,
        "staff_sessions": BackupPlace.BESIDE_THE_KEYS,
        "repeated_requests": BackupPlace.BESIDE_THE_KEYS,
        "access_log": BackupPlace.IN_THE_DATA,
        "access_head": BackupPlace.IN_THE_DATA,
    },
    restored=(),
    scopes=frozenset({Scope.ACCESS_LOG}),
)
# Last: the others may still look for the resident while they erase.
PEOPLE = Subject(
    name="people",
    shows={"updates_not_handled": _of(updates.buried_of)},
    erases=(_of(updates.forget), residents.forget),
    counts=(),
    notes={},
    returns={},
    tables={
        "people": BackupPlace.BESIDE_THE_KEYS,
        "conversations": BackupPlace.BESIDE_THE_KEYS,
        "phone_messages": BackupPlace.BESIDE_THE_KEYS,
        "done_updates": BackupPlace.BESIDE_THE_KEYS,
        "dead_letters": BackupPlace.BESIDE_THE_KEYS,
        "rates": BackupPlace.BESIDE_THE_KEYS,
    },
    restored=(),
    scopes=frozenset(),
)
SUBJECTS = (
    SIGNALS,
    MEETINGS,
    BROADCASTS,
    BUDGET,
    STAFF,
    PEOPLE,
)
# Tables that belong to the deployment, and to no subject.
OF_THE_HOUSE: Mapping[str, BackupPlace] = {
    "outbox": BackupPlace.BESIDE_THE_KEYS,
    "paces": BackupPlace.BESIDE_THE_KEYS,
    "halts": BackupPlace.BESIDE_THE_KEYS,
    "record_keys": BackupPlace.BESIDE_THE_KEYS,
    "erasures": BackupPlace.BESIDE_THE_KEYS,
    "deployment": BackupPlace.IN_THE_DATA,
    "processes": BackupPlace.NEVER,
    "team_keys": BackupPlace.NEVER,
}


def joined(parts: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """All entries of several maps. Raises ValueError when two of them hold the same name."""
    whole: dict[str, T] = {}
    for part in parts:
        if twice := whole.keys() & part.keys():
            raise ValueError(f"named by two subjects: {', '.join(sorted(twice))}")
        whole.update(part)
    return whole


SHOWS = joined(subject.shows for subject in SUBJECTS)
NOTES = joined(subject.notes for subject in SUBJECTS)
RETURNS = joined(subject.returns for subject in SUBJECTS)
TABLES = joined([*(subject.tables for subject in SUBJECTS), OF_THE_HOUSE])
