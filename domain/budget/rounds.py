"""A round of the neighbourhood budget: its states and moves, when it is frozen, and what is wrong with a draft.

Money is integer cents of a euro.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.neighbourhoods import BY_CODE

# The most choices on a ballot: any draft or ballot fits one padding step of the sealing, so its length tells nothing.
CHOICES_LIMIT = 20
AMOUNT_LIMIT = 100_000_000_00
TITLE_LIMIT = 120
STORY_LIMIT = 2000
PLACE_LIMIT = 120
PLANS_LIMIT = 500
PHOTO_LIMIT = 10 * 1024 * 1024
CODES_AT_ONCE = 200_000
CODE_CLASSES = ("resident", "business")
CHANNEL_TELEGRAM = "telegram"
# No round is planned further away: such a date was mistyped.
DATES_WITHIN = timedelta(days=5 * 366)


class RoundState(StrEnum):
    """Where a round stands."""

    DRAFTING = "drafting"
    COLLECTING = "collecting"
    SUPPORTING = "supporting"
    CHECKING = "checking"
    VOTING = "voting"
    COUNTING = "counting"
    PUBLISHED = "published"
    CARRYING_OUT = "carrying_out"
    FINISHED = "finished"


class RoundMover(StrEnum):
    """Who makes a move. The counter is the job that counts and publishes."""

    STAFF = "staff"
    CLOCK = "clock"
    COUNTER = "counter"


class Rule(StrEnum):
    """How the winners are found."""

    MOST_VOTES_STOP = "most-votes-stop"
    MOST_VOTES_SKIP = "most-votes-skip"
    EQUAL_SHARES = "equal-shares"


class HaltReason(StrEnum):
    """Why the clock and the counting job leave a round alone until somebody has acted.

    lost: after a restore the ballots of its open vote are gone · missed: nothing ran when its vote should have closed ·
    wrong_count: a count and its recount differ · fewer: the result that is published already holds more ballots than
    there are now.
    """

    LOST = "lost"
    MISSED = "missed"
    WRONG_COUNT = "wrong_count"
    FEWER = "fewer"


class MoreTime(StrEnum):
    """Why a vote was extended. lost: its ballots were lost, so everybody votes again."""

    LOST = "lost"
    OUTAGE = "outage"
    LETTERS = "letters"


class Correction(StrEnum):
    """Why the words of a plan change while voting is open."""

    TYPO = "typo"
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension of a vote. at: when it was decided · before, until: the old end and the new one."""

    at: datetime
    before: datetime
    until: datetime
    why: str


_STAFF, _CLOCK = frozenset({RoundMover.STAFF}), frozenset({RoundMover.CLOCK})
# (from, to) -> who may make the move. Any other move is forbidden: nobody closes a vote before its time, and
# nothing leads back to a state in which plans or rules could change.
MOVES: Mapping[tuple[RoundState, RoundState], frozenset[RoundMover]] = {
    (RoundState.DRAFTING, RoundState.COLLECTING): _STAFF | _CLOCK,
    (RoundState.COLLECTING, RoundState.SUPPORTING): _STAFF | _CLOCK,
    (RoundState.SUPPORTING, RoundState.CHECKING): _STAFF | _CLOCK,
    (RoundState.CHECKING, RoundState.VOTING): _STAFF | _CLOCK,
    # Residents can't hand in or support plans in the bot yet. Staff may record that it is done elsewhere, or skip it:
    # a vote opens from each of these states.
    (RoundState.DRAFTING, RoundState.VOTING): _STAFF | _CLOCK,
    (RoundState.COLLECTING, RoundState.VOTING): _STAFF | _CLOCK,
    (RoundState.SUPPORTING, RoundState.VOTING): _STAFF | _CLOCK,
    (RoundState.VOTING, RoundState.COUNTING): _CLOCK,
    (RoundState.COUNTING, RoundState.PUBLISHED): frozenset({RoundMover.COUNTER}),
    (RoundState.PUBLISHED, RoundState.CARRYING_OUT): _STAFF,
    (RoundState.CARRYING_OUT, RoundState.FINISHED): _STAFF,
}
# In these states round, plans and codes may change; from the opening of the vote on, round and plans are frozen.
BEFORE_VOTING = frozenset({RoundState.DRAFTING, RoundState.COLLECTING, RoundState.SUPPORTING, RoundState.CHECKING})


def may_move(start: RoundState, end: RoundState, mover: RoundMover) -> bool:
    """Whether `mover` may bring a round from `start` to `end`."""
    return mover in MOVES.get((start, end), frozenset())


def next_moves(start: RoundState, mover: RoundMover) -> tuple[RoundState, ...]:
    """The states that `mover` may bring a round to, in the order of the table."""
    return tuple(end for (begin, end) in MOVES if begin == start and may_move(begin, end, mover))


