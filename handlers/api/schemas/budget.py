"""Rounds of the budget, their plans and codes, as programs read and write them. Money is integer cents of a euro."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.budget.rounds import (
    AMOUNT_LIMIT,
    CHOICES_LIMIT,
    CODES_AT_ONCE,
    STORY_LIMIT,
    TITLE_LIMIT,
    HaltReason,
    MoreTime,
    RoundState,
    Rule,
)
from handlers.api.schemas.given import RequestBody, Version
from locales.texts import LANGUAGES

Titles = Annotated[
    dict[str, Annotated[str, Field(max_length=TITLE_LIMIT)]],
    Field(
        max_length=20,
        description=f"By language: {', '.join(LANGUAGES)}.",
        examples=[{"nl": "Bankjes", "tr": "Banklar"}],
    ),
]
Cents = Annotated[int, Field(ge=1, le=AMOUNT_LIMIT, description="Cents of a euro.", examples=[2_500_000])]
Choices = Annotated[int, Field(ge=1, le=CHOICES_LIMIT)]


class NewRound(RequestBody):
    """A round as it should be. Once voting opens, it is frozen."""

    title: Titles
    areas: list[str] = Field(min_length=1, max_length=100, description="Codes of buurten.", examples=[["FK01"]])
    amount_cents: Cents
    choose_min: Choices = Field(default=3, description="The fewest plans that one ballot names.")
    choose_max: Choices = Field(default=5, description="The most plans that one ballot names.")
    rule: Rule = Field(default=Rule.MOST_VOTES_STOP, description="How the winners are found.")
    opens_at: AwareDatetime = Field(description="Voting opens by itself at this moment.")
    closes_at: AwareDatetime = Field(description="Voting closes by itself at this moment.")
    languages: list[str] = Field(min_length=1, max_length=20, description="Of the ballot and the letters.")


class ChangedRound(NewRound):
    """The round as it should be from now on."""

    version: Version


class CodeCounts(BaseModel):
    """How many codes there are, and what became of them."""

    made: int
    handed_out: int
    used: int = Field(description="Until the close in steps of 10.")
    blocked: int


class NewExtension(RequestBody):
    """More time for an open vote."""

    closes_at: AwareDatetime = Field(description="The new end, later than the one there is.")
    why: MoreTime = Field(description="`lost` exactly where the round is halted because ballots were lost.")


class ExtensionDetail(BaseModel):
    """More time that an open vote got."""

    at: AwareDatetime = Field(description="When that was decided.")
    before: AwareDatetime
    until: AwareDatetime
    why: MoreTime


class RoundDetail(NewRound):
    """A round as it is."""

    id: str
    version: int = Field(description="Send it with a change: who read an older version is told so.")
    state: RoundState
    next_moves: list[RoundState] = Field(description="The states you may bring it to.")
    tie_seed: str = Field(description="Drawn when voting opens: ties fall by it. Empty before.")
    first_head: str | None = Field(description="Told when voting opens: it binds rules, money and plans. Null before.")
    extensions: list[ExtensionDetail]
    halted: HaltReason | None = Field(
        description="Nothing goes on by itself: ballots were lost or the close was missed (extend the vote), two "
        "counts differ, or the published result holds more ballots."
    )
    codes: CodeCounts


class NewRoundMove(RequestBody):
    """The state to which the round is brought."""

    to: RoundState


class NewPlan(RequestBody):
    """A plan as it should be. Photos are added on the console."""

    title: Titles
    story: dict[str, Annotated[str, Field(max_length=STORY_LIMIT)]] = Field(
        default={}, max_length=20, description="By language."
    )
    place: str = Field(default="", max_length=120)
    cost_cents: Cents


class ChangedPlan(NewPlan):
    """The plan as it should be from now on."""

    version: Version


class PlanDetail(NewPlan):
    """A plan as it is."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: str
    version: int = Field(description="Send it with a change: who read an older version is told so.")
    number: int = Field(description="How voters and published files name it, from 1.")
    has_photo: bool


class NewVotingCodes(RequestBody):
    """How many codes are wanted, and for whom."""

    count: int = Field(ge=1, le=CODES_AT_ONCE)
    code_class: str = Field(default="resident", description="resident or business.", pattern="^(resident|business)$")


class VotingCodes(BaseModel):
    """New codes, shown only this once: only hashes are kept."""

    batch_id: str
    codes: list[str] = Field(description="14 characters each; a resident may type them with dashes.")


class LostCode(RequestBody):
    """A code that was lost."""

    code: str = Field(min_length=1, max_length=40)
    replace: bool = Field(default=False, description="Make another code in its place.")


class Blocked(BaseModel):
    """The lost code is blocked: nobody can vote with it."""

    code: str | None = Field(description="The code in its place, shown this once; null when none was asked for.")
