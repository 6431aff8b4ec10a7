"""A closed vote becomes public files, and `verify` recounts them: any single change to them is found."""

import csv
import io
import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.commands.counting_job import write
from domain.budget import verifier
from domain.budget.pabulib import read
from domain.budget.verifier import HEAD, ITSELF, SUMS, check
from domain.wall_clock import day_of
from handlers.console.budget.result_page import result_pages
from services.budget.closing import Opened
from services.budget.publishing import merged, published, sealed
from tests.services.budget.closed_vote import made_round, made_vote, stated

RULES = ("most-votes-stop", "most-votes-skip", "equal-shares")
CHANGES = 200
Files = dict[str, bytes]


def folder_of(opened: Opened, rule: str = "most-votes-stop") -> Files:
    """All files of a published vote, as the counting job puts them together."""
    done = published(made_round(rule), stated(opened, made_round(rule)))
    return sealed({**done.files, **result_pages(done.results)})


def resummed(files: Files) -> Files:
    """The same files with the checksums and the last link made right again, as a careful forger would."""
    return sealed({name: content for name, content in files.items() if name not in {SUMS, HEAD}})


@pytest.fixture(scope="module", params=RULES)
def files(request: pytest.FixtureRequest) -> Files:
    return folder_of(made_vote(60), request.param)


def test_what_is_published_is_recounted_without_a_difference(files: Files) -> None:
    said, wrong = check(files)
    assert wrong == []
    assert "60 ballots counted" in said[-1]


def test_the_published_program_recounts_with_the_standard_library_alone(files: Files, tmp_path: Path) -> None:
    write(tmp_path / "round", files)
    # -I: no environment, no installed packages but Python's own, not even the folder it stands in.
    command = [sys.executable, "-I", "-S", str(tmp_path / "round" / "verify.py"), str(tmp_path / "round")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("All is right.\n")


def test_there_is_a_blank_between_any_two_sentences_of_a_page(files: Files) -> None:
    results = json.loads(files["results.json"])
    for number, plan in enumerate(results["plans"]):
        plan.update(price_cents=12_34, emptied=3, drawn=[number])  # all that an explanation may hold
    for language, capital in (("nl", "[A-Z]"), ("en", "[A-Z]"), ("tr", "[A-ZÇĞİÖŞÜ]"), ("ar", "[\u0621-\u064a]")):
        page = result_pages(results)[f"{language}.html"].decode()
        words = re.sub(r"<code.*?</code>|<pre.*?</pre>|<style.*?</style>", "", page, flags=re.DOTALL)
        for sentences in re.findall(r"<p>(.*?)</p>", words, re.DOTALL):
            assert not re.search(rf"\w[.!?]{capital}", re.sub(r"<[^>]*>", "", sentences)), (language, sentences)


def test_the_verifier_knows_the_day_in_amsterdam_without_a_table_of_time_zones() -> None:
    hour = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    while hour.year < 2032:
        assert verifier.day_here(hour) == f"{day_of(hour):%d.%m.%Y}"
        hour += timedelta(hours=1)


# Opens at midnight and closes at 0:30, in winter; the same in summer; and over a change of the clock.
@pytest.mark.parametrize(
    ("opens", "closes", "days", "older"),
    [
        ("2026-12-10T23:00", "2026-12-20T23:30", ("11.12.2026", "21.12.2026"), ("10.12.2026", "20.12.2026")),
        ("2027-07-10T22:00", "2027-07-20T22:30", ("11.07.2027", "21.07.2027"), ("10.07.2027", "20.07.2027")),
        ("2027-03-27T23:00", "2027-03-28T22:00", ("28.03.2027", "29.03.2027"), ("27.03.2027", "28.03.2027")),
        ("2027-10-30T22:00", "2027-10-31T22:59", ("31.10.2027", "31.10.2027"), ("30.10.2027", "31.10.2027")),
    ],
)
def test_a_vote_has_the_days_of_the_neighbourhood_and_an_older_folder_still_verifies(
    opens: str, closes: str, days: tuple[str, str], older: tuple[str, str]
) -> None:
    begins, ends = (datetime.fromisoformat(f"{moment}+00:00") for moment in (opens, closes))
    round_ = replace(made_round(), opens_at=begins, closes_at=ends)
    done = published(round_, stated(made_vote(20), round_))
    files = sealed({**done.files, **result_pages(done.results)})
    assert check(files)[1] == []

    def dated(begin: str, end: str) -> Files:
        told = f"date_begin;{days[0]}\ndate_end;{days[1]}\n"
        assert told in files["round.pb"].decode()
        other = files["round.pb"].decode().replace(told, f"date_begin;{begin}\ndate_end;{end}\n")
        return resummed({**files, "round.pb": other.encode()})

    assert check(dated(*older))[1] == []
    mixed = {(days[0], older[1]), (older[0], days[1])} - {days, older}
    for wrong in (*mixed, (days[0], "01.01.2026"), (days[0], f"0{days[1]}"), (older[0], "22.12.2026"), ("", days[1])):
        assert check(dated(*wrong))[1] == ["round.pb says something else than results.json and ballots.csv"]


def test_a_moment_at_the_end_of_the_calendar_is_found_and_ends_nothing(files: Files) -> None:
    results = json.loads(files["results.json"])
    results["round"]["closes_at"] = "9999-12-31T23:30:00+00:00"
    assert check(resummed({**files, "results.json": verifier.written_json(results).encode()}))[1]


def test_the_same_vote_is_published_byte_for_byte_the_same() -> None:
    assert folder_of(made_vote(60)) == folder_of(made_vote(60))


@pytest.mark.parametrize("seed", range(30))
def test_the_verifier_counts_other_elections_as_the_counting_rules_do(seed: int) -> None:
    chance = random.Random(seed)
    costs = [chance.choice((100_00, 150_00, 500_00, 1_100_00)) for _ in range(chance.randint(3, 8))]
    opened = made_vote(chance.randint(17, 40), seed=seed, costs=costs)
    for rule in RULES:
        assert check(folder_of(opened, rule))[1] == []


def changed_anywhere(files: Files, chance: random.Random) -> Files:
    """One change to one file: a byte flipped, put in or taken out; a line twice or gone; two lines swapped."""
    name = chance.choice(sorted(set(files) - {ITSELF}))
    content = files[name]
    lines = content.splitlines(keepends=True)
    at, line = chance.randrange(len(content)), chance.randrange(len(lines))
    other = chance.randrange(len(lines))
    swapped = list(lines)
    swapped[line], swapped[other] = swapped[other], swapped[line]
    made = chance.choice(
        (
            content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :],
            content[:at] + b" " + content[at:],
            content[:at] + content[at + 1 :],
            b"".join([*lines[:line], lines[line], *lines[line:]]),
            b"".join([*lines[:line], *lines[line + 1 :]]),
            b"".join(swapped),
        )
    )
    return {**files, name: made}


