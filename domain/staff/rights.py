"""Who of the staff may see and do what: role × areas × kinds × organisation.

Accounts are managed with commands, so an admin reads no signals; organisers and tellers have no part in them.
An area limits access to signals, rounds and broadcasts. Meetings have no area: see docs/decisions, 14.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.signals.workflow import About, Kind


class StaffRole(StrEnum):
    """What somebody of the staff is there for."""

    ADMIN = "admin"
    ORGANISER = "organiser"
    HANDLER = "handler"
    CONFIDANT = "confidant"
    TELLER = "teller"
    AUDITOR = "auditor"
    VIEWER = "viewer"


class Scope(StrEnum):
    """One thing that a role allows; an API token may hold fewer than its owner's role."""

    READ = "signals:read"
    ANSWER = "signals:answer"
    MOVE = "signals:move"
    CODE = "signals:code"
    ACCESS_LOG = "access-log:read"
    MEETINGS = "meetings:plan"
    INVITE = "broadcasts:send"
    ROUNDS = "rounds:manage"


class Reason(StrEnum):
    """Why somebody opens a resident's words; asked once per case per day."""

    HANDLING = "handling"
    SUPERVISION = "supervision"
    REQUEST_OF_REPORTER = "request_of_reporter"


SESSION_LASTS = timedelta(hours=8)
SESSION_IDLES = timedelta(minutes=30)
LINK_LASTS = timedelta(hours=24)
# Wrong log-ins that are allowed in an hour, from one network (or known browser) at one account: WRONG_PER_ACCOUNT, and
# only WRONG_UNDER_ATTACK while there are WRONG_PER_NETWORK from the network at all accounts, or WRONG_UNTIL_ATTACK
# from all strangers at the account.
WRONG_PER_ACCOUNT = 8
WRONG_UNDER_ATTACK = 2
WRONG_PER_NETWORK = 40
WRONG_UNTIL_ATTACK = 100
# From all strangers together at one account, with the right password and a wrong code.
WRONG_CODES = 8
# A browser in which an account signed in has a count of its own for this long: nobody elsewhere can shut it out.
DEVICE_LASTS = timedelta(days=90)
PASSWORD_MINIMUM = 12
PASSWORD_LIMIT = 200

_CASEWORK = frozenset({Scope.READ, Scope.ANSWER, Scope.MOVE, Scope.CODE})
SCOPES: dict[StaffRole, frozenset[Scope]] = {
    StaffRole.ADMIN: frozenset({Scope.MEETINGS, Scope.ROUNDS}),
    StaffRole.ORGANISER: frozenset({Scope.MEETINGS, Scope.INVITE, Scope.ROUNDS}),
    StaffRole.HANDLER: _CASEWORK,
    StaffRole.CONFIDANT: _CASEWORK,
    StaffRole.TELLER: frozenset(),
    StaffRole.AUDITOR: frozenset({Scope.ACCESS_LOG}),
    StaffRole.VIEWER: frozenset({Scope.READ}),
}


@dataclass(frozen=True, slots=True)
class Mandate:
    """What a member of staff was appointed to.

    areas: names of gebieden, None = all · kinds: None = all · organisation: `none`, `municipality`, `police`,
    `school` or `corporation:NAME`.
    """

    role: StaffRole
    areas: frozenset[str] | None = None
    kinds: frozenset[Kind] | None = None
    organisation: str = "none"


@dataclass(frozen=True, slots=True)
class Window:
    """The signals that a mandate shows: the same rule for one signal and for a query."""

    kinds: frozenset[Kind]
    areas: frozenset[str] | None
    abouts: frozenset[About]


def about_organisation(organisation: str) -> About:
    """The `About` of signals about this organisation. Raises ValueError for an organisation that does not exist."""
    kind, _, name = organisation.partition(":")
    if kind == "none" and not name:
        return About.NOBODY
    if (kind == About.CORPORATION) != bool(name) or kind == About.NOBODY:
        raise ValueError("an organisation is none, municipality, police, school or corporation:NAME")
    try:
        return About(kind)
    except ValueError:
        raise ValueError("an organisation is none, municipality, police, school or corporation:NAME") from None


def window(mandate: Mandate) -> Window:
    """Which signals this mandate shows.

    Signals about one of our own organisations are shown to independent confidants alone. A confidant whom one of these
    organisations employs is shut out too, for the reporter was told that somebody from outside reads it, or that it
    waits. All other signals are for the handlers, and viewers see them.
    """
    if Scope.READ not in SCOPES[mandate.role]:
        return Window(frozenset(), frozenset(), frozenset())
    abouts = frozenset({About.NOBODY})
    if mandate.role == StaffRole.CONFIDANT:
        independent = about_organisation(mandate.organisation) == About.NOBODY
        abouts = frozenset(About) - {About.NOBODY} if independent else frozenset()
    return Window(frozenset(Kind) if mandate.kinds is None else mandate.kinds, mandate.areas, abouts)


def may_see(mandate: Mandate, kind: Kind, area: str | None, about: About) -> bool:
    """Whether this mandate shows a signal of that kind, in that area (None: not known), about that organisation.

    A signal without a place belongs to nobody's area; it is shown in each, so that it never waits for nobody.
    """
    seen = window(mandate)
    return kind in seen.kinds and about in seen.abouts and (seen.areas is None or area is None or area in seen.areas)
