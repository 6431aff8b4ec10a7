"""Recount a published vote: `python verifier.py FOLDER --head HEAD`. This file needs Python's standard library alone.

A verifier can't vouch for itself: take it from the source of Buurtstem (domain/budget/verifier.py), not from the folder
that it checks. HEAD is the head that was told when voting opened, or any that was told later; more than one may be
given. This file shares no code with the program that counts, so that one can check the other. It checks that

- the folder holds exactly what checksums.txt names, unchanged, and head.txt is the last link of the chain over it;
- every file is written in its one allowed form: no other way to write the same number, no key twice;
- the chain is whole and holds the heads that were given. Its first entry is the statement at the opening: round,
  rule, rule for ties, amount, seed, and the plans with costs and texts; more time and corrections are entries too;
- results.json says what these statements say;
- each ballot names as many plans as the rules ask, each once, and has a receipt of its own; each commitment is opened
  by one ballot or replaced, and each ballot is the one that was committed to;
- codes, ballots, classes and channels add up, and no more codes were used than were handed out;
- a count from the ballots, by the round's own rule, gives each number of votes, each winner and each reason;
- round.pb says the same, with the dates of Amsterdam; older versions wrote the dates of UTC, and both are right.

`python -m bot verify` also makes the pages again to compare them. Exit status: 0 all is right · 1 something is wrong ·
2 there is no published vote there.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

FORMAT = "buurtstem results 2"
TIE_RULE = "lowest sha256 of SEED:NUMBER"
MIN_VOTES = 1  # a plan with fewer is never funded
LEAST_BALLOTS = 10  # a round with fewer publishes totals only
LEAST_BATCH = 10
SUMS, HEAD, ITSELF = "checksums.txt", "head.txt", "verify.py"
PABULIB_RULES = {
    "most-votes-stop": "greedy-no-skip", "most-votes-skip": "greedy", "equal-shares": "equalshares/add1",
}  # fmt: skip
_UTC = timezone(timedelta(0))  # datetime.UTC needs Python 3.11, which not everybody has
_HASH = re.compile(r"[0-9a-f]{64}")
_RECEIPT = re.compile(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}")
_CHOICES = re.compile(r"(?:[1-9][0-9]{0,5}(?: [1-9][0-9]{0,5})*)?")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_WORD = re.compile(r"[a-z_]{2,20}")

Plan = dict[str, Any]
Ballots = dict[str, tuple[int, ...]]  # receipt -> places of plans
Wrong = list[str]


def main(arguments: list[str]) -> int:
    """Check the folder that is named and print what was found. Returns the exit status."""
    if (asked := folder_and_heads(arguments)) is None or (files := read(asked[0])) is None:
        return 2
    return report(*check(files, asked[1]))


def folder_and_heads(arguments: list[str]) -> tuple[Path, list[str]] | None:
    """The arguments `FOLDER [--head HEAD]...`; for anything else None, after a line that says how to ask."""
    folders, heads, rest = [], [], list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--head" and rest:
            heads.append(rest.pop(0).strip().lower())
        else:
            folders.append(word)
    if len(folders) == 1 and not folders[0].startswith("-") and all(_HASH.fullmatch(head) for head in heads):
        return Path(folders[0]), heads
    print(
        "verify FOLDER --head HEAD: the folder with results.json, ballots.csv and the other published files;", end=" "
    )
    print("HEAD: the 64 letters and digits that were told when voting opened", file=sys.stderr)
    return None


def read(folder: Path) -> dict[str, bytes] | None:
    """The files of a folder (name -> content); None, after a line that says why, where no vote is published there."""
    try:
        # A subfolder is listed too, as an empty file: checksums.txt must name everything that lies there.
        files = {path.name: path.read_bytes() if path.is_file() else b"" for path in folder.iterdir()}
    except OSError as error:
        print(f"{folder} can't be read: {error.strerror}", file=sys.stderr)
        return None
    if not {SUMS, "results.json"} & set(files):
        print(f"there is no published vote in {folder}", file=sys.stderr)
        return None
    return files


def report(said: Sequence[str], wrong: Wrong) -> int:
    """Print what was found. Returns the exit status."""
    lines = [*said, *(f"WRONG  {one}" for one in wrong), "", "SOMETHING IS WRONG" if wrong else "All is right."]
    print("\n".join(lines))
    return 1 if wrong else 0


def check(files: dict[str, bytes], heads: Sequence[str] = ()) -> tuple[list[str], Wrong]:
    """Check files (name -> content): lines to show, and all that is wrong. heads: the heads that somebody noted."""
    wrong = wrong_sums(files)
    said = [f"Fingerprint of everything: {hashlib.sha256(files.get(SUMS, b'')).hexdigest()}"]
    try:
        results = whole_json(files["results.json"])
        if results["format"] != FORMAT:
            return said, [*wrong, f"results.json is not of the form {FORMAT!r}: this verifier can't read it"]
        rows, broken = read_chain(files)
        statements, differing = wrong_statements(files, results, rows)
        wrong += broken + wrong_heads(rows, files, heads) + differing
        said += told_of_heads(rows, heads)
        if results["totals_only"]:
            said.append(f"Fewer than {LEAST_BALLOTS} ballots: only totals are published, so they can't be recounted.")
            return said, [*wrong, *wrong_totals(files, results, rows, statements)]
        wrong += wrong_ballots(files, results, rows, statements)
    except (LookupError, ValueError, OverflowError, TypeError, AttributeError, csv.Error, RecursionError) as error:
        return said, [*wrong, f"a file is missing or can't be understood: {type(error).__name__} {error}"]
    funded = ", ".join(str(number) for number in results["result"]["winners"]) or "none"
    counted_by = f"{results['ballots']['counted']} ballots counted by {results['round']['rule']}"
    return [*said, f"{counted_by}; funded plans: {funded}"], wrong


def wrong_sums(files: dict[str, bytes]) -> Wrong:
    """Where the files differ from checksums.txt: changed, missing, or added."""
    sums = checksums(files)
    if files.get(SUMS) == sums.encode():
        return []
    listed = set(files.get(SUMS, b"").decode(errors="replace").splitlines())
    odd = sorted({line[66:] for line in listed ^ set(sums.splitlines())})
    return [f"{SUMS} and the folder differ: {', '.join(odd) or 'order or line ends'}"]


def checksums(files: dict[str, bytes]) -> str:
    """What checksums.txt must hold for these files; `sha256sum -c checksums.txt` reads it too.

    The verifier is left out: a changed verifier would call itself unchanged.
    """
    named = sorted(set(files) - {SUMS, HEAD, ITSELF})
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in named)


def last_link(rows: Sequence[Sequence[str]], sums: bytes) -> str:
    """The last link of the chain, over the hash of every published file (hexadecimal). rows: of commitments.csv."""
    entry = {"commitment": hashlib.sha256(sums).hexdigest(), "kind": "published", "number": len(rows) + 1}
    return _linked(bytes.fromhex(rows[-1][5]), entry).hex()


def whole_json(content: bytes) -> Any:
    """The value in a file of JSON. Raises ValueError where the file is not written in its one form (`written_json`)."""
    text = content.decode()
    found = json.loads(
        text, object_pairs_hook=_once_each, parse_float=_no_number, parse_constant=_no_number, strict=True
    )
    if text != written_json(found):
        raise ValueError("a file of JSON is not written in its one form")
    return found


def written_json(value: Any) -> str:
    """The one form in which a published file of JSON is written."""
    return f"{json.dumps(value, ensure_ascii=False, indent=1)}\n"


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice in one place")
    return dict(pairs)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no whole number")


def read_chain(files: dict[str, bytes]) -> tuple[list[list[str]], Wrong]:
    """The rows of commitments.csv, and what is wrong with their form, links, opening and days."""
    rows = _table(files["commitments.csv"], ["number", "batch", "kind", "day", "commitment", "link", "opened_by"])
    link, last, wrong = bytes(32), 0, []
    for place, (number, batch, kind, day, commitment, linked, _) in enumerate(rows, 1):
        formed = _NUMBER.fullmatch(batch) and _HASH.fullmatch(commitment) and day == date.fromisoformat(day).isoformat()
        if number != str(place) or not formed or not last <= int(batch) <= last + 1:
            return rows, [f"entry {place} of the chain has not the form that it must have"]
        last = int(batch)
        entry = {"number": place, "batch": last, "day": day, "commitment": commitment, "kind": kind}
        link = _linked(link, entry)
        if link.hex() != linked:
            return rows, [f"the chain of commitments is broken at entry {place}"]
    if not rows or rows[0][2] != "opening" or any(row[2] == "opening" for row in rows[1:]):
        wrong.append("the chain must begin with what was told when voting opened, and hold that once")
    if [row[3] for row in rows] != sorted(row[3] for row in rows):
        wrong.append("the days of the chain do not rise")
    return rows, wrong


def _linked(before: bytes, entry: dict[str, Any]) -> bytes:
    return hashlib.sha256(before + json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()).digest()


def wrong_heads(rows: list[list[str]], files: dict[str, bytes], heads: Sequence[str]) -> Wrong:
    """Noted heads that are not in the chain, and a head.txt that is not the last link over the published files."""
    last = last_link(rows, files[SUMS]) if rows else ""
    wrong = [] if files[HEAD] == f"{last}\n".encode() else [f"{HEAD} is not the last link over {SUMS}"]
    known = {row[5] for row in rows} | {last}
    return wrong + [f"the head {head} that was noted is not in the chain" for head in heads if head not in known]


def told_of_heads(rows: list[list[str]], heads: Sequence[str]) -> list[str]:
    """Lines about the chain and what the given heads say."""
    said = [f"First head, told when voting opened: {rows[0][5]}", f"Head of all {len(rows)} entries: {rows[-1][5]}"]
    if not heads:
        said.append("No head was given. Compare the first head with the one that was told when voting opened.")
    return said


def wrong_statements(
    files: dict[str, bytes], results: dict[str, Any], rows: list[list[str]]
) -> tuple[list[Plan], Wrong]:
    """The plans by number as the statements of the chain tell them, and where results.json differs from these."""
    told = whole_json(files["statements.json"])
    made = [(row[2], row[4]) for row in rows if row[2] != "ballot"]
    hashed = [(kind, _stated(kind, one)) for (kind, _), one in zip(made, told, strict=True)]
    if made != hashed:
        return _by_number(results), ["statements.json is not what was committed to in the chain"]
    round_, plans = told_round(told[0], [(kind, one) for (kind, _), one in zip(made[1:], told[1:], strict=True)])
    wrong = [] if _same(results["round"], round_) else ["results.json says other things of the round than the chain"]
    names = ["format", "totals_only", "round", "ballots", "by_class", "by_channel", "codes", "commitments", "result"]
    if list(results) != [*names, "plans"] or not _same(
        results["commitments"], {"number": len(rows), "first_head": rows[0][5], "head": rows[-1][5]}
    ):
        wrong.append("the chain of commitments does not begin and end where results.json says")
    return plans, wrong


def told_round(
    opening: dict[str, Any], later: Sequence[tuple[str, dict[str, Any]]]
) -> tuple[dict[str, Any], list[Plan]]:
    """The round and its plans, as the opening and the statements after it tell them. Raises ValueError, KeyError."""
    plans = [dict(plan) for plan in opening["plans"]]
    round_ = {name: value for name, value in opening.items() if name != "plans"}
    round_ |= {"extensions": [], "corrections": []}
    _must("opening", _right_opening(opening, plans))
    for kind, one in later:
        if kind == "extension":
            moved = [_moment(one[name]) for name in ("at", "before", "until")]
            longer = one["before"] == round_["closes_at"] and moved[1] < moved[2]
            _must(kind, list(one) == ["at", "before", "until", "why"] and longer and _WORD.fullmatch(one["why"]))
            round_["closes_at"] = one["until"]
            round_["extensions"].append(one)
        else:
            at = [plan["number"] for plan in plans].index(one["plan"])
            formed = kind == "correction" and list(one) == ["at", "plan", "why", "title", "story", "place"]
            _must(kind, formed and _moment(one["at"]) and _WORD.fullmatch(one["why"]) and _right_words(one))
            plans[at] |= {name: one[name] for name in ("title", "story", "place")}
            round_["corrections"].append(one)
    return round_, plans


def _right_opening(opening: dict[str, Any], plans: list[Plan]) -> bool:
    names = [
        "id", "title", "areas", "languages", "amount_cents", "choose_min", "choose_max", "rule", "tie_rule",
        "min_votes", "tie_seed", "opens_at", "closes_at", "plans",
    ]  # fmt: skip
    numbers = [plan["number"] for plan in plans]
    amounts = [opening[name] for name in ("amount_cents", "choose_min", "choose_max")]
    return (
        list(opening) == names
        and bool(_ID.fullmatch(opening["id"]) and _ID.fullmatch(opening["tie_seed"]))
        and _right_texts(opening["title"])
        and all(type(amount) is int and amount > 0 for amount in amounts)
        and opening["choose_min"] <= opening["choose_max"]
        and (opening["rule"] in PABULIB_RULES and opening["tie_rule"] == TIE_RULE)
        and (type(opening["min_votes"]) is int and opening["min_votes"] == MIN_VOTES)
        and _moment(opening["opens_at"]) < _moment(opening["closes_at"])
        and numbers == sorted(set(numbers))
        and all(_right_plan(plan) for plan in plans)
    )


def _right_plan(plan: Plan) -> bool:
    whole = all(type(plan[name]) is int and plan[name] > 0 for name in ("number", "cost_cents"))
    named = list(plan) == ["number", "id", "cost_cents", "title", "story", "place"]
    return named and whole and bool(_ID.fullmatch(plan["id"])) and _right_words(plan)


def _right_words(of: dict[str, Any]) -> bool:
    return _right_texts(of["title"]) and (not of["story"] or _right_texts(of["story"])) and type(of["place"]) is str


def _right_texts(words: dict[str, str]) -> bool:
    return bool(words) and all(re.fullmatch("[a-z]{2,3}", code) and type(text) is str for code, text in words.items())


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    _must("moment", moment.tzinfo is not None and moment.isoformat() == text)
    return moment


def _must(what: str, right: object) -> None:
    if not right:
        raise ValueError(f"a statement ({what}) has not the form that it must have")


def _stated(kind: str, content: dict[str, Any]) -> str:
    return _framed("buurtstem statement 2", kind, json.dumps(content, separators=(",", ":")))


def _framed(*fields: str) -> str:
    """SHA-256 over the fields, each after its length in bytes (8 bytes, the highest first)."""
    encoded = [field.encode() for field in fields]
    return hashlib.sha256(b"".join(len(field).to_bytes(8, "big") + field for field in encoded)).hexdigest()


def _same(one: Any, other: Any) -> bool:
    """Whether both are the same JSON to the letter: 1 differs from true, and the order of keys counts."""
    return json.dumps(one) == json.dumps(other)


def wrong_totals(files: dict[str, bytes], results: dict[str, Any], rows: list[list[str]], plans: list[Plan]) -> Wrong:
    """What is wrong where only totals are published. rows: of the chain · plans: as the chain tells them."""
    wrong = [] if results["totals_only"] is True else ["totals_only must be true or false"]
    if {"ballots.csv", "round.pb"} & set(files) or results["ballots"]["counted"] >= LEAST_BALLOTS:
        wrong.append("ballots are there, or could be, though only totals are published")
    commitments = sum(row[2] == "ballot" for row in rows)
    if commitments != results["ballots"]["counted"] + results["ballots"]["replaced"] or any(row[6] for row in rows):
        wrong.append("each commitment must be of a counted or a replaced ballot; their numbers do not add up")
    wrong += wrong_numbers(results, results["ballots"]["counted"])
    won = [plan for plan in results["plans"] if plan["funded"] is True]
    spent = sum(plan["cost_cents"] for plan in won)
    if {plan["number"] for plan in won} != set(results["result"]["winners"]):
        wrong.append("the winners are not the plans that are funded")
    if spent != results["result"]["spent_cents"] or spent > results["round"]["amount_cents"]:
        wrong.append("the winners do not cost what is said, or more than there is")
    if any(_cast(plan) > results["ballots"]["counted"] for plan in results["plans"]):
        wrong.append("a plan has more votes than there are ballots")
    election = Election(results, plans, {}, [_cast(plan) for plan in _by_number(results)])
    if results["round"]["rule"].startswith("most-votes"):
        return wrong + _differences(results, plans, *counted(election, results["round"]["rule"]))
    return wrong + _other_words(results, plans, election)


def _cast(plan: Plan) -> int:
    if type(plan["votes"]) is not int or plan["votes"] < 0:
        raise ValueError("votes are a whole number from 0")
    return plan["votes"]


def _other_words(results: dict[str, Any], plans: list[Plan], election: Election) -> Wrong:
    """What is wrong with plans whose reasons can't be recounted, because the votes per plan do not decide them."""
    should, ordered = {plan["number"]: plan for plan in plans}, [election.plans[place] for place in in_order(election)]
    wrong, result = [], results["result"]
    if [plan["number"] for plan in results["plans"]] != [plan["number"] for plan in ordered]:
        wrong.append("the plans do not stand in the order of their votes")
    for said in results["plans"]:
        plan = should[said["number"]]
        names = ["number", "title", "story", "place", "votes", "cost_cents", "funded", "reason"]
        same = all(_same(said[name], plan[name]) for name in ("number", "title", "story", "place", "cost_cents"))
        numbers = [*said.get("drawn", []), said.get("left_cents", 0)]
        same = same and all(type(number) is int and number >= 0 for number in numbers)
        known = {"own-shares", "most-votes"} if said["funded"] else {"does-not-fit", "no-votes"}
        left = ["left_cents"] if said["reason"] in {"most-votes", "does-not-fit"} else []
        drawn = ["drawn"] if "drawn" in said else []
        if list(said) != [*names, *left, *drawn] or not same or said["reason"] not in known:
            wrong.append(f"plan {said['number']} is not told as it must be")
        if type(said["funded"]) is not bool or (said["reason"] == "no-votes") != (said["votes"] == 0):
            wrong.append(f"plan {said['number']} is not told as it must be")
    shape = {"winners": list, "spent_cents": int, "raised_cents": int, "comparison": type(None)}
    winners = sorted(plan["number"] for plan in plans if plan["number"] in result["winners"])
    if (
        {name: type(value) for name, value in result.items()} != shape
        or list(result) != list(shape)
        or result["raised_cents"]
        or not _same(result["winners"], winners)
    ):
        wrong.append("the result is not told as it must be")
    return wrong


