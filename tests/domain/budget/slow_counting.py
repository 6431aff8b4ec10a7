"""The counting rules written a second time, slow and straight from their definitions: the fast ones must agree."""

from fractions import Fraction

from domain.budget.elections import Election

Result = tuple[tuple[int, ...], dict[int, Fraction]]


def most_votes(election: Election, *, skip: bool, left: int | None = None, done: tuple[int, ...] = ()) -> list[int]:
    """Most votes first; stop at, or skip, a plan that does not fit. The funded plans (indexes), in order of funding."""
    left = election.amount_cents if left is None else left
    votes = {p: sum(n for b, n in election.ballots.items() if p in b) for p in range(len(election.plans))}
    funded = []
    for p in sorted(votes, key=lambda p: (-votes[p], election.drawn(p))):
        if votes[p] == 0 or p in done:
            continue
        if election.plans[p].cost_cents <= left:
            funded.append(p)
            left -= election.plans[p].cost_cents
        elif not skip:
            break
    return funded


def equal_shares(election: Election, raised_cents: int = 0) -> Result:
    """The Method of Equal Shares, voter by voter: the plans in order, and the most that a supporter of each paid."""
    voters = [set(ballot) for ballot, times in election.ballots.items() if ballot for _ in range(times)]
    if not voters:
        return (), {}
    budget = [Fraction(election.amount_cents, len(voters)) + raised_cents] * len(voters)
    bought: dict[int, Fraction] = {}
    while True:
        rho: dict[int, Fraction] = {}
        for p, plan in enumerate(election.plans):
            supporters = [i for i, approved in enumerate(voters) if p in approved]
            if p not in bought and supporters and sum(budget[i] for i in supporters) >= plan.cost_cents:
                # The least rho with sum(min(budget, rho x cost)) = cost: the fewest, and poorest, pay all they have.
                purses = sorted(budget[i] for i in supporters)
                rho[p] = next(
                    pays / plan.cost_cents
                    for poor in range(len(purses))
                    if (pays := (plan.cost_cents - sum(purses[:poor])) / Fraction(len(purses) - poor)) <= purses[poor]
                )
        if not rho:
            return tuple(bought), bought
        p = min(rho, key=lambda p: (rho[p], election.drawn(p)))
        bought[p] = rho[p] * election.plans[p].cost_cents
        budget = [has - min(has, bought[p]) if p in voters[i] else has for i, has in enumerate(budget)]


def add1(election: Election) -> tuple[tuple[int, ...], dict[int, Fraction], int]:
    """Equal shares, with every share raised a euro at a time: (plans, paid as above, cents by which it was raised)."""
    raised = 0
    kept: Result = ((), {})
    while True:
        winners, paid = equal_shares(election, raised)
        left = election.amount_cents - sum(election.plans[p].cost_cents for p in winners)
        if left < 0:
            return *kept, raised - 100
        kept = winners, paid
        chosen = {p for ballot in election.ballots for p in ballot}
        if not any(election.plans[p].cost_cents <= left for p in chosen - set(winners)):
            return *kept, raised
        raised += 100


def completed(election: Election) -> list[int]:
    """The plans of add1, then most votes with the money left; or most votes alone, where more voters prefer that."""
    shared, _, _ = add1(election)
    left = election.amount_cents - sum(election.plans[p].cost_cents for p in shared)
    mixed = [*shared, *most_votes(election, skip=True, left=left, done=shared)]
    voted = most_votes(election, skip=True)
    prefer = [
        (times, len(set(ballot) & set(voted)) - len(set(ballot) & set(mixed)))
        for ballot, times in election.ballots.items()
    ]
    by_votes = sum(times for times, more in prefer if more > 0)
    by_shares = sum(times for times, more in prefer if more < 0)
    return voted if by_votes > by_shares else mixed
