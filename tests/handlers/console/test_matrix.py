"""Role × page × whose signal, and the headers that each page carries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from fastapi.routing import APIRoute

from domain.signals.workflow import About
from domain.staff.rights import SCOPES, Scope, StaffRole
from handlers.console.app import make_console
from handlers.subjects import PAGES
from handlers.telegram.reaches import reach_of
from services.budget.plans import plans
from services.meetings import planning
from tests.handlers.api.office import AREA, BUURT, FOREIGN_BUURT, Office, send_form
from tests.lives import plan_of

ERASED = reach_of(4712)
ANYBODY = {
    ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/link/{link}"), ("POST", "/link/{link}"),
    ("POST", "/sign-out"), ("POST", "/language"),
    ("GET", "/results/{round_id}/"), ("GET", "/results/{round_id}/{name}"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What a page needs, what is sent to it, and what it answers for one's own signal."""

    scope: Scope
    good: int
    form: dict[str, str] | None = None


TABLE = {
    ("GET", "/signals"): Row(Scope.READ, 200),
    ("GET", "/signals/{signal_id}"): Row(Scope.READ, 200),
    ("POST", "/signals/{signal_id}/answer"): Row(Scope.ANSWER, 303, {"words": "Dank je.", "language": "nl"}),
    ("POST", "/signals/{signal_id}/move"): Row(Scope.MOVE, 303, {"to": "in_review"}),
    ("POST", "/signals/{signal_id}/calm"): Row(Scope.MOVE, 303, {}),
    ("POST", "/signals/{signal_id}/codes"): Row(Scope.CODE, 303, {"grounds": "leeftijd"}),
    ("GET", "/signals/{signal_id}/files/{attachment_id}"): Row(Scope.READ, 404),
}
ROUND_FORM = {
    "title_nl": "Ronde", "areas": BUURT, "amount_cents": "25000", "choose_min": "1", "choose_max": "3",
    "rule": "most-votes-stop", "opens_at": "2026-12-01T09:00", "closes_at": "2026-12-21T22:00", "languages": "nl",
}  # fmt: skip
PLAN_FORM = {"title_nl": "Bankjes", "cost_cents": "100"}
# In this order: a plan that is gone can't be changed.
ROUNDS = {
    ("GET", "/rounds"): Row(Scope.ROUNDS, 200),
    ("GET", "/rounds/new"): Row(Scope.ROUNDS, 200),
    ("POST", "/rounds/new"): Row(Scope.ROUNDS, 303, ROUND_FORM),
    ("GET", "/rounds/{round_id}"): Row(Scope.ROUNDS, 200),
    ("GET", "/rounds/{round_id}/change"): Row(Scope.ROUNDS, 200),
    ("POST", "/rounds/{round_id}/change"): Row(Scope.ROUNDS, 303, {**ROUND_FORM, "version": "1"}),
    ("GET", "/rounds/{round_id}/plans/new"): Row(Scope.ROUNDS, 200),
    ("POST", "/rounds/{round_id}/plans/new"): Row(Scope.ROUNDS, 303, PLAN_FORM),
    ("POST", "/rounds/{round_id}/plans/import"): Row(Scope.ROUNDS, 409, {}),
    ("GET", "/rounds/{round_id}/plans/{plan_id}"): Row(Scope.ROUNDS, 200),
    ("POST", "/rounds/{round_id}/plans/{plan_id}"): Row(Scope.ROUNDS, 303, {**PLAN_FORM, "version": "1"}),
    ("GET", "/rounds/{round_id}/plans/{plan_id}/photo"): Row(Scope.ROUNDS, 404),
    ("POST", "/rounds/{round_id}/plans/{plan_id}/correct"): Row(Scope.ROUNDS, 409, {**PLAN_FORM, "version": "1"}),
    ("POST", "/rounds/{round_id}/plans/{plan_id}/remove"): Row(Scope.ROUNDS, 303, {}),
    ("POST", "/rounds/{round_id}/codes"): Row(
        Scope.ROUNDS, 200, {"count": "1", "code_class": "resident", "form": "csv"}
    ),
    ("POST", "/rounds/{round_id}/codes/handed-out"): Row(Scope.ROUNDS, 409, {"batch": "x", "count": "1"}),
    ("POST", "/rounds/{round_id}/codes/block"): Row(Scope.ROUNDS, 409, {"code": "x"}),
    ("GET", "/rounds/{round_id}/confirm"): Row(Scope.ROUNDS, 409),  # nothing is asked
    # These are asked about first.
    ("POST", "/rounds/{round_id}/move"): Row(Scope.ROUNDS, 409, {"to": "voting"}),
    ("POST", "/rounds/{round_id}/extend"): Row(Scope.ROUNDS, 409, {"closes_at": "2026-12-24T22:00", "why": "letters"}),
    ("POST", "/rounds/{round_id}/delete"): Row(Scope.ROUNDS, 409, {"version": "2"}),  # codes of it went out
}
EVERYBODY = {
    ("GET", "/"),
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
    ("GET", "/meetings/{meeting_id}/confirm"): Row(Scope.MEETINGS, 409),  # nothing is asked
    ("POST", "/meetings/{meeting_id}/delete"): Row(Scope.MEETINGS, 409, {}),  # it is no draft any more
    ("POST", "/meetings/{meeting_id}/cancel"): Row(Scope.MEETINGS, 303, {}),
}


