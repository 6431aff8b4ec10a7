"""What a signal is: kinds, roles, the official codes, and the one table of its workflow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a signal is about."""

    DISCRIMINATION = "discrimination"
    NUISANCE = "nuisance"
    DAMP = "damp"
    OTHER = "other"


class Role(StrEnum):
    """The part that the reporter had in what happened."""

    VICTIM = "victim"
    WITNESS = "witness"
    ON_BEHALF = "on_behalf"


class About(StrEnum):
    """Which of our own organisations a signal is about: its staff are shut out, the confidant owns it."""

    NOBODY = "nobody"
    MUNICIPALITY = "municipality"
    POLICE = "police"
    CORPORATION = "corporation"
    SCHOOL = "school"


class Status(StrEnum):
    """Where a signal stands."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_REPORTER = "waiting_for_reporter"
    PASSED_ON = "passed_on"
    RESOLVED = "resolved"
    NOT_RESOLVED = "not_resolved"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    CLOSED = "closed"


class Mover(StrEnum):
    """Who makes a move."""

    REPORTER = "reporter"
    STAFF = "staff"
    CLOCK = "clock"


REOPEN_WITHIN = timedelta(days=30)
ENDED = frozenset({Status.RESOLVED, Status.NOT_RESOLVED, Status.WITHDRAWN, Status.DUPLICATE, Status.CLOSED})
_OPEN = tuple(status for status in Status if status not in ENDED)

# Nothing leads to PASSED_ON: that needs the reporter's recorded yes to a named partner, and none can be kept yet.
_BY_STAFF: dict[Status, tuple[Status, ...]] = {
    Status.RECEIVED: (Status.IN_REVIEW, Status.DUPLICATE),
    Status.IN_REVIEW: (Status.IN_PROGRESS, Status.WAITING_FOR_REPORTER, Status.DUPLICATE),
    Status.IN_PROGRESS: (
        Status.WAITING_FOR_REPORTER,
        Status.RESOLVED,
        Status.NOT_RESOLVED,
        Status.DUPLICATE,
    ),
    Status.WAITING_FOR_REPORTER: (Status.IN_PROGRESS, Status.RESOLVED, Status.NOT_RESOLVED),
    Status.PASSED_ON: (Status.IN_PROGRESS, Status.RESOLVED, Status.NOT_RESOLVED),
}

# (from, to) -> who may make the move. What is not here is forbidden. The reporter is told of every move but
# their own, with the text `signals.status.<to>`.
MOVES: dict[tuple[Status, Status], frozenset[Mover]] = {
    **{(start, end): frozenset({Mover.STAFF}) for start, ends in _BY_STAFF.items() for end in ends},
    **{(start, Status.WITHDRAWN): frozenset({Mover.REPORTER}) for start in _OPEN},
    (Status.RESOLVED, Status.IN_REVIEW): frozenset({Mover.REPORTER, Mover.STAFF}),
    (Status.NOT_RESOLVED, Status.IN_REVIEW): frozenset({Mover.REPORTER, Mover.STAFF}),
    (Status.WAITING_FOR_REPORTER, Status.CLOSED): frozenset({Mover.CLOCK, Mover.STAFF}),
}


@dataclass(frozen=True, slots=True)
class SignalBrief:
    """A line in the list of the resident's own signals. news: something that the resident has not seen yet."""

    signal_id: str
    kind: str
    status: str
    received_on: date
    news: bool


