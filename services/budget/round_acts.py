"""What staff do with a round of the budget."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from domain.budget.commitments import EntryKind
from domain.budget.rounds import (
    FIELDS,
    Extension,
    RoundDraft,
    RoundMover,
    RoundState,
    extensions_json,
    extensions_of,
    is_frozen,
    may_move,
    wrong_in_extension,
    wrong_in_round,
)
from domain.cleaning import cleaned, one_line
from domain.neighbourhoods import BY_CODE
from domain.refusals import Changed, Invalid, NotNow
from domain.sealing import new_id, new_key
from domain.staff.rights import Scope
from locales.texts import LANGUAGES
from services.budget.rounds import NoSuchRound, Round, as_round, round_of
from services.budget.statements import state, state_opening
from services.staff.access import note, require
from services.staff.accounts import Staff
from services.staff.repeats import made_before
from services.work import Work
from storage.budget import ballots
from storage.budget import rounds as budget


class WrongRound(Invalid):
    """A draft that can't be a round. `field`: the first wrong field of RoundDraft, or `choose`, or `why`.

    `reason`: a key of domain.budget.rounds.FIELDS where a field can be wrong in several ways, else the field again.
    """

    def __init__(self, reason: str) -> None:
        """Nothing was kept."""
        super().__init__(reason)
        self.reason = reason
        self.field = FIELDS.get(reason, reason)


class RoundChanged(Changed):
    """Another member of staff changed the round first: look again before you go on."""


class Frozen(NotNow):
    """Voting has opened: round and plans can't change any more."""


class MayNotMove(NotNow):
    """The table of domain/budget/rounds.py has no such move, or the round is not ready for it.

    `reason`: `move`, `plans` (fewer than one ballot must name), `costs` (each of `plans` costs more than the whole
    amount), `codes` (none were made), `dates` (its end is past), `extend` (it is not open), `delete`
    (it is no draft) or `given` (codes of it were handed out).
    """

    def __init__(self, reason: str, plans: tuple[int, ...] = ()) -> None:
        """Nothing was moved. plans: the numbers of the plans at fault."""
        super().__init__(reason)
        self.reason = reason
        self.plans = plans


async def make_round(work: Work, staff: Staff, draft: RoundDraft, once: str | None = None) -> Round:
    """Make a round, in state `drafting`.

    once: an idempotency key; the same draft again has no second effect. Raises NotAllowed, WrongRound,
    RepeatedDifferently, NoSuchRound for areas outside the mandate.
    """
    require(staff, Scope.ROUNDS)
    values = _columns(draft, work.now)
    round_id = new_id()
    if not _may_manage(staff, draft.areas):
        raise NoSuchRound
    if before := await made_before(work, staff, "round", once, repr(sorted(values.items())), round_id):
        return await round_of(work, before)
    await budget.add_round(work, {"id": round_id, "state": RoundState.DRAFTING, **values})
    await ballots.add_key(work, round_id, work.keys.wrap(new_key(), round_id))
    await note(work, staff, round_id, "round")
    return await round_of(work, round_id)


async def change_round(work: Work, staff: Staff, round_id: str, draft: RoundDraft, version: int) -> Round:
    """Change a round that is not frozen. Raises NotAllowed, NoSuchRound, Frozen, RoundChanged, WrongRound."""
    row = await managed(work, staff, round_id, lock=True)
    if is_frozen(RoundState(row.state)):
        raise Frozen
    if row.version != version:
        raise RoundChanged
    values = _columns(draft, work.now)
    if not _may_manage(staff, draft.areas):
        raise NoSuchRound
    await budget.change_round(work, round_id, **values)
    await note(work, staff, round_id, "round")
    return await round_of(work, round_id)


async def discard(work: Work, staff: Staff, round_id: str, version: int) -> None:
    """Delete a round in state `drafting`, with its plans and its codes, none of which may have been handed out.

    Raises NotAllowed, NoSuchRound, RoundChanged; MayNotMove("delete") in a later state, MayNotMove("given") where
    residents may hold codes.
    """
    row = await managed(work, staff, round_id, lock=True)
    if (hindrance := await hindrance_to_discard(work, round_id)) is not None:
        raise hindrance
    if row.version != version:
        raise RoundChanged
    await ballots.drop_codes(work, round_id)
    await ballots.destroy_key(work, round_id)
    await budget.drop_round(work, round_id)
    await note(work, staff, round_id, "delete")


async def hindrance_to_discard(work: Work, round_id: str) -> MayNotMove | None:
    """What keeps a round from being deleted; None for a draft that no resident can know of. Raises NoSuchRound."""
    if (await round_of(work, round_id)).state != RoundState.DRAFTING:
        return MayNotMove("delete")
    given = any(batch.handed_out for batch in await budget.batches_of(work, round_id))
    return MayNotMove("given") if given else None


async def seen_of(work: Work, round_id: str) -> str:
    """A hash of a round and its plans as staff saw them: only what they saw may be opened or given more time."""
    row = await budget.round_by_id(work, round_id)
    plans = [(one.id, one.version) for one in await budget.plans_of(work, round_id)]
    return hashlib.sha256(repr((round_id, row.version if row else 0, plans)).encode()).hexdigest()[:32]


