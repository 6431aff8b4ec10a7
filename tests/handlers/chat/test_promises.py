"""Who reads a report is said only where it holds, before it is sent and after; what was not understood goes too."""

from __future__ import annotations

import pytest

from domain.staff.rights import StaffRole
from services.staff import accounts
from storage.staff.accounts import all_members, change_member
from tests.handlers.chat.phones import Phone


async def appointed(phone: Phone, role: StaffRole, organisation: str = "none", *, signed_in: bool = True) -> None:
    """Give the office somebody of that role."""
    async with phone.bench.database.begin() as work:
        await accounts.create(work, f"{role}@office.example", role, organisation=organisation)
        if signed_in:
            for member in await all_members(work):
                await change_member(work, member.id, password="a hash")


async def to_summary(phone: Phone, *labels: str) -> str:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Ik mocht niet naar binnen")
    for label in labels:
        await phone.taps(label)
    return phone.last.text


async def test_on_a_fresh_start_nobody_reads_and_that_is_said_before_sending(phone: Phone) -> None:
    said = await to_summary(phone, "Overlast", "overzicht")
    assert "nog niemand die dit kan lezen" in said
    assert "020 555 0100" in said
    await phone.taps("Versturen")
    assert "nog niemand die dit kan lezen" in phone.last.text
    assert "Ons team" not in phone.last.text


@pytest.mark.parametrize("signed_in", [True, False])
async def test_the_team_reads_once_a_handler_can_sign_in(phone: Phone, signed_in: bool) -> None:
    await appointed(phone, StaffRole.HANDLER, signed_in=signed_in)
    assert ("Ons team leest" in await to_summary(phone, "Overlast", "overzicht")) == signed_in


@pytest.mark.parametrize(
    ("role", "organisation", "reads"),
    [
        (StaffRole.HANDLER, "none", False),
        (StaffRole.CONFIDANT, "none", True),
        (StaffRole.CONFIDANT, "police", False),
    ],
)
async def test_a_report_about_the_municipality_has_a_confidant_from_outside_or_says_there_is_none(
    phone: Phone, role: StaffRole, organisation: str, reads: bool
) -> None:
    await appointed(phone, role, organisation)
    labels = ("Discriminatie", "Ik weet het niet", "Ik weet het niet", "Ikzelf", "De gemeente", "overzicht")
    for said in (await to_summary(phone, *labels), await _sent(phone)):
        assert ("Een vertrouwenspersoon van buiten leest" in said) == reads
        assert ("nog geen vertrouwenspersoon" in said) != reads
        assert "0800-3355555" in said or reads
        assert "ons team" not in said.lower()
    await phone.taps("Melding volgen")
    assert ("nog geen vertrouwenspersoon" in phone.last.text) != reads


async def _sent(phone: Phone) -> str:
    await phone.taps("Versturen")
    return phone.last.text
