"""Meetings on the console in Chromium: planned, published, moved; every page fits and each field has a label."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from domain.staff.rights import StaffRole
from handlers.telegram.reaches import reach_of
from services.meetings import rsvp
from services.staff import accounts, sign_in
from storage.engine.database import Database
from tests.handlers.console.serving import served
from tests.handlers.console.test_in_browser import Desk


class Organiser(Desk):
    """An organiser at the desk."""

    async def _prepare(self) -> tuple[str, str, str]:
        database = Database(self.url, self.keys, self.clock)
        async with database.begin() as work:
            session = await sign_in.enter(work, await accounts.create(work, "o@office.example", StaffRole.ORGANISER))
        await database.close()
        assert session
        return session, "", ""

    def comes(self, meeting_id: str, number: int, people: int) -> None:
        """A resident says that they come."""

        async def come() -> None:
            database = Database(self.url, self.keys, self.clock)
            async with database.begin() as work:
                assert await rsvp.come(work, reach_of(number), meeting_id, people)
            await database.close()

        asyncio.run(come())

    def when(self, name: str, wall: str) -> None:
        """Fill in a day and time, which browsers show in many ways."""
        field = self.browser.find_element(By.NAME, name)
        self.browser.execute_script("arguments[0].value = arguments[1]", field, wall)

    def text(self, css: str) -> str:
        return self.browser.find_element(By.CSS_SELECTOR, css).text

    def confirm(self, words: str, button: str = "") -> None:
        """Follow a link to its confirming page, and do what is asked there."""
        self.browser.find_element(By.LINK_TEXT, words).click()
        self.press(button or words)

    def show_all(self) -> None:
        self.browser.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true })")


@pytest.fixture
def desk(sqlite_url: str, browser: Chrome) -> Iterator[Organiser]:
    """Serve a console on a fresh database, with an organiser signed in."""
    opened = Organiser(sqlite_url, browser)
    with served(sqlite_url, opened.keys, opened.clock, demo=False) as opened.address:
        browser.get(opened.address + "/sign-in")
        browser.add_cookie({"name": "language", "value": "nl"})
        browser.add_cookie({"name": "session", "value": opened.link})
        yield opened


def plans(desk: Organiser, starts: str = "2026-11-28T14:00", ends: str = "2026-11-28T16:00") -> None:
    desk.open("/meetings")
    desk.browser.find_element(By.LINK_TEXT, "Nieuwe bijeenkomst").click()
    for name, words in (
        ("theme_nl", "Open huis over groen"), ("theme_ar", "بيت مفتوح"), ("place", "De Honingraat"),
        ("address", "Osdorpplein 1"), ("latitude", "52.3579"), ("longitude", "4.8053"), ("capacity", "12"),
    ):  # fmt: skip
        desk.fill(name, words)
    desk.when("starts", starts)
    desk.when("ends", ends)
    desk.press("Opslaan als concept")


def test_an_organiser_plans_publishes_moves_and_calls_off(desk: Organiser) -> None:
    plans(desk)
    assert "bewaard als concept" in desk.text(".done")
    desk.confirm("Openbaar maken")
    meeting_id = desk.text("code").rpartition("meet-")[2]
    desk.comes(meeting_id, 1, 2)
    desk.open(f"/meetings/{meeting_id}")
    assert "Minder dan 5 mensen komen" in desk.text("main")
    assert "Een dag van tevoren Komt nog *" in desk.text(".told")
    for number in range(2, 8):
        desk.comes(meeting_id, number, 2)
    desk.open(f"/meetings/{meeting_id}")
    assert "Minstens 10 mensen komen" in desk.text("main")
    assert "Minstens" not in desk.text("main").replace("Minstens 10 mensen komen", ""), "2 wait"
    assert "Een dag van tevoren Komt nog 5" in desk.text(".told")
    desk.show_all()
    desk.when("starts", "2026-11-28T15:00")
    desk.press("Opslaan")
    assert "Minstens 5 gasten" in desk.text("dl")
    assert "28 november 2026 om 15:00" in desk.text(".phone")
    desk.press("Bijeenkomst veranderen")
    assert "De gasten krijgen bericht" in desk.text(".done")
    assert "15:00" in desk.text("dl")
    assert "Er is iets veranderd Komt nog 5" in desk.text(".told")
    desk.show_all()
    desk.confirm("Ja, dit gaat niet door")
    assert desk.text(".head .state") == "Gaat niet door"
    desk.open("/meetings")
    assert "Open huis over groen" in desk.text(".worklist")
    assert desk.errors() == []


def test_a_wrong_hour_is_said_and_what_was_typed_is_still_there(desk: Organiser) -> None:
    plans(desk, "2027-03-28T02:30", "2027-03-28T05:00")
    assert "Dat uur bestaat niet" in desk.text(".problem")
    assert desk.browser.find_element(By.NAME, "theme_nl").get_attribute("value") == "Open huis over groen"
    desk.when("starts", "2027-10-31T02:30")
    desk.when("ends", "2027-10-31T05:00")
    desk.press("Opslaan als concept")
    assert "dit uur komt twee keer" in desk.text(".notice")


def test_what_is_wrong_has_the_focus_and_leads_to_its_field(desk: Organiser) -> None:
    plans(desk, ends="2026-11-29T16:00")
    assert "hoogstens 24 uur" in desk.text(".problem")
    assert desk.browser.switch_to.active_element.get_attribute("id") == "problem"
    assert desk.browser.title.startswith("Fout: ")
    desk.browser.find_element(By.CSS_SELECTOR, ".problem a").click()
    desk.browser.switch_to.active_element.send_keys(Keys.TAB)  # from the field's first part to its next one
    field = desk.browser.switch_to.active_element
    assert (field.get_attribute("name"), field.get_attribute("aria-invalid")) == ("ends", "true")
    desk.when("ends", "2026-11-28T16:00")
    for name, degrees in (("latitude", "4.8053"), ("longitude", "52.3579")):
        desk.browser.find_element(By.NAME, name).clear()
        desk.fill(name, degrees)
    desk.press("Opslaan als concept")
    assert "ligt niet in Nederland" in desk.text(".problem")
    assert desk.browser.find_element(By.CSS_SELECTOR, "[aria-invalid]").get_attribute("name") == "latitude"
    assert desk.errors() == []


def test_no_other_language_is_offered_while_something_is_being_written(desk: Organiser) -> None:
    desk.open("/meetings/new")
    turn = desk.browser.find_element(By.CSS_SELECTOR, ".languages button[value=en]")
    later = desk.browser.find_element(By.CSS_SELECTOR, ".later")
    assert (turn.is_displayed(), later.is_displayed()) == (True, False)
    desk.fill("theme_nl", f"Soep{Keys.TAB}")
    assert (turn.is_displayed(), later.is_displayed()) == (False, True)


def test_a_correction_after_the_way_back_is_kept_in_the_form_and_the_first_one_is_shown(desk: Organiser) -> None:
    plans(desk)
    first = desk.browser.current_url.partition("?")[0]
    desk.browser.back()
    desk.browser.find_element(By.NAME, "place").clear()
    desk.fill("place", "De Koperen Knoop")
    desk.press("Opslaan als concept")
    assert "Je hebt dit al een keer opgeslagen" in desk.text(".problem")
    assert (
        desk.browser.find_element(By.LINK_TEXT, "Bekijk wat er al staat (nieuw tabblad)").get_attribute("href") == first
    )
    assert desk.browser.find_element(By.NAME, "place").get_attribute("value") == "De Koperen Knoop"
    desk.press("Opslaan als concept")
    assert "bewaard als concept" in desk.text(".done")
    assert desk.browser.current_url.partition("?")[0] != first


def test_every_page_fits_wide_and_narrow_and_each_field_has_a_label(desk: Organiser) -> None:
    plans(desk)
    draft = desk.browser.current_url.partition("?")[0].rpartition("/")[2]
    plans(desk)
    desk.confirm("Openbaar maken")
    meeting_id = desk.text("code").rpartition("meet-")[2]
    desk.comes(meeting_id, 1, 2)
    for language in ("nl", "en", "tr", "ar"):
        desk.browser.add_cookie({"name": "language", "value": language})
        for path in (
            "/meetings", "/meetings/new", f"/meetings/{meeting_id}", f"/meetings/{meeting_id}/confirm?what=cancel",
            f"/meetings/{draft}/confirm?what=publish", f"/meetings/{draft}/confirm?what=delete",
        ):  # fmt: skip
            desk.open(path)
            desk.show_all()
            for width in (1280, 360):
                desk.width(width)
                assert (desk.too_wide(), desk.unlabelled()) == ([], []), (language, path, width)
    assert desk.errors() == []
