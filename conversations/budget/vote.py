"""The screens of a vote: the code, the ballot, one plan, the voter's choice. Pure.

No choice stands in a conversation's state: every screen is made anew from the draft (services/budget/voting.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from conversations.engine.choices import column
from conversations.people.menu import MENU
from domain.screens import Button, Line, Listing, Moment, Money, Screen, Text, Told, Value

PAGE = 5
# Longer stories don't fit under a photo: Telegram takes 1024 characters there.
UNDER_A_PHOTO = 600
_ASK = Text("budget.code.ask")
_CAST = Text("budget.button.cast")
# Notes above the question for a code, or above the ballot.
WRONG_CODE = Text("budget.code.wrong")
NOT_OPEN = Text("budget.code.not_open")
ENDED = Text("budget.ballot.ended")
ANEW = Text("budget.ballot.anew")
SECRET = Button(Text("budget.button.secret"), go="secret")


class BallotRound(Protocol):
    """A voting round, as services/budget/round_acts.py gives it."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> Mapping[str, str]: ...
    @property
    def amount_cents(self) -> int: ...
    @property
    def choose_min(self) -> int: ...
    @property
    def choose_max(self) -> int: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def notice(self) -> str | None: ...
    @property
    def first_head(self) -> str | None: ...


class BallotPlan(Protocol):
    """A plan on the ballot, as services/budget/plans.py gives it."""

    @property
    def id(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def title(self) -> Mapping[str, str]: ...
    @property
    def story(self) -> Mapping[str, str]: ...
    @property
    def place(self) -> str: ...
    @property
    def cost_cents(self) -> int: ...
    @property
    def has_photo(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class BallotInHand:
    """An open ballot. plans: in this voter's own order · chosen: plan numbers · voted: the code was used before."""

    round: BallotRound
    plans: tuple[BallotPlan, ...]
    chosen: tuple[int, ...]
    voted: bool

    def plan(self, number: int) -> BallotPlan | None:
        """The plan of this number; None where there is none."""
        return next((plan for plan in self.plans if plan.number == number), None)

    def with_or_without(self, number: int) -> tuple[int, ...] | None:
        """The chosen numbers after a tap on this plan; None where nothing more may be chosen."""
        if number in self.chosen:
            return tuple(one for one in self.chosen if one != number)
        return (*self.chosen, number) if len(self.chosen) < self.round.choose_max else None


def too_many_codes(until: datetime) -> Text:
    """The note that too many wrong codes were typed, and until when no other is taken."""
    return Text("budget.code.too_many", {"until": Moment(until)})


def full(held: BallotInHand) -> Text:
    """The note that no more plans may be chosen."""
    return Text("budget.ballot.full", count=held.round.choose_max)


def ask_code(
    open_rounds: Sequence[BallotRound],
    published: Sequence[BallotRound],
    *notes: Text,
    counting: Sequence[BallotRound] = (),
) -> Screen:
    """Where a vote begins: open rounds and the question for a code; rounds being counted; results of former rounds."""
    lines: list[Line] = [*notes]
    for one in open_rounds:
        values: dict[str, Value] = {
            "title": Told(one.title),
            "amount": Money(one.amount_cents),
            "until": Moment(one.closes_at),
        }
        lines += [Text("budget.code.open", values), *more_time(one)]
        if one.first_head:
            lines.append(Text("budget.code.first_head", {"head": one.first_head}))
    if open_rounds:
        lines += [_ASK, Text("budget.code.letter")]
    else:
        lines.append(Text("budget.code.none"))
    lines += [Text("budget.code.counting", {"title": Told(one.title)}) for one in counting]
    return Screen(tuple(lines), column((*results(published), SECRET, MENU)), numbered=True)


def results(published: Sequence[BallotRound]) -> tuple[Button, ...]:
    """The way to the results of the last three rounds."""
    return tuple(
        Button(Text("budget.button.result", {"title": Told(one.title)}), go="result", value=one.id)
        for one in published[:3]
    )


def more_time(one: BallotRound) -> tuple[Text, ...]:
    """The line that a vote was extended and why, or that everybody has to vote again; () where all went well."""
    return (Text(f"budget.more_time.{one.notice}"),) if one.notice else ()


def corrected(corrections: Sequence[Mapping[str, str | int]]) -> tuple[Text, ...]:
    """Which plans were corrected while voting is open, and why."""
    return tuple(Text(f"budget.corrected.{one['why']}", {"number": one["plan"]}) for one in corrections)


def asks_code(screen: Screen | None) -> bool:
    """Whether this screen waits for a code, so that whatever is typed is taken for one."""
    return screen is not None and _ASK in screen.lines


def ballot(held: BallotInHand, page: int = 0, *notes: Text) -> Screen:
    """Five plans; a tap chooses one or takes it out again. All chosen plans are always listed above them."""
    rows = [Button(_label(plan, held), go="choose", value=f"{plan.number}.{page}") for plan in _on(held, page)]
    ways = (
        Button(Text("budget.button.look"), go="my_choice"),
        Button(Text("budget.button.read"), go="read", value=str(page)),
    )
    voted = (Text("budget.ballot.voted"),) if held.voted else ()
    lines = (*notes, Told(held.round.title), *voted, _how_many(held.round), *_chosen(held), *_position(held, page))
    return Screen(lines, (*column((*rows, *_more(held, page, "ballot"))), ways), numbered=True)


def reading(held: BallotInHand, page: int = 0) -> Screen:
    """The same five plans, to read about."""
    rows = [Button(Told(plan.title), go="plan", value=f"{plan.number}.{page}") for plan in _on(held, page)]
    back = Button(Text("budget.button.plans"), go="ballot", value=str(page))
    lines = (Text("budget.read.ask"), *_position(held, page))
    return Screen(lines, (*column((*rows, *_more(held, page, "read"))), (back,)), numbered=True)


def details(held: BallotInHand, plan: BallotPlan, page: int = 0, *notes: Text) -> Screen:
    """One plan with all that is told of it."""
    chosen = plan.number in held.chosen
    label = Text("budget.button.take_out") if chosen else Text("budget.button.choose")
    buttons = (
        Button(label, go="choose", value=f"{plan.number}.{page}.plan"),
        Button(Text("budget.button.others"), go="read", value=str(page)),
        Button(Text("budget.button.plans"), go="ballot", value=str(page)),
    )
    lines: list[Line] = [*notes, Told(plan.title), Text("budget.plan.cost", {"cost": Money(plan.cost_cents)})]
    if plan.place:
        lines.append(Text("budget.plan.place", {"place": plan.place}))
    lines.append(Told(plan.story))
    if chosen:
        lines.append(Text("budget.plan.chosen"))
    picture = plan.id if plan.has_photo and not _is_long(plan) else None
    return Screen(tuple(lines), column(buttons), numbered=True, picture=picture)


def photo_alone(plan: BallotPlan) -> Screen | None:
    """The photo of a plan, sent before its long story; None where both fit one message, or there is no photo."""
    return Screen((Told(plan.title),), picture=plan.id) if plan.has_photo and _is_long(plan) else None


def choice(held: BallotInHand, *notes: Text) -> Screen:
    """What will be cast, and the one button that casts it."""
    missing = held.round.choose_min - len(held.chosen)
    buttons = [Button(Text("budget.button.plans"), go="ballot", value="0"), SECRET, MENU]
    if missing > 0:
        last = Text("budget.choice.too_few", count=missing)
    else:
        last = Text("budget.choice.not_yet", {"cast": _CAST})
        buttons.insert(0, Button(_CAST, go="cast"))
    until = Text("budget.choice.until", {"until": Moment(held.round.closes_at)})
    return Screen((*notes, *_chosen(held), last, until), column(buttons), numbered=True)


def _is_long(plan: BallotPlan) -> bool:
    return max(map(len, plan.story.values()), default=0) > UNDER_A_PHOTO


def _on(held: BallotInHand, page: int) -> tuple[BallotPlan, ...]:
    start = page % _pages(held) * PAGE
    return held.plans[start : start + PAGE]


def _pages(held: BallotInHand) -> int:
    return max(1, -(-len(held.plans) // PAGE))


def _position(held: BallotInHand, page: int) -> Iterator[Text]:
    pages = _pages(held)
    if pages > 1:
        yield Text("screens.page.position", {"page": page % pages + 1, "pages": pages})


def _more(held: BallotInHand, page: int, deed: str) -> Iterator[Button]:
    pages = _pages(held)
    if pages > 1:
        yield Button(Text("budget.button.more"), go=deed, value=str((page + 1) % pages))


def _label(plan: BallotPlan, held: BallotInHand) -> Text | Told:
    title = Told(plan.title)
    return Text("budget.button.chosen", {"title": title}) if plan.number in held.chosen else title


def _how_many(one: BallotRound) -> Text:
    if one.choose_min == one.choose_max:
        return Text("budget.ballot.exactly", count=one.choose_max)
    return Text("budget.ballot.how_many", {"least": one.choose_min, "most": one.choose_max})


def _chosen(held: BallotInHand) -> Iterator[Text]:
    titles = tuple(Told(plan.title) for plan in held.plans if plan.number in held.chosen)
    if titles:
        values: dict[str, Value] = {"number": len(titles), "most": held.round.choose_max, "titles": Listing(titles)}
        yield Text("budget.ballot.chosen", values)
    else:
        yield Text("budget.ballot.nothing")
