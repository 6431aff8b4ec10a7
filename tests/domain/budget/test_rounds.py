"""The moves of a round between its states, when it is frozen, and which field of a draft is wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.budget.rounds import (
    BEFORE_VOTING,
    MOVES,
    Extension,
    HaltReason,
    MoreTime,
    PlanDraft,
    RoundDraft,
    RoundMover,
    RoundState,
    extensions_json,
    extensions_of,
    is_frozen,
    may_move,
    next_moves,
    wrong_in_extension,
    wrong_in_plan,
    wrong_in_round,
)

SPOKEN = ("nl", "en")
OPENS = datetime(2026, 11, 21, 10, tzinfo=UTC)
ROUND = RoundDraft(
    {"nl": "Buurtbudget"}, ("FB01",), 25_000_00, 3, 5, "most-votes-stop", OPENS, OPENS + timedelta(days=7), ("nl",)
)
PLAN = PlanDraft({"nl": "Een bank"}, {}, "", 1)


def test_every_state_is_reached_from_the_first_and_only_the_last_is_an_end() -> None:
    reached = {RoundState.DRAFTING}
    while more := {end for (begin, end) in MOVES if begin in reached} - reached:
        reached |= more
    assert reached == set(RoundState)
    assert set(RoundState) - {begin for begin, _ in MOVES} == {RoundState.FINISHED}


def test_nobody_closes_a_vote_but_the_clock_and_nobody_publishes_but_the_counter() -> None:
    assert [mover for mover in RoundMover if may_move(RoundState.VOTING, RoundState.COUNTING, mover)] == [
        RoundMover.CLOCK
    ]
    assert [mover for mover in RoundMover if may_move(RoundState.COUNTING, RoundState.PUBLISHED, mover)] == [
        RoundMover.COUNTER
    ]
    assert next_moves(RoundState.VOTING, RoundMover.STAFF) == ()
    assert next_moves(RoundState.DRAFTING, RoundMover.STAFF) == (RoundState.COLLECTING, RoundState.VOTING)


def test_a_vote_opens_from_every_state_before_it() -> None:
    assert {state for state in RoundState if may_move(state, RoundState.VOTING, RoundMover.CLOCK)} == BEFORE_VOTING
    assert {state for state in RoundState if may_move(state, RoundState.VOTING, RoundMover.STAFF)} == BEFORE_VOTING


def test_no_move_leads_back_to_where_plans_and_rules_may_change() -> None:
    assert {state for state in RoundState if not is_frozen(state)} == BEFORE_VOTING
    assert not [move for move in MOVES if move[0] not in BEFORE_VOTING and move[1] in BEFORE_VOTING]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("title", {"title": {}}),
        ("title", {"title": {"nl": ""}}),
        (None, {"title": {"nl": "x" * 120}}),
        ("title_long", {"title": {"nl": "x" * 121}}),
        ("title", {"title": {"de": "x"}}),
        ("areas", {"areas": ()}),
        ("areas", {"areas": ("XX99",)}),
        ("amount_cents", {"amount_cents": 0}),
        (None, {"amount_cents": 1}),
        (None, {"amount_cents": 100_000_000_00}),
        ("amount_cents", {"amount_cents": 100_000_000_01}),
        ("choose", {"choose_min": 0}),
        (None, {"choose_min": 1}),
        (None, {"choose_min": 5}),
        ("choose", {"choose_min": 6}),
        (None, {"choose_max": 20}),
        ("choose", {"choose_max": 21}),
        ("rule", {"rule": "lottery"}),
        ("closes_at", {"closes_at": OPENS}),
        ("closes_past", {"opens_at": OPENS - timedelta(days=9), "closes_at": OPENS - timedelta(seconds=1)}),
        ("closes_past", {"opens_at": OPENS - timedelta(days=9), "closes_at": OPENS}),
        (None, {"opens_at": OPENS - timedelta(days=9)}),
        (None, {"opens_at": OPENS - timedelta(days=9), "closes_at": OPENS + timedelta(seconds=1)}),
        (None, {"opens_at": OPENS - timedelta(days=1830)}),
        ("opens_at", {"opens_at": OPENS - timedelta(days=1830, seconds=1)}),
        ("closes_at", {"closes_at": datetime(9999, 12, 31, 23, 30, tzinfo=UTC)}),
        ("opens_at", {"opens_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}),
        ("closes_at", {"opens_at": OPENS + timedelta(days=1830)}),
        ("opens_at", {"opens_at": OPENS + timedelta(days=1830, seconds=1)}),
        (None, {"closes_at": OPENS + timedelta(days=1830)}),
        ("closes_at", {"closes_at": OPENS + timedelta(days=1830, seconds=1)}),
        ("languages", {"languages": ()}),
        ("languages", {"languages": ("nl", "de")}),
        (None, {}),
    ],
)
def test_the_first_wrong_field_of_a_round_is_named(field: str | None, changed: dict[str, object]) -> None:
    assert wrong_in_round(replace(ROUND, **changed), SPOKEN, OPENS) == field  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("title", {"title": {"nl": ""}}),
        (None, {"title": {"nl": "x", "en": "x" * 120}}),
        ("title_long", {"title": {"nl": "x", "en": "x" * 121}}),
        (None, {"story": {"nl": "x" * 2000}}),
        ("story", {"story": {"nl": "x" * 2001}}),
        (None, {"place": "x" * 120}),
        ("place", {"place": "x" * 121}),
        ("cost_cents", {"cost_cents": 0}),
        (None, {"cost_cents": 100_000_000_00}),
        ("cost_cents", {"cost_cents": 100_000_000_01}),
        ("photo", {"photo": b"GIF89a"}),
        (None, {"photo": b"\xff\xd8\xff" + bytes(10 * 1024 * 1024 - 3)}),
        ("photo", {"photo": b"\xff\xd8\xff" + bytes(10 * 1024 * 1024 - 2)}),
        (None, {"photo": b"\xff\xd8\xff\xe0", "story": {"en": "Why"}}),
        (None, {"photo": b""}),
    ],
)
def test_the_first_wrong_field_of_a_plan_is_named(field: str | None, changed: dict[str, object]) -> None:
    assert wrong_in_plan(replace(PLAN, **changed), SPOKEN) == field  # type: ignore[arg-type]


CLOSES = OPENS + timedelta(days=7)


@pytest.mark.parametrize(
    ("field", "until", "why", "halted"),
    [
        (None, CLOSES + timedelta(days=1), MoreTime.OUTAGE, None),
        (None, CLOSES + timedelta(days=1), MoreTime.LOST, HaltReason.LOST),
        ("closes_at", CLOSES, MoreTime.OUTAGE, None),
        ("closes_at", OPENS + timedelta(days=6), MoreTime.OUTAGE, None),
        (None, OPENS + timedelta(days=1830), MoreTime.OUTAGE, None),
        ("closes_at", OPENS + timedelta(days=1830, seconds=1), MoreTime.OUTAGE, None),
        ("why", CLOSES + timedelta(days=1), "bored", None),
        ("why", CLOSES + timedelta(days=1), MoreTime.LOST, None),
        ("why", CLOSES + timedelta(days=1), MoreTime.OUTAGE, HaltReason.LOST),
    ],
)
def test_a_vote_only_gets_longer_and_for_a_reason_that_is_true(
    field: str | None, until: datetime, why: str, halted: str | None
) -> None:
    assert wrong_in_extension(why, CLOSES, until, OPENS, halted) == field


def test_extensions_are_kept_and_read_again() -> None:
    two = tuple(Extension(OPENS, CLOSES, CLOSES + timedelta(days=1), why) for why in MoreTime)
    assert extensions_of(extensions_json(two)) == two
    assert extensions_of(None) == ()
