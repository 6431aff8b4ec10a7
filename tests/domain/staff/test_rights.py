"""Who of the staff may see which signal: role × area × kind × organisation."""

from __future__ import annotations

from itertools import product

import pytest

from domain.signals.workflow import About, Kind
from domain.staff.rights import SCOPES, Mandate, Scope, StaffRole, about_organisation, may_see, window

READERS = {StaffRole.HANDLER, StaffRole.CONFIDANT, StaffRole.VIEWER}


def test_only_handlers_confidants_and_viewers_see_signals() -> None:
    for role, kind, about in product(StaffRole, Kind, About):
        seen = may_see(Mandate(role), kind, "Osdorp", about)
        assert seen == (role in READERS and (about != About.NOBODY) == (role == StaffRole.CONFIDANT)), (role, about)


@pytest.mark.parametrize("own", ["municipality", "police", "school", "corporation:Ymere"])
def test_a_confidant_whom_one_of_us_employs_sees_nothing_about_any_of_us(own: str) -> None:
    for kind, about in product(Kind, About):
        assert not may_see(Mandate(StaffRole.CONFIDANT, organisation=own), kind, None, about)
        assert may_see(Mandate(StaffRole.CONFIDANT), kind, None, about) == (about != About.NOBODY)


def test_all_staff_of_an_organisation_are_shut_out_of_signals_about_it() -> None:
    for role, about in product(StaffRole, set(About) - {About.NOBODY}):
        own = "corporation:Ymere" if about == About.CORPORATION else about.value
        assert not may_see(Mandate(role, organisation=own), Kind.DISCRIMINATION, "Osdorp", about)


def test_an_area_shuts_out_the_others_but_not_what_has_no_place() -> None:
    mandate = Mandate(StaffRole.HANDLER, areas=frozenset({"Osdorp"}))
    assert may_see(mandate, Kind.NUISANCE, "Osdorp", About.NOBODY)
    assert may_see(mandate, Kind.NUISANCE, None, About.NOBODY)
    assert not may_see(mandate, Kind.NUISANCE, "Slotervaart", About.NOBODY)


def test_a_kind_shuts_out_the_others() -> None:
    mandate = Mandate(StaffRole.HANDLER, kinds=frozenset({Kind.DAMP}))
    assert [kind for kind in Kind if may_see(mandate, kind, None, About.NOBODY)] == [Kind.DAMP]


def test_a_role_that_reads_nothing_has_an_empty_window() -> None:
    assert not window(Mandate(StaffRole.ADMIN)).kinds
    assert not window(Mandate(StaffRole.AUDITOR)).kinds


def test_only_auditors_read_the_access_log_and_nobody_does_both() -> None:
    assert {role for role, scopes in SCOPES.items() if Scope.ACCESS_LOG in scopes} == {StaffRole.AUDITOR}
    assert SCOPES[StaffRole.VIEWER] == {Scope.READ}
    assert SCOPES.keys() == set(StaffRole)


@pytest.mark.parametrize("organisation", ["", "nobody", "corporation", "corporation:", "police:x", "none:x", "army"])
def test_an_organisation_there_is_not_is_refused(organisation: str) -> None:
    with pytest.raises(ValueError, match="an organisation is"):
        about_organisation(organisation)
