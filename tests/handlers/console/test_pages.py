"""What every page of the console has: the language buttons, the rooms, a title that tells of an error."""

from __future__ import annotations

import re

from domain.staff.rights import StaffRole
from tests.handlers.api.office import Office, send_form


async def test_another_language_leads_back_to_the_same_place(office: Office) -> None:
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        page = (await browser.get("/signals?kind=nuisance&page=2")).text
        assert 'name="back" value="/signals?kind=nuisance&amp;page=2"' in page
        turned = await send_form(browser, "/signals", "/language", language="en", back="/signals?kind=nuisance&page=2")
        assert turned.headers["location"] == "/signals?kind=nuisance&page=2"


async def test_a_refused_form_offers_no_other_language_and_stays_in_its_room(office: Office) -> None:
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        for room in ("meetings", "rounds", "broadcasts"):
            action = "/rounds/new" if room == "rounds" else f"/{room}"
            refused = await send_form(browser, f"/{room}/new", action, opens="nothing.there")
            assert refused.status_code == 422
            assert 'action="/language"' not in refused.text
            assert "Je kunt van taal wisselen als je hier klaar bent." in refused.text
            assert re.findall(r'<a href="/(\w+)" aria-current="page"', refused.text) == [room]
            assert refused.text.count("autofocus") == 1


async def test_an_error_page_says_so_once(office: Office) -> None:
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        assert "<title>Dat lukt niet · Buurtstem</title>" in (await browser.get("/nothing")).text
