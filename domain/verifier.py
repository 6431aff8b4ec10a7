"""Recount a published vote: `python verify.py FOLDER`. This one file needs Python's standard library and nothing else.

It is published with every result, and written apart from what counts, so that the two can be held side by side.
It reads the files of the folder and checks that

- the folder holds exactly what checksums.txt names, unchanged;
- each ballot names as many plans as the rules ask, each once, and has a receipt of its own;
- the chain of commitments is whole, each is opened by one ballot or replaced, and none was made from another ballot:
  the head of that chain was published every evening while voting was open, so compare it with what you noted;
- codes, ballots, classes and channels add up, and no more codes were used than were handed out;
- a count from the ballots, by the round's own rule, gives each number of votes, each winner and each reason;
- round.pb says the same.

Exit status: 0 all is right · 1 something is wrong · 2 there is no published vote there.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

FORMAT = "buurtstem results 1"
LEAST_BALLOTS = 10  # a round with fewer publishes totals only
LEAST_BATCH = 10
SUMS = "checksums.txt"
PABULIB_RULES = {
    "most-votes-stop": "greedy-no-skip", "most-votes-skip": "greedy", "equal-shares": "equalshares/add1",
}  # fmt: skip

Plan = dict[str, Any]
Ballots = dict[str, tuple[int, ...]]  # receipt -> places of plans
Wrong = list[str]


def main(arguments: list[str]) -> int:
    """Check the folder that is named and print what was found; exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("verify FOLDER: the folder with results.json, ballots.csv and the other published files", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    try:
        # A folder in it is named too: nothing may lie there that checksums.txt does not name.
        files = {path.name: path.read_bytes() if path.is_file() else b"" for path in folder.iterdir()}
    except OSError as error:
        print(f"{folder} can't be read: {error.strerror}", file=sys.stderr)
        return 2
    if not {SUMS, "results.json"} & set(files):
        print(f"there is no published vote in {folder}", file=sys.stderr)
        return 2
    said, wrong = check(files)
    said += [*(f"WRONG  {one}" for one in wrong), "", "SOMETHING IS WRONG" if wrong else "All is right."]
    print("\n".join(said))
    return 1 if wrong else 0


def check(files: dict[str, bytes]) -> tuple[list[str], Wrong]:
    """What these files (name -> content) say, and all that is wrong with them."""
    wrong = wrong_sums(files)
    said = [f"Fingerprint of everything: {hashlib.sha256(files.get(SUMS, b'')).hexdigest()}"]
    try:
        results = json.loads(files["results.json"])
        if results["format"] != FORMAT:
            return said, [*wrong, f"results.json is not of the form {FORMAT!r}: this verifier can't read it"]
        head = results["commitments"]
        said.append(f"Chain of commitments: {head['number']} entries, head {head['head']}")
        if results["totals_only"]:
            said.append(f"Fewer than {LEAST_BALLOTS} ballots: only totals are published, so they can't be recounted.")
            return said, [*wrong, *wrong_totals(files, results)]
        wrong += wrong_ballots(files, results)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, csv.Error) as error:
        return said, [*wrong, f"a file is missing or can't be understood: {type(error).__name__} {error}"]
    funded = ", ".join(str(number) for number in results["result"]["winners"]) or "none"
    counted_by = f"{results['ballots']['counted']} ballots counted by {results['round']['rule']}"
    return [*said, f"{counted_by}; funded plans: {funded}"], wrong


def wrong_sums(files: dict[str, bytes]) -> Wrong:
    """Files that are not what checksums.txt says: changed, missing, or added."""
    sums = checksums({name: content for name, content in files.items() if name != SUMS})
    if files.get(SUMS) == sums.encode():
        return []
    listed = set(files.get(SUMS, b"").decode(errors="replace").splitlines())
    odd = sorted({line[66:] for line in listed ^ set(sums.splitlines())})
    return [f"{SUMS} and the folder differ: {', '.join(odd) or 'order or line ends'}"]


