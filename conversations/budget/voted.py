"""The screens after a vote: cast, the receipt, whether it is secret, a ballot that is gone, the result. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conversations.budget.vote import ENDED, PAGE, SECRET, BallotRound, results
from conversations.engine.choices import column
from conversations.people.menu import MENU, VOTE
from domain.budget.results import ElectionResult, PlanResult
from domain.screens import Button, Line, Listing, Moment, Money, Screen, Text, Told, Value

# For a door (a way to reach people, such as Telegram) that can't remove messages.
_REMOVE = Text("screens.phone.yourself")
# Why a plan is or is not carried out, by the reasons of domain/budget/explaining.py.
_WHY = {
    "most-votes": Text("budget.why.funded"),
    "own-shares": Text("budget.why.funded"),
    "does-not-fit": Text("budget.why.does_not_fit"),
    "stopped": Text("budget.why.stopped"),
    "no-votes": Text("budget.why.no_votes"),
}


def cast(voted: BallotRound, receipt: str | None, *, changed: bool, removed: bool) -> Screen:
    """The vote counts. receipt: shown when the voter asks for it; None where it can't be given any more.

    changed: the same code voted before · removed: the ballot is removed from the phone.
    """
    lines = (
        Text("budget.cast.changed") if changed else Text("budget.cast.done"),
        Text("budget.cast.until", {"until": Moment(voted.closes_at)}),
        Text("budget.cast.removed") if removed else _REMOVE,
    )
    if receipt is None:
        return Screen(lines, column((SECRET, MENU)), numbered=True)
    want = Button(Text("budget.button.receipt"), go="receipt", value=f"{voted.id}.{receipt}")
    return Screen((*lines, Text("budget.cast.receipt")), column((want, SECRET, MENU)), numbered=True)


def is_cast(screen: Screen | None) -> bool:
    """Whether this screen says that a vote was cast."""
    return screen is not None and screen.lines[:1] in ((Text("budget.cast.changed"),), (Text("budget.cast.done"),))


def dropped(*, cast_before: bool, removed: bool) -> Screen:
    """A ballot was put aside; a vote that was cast before it with the same code stays."""
    before = (Text("budget.dropped.before"),) if cast_before else ()
    stays = () if removed else (_REMOVE,)
    return Screen((Text("budget.dropped.done"), *before, *stays), column((VOTE, MENU)), numbered=True)


def receipt(number: str, thread: str) -> Screen:
    """The receipt that the voter wanted to see."""
    lines = (
        Text("budget.receipt.number", {"receipt": number}),
        Text("budget.receipt.keep"),
        Text("budget.receipt.why"),
    )
    return Screen(lines, column((Button(Text("budget.button.remove"), go="wipe", value=thread), MENU)), numbered=True)


def receipt_typed(published: Sequence[BallotRound]) -> Screen:
    """The answer to a typed receipt: what receipts are for, without the number. Nobody may learn here whose it is."""
    lines = (Text("budget.receipt.typed"), Text("budget.receipt.why"))
    return Screen(lines, column((*results(published), MENU)), numbered=True)


def secret() -> Screen:
    """Is my vote secret? What is done, and what can't be promised."""
    lines = (
        Text("budget.secret.apart"),
        Text("budget.secret.after"),
        Text("budget.secret.telegram"),
        Text("budget.secret.server"),
        Text("budget.secret.beside"),
        Text("budget.secret.other_phone"),
    )
    return Screen(lines, column((VOTE, MENU)), numbered=True)


def ended() -> Screen:
    """Shown in place of a ballot that is no longer there."""
    return Screen((ENDED,), column((VOTE, MENU)), numbered=True)


def result(found: ElectionResult, public_url: str = "") -> Screen:
    """What was decided: the plans that are carried out, the money, and how many voters have a choice among them.

    public_url: where the public pages are, "" where that is not known.
    """
    lines: list[Line] = [Told(found.title), Text("budget.result.ballots", count=found.ballots)]
    if found.funded:
        funded = Listing(tuple(Told(plan.title) for plan in found.funded))
        lines.append(Text("budget.result.funded", {"titles": funded}))
    else:
        lines.append(Text("budget.result.none"))
    money: dict[str, Value] = {"spent": Money(found.spent_cents), "amount": Money(found.amount_cents)}
    lines.append(Text("budget.result.spent", money))
    if found.satisfied is not None and found.ballots:
        lines.append(Text("budget.result.satisfied", {"voters": found.satisfied, "ballots": found.ballots}))
    every = Button(Text("budget.button.every_plan"), go="result", value=f"{found.round_id}.0")
    address = f"{public_url}/results/{found.round_id}/"
    pages = (Button(Text("budget.button.page"), url=address),) if public_url else ()
    return Screen(tuple(lines), column((every, *pages, MENU)), numbered=True)


def every_plan(found: ElectionResult, page: int) -> Screen:
    """Five plans with their votes and why each is carried out or not, most votes first."""
    pages = max(1, -(-len(found.plans) // PAGE))
    here = page % pages
    shown = found.plans[here * PAGE : (here + 1) * PAGE]
    buttons = [Button(Text("screens.button.back"), go="result", value=found.round_id), MENU]
    if pages > 1:
        following = f"{found.round_id}.{(here + 1) % pages}"
        buttons.insert(0, Button(Text("budget.button.more"), go="result", value=following))
    return Screen((Told(found.title), *_became(shown)), column(buttons), numbered=True)


def _became(shown: Sequence[PlanResult]) -> Iterator[Text]:
    for plan in shown:
        values: dict[str, Value] = {"title": Told(plan.title), "cost": Money(plan.cost_cents), "why": _why(plan)}
        yield Text("budget.result.plan", values, plan.votes)


def _why(plan: PlanResult) -> Text:
    if not plan.drawn:
        return _WHY[plan.reason]
    equals = Listing(tuple(map(Told, plan.drawn)))
    return Text("budget.why.drawn", {"why": _WHY[plan.reason], "titles": equals})
