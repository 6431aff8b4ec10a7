"""The start page: each role sees what waits for it today, and nothing of others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.budget.rounds import HaltReason, PlanDraft
from domain.meetings.planning import Details, MeetingPlan
from domain.staff.rights import StaffRole
from domain.wall_clock import wall_of
from locales.direction import bare
from locales.texts import LANGUAGES
from services.budget import closing
from services.budget.codes import make_codes
from services.budget.plans import change_plan, plans
from services.budget.round_acts import move_round
from services.meetings import planning
from storage.staff.accounts import all_members, change_member
from tests.handlers.api.office import FOREIGN_BUURT, Office


async def start_page(office: Office, role: StaffRole, **mandate: list[str]) -> str:
    async with office.browser(await office.session(role, **mandate)) as browser:
        return (await browser.get("/")).text


async def test_a_handler_sees_how_many_signals_are_open_and_goes_there(office: Office) -> None:
    assert "Er wacht vandaag niets op jou" in await start_page(office, StaffRole.HANDLER)
    await office.report()
    await office.report()
    await office.report(buurt=FOREIGN_BUURT)
    page = await start_page(office, StaffRole.HANDLER, areas=["Osdorp"])
    assert "2 meldingen zijn open" in page
    assert '<li class="card unread">' in page
    assert 'href="/signals"' in page
    assert "/rounds" not in page


async def test_an_admin_sees_that_nobody_reads_until_somebody_does(office: Office) -> None:
    page = await start_page(office, StaffRole.ADMIN)
    assert "geen vertrouwenspersoon van buiten" in page
    assert "Niemand kan deze meldingen lezen: Discriminatie, Overlast, Vocht en schimmel en Iets anders" in page
    assert "vertrouwenspersoon" not in await start_page(office, StaffRole.ORGANISER)
    for role in (StaffRole.HANDLER, StaffRole.CONFIDANT):
        await office.session(role)
    async with office.database.begin() as work:
        for member in await all_members(work):
            await change_member(work, member.id, password="a hash")
    page = await start_page(office, StaffRole.ADMIN)
    assert "vertrouwenspersoon" not in page
    assert "Niemand kan" not in page


async def test_a_vote_that_opens_soon_without_a_promised_language_is_urgent(office: Office) -> None:
    found = await office.round(plans=3, choose_min=1)
    async with office.database.begin() as work:
        admin = await office.acting(work, StaffRole.ADMIN)
        await make_codes(work, admin, found.id, 1)
    page = await start_page(office, StaffRole.ORGANISER)
    assert "Niet elk plan heeft al een tekst in: English, Türkçe en العربية." in bare(page)
    assert '<li class="card unread">' in page
    async with office.database.begin() as work:
        for plan in await plans(work, found.id):
            titles = dict.fromkeys(LANGUAGES, "Plan")
            draft = PlanDraft(titles, plan.story, plan.place, plan.cost_cents)
            await change_plan(work, admin, found.id, plan.id, draft, plan.version)
    assert "Niet elk plan" not in await start_page(office, StaffRole.ORGANISER)


async def test_an_organiser_sees_the_votes_that_turn(office: Office) -> None:
    await office.report()
    soon = await office.round(title={"nl": "Straks"})
    await office.round(title={"nl": "Later"}, opens_at=office.clock.now + timedelta(days=8))
    page = await start_page(office, StaffRole.ORGANISER)
    assert "Straks" in page
    assert "Later" not in page
    assert "Stemmen begint op 22 november 2026 om 11:00" in page
    assert "meldingen" not in page.lower()
    office.clock.move(days=1)
    assert '<li class="card unread">' in await start_page(office, StaffRole.ORGANISER)
    assert f'href="/rounds/{soon.id}"' in await start_page(office, StaffRole.ORGANISER)


async def test_a_vote_is_shown_until_it_is_counted_and_urgent_on_its_last_day(office: Office) -> None:
    found = await office.round(plans=3)
    async with office.database.begin() as work:
        admin = await office.acting(work, StaffRole.ADMIN)
        await make_codes(work, admin, found.id, 1)
        await move_round(work, admin, found.id, "voting")
    page = await start_page(office, StaffRole.ORGANISER)
    assert "Stemmen kan tot 13 december 2026 om 11:00" in page
    assert "unread" not in page
    office.clock.move(days=22)
    assert "unread" in await start_page(office, StaffRole.ORGANISER)
    office.clock.move(hours=1)
    async with office.database.begin() as work:
        await closing.close(work, found.id)
    assert "Er wordt geteld" in await start_page(office, StaffRole.ORGANISER)


async def test_a_vote_that_does_not_open_is_urgent_and_says_what_is_missing(office: Office) -> None:
    await office.round(title={"nl": "Blijft dicht"}, plans=3, amount_cents=999_999)
    page = await start_page(office, StaffRole.ORGANISER)
    assert "Stemmen begint op" in page
    office.clock.move(days=1)
    page = await start_page(office, StaffRole.ORGANISER)
    assert "Er is niet genoeg geld voor plan 1, 2 en 3." in page
    assert '<li class="card unread">' in page
    office.clock.move(days=22)
    assert "Het einde van het stemmen is al voorbij." in await start_page(office, StaffRole.ORGANISER)
    office.clock.move(days=7)
    assert "Blijft dicht" not in await start_page(office, StaffRole.ORGANISER)


@pytest.mark.parametrize(
    ("why", "says"),
    [
        (HaltReason.LOST, "De stemming sluit pas als jij een nieuw einde kiest."),
        (HaltReason.MISSED, "Het einde viel in een storing."),
        (HaltReason.WRONG_COUNT, "Twee tellingen verschillen."),
        (HaltReason.FEWER, "Er staat al een uitslag met meer stemmen."),
    ],
)
async def test_a_round_with_which_nothing_goes_on_is_urgent_and_says_why(
    office: Office, why: HaltReason, says: str
) -> None:
    found = await office.round()
    async with office.database.begin() as work:
        await closing.halt(work, found.id, why)
    page = await start_page(office, StaffRole.ORGANISER)
    assert says in page
    assert '<li class="card unread">' in page
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        assert says in (await browser.get(f"/rounds/{found.id}")).text


async def test_a_meeting_is_shown_before_it_is_public_and_until_it_ends(office: Office) -> None:
    details = Details({"nl": "Soep"}, "De Honingraat", "Osdorpplein 1")
    starts = wall_of(office.clock.now + timedelta(days=1))
    async with office.database.begin() as work:
        admin = await office.acting(work, StaffRole.ADMIN)
        meeting_id = await planning.plan(work, admin, MeetingPlan(details, starts, starts + timedelta(hours=2)))
    assert "Nog niet openbaar. Begint op 22 november 2026 om 11:00." in await start_page(office, StaffRole.ORGANISER)
    async with office.database.begin() as work:
        await planning.publish(work, await office.acting(work, StaffRole.ADMIN), meeting_id, 1)
    page = await start_page(office, StaffRole.ORGANISER)
    assert ("Begint op 22 november" in page, "Nog niet openbaar" in page) == (True, False)
    office.clock.move(days=1, hours=1)
    page = await start_page(office, StaffRole.ORGANISER)
    assert "Is bezig tot 22 november 2026 om 13:00." in page
    assert '<li class="card unread">' in page
    office.clock.move(hours=1)
    assert "Soep" not in await start_page(office, StaffRole.ORGANISER)


@pytest.mark.parametrize("role", StaffRole)
async def test_every_role_has_a_start_page_and_its_own_rooms(office: Office, role: StaffRole) -> None:
    page = await start_page(office, role)
    assert "<h1>Vandaag</h1>" in page
    assert ('href="/rounds"' in page) == (role in (StaffRole.ADMIN, StaffRole.ORGANISER))
    assert ('href="/signals"' in page) == (role in (StaffRole.HANDLER, StaffRole.CONFIDANT, StaffRole.VIEWER))