def wrong_ballots(files: dict[str, bytes], results: dict[str, Any], chain: list[list[str]], plans: list[Plan]) -> Wrong:
    """What is wrong with ballots, commitments, counts and the result. plans: as the chain tells them."""
    places = {str(plan["number"]): place for place, plan in enumerate(plans)}
    rows = _table(files["ballots.csv"], ["receipt", "choices", "salt"])
    wrong = [
        f"a row of ballots.csv has not the form that it must have: {row[0]!r}" for row in rows if not _formed(*row)
    ]
    if wrong:
        return wrong
    ballots = {receipt: tuple(places[one] for one in choices.split()) for receipt, choices, _ in rows}
    if [row[0] for row in rows] != sorted(ballots):
        wrong.append("receipts in ballots.csv are not sorted, or one stands there twice")
    least, most = results["round"]["choose_min"], results["round"]["choose_max"]
    for receipt, chosen in ballots.items():
        if list(chosen) != sorted(set(chosen)) or (chosen and not least <= len(chosen) <= most):
            wrong.append(f"ballot {receipt} does not name {least} to {most} different plans")
    if results["totals_only"] is not False or len(rows) < LEAST_BALLOTS:
        wrong.append(f"with fewer than {LEAST_BALLOTS} ballots only totals are published")
    if results["ballots"]["blank"] != sum(not chosen for chosen in ballots.values()):
        wrong.append("the number of blank ballots is another")
    wrong += wrong_openings(results, rows, chain)
    wrong += wrong_numbers(results, len(rows))
    election = Election(results, plans, Counter(ballots.values()))
    wrong += _differences(results, plans, *counted(election, results["round"]["rule"]))
    satisfied = election.satisfied(places[str(number)] for number in results["result"]["winners"])
    if not _same(satisfied, results["result"]["satisfied"]):
        wrong.append(f"{satisfied} voters have a funded choice, {results['result']['satisfied']} are said to")
    return wrong + wrong_pabulib(files["round.pb"].decode(), results, ballots)


