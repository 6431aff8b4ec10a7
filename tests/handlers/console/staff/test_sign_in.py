"""A member of staff comes in by the link, then by password and code; forms from elsewhere do nothing."""

from __future__ import annotations

import logging
import re

import pyotp
import pytest

from bot.web.application import make_app
from domain.staff.rights import WRONG_PER_ACCOUNT, StaffRole
from services.staff import accounts
from tests.handlers.api.office import Office, open_office, send_form
from tests.handlers.console.test_matrix import ROUNDS

EMAIL, PASSWORD = "fatima@office.example", "een lange zin met woorden"


async def invited(office: Office) -> str:
    async with office.database.begin() as work:
        return await accounts.create(work, EMAIL, StaffRole.HANDLER)


async def enrolled(office: Office) -> pyotp.TOTP:
    link = await invited(office)
    async with office.browser() as browser:
        page = (await browser.get(f"/link/{link}")).text
        device = pyotp.TOTP(re.findall(r'<code dir="ltr">([A-Z2-7]{32})</code>', page)[0])
        fields = {"password": PASSWORD, "code": device.at(office.clock.now)}
        entered = await send_form(browser, f"/link/{link}", f"/link/{link}", **fields)
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert (await browser.get("/")).status_code == 200
        assert (await browser.get(f"/link/{link}")).status_code == 404
    office.clock.move(minutes=5)
    return device


async def test_the_link_shows_a_picture_to_scan_and_works_once(office: Office) -> None:
    link = await invited(office)
    async with office.browser() as browser:
        for _ in range(2):
            page = await browser.get(f"/link/{link}")
            assert page.status_code == 200
            assert "<svg" in page.text
            assert EMAIL in page.text
    await enrolled_again_is_refused(office, link)


async def enrolled_again_is_refused(office: Office, link: str) -> None:
    async with office.browser() as browser:
        short = await send_form(browser, f"/link/{link}", f"/link/{link}", password="kort", code="000000")
        assert short.status_code == 422
        assert "minstens 12 tekens" in short.text
        wrong = await send_form(browser, f"/link/{link}", f"/link/{link}", password=PASSWORD, code="000000")
        assert "De code klopt niet" in wrong.text


async def test_from_the_link_to_password_and_code_and_out_again(office: Office) -> None:
    device = await enrolled(office)
    async with office.browser() as browser:
        asked = await browser.get("/signals/abc")
        assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/signals/abc")
        fields = {"email": EMAIL, "password": PASSWORD, "code": device.at(office.clock.now)}
        entered = await send_form(browser, "/sign-in?next=/signals/abc", "/sign-in", **fields)
        assert (entered.status_code, entered.headers["location"]) == (303, "/signals/abc")
        assert (await send_form(browser, "/", "/sign-out")).headers["location"] == "/sign-in"
        assert (await browser.get("/")).status_code == 303


async def test_the_session_is_in_a_cookie_that_no_script_and_no_other_site_can_use(office: Office) -> None:
    device = await enrolled(office)
    async with office.browser() as browser:
        fields = {"email": EMAIL, "password": PASSWORD, "code": device.at(office.clock.now)}
        cookies = (await send_form(browser, "/sign-in", "/sign-in", **fields)).headers.get_list("set-cookie")
    assert re.match(r"session=[\w-]{43}; HttpOnly; Path=/; SameSite=strict", cookies[0])
    mark = r"device-[0-9a-f]{8}=[\w-]{22}\.[0-9a-f]{64}"
    assert re.match(rf"{mark}; HttpOnly; Max-Age=7776000; Path=/; SameSite=strict", cookies[-1])


async def test_wrong_tries_are_told_alike_and_then_refused_for_a_while(office: Office) -> None:
    device = await enrolled(office)
    async with office.browser() as browser:
        pages = set()
        for email in (EMAIL, "nobody@office.example"):
            fields = {"email": email, "password": "wrong", "code": "000000"}
            wrong = await send_form(browser, "/sign-in", "/sign-in", **fields)
            assert wrong.status_code == 401
            pages.add(wrong.text.replace(email, ""))
        assert len(pages) == 1
        for _ in range(WRONG_PER_ACCOUNT):
            await send_form(browser, "/sign-in", "/sign-in", email=EMAIL, password="wrong", code="000000")
        right = {"email": EMAIL, "password": PASSWORD, "code": device.at(office.clock.now)}
        refused = await send_form(browser, "/sign-in", "/sign-in", **right)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 3600
        assert "Probeer het weer om 12:00" in refused.text


