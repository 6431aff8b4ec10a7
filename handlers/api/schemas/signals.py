"""Signals as staff and partner programs read and write them. Days, never minutes; ids are random."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, Field, model_validator

from domain.signals.workflow import STORY_LIMIT, About, Kind, Role, Status
from domain.staff.rights import Reason
from handlers.api.schemas.given import RequestBody, Version


class SignalLine(BaseModel):
    """A signal on the worklist, without a word of what it says."""

    id: str = Field(description="26 characters of a-z and 2-7.")
    kind: Kind
    status: Status
    received_on: date
    neighbourhood: str | None = Field(description="Code of the buurt; null = not known.", examples=["FK01"])
    area: str | None = Field(description="Name of the gebied; null = not known.", examples=["Osdorp"])
    unread: bool = Field(description="Something is new since staff last looked.")
    danger: bool = Field(description="Words of it point to danger, and nobody has said since that they looked.")
    unanswered: int = Field(description="Turns of the reporter since the last answer.")
    waiting_since: date | None = Field(description="The day of the first unanswered turn.")


class SignalPage(BaseModel):
    """A page of the worklist: 25 signals: danger first, then who waits longest for an answer, then as they came."""

    signals: list[SignalLine]
    total: int = Field(description="How many there are over all pages.")
    page: int = Field(description="This page, from 1; a page that there is not becomes the last.")
    pages: int


class AttachmentDetail(BaseModel):
    """A photo or voice message that goes with a turn."""

    id: str
    kind: str = Field(description="photo or voice.")
    seconds: int = Field(description="Length of a voice message; 0 for a photo.")
    state: str = Field(description="waiting (on its way from Telegram), kept, refused or gone.")


class TurnDetail(BaseModel):
    """One turn of the dialogue."""

    from_staff: bool
    words: str = Field(description="As they were written; may be empty when a voice message speaks.")
    language: str = Field(description="The language they were written in.", examples=["ar"])
    day: date
    attachments: list[AttachmentDetail]


class OfficialCodes(RequestBody):
    """The official Dutch registration words; for nuisance the group of Amsterdam's Signalen."""

    grounds: list[str] = Field(default=[], max_length=20, description="Gronden.", examples=[["godsdienst"]])
    domains: list[str] = Field(default=[], max_length=20, description="Terreinen.", examples=[["onderwijs"]])
    natures: list[str] = Field(default=[], max_length=20, description="Aard.", examples=[["vijandige bejegening"]])
    group: str | None = Field(default=None, max_length=100, description="Of nuisance only.", examples=["afval"])


class SignalDetail(BaseModel):
    """A signal with its dialogue. It holds no name, and no way to reach the reporter but an answer."""

    id: str
    version: int = Field(description="Send it with a change: who read an older version is told so.")
    kind: Kind
    status: Status
    next_moves: list[Status] = Field(description="The states you may bring it to.")
    about: About = Field(description="Which of our own organisations it is about.")
    role: Role = Field(description="As whom the reporter speaks.")
    language: str = Field(description="The reporter's language when it was sent.")
    neighbourhood: str | None
    area: str | None
    wants_help: bool = Field(description="Whether more than telling was asked for.")
    danger: bool = Field(description="Words of it point to danger, and nobody has said since that they looked.")
    line_cut: bool = Field(description="The reporter can no longer be told that there is an answer.")
    received_on: date
    moved_on: date
    ended_on: date | None
    details: dict[str, Any] = Field(description="place, point ([longitude, latitude] or null), when, why.")
    codes: OfficialCodes
    turns: list[TurnDetail]
    reason: Reason = Field(description="The reason under which this reading was written down.")


class NewAnswer(RequestBody):
    """An answer: either words with their language, or the name of a standard reply."""

    words: str | None = Field(default=None, min_length=1, max_length=STORY_LIMIT, examples=["We kijken ernaar."])
    language: str = Field(default="nl", description="The language of `words`.", pattern="^(nl|en|tr|ar)$")
    reply: str | None = Field(
        default=None,
        max_length=40,
        description="A standard reply, sent in the reporter's language: received, question, busy, consent, "
        "no_power or done; help for discrimination, landlord for damp.",
    )
    to: Status | None = Field(
        default=None, description="The status from then on, told in the same message; then `version` is needed too."
    )
    version: Version | None = Field(default=None)

    @model_validator(mode="after")
    def _one_of_both(self) -> NewAnswer:
        if (self.words is None) == (self.reply is None):
            raise ValueError("give either words or reply")
        if self.to is not None and self.version is None:
            raise ValueError("give the version that you read with `to`")
        return self


class AnswerKept(BaseModel):
    """The answer is kept. Where it is possible, the reporter is told that there is news."""

    id: str = Field(description="The id of the turn; the same again for the same Idempotency-Key.")


class NewMove(RequestBody):
    """The state to which the signal is brought."""

    to: Status
    version: Version


class NewOfficialCodes(OfficialCodes):
    """The codes that replace the present ones."""

    version: Version
