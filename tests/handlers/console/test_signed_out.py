"""Who was signed out while writing gets back every text that was written; nobody else gets anything."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from domain.staff.rights import StaffRole
from handlers.console.errors import WORDS_LIMIT
from tests.handlers.api.office import Office

MEETING = {
    "theme_nl": "Soep", "about_tr": "Birlikte <yiyelim>", "place": "De Honingraat", "address": "Osdorpplein 1",
    "starts": "2026-11-28T14:00", "capacity": "8",
}  # fmt: skip
INVITATION = {
    "text_nl": "Kom je ook?",
    "text_ar": "تعالوا <كلكم>",
    "go": "meeting",
    "missing": "dutch",
    "buurt": "FK01",
}
ROUND = {"title_nl": "Buurtbudget Osdorp", "title_ar": "ميزانية", "rule": "most-votes-stop", "areas": "FK01"}


async def token(browser: httpx.AsyncClient, page: str) -> str:
    """What a page's forms hold."""
    return str(re.findall(r'name="csrf" value="([^"]*)"', (await browser.get(page)).text)[0])


def given_back(answer: httpx.Response) -> list[str]:
    """The texts to be copied."""
    return re.findall(r"<textarea[^>]* readonly>([^<]*)</textarea>", answer.text)


@pytest.mark.parametrize(
    ("page", "action", "form", "texts"),
    [
        ("/meetings/new", "/meetings", MEETING, ["Soep", "Birlikte &lt;yiyelim&gt;", "De Honingraat", "Osdorpplein 1"]),
        ("/broadcasts/new", "/broadcasts", INVITATION, ["Kom je ook?", "تعالوا &lt;كلكم&gt;"]),
        ("/rounds/new", "/rounds/new", ROUND, ["Buurtbudget Osdorp", "ميزانية"]),
    ],
)
async def test_all_that_was_written_is_given_back_and_no_more(
    office: Office, page: str, action: str, form: dict[str, str], texts: list[str]
) -> None:
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        csrf = await token(browser, page)
        office.clock.move(minutes=40)
        late = await browser.post(action, data={"csrf": csrf, "once": "x y", "version": "1", **form})
        assert (late.status_code, given_back(late)) == (401, texts)
        assert "niet bewaard" in late.text
        forged = await browser.post(action, data={"csrf": "x", **form})
        assert forged.status_code == 303


async def plan(office: Office, **files: Any) -> httpx.Response:
    """A plan that is sent by who was signed out meanwhile."""
    new = f"/rounds/{(await office.round()).id}/plans/new"
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        csrf = await token(browser, new)
        office.clock.move(minutes=40)
        fields = {"csrf": csrf, "title_nl": "Bankjes", "story_nl": "Om te zitten.", "cost_cents": "12500"}
        return await browser.post(new, data=fields, files=files)


async def test_a_plan_without_a_photo_is_given_back_too(office: Office) -> None:
    late = await plan(office, photo=("", b"", "application/octet-stream"))
    assert (late.status_code, given_back(late)) == (401, ["Bankjes", "Om te zitten."])


async def test_a_form_that_is_none_of_ours_leads_to_the_sign_in_too(office: Office) -> None:
    assert (await plan(office, photo=("a", b"a", "image/jpeg"), csv=("b", b"b", "text/csv"))).status_code == 303


async def test_no_large_file_of_somebody_who_is_signed_out_is_read(office: Office) -> None:
    late = await plan(office, photo=("x.jpg", b"x" * WORDS_LIMIT, "image/jpeg"))
    assert late.status_code == 303