def test_each_of_200_single_changes_is_found(files: Files) -> None:
    chance, tried = random.Random(7), 0
    while tried < CHANGES:
        changed = changed_anywhere(files, chance)
        if changed != files:
            tried += 1
            assert check(changed)[1], [name for name in files if files[name] != changed[name]]


@pytest.mark.parametrize("name", ["ballots.csv", "extra.html", SUMS])
def test_a_file_that_is_missing_or_added_is_found(files: Files, name: str) -> None:
    changed = {key: content for key, content in files.items() if key != name}
    if name not in files:
        changed[name] = b"<p>"
    assert check(changed)[1]


def table(files: Files, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(files[name].decode())))


def with_table(files: Files, name: str, rows: list[list[str]]) -> Files:
    return resummed({**files, name: "".join(",".join(row) + "\n" for row in rows).encode()})


def another_choice(files: Files, chance: random.Random) -> Files:
    rows = table(files, "ballots.csv")
    row = chance.choice(rows[1:])
    row[1] = chance.choice([one for one in "123456" if one != row[1]])
    return with_table(files, "ballots.csv", rows)


def another_receipt(files: Files, chance: random.Random) -> Files:
    rows = table(files, "ballots.csv")
    chance.choice(rows[1:])[0] = "ZZZZZ-ZZZZZ"
    return with_table(files, "ballots.csv", [rows[0], *sorted(rows[1:])])


def one_ballot_less(files: Files, chance: random.Random) -> Files:
    rows = table(files, "ballots.csv")
    del rows[chance.randrange(1, len(rows))]
    return with_table(files, "ballots.csv", rows)


