"""`python -m bench.counting [PYTHON]`: two elections by each rule, seconds and memory of a whole process.

100,000 ballots × 160 plans, and one with the numbers of a real city (Warsaw): 61,668 × 84, up to 10 plans a ballot and
money for a third of them, so that shares are raised many times. Aims: under 5 s and under 200 MB.
Where PYTHON (an interpreter) has pabutools, it counts the same file beside ours.
pabutools needs gurobipy, which is no free software: it is never installed with this program.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from domain.budget.counting import RULES
from domain.budget.elections import Election, ElectionPlan, together
from domain.budget.pabulib import VoteRow, write

VOTERS, PLANS, AMOUNT_CENTS = 100_000, 160, 400_000_00
CITY_VOTERS, CITY_PLANS = 61_668, 84
GIVE_UP = 180  # seconds
THEIRS = """
import sys
from pabutools.election import Cost_Sat, parse_pabulib
from pabutools.rules import exhaustion_by_budget_increase, greedy_utilitarian_welfare, method_of_equal_shares
instance, profile = parse_pabulib(sys.argv[1])
if sys.argv[2] == "most-votes-skip":
    greedy_utilitarian_welfare(instance, profile, sat_class=Cost_Sat)
else:
    rule = {"sat_class": Cost_Sat}
    exhaustion_by_budget_increase(instance, profile, method_of_equal_shares, rule, budget_step=len(profile))
"""


def main(arguments: list[str]) -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        for name, path in (
            (f"{VOTERS:,} ballots x {PLANS} plans", made_file(Path(folder))),
            (f"a city, {CITY_VOTERS:,} x {CITY_PLANS}", city_file(Path(folder))),
        ):
            print(f"{name:<40}{'s (5)':>8}{'MB (200)':>10}")
            for rule in RULES:
                _row(f"ours, {rule}", [sys.executable, "-m", "bot", "count", str(path), "--rule", rule, "--json"])
            if arguments:
                for rule in ("most-votes-skip", "equal-shares-add1"):
                    _row(f"pabutools, {rule}", [arguments[0], "-c", THEIRS, str(path), rule])
    return 0


def made_file(folder: Path) -> Path:
    """An election in which few plans are chosen often and many seldom, 3 to 5 a ballot."""
    chance = random.Random(1)  # noqa: S311  the same election each time
    plans = tuple(ElectionPlan(str(number), chance.randint(500, 20_000) * 100) for number in range(1, PLANS + 1))
    liked = [1 / (number + 3) for number in range(PLANS)]
    ballots = [VoteRow(str(voter), _choices(chance, plans, liked, chance.randint(3, 5))) for voter in range(VOTERS)]
    return _written(folder / "election.pb", AMOUNT_CENTS, plans, ballots)


def city_file(folder: Path) -> Path:
    """An election in which each voter cares for two of eight themes, and plans cost very different amounts."""
    chance = random.Random(5)  # noqa: S311  the same election each time
    plans = tuple(
        ElectionPlan(str(one), int(chance.lognormvariate(12.2, 1.0)) * 100) for one in range(1, CITY_PLANS + 1)
    )
    liked = [1 / (number + 2) ** 0.7 for number in range(CITY_PLANS)]
    chance.shuffle(liked)
    themes = [chance.randrange(8) for _ in plans]
    ballots = []
    for voter in range(CITY_VOTERS):
        cares = chance.sample(range(8), 2)
        tastes = [weight * (4 if theme in cares else 1) for weight, theme in zip(liked, themes, strict=True)]
        many = chance.choice((1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 10, 10, 10))
        ballots.append(VoteRow(str(voter), _choices(chance, plans, tastes, many)))
    return _written(folder / "city.pb", sum(plan.cost_cents for plan in plans) * 35 // 100, plans, ballots)


def _written(path: Path, amount_cents: int, plans: tuple[ElectionPlan, ...], ballots: list[VoteRow]) -> Path:
    election = Election(amount_cents, plans, together(plans, (ballot.plans for ballot in ballots)))
    path.write_text(write({"vote_type": "approval", "currency": "EUR"}, election, (), ballots), encoding="utf-8")
    return path


def _choices(chance: random.Random, plans: tuple[ElectionPlan, ...], liked: list[float], many: int) -> tuple[str, ...]:
    chosen: set[str] = set()
    while len(chosen) < many:
        chosen.update(plan.id for plan in chance.choices(plans, liked, k=many - len(chosen)))
    return tuple(chosen)


def _row(name: str, command: list[str]) -> None:
    """Run one process to its end, and print its seconds and the most memory it had."""
    began = time.perf_counter()
    child = subprocess.Popen(["timeout", str(GIVE_UP), *command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = {0: f"{time.perf_counter() - began:.1f}", 124: f"> {GIVE_UP}"}.get(child.returncode, "failed")
    print(f"{name:<40}{seconds:>8}{used.ru_maxrss // 1024:>10}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