async def move_round(work: Work, staff: Staff, round_id: str, to: str, seen: str | None = None) -> Round:
    """Bring a round to another state. Opening the vote before its time sets `opens_at` to now.

    seen: `seen_of` when staff looked at the page, None where there is no page. Raises NotAllowed, NoSuchRound,
    MayNotMove, RoundChanged when the round is not what `seen` names.
    """
    row = await managed(work, staff, round_id, lock=True)
    if to not in tuple(RoundState) or not may_move(RoundState(row.state), RoundState(to), RoundMover.STAFF):
        raise MayNotMove("move")
    if to == RoundState.VOTING and (hindrance := await _hindrance(work, row)) is not None:
        raise hindrance
    await _check_seen(work, row, seen)
    if to == RoundState.VOTING:
        await open_vote(work, row)
    else:
        await budget.change_round(work, round_id, state=to)
    await note(work, staff, round_id, "round")
    return await round_of(work, round_id)


async def extend_round(
    work: Work, staff: Staff, round_id: str, closes_at: datetime, why: str, seen: str | None = None
) -> Round:
    """Give an open vote more time; the moment, the old and new end and why (a MoreTime) are kept and published.

    A halted vote can close again only after this. seen: as move_round has it. Raises NotAllowed, NoSuchRound,
    MayNotMove("extend") for a vote that is not open, WrongRound("closes_at" or "why"), RoundChanged.
    """
    row = await managed(work, staff, round_id, lock=True)
    if row.state != RoundState.VOTING:
        raise MayNotMove("extend")
    if field := wrong_in_extension(why, row.closes_at, closes_at, work.now, row.halted):
        raise WrongRound(field)
    await _check_seen(work, row, seen)
    closes_at = closes_at.astimezone(UTC)
    more = Extension(work.now, row.closes_at, closes_at, why)
    done = (*extensions_of(row.extensions), more)
    await state(work, round_id, EntryKind.EXTENSION, json.loads(extensions_json((more,)))[0])
    await budget.change_round(work, round_id, closes_at=closes_at, extensions=extensions_json(done), halted=None)
    await note(work, staff, round_id, "extend", why)
    return await round_of(work, round_id)


async def rounds(work: Work, staff: Staff) -> list[Round]:
    """The rounds that this member of staff may manage, the latest `opens_at` first. Raises NotAllowed."""
    require(staff, Scope.ROUNDS)
    found = [as_round(row) for row in await budget.all_rounds(work)]
    return [one for one in found if _may_manage(staff, one.areas)]


async def managed(work: Work, staff: Staff, round_id: str, *, lock: bool = False) -> budget.RoundRow:
    """The row of a round that this member of staff may manage. Raises NotAllowed, NoSuchRound."""
    require(staff, Scope.ROUNDS)
    row = await budget.round_by_id(work, round_id, lock=lock)
    if row is None or not _may_manage(staff, as_round(row).areas):
        raise NoSuchRound
    return row


async def open_vote(work: Work, row: budget.RoundRow) -> None:
    """Open the vote now; the caller holds the round's lock. Raises MayNotMove when it is not ready.

    The seed of the draw for ties is drawn here: too late for anybody to shape plans by it, and before all votes.
    """
    if (hindrance := await _hindrance(work, row)) is not None:
        raise hindrance
    opens_at = min(row.opens_at, work.now)
    await budget.change_round(work, row.id, state=RoundState.VOTING, opens_at=opens_at, tie_seed=secrets.token_hex(16))
    await state_opening(work, row.id)


async def _check_seen(work: Work, row: budget.RoundRow, seen: str | None) -> None:
    """Raises RoundChanged when the round is not what `seen` names; None is not checked."""
    if seen is not None and seen != await seen_of(work, row.id):
        raise RoundChanged


async def hindrance(work: Work, round_id: str) -> MayNotMove | None:
    """What keeps the vote of a round from opening now; None when it is ready. Raises NoSuchRound."""
    row = await budget.round_by_id(work, round_id)
    if row is None:
        raise NoSuchRound
    return await _hindrance(work, row)


async def _hindrance(work: Work, row: budget.RoundRow) -> MayNotMove | None:
    """What keeps the vote from opening now; None when nothing does.

    A plan that costs more than the whole amount could never be carried out; by most votes it could end the count.
    """
    if row.closes_at <= work.now:
        return MayNotMove("dates")
    costs = await budget.plan_costs(work, row.id)
    if len(costs) < row.choose_min:
        return MayNotMove("plans")
    if dear := tuple(number for number, cents in costs.items() if cents > row.amount_cents):
        return MayNotMove("costs", dear)
    return None if await budget.batches_of(work, row.id) else MayNotMove("codes")


def told(words: Mapping[str, str], clean: Callable[[str], str] = cleaned) -> dict[str, str]:
    """Staff's words by language: cleaned, empty ones left out."""
    return {language: kept for language, one in words.items() if (kept := clean(one))}


def _columns(draft: RoundDraft, now: datetime) -> dict[str, object]:
    areas, languages = (tuple(dict.fromkeys(given)) for given in (draft.areas, draft.languages))
    draft = replace(draft, title=told(draft.title, one_line), areas=areas, languages=languages)
    if reason := wrong_in_round(draft, LANGUAGES, now):
        raise WrongRound(reason)
    return {
        "title": json.dumps(draft.title), "areas": json.dumps(list(draft.areas)),
        "languages": json.dumps(list(draft.languages)), "amount_cents": draft.amount_cents,
        "choose_min": draft.choose_min, "choose_max": draft.choose_max, "rule": draft.rule,
        "opens_at": draft.opens_at, "closes_at": draft.closes_at,
    }  # fmt: skip


def _may_manage(staff: Staff, areas: tuple[str, ...]) -> bool:
    """Whether all of the round's neighbourhoods lie in the areas (gebieden) of the mandate."""
    mine = staff.mandate.areas
    return mine is None or all(code in BY_CODE and BY_CODE[code].area in mine for code in areas)
