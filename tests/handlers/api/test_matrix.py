"""Role × route × whose signal: who may do what, and that what is not one's own can't be told from what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from domain.reach import Reach
from domain.signals.workflow import About, GivenFile
from domain.staff.rights import SCOPES, Scope, StaffRole
from handlers.api.app import make_api
from handlers.subjects import API
from handlers.telegram.reaches import reach_of
from services.meetings import planning
from services.signals import attachments
from services.signals.reporting import add
from services.staff import accounts
from storage.signals.cases import attachments_of
from tests.handlers.api.office import AREA, FOREIGN_BUURT, Office
from tests.handlers.api.test_budget import ROUTES
from tests.lives import plan_of

REPORTER = reach_of(4711)
ERASED = reach_of(4712)
ROLES = [role for role in StaffRole if SCOPES[role]]


@dataclass(frozen=True)
class Row:
    """What a route needs, what is sent to it, and what it answers for one's own signal."""

    scope: Scope | None
    good: int
    body: dict[str, Any] | None = None


MEETING = {
    "theme": {"nl": "Open huis"}, "place": "De Honingraat", "address": "Osdorpplein 1",
    "starts": "2026-11-28T14:00", "ends": "2026-11-28T16:00",
}  # fmt: skip
TABLE = {
    ("get", "/signals"): Row(Scope.READ, 200),
    ("get", "/signals/{signal_id}"): Row(Scope.READ, 200),
    ("post", "/signals/{signal_id}/answers"): Row(Scope.ANSWER, 201, {"words": "Dank je."}),
    ("post", "/signals/{signal_id}/moves"): Row(Scope.MOVE, 204, {"to": "in_review"}),
    ("delete", "/signals/{signal_id}/danger"): Row(Scope.MOVE, 204),
    ("put", "/signals/{signal_id}/codes"): Row(Scope.CODE, 204, {}),
    ("get", "/signals/{signal_id}/attachments/{attachment_id}"): Row(Scope.READ, 200),
    ("get", "/me"): Row(None, 200),
    ("get", "/access-log"): Row(Scope.ACCESS_LOG, 200),
    ("get", "/meetings"): Row(Scope.MEETINGS, 200),
    ("post", "/meetings"): Row(Scope.MEETINGS, 201, MEETING),
    ("get", "/meetings/{meeting_id}"): Row(Scope.MEETINGS, 200),
    ("put", "/meetings/{meeting_id}"): Row(Scope.MEETINGS, 200, {**MEETING, "version": 1}),
    ("post", "/meetings/{meeting_id}/publish"): Row(Scope.MEETINGS, 204, {"version": 2}),
    ("post", "/meetings/{meeting_id}/cancel"): Row(Scope.MEETINGS, 204, {"version": 3}),
    ("delete", "/meetings/{meeting_id}"): Row(Scope.MEETINGS, 409),
}


def routes() -> Iterator[tuple[str, str]]:
    described = make_api(lambda: pytest.fail("nothing is opened"), API).openapi()
    for path, operations in described["paths"].items():
        for method in operations:
            yield method, path


def test_every_route_has_its_row() -> None:
    # Those of broadcasts have a table of their own: test_broadcasts.py.
    ours = {route for route in routes() if not route[1].startswith("/broadcasts")}
    assert ours == set(TABLE) | set(ROUTES)


async def photo_of(office: Office, signal: str, resident: Reach) -> str:
    async with office.database.begin() as work:
        await add(work, resident, signal, "", (GivenFile("photo", "file"),))
        (photo,) = await attachments_of(work, signal)
        await attachments.keep(work, photo.id, attachments.StoredFile("image/jpeg", b"picture"))
    return photo.id


async def planned(office: Office) -> str:
    async with office.database.begin() as work:
        organiser = await office.acting(work, StaffRole.ORGANISER)
        return await planning.plan(work, organiser, plan_of(work.now))


async def ask(
    office: Office, token: str, route: tuple[str, str], signal: str, photo: str, meeting: str
) -> httpx.Response:
    method, path = route
    address = path.format(signal_id=signal, attachment_id=photo, meeting_id=meeting)
    if route == ("get", "/signals/{signal_id}"):
        address += "?reason=handling"
    if route == ("delete", "/meetings/{meeting_id}"):
        address += "?version=4"
    if path.endswith("danger"):
        found = await office.api("GET", f"/signals/{signal}?reason=handling", token)
        address += f"?version={found.json().get('version', 1)}"
    body = TABLE[route].body
    if body is not None and path.endswith(("moves", "codes")):
        found = await office.api("GET", f"/signals/{signal}?reason=handling", token)
        body = {**body, "version": found.json().get("version", 1)}
    return await office.api(method.upper(), address, token, json=body)


@pytest.mark.parametrize("role", ROLES)
async def test_what_each_role_may_do_with_whose_signal(office: Office, role: StaffRole) -> None:
    confidant = role == StaffRole.CONFIDANT
    token = await office.token(role, areas=[AREA], organisation="none" if confidant else "police")
    own_about = About.MUNICIPALITY if confidant else About.NOBODY
    own = await office.report(about=own_about, resident=REPORTER)
    others = {
        "foreign": await office.report(about=own_about, buurt=FOREIGN_BUURT),
        "not theirs": await office.report(about=About.NOBODY if confidant else About.POLICE),
        "erased": await office.report(about=own_about, resident=ERASED),
        "unknown": "a" * 26,
    }
    await office.erase(ERASED)
    photo, meeting = await photo_of(office, own, REPORTER), await planned(office)
    for route, row in TABLE.items():
        if row.scope and row.scope not in SCOPES[role]:
            refused = {
                (await ask(office, token, route, signal, photo, meeting)).text for signal in (own, *others.values())
            }
            assert len(refused) == 1, "who may not do it learns nothing about what there is"
            assert f"scope {row.scope}" in refused.pop()
            continue
        answered = await ask(office, token, route, own, photo, meeting)
        assert answered.status_code == row.good, (route, answered.text)
        if "{signal_id}" in route[1]:
            answers = {name: await ask(office, token, route, signal, photo, meeting) for name, signal in others.items()}
            assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(others, 404), route
            assert len({answer.text for answer in answers.values()}) == 1, "they can't be told apart"


async def test_without_a_good_token_there_is_nothing(office: Office) -> None:
    bodies = {route: row.body for route, row in TABLE.items()} | {route: body for route, (body, _) in ROUTES.items()}
    for (method, path), body in bodies.items():
        for token in ("", "bst_wrong", "x" * 5000, "ünïcode"):
            headers = {b"Authorization": f"Bearer {token}".encode()} if token else {}
            answer = await office.http.request(method, f"/api/v1{path}", headers=headers, json=body)
            assert answer.status_code == 401, (path, token)
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_role_without_a_part_gets_no_token(office: Office) -> None:
    for role in set(StaffRole) - set(ROLES):
        email = await office.email(role)
        async with office.database.begin() as work:
            with pytest.raises(ValueError, match="no API token"):
                await accounts.new_token(work, email)


async def test_a_token_of_one_scope_does_no_more(office: Office) -> None:
    email = await office.email(StaffRole.HANDLER)
    signal = await office.report()
    async with office.database.begin() as work:
        token = await accounts.new_token(work, email, [Scope.READ])
    assert (await office.api("GET", f"/signals/{signal}?reason=handling", token)).status_code == 200
    assert (await office.api("POST", f"/signals/{signal}/answers", token, json={"words": "x"})).status_code == 403
    assert (await office.api("GET", "/me", token)).json()["scopes"] == ["signals:read"]
