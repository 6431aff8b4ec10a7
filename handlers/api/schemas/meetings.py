"""Meetings as staff and partner programs read and write them; counts only, never a guest."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, NaiveDatetime, WithJsonSchema

from domain.meetings.planning import Details, MeetingPlan, MeetingStatus
from handlers.api.schemas.given import RequestBody, Version
from locales.texts import LANGUAGES

Texts = Annotated[dict[str, str], Field(max_length=len(LANGUAGES), description=f"By language: {', '.join(LANGUAGES)}.")]
_WALL_CLOCK = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"


def _as_on_the_wall(given: object) -> object:
    if isinstance(given, str) and not re.fullmatch(_WALL_CLOCK, given):
        raise ValueError("give day and time as 2026-11-28T14:00, without a zone")
    return given


# No `date-time` of JSON Schema: that one has a zone.
WallClock = Annotated[
    NaiveDatetime,
    BeforeValidator(_as_on_the_wall),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _WALL_CLOCK,
            "description": "As the clock on the wall in Amsterdam shows it, without a zone. Of an hour that comes "
            "twice the first is meant; one that there is not is refused.",
            "examples": ["2026-11-28T14:00"],
        }
    ),
]


class Point(RequestBody):
    """WGS84 degrees."""

    latitude: float
    longitude: float


class NewMeeting(RequestBody):
    """A meeting to be planned."""

    theme: Texts
    about: Texts = Field(default={}, description="What will be done there.")
    access: Texts = Field(default={}, description="How to get in.")
    place: str = Field(max_length=200, examples=["De Honingraat"])
    address: str = Field(max_length=200, examples=["Osdorpplein 1, Amsterdam"])
    point: Point | None = None
    starts: WallClock
    ends: WallClock
    capacity: int | None = Field(default=None, description="How many people; null = no limit.")

    def plan(self) -> MeetingPlan:
        """The plan as the services take it."""
        point = (self.point.latitude, self.point.longitude) if self.point else None
        details = Details(self.theme, self.place, self.address, self.about, self.access, point)
        return MeetingPlan(details, self.starts, self.ends, self.capacity)


class ChangedMeeting(NewMeeting):
    """The meeting as it should be from now on."""

    version: Version


class NewMeetingAct(RequestBody):
    """An act on the version of the meeting that you read."""

    version: Version


class Planned(BaseModel):
    """The meeting that was planned, as a draft."""

    id: str = Field(description="The same again for the same Idempotency-Key.")


class Moved(BaseModel):
    """The change is kept."""

    moved: bool = Field(description="A published meeting has another time or place: its guests are told.")


class MeetingLine(BaseModel):
    """A meeting on the list."""

    id: str
    status: MeetingStatus
    theme: str
    starts_at: datetime
    capacity: int | None
    coming: int | None = Field(description="People, not parties. In steps of 5, downward; null: fewer than 5.")
    waiting: int | None = Field(description="People on the waiting list, in the same steps.")


class MeetingList(BaseModel):
    """The meetings, 100 at most: those to come, the soonest first; then those that are over, the latest first."""

    meetings: list[MeetingLine]


class MeetingTold(BaseModel):
    """How many messages to guests there are with one reason and one state."""

    why: str = Field(description="day_before, two_hours, moved, cancelled or place.")
    state: str = Field(description="due, queued, sent, blocked, failed, uncertain, missed or dropped.")
    times: int | None = Field(description="In steps of 5, downward; null: fewer than 5.")


class MeetingDetail(BaseModel):
    """A meeting with its counts, in steps of 5, downward; null: fewer than 5."""

    id: str
    status: MeetingStatus
    version: int
    sequence: int = Field(description="Counts the moves, as calendars do.")
    theme: dict[str, str]
    about: dict[str, str]
    access: dict[str, str]
    place: str
    address: str
    point: Point | None
    starts: WallClock
    ends: WallClock
    starts_at: datetime = Field(description="In UTC.")
    ends_at: datetime
    doubled: bool = Field(description="An hour was given that comes twice in that night; the first was taken.")
    capacity: int | None
    coming_parties: int | None
    coming: int | None
    waiting_parties: int | None
    waiting: int | None
    told: list[MeetingTold]
    link: str = Field(description="For posters: what follows the bot's address.", examples=["?start=meet-…"])
