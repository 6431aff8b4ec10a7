"""The deeds of a voter: the code, the ballot, casting, the receipt, the result.

A voter's choice stands in the draft alone (services/budget/voting.py). Screens that tell of it go out shut, that is
sealed: they can't be read in the outbox or in the kept session without a key that is destroyed at the close.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversations.budget import vote, voted
from conversations.budget.vote import BallotInHand
from conversations.people.notices import STALE
from domain.budget.ballot_codes import code_in, looks_like_receipt
from domain.budget.rounds import RoundState
from domain.screens import Screen, Text
from handlers.chat.tap import Deed, Tap
from services.budget import plans, results, rounds, shut_screens, statements, voting
from services.budget.plans import Plan
from services.budget.rounds import Round
from services.budget.voting import BallotDraft
from services.outbox import saying

# The thread of all messages of a ballot: they are removed from the phone when it is cast.
BALLOT = "ballot"


async def tapped_vote(tap: Tap, value: str) -> None:
    """Begins a vote, or goes on with the ballot in this chat. value: a code, or "" to be asked for one."""
    if value:
        await typed_code(tap, value)
    elif (held := await _held(tap)) is not None:
        await _show(tap, held, vote.ballot(held, 0, *await _news(tap, held.round)), in_place=False)
    else:
        await _ask_code(tap)


async def tapped_round(tap: Tap, round_id: str) -> None:
    """An invitation's button: the vote while it is open, its result afterwards."""
    if await results.result_of(tap.work, round_id) is None:
        await tapped_vote(tap, "")
    else:
        await tapped_result(tap, round_id)


async def typed_code(tap: Tap, typed: str) -> None:
    """A code came: typed from the letter, perhaps in a sentence, or from its QR code."""
    await _remember(tap)
    before, code = await voting.draft(tap.work, tap.who.reach), code_in(typed) or typed
    same = before if before is not None and before.is_of(code) else None
    try:
        entered = same or await voting.enter(tap.work, tap.who.reach, code)
    except voting.WrongCode:
        if looks_like_receipt(typed):
            await typed_receipt(tap)
        else:
            await _ask_code(tap, vote.WRONG_CODE)
    except voting.TooManyGuesses as error:
        await _ask_code(tap, vote.too_many_codes(error.until))
    except voting.NotOpen:
        await _ask_code(tap, vote.NOT_OPEN)
    else:
        notes = (vote.ANEW,) if before and before.choices and not same else ()
        notes = (*await _news(tap, entered.round), *notes)
        held = _ballot(entered, await plans.plans(tap.work, entered.round.id))
        await _show(tap, held, vote.ballot(held, 0, *notes), in_place=False)


async def typed_receipt(tap: Tap) -> None:
    """Explains what a receipt is for, and where. The receipt itself goes no further: nothing may tie it to a person."""
    await _remember(tap)
    await tap.show(voted.receipt_typed(await _published(tap)), thread=BALLOT)


async def tapped_ballot(tap: Tap, page: str) -> None:
    """Shows the plans, to choose from."""
    if (held := await _in_hand(tap)) is not None:
        await _show(tap, held, vote.ballot(held, _number(page)))


async def tapped_read(tap: Tap, page: str) -> None:
    """Shows the plans, to read about."""
    if (held := await _in_hand(tap)) is not None:
        await _show(tap, held, vote.reading(held, _number(page)))


async def tapped_plan(tap: Tap, value: str) -> None:
    """Shows one plan. value: its number, a point, the page it is on."""
    number, _, page = value.partition(".")
    held = await _in_hand(tap)
    plan = held.plan(_number(number)) if held else None
    if held and plan:
        if (photo := vote.photo_alone(plan)) is not None:
            await _show(tap, held, photo, in_place=False)
        # A photo can't replace a message of text.
        await _show(tap, held, vote.details(held, plan, _number(page)), in_place=not plan.has_photo)
    elif held:
        await _show(tap, held, vote.ballot(held))


