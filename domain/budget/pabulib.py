"""Elections in Pabulib's form, `.pb`: META, PROJECTS and VOTES, separated by semicolons. See pabulib.org/format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from domain.budget.elections import Election, ElectionPlan, together

_SECTIONS = ("META", "PROJECTS", "VOTES")
_VOTE_TYPES = {"approval", "choose-1"}


class WrongFile(ValueError):
    """A file that is no `.pb` file, or holds a vote or a cost that is not counted here. The message is one line."""


@dataclass(frozen=True, slots=True)
class VoteRow:
    """One row of VOTES. voter: an opaque id · plans: the ids of the plans chosen."""

    voter: str
    plans: tuple[str, ...]


def read(text: str, seed: str = "") -> tuple[Mapping[str, str], Election]:
    """The META and the election of a `.pb` file; amounts of its currency become cents. Raises WrongFile.

    seed: for the draw between equals; the file's own `tie_seed` comes first.
    """
    tables = _tables(text)
    try:
        meta = _meta(tables)
        if (kind := meta.get("vote_type", "")) not in _VOTE_TYPES:
            raise WrongFile(f"votes of type {kind!r} are not counted here: only {', '.join(sorted(_VOTE_TYPES))}")
        ids, costs = _column(tables, "PROJECTS", "project_id"), _column(tables, "PROJECTS", "cost")
        names = _column(tables, "PROJECTS", "name", ids)
        plans = tuple(ElectionPlan(*one) for one in zip(ids, map(cents, costs), names, strict=True))
        if len(set(ids)) != len(plans) or any(plan.cost_cents <= 0 for plan in plans):
            raise WrongFile("PROJECTS holds an id twice, or a cost that is not over 0")
        ballots = together(plans, (_chosen(vote) for vote in _column(tables, "VOTES", "vote")))
        money = cents(meta["budget"])
    except KeyError as error:
        raise WrongFile(f"there is no {error}") from None
    except ValueError as error:
        raise WrongFile(str(error)) from None
    return meta, Election(money, plans, ballots, meta.get("tie_seed", seed))


def write(meta: Mapping[str, str], election: Election, winners: Iterable[int], ballots: Iterable[VoteRow]) -> str:
    """A whole `.pb` file. meta: META without the numbers and tie_seed, which are added here · winners: places of plans.

    ballots: those of the election, one by one; blank ones are left out, for the form has no place for them.
    """
    won, votes = set(winners), election.votes()
    filled = [ballot for ballot in ballots if ballot.plans]
    numbers = {
        "num_projects": str(len(election.plans)),
        "num_votes": str(len(filled)),
        "budget": amount(election.amount_cents),
        "tie_seed": election.seed,
    }
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";", lineterminator="\n")
    rows.writerows([["META"], ["key", "value"], *({**meta, **numbers}).items()])
    rows.writerows([["PROJECTS"], ["project_id", "cost", "votes", "name", "selected"]])
    for place, plan in enumerate(election.plans):
        rows.writerow([plan.id, amount(plan.cost_cents), votes[place], plan.name, int(place in won)])
    rows.writerows([["VOTES"], ["voter_id", "vote"]])
    rows.writerows([ballot.voter, ",".join(ballot.plans)] for ballot in filled)
    return out.getvalue()


def cents(text: str) -> int:
    """An amount such as `400000` or `12.50` (a comma is read too) in cents. Raises ValueError."""
    try:
        value = Decimal(text.replace(",", ".")) * 100
    except InvalidOperation:
        raise ValueError(f"{text!r} is no amount") from None
    if not value.is_finite() or value != int(value):
        raise ValueError(f"{text!r} is no amount of whole cents")
    return int(value)


def amount(value: int) -> str:
    """Cents as a `.pb` file writes them: `400000`, `12.50`."""
    return str(value // 100) if value % 100 == 0 else f"{value // 100}.{value % 100:02}"


def _tables(text: str) -> dict[str, list[list[str]]]:
    """The rows of each section; the first holds the names of the columns."""
    tables: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"):
            filled = [cell.strip() for cell in row if cell.strip()]
            if len(filled) == 1 and filled[0].upper() in _SECTIONS and row[0].strip():
                if filled[0].upper() in tables:
                    raise WrongFile(f"{filled[0].upper()} stands there twice")
                rows = tables[filled[0].upper()] = []
            elif filled:
                rows.append(row)
    except csv.Error as error:
        raise WrongFile(f"no table of semicolons: {error}") from None
    if missing := [name for name in _SECTIONS if not tables.get(name)]:
        raise WrongFile(f"there is no {missing[0]}")
    return tables


def _meta(tables: Mapping[str, list[list[str]]]) -> dict[str, str]:
    """META as key -> value. Its first row is the heading `key;value` or, in 119 real files, an entry already."""
    rows = tables["META"]
    if [one.strip().casefold() for one in rows[0][:2]] != ["key", "value"]:
        rows = [["key", "value"], *rows]
    keys, values = (_column({"META": rows}, "META", name) for name in ("key", "value"))
    if len(set(keys)) != len(keys):
        raise WrongFile("META holds a key twice")
    return dict(zip(keys, values, strict=True))


def _chosen(vote: str) -> Iterable[str]:
    return filter(None, (one.strip() for one in vote.split(",")))


def _column(
    tables: Mapping[str, list[list[str]]], section: str, name: str, otherwise: list[str] | None = None
) -> list[str]:
    """The values of a column; `otherwise` where there is no such column. Raises KeyError, and ValueError for a row
    that is too short."""
    names = [one.strip().casefold() for one in tables[section][0]]
    if name not in names:
        if otherwise is None:
            raise KeyError(name)
        return otherwise
    place = names.index(name)
    try:
        return [row[place].strip() for row in tables[section][1:]]
    except IndexError:
        raise ValueError(f"a row of {section} is too short") from None
