"""What residents and staff write stands in no log and on no page where it does not belong."""

from __future__ import annotations

import logging

import pytest

from domain.staff.rights import StaffRole
from handlers.telegram.reaches import reach_of
from services.signals import cases
from services.work import Work
from tests.handlers.api.office import STORY, Office, send_form

ANSWER, PASSWORD, EMAIL = "Mijn antwoord aan de melder", "een geheim wachtwoord", "fatima@office.example"


async def test_no_log_at_debug_holds_words_secrets_or_people(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    signal = await office.report(resident=reach_of(987654321))
    token, session = await office.token(StaffRole.HANDLER), await office.session(StaffRole.HANDLER)
    path = f"/signals/{signal}"
    async with office.browser(session) as browser:
        await browser.get(f"{path}?reason=handling")
        await send_form(browser, path, f"{path}/answer", words=ANSWER, language="nl")
        await send_form(browser, path, f"{path}/answer", words="", language="nl")
        await send_form(browser, "/sign-in", "/sign-in", email=EMAIL, password=PASSWORD, code="123456")
    await office.api("GET", f"{path}?reason=handling", token)
    await office.api("POST", f"{path}/answers", token, json={"words": [ANSWER]})
    for secret in (STORY, ANSWER, PASSWORD, EMAIL, token, session, "987654321"):
        assert secret not in caplog.text, secret
    assert "HTTP Request" in caplog.text, "the log was looked at"


async def test_an_error_in_the_middle_of_reading_tells_nothing(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fall(_work: Work, _signal: str, _key: bytes) -> None:
        raise RuntimeError(STORY)

    signal = await office.report()
    token, session = await office.token(StaffRole.HANDLER), await office.session(StaffRole.HANDLER)
    monkeypatch.setattr(cases, "dialogue", fall)
    answer = await office.api("GET", f"/signals/{signal}?reason=handling", token)
    async with office.browser(session) as browser:
        page = await browser.get(f"/signals/{signal}?reason=handling")
    assert (answer.status_code, page.status_code) == (500, 500)
    assert "Er ging iets fout bij ons" in page.text
    assert STORY not in answer.text + page.text + caplog.text
    assert "unexpected RuntimeError at" in caplog.text
    monkeypatch.undo()
    assert (await office.api("GET", f"/signals/{signal}", token)).status_code == 403, "the reading was not kept either"
