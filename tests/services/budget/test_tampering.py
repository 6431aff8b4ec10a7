"""Structured tamperings of a published folder: each is found by the verifier, given the head told at opening.

Whoever tampers makes checksums and the last link right again wherever that can help. Not tried, since no verifier could
find it by the first head alone: other ballots with a whole new chain. The head of an evening finds that (tested below).
"""

import csv
import io
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bot.commands import verify
from bot.commands.counting_job import write, write_zip
from domain.budget import verifier
from domain.budget.commitments import EntryKind, begun_anew
from domain.budget.verifier import HEAD, ITSELF, SUMS
from handlers.console.budget.result_page import ZIP, result_pages
from services.budget.publishing import published, sealed
from tests.parts import ROOT
from tests.services.budget.closed_vote import NOON, ROUND_ID, made_round, made_vote, stated

RULES = ("most-votes-stop", "most-votes-skip", "equal-shares")
IN_THE_GATE, ALL = 200, 1000
Files = dict[str, bytes]
Change = Callable[[Files, random.Random], Files]
CLOSE = NOON + timedelta(days=14)
LATER_CLOSE = CLOSE + timedelta(days=2)
EXTENDED = {
    "at": (CLOSE - timedelta(days=1)).isoformat(), "before": CLOSE.isoformat(),
    "until": LATER_CLOSE.isoformat(), "why": "outage",
}  # fmt: skip
CORRECTED = {
    "at": (CLOSE - timedelta(days=2)).isoformat(), "plan": 2, "why": "typo",
    "title": {"nl": "Plan 2, beter", "ar": "خطة 2"}, "story": {"nl": "Een beter verhaal."}, "place": "Plein",
}  # fmt: skip
LATER = ((EntryKind.CORRECTION, CORRECTED), (EntryKind.EXTENSION, EXTENDED))


@cache
def folder(rule: str, ballots: int = 40, later: bool = True, **changed: Any) -> Files:
    """A published folder. later: with more time and a corrected plan."""
    round_ = replace(made_round(rule), closes_at=LATER_CLOSE if later else CLOSE, **changed)
    opened = stated(made_vote(ballots), round_, LATER if later else ())
    done = published(round_, opened)
    return sealed({**done.files, **result_pages(done.results)})


def first_head(files: Files) -> str:
    """The number that was told when voting opened."""
    return files["commitments.csv"].decode().splitlines()[1].split(",")[5]


def wrong(files: Files, *heads: str) -> list[str]:
    return verify.check(files, heads)[1]


def resealed(files: Files) -> Files:
    """The same files with checksums and the last link made right again, where the chain can still be read."""
    try:
        return sealed({name: content for name, content in files.items() if name not in {SUMS, HEAD}})
    except (ValueError, KeyError, IndexError, csv.Error):
        return files


# --- any file, left as it is otherwise ---


def a_byte(files: Files, chance: random.Random) -> Files:
    name = chance.choice(sorted(set(files) - {ITSELF}))
    content = bytearray(files[name])
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return {**files, name: bytes(content)}


def a_file_less(files: Files, chance: random.Random) -> Files:
    name = chance.choice(sorted(set(files) - {ITSELF}))
    return {one: content for one, content in files.items() if one != name}


def a_file_less_resealed(files: Files, chance: random.Random) -> Files:
    return resealed(a_file_less(files, chance))


def a_file_more(files: Files, chance: random.Random) -> Files:
    name = chance.choice(("index.html", "ballots.csv.bak", "bаllots.csv", "README", "Results.json", ".hidden"))
    return {**files, name: chance.choice((b"", b"more", files["results.json"]))}


def an_empty_file(files: Files, chance: random.Random) -> Files:
    return resealed({**files, chance.choice(sorted(set(files) - {ITSELF, SUMS, HEAD})): b""})


def two_files_swapped(files: Files, chance: random.Random) -> Files:
    one, other = chance.sample(sorted(set(files) - {ITSELF, SUMS, HEAD}), 2)
    return resealed({**files, one: files[other], other: files[one]})


def a_file_of_another_vote(files: Files, chance: random.Random) -> Files:
    rule = json.loads(files["results.json"])["round"]["rule"]
    other = folder(rule, 41, later=True) if "ballots.csv" in files else folder(rule, 8)
    name = chance.choice(sorted((set(files) & set(other)) - {ITSELF, SUMS, HEAD, "style.css", "statements.json"}))
    return resealed({**files, name: other[name]})


