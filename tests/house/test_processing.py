"""docs/processing.md names each table and the code's retention terms, and does not claim to be signed off."""

from __future__ import annotations

import re

import pytest

from domain.staff import rights
from services.broadcasts import recipients
from services.meetings import planning
from services.outbox import saying
from services.people import residents
from services.signals import following
from services.upkeep import retention
from storage.upkeep.tables import metadata
from tests.parts import ROOT

REGISTER = (ROOT / "docs" / "processing.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`[a-z].*?) \|.*\| (.+?) \|$", REGISTER, re.MULTILINE)
TERMS = re.findall(r"`([A-Z_]+)` (\d+) (days|hours)", REGISTER)
MODULES = (retention, following, planning, saying, residents, recipients, rights)


def test_every_table_is_named_once() -> None:
    named = [name for names, _ in ROWS for name in re.findall(r"`(\w+)`", names)]
    assert set(metadata.tables) == set(named), f"docs/processing.md: {set(metadata.tables) ^ set(named)}"
    assert len(named) == len(set(named))


@pytest.mark.parametrize(("name", "number", "unit"), TERMS)
def test_a_term_is_that_of_the_code(name: str, number: str, unit: str) -> None:
    (term,) = {getattr(module, name) for module in MODULES if hasattr(module, name)}
    assert term.total_seconds() == int(number) * {"days": 86400, "hours": 3600}[unit]


def test_every_term_of_the_clock_that_forgets_is_named() -> None:
    kept = {name for name in vars(retention) if name.endswith("_KEPT")}
    assert kept <= {name for name, _, _ in TERMS}


@pytest.mark.parametrize("page", ["processing", "dpia"])
def test_no_page_claims_to_be_signed_off(page: str) -> None:
    assert "Nobody has signed it off" in (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
