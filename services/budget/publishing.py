"""A closed vote becomes a folder of public files: counted, explained, and with all that a recount needs.

For the counting job only: it loads the counting rules, which the bot and the web do without.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from domain.budget import pabulib, verifier
from domain.budget.counting import Outcome, count, satisfied
from domain.budget.elections import Election, ElectionPlan, together
from domain.budget.explaining import explained
from domain.budget.rounds import RoundState
from domain.wall_clock import day_of
from services.budget import closing
from services.budget.closing import Opened
from services.budget.rounds import Round, round_of
from services.work import Work
from storage.budget import results

# The smallest number about people that is published by itself.
LEAST = verifier.LEAST_BALLOTS
# The parts of an explanation about single voters' purses: with few ballots they would show who chose what.
_OF_PURSES = ("price_cents", "emptied")


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published of one round. results: the content of results.json · files: name -> content, without pages."""

    round_id: str
    results: Mapping[str, Any]
    files: Mapping[str, bytes]


async def closed(work: Work, round_id: str) -> tuple[Round, Opened]:
    """What `published` needs of a round. Raises NoSuchRound for one that is unknown or not closed."""
    return await round_of(work, round_id), await closing.opened(work, round_id)


async def keep(work: Work, done: Publication) -> None:
    """Keep the result once its files are public, and move a round that was being counted on to `published`."""
    await closing.halt(work, done.round_id, None)
    if (await round_of(work, done.round_id)).state == RoundState.COUNTING:
        await closing.published(work, done.round_id)
    await results.put_result(work, done.round_id, json.dumps(done.results))


def published(round: Round, opened: Opened) -> Publication:
    """The public files of a closed round: the same ones, byte for byte, for the same round."""
    plans = tuple(ElectionPlan(str(plan.number), plan.cost_cents, _title(plan.title, round)) for plan in opened.plans)
    ballots = [pabulib.VoteRow(one.receipt, tuple(map(str, one.choices))) for one in opened.ballots]
    election = Election(round.amount_cents, plans, together(plans, (one.plans for one in ballots)), round.tie_seed)
    outcome = count(election, round.rule)
    told = _results(opened, election, outcome)
    statements = [json.loads(one.said) for one in opened.commitments if one.said]
    files = {
        "results.json": verifier.written_json(told).encode(),
        "statements.json": verifier.written_json(statements).encode(),
        "commitments.csv": _commitments(round, opened),
        "verify.py": Path(verifier.__file__).read_bytes(),
    }
    if not told["totals_only"]:
        rows = ((one.receipt, " ".join(map(str, one.choices)), one.salt) for one in opened.ballots)
        files["ballots.csv"] = _table(("receipt", "choices", "salt"), rows)
        files["round.pb"] = pabulib.write(_meta(round), election, outcome.winners, ballots).encode()
    return Publication(round.id, told, files)


def sealed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """These files, with the hash of each and the last link of the chain over all those hashes."""
    sums = verifier.checksums(dict(files)).encode()
    rows, _ = verifier.read_chain(dict(files))
    return {**files, verifier.SUMS: sums, verifier.HEAD: f"{verifier.last_link(rows, sums)}\n".encode()}


def merged(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts with the smallest put together as `other`, so that none is under 10, unless all together are."""
    left = sorted(counts.items(), key=lambda one: (one[1], one[0]))
    together = 0
    while left and (left[0][1] < LEAST or 0 < together < LEAST):
        together += left.pop(0)[1]
    return dict(sorted(left)) | ({"other": together} if together else {})


def _results(opened: Opened, election: Election, outcome: Outcome) -> dict[str, Any]:
    totals_only = len(opened.ballots) < LEAST
    by_class = _sums((code_class, times) for (code_class, _), times in opened.counts.used_by.items())
    by_channel = _sums((channel, times) for (_, channel), times in opened.counts.used_by.items())
    return {
        "format": verifier.FORMAT,
        "totals_only": totals_only,
        "round": _round(opened),
        "ballots": {"counted": len(opened.ballots), "blank": opened.blank, "replaced": len(opened.replaced)},
        "by_class": merged(by_class),
        "by_channel": merged(by_channel),
        "codes": {name: getattr(opened.counts, name) for name in ("made", "handed_out", "used", "blocked")},
        "commitments": {
            "number": len(opened.commitments),
            "first_head": opened.commitments[0].link.hex(),
            "head": opened.commitments[-1].link.hex(),
        },
        "result": _result(election, outcome, totals_only=totals_only),
        "plans": _plans(opened, election, outcome, totals_only=totals_only),
    }


def _round(opened: Opened) -> dict[str, Any]:
    """The round as the statements of the chain tell it."""
    told = [(one.kind, json.loads(one.said)) for one in opened.commitments if one.said]
    return verifier.told_round(told[0][1], told[1:])[0]


def _result(election: Election, outcome: Outcome, *, totals_only: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "winners": [int(election.plans[plan].id) for plan in outcome.winners],
        "spent_cents": outcome.spent_cents,
        "raised_cents": 0 if totals_only else outcome.raised_cents,
        "comparison": None,
    }
    if totals_only and outcome.rule == "equal-shares":
        told["winners"].sort()  # votes alone do not tell in which order they were funded
    if not totals_only:
        told["satisfied"] = satisfied(election, outcome.winners)
        told["comparison"] = outcome.comparison and asdict(outcome.comparison)
    return told


def _plans(opened: Opened, election: Election, outcome: Outcome, *, totals_only: bool) -> list[dict[str, Any]]:
    """The plans, most votes first, each with its words and its explanation."""
    by_number = {str(plan.number): plan for plan in opened.plans}
    found = []
    for number, explanation in explained(election, outcome).items():
        plan = by_number[number]
        words = {"title": dict(plan.title), "story": dict(plan.story), "place": plan.place}
        if "drawn" in explanation:
            explanation["drawn"] = sorted(map(int, explanation["drawn"]))
        hidden = _OF_PURSES if totals_only else ()
        shown = {name: value for name, value in explanation.items() if name not in hidden}
        found.append({"number": plan.number, **words, **shown})
    return found


def _commitments(round: Round, opened: Opened) -> bytes:
    """The chain, each entry with the receipt of the ballot that opens it; empty where no published ballot does."""
    receipts = {one.commitment(round.id): one.receipt for one in opened.ballots} if len(opened.ballots) >= LEAST else {}
    names = ("number", "batch", "kind", "day", "commitment", "link", "opened_by")
    rows = (
        (
            one.number,
            one.batch,
            str(one.kind),
            one.day.isoformat(),
            one.value.hex(),
            one.link.hex(),
            receipts.get(one.value, ""),
        )
        for one in opened.commitments
    )
    return _table(names, rows)


def _meta(round: Round) -> dict[str, str]:
    return {
        "description": _title(round.title, round),
        "country": "Netherlands",
        "unit": "Amsterdam",
        "instance": round.id,
        "vote_type": "approval",
        "rule": verifier.PABULIB_RULES[round.rule],
        "date_begin": f"{day_of(round.opens_at):%d.%m.%Y}",
        "date_end": f"{day_of(round.closes_at):%d.%m.%Y}",
        "min_length": str(round.choose_min),
        "max_length": str(round.choose_max),
        "language": round.languages[0],
        "currency": "EUR",
    }


def _title(title: Mapping[str, str], round: Round) -> str:
    return title.get(round.languages[0]) or next(iter(title.values()))


def _sums(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, times in parts:
        found[name] = found.get(name, 0) + times
    return found


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue().encode()