def _formed(receipt: str, choices: str, salt: str) -> bool:
    return all(form.fullmatch(field) for form, field in ((_RECEIPT, receipt), (_CHOICES, choices), (_HASH, salt)))


def wrong_openings(results: dict[str, Any], ballots: list[list[str]], chain: list[list[str]]) -> Wrong:
    """What is wrong between ballots and commitments: each commitment is opened by one ballot, or replaced."""
    wrong = [
        f"entry {row[0]} of the chain is no ballot, and can't be opened"
        for row in chain
        if row[2] != "ballot" and row[6]
    ]
    rows = [row for row in chain if row[2] == "ballot"]
    if any(size < LEAST_BATCH for size in Counter(row[1] for row in rows).values()):
        wrong.append(f"a batch of commitments holds fewer than {LEAST_BATCH}")
    opened = sorted((row[6], row[4]) for row in rows if row[6])
    made = sorted((row[0], _commitment(results["round"]["id"], *row)) for row in ballots)
    for receipt, _ in sorted(set(opened) ^ set(made)):
        wrong.append(f"ballot {receipt} is not the one that was committed to")
    if len(opened) != len(set(opened)) or len(rows) - len(opened) != results["ballots"]["replaced"]:
        wrong.append("each commitment must be opened once or replaced; their numbers do not add up")
    return wrong


