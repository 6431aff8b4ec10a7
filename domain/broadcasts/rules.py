"""Broadcasts (one message to many residents): states, audience, limits, and counts that reveal no small group."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.neighbourhoods import BY_CODE
from domain.refusals import Invalid
from domain.staff.rights import Mandate

TEXT_LIMIT = 1500
WEEK = timedelta(days=7)
# The most broadcasts that a resident gets in a week; FEWER for a resident who asked for fewer.
USUAL, FEWER = 2, 1
# A recipient who still waits so long after the start gets nothing: the message is no news any more.
LASTS = timedelta(days=7)
# From this many recipients on, a second person must approve. The default of a setting.
APPROVAL_FROM = 500
# From this many recipients on, staff must first test the message on a phone of their own.
TEST_FROM = 50
# Counts under this are hidden; all others are rounded down to a multiple of it.
SMALLEST_SHOWN = 5
# The most audiences that one member of staff may have counted within an hour.
AUDIENCES_AN_HOUR = 40
# Messages that leave in a second.
A_SECOND = 25
# What the button of a broadcast may open (`Button.go`): a meeting, or a round of the budget, by its id.
OPENS = ("meeting", "round")
_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class BroadcastState(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"
    ASKED = "asked"  # waits for a second person
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    STOPPED = "stopped"


class Act(StrEnum):
    """What staff may do with a broadcast."""

    SEND = "send"
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class RecipientFate(StrEnum):
    """What became of the message to one recipient. `sending`: it is in the outbox."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    BLOCKED = "blocked"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    EXPIRED = "expired"
    STOPPED = "stopped"


class Missing(StrEnum):
    """What staff decided for readers whose language has no text: the Dutch text, or nothing."""

    DUTCH = "dutch"
    LEAVE_OUT = "leave_out"


# A recipient in one of these states was reached, or may yet be: the broadcast counts for their weekly limit.
COUNTED = frozenset({RecipientFate.WAITING, RecipientFate.SENDING, RecipientFate.SENT, RecipientFate.UNCERTAIN})
ACTS: Mapping[BroadcastState, tuple[Act, ...]] = {
    BroadcastState.DRAFT: (Act.SEND,),
    BroadcastState.ASKED: (Act.APPROVE, Act.WITHDRAW),
    BroadcastState.SENDING: (Act.PAUSE, Act.STOP),
    BroadcastState.PAUSED: (Act.RESUME, Act.STOP),
    BroadcastState.SENT: (),
    BroadcastState.STOPPED: (),
}


class BadBroadcast(Invalid):
    """A broadcast that can't be kept or sent. `why`: one of these words, which is the end of a text key.

    no_text, too_long, no_decision, nobody, bad_audience, bad_button, too_often · closed_button: nothing is open there ·
    no_test: nobody has seen it on a phone yet.
    """

    def __init__(self, why: str) -> None:
        """why: one of the words above."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Content:
    """What a broadcast says and to whom. texts: language -> words · missing: None until somebody decided.

    go, value: what its button opens and the id of that, both "" for no button · buurten: codes of neighbourhoods ·
    buurten, languages: empty means all.
    """

    texts: Mapping[str, str]
    missing: Missing | None = None
    go: str = ""
    value: str = ""
    buurten: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AudienceCounts:
    """The size of an audience as staff may know it. cells: (neighbourhood, language) -> readers, as `in_steps` gives.

    total: the sum of the cells that are shown, so a lower bound; None where all cells are hidden.
    """

    total: int | None
    cells: Mapping[tuple[str, str], int | None]

    @property
    def most(self) -> int:
        """The most readers that the shown counts allow.

        Whatever depends on the size of the audience uses this number, so that it reveals no more than the counts do.
        """
        return sum((number or 0) + SMALLEST_SHOWN - 1 for number in self.cells.values())


def check(content: Content) -> None:
    """Check that a draft may be kept. Raises BadBroadcast: too_long, bad_button, bad_audience."""
    if any(len(words) > TEXT_LIMIT for words in content.texts.values()):
        raise BadBroadcast("too_long")
    if content.go and (content.go not in OPENS or not _VALUE.fullmatch(content.value)):
        raise BadBroadcast("bad_button")
    if not content.buurten <= BY_CODE.keys():
        raise BadBroadcast("bad_audience")


def undecided(content: Content, languages: tuple[str, ...]) -> list[str]:
    """The languages of the audience without a text."""
    wanted = content.languages or frozenset(languages)
    return [language for language in languages if language in wanted and not content.texts.get(language)]


def check_ready(content: Content, languages: tuple[str, ...]) -> None:
    """Check that a broadcast may be sent. Raises BadBroadcast: as `check`, and no_text, no_decision."""
    check(content)
    if not any(content.texts.values()):
        raise BadBroadcast("no_text")
    if undecided(content, languages):
        if content.missing is None:
            raise BadBroadcast("no_decision")
        if content.missing == Missing.DUTCH and not content.texts.get("nl"):
            raise BadBroadcast("no_text")


def reads(content: Content, neighbourhood: str | None, language: str) -> bool:
    """Whether a reader belongs to the audience. neighbourhood None: the reader wants news of all Nieuw-West."""
    if content.languages and language not in content.languages:
        return False
    if content.missing != Missing.DUTCH and not content.texts.get(language):
        return False
    return not content.buurten or neighbourhood is None or neighbourhood in content.buurten


def heard(content: Content, languages: tuple[str, ...]) -> dict[str, str]:
    """The text that readers get: their language -> words. A language that gets nothing is left out."""
    other = content.texts.get("nl", "") if content.missing == Missing.DUTCH else ""
    wanted = content.languages or frozenset(languages)
    found = {one: content.texts.get(one) or other for one in languages if one in wanted}
    return {one: words for one, words in found.items() if words}


def may_reach(mandate: Mandate, buurten: frozenset[str]) -> bool:
    """Whether a mandate covers these neighbourhoods (empty: all of them)."""
    if mandate.areas is None:
        return True
    return bool(buurten) and {BY_CODE[code].area for code in buurten} <= mandate.areas


def without_small(counted: Mapping[str, int | None]) -> dict[str, int | None]:
    """The counts by name, each as `in_steps` gives it. None stays None."""
    return {name: None if times is None else in_steps(times) for name, times in counted.items()}


def in_steps(number: int) -> int | None:
    """A number of residents as it may be told: rounded down to a step of 5, None under 5."""
    return number - number % SMALLEST_SHOWN or None


def shown(counted: Mapping[tuple[str, str], int]) -> AudienceCounts:
    """The counts in steps, without small groups. The total is the sum of what is shown, so that it reveals no more."""
    cells = {cell: in_steps(number) for cell, number in sorted(counted.items())}
    numbers = [number for number in cells.values() if number is not None]
    return AudienceCounts(sum(numbers) if numbers or not cells else None, cells)
