"""Forms and addresses made up at random, by somebody who is signed in: never a 5xx, always a page or a way on."""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.sealing import KeyRing, new_key
from domain.signals.workflow import Status
from domain.staff.rights import StaffRole
from services.meetings import planning
from tests.handlers.api.office import Clock, open_office
from tests.handlers.console.serving import served
from tests.handlers.console.test_matrix import ROUNDS
from tests.lives import plan_of

WORDS = st.text(max_size=20) | st.sampled_from(
    ["\x00", "\ufffe", "9" * 30, "-1", "a" * 400, "//x", "nl", "received", "afval", "godsdienst", "handling", *Status]
)
FIELDS = st.sampled_from(
    "csrf words language reply version once to grounds group next back email password code reason done status kind "
    "area page title_nl areas amount_cents choose_min opens_at rule cost_cents count form code_class batch csv "
    "theme_nl place address starts ends latitude longitude capacity".split()
)
ACTS = ("change", "publish", "cancel")
PATHS = (
    st.sampled_from(["/", "/sign-in", "/sign-out", "/language", "/link/{}", "/signals/{}", "/signals/{}/files/{}"])
    | st.sampled_from(["/signals/{}/answer", "/signals/{}/move", "/signals/{}/codes"])
    | st.sampled_from(["/meetings", "/meetings/new", "/meetings/{}", *(f"/meetings/{{}}/{act}" for act in ACTS)])
    | st.sampled_from([path.replace("round_id", "").replace("plan_id", "") for _, path in ROUNDS])
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
                organiser = await office.acting(work, StaffRole.ORGANISER)
                return await planning.plan(work, organiser, plan_of(work.now))

        signal, meeting = runner.run(office.report()), runner.run(plan())
        round_id = runner.run(office.round(plans=1)).id
        sessions = {role: runner.run(office.session(role)) for role in (StaffRole.HANDLER, StaffRole.ORGANISER)}

        async def send(request: dict[str, Any]) -> None:
            path = request["path"]
            own = round_id if "/rounds" in path else meeting if "/meetings" in path else signal
            role = StaffRole.HANDLER if own == signal else StaffRole.ORGANISER
            where = own if request["own"] else quote(request["word"].encode("utf-8", "replace"), safe="")
            path = request["path"].format(where, where)
            async with office.browser(sessions[role]) as browser:
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


def test_a_form_that_trickles_in_holds_up_nobody(sqlite_url: str) -> None:
    kind = b"Content-Type: application/x-www-form-urlencoded"
    trickle = b"POST /sign-in HTTP/1.1\r\nHost: x\r\n" + kind + b"\r\nContent-Length: 99\r\n\r\nc"
    with (
        served(sqlite_url, KeyRing({1: new_key()}, new_key()), Clock(), demo=False) as address,
        ExitStack() as open_ones,
    ):
        host = httpx.URL(address)
        for _ in range(20):
            waiting = open_ones.enter_context(socket.create_connection((host.host, host.port or 80)))
            waiting.sendall(trickle)
        for _ in range(3):
            assert httpx.get(f"{address}/readyz", timeout=5).text == "ready\n"
            assert httpx.get(f"{address}/sign-in", timeout=5).status_code == 200
