"""What a resident does with a code: enter it, choose, cast, change until the close.

Only a key of the round ties a ballot to its code, and what was chosen is kept nowhere unsealed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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
from storage.budget import ballots, in_hand, rounds
from storage.people import rates

GUESSES_AN_HOUR = 10


class WrongCode(Invalid):
    """The code can't vote. Mistyped, unknown and blocked codes are refused alike."""


class TooManyGuesses(TooMany):
    """Too many unknown codes in this hour: until it ends, right codes are refused too."""


class NotOpen(NotNow):
    """The vote has not opened yet, or has closed. `round`: the round of the code."""

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
class BallotDraft:
    """A ballot under way, as one unit of work has read it: nothing of it is read twice.

    Attributes:
        round: The round that it is for.
        choices: Numbers of plans, rising.
        voted: A ballot was cast with its code before; casting again replaces that one.
        keys, tag, id, content: The keys that open the row, its tag, its id, and its unsealed content. For this file.
    """

    round: Round
    choices: tuple[int, ...] = field(repr=False)
    voted: bool
    keys: RoundKeys = field(repr=False)
    tag: bytes = field(repr=False)
    id: str = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)

    def is_of(self, code_text: str) -> bool:
        """Whether this ballot was begun with that code."""
        return bool(read_code(code_text) == self.content["code"])

    def order(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """These numbers of plans in a random order, always the same for one code."""
        return self.keys.shuffled(self.content["code"], numbers)


@dataclass(frozen=True, slots=True)
class Cast:
    """A ballot that counts. receipt: finds it among the published ones · changed: it replaced an earlier one."""

    round: Round
    receipt: str = field(repr=False)
    changed: bool


async def enter(work: Work, reach: Reach, code_text: str) -> BallotDraft:
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
    return BallotDraft(entered, (), found.channel is not None, keys, tag, draft_id, content)


async def draft(work: Work, reach: Reach, *, lock: bool = False) -> BallotDraft | None:
    """The ballot that is under way in this chat; None when there is none, or the vote has closed.

    lock: nobody else can change it until the work ends; for a caller that is about to change it.
    """
    try:
        return (await _under(work, reach, lock=lock))[0]
    except (NoDraft, NotOpen):
        return None


async def choose(work: Work, held: BallotDraft, choices: Iterable[int], numbers: Collection[int]) -> BallotDraft:
    """Keep these choices in place of the earlier ones. numbers: of all plans of the round.

    Raises TooManyPlans, ValueError for an unknown plan.
    """
    chosen = sorted(set(choices))
    if len(chosen) > held.round.choose_max:
        raise TooManyPlans
    if not set(chosen) <= set(numbers):
        raise ValueError("no plan of this round has that number")
    content = {**held.content, "choices": chosen}
    await ballots.change_draft(work, held.tag, sealed_draft(held.keys, held.id, content))
    return replace(held, choices=tuple(chosen), content=content)


async def cast(work: Work, reach: Reach) -> Cast:
    """Cast the ballot that is under way and drop its draft. The last ballot cast with a code counts.

    Raises NoDraft, NotOpen, TooFewPlans, TooManyPlans, WrongCode when the code was blocked meanwhile.
    """
    held, voter = await _under(work, reach, lock=True)
    if len(held.choices) < held.round.choose_min:
        raise TooFewPlans
    if len(held.choices) > held.round.choose_max:
        raise TooManyPlans
    if voter is None or voter.blocked:
        raise WrongCode
    ballot = SealedChoice(held.choices, new_receipt(), new_salt())
    await ballots.put_ballot(work, sealed_ballot(held.keys, held.content["code"], held.round.id, ballot))
    if voter.channel is None:  # a changed vote leaves no trace on the roll
        await ballots.change_on_roll(work, voter.code_tag, channel=CHANNEL_TELEGRAM)
    await ballots.drop_draft(work, held.tag)
    return Cast(held.round, ballot.receipt, changed=voter.channel is not None)


async def drop_draft(work: Work, reach: Reach) -> None:
    """Forget what is chosen and not cast in this chat."""
    await ballots.drop_draft(work, draft_tag(work.keys, reach))


async def note_reminder(work: Work, draft_id: str, state: str) -> None:
    """Note what became of a draft's one reminder. state: one of services/speaking/receipts.py."""
    await ballots.note_reminder(work, draft_id, state)


async def _under(work: Work, reach: Reach, *, lock: bool) -> tuple[BallotDraft, ballots.RollRow | None]:
    """The draft, and the place of its code on the roll. Raises NoDraft, NotOpen."""
    await ballots.hold_box(work)
    tag = draft_tag(work.keys, reach)
    found = await in_hand.draft(work, tag, lock=lock)
    if found is None:
        raise NoDraft
    row, its_round = found
    entered = _taking_votes(work, its_round)
    keys = await round_keys(work, entered.id)
    content = opened_draft(keys, row)
    voter = await ballots.on_roll(work, code_tag(work.keys, content["code"]), lock=lock)
    voted = voter is not None and voter.channel is not None
    return BallotDraft(entered, tuple(content["choices"]), voted, keys, tag, row.id, content), voter


def _taking_votes(work: Work, row: rounds.RoundRow) -> Round:
    found = as_round(row)
    if not found.takes_votes(work.now):
        raise NotOpen(found)
    return found
