"""The counting rules: real elections give their known results, thousands of small ones the same as a slow count."""

import random

import pytest

from domain.budget.counting import RULES, count, satisfied
from domain.budget.elections import Choices, Election, ElectionPlan
from domain.budget.pabulib import read
from tests.domain.budget import slow_counting as slow
from tests.parts import shared_data

# file, then the number of winners by each of RULES
GOLDEN = [
    ("Netherlands_Amsterdam_643", (1, 1, 1, 1)),
    ("Netherlands_Amsterdam_285", (10, 14, 34, 35)),
    ("Netherlands_Amsterdam_492", (10, 10, 14, 15)),
    ("Netherlands_Amsterdam_309", (11, 13, 20, 21)),
    ("Netherlands_Assen_2024", (5, 7, 9, 10)),
]
RANDOM = 2_000


def golden(name: str) -> Election:
    return read(shared_data(f"pabulib/{name}.pb").read_text(encoding="utf-8"))[1]


def small(*plans: tuple[str, int], amount: int, ballots: dict[Choices, int], seed: str = "") -> Election:
    return Election(amount, tuple(ElectionPlan(name, cost) for name, cost in plans), ballots, seed)


def drawn_at_random(chance: random.Random) -> Election:
    """A small election at random, in round amounts so that equal plans, which must be drawn, are common."""
    plans = tuple(
        ElectionPlan(f"p{n}", chance.choice((50, 100, 150, 200, 300, 700, 1001))) for n in range(chance.randint(1, 7))
    )
    ballots: dict[Choices, int] = {}
    for _ in range(chance.randint(0, 9)):
        chosen = tuple(sorted(chance.sample(range(len(plans)), chance.randint(0, min(4, len(plans))))))
        ballots[chosen] = ballots.get(chosen, 0) + chance.choice((1, 1, 1, 2, 5))
    return Election(chance.choice((0, 300, 900, 1000, 1200, 2501)), plans, ballots, seed=str(chance.random()))


@pytest.mark.parametrize(("name", "winners"), GOLDEN)
def test_a_real_election_has_its_known_number_of_winners_by_each_rule(name: str, winners: tuple[int, ...]) -> None:
    election = golden(name)
    assert tuple(len(count(election, rule).winners) for rule in RULES) == winners


def test_west_2020_is_the_result_that_the_city_published() -> None:
    assert count(golden("Netherlands_Amsterdam_309"), "most-votes-stop").spent_cents == 290_790_00


def test_assen_2024_funds_exactly_the_plans_that_assen_funded() -> None:
    election = golden("Netherlands_Assen_2024")
    text = shared_data("pabulib/Netherlands_Assen_2024.pb").read_text(encoding="utf-8").partition("VOTES")[0]
    official = {row.split(";")[0] for row in text.splitlines() if row.count(";") == 5 and row.split(";")[4] == "1"}
    assert {election.plans[plan].id for plan in count(election, "equal-shares-add1").winners} == official


def test_without_the_comparison_sloterdijks_plan_of_40_of_66_would_fall() -> None:
    election = golden("Netherlands_Amsterdam_643")
    favourite = max(range(3), key=election.votes().__getitem__)
    assert count(election, "equal-shares-add1").winners != (favourite,)
    kept = count(election, "equal-shares")
    assert kept.winners == (favourite,)
    assert kept.comparison is not None
    assert (kept.comparison.by_most_votes, kept.comparison.by_equal_shares) == (40, 26)


