"""Role × page × whose signal, and the headers that each page carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from fastapi.routing import APIRoute

from domain.signals import About
from domain.staff import SCOPES, Scope, StaffRole
from handlers.console.app import make_console
from services import meetings
from tests.handlers.api.office import AREA, FOREIGN_BUURT, Office, Resident, send_form
from tests.lives import plan_of

ERASED = Resident(4712)
ANYBODY = {
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/link/{link}"), ("POST", "/link/{link}"),
    ("POST", "/sign-out"), ("POST", "/language"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What a page needs, what is sent to it, and what it answers for one's own signal."""

    scope: Scope
    good: int
    form: dict[str, str] | None = None


TABLE = {
    ("GET", "/"): Row(Scope.READ, 200),
    ("GET", "/signals/{signal_id}"): Row(Scope.READ, 200),
    ("POST", "/signals/{signal_id}/answer"): Row(Scope.ANSWER, 303, {"words": "Dank je.", "language": "nl"}),
    ("POST", "/signals/{signal_id}/move"): Row(Scope.MOVE, 303, {"to": "in_review"}),
    ("POST", "/signals/{signal_id}/codes"): Row(Scope.CODE, 303, {"grounds": "leeftijd"}),
    ("GET", "/signals/{signal_id}/files/{attachment_id}"): Row(Scope.READ, 404),
}

MEETING = {
    "theme_nl": "Open huis", "place": "De Honingraat", "address": "Osdorpplein 1",
    "starts": "2026-11-28T14:00", "ends": "2026-11-28T16:00",
}  # fmt: skip
# One meeting goes through all of these, in order.
MEETINGS = {
    ("GET", "/meetings"): Row(Scope.MEETINGS, 200),
    ("GET", "/meetings/new"): Row(Scope.MEETINGS, 200),
    ("POST", "/meetings"): Row(Scope.MEETINGS, 303, MEETING),
    ("GET", "/meetings/{meeting_id}"): Row(Scope.MEETINGS, 200),
    ("POST", "/meetings/{meeting_id}/change"): Row(Scope.MEETINGS, 303, MEETING),
    ("POST", "/meetings/{meeting_id}/publish"): Row(Scope.MEETINGS, 303, {}),
    ("POST", "/meetings/{meeting_id}/cancel"): Row(Scope.MEETINGS, 303, {}),
}


def test_every_page_has_its_row() -> None:
    app = make_console(lambda: pytest.fail("nothing"), timezone=ZoneInfo("UTC"), secure=False, demo=False)
    routes = {(method, route.path) for route in flat(app.routes) for method in route.methods or ()}
    # Those of broadcasts have a table of their own: test_broadcasts.py.
    ours = {route for route in routes if not route[1].startswith("/broadcasts")}
    assert ours == ANYBODY | set(TABLE) | set(MEETINGS)


def flat(routes: Sequence[object]) -> list[APIRoute]:
    found = [route for route in routes if isinstance(route, APIRoute)]
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        found += flat(inner) if inner else []
    return found


@pytest.mark.parametrize("role", StaffRole)
async def test_what_each_role_may_do_with_whose_signal(office: Office, role: StaffRole) -> None:
    own_about = About.MUNICIPALITY if role == StaffRole.CONFIDANT else About.NOBODY
    others = {
        "foreign": await office.report(about=own_about, buurt=FOREIGN_BUURT),
        "other organisation": await office.report(about=About.POLICE),
        "erased": await office.report(about=own_about, resident=ERASED),
        "unknown": "a" * 26,
    }
    await office.erase(ERASED.telegram_id)
    session = await office.session(role, areas=[AREA], organisation="police")
    for (method, path), row in TABLE.items():
        own = await office.report(about=own_about)
        answers = {}
        async with office.browser(session) as browser:
            await browser.get(f"/signals/{own}?reason=handling")
            for name, signal in {"own": own, **others}.items():
                address = path.format(signal_id=signal, attachment_id="a" * 26)
                if method == "GET":
                    answers[name] = await browser.get(address)
                else:
                    start = f"/signals/{own}" if row.scope in SCOPES[role] else "/sign-in"
                    answers[name] = await send_form(browser, start, address, **row.form or {})
        statuses = {name: answer.status_code for name, answer in answers.items()}
        if row.scope not in SCOPES[role]:
            assert statuses == dict.fromkeys(statuses, 403), path
        elif path == "/":
            assert set(statuses.values()) == {200}
            assert not [name for name, signal in others.items() if signal in answers["own"].text]
        else:
            assert statuses == {"own": row.good, **dict.fromkeys(others, 404)}, path


@pytest.mark.parametrize("role", StaffRole)
async def test_what_each_role_may_do_with_meetings(office: Office, role: StaffRole) -> None:
    async with office.database.begin() as work:
        organiser = await office.acting(work, StaffRole.ORGANISER)
        meeting = await meetings.plan(work, organiser, plan_of(work.now))
    async with office.browser(await office.session(role)) as browser:
        for (method, path), row in MEETINGS.items():
            statuses = []
            for meeting_id in (meeting, "a" * 26):
                address = path.format(meeting_id=meeting_id)
                if method == "GET":
                    statuses.append((await browser.get(address)).status_code)
                else:
                    start = f"/meetings/{meeting}" if row.scope in SCOPES[role] else "/sign-in"
                    statuses.append((await send_form(browser, start, address, **row.form or {})).status_code)
            if row.scope not in SCOPES[role]:
                assert statuses == [403, 403], path
            else:
                assert statuses == [row.good, 404 if "{" in path else row.good], path


async def test_without_a_session_every_page_asks_to_sign_in(office: Office) -> None:
    for session in (None, "wrong", "x" * 3000):
        async with office.browser(session) as browser:
            for method, path in (*TABLE, *MEETINGS):
                ids = {"signal_id": "a" * 26, "attachment_id": "a" * 26, "meeting_id": "a" * 26}
                answer = await browser.request(method, path.format(**ids))
                assert answer.status_code == 303
                assert answer.headers["location"].startswith("/sign-in?next=")


async def test_every_page_carries_the_headers_that_keep_others_out(office: Office) -> None:
    signal = await office.report()
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        for path in ("/", "/sign-in", f"/signals/{signal}", f"/signals/{signal}?reason=handling", "/nothing"):
            answer = await browser.get(path)
            assert answer.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "<script" not in answer.text
            assert " style=" not in answer.text
            assert " on" not in " ".join(part.split(">")[0] for part in answer.text.split("<")).replace(" one", "")


async def test_what_is_not_there_is_a_page_that_says_so(office: Office) -> None:
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        for method, path in (("GET", "/nothing"), ("POST", "/"), ("GET", "/static/../pages.py"), ("GET", "/signals/")):
            answer = await browser.request(method, path)
            assert answer.status_code in (404, 405)
            assert "Dat lukt niet" in answer.text
