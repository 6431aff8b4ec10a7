"""Many invitations under faults: blocked recipients, a 429 in the middle, kill -9: nobody twice, answers stay quick."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.broadcasts.rules import Act
from tests.faults.inviting import ANSWERED_LATE, Entry, Street, most_in_a_second, open_street, percentile, twice

LATENCY = 0.1
MOST_A_SECOND = 30
IN_FLIGHT = 8


@dataclass(frozen=True)
class Trouble:
    """How many recipients, how long Telegram asks to wait, how many kills, how long presses are timed (seconds)."""

    people: int
    blocked: int
    retry_after: int
    kills: int
    timed: float


async def suffer(street: Street, trouble: Trouble) -> None:
    """Send, and let it all happen; then look at what is left."""
    await street.telegram.post("/sim/latency", seconds=LATENCY)
    broadcast_id = await street.invite()
    pressing = [asyncio.create_task(street.presses(99 + number, trouble.timed)) for number in range(3)]
    await asyncio.gather(*pressing)
    await street.answers_late()
    await street.telegram.fault(
        method="sendMessage", when="before", kind="429", retry_after=trouble.retry_after, times=1
    )
    await street.refused()
    await street.kill()  # the pause holds over it
    done = (await street.report(broadcast_id)).total() - (await street.report(broadcast_id))["waiting"]
    steps = (trouble.people - done) // (trouble.kills + 1)
    for number in range(1, trouble.kills):
        await street.settled(broadcast_id, min(trouble.people - 20, done + number * steps))
        await street.kill_in_flight()
    report = await street.settled(broadcast_id)
    sends, arrived = await street.sends(), await street.invitations()
    print(
        f"{trouble}: {dict(report)}, most in a second {most_in_a_second(sends)}, "
        f"p95 {percentile(street.waits, 0.95) * 1000:.0f} ms of {len(street.waits)} presses"
    )
    assert twice(arrived) == set()
    assert report.total() == trouble.people
    assert report["blocked"] + report["uncertain"] >= trouble.blocked
    assert report["uncertain"] <= trouble.kills * IN_FLIGHT
    assert report["sent"] <= len(arrived) <= report["sent"] + report["uncertain"]
    assert set(report) <= {"sent", "blocked", "uncertain"}
    assert most_in_a_second(sends) <= MOST_A_SECOND
    assert_obeyed(sends, trouble.retry_after)


def assert_obeyed(sends: list[Entry], retry_after: int) -> None:
    """Assert that for `retry_after` seconds after the 429 nothing was sent, except what was already in flight."""
    (refused,) = (one for one in sends if one["status"] == 429)
    within = [one["at"] - refused["at"] for one in sends if 0 < one["at"] - refused["at"] < retry_after]
    assert len(within) < IN_FLIGHT
    assert all(after < ANSWERED_LATE + 2 * LATENCY + 1.0 for after in within), within


async def test_blocked_recipients_a_429_and_kills(database_url: str, tmp_path: Path) -> None:
    trouble = Trouble(people=120, blocked=36, retry_after=3, kills=1, timed=3)
    async with open_street(tmp_path / "bot", database_url, trouble.people, trouble.blocked) as street:
        await suffer(street, trouble)
        assert percentile(street.waits, 0.95) < 5.0, "answers wait for no invitation"


@pytest.mark.proof
async def test_two_thousand_recipients_five_kills_and_thirty_five_seconds(database_url: str, tmp_path: Path) -> None:
    trouble = Trouble(people=2000, blocked=600, retry_after=35, kills=5, timed=30)
    async with open_street(tmp_path / "bot", database_url, trouble.people, trouble.blocked) as street:
        await suffer(street, trouble)
        assert percentile(street.waits, 0.95) < 0.3


async def test_nothing_leaves_later_than_a_second_after_a_stop(database_url: str, tmp_path: Path) -> None:
    async with open_street(tmp_path / "bot", database_url, 80, 0) as street:
        await street.telegram.post("/sim/latency", seconds=LATENCY)
        broadcast_id = await street.invite()
        await street.settled(broadcast_id, 20)
        stopped_at = await street.act(broadcast_id, Act.STOP)
        report = await street.settled(broadcast_id)
        await street.presses(99, 1)  # the bot speaks on, but nothing of the broadcast is left
        arrived = await street.invitations()
    assert report["sent"] == len(arrived) < 80
    assert report["stopped"] == 80 - len(arrived)
    assert max(one["at"] for one in arrived) - stopped_at < 1


async def test_a_bot_that_says_invitations_again_after_a_crash_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    command = ("-m", "tests.faults.buggy", "says_invitations_again", "run")
    async with open_street(tmp_path / "bot", sqlite_url, 40, 0, command) as street:
        broadcast_id = await street.invite()
        await street.settled(broadcast_id, 10)
        await street.kill_in_flight()
        await street.settled(broadcast_id)
        assert twice(await street.invitations()) != set()
