"""Signing in: password and code, wrong tries counted, sessions that end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal
from unicodedata import normalize

import pyotp
import pytest
from argon2 import PasswordHasher

from domain.staff.rights import WRONG_PER_ACCOUNT, WRONG_PER_NETWORK, WRONG_UNDER_ATTACK, WRONG_UNTIL_ATTACK, StaffRole
from services.staff import accounts, sign_in
from services.staff.accounts import email_tag
from services.staff.sign_in_limits import device_of
from storage.people import rates
from storage.staff import accounts as staff_rows
from tests.handlers.api.office import Office, open_office
from tests.opened import rows
from tests.ticks import tick

EMAIL, PASSWORD = "fatima@office.example", "een lange zin met woorden"


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """An office (staff, console and API) on a fresh database."""
    async with open_office(database_url) as opened:
        yield opened


async def enrol(office: Office, email: str = EMAIL, password: str = PASSWORD) -> pyotp.TOTP:
    """Make an account with a password and a second factor; the device that shows its codes."""
    async with office.database.begin() as work:
        link = await accounts.create(work, email, StaffRole.HANDLER)
        offered = await accounts.invitation(work, link)
        assert offered
        device = pyotp.TOTP(offered.secret)
        assert await sign_in.accept(work, link, password, device.at(office.clock.now))
    office.clock.move(minutes=5)
    return device


async def enter(
    office: Office, password: str, code: str, email: str = EMAIL, device: str = "", network: str = ""
) -> str | None:
    async with office.database.begin() as work:
        return await sign_in.sign_in(work, email, password, code, device, network)


async def test_password_and_code_sign_in(office: Office) -> None:
    device = await enrol(office)
    session = await enter(office, PASSWORD, device.at(office.clock.now), " FATIMA@office.example ")
    async with office.database.begin() as work:
        found = await sign_in.signed_in(work, session or "")
    assert found
    assert found.mandate.role == StaffRole.HANDLER


async def test_a_code_with_a_blank_or_of_half_a_minute_ago_is_good(office: Office) -> None:
    device = await enrol(office)
    code = device.at(office.clock.now)
    office.clock.move(seconds=30)
    assert await enter(office, PASSWORD, f"{code[:3]} {code[3:]}")


async def test_wrong_password_wrong_code_unknown_address_are_refused_alike(office: Office) -> None:
    device = await enrol(office)
    good = device.at(office.clock.now)
    assert await enter(office, "een andere lange zin", good) is None
    assert await enter(office, PASSWORD, f"{(int(good) + 1) % 1_000_000:06}") is None
    assert await enter(office, PASSWORD, "") is None
    assert await enter(office, PASSWORD, "\u0661\u0662\u0663\u0664\u0665\u0666") is None
    assert await enter(office, PASSWORD, good, "nobody@office.example") is None
    assert await enter(office, PASSWORD, good)


async def test_somebody_who_never_chose_a_password_can_not_sign_in(office: Office) -> None:
    async with office.database.begin() as work:
        await accounts.create(work, EMAIL, StaffRole.HANDLER)
    assert await enter(office, "", "") is None


async def test_a_code_is_good_once(office: Office) -> None:
    device = await enrol(office)
    code = device.at(office.clock.now)
    assert await enter(office, PASSWORD, code)
    assert await enter(office, PASSWORD, code) is None
    office.clock.move(minutes=1)
    assert await enter(office, PASSWORD, device.at(office.clock.now))


async def test_after_eight_wrong_tries_right_ones_wait_for_the_next_hour(office: Office) -> None:
    device = await enrol(office)
    for _ in range(WRONG_PER_ACCOUNT):
        assert await enter(office, "wrong", "000000") is None
    with pytest.raises(sign_in.TooManyWrong) as refused:
        await enter(office, PASSWORD, device.at(office.clock.now))
    assert refused.value.until > office.clock.now
    office.clock.now = refused.value.until
    assert await enter(office, PASSWORD, device.at(office.clock.now))


async def test_tries_at_the_same_moment_are_counted_one_after_another(office: Office) -> None:
    await enrol(office)
    tries = [enter(office, "wrong", "000000") for _ in range(WRONG_PER_ACCOUNT + 6)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert ends.count(None) == WRONG_PER_ACCOUNT
    assert sum(isinstance(end, sign_in.TooManyWrong) for end in ends) == 6


async def test_wrong_tries_at_one_account_do_not_shut_out_another(office: Office) -> None:
    await enrol(office)
    device = await enrol(office, "jan@office.example")
    for _ in range(WRONG_PER_ACCOUNT):
        await enter(office, "wrong", "000000")
    assert await enter(office, PASSWORD, device.at(office.clock.now), "jan@office.example")


@pytest.mark.parametrize(
    ("tries", "other"),
    [(WRONG_PER_NETWORK, "nobody@office.example"), (WRONG_UNTIL_ATTACK, EMAIL)],
)
async def test_under_attack_each_network_has_two_tries_at_an_account(office: Office, tries: int, other: str) -> None:
    device = await enrol(office)
    async with office.database.begin() as work:
        tag = email_tag(work, EMAIL).hex() if other == EMAIL else "network 192.0.2.0/24"
        for _ in range(tries):
            await rates.once_more(work, work.keys.tag("wrong-sign-in", tag))
    for _ in range(WRONG_UNDER_ATTACK):
        assert await enter(office, PASSWORD, "", other, network="192.0.2.0/24") is None
    with pytest.raises(sign_in.TooManyWrong):
        await enter(office, PASSWORD, "", other, network="192.0.2.0/24")
    assert await enter(office, PASSWORD, device.at(office.clock.now), network="203.0.113.0/24")


async def test_only_the_browser_that_was_given_a_mark_is_known_by_it(office: Office) -> None:
    device = await enrol(office)
    async with office.database.begin() as work:
        known, of_another = device_of(work, EMAIL), device_of(work, "jan@office.example")
    for _ in range(WRONG_PER_ACCOUNT):
        await enter(office, "wrong", "000000")
    for invented in ("", ".", "x.y", of_another, known[:-1] + ("0" if known[-1] != "0" else "1"), "\u0661." + known):
        with pytest.raises(sign_in.TooManyWrong):
            await enter(office, PASSWORD, "000000", device=invented)
    assert await enter(office, PASSWORD, device.at(office.clock.now), device=known)


@pytest.mark.parametrize("chosen", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
async def test_a_password_is_the_same_in_each_form_of_its_signs(
    office: Office, chosen: Literal["NFC", "NFD"], typed: Literal["NFC", "NFD"]
) -> None:
    words = "Één wachtwoord met şğü"
    device = await enrol(office, password=normalize(chosen, words))
    assert await enter(office, normalize(typed, words), device.at(office.clock.now))


async def test_a_password_that_was_kept_in_another_form_before_still_opens(office: Office) -> None:
    device, words = await enrol(office), "Één wachtwoord met şğü"
    kept = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(normalize("NFD", words))
    async with office.database.begin() as work:
        member = await staff_rows.member_by_email(work, email_tag(work, EMAIL))
        assert member
        await staff_rows.change_member(work, member.id, password=kept)
    assert await enter(office, normalize("NFC", words), device.at(office.clock.now))


async def test_a_known_browser_has_eight_wrong_tries_of_its_own(office: Office) -> None:
    device = await enrol(office)
    async with office.database.begin() as work:
        known = device_of(work, EMAIL)
    for _ in range(WRONG_PER_ACCOUNT):
        assert await enter(office, "wrong", "000000", device=known) is None
    with pytest.raises(sign_in.TooManyWrong):
        await enter(office, PASSWORD, device.at(office.clock.now), device=known)
    assert await enter(office, PASSWORD, device.at(office.clock.now))


async def test_a_bad_password_or_code_leaves_the_link_good(office: Office) -> None:
    async with office.database.begin() as work:
        link = await accounts.create(work, EMAIL, StaffRole.HANDLER)
        for password in ("short", "x" * 201, EMAIL):
            with pytest.raises(sign_in.BadPassword):
                await sign_in.accept(work, link, password, "000000")
        with pytest.raises(sign_in.WrongOneTimeCode):
            await sign_in.accept(work, link, PASSWORD, "12345")
        assert await accounts.invitation(work, link)


async def test_a_new_password_ends_all_other_sessions(office: Office) -> None:
    device = await enrol(office)
    before = await enter(office, PASSWORD, device.at(office.clock.now))
    async with office.database.begin() as work:
        link = await accounts.new_link(work, EMAIL)
        offered = await accounts.invitation(work, link)
        assert offered
        code = pyotp.TOTP(offered.secret).at(office.clock.now)
        after = await sign_in.accept(work, link, "weer een andere lange zin", code)
        assert await sign_in.signed_in(work, before or "") is None
        assert await sign_in.signed_in(work, after or "")


async def test_a_session_ends_after_half_an_hour_without_use(office: Office) -> None:
    session = await office.session(StaffRole.HANDLER)
    for _ in range(3):
        office.clock.move(minutes=29)
        async with office.database.begin() as work:
            assert await sign_in.signed_in(work, session)
    office.clock.move(minutes=30)
    async with office.database.begin() as work:
        assert await sign_in.signed_in(work, session) is None


async def test_a_session_ends_after_eight_hours_of_use(office: Office) -> None:
    session = await office.session(StaffRole.HANDLER)
    for minutes in range(20, 480, 20):
        office.clock.move(minutes=20)
        async with office.database.begin() as work:
            assert await sign_in.signed_in(work, session), minutes
    office.clock.move(minutes=20)
    async with office.database.begin() as work:
        assert await sign_in.signed_in(work, session) is None


async def test_who_signs_out_is_out(office: Office) -> None:
    session = await office.session(StaffRole.HANDLER)
    async with office.database.begin() as work:
        await sign_in.sign_out(work, session)
        assert await sign_in.signed_in(work, session) is None


async def test_the_clock_forgets_sessions_that_are_over(office: Office) -> None:
    await office.session(StaffRole.HANDLER)
    office.clock.move(hours=9)
    fresh = await office.session(StaffRole.HANDLER)
    await tick(office.database, "sessions_are_over")
    async with office.database.begin() as work:
        assert len(await rows(work, "staff_sessions")) == 1
        assert await sign_in.signed_in(work, fresh)
