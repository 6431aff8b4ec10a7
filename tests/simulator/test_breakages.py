"""Each deliberate breakage is caught by the check of the behaviour it takes away."""

import pytest

from simulator.knobs import BREAKAGES
from simulator.local_telegram import Telegram
from tests.simulator.checks import CHECKS


def test_every_breakage_has_its_check() -> None:
    assert CHECKS.keys() == BREAKAGES


@pytest.mark.parametrize("name", sorted(CHECKS))
async def test_a_sound_telegram_passes(telegram: Telegram, name: str) -> None:
    await CHECKS[name](telegram)


@pytest.mark.parametrize("name", sorted(CHECKS))
async def test_a_broken_telegram_is_caught(telegram: Telegram, name: str) -> None:
    await telegram.break_on_purpose(name)
    with pytest.raises((AssertionError, TimeoutError)):
        await CHECKS[name](telegram)
