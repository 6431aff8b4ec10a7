"""Accounts of the staff: made, entered once by a link, given tokens, ended."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pyotp
import pytest
from sqlalchemy import text

from domain.sealing import CannotOpen
from domain.signals.workflow import Kind
from domain.staff.rights import Mandate, Scope, StaffRole
from services.staff import accounts, sign_in
from storage.engine import vault
from storage.staff.accounts import all_members
from tests.handlers.api.office import Office, open_office

EMAIL = "Fatima@Office.example"


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    """An office (staff, console and API) on a fresh database."""
    async with open_office(database_url) as opened:
        yield opened


async def test_an_account_has_the_mandate_it_was_made_with(office: Office) -> None:
    async with office.database.begin() as work:
        await accounts.create(
            work, EMAIL, StaffRole.HANDLER, areas=["Osdorp"], kinds=[Kind.DAMP], organisation="corporation:Ymere"
        )
        mandate = Mandate(StaffRole.HANDLER, frozenset({"Osdorp"}), frozenset({Kind.DAMP}), "corporation:Ymere")
        assert await accounts.everybody(work) == [(EMAIL.lower(), mandate)]


async def test_an_address_has_one_account_however_it_is_written(office: Office) -> None:
    async with office.database.begin() as work:
        await accounts.create(work, EMAIL, StaffRole.HANDLER)
    with pytest.raises(accounts.KnownStaff):
        async with office.database.begin() as work:
            await accounts.create(work, EMAIL.upper(), StaffRole.VIEWER)
    async with office.database.begin() as work:
        assert [mandate.role for _, mandate in await accounts.everybody(work)] == [StaffRole.HANDLER]


async def test_an_address_that_is_none_is_refused(office: Office) -> None:
    async with office.database.begin() as work:
        for email in (
            "",
            "fatima",
            "@office.example",
            "fa tima@office.example",
            "a\nb@office.example",
            "x" * 300 + "@a",
        ):
            with pytest.raises(ValueError, match="is not an e-mail address"):
                await accounts.create(work, email, StaffRole.HANDLER)


async def test_a_link_is_good_once_and_for_a_day(office: Office) -> None:
    async with office.database.begin() as work:
        first = await accounts.create(work, EMAIL, StaffRole.HANDLER)
        assert await sign_in.enter(work, first)
        assert await sign_in.enter(work, first) is None
        second = await accounts.new_link(work, EMAIL)
    office.clock.move(hours=24)
    async with office.database.begin() as work:
        assert await accounts.invitation(work, second) is None
        assert await sign_in.enter(work, second) is None


async def test_a_new_link_ends_the_one_before(office: Office) -> None:
    async with office.database.begin() as work:
        first = await accounts.create(work, EMAIL, StaffRole.HANDLER)
        second = await accounts.new_link(work, EMAIL)
        assert await accounts.invitation(work, first) is None
        assert await accounts.invitation(work, second)


async def test_a_token_holds_the_scopes_of_the_role_or_fewer(office: Office) -> None:
    async with office.database.begin() as work:
        await accounts.create(work, EMAIL, StaffRole.HANDLER)
        whole = await accounts.bearer(work, await accounts.new_token(work, EMAIL))
        less = await accounts.bearer(work, await accounts.new_token(work, EMAIL, [Scope.READ]))
        assert whole
        assert less
        assert whole.scopes == {Scope.READ, Scope.ANSWER, Scope.MOVE, Scope.CODE}
        assert less.scopes == {Scope.READ}
        with pytest.raises(ValueError, match="the role handler allows"):
            await accounts.new_token(work, EMAIL, [Scope.ACCESS_LOG])
        assert await accounts.bearer(work, "bst_wrong") is None


async def test_who_was_dismissed_gets_in_no_way_any_more(office: Office) -> None:
    async with office.database.begin() as work:
        session = await sign_in.enter(work, await accounts.create(work, EMAIL, StaffRole.HANDLER))
        token, link = await accounts.new_token(work, EMAIL), await accounts.new_link(work, EMAIL)
        (member,) = await all_members(work)
        await accounts.dismiss(work, EMAIL)
        assert await sign_in.signed_in(work, session or "") is None
        assert await accounts.bearer(work, token) is None
        assert await accounts.invitation(work, link) is None
        with pytest.raises(CannotOpen):
            await vault.open_record(work, member.record_id)
        with pytest.raises(accounts.UnknownStaff):
            await accounts.new_link(work, EMAIL)


async def test_no_table_holds_an_address_a_secret_or_a_token(office: Office) -> None:
    async with office.database.begin() as work:
        link = await accounts.create(work, EMAIL, StaffRole.HANDLER)
        offered = await accounts.invitation(work, link)
        assert offered
        code = pyotp.TOTP(offered.secret).at(office.clock.now)
        session = await sign_in.accept(work, link, "een lange zin met woorden", code)
        token = await accounts.new_token(work, EMAIL)
        told = [EMAIL.lower(), offered.secret, "een lange zin met woorden", session or "", token, link]
        for table in ("staff", "sign_in_links", "staff_sessions", "staff_tokens"):
            rows = repr((await work.run(text(f"SELECT * FROM {table}"))).all()).lower()
            assert not [secret for secret in told if secret.lower() in rows]
