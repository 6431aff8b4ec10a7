"""kill -9 of the running bot: nothing lost, nothing doubled. The gate; `make proof` does more of it."""

from pathlib import Path

import pytest

from tests.faults.kills import IN_FLIGHT, kill_again_and_again

# 25 kills over both databases and both ways in.
GATE = [("sqlite_url", "polling", 7), ("sqlite_url", "webhook", 6), ("postgres_url", "polling", 6),
        ("postgres_url", "webhook", 6)]  # fmt: skip


@pytest.mark.parametrize(("database", "listen", "kills"), GATE)
async def test_a_killed_bot_loses_nothing_and_doubles_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, listen: str, kills: int
) -> None:
    found = await kill_again_and_again(tmp_path, request.getfixturevalue(database), listen, kills, seed=11)
    print(found.line())
    assert found.broken == []
    assert found.twice <= IN_FLIGHT * found.kills


@pytest.mark.proof
@pytest.mark.parametrize(("database", "listen"), [row[:2] for row in GATE])
async def test_twenty_five_kills_of_each_kind(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, listen: str
) -> None:
    found = await kill_again_and_again(tmp_path, request.getfixturevalue(database), listen, 25, seed=12)
    print(f"{database} {listen}: {found.line()}")
    assert found.broken == []
    assert found.twice <= IN_FLIGHT * found.kills