async def test_the_log_tells_who_knocks_without_saying_who(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "buurtstem.door")
    device = await enrolled(office)
    right = {"email": EMAIL, "password": PASSWORD, "code": device.at(office.clock.now)}
    async with office.browser() as browser:
        await send_form(browser, "/sign-in", "/sign-in", **right)
    async with office.browser() as browser:
        for _ in range(WRONG_PER_ACCOUNT + 1):
            await send_form(browser, "/sign-in", "/sign-in", email=EMAIL, password="wrong", code="000000")
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "signed in: with a new password, by a link for one use",
        "refused to sign in: no such link, or it was used or is over",
        "signed in: with password and code",
        *["refused to sign in: password or code is wrong, or nobody has that address"] * WRONG_PER_ACCOUNT,
        "refused to sign in: too many wrong ones",
    ]


async def test_a_browser_that_signed_in_before_is_not_shut_out_by_wrong_tries_elsewhere(office: Office) -> None:
    device = await enrolled(office)
    async with office.browser() as known, office.browser() as unknown:
        fields = {"email": EMAIL, "password": PASSWORD, "code": device.at(office.clock.now)}
        await send_form(known, "/sign-in", "/sign-in", **fields)
        await send_form(known, "/", "/sign-out")
        for _ in range(WRONG_PER_ACCOUNT):
            await send_form(unknown, "/sign-in", "/sign-in", email=EMAIL, password="wrong", code="000000")
        office.clock.move(minutes=1)
        fields["code"] = device.at(office.clock.now)
        assert (await send_form(unknown, "/sign-in", "/sign-in", **fields)).status_code == 429
        assert (await send_form(known, "/sign-in", "/sign-in", **fields)).status_code == 303


async def test_nobody_is_sent_elsewhere_after_signing_in(office: Office) -> None:
    async with office.browser() as browser:
        for wanted in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "", "/a\nb"):
            page = await browser.get("/sign-in", params={"next": wanted})
            assert 'name="next" value="/"' in page.text, wanted


POSTS = ["/sign-in", "/sign-out", "/language", "/link/x", "/signals/x/answer", "/signals/x/move", "/signals/x/codes"]
POSTS += [path.format(round_id="x", plan_id="x") for method, path in ROUNDS if method == "POST"]


async def test_a_form_from_elsewhere_does_nothing(office: Office) -> None:
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        for action in POSTS:
            for csrf in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}):
                assert (await browser.post(action, data=csrf)).status_code == 403, action
        assert (await browser.get("/")).status_code == 200, "still signed in"


async def test_one_browsers_form_is_not_anothers(office: Office) -> None:
    one, other = await office.session(StaffRole.HANDLER), await office.session(StaffRole.HANDLER)
    async with office.browser(one) as browser:
        csrf = re.findall('name="csrf" value="([^"]+)"', (await browser.get("/")).text)[0]
    async with office.browser(other) as browser:
        assert (await browser.post("/sign-out", data={"csrf": csrf})).status_code == 403


async def test_the_pages_speak_the_language_that_was_chosen_or_that_the_browser_asks_for(office: Office) -> None:
    async with office.browser() as browser:
        assert '<html lang="nl" dir="ltr">' in (await browser.get("/sign-in")).text
        english = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.8,nl;q=0.7"}
        assert '<html lang="en"' in (await browser.get("/sign-in", headers=english)).text
        chosen = await send_form(browser, "/sign-in", "/language", language="ar", back="/sign-in")
        assert chosen.headers["location"] == "/sign-in"
        assert '<html lang="ar" dir="rtl">' in (await browser.get("/sign-in", headers=english)).text
        await send_form(browser, "/sign-in", "/language", language="xx")
        assert '<html lang="ar" dir="rtl">' in (await browser.get("/sign-in")).text


async def test_in_a_demonstration_the_link_alone_signs_in_once(database_url: str) -> None:
    async with open_office(database_url, demo=True) as office:
        link = await invited(office)
        async with office.browser() as browser:
            assert (await browser.get(f"/link/{link}")).headers["location"] == "/"
            assert (await browser.get("/")).status_code == 200
        async with office.browser() as browser:
            assert (await browser.get(f"/link/{link}")).status_code == 404


def test_a_demonstration_is_refused_on_public_pages() -> None:
    with pytest.raises(ValueError, match="for this machine"):
        make_app(lambda: pytest.fail("nothing is opened"), secure=True, demo=True)
