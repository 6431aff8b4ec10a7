"""`keys rotate` with two machines on one PostgreSQL, each with a KEYS_DIR of its own, while residents report.

Everything is killed in turn: the two programs and the command that changes the key. Afterwards every record opens with
the newest key alone, nothing is a dead letter, and the older keys are gone on both machines.
"""

import asyncio
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.process.keys import read_keys
from services.upkeep import keeping
from simulator.phone import LocalTelegram
from storage.engine.database import Database
from tests.faults import kills
from tests.faults.kills import Trial
from tests.faults.running import ROOT, RunningBot
from tests.opened import Clock

REFUSED = 2


@dataclass
class Rotation(Trial):
    """A trial in which the team key is changed; each kill hits the first machine, the second or the change."""

    changes: int = 0
    refusals: int = 0
    _change: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def _kill_again_and_again(self, telegram: LocalTelegram, bot: RunningBot) -> None:
        chance = random.Random(self.seed)
        second = RunningBot(self.folder / "second", telegram.url, self.database_url, command=("-m", "bot", "work"))
        for path in second.keys_dir.iterdir():
            path.unlink()
        copied(bot, second, only_newest=False)
        await second.start(serves=False)
        operator = asyncio.create_task(self._copies(bot, second))
        try:
            for turn in range(self.kills):
                await self._changing(bot)
                await asyncio.sleep(chance.uniform(0.5, self.longest_life))
                if turn % 3 == 0:
                    await killed(self._change)
                elif turn % 3 == 1:
                    await second.kill()
                else:
                    await bot.kill()
                    await bot.start()
                    await telegram.retry()
            await self._finished(bot)
            await until(lambda: names(second) == names(bot))
            assert len(names(bot)) == 1
        finally:
            operator.cancel()
            await killed(self._change)
            await second.kill()
        assert "wrong" not in second.log.read_text()

    async def _changing(self, bot: RunningBot) -> None:
        """Begin the change, or go on with it, unless it is under way."""
        if self._change is not None and self._change.returncode is None:
            return
        if self._change is not None and self._change.returncode == 0:
            self.changes += 1
        with (self.folder / "rotate.txt").open("ab") as log:
            self._change = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "keys", "rotate", cwd=ROOT, env=bot.environment(), stdout=log, stderr=log
            )

    async def _finished(self, bot: RunningBot) -> None:
        """Let the change end well."""
        await self._changing(bot)
        assert self._change is not None
        status = await asyncio.wait_for(self._change.wait(), 180)
        assert status == 0, (self.folder / "rotate.txt").read_text()
        self.changes += 1

    async def _copies(self, bot: RunningBot, second: RunningBot) -> None:
        """Do what an operator does: copy the new key, and start the second machine again when it stopped."""
        while True:
            await asyncio.sleep(0.3)
            copied(bot, second, only_newest=True)
            if second.process is not None and second.process.returncode is not None:
                self.refusals += second.process.returncode == REFUSED
                await second.start(serves=False)


def copied(bot: RunningBot, second: RunningBot, *, only_newest: bool) -> None:
    """Copy keys that the second machine lacks."""
    found = sorted(bot.keys_dir.glob("team-*.key"))
    for path in found[-1:] if only_newest else [*found, bot.keys_dir / "pseudonyms.key"]:
        target = second.keys_dir / path.name
        if not target.exists():
            fresh = target.with_suffix(".copy")
            shutil.copy(path, fresh)
            fresh.rename(target)


def names(bot: RunningBot) -> list[str]:
    """File names of a machine's team keys."""
    return sorted(path.name for path in bot.keys_dir.glob("team-*"))


async def until(true: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(120):
        while not true():
            await asyncio.sleep(0.2)


async def killed(process: asyncio.subprocess.Process | None) -> None:
    """Kill -9."""
    if process is not None and process.returncode is None:
        process.kill()
        await process.wait()


async def unreadable(url: str, keys_dir: Path) -> keeping.Checked:
    """How many record keys open with the keys that are left, and how many don't."""
    database = Database(url, read_keys(keys_dir), Clock())
    try:
        async with database.reading() as work:
            return await keeping.check_keys(work)
    finally:
        await database.close()


async def check(url: str, folder: Path, times: int, seed: int, longest_life: float) -> None:
    trial = Rotation(folder, url, kills=times, seed=seed, longest_life=longest_life)
    found = await trial.run()
    print(f"{trial.changes} changes of the team key, {trial.refusals} late starters refused; {found.line()}")
    assert found.broken == []
    assert trial.changes >= 1
    opened = await unreadable(url, folder / "keys")
    assert (opened.unreadable, opened.readable > 0) == (0, True)


async def test_the_team_key_changes_on_two_machines_though_they_are_killed(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "MOST_AT_ONCE", 60)
    await check(postgres_url, tmp_path, 2, seed=5, longest_life=3.0)


@pytest.mark.proof
async def test_the_team_key_changes_though_everything_is_killed_ten_times(postgres_url: str, tmp_path: Path) -> None:
    await check(postgres_url, tmp_path, 10, seed=6, longest_life=6.0)
