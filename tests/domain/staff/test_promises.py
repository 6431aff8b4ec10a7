"""What residents are told about who reads a report is true of any team of staff: 1,000 random ones, and each rule."""

import random

import pytest

from domain.neighbourhoods import ALL
from domain.signals.workflow import About, Kind
from domain.staff.promises import ReportReader, reader, unread
from domain.staff.rights import Mandate, StaffRole, may_see

AREAS = sorted({one.area for one in ALL})
ORGANISATIONS = ("none", "municipality", "police", "school", "corporation:Ymere")


def some_staff(chance: random.Random) -> list[Mandate]:
    return [
        Mandate(
            chance.choice(list(StaffRole)),
            chance.choice([None, frozenset(chance.sample(AREAS, 2))]),
            chance.choice([None, frozenset(chance.sample(list(Kind), 2))]),
            chance.choice(ORGANISATIONS),
        )
        for _ in range(chance.randrange(6))
    ]


@pytest.mark.parametrize("seed", range(10))
def test_no_report_is_unread_without_a_word(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        staff = some_staff(chance)
        for kind in Kind:
            for area in (None, *AREAS):
                for about in About:
                    said = reader(staff, kind, area, about)
                    wanted = StaffRole.HANDLER if about == About.NOBODY else StaffRole.CONFIDANT
                    able = [one for one in staff if one.role == wanted and may_see(one, kind, area, about)]
                    able = [one for one in able if about == About.NOBODY or one.organisation == "none"]
                    assert (said in (ReportReader.TEAM, ReportReader.CONFIDANT)) == bool(able)
                    assert ((kind, area, about) in unread(staff)) != bool(able)
                    assert (said in (ReportReader.CONFIDANT, ReportReader.NO_CONFIDANT)) == (about != About.NOBODY)


@pytest.mark.parametrize("role", sorted(set(StaffRole) - {StaffRole.HANDLER}))
def test_only_a_handler_is_the_team(role: StaffRole) -> None:
    assert reader([Mandate(role)], Kind.DAMP, None, About.NOBODY) == ReportReader.NOBODY


@pytest.mark.parametrize("organisation", ORGANISATIONS)
def test_a_confidant_whom_a_partner_employs_is_not_independent(organisation: str) -> None:
    found = reader([Mandate(StaffRole.CONFIDANT, organisation=organisation)], Kind.DISCRIMINATION, None, About.POLICE)
    assert found == (ReportReader.CONFIDANT if organisation == "none" else ReportReader.NO_CONFIDANT)


def test_nobody_reads_anything_on_a_fresh_start() -> None:
    assert len(unread([])) == len(Kind) * (len(AREAS) + 1) * len(About)