def _commitment(round_id: str, receipt: str, choices: str, salt: str) -> str:
    return _framed("buurtstem ballot 2", round_id, receipt, choices.replace(" ", ","), salt)


def wrong_numbers(results: dict[str, Any], ballots: int) -> Wrong:
    """What does not add up between codes, ballots, classes and channels."""
    cast, codes, by_class, by_channel = (results[name] for name in ("ballots", "codes", "by_class", "by_channel"))
    counted, wrong = cast["counted"], []
    parts = [*cast.values(), *codes.values(), *by_class.values(), *by_channel.values()]
    if any(type(one) is not int or one < 0 for one in parts):
        wrong.append("counts of codes and ballots must be whole numbers from 0")
    if [*cast, *codes] != ["counted", "blank", "replaced", "made", "handed_out", "used", "blocked"]:
        wrong.append("counts of codes and ballots must have their names, in their order")
    if any(list(one) != sorted(one, key=lambda name: (name == "other", name)) for one in (by_class, by_channel)):
        wrong.append("classes and channels do not stand in their order")
    sums = [ballots, codes["used"], sum(by_class.values()), sum(by_channel.values())]
    if sums != [counted] * 4:
        wrong.append(f"ballots, codes, classes and channels do not add up: {counted} {sums}")
    if codes["blocked"] + codes["used"] > codes["made"]:
        wrong.append("more codes were used or blocked than were made")
    if codes["used"] > codes["handed_out"]:
        wrong.append("more codes were used than were handed out")
    if codes["handed_out"] > codes["made"]:
        wrong.append("more codes were handed out than were made")
    return wrong


