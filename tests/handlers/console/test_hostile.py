"""Forms and addresses made up at random, by somebody who is signed in: never a 5xx, always a page or a way on."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.signals import Status
from domain.staff import StaffRole
from services import meetings
from tests.handlers.api.office import open_office
from tests.lives import plan_of

WORDS = st.text(max_size=20) | st.sampled_from(
    ["\x00", "\ufffe", "9" * 30, "-1", "a" * 400, "//x", "nl", "received", "afval", "godsdienst", "handling", *Status]
)
FIELDS = st.sampled_from(
    "csrf words language reply version once to grounds group next back email password code reason done status kind "
    "area page theme_nl place address starts ends latitude longitude capacity".split()
)
ACTS = ("change", "publish", "cancel")
PATHS = (
    st.sampled_from(["/", "/sign-in", "/sign-out", "/language", "/link/{}", "/signals/{}", "/signals/{}/files/{}"])
    | (st.sampled_from(["/signals/{}/answer", "/signals/{}/move", "/signals/{}/codes"]))
    | (st.sampled_from(["/meetings", "/meetings/new", "/meetings/{}", *(f"/meetings/{{}}/{act}" for act in ACTS)]))
)
REQUESTS = st.fixed_dictionaries(
    {
        "path": PATHS,
        "word": WORDS,
        "own": st.booleans(),
        "method": st.sampled_from(["GET", "POST"]),
        "fields": st.dictionaries(FIELDS, WORDS, max_size=5),
        "forged": st.booleans(),
        "raw": st.binary(max_size=40) | st.none(),
    }
)


@pytest.mark.parametrize("role", [StaffRole.HANDLER, StaffRole.ORGANISER])
def test_a_signed_in_vandal_breaks_nothing(sqlite_url: str, role: StaffRole) -> None:
    with asyncio.Runner() as runner:
        opening = open_office(sqlite_url)
        office = runner.run(opening.__aenter__())

        async def plan() -> str:
            async with office.database.begin() as work:
                return await meetings.plan(work, await office.acting(work, role), plan_of(work.now))

        own = runner.run(office.report() if role == StaffRole.HANDLER else plan())
        session = runner.run(office.session(role))

        async def send(request: dict[str, Any]) -> None:
            where = own if request["own"] else quote(request["word"].encode("utf-8", "replace"), safe="")
            path = request["path"].format(where, where)
            async with office.browser(session) as browser:
                csrf = re.findall('name="csrf" value="([^"]+)"', (await browser.get("/")).text)
                fields = (
                    {**request["fields"]} if request["forged"] or not csrf else {**request["fields"], "csrf": csrf[0]}
                )
                fields = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}
                if request["method"] == "GET":
                    answer = await browser.get(path, params=fields)
                elif request["raw"] is not None and request["forged"]:
                    kind = {"Content-Type": "multipart/form-data; boundary=x"}
                    answer = await browser.post(path, content=request["raw"], headers=kind)
                else:
                    answer = await browser.post(path, data=fields)
            assert answer.status_code < 500, (request, answer.text)
            if answer.status_code == 303:
                assert re.match(r"/(?![/\\])", answer.headers["location"])
            else:
                assert "</html>" in answer.text

        @settings(max_examples=400, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
        @given(REQUESTS)
        def attack(request: dict[str, Any]) -> None:
            runner.run(send(request))

        try:
            attack()
        finally:
            runner.run(opening.__aexit__(None, None, None))
