"""`python -m bot count FILE.pb --rule RULE`: count an election in Pabulib's form; needs no settings and no keys."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.commands.words import WRONG, make_parser
from domain.budget.counting import RULES, Outcome, count
from domain.budget.elections import Election
from domain.budget.explaining import explained
from domain.budget.pabulib import WrongFile, read


def main(arguments: list[str]) -> int:
    """Count and print the result. Returns the exit status."""
    parser = make_parser("count", __doc__ or "")
    parser.add_argument("file", type=Path)
    parser.add_argument("--rule", required=True, choices=RULES)
    parser.add_argument("--seed", default="", help="for the draw between equals, where the file has no tie_seed")
    parser.add_argument("--json", action="store_true", help="for programs; with the explanation of every plan")
    asked = parser.parse_args(arguments)
    try:
        _, election = read(asked.file.read_text(encoding="utf-8"), asked.seed)
    except OSError as error:
        print(f"{asked.file} can't be read: {error.strerror}", file=sys.stderr)
        return WRONG
    except (WrongFile, UnicodeDecodeError) as error:
        print(f"{asked.file} can't be counted: {error}", file=sys.stderr)
        return WRONG
    outcome = count(election, asked.rule)
    print(json.dumps(_told(election, outcome)) if asked.json else _shown(election, outcome))
    return 0


def _told(election: Election, outcome: Outcome) -> dict[str, object]:
    return {
        "winners": [election.plans[plan].id for plan in outcome.winners],
        "spent_cents": outcome.spent_cents,
        "explanations": explained(election, outcome),
    }


def _shown(election: Election, outcome: Outcome) -> str:
    rows = []
    for plan, one in explained(election, outcome).items():
        funded = "funded" if one["funded"] else ""
        rows.append(f"{funded:<8}{one['votes']:>8}{one['cost_cents'] / 100:>14.2f}  {one['reason']:<14}{plan}")
    total = f"{len(outcome.winners)} plans, {outcome.spent_cents / 100:.2f} of {election.amount_cents / 100:.2f}"
    return "\n".join([*rows, total])