def test_every_page_has_its_row() -> None:
    app = make_console(lambda: pytest.fail("nothing"), PAGES, secure=False, demo=False)
    routes = {(method, route.path) for route in flat(app.routes) for method in route.methods or ()}
    # Those of broadcasts have a table of their own: test_broadcasts.py.
    ours = {route for route in routes if not route[1].startswith("/broadcasts")}
    rows = ANYBODY | EVERYBODY | set(TABLE) | set(MEETINGS) | set(ROUNDS)
    assert ours == rows, f"a page needs its row in one of the tables above: {ours ^ rows}"


def flat(routes: Sequence[object]) -> list[APIRoute]:
    found = [route for route in routes if isinstance(route, APIRoute)]
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        found += flat(inner) if inner else []
    return found


@pytest.mark.parametrize("role", StaffRole)
async def test_what_each_role_may_do_with_whose_signal(office: Office, role: StaffRole) -> None:
    confidant = role == StaffRole.CONFIDANT
    own_about = About.MUNICIPALITY if confidant else About.NOBODY
    others = {
        "foreign": await office.report(about=own_about, buurt=FOREIGN_BUURT),
        "not theirs": await office.report(about=About.NOBODY if confidant else About.POLICE),
        "erased": await office.report(about=own_about, resident=ERASED),
        "unknown": "a" * 26,
    }
    await office.erase(ERASED)
    session = await office.session(role, areas=[AREA], organisation="none" if confidant else "police")
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
        elif "{" not in path:  # a list, whose signal it is does not matter
            assert set(statuses.values()) == {200}
            assert not [name for name, signal in others.items() if signal in answers["own"].text]
        else:
            assert statuses == {"own": row.good, **dict.fromkeys(others, 404)}, path


@pytest.mark.parametrize("role", StaffRole)
async def test_what_each_role_may_do_with_meetings(office: Office, role: StaffRole) -> None:
    async with office.database.begin() as work:
        organiser = await office.acting(work, StaffRole.ORGANISER)
        meeting = await planning.plan(work, organiser, plan_of(work.now))
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


@pytest.mark.parametrize("role", StaffRole)
async def test_what_each_role_may_do_with_which_round(office: Office, role: StaffRole) -> None:
    rounds = {"own": await office.round(plans=3), "foreign": await office.round(areas=(FOREIGN_BUURT,), plans=3)}
    ids = {"unknown": ("a" * 26, "a" * 26)}
    async with office.database.begin() as work:
        for name, found in rounds.items():
            ids[name] = found.id, (await plans(work, found.id))[0].id
    session = await office.session(role, areas=[AREA])
    for (method, path), row in ROUNDS.items():
        answers = {}
        async with office.browser(session) as browser:
            for name, (round_id, plan_id) in ids.items():
                address = path.format(round_id=round_id, plan_id=plan_id)
                if method == "GET":
                    answers[name] = await browser.get(address)
                else:
                    answers[name] = await send_form(browser, "/", address, **row.form or {})
        statuses = {name: answer.status_code for name, answer in answers.items()}
        if row.scope not in SCOPES[role]:
            assert statuses == dict.fromkeys(statuses, 403), path
        elif "{round_id}" not in path:
            assert set(statuses.values()) == {row.good}
            assert rounds["foreign"].id not in answers["own"].text
        else:
            assert statuses == {"own": row.good, "foreign": 404, "unknown": 404}, path


async def test_a_plan_of_another_round_is_not_there(office: Office) -> None:
    one, other = await office.round(plans=1), await office.round()
    async with office.database.begin() as work:
        (plan,) = await plans(work, one.id)
    async with office.browser(await office.session(StaffRole.ORGANISER)) as browser:
        for method, path in ROUNDS:
            if "{plan_id}" in path:
                address = path.format(round_id=other.id, plan_id=plan.id)
                answer = (
                    await browser.get(address)
                    if method == "GET"
                    else await send_form(browser, "/", address, **PLAN_FORM)
                )
                assert answer.status_code == 404, path


async def test_without_a_session_every_page_asks_to_sign_in(office: Office) -> None:
    for session in (None, "wrong", "x" * 3000):
        async with office.browser(session) as browser:
            for method, path in (*EVERYBODY, *TABLE, *MEETINGS, *ROUNDS):
                answer = await browser.request(method, re.sub(r"{\w+}", "a" * 26, path))
                assert answer.status_code == 303
                assert answer.headers["location"].startswith("/sign-in?next=")


async def test_every_page_carries_the_headers_that_keep_others_out(office: Office) -> None:
    signal = await office.report()
    async with office.browser(await office.session(StaffRole.HANDLER)) as browser:
        for path in (
            "/",
            "/signals",
            "/rounds",
            "/sign-in",
            f"/signals/{signal}",
            f"/signals/{signal}?reason=handling",
            "/nothing",
        ):
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
        for method, path in (
            ("GET", "/nothing"),
            ("POST", "/"),
            ("GET", "/static/../pages.py"),
            ("GET", "/rounds/x/y"),
        ):
            answer = await browser.request(method, path)
            assert answer.status_code in (404, 405)
            assert "Dat lukt niet" in answer.text