async def tapped_choose(tap: Tap, value: str) -> None:
    """Chooses a plan or takes it out; `value`: its number, the page, and `plan` where that plan is being read."""
    number, page, where = (*value.split("."), "", "")[:3]
    found = await _read(tap, lock=True)
    if found is None:
        return
    draft, every = found
    held = _ballot(draft, every)
    plan = held.plan(_number(number))
    chosen = held.with_or_without(plan.number) if plan else None
    notes: tuple[Text, ...] = ()
    if plan and chosen is None:
        notes = (vote.full(held),)
    elif chosen is not None:
        held = _ballot(await voting.choose(tap.work, draft, chosen, [one.number for one in every]), every)
    if plan and where:
        await _show(tap, held, vote.details(held, plan, _number(page), *notes))
    else:
        await _show(tap, held, vote.ballot(held, _number(page), *notes))


async def choose_several(tap: Tap, values: Sequence[str]) -> None:
    """Chooses plans that were typed by their numbers, as many as may be chosen. values: as of `tapped_choose`."""
    found = await _read(tap, lock=True)
    if found is None:
        return
    draft, every = found
    held = _ballot(draft, every)
    wanted = [plan.number for value in values if (plan := held.plan(_number(value.split(".")[0])))]
    chosen = list(dict.fromkeys((*held.chosen, *wanted)))[: held.round.choose_max]
    notes = () if {*wanted} <= {*chosen} else (vote.full(held),)
    held = _ballot(await voting.choose(tap.work, draft, chosen, [one.number for one in every]), every)
    await _show(tap, held, vote.ballot(held, _number(values[0].split(".")[1]), *notes))


async def tapped_my_choice(tap: Tap, _value: str) -> None:
    """Shows what will be cast."""
    if (held := await _in_hand(tap)) is not None:
        await _show(tap, held, vote.choice(held))


async def tapped_cast(tap: Tap, _value: str) -> None:
    """Casts the vote and removes the ballot from the phone."""
    if voted.is_cast(tap.session.shown) and await _held(tap) is None:
        tap.toast = STALE  # pressed twice: the screen already shows that the vote was cast
        return
    await _remember(tap)
    try:
        done = await voting.cast(tap.work, tap.who.reach)
    except (voting.TooFewPlans, voting.TooManyPlans):
        if (held := await _held(tap)) is not None:
            await _show(tap, held, vote.choice(held))
        return
    except (voting.NoDraft, voting.NotOpen):
        await _say_ended(tap)
        return
    except voting.WrongCode:  # it was blocked meanwhile
        await voting.drop_draft(tap.work, tap.who.reach)
        await _ask_code(tap, vote.WRONG_CODE)
        return
    if tap.pressed and tap.message_id is not None:
        await saying.heard(tap.work, tap.who.reach, tap.message_id, BALLOT)
    removed = await tap.erase_from_phone(BALLOT)
    screen = voted.cast(done.round, done.receipt, changed=done.changed, removed=removed)
    # Sent after the close, this screen still says that the vote counts, but nothing of the ballot.
    later = voted.cast(done.round, None, changed=done.changed, removed=removed)
    await tap.show(await shut_screens.shut(tap.work, done.round.id, screen, later))


async def dropped(tap: Tap) -> bool:
    """Drops a ballot that is not cast yet, and removes it from the phone. False where there is none."""
    held = await _held(tap)
    if held is None:
        return False
    await voting.drop_draft(tap.work, tap.who.reach)
    removed = await tap.erase_from_phone(BALLOT)
    await tap.show(voted.dropped(cast_before=held.voted, removed=removed))
    return True


async def tapped_receipt(tap: Tap, value: str) -> None:
    """Shows the receipt to a voter who wants one. It stands in the button's value (round.receipt) and nowhere else."""
    round_id, _, number = value.partition(".")
    screen = await shut_screens.shut(tap.work, round_id, voted.receipt(number, BALLOT), voted.ended())
    await tap.show(screen, in_place=True, thread=BALLOT)