def wrong_pabulib(text: str, results: dict[str, Any], ballots: Ballots) -> Wrong:
    """Where round.pb is not the file that results.json and ballots.csv make."""
    opens, closes = (datetime.fromisoformat(results["round"][name]) for name in ("opens_at", "closes_at"))
    here, older = (day_here(opens), day_here(closes)), (_day_of(opens), _day_of(closes))
    right = any(text == _pabulib(results, ballots, *days) for days in (here, older))
    return [] if right else ["round.pb says something else than results.json and ballots.csv"]


def day_here(moment: datetime) -> str:
    """The day in Amsterdam, by the rule of the European Union: not every computer has a table of time zones.

    From the last Sunday of March to that of October, both at 1:00 UTC, the clock is two hours ahead, else one.
    """
    lasts = [date(moment.year, month, 31) for month in (3, 10)]
    begin, end = (datetime(last.year, last.month, 31 - last.isoweekday() % 7, 1, tzinfo=_UTC) for last in lasts)
    return _day_of(moment + timedelta(hours=2 if begin <= moment < end else 1))


def _day_of(moment: datetime) -> str:
    return f"{moment.astimezone(_UTC):%d.%m.%Y}"


def _pabulib(results: dict[str, Any], ballots: Ballots, begins: str, ends: str) -> str:
    """The whole text of round.pb, with these dates."""
    plans, round_ = _by_number(results), results["round"]
    language = round_["languages"][0]
    cast = [
        [receipt, ",".join(str(plans[p]["number"]) for p in chosen)] for receipt, chosen in ballots.items() if chosen
    ]
    meta = {
        "description": _title(round_, language), "country": "Netherlands", "unit": "Amsterdam",
        "instance": round_["id"], "vote_type": "approval", "rule": PABULIB_RULES[round_["rule"]],
        "date_begin": begins, "date_end": ends,
        "min_length": str(round_["choose_min"]), "max_length": str(round_["choose_max"]),
        "language": language, "currency": "EUR", "num_projects": str(len(plans)), "num_votes": str(len(cast)),
        "budget": _euros(round_["amount_cents"]), "tie_seed": round_["tie_seed"],
    }  # fmt: skip
    listed = [
        [str(p["number"]), _euros(p["cost_cents"]), str(p["votes"]), _title(p, language), str(int(p["funded"]))]
        for p in plans
    ]
    should = io.StringIO()
    rows = csv.writer(should, delimiter=";", lineterminator="\n")
    rows.writerows([["META"], ["key", "value"], *meta.items()])
    rows.writerows([["PROJECTS"], ["project_id", "cost", "votes", "name", "selected"], *listed])
    rows.writerows([["VOTES"], ["voter_id", "vote"], *cast])
    return should.getvalue()