def other_line_ends(files: Files, chance: random.Random) -> Files:
    name = chance.choice(sorted(set(files) - {ITSELF, SUMS, HEAD}))
    text = files[name]
    crlf = text.replace(b"\n", b"\r\n")
    return resealed({**files, name: chance.choice((crlf, b"\xef\xbb\xbf" + text, text.rstrip(b"\n"), text + b"\n"))})


# --- JSON ---


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path (keys and indexes) to each value that is neither a list nor an object."""
    if isinstance(value, dict):
        return [way for key, one in value.items() for way in leaves(one, (*path, key))]
    if isinstance(value, list):
        return [way for place, one in enumerate(value) for way in leaves(one, (*path, place))]
    return [path]


def holder(value: Any, path: Sequence[Any]) -> Any:
    for part in path[:-1]:
        value = value[part]
    return value


def another(value: Any, chance: random.Random) -> Any:
    """Another value, of the same kind or one that Python takes for the same."""
    if isinstance(value, bool):
        return chance.choice((not value, int(value)))
    if isinstance(value, int):
        return chance.choice((value + 1, value - 1, -value - 1, str(value), float(value), value + 10))
    if value is None:
        return chance.choice((0, {}, False))
    twins = value.replace("e", "е").replace("a", "а").replace("o", "о")
    return chance.choice((f"{value} ", f"{value}\u200b", twins if twins != value else value[:-1] + "x", value + "|"))


def a_field(name: str, files: Files, chance: random.Random) -> Files:
    told = json.loads(files[name])
    path = chance.choice(leaves(told))
    place = holder(told, path)
    place[path[-1]] = another(place[path[-1]], chance)
    return resealed({**files, name: verifier.written_json(told).encode()})


def a_result(files: Files, chance: random.Random) -> Files:
    return a_field("results.json", files, chance)


def a_statement(files: Files, chance: random.Random) -> Files:
    return a_field("statements.json", files, chance)


def a_key_or_row(files: Files, chance: random.Random) -> Files:
    """A key or row that is removed, added or moved."""
    name = chance.choice(("results.json", "statements.json"))
    told = json.loads(files[name])
    place = holder(told, chance.choice([path for path in leaves(told) if len(path) > 1]))
    act = chance.choice(("less", "more", "order"))
    if isinstance(place, dict):
        key = chance.choice(list(place))
        if act == "less":
            del place[key]
        elif act == "more":
            place[f"{key}2"] = place[key]
        else:
            place[key] = place.pop(key)
    elif act == "less":
        place.pop()
    elif act == "more":
        place.append(place[0])
    else:
        place.reverse()
    return resealed({**files, name: verifier.written_json(told).encode()})


def another_way_to_write(files: Files, chance: random.Random) -> Files:
    """JSON that a careless reader takes for the same: 1e0, 01, true, escapes, a key twice."""
    name = chance.choice(("results.json", "statements.json"))
    text = files[name].decode()
    at = chance.choice(list(re.finditer(r'("[a-z_]+": )([0-9]+)(?=[,\n])', text)))
    number = chance.choice((f"{at[2]}.0", f"{at[2]}e0", f"0{at[2]}", "true", f'"{at[2]}"', f"-{at[2]}", "NaN"))
    made = chance.choice(
        (f"{at[1]}{number}", f"{at[1]}{at[2]} ", f"{at[1]}7,\n{at[1]}{at[2]}", f"{at[1]}{at[2]},{at[0]}")
    )
    return resealed({**files, name: (text[: at.start()] + made + text[at.end() :]).encode()})


def an_escape(files: Files, chance: random.Random) -> Files:
    name = chance.choice(("results.json", "statements.json"))
    text = files[name].decode()
    at = chance.choice(list(re.finditer(r"(?<![\\\w])[A-Za-z\u0600-\u06ff]", text)))
    return resealed({**files, name: f"{text[: at.start()]}\\u{ord(at[0]):04x}{text[at.end() :]}".encode()})


# --- the opening told otherwise, its chain worked out anew ---


def another_opening(files: Files, chance: random.Random) -> Files:
    """Another rule, amount, seed, title or number of choices, all files made for it: only the first head tells."""
    rule = json.loads(files["results.json"])["round"]["rule"]
    ballots, changed = json.loads(files["results.json"])["ballots"]["counted"], chance.choice(
        (
            {"amount_cents": 3_000_00 + chance.randint(1, 9_999_00)}, {"tie_seed": chance.randbytes(16).hex()},
            {"choose_max": 4 + chance.randrange(9)}, {"languages": ("nl", "ar")}, {"areas": ("FK02",)},
        )
    )  # fmt: skip
    if chance.random() < 0.2:
        rule, changed = chance.choice([one for one in RULES if one != rule]), {}
    return folder(rule, ballots, **changed)


def other_plans(files: Files, chance: random.Random) -> Files:
    """Another cost, text or plan less, with the chain and all files made for it."""
    results = json.loads(files["results.json"])
    round_ = replace(made_round(results["round"]["rule"]), closes_at=LATER_CLOSE)
    opened = made_vote(results["ballots"]["counted"])
    plans = list(opened.plans)
    at = chance.randrange(2, len(plans))
    plans[at] = chance.choice(
        (
            replace(plans[at], cost_cents=plans[at].cost_cents + chance.randint(1, 500)),
            replace(plans[at], title={**plans[at].title, "nl": f"Plan {chance.randrange(999)}"}),
            replace(plans[at], story={"nl": f"Verhaal {chance.randrange(999)}"}),
            replace(plans[at], id="another"), replace(plans[at], place="Elders"),
        )
    )  # fmt: skip
    done = published(round_, stated(replace(opened, plans=tuple(plans)), round_, LATER))
    return sealed({**done.files, **result_pages(done.results)})


# --- tables ---


def table(files: Files, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(files[name].decode())))


def with_table(files: Files, name: str, rows: list[list[str]]) -> Files:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return resealed({**files, name: out.getvalue().encode()})


def a_cell(files: Files, chance: random.Random) -> Files:
    name = chance.choice([one for one in ("ballots.csv", "commitments.csv") if one in files])
    rows = table(files, name)
    row = rows[chance.randrange(len(rows))]
    at = chance.randrange(len(row))
    cell = row[at]
    digits = cell.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    twins = cell.replace("A", "А").replace("a", "а").replace("E", "Е").replace("e", "е")
    ways = (f" {cell}", f"{cell} ", f"0{cell}", f"{cell}|1", f"{cell},1", f"{cell}\n", digits, twins, cell[1:], "1e0",
            cell.swapcase(), "")  # fmt: skip
    row[at] = chance.choice([one for one in ways if one != cell])
    return with_table(files, name, rows)


def rows_changed(files: Files, chance: random.Random) -> Files:
    """A row gone, twice, at another place; two cells swapped; quotes that say the same."""
    name = chance.choice([one for one in ("ballots.csv", "commitments.csv") if one in files])
    rows = table(files, name)
    one, other = chance.sample(range(1, len(rows)), 2)
    act = chance.randrange(5)
    if act == 0:
        del rows[one]
    elif act == 1:
        rows.insert(one, rows[other])
    elif act == 2:
        rows[one], rows[other] = rows[other], rows[one]
    elif act == 3:
        at = chance.randrange(len(rows[0]))
        rows[one][at], rows[other][at] = rows[other][at], rows[one][at]
    else:
        lines = files[name].decode().splitlines(keepends=True)
        first, _, rest = lines[one].partition(",")
        lines[one] = f'"{first}",{rest}'
        return resealed({**files, name: "".join(lines).encode()})
    return with_table(files, name, rows)


def a_second_opening(files: Files, chance: random.Random) -> Files:
    """A ballot whose parts are cut elsewhere, so that joined they are the same text with and without separators."""
    name = "ballots.csv" if "ballots.csv" in files else "commitments.csv"
    rows = table(files, name)
    row = chance.choice(rows[1:])
    if name == "commitments.csv":
        row[3], row[4] = row[3] + row[4][:1], row[4][1:]
        return with_table(files, name, rows)
    receipt, choices, salt = row
    first, _, rest = choices.partition(" ")
    row[:] = chance.choice(
        (
            [f"{receipt}|{first}", rest, salt], [receipt, "", f"{choices.replace(' ', ',')}|{salt}"],
            [receipt[:-1], receipt[-1] + choices, salt], [receipt, choices + salt[0], salt[1:]],
            [f"{receipt}|{choices}", "", salt], [receipt, f"{choices}|{salt[:32]}", salt[32:]],
        )
    )  # fmt: skip
    commitments, made = table(files, "commitments.csv"), row[0]
    for entry in commitments:
        entry[6] = made if entry[6] == receipt else entry[6]
    both = with_table(files, "commitments.csv", commitments)
    return with_table(both, name, [rows[0], *sorted(rows[1:])])


# --- what people and other programs read ---


def another_page(files: Files, chance: random.Random) -> Files:
    name = chance.choice([one for one in files if one.endswith((".html", ".css"))])
    text = files[name].decode()
    digits = [at.start() for at in re.finditer(r"[0-9]", text)]
    at = chance.choice(digits)
    made = chance.choice(
        (
            text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :], text + "<p>more", text.replace(">", "> ", 1),
            text.replace("Plan", "Рlan", 1) if "Plan" in text else text + " ", f"<!-- {at} -->" + text,
        )
    )  # fmt: skip
    return resealed({**files, name: made.encode()})


def another_line_for_other_programs(files: Files, chance: random.Random) -> Files:
    if "round.pb" not in files:
        return another_page(files, chance)
    lines = files["round.pb"].decode().splitlines(keepends=True)
    at, other = chance.sample(range(len(lines)), 2)
    act = chance.randrange(4)
    if act == 0:
        del lines[at]
    elif act == 1:
        lines[at], lines[other] = lines[other], lines[at]
    elif act == 2:
        lines[at] = lines[at].replace("\n", "0\n")
    else:
        lines.insert(at, lines[other])
    return resealed({**files, "round.pb": "".join(lines).encode()})


def other_sums(files: Files, chance: random.Random) -> Files:
    name = chance.choice((SUMS, HEAD))
    text = files[name]
    lines = text.splitlines(keepends=True)
    made = chance.choice(
        (text.upper(), text + b"\n", text[1:], b"".join(reversed(lines)), b"", b" " + text, lines[0] * 2)
    )
    return {**files, name: made}


KINDS: tuple[Change, ...] = (
    a_byte, a_file_less, a_file_less_resealed, a_file_more, an_empty_file, two_files_swapped, a_file_of_another_vote,
    other_line_ends, a_result, a_statement, a_key_or_row, another_way_to_write, an_escape, another_opening, other_plans,
    a_cell, rows_changed, a_second_opening, another_page, another_line_for_other_programs, other_sums,
)  # fmt: skip
FOLDERS = [*((rule, 40) for rule in RULES), *((rule, 9) for rule in RULES)]


def found_all(tamperings: int) -> None:
    """Try so many different tamperings, of each kind in turn, on each folder in turn."""
    chance, tried, place = random.Random(18), set[int](), 0
    while len(tried) < tamperings:
        kind = KINDS[place % len(KINDS)]
        files = folder(*FOLDERS[place // len(KINDS) % len(FOLDERS)])
        place += 1
        changed = kind(files, chance)
        mark = hash(tuple(sorted(changed.items())))
        if changed == files or mark in tried:
            continue
        tried.add(mark)
        assert wrong(changed, first_head(files)), (kind.__name__, [
            one for one in {*files, *changed} if files.get(one) != changed.get(one)
        ])  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("ballots", [0, 9, 17, 40])
@pytest.mark.parametrize("later", [True, False])
def test_a_clean_folder_verifies(rule: str, ballots: int, later: bool) -> None:
    files = folder(rule, ballots, later)
    last = files[HEAD].decode().strip()
    assert wrong(files, first_head(files), last) == []


def test_each_of_200_tamperings_is_found() -> None:
    found_all(IN_THE_GATE)


@pytest.mark.proof
def test_each_of_1000_tamperings_is_found() -> None:
    found_all(ALL)


@pytest.mark.proof
@pytest.mark.parametrize(("rule", "ballots"), FOLDERS)
@pytest.mark.parametrize("name", ["results.json", "statements.json"])
def test_each_field_of_each_json_file_changed_in_several_ways_is_found(rule: str, ballots: int, name: str) -> None:
    files, chance = folder(rule, ballots), random.Random(5)
    head = first_head(files)
    for path in leaves(json.loads(files[name])):
        for _ in range(12):
            told = json.loads(files[name])
            place = holder(told, path)
            place[path[-1]] = another(place[path[-1]], chance)
            changed = {**files, name: verifier.written_json(told).encode()}
            assert changed == files or wrong(resealed(changed), head), (path, place[path[-1]])


@pytest.mark.parametrize("rule", RULES)
def test_what_python_takes_for_the_same_is_found_where_only_totals_are_published(rule: str) -> None:
    files = folder(rule, 9)
    for old, new in ((b'"totals_only": true', b'"totals_only": 1'), (b'"funded": true', b'"funded": 1'),
                     (b'"number": 1,', b'"number": true,'), (b'"comparison": null', b'"comparison": 0')):  # fmt: skip
        changed = {**files, "results.json": files["results.json"].replace(old, new)}
        assert changed != files
        assert wrong(resealed(changed), first_head(files)), new
    told = json.loads(files["results.json"])
    told["result"]["winners"].reverse()
    changed = {**files, "results.json": verifier.written_json(told).encode()}
    assert wrong(resealed(changed), first_head(files))


def test_other_ballots_with_a_whole_new_chain_are_found_by_the_head_of_an_evening() -> None:
    files, round_ = folder("most-votes-stop"), replace(made_round("most-votes-stop"), closes_at=LATER_CLOSE)
    done = published(round_, stated(made_vote(40, seed=2), round_, LATER))
    other = sealed({**done.files, **result_pages(done.results)})
    evening = files["commitments.csv"].decode().splitlines()[15].split(",")[5]
    assert wrong(other, first_head(files)) == []
    assert wrong(files, first_head(files), evening) == []
    assert wrong(other, first_head(files), evening) == [f"the head {evening} that was noted is not in the chain"]


def test_after_lost_ballots_the_first_head_is_the_same() -> None:
    chain = stated(made_vote(40), made_round(), LATER).commitments
    anew = begun_anew(chain)
    assert [one.kind for one in anew] == [EntryKind.OPENING, EntryKind.CORRECTION, EntryKind.EXTENSION]
    assert anew[0].link == chain[0].link


@pytest.mark.parametrize("ballots", [40, 9])
def test_the_instruction_of_the_page_followed_literally_says_that_all_is_right(tmp_path: Path, ballots: int) -> None:
    files = folder("equal-shares", ballots)
    page = unescape(files["nl.html"].decode())
    typed = re.findall(r'<pre dir="ltr">(.*?)</pre>', page, re.DOTALL)[0].splitlines()
    source = re.findall(r'<code dir="ltr">(\S+\.py)</code>', page)[0]
    assert f'href="{ZIP}"' in page
    here = tmp_path / "empty"
    here.mkdir()
    write_zip(here / ZIP, files)
    (here / Path(source).name).write_bytes((ROOT / source).read_bytes())
    assert len(typed) == 2
    for line in typed:
        program, *words = line.split()
        assert program == "python3"
        done = subprocess.run([sys.executable, "-I", *words], capture_output=True, text=True, check=False, cwd=here)
        assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("All is right.\n")
    assert first_head(files) in typed[1]


def test_the_zip_holds_what_the_folder_holds_and_is_the_same_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        write(tmp_path / ROUND_ID, folder("equal-shares"))
    first = (tmp_path / f"{ROUND_ID}.zip").read_bytes()
    write(tmp_path / ROUND_ID, folder("equal-shares"))
    assert (tmp_path / f"{ROUND_ID}.zip").read_bytes() == first


def test_the_command_says_when_a_page_is_another_or_a_head_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = folder("equal-shares")
    write(tmp_path / "round", another_page(files, random.Random(1)))
    assert verify.main([str(tmp_path / "round"), "--head", first_head(files)]) == 1
    assert "is not the page that results.json makes" in capsys.readouterr().out
    assert verify.main([str(tmp_path / "round"), "--head", "ab" * 32]) == 1
    assert "that was noted is not in the chain" in capsys.readouterr().out
    for words in ([str(tmp_path / "round"), "--head", "short"], ["--head", "ab" * 32]):
        with pytest.raises(SystemExit, match="2"):
            verify.main(words)
