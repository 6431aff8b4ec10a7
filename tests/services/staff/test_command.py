"""`python -m bot staff`: what it prints, and what it refuses."""

from __future__ import annotations

import pytest

from bot.commands.staff import done, parser
from services.staff import accounts
from tests.handlers.api.office import Office, open_office

EMAIL = "fatima@office.example"


async def told(office: Office, words: str) -> list[str]:
    async with office.database.begin() as work:
        return await done(work, parser().parse_args(words.split()), "http://127.0.0.1:8080")


async def test_from_an_account_to_its_end(sqlite_url: str) -> None:
    async with open_office(sqlite_url) as office:
        link, _ = await told(office, f"create {EMAIL} --role handler --area Osdorp --kind damp --kind nuisance")
        assert (await office.http.get(link.removeprefix("http://127.0.0.1:8080"))).status_code == 200
        assert await told(office, "list") == [f"{EMAIL}  handler  Osdorp  damp, nuisance  none"]
        (token,) = await told(office, f"token {EMAIL} --scope signals:read")
        assert (await office.api("GET", "/me", token)).json()["scopes"] == ["signals:read"]
        again, _ = await told(office, f"link {EMAIL}")
        assert again != link
        await told(office, f"end {EMAIL}")
        assert (await office.api("GET", "/me", token)).status_code == 401
        assert await told(office, "list") == ["there is no account yet"]


async def test_what_can_not_be_is_said(sqlite_url: str) -> None:
    async with open_office(sqlite_url) as office:
        for words in (f"link {EMAIL}", f"token {EMAIL}", f"end {EMAIL}"):
            with pytest.raises(accounts.UnknownStaff, match="no member of staff"):
                await told(office, words)
        with pytest.raises(ValueError, match="an organisation is"):
            await told(office, f"create {EMAIL} --role handler --organisation army")
        await told(office, f"create {EMAIL} --role admin")
        with pytest.raises(accounts.KnownStaff):
            await told(office, f"create {EMAIL} --role viewer")


@pytest.mark.parametrize("words", ["", "create", f"create {EMAIL}", f"create {EMAIL} --role boss", "remove x"])
def test_words_it_does_not_know_end_with_2(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(words.split())
    assert ended.value.code == 2
    assert "usage: python -m bot staff" in capsys.readouterr().err