def _title(of: dict[str, Any], language: str) -> str:
    return str(of["title"].get(language) or next(iter(of["title"].values())))


def _euros(cents: int) -> str:
    return str(cents // 100) if cents % 100 == 0 else f"{cents // 100}.{cents % 100:02}"


def _by_number(results: dict[str, Any]) -> list[Plan]:
    return sorted(results["plans"], key=lambda plan: int(plan["number"]))


def _table(content: bytes, names: list[str]) -> list[list[str]]:
    text, again = content.decode(), io.StringIO()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if rows[0] != names or any(len(row) != len(names) for row in rows):
        raise ValueError(f"a table must have the columns {', '.join(names)}")
    csv.writer(again, lineterminator="\n").writerows(rows)
    if text != again.getvalue():
        raise ValueError(f"the table of {names[0]}, {names[1]} … is not written in its one form")
    return rows[1:]


def _differences(results: dict[str, Any], plans: list[Plan], result: dict[str, Any], told: list[Plan]) -> Wrong:
    """Where the published result differs from the recounted `result` and `told` (each plan). plans: from the chain."""
    said = {name: value for name, value in results["result"].items() if name != "satisfied"}
    wrong = [] if _same(said, result) else [f"the result should be {result}"]
    if [*said, *(["satisfied"] if "satisfied" in results["result"] else [])] != list(results["result"]):
        wrong.append("the result is not told in its order")
    if [plan["number"] for plan in results["plans"]] != [plan["number"] for plan in told]:
        return [*wrong, "the plans do not stand in the order of their votes"]
    words = {plan["number"]: {name: plan[name] for name in ("title", "story", "place")} for plan in plans}
    for one, should in zip(results["plans"], told, strict=True):
        whole = {"number": should["number"], **words[should["number"]], **should}
        if not _same(one, whole):
            wrong.append(f"plan {should['number']} should be {whole}")
    return wrong


# --- The count. Places are positions in the list of plans, by their numbers. ---------------------------------------


class Election:
    """An amount of money, plans, and how many voters made each choice."""

    def __init__(
        self, results: dict[str, Any], plans: list[Plan], ballots: dict[tuple[int, ...], int], votes: Any = None
    ) -> None:
        """plans: in the order of their numbers · votes: of each plan, given where the ballots are not published."""
        self.plans, self.ballots = plans, ballots
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
    """The places of the plans that get money, in the order in which they got it."""
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
    """The places of the plans, most votes first, equals by the draw."""
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
    """How many euros shares must rise before anything else can be bought: 1, unless more is certain.

    Where no supporter spent all they had, prices stay cost / votes; a plan with fewer votes than every bought one then
    only waits until its own supporters have enough left at the end.
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
    """Buy, again and again, the plan with the least price per euro that its supporters can pay for together.

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
    # A price per euro only grows: once worked out, it is a lower bound from then on.
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
    """The price that each pays, total / able: the poorest pay all they have, the others the same. None: not enough.

    Returns (total, able). purses: (the money of one supporter, how many supporters have that).
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
