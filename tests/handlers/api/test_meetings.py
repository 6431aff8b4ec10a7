"""Meetings over HTTP, as a partner's program uses them: planned once, published, moved, called off."""

from __future__ import annotations

import re
from typing import Any

import pytest

from domain.staff.rights import StaffRole
from handlers.telegram.reaches import reach_of
from services.meetings import rsvp
from tests.handlers.api.office import Office

PLAN: dict[str, Any] = {
    "theme": {"nl": "Open huis", "ar": "بيت مفتوح"},
    "about": {"nl": "Samen kijken naar de plannen."},
    "access": {"nl": "Er is een lift."},
    "place": "De Honingraat",
    "address": "Osdorpplein 1",
    "point": {"latitude": 52.3579, "longitude": 4.8053},
    "starts": "2026-11-28T14:00",
    "ends": "2026-11-28T16:00",
    "capacity": 6,
}


async def planned(office: Office, token: str) -> str:
    answer = await office.api("POST", "/meetings", token, json=PLAN)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_meeting_from_the_plan_to_its_end(office: Office) -> None:
    token = await office.token(StaffRole.ORGANISER)
    meeting = await planned(office, token)
    assert (await office.api("POST", f"/meetings/{meeting}/publish", token, json={"version": 1})).status_code == 204
    async with office.database.begin() as work:
        for number, people in ((1, 6), (2, 6)):
            await rsvp.come(work, reach_of(number), meeting, people)
    found = (await office.api("GET", f"/meetings/{meeting}", token)).json()
    assert {name: found[name] for name in PLAN} == {**PLAN, "starts": found["starts"], "ends": found["ends"]}
    assert (found["starts"], found["starts_at"], found["link"]) == (
        "2026-11-28T14:00:00", "2026-11-28T13:00:00Z", f"?start=meet-{meeting}"
    )  # fmt: skip
    assert (found["status"], found["coming"], found["waiting"], found["waiting_parties"]) == (
        "published", 5, 5, None
    )  # fmt: skip
    assert found["told"] == [
        {"why": "day_before", "state": "due", "times": None}, {"why": "two_hours", "state": "due", "times": None}
    ]  # fmt: skip
    later = {**PLAN, "ends": "2026-11-28T17:00", "version": 2}
    assert (await office.api("PUT", f"/meetings/{meeting}", token, json=later)).json() == {"moved": True}
    assert (await office.api("POST", f"/meetings/{meeting}/cancel", token, json={"version": 3})).status_code == 204
    (line,) = (await office.api("GET", "/meetings", token)).json()["meetings"]
    assert (line["status"], line["theme"], line["coming"]) == ("cancelled", "Open huis", 5)
    found = (await office.api("GET", f"/meetings/{meeting}", token)).json()
    assert found["told"] == [{"why": "cancelled", "state": "due", "times": None}]
    assert found["sequence"] == 2


async def test_the_same_key_plans_once(office: Office) -> None:
    token = await office.token(StaffRole.ORGANISER)
    headers = {"Idempotency-Key": "plan-of-november"}
    first, again = [await office.api("POST", "/meetings", token, json=PLAN, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    other = await office.api("POST", "/meetings", token, json={**PLAN, "capacity": 9}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "urn:buurtstem:problem:key-used-before")
    assert "another request" in other.json()["detail"]


@pytest.mark.parametrize(
    ("wrong", "said", "where"),
    [
        ({"starts": "2027-03-28T02:30", "ends": "2027-03-28T05:00"}, "no such hour", "body"),
        ({"ends": "2026-11-28T13:00"}, "after the start", "body.ends"),
        ({"starts": "2020-01-01T10:00"}, "in the past", "body.starts"),
        ({"starts": "0001-01-01T00:00"}, "in the past", "body.starts"),
        ({"starts": "9999-12-31T22:00", "ends": "9999-12-31T23:30"}, "five years ahead", "body.ends"),
        ({"theme": {"en": "Open house"}}, "in Dutch", "body.theme"),
        ({"theme": {"nl": "Open huis", "xx": "?"}}, "nl, en, tr, ar", "body"),
        ({"capacity": 0}, "1 to 100000", "body.capacity"),
        ({"capacity": 10**30}, "1 to 100000", "body.capacity"),
        ({"point": {"latitude": 100, "longitude": 4}}, "latitude", "body.point"),
        ({"starts": "2026-11-28T14:00:00+01:00"}, "can't be", "body.starts"),
        ({"starts": "2026-11-28 14:00"}, "can't be", "body.starts"),
        ({"starts": "soon"}, "can't be", "body.starts"),
        ({"more": 1}, "can't be", "body.more"),
    ],
)
async def test_a_plan_that_can_not_be_is_refused_with_what_would_be_right(
    office: Office, wrong: dict[str, Any], said: str, where: str
) -> None:
    token = await office.token(StaffRole.ORGANISER)
    answer = await office.api("POST", "/meetings", token, json={**PLAN, **wrong})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert [error["where"] for error in answer.json()["errors"]] == [where]
    assert answer.json()["type"].rpartition(":")[2] in {"wrong-meeting", "invalid"}


async def test_the_hours_of_a_meeting_are_described_as_they_are_taken_and_given(office: Office) -> None:
    schemas = (await office.api("GET", "/openapi.json")).json()["components"]["schemas"]
    token = await office.token(StaffRole.ORGANISER)
    found = (await office.api("GET", f"/meetings/{await planned(office, token)}", token)).json()
    for name, hours in (("NewMeeting", PLAN), ("MeetingDetail", found)):
        for field in ("starts", "ends"):
            described = schemas[name]["properties"][field]
            assert "format" not in described
            assert re.search(described["pattern"], hours[field])


async def test_an_hour_that_comes_twice_is_taken_the_first_time_and_said(office: Office) -> None:
    token = await office.token(StaffRole.ORGANISER)
    twice = {**PLAN, "starts": "2027-10-31T02:30", "ends": "2027-10-31T05:00"}
    meeting = (await office.api("POST", "/meetings", token, json=twice)).json()["id"]
    found = (await office.api("GET", f"/meetings/{meeting}", token)).json()
    assert (found["doubled"], found["starts_at"]) == (True, "2027-10-31T00:30:00Z")


async def test_an_older_version_and_what_is_not_possible_are_told_apart(office: Office) -> None:
    token = await office.token(StaffRole.ORGANISER)
    meeting = await planned(office, token)
    for path, version, kind in (
        ("publish", 7, "changed-meanwhile"), ("cancel", 1, "not-possible-now"), ("publish", 1, None),
        ("publish", 2, "not-possible-now"),
    ):  # fmt: skip
        answer = await office.api("POST", f"/meetings/{meeting}/{path}", token, json={"version": version})
        if kind is None:
            assert answer.status_code == 204
        else:
            assert (answer.status_code, answer.json()["type"]) == (409, f"urn:buurtstem:problem:{kind}")