def one_ballot_twice(files: Files, chance: random.Random) -> Files:
    rows = table(files, "ballots.csv")
    at = chance.randrange(1, len(rows))
    return with_table(files, "ballots.csv", [*rows[:at], rows[at], *rows[at:]])


def another_commitment(files: Files, chance: random.Random) -> Files:
    rows = table(files, "commitments.csv")
    row, column = chance.choice(rows[1:]), chance.randrange(7)
    row[column] = ("7777", "9", "extension", "2026-11-09", "ab" * 32, "ab" * 32, "ZZZZZ-ZZZZZ")[column]
    return with_table(files, "commitments.csv", rows)


def another_number(files: Files, chance: random.Random) -> Files:
    """A number, a yes or no, or a reason of the result itself."""
    results = json.loads(files["results.json"])
    place = chance.choice(
        [results["ballots"], results["codes"], results["commitments"], results["result"], results["by_class"],
         *results["plans"]]
    )  # fmt: skip
    fixed = ("title", "story", "place", "handed_out", "made", "blocked")
    key = chance.choice([one for one in place if one not in fixed])
    value = place[key]
    if isinstance(value, bool):
        place[key] = not value
    elif isinstance(value, int):
        place[key] = value + chance.choice((-1, 1))
    else:
        place[key] = "stopped" if value == "no-votes" else "no-votes"
    return resummed({**files, "results.json": json.dumps(results).encode()})


def another_line_for_other_programs(files: Files, chance: random.Random) -> Files:
    lines = files["round.pb"].decode().splitlines()
    at = chance.choice([n for n, line in enumerate(lines) if line[-1].isdigit()])
    lines[at] = lines[at][:-1] + str((int(lines[at][-1]) + 1) % 10)
    return resummed({**files, "round.pb": ("\n".join(lines) + "\n").encode()})


@pytest.mark.parametrize(
    "change",
    [
        another_choice, another_receipt, one_ballot_less, one_ballot_twice, another_commitment, another_number,
        another_line_for_other_programs,
    ],
)  # fmt: skip
def test_a_change_is_found_also_when_the_checksums_are_made_right_again(
    files: Files, change: Callable[[Files, random.Random], Files]
) -> None:
    for seed in range(30):
        assert check(change(files, random.Random(seed)))[1], seed


def test_with_fewer_than_10_ballots_only_totals_are_published() -> None:
    for rule in RULES:
        files = folder_of(made_vote(9, replaced=1), rule)
        assert not {"ballots.csv", "round.pb"} & set(files)
        results = json.loads(files["results.json"])
        receipts = [ballot.receipt for ballot in made_vote(9, replaced=1).ballots]
        assert not [one for one in receipts if any(one.encode() in content for content in files.values())]
        assert "satisfied" not in results["result"]
        assert (results["by_class"], results["by_channel"]) == ({"other": 9}, {"other": 9})
        said, wrong = check(files)
        assert wrong == []
        assert "can't be recounted" in said[-1]


def test_totals_that_were_changed_are_found_too() -> None:
    files = folder_of(made_vote(9, replaced=1))
    results = json.loads(files["results.json"])
    results["plans"][0]["votes"] += 1
    results["plans"][-1]["funded"] = True
    assert check(resummed({**files, "results.json": json.dumps(results).encode()}))[1]


def another_count_of_codes(results: dict[str, Any], files: Files) -> Files:
    results["codes"] |= {"made": 520, "handed_out": 515, "used": 500}
    return files


def a_longer_chain(results: dict[str, Any], files: Files) -> Files:
    longer = folder_of(made_vote(9, replaced=500))
    results["commitments"] = json.loads(longer["results.json"])["commitments"]
    return {**files, "commitments.csv": longer["commitments.csv"]}


def another_head(results: dict[str, Any], files: Files) -> Files:
    results["commitments"]["head"] = "ab" * 32
    return files


def another_entry(results: dict[str, Any], files: Files) -> Files:
    return {
        **files,
        "commitments.csv": files["commitments.csv"].replace(b",2,ballot,2026-11-02,", b",2,ballot,2026-11-03,", 1),
    }


def another_class(results: dict[str, Any], files: Files) -> Files:
    results["by_class"] = {"other": 8}
    return files


def more_used_than_went_out(results: dict[str, Any], files: Files) -> Files:
    results["codes"]["handed_out"] = 8
    return files


