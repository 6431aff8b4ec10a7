"""The ballot: five plans at a time, the chosen plans always above them, and one button that casts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product

import pytest

from conversations.budget import vote, voted
from conversations.budget.vote import BallotInHand
from domain.budget.results import ElectionResult, PlanResult
from domain.screens import Button, Money, Screen, Text
from handlers.chat.buttons import button_of
from handlers.telegram.render import MESSAGE_LIMIT, render
from locales.texts import LANGUAGES


@dataclass(frozen=True)
class Round:
    """A voting round."""

    id: str = "r" * 26
    title: Mapping[str, str] = field(default_factory=lambda: {"nl": "Buurtbudget Osdorp", "ar": "ميزانية الحي"})
    amount_cents: int = 285_000_00
    choose_min: int = 3
    choose_max: int = 5
    closes_at: datetime = datetime(2026, 12, 1, 20, 0, tzinfo=UTC)
    notice: str | None = None
    first_head: str | None = None


@dataclass(frozen=True)
class Plan:
    """A plan on the ballot."""

    number: int
    id: str = "p" * 26
    title: Mapping[str, str] = field(default_factory=dict)
    story: Mapping[str, str] = field(default_factory=lambda: {"nl": "Een plek om te zitten."})
    place: str = "Osdorpplein"
    cost_cents: int = 12_000_00
    has_photo: bool = False


def _plan(number: int) -> Plan:
    return Plan(number, title={"nl": f"Plan nummer {number}", "ar": f"خطة {number}"})


PLANS = tuple(_plan(number) for number in (4, 1, 7, 2, 6, 3, 5))
EMPTY = BallotInHand(Round(), PLANS, (), voted=False)
FULL = replace(EMPTY, chosen=(1, 2, 3, 4, 5), voted=True)
LONG = tuple(Plan(one, title={"nl": f"Plan {one} " + "x" * 112}, story={"nl": "y" * 2000}) for one in range(1, 21))
LONGEST = BallotInHand(replace(Round(), choose_max=20), LONG, tuple(range(1, 21)), voted=True)
SCREENS: dict[str, Screen] = {
    "code": vote.ask_code([Round(), Round()], [Round(), Round(), Round(), Round()]),
    "more time": vote.ask_code([Round(notice=why) for why in ("lost", "outage", "letters")], []),
    "no round": vote.ask_code([], []),
    "counting": vote.ask_code([], [Round()], counting=[Round(), Round()]),
    "wrong code": vote.ask_code([Round()], [], Text("budget.code.wrong")),
    **{f"empty, page {page}": vote.ballot(EMPTY, page) for page in range(2)},
    **{f"full, page {page}": vote.ballot(FULL, page) for page in range(2)},
    "longest": vote.ballot(LONGEST),
    "exactly": vote.ballot(BallotInHand(replace(Round(), choose_min=1, choose_max=1), PLANS, (), voted=False)),
    "read": vote.reading(EMPTY, 1),
    "a plan": vote.details(EMPTY, PLANS[0]),
    "a chosen plan with a photo": vote.details(FULL, replace(PLANS[1], has_photo=True)),
    "the longest plan": vote.details(LONGEST, replace(LONG[0], has_photo=True)),
    "nothing chosen": vote.choice(EMPTY),
    "one short": vote.choice(replace(EMPTY, chosen=(1, 2))),
    "to be cast": vote.choice(FULL),
    "cast": voted.cast(Round(), "7K2MQ-9RX4T", changed=False, removed=True),
    "changed": voted.cast(Round(), "7K2MQ-9RX4T", changed=True, removed=True),
    "cast, told after the close": voted.cast(Round(), None, changed=False, removed=True),
    "dropped": voted.dropped(cast_before=False, removed=True),
    "dropped, and cast before": voted.dropped(cast_before=True, removed=True),
    "receipt": voted.receipt("7K2MQ-9RX4T", "ballot"),
    "receipt typed": voted.receipt_typed([Round(), Round(), Round(), Round()]),
    "secret": voted.secret(),
    "ended": voted.ended(),
}


def _deeds(screen: Screen) -> list[str | None]:
    return [button.go for row in screen.buttons for button in row]


def _labels(screen: Screen, language: str = "nl") -> list[str]:
    return [button["text"] for row in render(screen, language).keyboard for button in row]


@pytest.mark.parametrize(("name", "language"), list(product(SCREENS, LANGUAGES)))
def test_every_screen_is_within_the_limits_in_every_language(name: str, language: str) -> None:
    screen = SCREENS[name]
    shown = render(screen, language)
    assert 0 < len(shown.html) <= MESSAGE_LIMIT
    assert len(screen.lines) <= 8
    # Each choice has a row of its own (five plans, and "more plans"); the other buttons share one row below them.
    choices = [row for row in screen.buttons if len(row) == 1]
    assert len(choices) <= 6
    assert len(screen.buttons) <= len(choices) + 1
    labels = _labels(screen, language)
    assert len(labels) == len(set(labels))
    assert all(len(button["callback_data"].encode()) <= 64 for row in shown.keyboard for button in row)


@pytest.mark.parametrize(("name", "language"), list(product(SCREENS, LANGUAGES)))
def test_every_button_can_be_typed_by_its_number_and_its_words(name: str, language: str) -> None:
    screen = SCREENS[name]
    buttons = [button for row in screen.buttons for button in row]
    for number, (button, label) in enumerate(zip(buttons, _labels(screen, language), strict=True), 1):
        assert button_of(str(number), screen, language) == button
        assert button_of(label, screen, language) == button


def test_the_plans_stand_in_the_voters_own_order_five_at_a_time_and_come_round() -> None:
    first, second = vote.ballot(EMPTY, 0), vote.ballot(EMPTY, 1)
    numbers = [[b.value for row in page.buttons for b in row if b.go == "choose"] for page in (first, second)]
    assert numbers == [["4.0", "1.0", "7.0", "2.0", "6.0"], ["3.1", "5.1"]]
    assert [b.value for row in second.buttons for b in row if b.go == "ballot"] == ["0"]
    past = vote.ballot(EMPTY, 2)
    assert [button.label for row in past.buttons for button in row] == [b.label for row in first.buttons for b in row]


def test_what_is_chosen_stands_above_the_plans_on_every_page_and_is_marked_there() -> None:
    held = replace(EMPTY, chosen=(1, 3))
    for page in range(2):
        assert "Jouw keuze, 2 van 5: Plan nummer 1 en Plan nummer 3." in render(vote.ballot(held, page), "nl").html
    assert [label for label in _labels(vote.ballot(held)) if "✅" in label] == ["2. ✅ Plan nummer 1"]
    assert [label for label in _labels(vote.ballot(held, 1)) if "✅" in label] == ["1. ✅ Plan nummer 3"]


def test_a_tap_chooses_a_second_tap_takes_out_and_more_than_allowed_is_refused() -> None:
    assert EMPTY.with_or_without(4) == (4,)
    assert replace(EMPTY, chosen=(1, 4)).with_or_without(4) == (1,)
    assert FULL.with_or_without(6) is None
    assert FULL.with_or_without(5) == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("chosen", "offered"), [((), False), ((1, 2), False), ((1, 2, 3), True), ((1, 2, 3, 4, 5), True)]
)
def test_a_vote_can_be_cast_when_enough_is_chosen(chosen: tuple[int, ...], offered: bool) -> None:
    screen = vote.choice(replace(EMPTY, chosen=chosen))
    assert ("cast" in _deeds(screen)) == offered


def test_a_button_of_a_ballot_carries_the_number_of_a_plan_and_a_page_and_never_what_is_chosen() -> None:
    values = [[button.value for row in vote.ballot(held, 1).buttons for button in row] for held in (EMPTY, FULL)]
    assert values[0] == values[1]
    reading = [vote.details(held, PLANS[1], 1).buttons[0][0].value for held in (EMPTY, FULL)]
    assert reading == ["1.1.plan", "1.1.plan"]


def test_a_plan_is_told_in_the_readers_language_with_its_cost_its_place_and_its_photo() -> None:
    screen = vote.details(EMPTY, replace(PLANS[0], has_photo=True, story={"nl": "Bankjes", "ar": "مقاعد"}))
    dutch, arabic, turkish = (render(screen, language).html for language in ("nl", "ar", "tr"))
    assert all(said in dutch for said in ("Plan nummer 4", "12.000", "Osdorpplein", "Bankjes"))
    assert all(said in arabic for said in ("خطة 4", "مقاعد"))
    assert "Bankjes" in turkish
    assert screen.picture == "p" * 26


def test_a_long_story_is_told_whole_below_its_photo() -> None:
    plan = replace(LONG[0], has_photo=True)
    photo, story = vote.photo_alone(plan), SCREENS["the longest plan"]
    assert photo is not None
    assert (photo.picture, story.picture) == (plan.id, None)
    assert "y" * 2000 in render(story, "nl").html
    short = replace(plan, story={"nl": "z" * 600})
    assert vote.photo_alone(short) is None
    assert "z" * 600 in render(vote.details(LONGEST, short), "nl").html


@pytest.mark.parametrize(("least", "most", "key"), [(3, 5, "how_many"), (4, 5, "how_many"), (5, 5, "exactly")])
def test_a_ballot_says_how_many_plans_it_may_name(least: int, most: int, key: str) -> None:
    held = replace(EMPTY, round=replace(Round(), choose_min=least, choose_max=most))
    said = [line.key for line in vote.ballot(held).lines if isinstance(line, Text)]
    assert [one for one in said if one.startswith("budget.ballot.")] == [
        f"budget.ballot.{key}",
        "budget.ballot.nothing",
    ]


PLAN_RESULT = PlanResult(1, {"nl": "Bankje"}, 7, 12_000_00, funded=True, reason="most-votes", drawn=())
RESULT = ElectionResult("r" * 26, {"nl": "Buurtbudget Osdorp"}, 285_000_00, 12_000_00, 40, 33, (PLAN_RESULT,) * 6)
NOT_FUNDED = replace(RESULT, plans=(replace(PLAN_RESULT, funded=False, reason="no-votes"),) * 6, spent_cents=0)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (RESULT, ["ballots", "funded", "spent", "satisfied"]),
        (replace(NOT_FUNDED, satisfied=0), ["ballots", "none", "spent", "satisfied"]),
        (replace(RESULT, satisfied=None), ["ballots", "funded", "spent"]),
        (replace(NOT_FUNDED, ballots=0, satisfied=0), ["ballots", "none", "spent"]),
    ],
)
def test_a_result_tells_how_many_voted_what_is_done_and_what_that_costs(found: ElectionResult, said: list[str]) -> None:
    lines = [line for line in voted.result(found).lines if isinstance(line, Text)]
    assert [line.key.removeprefix("budget.result.") for line in lines] == said
    assert lines[2].values == {"spent": Money(found.spent_cents), "amount": Money(found.amount_cents)}


def test_a_result_leads_to_every_plan_and_from_there_back() -> None:
    result = RESULT
    ways = [
        [(button.go, button.value or button.url) for row in screen.buttons for button in row]
        for screen in (
            voted.result(result), voted.result(result, "https://a.example"), voted.every_plan(result, 0),
            voted.every_plan(result, 1), voted.every_plan(replace(result, plans=result.plans[:5]), 0),
        )
    ]  # fmt: skip
    every, back, menu = ("result", "r" * 26 + ".0"), ("result", "r" * 26), ("menu", None)
    page = (None, f"https://a.example/results/{'r' * 26}/")
    more = ("result", "r" * 26 + ".1")
    assert ways == [[every, menu], [every, page, menu], [more, back, menu], [every, back, menu], [back, menu]]


def test_the_screen_that_waits_for_a_code_knows_it() -> None:
    assert vote.asks_code(SCREENS["code"])
    assert vote.asks_code(SCREENS["wrong code"])
    assert not vote.asks_code(SCREENS["cast"])
    assert not vote.asks_code(None)


def test_the_page_about_secrecy_says_what_can_not_be_promised() -> None:
    shown = render(SCREENS["secret"], "nl").html
    assert all(said in shown for said in ("Telegram kan zien", "wie de computer beheert", "laatste stem telt"))


def test_a_receipt_stands_on_no_screen_that_was_not_asked_for_it() -> None:
    assert "7K2MQ" not in render(SCREENS["cast"], "nl").html
    assert "7K2MQ-9RX4T" in render(SCREENS["receipt"], "nl").html


def test_no_screen_is_a_dead_end() -> None:
    ways = {"menu", "vote", "ballot"}
    assert all(ways & {button.go for row in screen.buttons for button in row} for screen in SCREENS.values())
    assert all(
        isinstance(button, Button) and button.answer is None
        for s in SCREENS.values()
        for r in s.buttons
        for button in r
    )