@pytest.mark.parametrize("part", range(8))
def test_random_elections_have_the_result_of_the_slow_count(part: int) -> None:
    chance = random.Random(part)
    equals = 0
    for _ in range(RANDOM // 8):
        election = drawn_at_random(chance)
        assert list(count(election, "most-votes-stop").winners) == slow.most_votes(election, skip=False)
        assert list(count(election, "most-votes-skip").winners) == slow.most_votes(election, skip=True)
        raised = count(election, "equal-shares-add1")
        winners, paid, cents = slow.add1(election)
        assert (raised.winners, raised.raised_cents) == (winners, cents), election
        assert [one.price_cents for one in raised.purchases] == [int(paid[plan]) for plan in winners], election
        assert list(count(election, "equal-shares").winners) == slow.completed(election), election
        assert satisfied(election, winners) == sum(n for b, n in election.ballots.items() if set(b) & set(winners))
        equals += any(one.equals for one in raised.purchases)
    assert equals > RANDOM // 80, "too few draws were needed to say anything about them"


def test_a_dear_plan_of_one_voter_does_not_take_a_count_for_every_euro() -> None:
    # The only voter for the dear plan can pay for it once every share is raised by almost a million euros.
    plans = (("liked", 5_000_00), ("dear", 990_000_00), ("middling", 1_000_00))
    ballots: dict[Choices, int] = {(0,): 900, (0, 2): 50, (1, 2): 1}
    found = count(small(*plans, amount=1_000_000_00, ballots=ballots), "equal-shares-add1")
    assert found.winners == (0, 2, 1)
    # That voter had 1,000,000 / 951 = 1,051.52… euros, of which 1,000 / 51 = 19.60… paid for the middling plan.
    assert found.raised_cents == 988_969_00


def test_no_euro_is_passed_over_while_a_plan_that_waits_has_as_many_votes_as_one_that_won() -> None:
    # From 74 euros on, the 5 voters of a can pay b too, and the draw may put b before a. Looking at c alone, which has
    # fewer votes, 83 euros could be added at once, past that moment.
    plans = (("a", 300_00), ("b", 1_200_00), ("c", 1_000_00))
    election = small(*plans, amount=1_500_00, ballots={(0, 1): 5, (2,): 4})
    found = count(election, "equal-shares-add1")
    winners, _, raised = slow.add1(election)
    assert (found.winners, found.raised_cents) == (winners, raised) == ((1,), 83_00)


def test_what_floating_numbers_cannot_tell_apart_is_told_apart() -> None:
    # After c is bought, b is cheaper for its supporters than a by one part in 10^17: a float sees no difference, and
    # the draw, which prefers a, must not be asked.
    most = 10**16
    plans = (("a", 9 * most + 1), ("b", 9 * most), ("c", 20 * most))
    ballots: dict[Choices, int] = {(0, 2): 1, (1, 2): 1, (0,): 1, (1,): 1, (2,): 1}
    election = small(*plans, amount=40 * most, ballots=ballots, seed=prefers_first(plans))
    bought = count(election, "equal-shares-add1").purchases
    assert [one.plan for one in bought] == [2, 1, 0] == list(slow.add1(election)[0])
    assert not any(one.equals for one in bought)


def prefers_first(plans: tuple[tuple[str, int], ...]) -> str:
    """A seed by which the first plan is drawn before the second."""
    seeds = (f"seed {n}" for n in range(100))
    return next(
        seed for seed in seeds if (one := small(*plans, amount=1, ballots={}, seed=seed)).drawn(0) < one.drawn(1)
    )


@pytest.mark.parametrize("rule", RULES)
def test_a_plan_that_nobody_chose_is_never_funded_and_blank_ballots_change_nothing(rule: str) -> None:
    plans = (("liked", 100), ("unknown", 100))
    election = small(*plans, amount=1000, ballots={(0,): 3})
    assert count(election, rule).winners == (0,)
    assert count(small(*plans, amount=1000, ballots={(0,): 3, (): 50}), rule) == count(election, rule)
    assert count(small(*plans, amount=1000, ballots={}), rule).winners == ()


def test_another_seed_draws_another_order_between_equals() -> None:
    ballots: dict[Choices, int] = {(0,): 5, (1,): 5}
    winners = {
        count(small(("a", 100), ("b", 100), amount=100, ballots=ballots, seed=f"s{n}"), rule).winners
        for n in range(20)
        for rule in ("most-votes-stop", "most-votes-skip", "equal-shares")
    }
    assert winners == {(0,), (1,)}