@pytest.mark.parametrize(
    "change",
    [
        another_count_of_codes, a_longer_chain, another_head, another_entry, another_class, more_used_than_went_out,
    ],
)  # fmt: skip
@pytest.mark.parametrize("rule", RULES)
def test_totals_without_their_ballots_must_still_fit_the_chain_and_the_codes(
    change: Callable[[dict[str, Any], Files], Files], rule: str
) -> None:
    files = folder_of(made_vote(9, replaced=1), rule)
    results = json.loads(files["results.json"])
    changed = change(results, files)
    assert check(resummed({**changed, "results.json": json.dumps(results).encode()}))[1]


def test_a_vote_in_which_nobody_voted_is_published_all_the_same() -> None:
    opened = made_vote(0, replaced=0)
    for rule in RULES:
        files = folder_of(opened, rule)
        assert check(files)[1] == []
        assert json.loads(files["results.json"])["result"]["winners"] == []


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"resident": 500, "business": 40}, {"resident": 500, "business": 40}),
        ({"resident": 500, "business": 4}, {"other": 504}),
        ({"resident": 500, "business": 6, "desk": 5}, {"resident": 500, "other": 11}),
        ({"resident": 3}, {"other": 3}),
        ({}, {}),
    ],
)
def test_no_small_number_stands_alone(counts: dict[str, int], told: dict[str, int]) -> None:
    assert merged(counts) == told


def test_the_file_for_other_programs_holds_the_same_election(files: Files) -> None:
    meta, election = read(files["round.pb"].decode())
    assert (meta["num_votes"], meta["budget"], meta["currency"]) == ("60", "3000", "EUR")
    assert election.plans[2].cost_cents == 1_200_50
    assert election.plans[0].name == "Plan <b>1</b>; bomen"
    assert sum(election.ballots.values()) == 60
    assert election.seed == made_round().tie_seed


def test_other_programs_read_a_title_in_the_first_language_of_the_round_else_in_the_one_there_is() -> None:
    opened = made_vote(60)
    first, second, *others = opened.plans
    plans = (replace(first, title={"ar": "مقعد", "nl": "Bankje"}), replace(second, title={"tr": "Ağaç"}), *others)
    done = published(replace(made_round(), title={"ar": "ميزانية", "nl": "Buurtbudget"}), replace(opened, plans=plans))
    meta, election = read(done.files["round.pb"].decode())
    assert [plan.name for plan in election.plans][:2] == ["Bankje", "Ağaç"]
    assert meta["description"] == "Buurtbudget"


def test_what_residents_and_staff_wrote_is_escaped_on_the_page(files: Files) -> None:
    page = files["nl.html"].decode()
    assert "Plan &lt;b&gt;1&lt;/b&gt;" in page
    assert "<b>" not in page


def test_more_codes_used_than_handed_out_shows_in_the_numbers() -> None:
    opened = made_vote(60)
    wrong = check(folder_of(replace(opened, counts=replace(opened.counts, handed_out=59))))[1]
    assert wrong == ["more codes were used than were handed out"]


def test_a_tampered_ballot_that_could_not_be_opened_shows_in_the_numbers() -> None:
    opened = made_vote(60)
    wrong = check(folder_of(replace(opened, ballots=opened.ballots[1:])))[1]
    assert any("do not add up" in one for one in wrong)


def test_the_command_of_the_house_verifies_too(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "round", files)
    assert main(["verify", str(tmp_path / "round")]) == 0
    assert capsys.readouterr().out.endswith("All is right.\n")
    (tmp_path / "round" / "ballots.csv").unlink()
    assert main(["verify", str(tmp_path / "round")]) == 1
    assert "SOMETHING IS WRONG" in capsys.readouterr().out


def test_the_command_says_when_there_is_nothing_to_verify(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verifier.main([str(tmp_path)]) == 2
    assert verifier.main([str(tmp_path / "nowhere")]) == 2
    assert verifier.main([]) == 2
    assert "no published vote" in capsys.readouterr().err


def test_a_folder_of_folders_is_no_published_vote_and_a_folder_in_one_does_not_belong_there(
    files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "round", files)
    assert verifier.main([str(tmp_path)]) == 2
    assert "no published vote" in capsys.readouterr().err
    (tmp_path / "round" / "more").mkdir()
    assert verifier.main([str(tmp_path / "round")]) == 1
    assert "checksums.txt and the folder differ: more" in capsys.readouterr().out