async def tapped_secret(tap: Tap, _value: str) -> None:
    """Answers "is my vote secret?"."""
    await tap.show(voted.secret())


async def tapped_result(tap: Tap, value: str) -> None:
    """Shows a published result. value: the round's id, then perhaps a point and a page of all its plans."""
    round_id, _, page = value.partition(".")
    found = await results.result_of(tap.work, round_id)
    if found is None:
        await _ask_code(tap)
    else:
        whole = voted.result(found, tap.deployment.public_url)
        await tap.show(voted.every_plan(found, _number(page)) if page else whole, in_place=True)


async def _ask_code(tap: Tap, *notes: Text, in_place: bool = False) -> None:
    """Asks for a code while a vote is open; otherwise shows what there is instead."""
    open_now = await rounds.open_rounds(tap.work)
    counting = [one for one in await rounds.past_rounds(tap.work) if one.state == RoundState.COUNTING]
    screen = vote.ask_code(open_now, await _published(tap), *notes, counting=counting)
    await tap.show(screen, in_place=in_place, thread=BALLOT)


async def _published(tap: Tap) -> list[Round]:
    return [one for one in await rounds.past_rounds(tap.work) if one.state != RoundState.COUNTING]


async def _in_hand(tap: Tap) -> BallotInHand | None:
    """The ballot in this chat. Without one, tells the resident so and returns None."""
    found = await _read(tap)
    return _ballot(*found) if found else None


async def _read(tap: Tap, *, lock: bool = False) -> tuple[BallotDraft, list[Plan]] | None:
    """The draft in this chat and the plans of its round. Without a draft, tells the resident so and returns None."""
    await _remember(tap)
    draft = await voting.draft(tap.work, tap.who.reach, lock=lock)
    if draft is None:
        await _say_ended(tap)
        return None
    return draft, await plans.plans(tap.work, draft.round.id)


async def _say_ended(tap: Tap) -> None:
    await _ask_code(tap, vote.ENDED, in_place=True)


async def _news(tap: Tap, its_round: vote.BallotRound) -> tuple[Text, ...]:
    """What changed since voting opened: more time, corrected plans."""
    corrections = await statements.corrections(tap.work, its_round.id)
    return (*vote.more_time(its_round), *vote.corrected(corrections))


async def _held(tap: Tap) -> BallotInHand | None:
    draft = await voting.draft(tap.work, tap.who.reach)
    return _ballot(draft, await plans.plans(tap.work, draft.round.id)) if draft else None


def _ballot(draft: BallotDraft, every: Sequence[Plan]) -> BallotInHand:
    by_number = {plan.number: plan for plan in every}
    ordered = tuple(by_number[number] for number in draft.order(by_number))
    return BallotInHand(draft.round, ordered, draft.choices, draft.voted)


async def _show(tap: Tap, held: BallotInHand, screen: Screen, *, in_place: bool = True) -> None:
    shut = await shut_screens.shut(tap.work, held.round.id, screen, voted.ended())
    await tap.show(shut, in_place=in_place, thread=BALLOT)


async def _remember(tap: Tap) -> None:
    """Remember a message typed for a ballot (a code or a number), so that it leaves the phone with the ballot."""
    if not tap.pressed and tap.message_id is not None:
        await saying.heard(tap.work, tap.who.reach, tap.message_id, BALLOT)


def _number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 5 else 0


DEEDS: Mapping[str, Deed] = {
    "vote": tapped_vote,
    "round": tapped_round,
    "ballot": tapped_ballot,
    "read": tapped_read,
    "plan": tapped_plan,
    "choose": tapped_choose,
    "my_choice": tapped_my_choice,
    "cast": tapped_cast,
    "receipt": tapped_receipt,
    "secret": tapped_secret,
    "result": tapped_result,
}
