"""Elections in Pabulib's file format are read and written, and `python -m bot count` counts them."""

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from domain.budget.elections import Election, ElectionPlan
from domain.budget.pabulib import VoteRow, WrongFile, amount, cents, read, write
from tests.parts import shared_data

META = "META\nkey;value\nbudget;30\nvote_type;approval\n"
PROJECTS = "PROJECTS\nproject_id;cost;name\na;20;Bomen\nb;12,50;Bankjes\n"
VOTES = "VOTES\nvoter_id;vote\n1;a\n2;a,b\n3;b\n4;b\n"


def test_a_file_is_read_as_it_was_written() -> None:
    plans = (ElectionPlan("1", 20_00, 'Een "park"; met water'), ElectionPlan("2", 12_50, "مقاعد"))
    election = Election(30_00, plans, {(0,): 1, (0, 1): 1}, seed="5eed")
    ballots = [VoteRow("x", ("1",)), VoteRow("y", ("1", "2")), VoteRow("blank", ())]
    meta, again = read(write({"vote_type": "approval", "description": "a;b"}, election, (1,), ballots))
    assert again == election
    assert (meta["num_votes"], meta["num_projects"], meta["description"]) == ("2", "2", "a;b")


@pytest.mark.parametrize(
    "text",
    [
        META.replace("key;value\n", "") + PROJECTS + VOTES,
        META.replace("key;value", "Key; Value") + PROJECTS.replace("project_id", "Project_ID") + VOTES,
        VOTES + PROJECTS + META,
        (META + PROJECTS + VOTES).replace("\n", "\r\n"),
        "\ufeff\n\n" + META + "\n" + PROJECTS + ";;\n" + VOTES + "\n\n",
        META.replace("META", "meta ;") + PROJECTS.replace("PROJECTS", "PROJECTS;;") + VOTES,
        META + PROJECTS + VOTES.replace("a,b", " a , b "),
        META.replace("30", "30.00") + PROJECTS.replace("20", "20,0") + VOTES,
    ],
)
def test_an_odd_file_is_read_as_the_usual_one(text: str) -> None:
    usual, found = read(META + PROJECTS + VOTES)[1], read(text)[1]
    assert (found.amount_cents, found.plans, found.ballots) == (usual.amount_cents, usual.plans, usual.ballots)


def test_a_file_that_says_one_thing_twice_is_refused() -> None:
    for text in (META + "budget;40\n" + PROJECTS + VOTES, META + PROJECTS + VOTES + META):
        with pytest.raises(WrongFile, match="twice"):
            read(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is no META"),
        (META + PROJECTS, "there is no VOTES"),
        (META.replace("approval", "ordinal") + PROJECTS + VOTES, "votes of type 'ordinal'"),
        (META.replace("budget;30\n", "") + PROJECTS + VOTES, "there is no 'budget'"),
        (META.replace("30", "much") + PROJECTS + VOTES, "'much' is no amount"),
        (META + PROJECTS.replace("20", "0.001") + VOTES, "whole cents"),
        (META + PROJECTS.replace("20", "0") + VOTES, "not over 0"),
        (META + PROJECTS.replace("b;", "a;") + VOTES, "an id twice"),
        (META + PROJECTS.replace("cost", "price") + VOTES, "there is no 'cost'"),
        (META + PROJECTS + VOTES + "5;a,a\n", "names a plan twice"),
        (META + PROJECTS + VOTES + "5;c\n", "there is no 'c'"),
        (META + PROJECTS + VOTES + "5\n", "a row of VOTES is too short"),
    ],
)
def test_a_file_that_cannot_be_counted_is_refused_with_its_reason(text: str, says: str) -> None:
    with pytest.raises(WrongFile, match=says):
        read(text)


def test_amounts_are_whole_cents() -> None:
    assert [cents(text) for text in ("400000", "12.50", "12,5")] == [400_000_00, 12_50, 12_50]
    assert [amount(value) for value in (400_000_00, 12_50, 5)] == ["400000", "12.50", "0.05"]


def test_the_command_prints_winners_and_explanations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "round.pb"
    path.write_text(META + PROJECTS + VOTES, encoding="utf-8")
    assert main(["count", str(path), "--rule", "most-votes-stop", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["winners"], told["spent_cents"]) == (["b"], 12_50)
    assert told["explanations"] == {
        "b": {"votes": 3, "cost_cents": 12_50, "funded": True, "reason": "most-votes", "left_cents": 30_00},
        "a": {"votes": 2, "cost_cents": 20_00, "funded": False, "reason": "does-not-fit", "left_cents": 17_50},
    }
    assert main(["count", str(path), "--rule", "equal-shares"]) == 0
    assert "1 plans, 12.50 of 30.00" in capsys.readouterr().out


def test_the_command_says_in_one_line_what_it_cannot_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "round.pb"
    assert main(["count", str(path), "--rule", "equal-shares"]) == 2
    path.write_bytes(b"\xff\xfe")
    assert main(["count", str(path), "--rule", "equal-shares"]) == 2
    path.write_text("no table", encoding="utf-8")
    assert main(["count", str(path), "--rule", "equal-shares"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_the_command_counts_a_real_election(capsys: pytest.CaptureFixture[str]) -> None:
    path = shared_data("pabulib/Netherlands_Amsterdam_285.pb")
    assert main(["count", str(path), "--rule", "equal-shares-add1", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["winners"]) == 34
