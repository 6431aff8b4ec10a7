"""Invitations to many as staff and partner programs read and write them. No recipient is in them."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, Field

from domain.broadcasts.rules import TEXT_LIMIT, Act, BroadcastState, Missing, RecipientFate
from domain.staff.rights import StaffRole
from handlers.api.schemas.given import RequestBody, Version


class BroadcastTexts(RequestBody):
    """The words of the message by language; "" or left out: there is no text in it."""

    nl: str = Field(default="", max_length=TEXT_LIMIT)
    en: str = Field(default="", max_length=TEXT_LIMIT)
    tr: str = Field(default="", max_length=TEXT_LIMIT)
    ar: str = Field(default="", max_length=TEXT_LIMIT)


class NewBroadcast(RequestBody):
    """A broadcast that is to be written."""

    texts: BroadcastTexts
    missing: Missing | None = Field(default=None, description="What readers get whose language has no text.")
    go: str = Field(default="", max_length=20, description="What its button opens: meeting, round, or nothing.")
    value: str = Field(default="", max_length=40, description="The id of that meeting or round.")
    neighbourhoods: list[str] = Field(default=[], max_length=100, description="Codes of buurten; empty: all you reach.")
    languages: list[str] = Field(default=[], max_length=10, description="Of the readers; empty: all.")


class ChangedBroadcast(NewBroadcast):
    """The draft as it should be from now on."""

    version: Version


class NewAct(RequestBody):
    """An act on a broadcast. Pause and stop don't look at the version."""

    act: Act
    version: Version
    seen: str = Field(default="", max_length=64, description="Of the preview you saw: to send and to approve.")


class Asker(BaseModel):
    """Who asked to send it: role and organisation, no name."""

    role: StaffRole
    organisation: str


class Written(BaseModel):
    """The draft that was made."""

    id: str


class Acted(BaseModel):
    """The state of the broadcast after the act."""

    state: BroadcastState


class Test(BaseModel):
    """What to type into the bot, once, within an hour, to see the message."""

    command: str = Field(examples=["/start test-abc"])


class BroadcastLine(BaseModel):
    """A broadcast in the list."""

    id: str
    state: BroadcastState
    made_on: date
    words: str = Field(description="The beginning of its text.")


class BroadcastList(BaseModel):
    """The newest 100 broadcasts."""

    broadcasts: list[BroadcastLine]


class AudienceCell(BaseModel):
    """Readers of one neighbourhood and language."""

    neighbourhood: str | None = Field(description="Code of the buurt; null = who wants news of all Nieuw-West.")
    language: str
    readers: int | None = Field(description="In steps of 5, downward. null: fewer than 5.")


class Audience(BaseModel):
    """How many readers a draft would reach now."""

    total: int | None = Field(description="Of the cells that are shown: at least so many. null: all are hidden.")
    cells: list[AudienceCell]


class Preview(BaseModel):
    """What happens when the broadcast is sent now. To send or approve it, give `seen`."""

    seen: str
    asked_by: Asker | None = Field(description="null: nobody has asked yet.")
    audience: Audience
    texts: dict[str, str] = Field(description="What readers get by their language; left out: they get nothing.")
    go: str = Field(description="What its button opens: meeting, round, or nothing.")
    value: str
    minutes: int = Field(description="How long sending takes at most.")
    second_person: str = Field(description="Why another must approve: many, week (with all of seven days), or nothing.")
    test_first: bool = Field(description="It must be seen on a phone first: make a test.")


class LanguageCell(BaseModel):
    """Recipients of one language in one state."""

    language: str
    state: RecipientFate
    recipients: int | None = Field(description="null: fewer than 5.")


class BroadcastDetail(BaseModel):
    """One broadcast, with the readers it would reach, or what became of it."""

    id: str
    version: int
    state: BroadcastState
    next_acts: list[Act]
    texts: BroadcastTexts
    missing: Missing | None
    undecided: list[str] = Field(description="Languages of the audience without a text.")
    go: str
    value: str
    neighbourhoods: list[str]
    languages: list[str]
    tested: bool
    audience: Audience | None = Field(description="Before it is sent.")
    report: dict[RecipientFate, int | None] = Field(
        description="Recipients by state, after the start, of the languages that are shown: at least so many. "
        "null: all are hidden."
    )
    by_language: list[LanguageCell]