@dataclass(frozen=True, slots=True)
class File:
    """A photo or voice message of a turn. state: `waiting`, `kept`, `refused` (no file that we take) or `gone`."""

    attachment_id: str
    kind: str
    seconds: int
    state: str
    media_type: str

    @property
    def is_here(self) -> bool:
        """Whether it is kept, or still on its way."""
        return self.state in ("waiting", "kept")


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the dialogue."""

    from_staff: bool
    words: str
    language: str
    day: date
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """A signal as its reporter sees it, or somebody who knew its code.

    mine: this resident reported it · line_cut: the link from the signal back to its reporter is gone · reads,
    last_read: how often staff opened it, and the day they did last · neighbourhood: a code, None: not known.
    """

    signal_id: str
    code: str
    kind: str
    status: str
    received_on: date
    mine: bool
    line_cut: bool
    reads: int
    last_read: date | None
    about: str
    role: str
    neighbourhood: str | None
    details: dict[str, Any]
    turns: tuple[Turn, ...]
    may_withdraw: bool
    may_reopen: bool


def may_move(start: Status, end: Status, mover: Mover, ended_on: date | None, today: date) -> bool:
    """Whether `mover` may bring a signal from `start` to `end`. Reopening is possible within 30 days of the end."""
    if mover not in MOVES.get((start, end), frozenset()):
        return False
    reopening = start in ENDED
    return not reopening or ended_on is None or today - ended_on <= REOPEN_WITHIN


def next_moves(start: Status, mover: Mover, ended_on: date | None, today: date) -> tuple[Status, ...]:
    """The states that `mover` may bring a signal to, in the order of the table."""
    return tuple(end for (begin, end) in MOVES if begin == start and may_move(start, end, mover, ended_on, today))


def way(start: Status, end: Status, ended_on: date | None, today: date) -> tuple[Status, ...]:
    """The fewest moves by which staff bring a signal from one state to another; none ends it on the way.

    RECEIVED to RESOLVED is (IN_REVIEW, IN_PROGRESS, RESOLVED). Empty where there is no way.
    """
    ways: list[tuple[Status, ...]] = [()]
    seen = {start}
    for done in ways:
        here = done[-1] if done else start
        for step in () if done and here in ENDED else next_moves(here, Mover.STAFF, ended_on, today):
            if step == end:
                return (*done, step)
            if step not in seen:
                seen.add(step)
                ways.append((*done, step))
    return ()


def within_reach(start: Status, ended_on: date | None, today: date) -> tuple[Status, ...]:
    """The states to which staff may bring a signal in one act, in their order."""
    return tuple(end for end in Status if end != start and way(start, end, ended_on, today))


def status_after_reply(status: Status) -> Status:
    """The status of a signal after its reporter wrote: one that waited for the reporter is in progress again."""
    return Status.IN_PROGRESS if status == Status.WAITING_FOR_REPORTER else status


# The official Dutch registration words; handlers choose them, residents never see them.
GROUNDS = (
    "godsdienst", "levensovertuiging", "politieke gezindheid", "herkomst of huidskleur (ras)", "geslacht",
    "nationaliteit", "seksuele gerichtheid", "burgerlijke staat", "leeftijd", "handicap of chronische ziekte",
    "arbeidsduur", "arbeidscontract", "antisemitisme", "moslimdiscriminatie", "genderidentiteit",
    "niet-wettelijke grond", "onbekend",
)  # fmt: skip
DOMAINS = (
    "arbeidsmarkt", "buurt/wijk", "huisvesting", "horeca/amusement", "media/reclame",
    "politie/vreemdelingendienst/OM", "commerciële dienstverlening", "publieke/politieke opinie", "onderwijs",
    "collectieve voorzieningen", "sport/recreatie", "privésfeer", "openbare ruimte", "internet", "overig",
)  # fmt: skip
NATURES = ("omstreden behandeling", "vijandige bejegening", "bedreiging", "geweld", "overig")
NUISANCE_GROUPS = (
    "overlast-in-de-openbare-ruimte", "overlast-van-en-door-personen-of-groepen", "overlast-bedrijven-en-horeca",
    "overlast-van-dieren", "overlast-op-het-water", "afval", "wegen-verkeer-straatmeubilair",
    "openbaar-groen-en-water", "wonen", "overig",
)  # fmt: skip

STORY_LIMIT = 3000
PHOTO_LIMIT = 5
VOICE_LIMIT_SECONDS = 300
REPORTS_AN_HOUR = 5


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that a resident sent: `photo` or `voice`, Telegram's file_id, and the seconds of a voice message."""

    kind: str
    file_id: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What a resident reports, before it is kept.

    story: up to 3000 characters, may be empty when a voice message tells it · neighbourhood: a code such as FA01 ·
    place, when: own words · point: (longitude, latitude), only where the resident wants it kept · why: a plain
    reason such as `faith`, own choice · language: of the reporter at that moment · danger: its words point to danger.
    """

    kind: Kind
    story: str
    language: str
    given: tuple[GivenFile, ...] = ()
    neighbourhood: str | None = None
    place: str = ""
    point: tuple[float, float] | None = None
    when: str = ""
    role: Role = Role.VICTIM
    about: About = About.NOBODY
    why: str = ""
    wants_help: bool = False
    danger: bool = False
