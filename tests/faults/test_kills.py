"""kill -9 of the running bot: nothing lost, nothing doubled. The gate's kills in every run, more in `make proof`."""

from pathlib import Path

import pytest

from tests.faults import journeys
from tests.faults.kills import IN_FLIGHT, Trial

# 25 kills over both databases and both ways in.
GATE_KILLS = {
    ("sqlite", "polling"): 7,
    ("sqlite", "webhook"): 6,
    ("postgres", "polling"): 6,
    ("postgres", "webhook"): 6,
}
PROOF_KILLS = 25


@pytest.fixture(params=GATE_KILLS, ids="-".join)
def kind(request: pytest.FixtureRequest) -> tuple[str, str, int]:
    """(address of a fresh database, "polling" or "webhook", kills in the gate), for every pair of the first two."""
    database, listen = request.param
    return request.getfixturevalue(f"{database}_url"), listen, GATE_KILLS[request.param]


async def test_a_killed_bot_loses_nothing_and_doubles_nothing(kind: tuple[str, str, int], tmp_path: Path) -> None:
    url, listen, kills = kind
    found = await Trial(tmp_path, url, listen, kills, seed=11, longest_life=7.0).run()
    print(found.line())
    assert found.broken == []
    assert found.twice <= IN_FLIGHT * found.kills


@pytest.mark.proof
async def test_twenty_five_kills_of_each_kind(kind: tuple[str, str, int], tmp_path: Path) -> None:
    url, listen, _ = kind
    found = await Trial(tmp_path, url, listen, PROOF_KILLS, seed=12).run()
    print(f"{listen}: {found.line()}")
    assert found.broken == []
    assert found.twice <= IN_FLIGHT * found.kills


# Bug -> how the line begins that reports it, and the seconds that residents wait for what the bug keeps from them.
SEEDED = {
    "acts_on_each_delivery": ("I2", 60.0),
    "keeps_signals_twice": ("I1", 60.0),
    "keeps_no_signal": ("I2", 60.0),
    "silent_about_receipts": ("I3", 10.0),
    "confirms_too_early": ("waiting", 40.0),
}


@pytest.mark.parametrize(("bug", "notices", "patience"), [(bug, *row) for bug, row in SEEDED.items()])
async def test_each_seeded_bug_is_noticed(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: str, notices: str, patience: float
) -> None:
    monkeypatch.setattr(journeys, "PATIENCE", patience)
    too_early = bug == "confirms_too_early"
    command = ("-m", "tests.faults.buggy", bug, "run")
    deliveries = (1, 1) if too_early else (2, 2)
    # A poller knows what it has in hand: a second delivery is worked again only by the webhook.
    way_in = "webhook" if bug == "acts_on_each_delivery" else "polling"
    trial = Trial(tmp_path, sqlite_url, way_in, int(too_early), 1, 3, deliveries, command, when_unheard=too_early)
    found = await trial.run()
    assert any(line.startswith(notices) for line in found.broken), found.line()
