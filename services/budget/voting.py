"""What a resident does with a code: enter it, choose, cast, change until the close.

What binds a ballot to its code is a key of the round alone, and what was chosen stands nowhere unsealed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from domain.budget.ballot_codes import new_receipt, read_code
from domain.budget.commitments import SealedChoice, new_salt
from domain.budget.rounds import CHANNEL_TELEGRAM
from domain.reach import Reach
from domain.refusals import Invalid, NotNow, NotThere, TooMany
from domain.sealing import new_id
from services.budget.codes import code_tag
from services.budget.round_keys import RoundKeys, draft_tag, opened_draft, round_keys, sealed_ballot, sealed_draft
from services.budget.rounds import Round, as_round
from services.people.residents import rate_tag
from services.work import Work
from storage.budget import ballots, rounds
from storage.people import rates

GUESSES_AN_HOUR = 10


class WrongCode(Invalid):
    """No code that may vote. Mistyped, unknown and blocked ones are alike."""


class TooManyGuesses(TooMany):
    """Too many unknown codes in one hour: right ones are not looked at either."""


class NotOpen(NotNow):
    """The vote has not opened yet, or has closed. `round`: the one that was meant."""

    def __init__(self, round: Round) -> None:
        """Nothing was kept."""
        super().__init__(round.state)
        self.round = round


class NoDraft(NotThere):
    """This chat has no ballot under way: it was cast, dropped, or never begun."""


class TooFewPlans(Invalid):
    """Fewer plans are chosen than one ballot must name."""


class TooManyPlans(Invalid):
    """More plans are chosen than one ballot may name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A code that may vote. voted: a ballot was cast with it before; casting again replaces that one."""

    round: Round
    voted: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A ballot under way. choices: numbers of plans, rising · order: all numbers, at random, the same for one code."""

    round_id: str
    choices: tuple[int, ...] = field(repr=False)
    order: tuple[int, ...] = field(repr=False)
    voted: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """A ballot that counts. receipt: finds it among the published ones · changed: it replaced an earlier one."""

    receipt: str = field(repr=False)
    changed: bool


@dataclass(frozen=True, slots=True)
class _Under:
    """A draft opened: its row, its round and the round's keys, and what is sealed in it."""

    row: ballots.DraftRow
    round: Round
    keys: RoundKeys
    content: dict[str, Any] = field(repr=False)


async def enter(work: Work, reach: Reach, code_text: str) -> Entry:
    """Begin a ballot in this chat with a code, in place of another that was under way.

    Raises WrongCode, TooManyGuesses after 10 unknown codes in an hour, NotOpen.
    """
    await ballots.hold_box(work)
    code = read_code(code_text)
    if code is None:
        raise WrongCode
    guesses = rate_tag(work.keys, "vote", reach)
    if until := await rates.full_until(work, guesses, GUESSES_AN_HOUR):
        raise TooManyGuesses(until)
    found = await ballots.on_roll(work, code_tag(work.keys, code))
    row = await rounds.round_by_id(work, found.round_id) if found and not found.blocked else None
    if found is None or row is None:
        await rates.once_more(work, guesses)
        raise WrongCode
    entered = _taking_votes(work, row)
    keys = await round_keys(work, entered.id)
    tag, draft_id = draft_tag(work.keys, reach), new_id()
    content = {"reach": reach.plain, "code": code, "choices": []}
    sealed = sealed_draft(keys, draft_id, content)
    await ballots.put_draft(work, {"draft_tag": tag, "id": draft_id, "round_id": entered.id, "content": sealed})
    return Entry(entered, voted=found.channel is not None)


async def draft(work: Work, reach: Reach) -> Draft | None:
    """The ballot that is under way in this chat; None when there is none, or the vote has closed."""
    try:
        under = await _under(work, reach)
    except (NoDraft, NotOpen):
        return None
    return await _shown(work, under, await rounds.plan_numbers(work, under.round.id))


async def choose(work: Work, reach: Reach, choices: Iterable[int]) -> Draft:
    """Keep what is chosen so far, all of it. Raises NoDraft, NotOpen, TooManyPlans, ValueError for an unknown plan."""
    under = await _under(work, reach, lock=True)
    chosen = sorted(set(choices))
    if len(chosen) > under.round.choose_max:
        raise TooManyPlans
    numbers = await rounds.plan_numbers(work, under.round.id)
    if not set(chosen) <= set(numbers):
        raise ValueError("no plan of this round has that number")
    content = {**under.content, "choices": chosen}
    await ballots.change_draft(work, under.row.draft_tag, sealed_draft(under.keys, under.row.id, content))
    return await _shown(work, replace(under, content=content), numbers)


async def cast(work: Work, reach: Reach) -> Cast:
    """Cast the ballot that is under way; the draft is gone then. The last one cast with a code counts.

    Raises NoDraft, NotOpen, TooFewPlans, TooManyPlans, WrongCode when the code was blocked meanwhile.
    """
    under = await _under(work, reach, lock=True)
    chosen, code = tuple(under.content["choices"]), under.content["code"]
    if len(chosen) < under.round.choose_min:
        raise TooFewPlans
    if len(chosen) > under.round.choose_max:
        raise TooManyPlans
    voter = await ballots.on_roll(work, code_tag(work.keys, code), lock=True)
    if voter is None or voter.blocked:
        raise WrongCode
    ballot = SealedChoice(chosen, new_receipt(), new_salt())
    await ballots.put_ballot(work, sealed_ballot(under.keys, code, under.round.id, ballot))
    if voter.channel is None:  # a changed vote leaves no trace on the roll
        await ballots.change_on_roll(work, voter.code_tag, channel=CHANNEL_TELEGRAM)
    await ballots.drop_draft(work, under.row.draft_tag)
    return Cast(ballot.receipt, changed=voter.channel is not None)


async def drop_draft(work: Work, reach: Reach) -> None:
    """Forget what is chosen and not cast in this chat."""
    await ballots.drop_draft(work, draft_tag(work.keys, reach))


async def note_reminder(work: Work, draft_id: str, state: str) -> None:
    """What became of the one reminder, from services/speaking/receipts.py."""
    await ballots.note_reminder(work, draft_id, state)


async def _under(work: Work, reach: Reach, *, lock: bool = False) -> _Under:
    await ballots.hold_box(work)
    row = await ballots.draft_by_tag(work, draft_tag(work.keys, reach), lock=lock)
    found = await rounds.round_by_id(work, row.round_id) if row else None
    if row is None or found is None:
        raise NoDraft
    its_round = _taking_votes(work, found)
    keys = await round_keys(work, its_round.id)
    return _Under(row, its_round, keys, opened_draft(keys, row))


async def _shown(work: Work, under: _Under, numbers: list[int]) -> Draft:
    code = under.content["code"]
    voter = await ballots.on_roll(work, code_tag(work.keys, code))
    order = under.keys.shuffled(code, numbers)
    voted = voter is not None and voter.channel is not None
    return Draft(under.round.id, tuple(under.content["choices"]), order, voted)


def _taking_votes(work: Work, row: rounds.RoundRow) -> Round:
    found = as_round(row)
    if not found.takes_votes(work.now):
        raise NotOpen(found)
    return found
