"""Every mutant of tests/mutants.py still fits the code, and its tests catch it."""

from pathlib import Path

import pytest

from tests.mutants import MUTANTS, Mutant, copy_of_the_house, survives
from tests.parts import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_mutant_still_fits_the_house(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert all((ROOT / test).exists() for test in mutant.tests)


def test_there_are_mutants_on_every_floor() -> None:
    floors = {mutant.file.partition("/")[0] for mutant in MUTANTS}
    assert floors == {"bot", "handlers", "services", "conversations", "storage", "domain"}
    assert len(MUTANTS) >= 24


@pytest.mark.proof
def test_every_mutant_is_caught(tmp_path: Path) -> None:
    house = copy_of_the_house(tmp_path)
    assert [mutant.name for mutant in MUTANTS if survives(mutant, house)] == []
