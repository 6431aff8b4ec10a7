"""The pages of invitations to many: who may see them, and one from an empty form to its report, also in Chromium."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from domain.broadcasts.rules import TEXT_LIMIT, Content
from domain.meetings.planning import Details, MeetingPlan
from domain.sealing import KeyRing
from domain.staff.rights import SCOPES, Scope, StaffRole
from domain.wall_clock import wall_of
from services.broadcasts import drafts, recipients
from services.broadcasts.audience import Wish
from services.meetings import planning
from services.staff import accounts
from storage.engine.database import Database
from tests.handlers.api.office import AREA, Clock, Office, open_office, send_form
from tests.handlers.console.serving import served
from tests.handlers.console.test_in_browser import Desk
from tests.neighbours import TEXTS, invite, move_in, opt_in, organiser, try_out

FORM = {f"text_{language}": words for language, words in TEXTS.items()} | {"buurt": "FK01"}
TABLE = {
    ("GET", "/broadcasts"): 200,
    ("GET", "/broadcasts/new"): 200,
    ("GET", "/broadcasts/{id}"): 200,
    ("POST", "/broadcasts"): 303,
    ("POST", "/broadcasts/{id}"): 303,
    ("POST", "/broadcasts/{id}/test"): 200,
    ("GET", "/broadcasts/{id}/confirm?what=send"): 422,  # there is nobody yet
    ("POST", "/broadcasts/{id}/act"): 422,
    ("POST", "/broadcasts/{id}/delete"): 303,
}


@pytest.mark.parametrize("role", StaffRole)
async def test_who_may_do_what_with_whose_broadcast(office: Office, role: StaffRole) -> None:
    async with office.database.begin() as work:
        everywhere = await organiser(work, "all@office.example")
        foreign = await drafts.write(work, everywhere, Content(TEXTS))
        own = await drafts.write(work, everywhere, Content(TEXTS, buurten=frozenset({"FK01"})))
    session = await office.session(role, areas=[AREA])
    for (method, path), good in TABLE.items():
        answers = {}
        async with office.browser(session) as browser:
            for name, one in (("own", own), ("foreign", foreign), ("unknown", "a" * 26)):
                if method == "GET":
                    answers[name] = await browser.get(path.format(id=one))
                else:
                    start = f"/broadcasts/{own}" if Scope.INVITE in SCOPES[role] else "/sign-in"
                    answers[name] = await send_form(browser, start, path.format(id=one), **FORM, what="send")
        statuses = {name: answer.status_code for name, answer in answers.items()}
        if Scope.INVITE not in SCOPES[role]:
            assert statuses == dict.fromkeys(statuses, 403), path
        elif "{id}" in path:
            assert statuses == {"own": good, "foreign": 404, "unknown": 404}, path
        else:
            assert set(statuses.values()) == {good}, path


async def test_what_is_wrong_is_said_and_what_was_written_is_still_there(office: Office) -> None:
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        sent = await send_form(browser, "/broadcasts/new", "/broadcasts", text_nl="<b>Kom!</b>", opens="meeting.?")
        assert sent.status_code == 422
        assert "De knop klopt niet" in sent.text
        assert "&lt;b&gt;Kom!&lt;/b&gt;</textarea>" in sent.text
        long = await send_form(browser, "/broadcasts/new", "/broadcasts", text_nl="a" * (TEXT_LIMIT + 1))
        assert (long.status_code, "Er passen 1.500 tekens in" in long.text) == (422, True)
        kept = await send_form(browser, "/broadcasts/new", "/broadcasts", text_nl="<b>Kom!</b>")
        page = kept.headers["location"].partition("?")[0]
        assert "Nog geen tekst, en nog geen keuze" in (await browser.get(page)).text
        refused = await send_form(browser, page, f"{page}/act", what="send")
        assert (refused.status_code, "Kies wat die lezers krijgen" in refused.text) == (422, True)
        assert (await send_form(browser, page, f"{page}/act", what="nonsense")).status_code == 409
        late = await send_form(browser, page, page, text_nl="Anders", version="7")
        assert (late.status_code, "Iemand anders" in late.text) == (409, True)


async def test_a_corrected_invitation_stays_in_the_form_and_the_first_one_is_shown(
    office: Office,
) -> None:
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        held = dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', (await browser.get("/broadcasts/new")).text))
        first = await browser.post("/broadcasts", data={**held, "text_nl": "Kom vrijdag!"})
        other = await browser.post("/broadcasts", data={**held, "text_nl": "Kom zaterdag!"})
        assert (other.status_code, "Je hebt dit al een keer opgeslagen" in other.text) == (409, True)
        assert "Kom zaterdag!</textarea>" in other.text
        path = first.headers["location"].partition("?")[0]
        assert f'<a href="{path}" target="_blank" rel="noopener">Bekijk wat er al staat' in other.text
        held = dict(re.findall(r'name="(csrf|once)" value="([^"]*)"', other.text))
        assert (await browser.post("/broadcasts", data={**held, "text_nl": "Kom zaterdag!"})).status_code == 303


async def test_the_button_opens_what_is_chosen_by_name_and_stays_chosen(office: Office) -> None:
    found = await office.round()
    async with office.database.begin() as work:
        staff_member = await organiser(work, "plans@office.example")
        starts = wall_of(work.now) + timedelta(days=3)
        plan = MeetingPlan(
            Details({"nl": "Thee & soep"}, "De Honingraat", "Osdorpplein 1"), starts, starts + timedelta(hours=1)
        )
        meeting_id = await planning.plan(work, staff_member, plan)
        await planning.publish(work, staff_member, meeting_id, 1)
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        empty = (await browser.get("/broadcasts/new")).text
        assert "Thee &amp; soep · " in empty
        assert f'value="round.{found.id}"' in empty
        assert "selected" not in empty
        invite_to = f"/broadcasts/new?opens=meeting.{meeting_id}"
        assert invite_to in (await browser.get(f"/meetings/{meeting_id}")).text
        chosen = f'value="meeting.{meeting_id}" selected'
        assert chosen in (await browser.get(invite_to)).text
        kept = await send_form(browser, invite_to, "/broadcasts", **FORM, opens=f"meeting.{meeting_id}")
        page = kept.headers["location"].partition("?")[0]
        assert chosen in (await browser.get(page)).text
        async with office.database.begin() as work:
            await planning.cancel(work, staff_member, meeting_id, 2)
        assert f"{chosen}>Wat er niet meer is" in (await browser.get(page)).text


async def _confirmed(office: Office, browser: httpx.AsyncClient, page: str, what: str) -> None:
    """Look at the page that confirms it, see a draft on a phone where that comes first, and do it."""
    confirm = f"{page}/confirm?what={what}"
    if "Maak een proef van deze tekst" in (await browser.get(confirm)).text:
        blocked = await send_form(browser, page, f"{page}/act", what=what)
        assert (blocked.status_code, "Maak een proef" in blocked.text) == (422, True)
        tested = await send_form(browser, page, f"{page}/test")
        token = re.findall(r"/start test-([\w-]+)", tested.text)[0]
        async with office.database.begin() as work:
            assert await drafts.tried(work, token)
    done = await send_form(browser, confirm, f"{page}/act", what=what)
    assert done.status_code == 303, done.text


async def test_a_draft_is_deleted_after_one_more_look(office: Office) -> None:
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        kept = await send_form(browser, "/broadcasts/new", "/broadcasts", **FORM)
        page = kept.headers["location"].partition("?")[0]
        confirm = f"{page}/confirm?what=delete"
        assert confirm in (await browser.get(page)).text
        assert "Je kunt dit niet terugdraaien" in (await browser.get(confirm)).text
        assert (await send_form(browser, confirm, f"{page}/delete")).status_code == 303
        assert (await browser.get(page)).status_code == 404


async def test_a_second_person_approves_and_is_the_only_one_who_sees_the_button(office: Office) -> None:
    await move_in(office.database, range(1, 501), languages=["nl"])
    async with office.browser(await office.session(StaffRole.ORGANISER)) as mine:
        kept = await send_form(mine, "/broadcasts/new", "/broadcasts", **FORM)
        page = kept.headers["location"].partition("?")[0]
        await _confirmed(office, mine, page, "send")
        shown = (await mine.get(page)).text
        assert ("Wacht op een tweede persoon" in shown, "Goedkeuren" in shown) == (True, False)
    async with office.browser(await office.session(StaffRole.ORGANISER)) as other:
        assert "Goedkeuren" in (await other.get(page)).text
        blind = await send_form(other, page, f"{page}/act", what="approve")
        assert (blind.status_code, "Kijk nog een keer" in blind.text) == (409, True)
        told = (await other.get(f"{page}/confirm?what=approve")).text
        for part in ("Organisator", "Minstens 500 lezers", "Geen knop", "want zo veel mensen", *TEXTS.values()):
            assert part in unescape(told), part
        await _confirmed(office, other, page, "approve")
        assert "Wordt verstuurd" in (await other.get(page)).text


async def test_a_deployment_may_set_from_which_number_on_a_second_person_approves(database_url: str) -> None:
    async with open_office(database_url, approval_from=8) as office:
        await move_in(office.database, range(1, 9), languages=["nl"])
        async with office.browser(await office.session(StaffRole.ORGANISER)) as mine:
            kept = await send_form(mine, "/broadcasts/new", "/broadcasts", **FORM)
            page = kept.headers["location"].partition("?")[0]
            await _confirmed(office, mine, page, "send")
            assert "Wacht op een tweede persoon" in (await mine.get(page)).text


# In Chromium


@pytest.fixture
def desk(sqlite_url: str, browser: Chrome) -> Iterator[Desk]:
    """Serve a console that an organiser is signed in to, in a neighbourhood where people want news."""
    opened = Desk(sqlite_url, browser)
    link = asyncio.run(_furnish(sqlite_url, opened.keys, opened.clock))
    with served(sqlite_url, opened.keys, opened.clock, demo=True) as opened.address:
        browser.get(f"{opened.address}/link/{link}")
        browser.add_cookie({"name": "language", "value": "nl"})
        yield opened


async def _furnish(url: str, keys: KeyRing, clock: Clock) -> str:
    database = Database(url, keys, clock)
    await move_in(database, range(1, 61))
    async with database.begin() as work:
        await opt_in(work, 61, "tr", Wish("FK02"))
        link = await accounts.create(work, "noor@office.example", StaffRole.ORGANISER)
    await database.close()
    return link


async def _tick(desk: Desk) -> None:
    database = Database(desk.url, desk.keys, desk.clock)
    async with database.begin() as work:
        await recipients.feed(work)
    await database.close()


def _write(desk: Desk) -> str:
    desk.open("/broadcasts")
    desk.browser.find_element(By.LINK_TEXT, "Nieuwe uitnodiging").click()
    for language, words in TEXTS.items():
        if language != "en":
            desk.fill(f"text_{language}", words)
    desk.press("Opslaan")
    return desk.browser.current_url.partition("?")[0].removeprefix(desk.address)


def _open_confirm(desk: Desk, words: str) -> None:
    desk.browser.find_element(By.LINK_TEXT, words).click()


async def _try_out(desk: Desk, page: str) -> None:
    database = Database(desk.url, desk.keys, desk.clock)
    async with database.begin() as work:
        await try_out(work, await organiser(work, "other@office.example"), page.rpartition("/")[2])
    await database.close()


def _picture(desk: Desk, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        height = desk.browser.execute_script("return document.documentElement.scrollHeight")
        width = desk.browser.execute_script("return window.innerWidth")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        desk.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        desk.browser.save_screenshot(f"{folder}/{name}.png")


def test_an_organiser_writes_tries_sends_and_stops(desk: Desk) -> None:
    page = _write(desk)
    assert desk.browser.find_element(By.CSS_SELECTOR, ".done").text.startswith("Opgeslagen")
    assert "English" in desk.browser.find_element(By.CSS_SELECTOR, ".notice").text
    assert "Minstens 45 lezers" in desk.browser.find_element(By.ID, "count").find_element(By.XPATH, "..").text
    cells = [cell.text for cell in desk.browser.find_elements(By.CSS_SELECTOR, "td")]
    assert "1" not in cells, "a single reader is not shown"
    desk.press("Maak een proef")
    assert re.fullmatch(r"/start test-[\w-]{32}", desk.browser.find_element(By.CSS_SELECTOR, "code").text)
    _open_confirm(desk, "Versturen")
    assert "Kies wat die lezers krijgen" in desk.browser.find_element(By.CSS_SELECTOR, ".problem").text
    desk.browser.find_element(By.CSS_SELECTOR, "input[value=dutch]").click()
    desk.press("Opslaan")
    asyncio.run(_try_out(desk, page))
    _open_confirm(desk, "Versturen")
    desk.press("Versturen")
    asyncio.run(_tick(desk))
    desk.open(page)
    # Fifty of sixty have their turn, in no order; those who want no news are among them by chance.
    assert desk.browser.find_element(By.CSS_SELECTOR, "[data-fate=sending]").text in {"30", "35", "40", "45"}
    _open_confirm(desk, "Helemaal stoppen")
    desk.press("Helemaal stoppen")
    assert desk.browser.find_element(By.CSS_SELECTOR, "[data-fate=stopped]").text == "60"
    assert desk.browser.find_elements(By.CSS_SELECTOR, ".moves") == []
    assert desk.errors() == []


def test_every_page_fits_wide_and_narrow_and_each_field_has_a_label(desk: Desk) -> None:
    page = _write(desk)
    desk.browser.find_element(By.CSS_SELECTOR, "input[value=dutch]").click()
    desk.press("Opslaan")
    sending = asyncio.run(_sending(desk))
    for language in ("nl", "en", "ar"):
        desk.browser.add_cookie({"name": "language", "value": language})
        for name, path in (
            ("list", "/broadcasts"),
            ("new", "/broadcasts/new"),
            ("draft", page),
            ("confirm", f"{page}/confirm?what=send"),
            ("sending", sending),
        ):
            desk.open(path)
            WebDriverWait(desk.browser, 10).until(lambda chrome: chrome.find_element(By.TAG_NAME, "h1"))
            for width in (1280, 360):
                desk.width(width)
                _picture(desk, f"broadcast-{name}-{language}-{width}")
                desk.browser.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true })")
                assert (desk.too_wide(), desk.unlabelled()) == ([], []), (language, path, width)
    assert desk.errors() == []


async def _sending(desk: Desk) -> str:
    database = Database(desk.url, desk.keys, desk.clock)
    broadcast_id = await invite(database)
    async with database.begin() as work:
        await recipients.feed(work)
    await database.close()
    return f"/broadcasts/{broadcast_id}"
