"""The budget's pages in Chromium: an organiser makes a round with a plan; every page fits and is labelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from domain.staff.rights import StaffRole
from services.staff import accounts
from storage.engine.database import Database
from tests.handlers.console.serving import served
from tests.handlers.console.test_in_browser import Desk, enrol


class BudgetDesk(Desk):
    """An organiser's desk; no signals lie on it."""

    async def _prepare(self) -> tuple[str, str, str]:
        database = Database(self.url, self.keys, self.clock)
        async with database.begin() as work:
            link = await accounts.create(work, "omar@office.example", StaffRole.ORGANISER)
            offered = await accounts.invitation(work, link)
        await database.close()
        assert offered
        return link, offered.secret, ""

    def tick(self, name: str, value: str) -> None:
        self.browser.find_element(By.CSS_SELECTOR, f"[name={name}][value='{value}']").click()

    def moment(self, name: str, value: str) -> None:
        """Fill a date and time field, whatever the browser's way of writing dates is."""
        field = self.browser.find_element(By.NAME, name)
        self.browser.execute_script("arguments[0].value = arguments[1]", field, value)


@pytest.fixture
def desk(sqlite_url: str, browser: Chrome) -> Iterator[BudgetDesk]:
    """Serve a console on a fresh database."""
    opened = BudgetDesk(sqlite_url, browser)
    with served(sqlite_url, opened.keys, opened.clock, demo=False) as opened.address:
        browser.get(opened.address + "/sign-in")
        browser.add_cookie({"name": "language", "value": "nl"})
        yield opened


def test_an_organiser_makes_a_round_and_every_page_fits(desk: BudgetDesk, tmp_path: Path) -> None:
    browser = desk.browser
    enrol(desk)
    desk.open("/rounds/new")
    desk.fill("title_nl", "Buurtbudget Osdorp")
    desk.fill("title_ar", "ميزانية أوسدورب")
    desk.tick("languages", "ar")
    desk.tick("gebied", "Osdorp")
    desk.fill("amount_cents", "25.000")
    desk.moment("opens_at", "2026-11-24T09:00")
    desk.moment("closes_at", "2026-12-14T22:00")
    desk.press("Opslaan")
    assert browser.find_element(By.CSS_SELECTOR, ".done").text == "De ronde is gemaakt. Voeg nu plannen toe."
    path = "/" + browser.current_url.partition("?")[0].split("/", 3)[3]

    browser.find_element(By.LINK_TEXT, "Nieuw plan").click()
    Image.new("RGB", (60, 40), "teal").save(tmp_path / "bank.png")
    desk.fill("title_nl", "Een heel lange naam van een plan dat op een telefoon over drie regels gaat")
    desk.fill("cost_cents", "12500")
    desk.fill("photo", str(tmp_path / "bank.png"))
    desk.press("Opslaan")
    browser.find_element(By.CSS_SELECTOR, ".plans a").click()
    shown = browser.find_element(By.CSS_SELECTOR, "img.photo")
    assert browser.execute_script("return arguments[0].naturalWidth", shown) == 60
    plan = "/" + browser.current_url.split("/", 3)[3]

    asked = [f"{path}/confirm?what={what}" for what in ("collecting", "delete")]
    for language in ("nl", "en", "tr", "ar"):
        browser.add_cookie({"name": "language", "value": language})
        for page in ("/", "/rounds", "/rounds/new", path, f"{path}/change", plan, f"{path}/plans/new", *asked):
            desk.open(page)
            browser.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true })")
            for width in (1280, 360):
                desk.width(width)
                assert (desk.too_wide(), desk.unlabelled()) == ([], []), (language, page, width)
    assert desk.errors() == []
