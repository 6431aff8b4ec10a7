"""The console in Chromium: a handler comes in and answers an Arabic report; every page fits 1280 and 360 pixels."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pyotp
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from domain.sealing import KeyRing, new_key
from domain.signals.workflow import Kind, Report
from domain.staff.rights import StaffRole
from handlers.telegram.reaches import reach_of
from services.signals import reporting
from services.staff import accounts
from storage.engine.database import Database
from tests.handlers.api.office import Clock
from tests.handlers.console.serving import served

ARABIC = "قال لي النادل في Café Het Pleintje إنه لا مكان لي.\nأظن أن السبب هو حجابي."
REPORTER = reach_of(4711)
PASSWORD = "een lange zin met woorden"


class Desk:
    """A running console, what lies on it, and the browser before it."""

    def __init__(self, url: str, browser: Chrome) -> None:
        self.clock, self.browser = Clock(), browser
        self.keys = KeyRing({1: new_key()}, new_key())
        self.url, self.address = url, ""
        self.link, self.secret, self.signal = asyncio.run(self._prepare())

    async def _prepare(self) -> tuple[str, str, str]:
        database = Database(self.url, self.keys, self.clock)
        async with database.begin() as work:
            link = await accounts.create(work, "fatima@office.example", StaffRole.HANDLER)
            offered = await accounts.invitation(work, link)
            report = Report(Kind.DISCRIMINATION, ARABIC, "ar", neighbourhood="FK01", place="Osdorpplein")
            signal = (await reporting.report(work, REPORTER, report)).signal_id
        await database.close()
        assert offered
        return link, offered.secret, signal

    def open(self, path: str) -> None:
        self.browser.get(self.address + path)

    def press(self, words: str) -> None:
        button = self.browser.find_element(By.XPATH, f"//button[normalize-space()='{words}']")
        page = self.browser.find_element(By.TAG_NAME, "html")
        button.click()
        WebDriverWait(self.browser, 10).until(lambda _: page not in self.browser.find_elements(By.TAG_NAME, "html"))

    def fill(self, name: str, words: str) -> None:
        self.browser.find_element(By.NAME, name).send_keys(words)

    def width(self, width: int) -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def too_wide(self) -> list[str]:
        """What sticks out of the page."""
        found: list[str] = self.browser.execute_script(
            "const seen = document.documentElement.clientWidth;"
            "return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.matches('.skip'))"
            ".filter(e => { const r = e.getBoundingClientRect(); return r.right > seen + 1 || r.left < -1 })"
            ".map(e => e.outerHTML.slice(0, 80))"
        )
        return found

    def unlabelled(self) -> list[str]:
        """Fields without a name that a screen reader could say."""
        found: list[str] = self.browser.execute_script(
            "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
            ".filter(e => !e.labels.length).map(e => e.outerHTML)"
        )
        return found

    def errors(self) -> list[str]:
        """What the browser complained of; a page that was refused on purpose is no complaint."""
        log = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in log if "status of 4" not in entry["message"]]


@pytest.fixture
def desk(sqlite_url: str, browser: Chrome) -> Iterator[Desk]:
    """Serve a console on a fresh database."""
    opened = Desk(sqlite_url, browser)
    with served(sqlite_url, opened.keys, opened.clock, demo=False) as opened.address:
        browser.get(opened.address + "/sign-in")
        browser.add_cookie({"name": "language", "value": "nl"})
        yield opened


def enrol(desk: Desk) -> None:
    desk.open(f"/link/{desk.link}")
    desk.fill("code", pyotp.TOTP(desk.secret).at(desk.clock.now))
    desk.fill("password", PASSWORD)
    desk.press("Opslaan en inloggen")


def test_a_handler_enrols_reads_with_a_reason_answers_and_moves(desk: Desk) -> None:
    browser = desk.browser
    enrol(desk)
    browser.find_element(By.CSS_SELECTOR, ".list a").click()
    browser.find_element(By.CSS_SELECTOR, ".worklist a").click()
    desk.press("Ik behandel deze melding")
    words = browser.find_element(By.CSS_SELECTOR, ".turn.reporter .words")
    assert words.text == ARABIC
    assert words.value_of_css_property("direction") == "rtl"
    desk.fill("words", "Dank je wel dat je dit vertelt.")
    Select(browser.find_element(By.NAME, "language")).select_by_visible_text("Nederlands")
    desk.press("Antwoord versturen")
    assert browser.find_element(By.CSS_SELECTOR, ".done").text == "Je antwoord is verstuurd."
    answer = browser.find_element(By.CSS_SELECTOR, ".turn.team .words")
    assert answer.value_of_css_property("direction") == "ltr"
    desk.press("Wordt gelezen")
    assert browser.find_element(By.CSS_SELECTOR, ".head .state").text == "Wordt gelezen"
    desk.press("Uitloggen")
    assert browser.current_url.endswith("/sign-in")
    assert desk.errors() == []


def test_every_page_fits_wide_and_narrow_and_each_field_has_a_label(desk: Desk) -> None:
    desk.open(f"/link/{desk.link}")
    for width in (1280, 360):
        desk.width(width)
        assert (desk.too_wide(), desk.unlabelled()) == ([], [])
    enrol(desk)
    paths = [
        "/",
        "/signals",
        f"/signals/{desk.signal}",
        f"/signals/{desk.signal}?reason=handling",
        "/nothing",
        "/sign-in",
    ]
    for language in ("nl", "en", "tr", "ar"):
        desk.browser.add_cookie({"name": "language", "value": language})
        for path in paths:
            desk.open(path)
            desk.browser.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true })")
            for width in (1280, 360):
                desk.width(width)
                assert (desk.too_wide(), desk.unlabelled()) == ([], []), (language, path, width)
    assert desk.errors() == []


def test_the_first_tab_skips_to_the_content(desk: Desk) -> None:
    desk.open("/sign-in")
    focused = desk.browser.switch_to.active_element
    focused.send_keys("\ue004")
    skip = desk.browser.switch_to.active_element
    assert skip.text == "Naar de inhoud"
    assert skip.rect["y"] >= 0