def checksums(files: dict[str, bytes]) -> str:
    """What checksums.txt must hold for these files; `sha256sum -c checksums.txt` reads it too."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))


def wrong_totals(files: dict[str, bytes], results: dict[str, Any]) -> Wrong:
    """What is wrong where only totals are published."""
    wrong = []
    if {"ballots.csv", "round.pb"} & set(files) or results["ballots"]["counted"] >= LEAST_BALLOTS:
        wrong.append("ballots are there, or could be, though only totals are published")
    rows, broken = _chain(files, results)
    wrong += broken
    if len(rows) != results["ballots"]["counted"] + results["ballots"]["replaced"] or any(row[5] for row in rows):
        wrong.append("each commitment must be of a counted or a replaced ballot; their numbers do not add up")
    wrong += wrong_numbers(results, results["ballots"]["counted"])
    won = [plan for plan in results["plans"] if plan["funded"]]
    spent = sum(plan["cost_cents"] for plan in won)
    if {plan["number"] for plan in won} != set(results["result"]["winners"]):
        wrong.append("the winners are not the plans that are funded")
    if spent != results["result"]["spent_cents"] or spent > results["round"]["amount_cents"]:
        wrong.append("the winners do not cost what is said, or more than there is")
    if results["round"]["rule"].startswith("most-votes"):
        election = Election(results, {}, [plan["votes"] for plan in _by_number(results)])
        wrong += _differences(results, *counted(election, results["round"]["rule"]))
    return wrong


def wrong_ballots(files: dict[str, bytes], results: dict[str, Any]) -> Wrong:
    """What is wrong with ballots, commitments, counts and the result."""
    places = {str(plan["number"]): place for place, plan in enumerate(_by_number(results))}
    rows = _table(files["ballots.csv"], ["receipt", "choices", "salt"])
    ballots = {receipt: tuple(places[one] for one in choices.split()) for receipt, choices, _ in rows}
    wrong = []
    if [row[0] for row in rows] != sorted(ballots):
        wrong.append("receipts in ballots.csv are not sorted, or one stands there twice")
    least, most = results["round"]["choose_min"], results["round"]["choose_max"]
    for receipt, chosen in ballots.items():
        if list(chosen) != sorted(set(chosen)) or (chosen and not least <= len(chosen) <= most):
            wrong.append(f"ballot {receipt} does not name {least} to {most} different plans")
    if results["ballots"]["blank"] != sum(not chosen for chosen in ballots.values()):
        wrong.append("the number of blank ballots is another")
    wrong += wrong_chain(files, results, rows)
    wrong += wrong_numbers(results, len(rows))
    election = Election(results, Counter(ballots.values()))
    wrong += _differences(results, *counted(election, results["round"]["rule"]))
    satisfied = election.satisfied(places[str(number)] for number in results["result"]["winners"])
    if satisfied != results["result"]["satisfied"]:
        wrong.append(f"{satisfied} voters have a funded choice, {results['result']['satisfied']} are said to")
    return wrong + wrong_pabulib(files["round.pb"].decode(), results, ballots)


def wrong_chain(files: dict[str, bytes], results: dict[str, Any], ballots: list[list[str]]) -> Wrong:
    """What is wrong with the chain of commitments, and with which of them the ballots open."""
    rows, wrong = _chain(files, results)
    if any(size < LEAST_BATCH for size in Counter(row[1] for row in rows).values()):
        wrong.append(f"a batch of commitments holds fewer than {LEAST_BATCH}")
    opened = sorted((row[5], row[3]) for row in rows if row[5])
    made = sorted((row[0], _commitment(results["round"]["id"], *row)) for row in ballots)
    for receipt, _ in sorted(set(opened) ^ set(made)):
        wrong.append(f"ballot {receipt} is not the one that was committed to")
    if len(opened) != len(set(opened)) or len(rows) - len(opened) != results["ballots"]["replaced"]:
        wrong.append("each commitment must be opened once or replaced; their numbers do not add up")
    return wrong


def _chain(files: dict[str, bytes], results: dict[str, Any]) -> tuple[list[list[str]], Wrong]:
    """The entries of the chain, and what is wrong with their links and its end."""
    link = bytes(32)
    rows = _table(files["commitments.csv"], ["number", "batch", "day", "commitment", "link", "opened_by"])
    for place, (number, batch, day, commitment, linked, _) in enumerate(rows, 1):
        entry = {"number": place, "batch": int(batch), "day": day, "commitment": commitment}
        link = hashlib.sha256(link + json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()).digest()
        if number != str(place) or link.hex() != linked:
            return rows, [f"the chain of commitments is broken at entry {place}"]
    if results["commitments"] != {"number": len(rows), "head": link.hex()}:
        return rows, ["the chain of commitments does not end where results.json says"]
    return rows, []


def _commitment(round_id: str, receipt: str, choices: str, salt: str) -> str:
    text = f"buurtstem ballot 1|{round_id}|{receipt}|{choices.replace(' ', ',')}|{salt}"
    return hashlib.sha256(text.encode()).hexdigest()


def wrong_numbers(results: dict[str, Any], ballots: int) -> Wrong:
    """What does not add up between codes, ballots, classes and channels."""
    counted, codes = results["ballots"]["counted"], results["codes"]
    sums = [ballots, codes["used"], sum(results["by_class"].values()), sum(results["by_channel"].values())]
    wrong = [] if sums == [counted] * 4 else [f"ballots, codes, classes and channels do not add up: {counted} {sums}"]
    if min(codes.values()) < 0 or codes["blocked"] + codes["used"] > codes["made"]:
        wrong.append("more codes were used or blocked than were made")
    if codes["used"] > codes["handed_out"]:
        wrong.append("more codes were used than were handed out")
    if codes["handed_out"] > codes["made"]:
        wrong.append("more codes were handed out than were made")
    return wrong


def wrong_pabulib(text: str, results: dict[str, Any], ballots: Ballots) -> Wrong:
    """Where round.pb says something else."""
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    starts = [rows.index([name]) for name in ("META", "PROJECTS", "VOTES")]
    meta, projects, votes = (rows[start + 2 : end] for start, end in zip(starts, [*starts[1:], len(rows)], strict=True))
    plans, round_ = _by_number(results), results["round"]
    language = round_["languages"][0]
    cast = [
        [receipt, ",".join(str(plans[p]["number"]) for p in chosen)] for receipt, chosen in ballots.items() if chosen
    ]
    said = {
        "description": _title(round_, language), "country": "Netherlands", "unit": "Amsterdam",
        "instance": round_["id"], "num_projects": str(len(plans)), "num_votes": str(len(cast)),
        "budget": _euros(round_["amount_cents"]), "vote_type": "approval", "rule": PABULIB_RULES[round_["rule"]],
        "date_begin": _day(round_["opens_at"]), "date_end": _day(round_["closes_at"]),
        "min_length": str(round_["choose_min"]), "max_length": str(round_["choose_max"]),
        "language": language, "currency": "EUR", "tie_seed": round_["tie_seed"],
    }  # fmt: skip
    listed = [
        [str(p["number"]), _euros(p["cost_cents"]), str(p["votes"]), _title(p, language), str(int(p["funded"]))]
        for p in plans
    ]
    same = dict(meta) == said and len(meta) == len(said) and projects == listed and votes == cast
    return [] if same else ["round.pb says something else than results.json and ballots.csv"]


def _title(of: dict[str, Any], language: str) -> str:
    return str(of["title"].get(language) or next(iter(of["title"].values())))


def _euros(cents: int) -> str:
    return str(cents // 100) if cents % 100 == 0 else f"{cents // 100}.{cents % 100:02}"


def _day(moment: str) -> str:
    return ".".join(reversed(moment[:10].split("-")))


def _by_number(results: dict[str, Any]) -> list[Plan]:
    return sorted(results["plans"], key=lambda plan: int(plan["number"]))


def _table(content: bytes, names: list[str]) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(content.decode())))
    if rows[0] != names or any(len(row) != len(names) for row in rows):
        raise ValueError(f"a table must have the columns {', '.join(names)}")
    return rows[1:]


def _differences(results: dict[str, Any], result: dict[str, Any], told: list[Plan]) -> Wrong:
    """Where the published result is not this one."""
    wrong = [f"{name} should be {value}" for name, value in result.items() if results["result"].get(name) != value]
    if [plan["number"] for plan in results["plans"]] != [plan["number"] for plan in told]:
        return [*wrong, "the plans do not stand in the order of their votes"]
    for said, should in zip(results["plans"], told, strict=True):
        if {name: value for name, value in said.items() if name not in {"title", "story", "place"}} != should:
            wrong.append(f"plan {should['number']} should be {should}")
    return wrong


# --- The count. Places are positions in the list of plans, by their numbers. ---------------------------------------


class Election:
    """An amount of money, plans, and how many voters made each choice."""

    def __init__(self, results: dict[str, Any], ballots: dict[tuple[int, ...], int], votes: Any = None) -> None:
        """votes: of each plan, given where the ballots are not."""
        self.plans, self.ballots = _by_number(results), ballots
        self.amount, seed = int(results["round"]["amount_cents"]), results["round"]["tie_seed"]
        self.costs = [int(plan["cost_cents"]) for plan in self.plans]
        self.votes: list[int] = votes or [0] * len(self.plans)
        for ballot, times in ballots.items():
            for plan in ballot:
                self.votes[plan] += times
        self.lots = [hashlib.sha256(f"{seed}:{plan['number']}".encode()).hexdigest() for plan in self.plans]

    def satisfied(self, winners: Any) -> int:
        """Voters with at least one funded choice."""
        won = set(winners)
        return sum(times for ballot, times in self.ballots.items() if won & set(ballot))


Purchase = tuple[int, int, int, list[int]]  # plan, price in cents, supporters emptied, plans that were equally good
Turn = tuple[int, int, bool]  # plan, cents left at its turn, whether it fitted


def counted(election: Election, rule: str) -> tuple[dict[str, Any], list[Plan]]:
    """The result by a rule, and what became of each plan, in the order of the most votes."""
    bought: list[Purchase] = []
    raised, comparison = 0, None
    if rule in {"most-votes-stop", "most-votes-skip"}:
        turns = by_votes(election, election.amount, set(), skip=rule == "most-votes-skip")
    elif rule == "equal-shares":
        bought, raised = add1(election)
        left = election.amount - sum(election.costs[one[0]] for one in bought)
        turns = by_votes(election, left, {one[0] for one in bought}, skip=True)
        alone = by_votes(election, election.amount, set(), skip=True)
        comparison = compared(election, funded([], alone), funded(bought, turns))
        if comparison["by_most_votes"] > comparison["by_equal_shares"]:
            bought, turns, raised = [], alone, 0
    else:
        raise ValueError(f"there is no rule {rule!r}")
    winners = funded(bought, turns)
    result = {
        "winners": [election.plans[plan]["number"] for plan in winners],
        "spent_cents": sum(election.costs[plan] for plan in winners),
        "raised_cents": raised,
        "comparison": comparison,
    }
    return result, told(election, bought, turns)


def funded(bought: list[Purchase], turns: list[Turn]) -> list[int]:
    """The plans that get money, in that order."""
    return [one[0] for one in bought] + [plan for plan, _, fits in turns if fits]


def by_votes(election: Election, left: int, done: set[int], *, skip: bool) -> list[Turn]:
    """Most votes first, until a plan does not fit in the money left, or passing such plans over."""
    turns = []
    for plan in in_order(election):
        if plan in done or not election.votes[plan]:
            continue
        fits = election.costs[plan] <= left
        turns.append((plan, left, fits))
        if fits:
            left -= election.costs[plan]
        elif not skip:
            break
    return turns


def in_order(election: Election) -> list[int]:
    """The plans by their votes, equals by the draw."""
    return sorted(range(len(election.plans)), key=lambda plan: (-election.votes[plan], election.lots[plan]))


def add1(election: Election) -> tuple[list[Purchase], int]:
    """Equal shares; every share raised by one euro at a time while the money reaches and something more would fit."""
    kept: list[Purchase] = []
    raised = 0
    while True:
        bought = equal_shares(election, raised)
        plans = {one[0] for one in bought}
        left = election.amount - sum(election.costs[plan] for plan in plans)
        if left < 0:
            return kept, raised - 100
        kept = bought
        others = [plan for plan, votes in enumerate(election.votes) if votes and plan not in plans]
        if not any(election.costs[plan] <= left for plan in others):
            return kept, raised
        raised += 100 * euros_until_more(election, bought, raised)


def euros_until_more(election: Election, bought: list[Purchase], raised: int) -> int:
    """By how many euros shares must be raised before anything else can be bought: 1, unless more is sure.

    Where nobody was emptied, prices stay cost / votes; plans with fewer votes than all that were bought then only
    wait until their own supporters have enough left at the end.
    """
    votes, won = election.votes, {one[0] for one in bought}
    waiting = {plan for plan, has in enumerate(votes) if has} - won
    if any(one[2] for one in bought) or (won and max(votes[p] for p in waiting) >= min(votes[p] for p in won)):
        return 1
    share = Fraction(election.amount, sum(times for ballot, times in election.ballots.items() if ballot)) + raised
    short = {plan: election.costs[plan] - votes[plan] * share for plan in waiting}
    for ballot, times in election.ballots.items():
        for plan in waiting.intersection(ballot):
            short[plan] += sum(Fraction(times * election.costs[one], votes[one]) for one in won.intersection(ballot))
    return min(max(1, math.ceil(short[plan] / (100 * votes[plan]))) for plan in waiting)


def equal_shares(election: Election, raised: int) -> list[Purchase]:
    """Again and again the plan with the least price per euro that its supporters can pay for together.

    Whole numbers only: money is counted in parts of a cent, `parts` of them in one; that number grows with each
    purchase so that every price is whole.
    """
    ballots = [(ballot, times) for ballot, times in election.ballots.items() if ballot]
    parts = voters = sum(times for _, times in ballots)
    purse = [election.amount + raised * voters] * len(ballots)
    supporters: list[list[int]] = [[] for _ in election.plans]
    for b, (ballot, _) in enumerate(ballots):
        for plan in ballot:
            supporters[plan].append(b)
    # A price per euro only grows: what it was once is the least it can be.
    floors = {plan: Fraction(0) for plan, votes in enumerate(election.votes) if votes}
    bought: list[Purchase] = []
    while floors:
        prices: dict[int, tuple[int, int]] = {}
        for plan in sorted(floors, key=floors.__getitem__):
            if prices and floors[plan] > min(floors[one] for one in prices):
                break
            price = shared_price(election.costs[plan] * parts, [(purse[b], ballots[b][1]) for b in supporters[plan]])
            if price is None:
                del floors[plan]
                continue
            prices[plan] = price
            floors[plan] = Fraction(price[0], price[1] * parts * election.costs[plan])
        if not prices:
            break
        least = min(floors[plan] for plan in prices)
        equals = sorted(plan for plan in prices if floors[plan] == least)
        plan = min(equals, key=election.lots.__getitem__)
        del floors[plan]
        total, able = prices[plan]
        emptied = sum(ballots[b][1] for b in supporters[plan] if 0 < purse[b] * able <= total)
        bought.append((plan, total // (able * parts), emptied, equals if len(equals) > 1 else []))
        parts, purse = parts * able, [has * able for has in purse]
        for b in supporters[plan]:
            purse[b] = max(0, purse[b] - total)
    return bought


def shared_price(cost: int, purses: list[tuple[int, int]]) -> tuple[int, int] | None:
    """What each pays, as (total, by how many): the poorest all they have, the others the same. None: not enough.

    purses: how much each of so many supporters has.
    """
    able = sum(times for _, times in purses)
    for has, times in sorted(purses):
        if has * able >= cost:
            return cost, able
        cost, able = cost - has * times, able - times
    return None


def compared(election: Election, voted: list[int], shared: list[int]) -> dict[str, int]:
    """How many voters have more of their own choices funded by either result than by the other."""
    found = {"by_most_votes": 0, "by_equal_shares": 0}
    for ballot, times in election.ballots.items():
        more = len(set(ballot) & set(voted)) - len(set(ballot) & set(shared))
        if more:
            found["by_most_votes" if more > 0 else "by_equal_shares"] += times
    return found


def told(election: Election, bought: list[Purchase], turns: list[Turn]) -> list[Plan]:
    """What became of each plan and why."""
    won, plans = set(funded(bought, turns)), []
    purchases, at_turn = {one[0]: one for one in bought}, {one[0]: one for one in turns}
    draws = drawn(election, bought, turns)
    for p in in_order(election):
        one: Plan = {"number": election.plans[p]["number"], "votes": election.votes[p], "cost_cents": election.costs[p]}
        one["funded"] = p in won
        if p in purchases:
            one |= {"reason": "own-shares", "price_cents": purchases[p][1], "emptied": purchases[p][2]}
        elif p in at_turn:
            one |= {"reason": "most-votes" if at_turn[p][2] else "does-not-fit", "left_cents": at_turn[p][1]}
        else:
            one["reason"] = "stopped" if election.votes[p] else "no-votes"
        if p in draws:
            one["drawn"] = sorted(election.plans[other]["number"] for other in draws[p])
        plans.append(one)
    return plans


def drawn(election: Election, bought: list[Purchase], turns: list[Turn]) -> dict[int, set[int]]:
    """Where the draw decided: plan -> the others that were equally good."""
    won, done = set(funded(bought, turns)), {one[0] for one in bought}
    groups = [set(one[3]) for one in bought]
    for plan, _, _ in turns:
        equals = {p for p, votes in enumerate(election.votes) if votes == election.votes[plan]} - done
        if len({p in won for p in equals}) == 2:
            groups.append(equals)
    found: dict[int, set[int]] = {}
    for equals in groups:
        for plan in equals:
            found.setdefault(plan, set()).update(equals - {plan})
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