def is_frozen(state: RoundState) -> bool:
    """Whether the rules and plans of a round in this state can no longer change."""
    return state not in BEFORE_VOTING


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """A round as staff write it down.

    title: by language · areas: codes of neighbourhoods ("FK01") · choose_min to choose_max: how many plans one
    ballot may name · rule: one of Rule · opens_at, closes_at: aware moments · languages: in which it is offered.
    """

    title: Mapping[str, str]
    areas: tuple[str, ...]
    amount_cents: int
    choose_min: int
    choose_max: int
    rule: str
    opens_at: datetime
    closes_at: datetime
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan as staff write it down.

    title, story: by language · photo: a JPEG without metadata; None keeps the photo there is, b"" takes it away.
    """

    title: Mapping[str, str]
    story: Mapping[str, str]
    place: str
    cost_cents: int
    photo: bytes | None = None


# What is wrong -> the field that it is about, for fields that can be wrong in more than one way.
FIELDS = {"title_long": "title", "closes_past": "closes_at"}


def wrong_in_round(draft: RoundDraft, spoken: tuple[str, ...], now: datetime) -> str | None:
    """The first thing wrong: a field, `choose`, or a key of FIELDS; None when all is right. spoken: all languages."""
    checks = {
        "title": _told(draft.title, spoken),
        "title_long": _short(draft.title, TITLE_LIMIT),
        "areas": bool(draft.areas) and all(area in BY_CODE for area in draft.areas),
        "amount_cents": 0 < draft.amount_cents <= AMOUNT_LIMIT,
        "choose": 1 <= draft.choose_min <= draft.choose_max <= CHOICES_LIMIT,
        "rule": draft.rule in tuple(Rule),
        "opens_at": abs(draft.opens_at - now) <= DATES_WITHIN,
        "closes_at": draft.opens_at < draft.closes_at <= now + DATES_WITHIN,
        "closes_past": now < draft.closes_at,
        "languages": bool(draft.languages) and set(draft.languages) <= set(spoken),
    }
    return next((field for field, right in checks.items() if not right), None)


def wrong_in_extension(why: str, closes_at: datetime, until: datetime, now: datetime, halted: str | None) -> str | None:
    """What is wrong with more time for an open vote: `closes_at`, `why`, or None.

    A vote only gets longer. closes_at: its end so far · until: the new end. `why` must be MoreTime.LOST exactly
    when the vote is halted because its ballots were lost.
    """
    if not max(closes_at, now) < until <= now + DATES_WITHIN:
        return "closes_at"
    right = why in tuple(MoreTime) and (why == MoreTime.LOST) == (halted == HaltReason.LOST)
    return None if right else "why"


def extensions_json(extensions: tuple[Extension, ...]) -> str:
    """Extensions as they are kept and published; `extensions_of` is the inverse."""
    return json.dumps([asdict(one) for one in extensions], default=datetime.isoformat)


def extensions_of(kept: str | None) -> tuple[Extension, ...]:
    """The extensions that `extensions_json` was given, oldest first; () for None."""
    found = json.loads(kept or "[]")
    moments = [{name: datetime.fromisoformat(one[name]) for name in ("at", "before", "until")} for one in found]
    return tuple(Extension(**when, why=one["why"]) for when, one in zip(moments, found, strict=True))


def wrong_in_plan(draft: PlanDraft, spoken: tuple[str, ...]) -> str | None:
    """The first thing wrong: a field or a key of FIELDS; None when all is right. spoken: all languages."""
    checks = {
        "title": _told(draft.title, spoken),
        "title_long": _short(draft.title, TITLE_LIMIT),
        "story": not draft.story or (_told(draft.story, spoken) and _short(draft.story, STORY_LIMIT)),
        "place": len(draft.place) <= PLACE_LIMIT,
        "cost_cents": 0 < draft.cost_cents <= AMOUNT_LIMIT,
        "photo": not draft.photo or (draft.photo.startswith(b"\xff\xd8\xff") and len(draft.photo) <= PHOTO_LIMIT),
    }
    return next((field for field, right in checks.items() if not right), None)


def wrong_in_correction(before: Mapping[str, Any], after: Mapping[str, Any], why: str) -> str | None:
    """What is wrong with a correction of a plan's words, None when all is right: `why`, `title`, `story`, `same`.

    before, after: title and story by language, and place. No language may disappear; a translation may change nothing
    that was there.
    """
    if why not in tuple(Correction):
        return "why"
    if before == after:
        return "same"
    for field in ("title", "story"):
        if not set(before[field]) <= set(after[field]):
            return field
    kept = {field: {code: after[field][code] for code in before[field]} for field in ("title", "story")}
    added = {**kept, "place": after["place"]}
    return "why" if why == Correction.TRANSLATION and added != dict(before) else None


def _told(words: Mapping[str, str], spoken: tuple[str, ...]) -> bool:
    """Whether there are words in at least one language, and only in languages of `spoken`."""
    return set(words) <= set(spoken) and any(words.values())


def _short(words: Mapping[str, str], limit: int) -> bool:
    """Whether the words of every language have at most `limit` characters."""
    return all(len(one) <= limit for one in words.values())
