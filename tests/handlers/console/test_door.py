"""Nobody shuts the door for another: 500 wrong sign-ins from 10 addresses, and who gets in all the same."""

from __future__ import annotations

import asyncio
import re

import httpx
import pyotp
import pytest

from bot.web.application import make_app
from domain.staff.rights import WRONG_CODES, WRONG_PER_ACCOUNT, StaffRole
from handlers.console.staff.turns import Busy, Turns
from services.staff import accounts
from tests.handlers.api.office import Office, send_form

EMAIL, PASSWORD = "fatima@office.example", "een lange zin met woorden"


def from_address(office: Office, address: str) -> httpx.AsyncClient:
    """A browser of its own at that address."""
    transport = httpx.ASGITransport(office.transport.app, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://console.example")


async def enrol(office: Office, browser: httpx.AsyncClient, email: str) -> pyotp.TOTP:
    """Choose a password with a new link in that browser, and go out again."""
    async with office.database.begin() as work:
        link = await accounts.create(work, email, StaffRole.HANDLER)
    page = (await browser.get(f"/link/{link}")).text
    device = pyotp.TOTP(re.findall(r'<code dir="ltr">([A-Z2-7]{32})</code>', page)[0])
    fields = {"password": PASSWORD, "code": device.at(office.clock.now)}
    entered = await send_form(browser, f"/link/{link}", f"/link/{link}", **fields)
    assert entered.headers.get("location") == "/", entered.text
    await send_form(browser, "/", "/sign-out")
    office.clock.move(seconds=90)
    return device


async def enters(office: Office, browser: httpx.AsyncClient, device: pyotp.TOTP, email: str = EMAIL) -> int:
    """The status that password and code give now."""
    code = device.at(office.clock.now)
    return (await send_form(browser, "/sign-in", "/sign-in", email=email, password=PASSWORD, code=code)).status_code


async def wrong(office: Office, address: str, emails: list[str]) -> set[int]:
    """Sign-ins with a wrong password; the statuses."""
    async with from_address(office, address) as browser:
        csrf = re.findall('name="csrf" value="([^"]+)"', (await browser.get("/sign-in")).text)[0]
        fields = {"csrf": csrf, "password": "nee nee nee nee", "code": "000000"}
        return {(await browser.post("/sign-in", data={**fields, "email": email})).status_code for email in emails}


async def test_500_wrong_sign_ins_from_10_addresses_shut_nobody_out(office: Office) -> None:
    async with from_address(office, "198.51.100.7") as known, from_address(office, "203.0.113.9") as new:
        device = await enrol(office, known, EMAIL)
        emails = [EMAIL if number % 2 else f"invented{number}@office.example" for number in range(50)]
        seen = await asyncio.gather(*(wrong(office, f"192.0.{number}.1", emails) for number in range(10)))
        assert set().union(*seen) <= {401, 429}, seen
        assert await enters(office, known, device) == 303
        office.clock.move(minutes=1)
        assert await enters(office, new, device) == 303
        # An enrolment from the very network that attacks.
        async with from_address(office, "192.0.3.200") as beside:
            await enrol(office, beside, "jan@office.example")


async def test_enrolment_leaves_a_browser_known_also_in_the_network_that_attacks(office: Office) -> None:
    async with from_address(office, "192.0.2.7") as known, from_address(office, "192.0.2.8") as beside:
        device = await enrol(office, known, EMAIL)
        await wrong(office, "192.0.2.9", [EMAIL] * WRONG_PER_ACCOUNT)
        assert await enters(office, beside, device) == 429
        assert await enters(office, known, device) == 303


async def test_two_persons_who_share_a_browser_are_both_known_in_it(office: Office) -> None:
    async with from_address(office, "192.0.2.7") as shared:
        devices = {email: await enrol(office, shared, email) for email in (EMAIL, "jan@office.example")}
        for email, device in devices.items():
            await wrong(office, "192.0.2.9", [email] * WRONG_PER_ACCOUNT)
            assert await enters(office, shared, device, email) == 303
            await send_form(shared, "/", "/sign-out")
            office.clock.move(minutes=1)


async def test_codes_are_guessed_eight_times_an_hour_wherever_from_by_who_knows_the_password(office: Office) -> None:
    async with from_address(office, "198.51.100.7") as known, from_address(office, "203.0.113.9") as new:
        device = await enrol(office, known, EMAIL)
        for number in range(WRONG_CODES):
            async with from_address(office, f"192.0.{number}.1") as browser:
                fields = {"email": EMAIL, "password": PASSWORD, "code": "x"}
                assert (await send_form(browser, "/sign-in", "/sign-in", **fields)).status_code == 401
        assert await enters(office, new, device) == 429
        assert await enters(office, known, device) == 303


async def test_wrong_tokens_do_not_shut_out_right_ones(office: Office) -> None:
    token = await office.token(StaffRole.HANDLER)
    for number in range(500):
        assert (await office.api("GET", "/signals", f"bst_{number}")).status_code == 401
    assert (await office.api("GET", "/signals", token)).status_code == 200


async def test_turns_go_round_by_network_and_known_browsers_first() -> None:
    turns, order = Turns(), list[str]()
    hold = asyncio.Event()

    async def check(lane: str, known: bool = False) -> None:
        async with turns.turn(lane, known=known):
            if lane == "holding":
                await hold.wait()
            order.append(lane)

    tasks = [asyncio.create_task(check(lane)) for lane in ("holding", "a", "a", "a", "a", "a", "b")]
    tasks.append(asyncio.create_task(check("device", known=True)))
    while sum(task.done() for task in tasks) < 1:  # the fifth of one network is not let in
        await asyncio.sleep(0)
    with pytest.raises(Busy):
        await tasks[5]
    tasks[1].cancel()
    hold.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["holding", "device", "a", "b", "a", "a"]
    async with turns.turn("a"):
        pass


async def test_over_https_every_cookie_is_of_this_host_only_and_browsers_come_back_that_way(office: Office) -> None:
    secure = httpx.ASGITransport(make_app(office.database.begin, secure=True))
    async with httpx.AsyncClient(transport=secure, base_url="https://console.example") as browser:
        await enrol(office, browser, EMAIL)
        chosen = await send_form(browser, "/sign-in", "/language", language="ar", back="/sign-in")
        assert "__Host-language" in chosen.headers["set-cookie"]
        assert '<html lang="ar"' in (await browser.get("/sign-in")).text
        assert len(browser.cookies) >= 3
        assert all(cookie.secure and cookie.name.startswith("__Host-") for cookie in browser.cookies.jar)
        for path in ("/healthz", "/sign-in", "/api/v1/signals", "/nothing", "/static/console.css"):
            assert "max-age=" in (await browser.get(path)).headers["strict-transport-security"], path


async def test_head_is_get_without_the_body(office: Office) -> None:
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        for path in ("/healthz", "/readyz", "/metrics", "/", "/sign-in", "/nothing", "/api/v1/openapi.json"):
            full, bare = await browser.get(path), await browser.head(path)
            assert (bare.status_code, bare.content) == (full.status_code, b""), path
            assert bare.headers["content-type"] == full.headers["content-type"]
            assert "strict-transport-security" not in bare.headers
        assert (await browser.head("/sign-out")).status_code == (await browser.get("/sign-out")).status_code
