"""Every refusal is problem+json, says what to do, and repeats nothing of what was sent."""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from prometheus_client import generate_latest

from bot.process.metrics import REGISTRY
from bot.web.application import make_app
from bot.web.guard import BODY_LIMIT
from domain.staff.rights import StaffRole
from handlers.api.app import make_api
from handlers.api.schemas.problems import Problem
from handlers.subjects import API
from services.work import DatabaseAway, Work
from tests.handlers.api.office import Office

SECRET = "Mijn geheime verhaal over de portier"


def checked(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    Problem.model_validate(body)
    assert answer.status_code == body["status"] == status
    return body


async def test_addresses_and_methods_there_are_not(office: Office) -> None:
    checked(await office.api("GET", "/nothing"), 404)
    checked(await office.api("GET", "/"), 404)
    checked(await office.api("GET", "/signals/a/b/c/d"), 404)
    checked(await office.api("GET", "/signals/%0A"), 404)
    checked(await office.http.get("/api/v2/signals"), 404)
    assert "GET" in (await office.api("DELETE", "/me")).headers["allow"]
    checked(await office.api("DELETE", "/me"), 405)
    for path, methods in (("/rounds", "GET, POST"), (f"/rounds/{'a' * 26}", "DELETE, GET, PUT")):
        answer = await office.api("PATCH", path)
        checked(answer, 405)
        assert answer.headers["allow"] == methods


UNREADABLE = [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"words": "\\ud800"}', b'{"words": 1}', b"[" * 20_000]


async def test_a_body_that_can_not_be_read_is_told_without_repeating_it(office: Office) -> None:
    signal = await office.report()
    token = await office.token(StaffRole.HANDLER)
    headers = {"Content-Type": "application/json"}
    for content in UNREADABLE:
        answer = await office.api("POST", f"/signals/{signal}/answers", token, content=content, headers=headers)
        checked(answer, 400 if content.startswith(b"[[") else 422)


async def test_wrong_values_are_named_but_not_repeated(office: Office) -> None:
    signal = await office.report()
    token = await office.token(StaffRole.HANDLER)
    wrong = {"words": 7, "language": SECRET, SECRET: 1}
    body = checked(await office.api("POST", f"/signals/{signal}/answers", token, json=wrong), 422)
    assert {mistake["where"] for mistake in body["errors"]} >= {"body.words", "body.language"}
    assert SECRET not in str([mistake for mistake in body["errors"] if mistake["where"] != f"body.{SECRET}"])


async def test_a_refusal_is_short_however_much_is_wrong(office: Office) -> None:
    token = await office.token(StaffRole.ORGANISER)
    for wrong in ({"k" * 60_000: 1}, {f"{SECRET} {number}": 1 for number in range(1200)}):
        answer = await office.api("POST", "/meetings", token, json=wrong)
        errors = checked(answer, 422)["errors"]
        assert len(errors) <= 20
        assert len(answer.content) < 4000
        assert all(len(mistake["where"]) <= 100 for mistake in errors)


async def test_a_body_that_is_too_large_is_refused_whole(office: Office) -> None:
    signal = await office.report()
    token = await office.token(StaffRole.HANDLER)
    answer = await office.api("POST", f"/signals/{signal}/answers", token, content=b" " * (BODY_LIMIT + 1))
    checked(answer, 413)
    form = {"csrf": "x" * (BODY_LIMIT + 1)}
    assert (await office.http.post("/sign-in", data=form)).status_code == 413


class _Falling:
    """A unit of work that can't be opened."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def __aenter__(self) -> Work:
        raise self._error

    async def __aexit__(self, *_: object) -> None:
        return None


def falling(error: Exception) -> httpx.AsyncClient:
    def begin() -> AbstractAsyncContextManager[Work]:
        return _Falling(error)

    app = make_app(begin, secure=False)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://console.example", cookies={"session": "x"}
    )


async def test_a_database_that_is_away_is_a_503_everywhere() -> None:
    async with falling(DatabaseAway("gone")) as http:
        answer = await http.get("/api/v1/me", headers={"Authorization": "Bearer x"})
        checked(answer, 503)
        assert answer.headers["retry-after"] == "5"
        assert (await http.get("/")).status_code == 503
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/healthz")).text == "alive\n"


async def test_an_error_nobody_expected_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> float | None:
        return REGISTRY.get_sample_value("buurtstem_http_requests_total", {"part": "api", "status": "500"})

    caplog.set_level(logging.DEBUG)
    before = broken() or 0
    async with falling(ValueError(SECRET)) as http:
        answer = await http.get("/api/v1/me", headers={"Authorization": "Bearer x"})
        checked(answer, 500)
        page = await http.get("/")
        assert page.status_code == 500
        assert SECRET not in answer.text + page.text + caplog.text
        assert "ValueError" in caplog.text
        assert "Traceback" not in caplog.text
    assert broken() == before + 1


async def test_the_description_is_openapi_3_1_and_names_our_refusals(office: Office) -> None:
    described = (await office.api("GET", "/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": "/api/v1"}]
    assert "HTTPValidationError" not in str(described)
    for path in described["paths"].values():
        for operation in path.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            assert operation["description"]


def test_every_value_of_the_description_is_explained() -> None:
    described = make_api(lambda: pytest.fail("nothing is opened"), API).openapi()
    for name, schema in described["components"]["schemas"].items():
        assert schema.get("description"), name


async def test_counts_hold_no_address_of_a_signal(office: Office) -> None:
    signal = await office.report()
    await office.api("GET", f"/signals/{signal}")
    assert signal.encode() not in generate_latest(REGISTRY)
    assert (await office.http.get("/metrics")).status_code == 404  # counts are at the health port
