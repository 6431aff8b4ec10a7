"""Requests made up from the API's own description, most of them wrong: never a 5xx, always problem+json.

`make test` sends 1,000 to each database; `make proof` 50,000.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.signals.workflow import About, Kind, Status
from domain.staff.rights import StaffRole
from handlers.api.app import make_api
from handlers.subjects import API
from services.meetings import planning
from tests.handlers.api.office import STORY, Office, open_office
from tests.lives import plan_of

DESCRIBED = make_api(lambda: pytest.fail("nothing is opened"), API).openapi()
OPERATIONS = [(method, path) for path, operations in DESCRIBED["paths"].items() for method in operations]
ROLES = (StaffRole.HANDLER, StaffRole.VIEWER, StaffRole.CONFIDANT, StaffRole.AUDITOR, StaffRole.ORGANISER)

WILD = st.sampled_from(
    ["", "0", "-1", "1e9", "9" * 40, "null", "\x00", "\u202e", "%", "../..", "'; --", "a" * 300, "🏠"]
)
WORDS = (
    WILD | st.text(max_size=20) | st.sampled_from([*Status, *Kind, "handling", "nl", "received", "godsdienst", "afval"])
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["words", "language", "reply", "version", "to", "grounds", "domains", "natures", "group", "x"])
# Near to right: some members right, some missing, some of another type.
NEAR = st.fixed_dictionaries(
    {},
    optional={
        "words": st.just("Dank je.") | JSON,
        "language": st.just("nl") | JSON,
        "reply": st.just("received") | JSON,
        "version": st.integers(-1, 40) | JSON,
        "to": st.sampled_from(list(Status)) | JSON,
        "grounds": st.just(["godsdienst"]) | JSON,
        "group": st.just("afval") | JSON,
        **{name: st.just({"nl": "x"}) | JSON for name in ("theme", "about", "access")},
        **{name: st.just("x") | JSON for name in ("place", "address")},
        **{name: st.datetimes().map(lambda at: at.isoformat()) | JSON for name in ("starts", "ends")},
        "point": st.fixed_dictionaries({"latitude": st.floats(), "longitude": st.floats()}) | JSON,
        "capacity": st.integers() | JSON,
    },
) | st.fixed_dictionaries(
    {},
    optional={
        "title": st.just({"nl": "Ronde"}) | JSON,
        "areas": st.just(["FK01"]) | JSON,
        "amount_cents": st.just(100) | JSON,
        "cost_cents": st.just(100) | JSON,
        "opens_at": st.just("2026-12-01T09:00:00Z") | JSON,
        "closes_at": st.just("2026-12-21T09:00:00Z") | JSON,
        "languages": st.just(["nl"]) | JSON,
        "to": st.just("voting") | JSON,
        "count": st.integers(-1, 9) | JSON,
        "code": WORDS | JSON,
    },
)
BODIES = (NEAR | st.dictionaries(NAMES, JSON, max_size=4) | JSON).map(
    lambda value: json.dumps(value, ensure_ascii=True).encode()
) | st.binary(max_size=60)
REQUESTS = st.fixed_dictionaries(
    {
        "operation": st.sampled_from(OPERATIONS),
        "method": st.sampled_from(["get", "post", "put", "patch", "delete", "head", "options"]) | st.none(),
        "signal": st.integers(0, 3) | WORDS,
        "query": st.dictionaries(
            st.sampled_from(["status", "kind", "area", "page", "reason", "after", "x"]), WORDS, max_size=3
        ),
        "role": st.sampled_from([*ROLES, None]),
        "headers": st.dictionaries(
            st.sampled_from(["Idempotency-Key", "Content-Type", "Accept", "Authorization", "Range", "If-Match"]),
            st.binary(min_size=1, max_size=20).map(lambda value: value.translate(None, b"\r\n\x00")),
            max_size=2,
        ),
        "body": BODIES | st.none(),
    }
)


class Siege:
    """An office under siege: its signals, its tokens, and what it must never do."""

    def __init__(
        self, office: Office, signals: list[str], tokens: dict[StaffRole, str], meeting: str = "", round_id: str = ""
    ) -> None:
        self.office, self.signals, self.tokens, self.meeting, self.round = office, signals, tokens, meeting, round_id

    @classmethod
    async def lay(cls, office: Office) -> Siege:
        """Prepare signals, a round and tokens."""
        made = [{"kind": Kind.DISCRIMINATION}, {"kind": Kind.NUISANCE}, {"about": About.POLICE}, {"buurt": None}]
        signals = [await office.report(**facts) for facts in made]  # type: ignore[arg-type]
        async with office.database.begin() as work:
            organiser = await office.acting(work, StaffRole.ORGANISER)
            meeting = await planning.plan(work, organiser, plan_of(work.now))
        tokens = {role: await office.token(role) for role in ROLES}
        return cls(office, signals, tokens, meeting, (await office.round(plans=1)).id)

    async def send(self, request: dict[str, Any]) -> None:
        """Send one request and look at its answer."""
        method, path = request["operation"]
        signal = request["signal"]
        meeting = self.meeting if isinstance(signal, int) else quote(signal, safe="").replace(".", "%2E")
        signal = self.signals[signal] if isinstance(signal, int) else quote(signal, safe="").replace(".", "%2E")
        mine = self.round if isinstance(request["signal"], int) else signal
        ids = {"signal_id": signal, "attachment_id": signal, "plan_id": signal, "meeting_id": meeting, "round_id": mine}
        address = path.format(**ids, broadcast_id=signal)
        headers = {"Content-Type": b"application/json", **request["headers"]}
        if request["role"] and "Authorization" not in request["headers"]:
            headers["Authorization"] = f"Bearer {self.tokens[request['role']]}".encode()
        answer = await self.office.http.request(
            request["method"] or method,
            f"/api/v1{address}",
            params=request["query"],
            headers=headers,
            content=request["body"],
        )
        self.check(answer)

    def check(self, answer: httpx.Response) -> None:
        """Never a 5xx or a traceback; a refusal is problem+json without a resident's words."""
        assert answer.status_code < 500, answer.text
        assert "Traceback" not in answer.text
        if answer.status_code >= 400 and answer.request.method != "HEAD":
            assert answer.headers["content-type"] == "application/problem+json", answer.text
            assert STORY not in answer.text
        self.office.clock.move(seconds=1)


def besiege(url: str, times: int) -> None:
    with asyncio.Runner() as runner:

        async def lay() -> tuple[Any, Siege]:
            opening = open_office(url)
            return opening, await Siege.lay(await opening.__aenter__())

        opening, siege = runner.run(lay())

        @settings(max_examples=times, suppress_health_check=list(HealthCheck), database=None, derandomize=times <= 1000)
        @given(REQUESTS)
        def attack(request: dict[str, Any]) -> None:
            runner.run(siege.send(request))

        try:
            attack()
        finally:
            runner.run(opening.__aexit__(None, None, None))


def test_a_thousand_hostile_requests_break_nothing(database_url: str) -> None:
    besiege(database_url, 1000)


@pytest.mark.proof
def test_fifty_thousand_hostile_requests_break_nothing(database_url: str) -> None:
    besiege(database_url, 50_000)


@pytest.mark.parametrize("body", ["Traceback (most recent call last)", STORY, "plain"])
def test_the_siege_sees_an_answer_that_tells_too_much(body: str) -> None:
    answer = httpx.Response(400, text=body, request=httpx.Request("GET", "http://x"))
    with pytest.raises(AssertionError):
        Siege(None, [], "", {}).check(answer)  # type: ignore[arg-type]
