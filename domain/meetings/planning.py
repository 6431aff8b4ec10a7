"""A meeting: what staff plan, when it is, and who has a place. Source: meetings.md.

let_in(20, 18, [2, 1])   [0]: the head of the line gets the two places, and then it is full
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.refusals import Invalid
from domain.wall_clock import NoSuchHour, moment_of

MOST_PEOPLE = 6
THEME_LIMIT, TEXT_LIMIT, PLACE_LIMIT = 60, 800, 120  # characters
CAPACITY_LIMIT = 100_000
# No meeting is planned further ahead: such a date was mistyped, and near year 9999 no reminder can be worked out.
AHEAD_LIMIT = timedelta(days=5 * 366)
# No meeting lasts longer: such an end was mistyped.
LENGTH_LIMIT = timedelta(hours=24)
# The Netherlands, with room around them: (south, north), (west, east). Swapped degrees never lie within.
_LATITUDES, _LONGITUDES = (50.7, 53.6), (3.3, 7.3)


class MeetingStatus(StrEnum):
    """The state of a meeting. A meeting that was moved stays published."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    HELD = "held"


class Seat(StrEnum):
    """What somebody who wants to come has: a place at the meeting, or a place in the waiting line."""

    COMING = "coming"
    WAITING = "waiting"


class WrongMeeting(Invalid):
    """An invalid plan of a meeting. `why`: one word, the end of a text key · `field`: the wrong field, "" for none.

    Fields are those of Details and MeetingPlan; that of a text ends in its language: `about_nl`.
    """

    def __init__(self, why: str, field: str = "") -> None:
        """why, field: as above. Nothing was kept."""
        super().__init__(why)
        self.why, self.field = why, field


@dataclass(frozen=True, slots=True)
class Details:
    """What a meeting is and where. Texts are by language, `access` tells how to get in; point: latitude, longitude."""

    theme: Mapping[str, str]
    place: str
    address: str
    about: Mapping[str, str] = field(default_factory=dict)
    access: Mapping[str, str] = field(default_factory=dict)
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """What staff plan. starts, ends: without a zone, as the clock on the wall in Amsterdam shows them.

    capacity: how many people, None = no limit.
    """

    details: Details
    starts: datetime
    ends: datetime
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Mine:
    """A resident's own RSVP. place: in the waiting line, from 1; 0 for a resident who has a place.

    fits: False where they wait with more people than the room holds since it became smaller; then `place` is 0 too.
    """

    people: int
    waiting: bool
    place: int
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """A meeting as one resident sees it. free: places for new people, None = no limit · mine: the resident's own RSVP.

    reminded: whether a resident with a place still gets a message before the start · left: places that nobody has yet,
    also those that are kept for the head of the waiting line.
    """

    meeting_id: str
    cancelled: bool
    over: bool
    sequence: int
    details: Details
    starts_at: datetime
    ends_at: datetime
    reminded: bool
    free: int | None = None
    left: int | None = None
    mine: Mine | None = None


def hours_of(plan: MeetingPlan, now: datetime) -> tuple[datetime, datetime]:
    """Check the whole plan; when the meeting begins and ends (aware UTC). Raises WrongMeeting."""
    _check(plan)
    starts_at, ends_at = _moment(plan.starts, "starts"), _moment(plan.ends, "ends")
    if ends_at <= starts_at:
        raise WrongMeeting("ends_before", "ends")
    if starts_at <= now:
        raise WrongMeeting("in_the_past", "starts")
    if ends_at > now + AHEAD_LIMIT:
        raise WrongMeeting("too_far", "ends")
    if ends_at > starts_at + LENGTH_LIMIT:
        raise WrongMeeting("lasts_too_long", "ends")
    return starts_at, ends_at


def _moment(wall: datetime, field: str) -> datetime:
    try:
        return moment_of(wall)
    except NoSuchHour:
        raise WrongMeeting("no_such_hour", field) from None
    except OverflowError:
        raise WrongMeeting("in_the_past", field) from None


def _check(plan: MeetingPlan) -> None:
    details = plan.details
    if not details.theme.get("nl"):
        raise WrongMeeting("no_theme", "theme_nl")
    if not details.place or not details.address:
        raise WrongMeeting("no_place", "address" if details.place else "place")
    for name, words, limit in _texts(details):
        if len(words) > limit:
            raise WrongMeeting("too_long", name)
    if plan.capacity is not None and not 1 <= plan.capacity <= CAPACITY_LIMIT:
        raise WrongMeeting("bad_capacity", "capacity")
    if details.point is not None:
        _check_point(*details.point)


def _texts(details: Details) -> Iterator[tuple[str, str, int]]:
    """The field, words and limit of every text."""
    for name, limit in (("theme", THEME_LIMIT), ("about", TEXT_LIMIT), ("access", TEXT_LIMIT)):
        yield from ((f"{name}_{language}", words, limit) for language, words in getattr(details, name).items())
    yield from (("place", details.place, PLACE_LIMIT), ("address", details.address, PLACE_LIMIT))


def _check_point(latitude: float, longitude: float) -> None:
    # Each comparison is also false for NaN.
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise WrongMeeting("bad_point", "point")
    if not (_LATITUDES[0] <= latitude <= _LATITUDES[1] and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]):
        raise WrongMeeting("far_point", "point")


def details_json(details: Details) -> str:
    """The details as they are kept; `details_of` is the inverse."""
    return json.dumps(asdict(details), ensure_ascii=False, sort_keys=True)


def details_of(kept: str) -> Details:
    """The details that `details_json` was given."""
    plain = json.loads(kept)
    point = plain.pop("point")
    return Details(**plain, point=None if point is None else (point[0], point[1]))


def fits(capacity: int | None, taken: int, people: int) -> bool:
    """Whether there is room for `people` more. taken: places that are given away."""
    return capacity is None or taken + people <= capacity


def let_in(capacity: int | None, taken: int, line: Sequence[int]) -> list[int]:
    """Which parties of the waiting line get a place now, as indexes of `line`: strictly in order, so only its head.

    line: people in each party. A party that is larger than the whole room never fits: it is passed over.
    """
    found: list[int] = []
    for number, people in enumerate(line):
        if not fits(capacity, 0, people):
            continue
        if not fits(capacity, taken, people):
            break
        taken += people
        found.append(number)
    return found
