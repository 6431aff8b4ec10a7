"""A program makes a round over HTTP, fills it, makes its codes and opens the vote; each mistake is named."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from domain.budget.ballot_codes import read_code
from domain.staff.rights import SCOPES, Scope, StaffRole
from services.budget.plans import plans
from tests.handlers.api.office import AREA, BUURT, FOREIGN_BUURT, Office

ROUND = {
    "title": {"nl": "Buurtbudget Osdorp"}, "areas": [BUURT], "amount_cents": 2_500_000, "choose_min": 1,
    "choose_max": 3, "opens_at": "2026-12-01T09:00:00+01:00", "closes_at": "2026-12-21T22:00:00+01:00",
    "languages": ["nl", "ar"],
}  # fmt: skip
PLAN = {"title": {"nl": "Bankjes", "ar": "مقاعد"}, "place": "Osdorpplein", "cost_cents": 1_250_000}
# What is sent to each route, and what it answers for one's own round; in this order on one round.
ROUTES: dict[tuple[str, str], tuple[Any, int]] = {
    ("get", "/rounds"): (None, 200),
    ("post", "/rounds"): (ROUND, 201),
    ("get", "/rounds/{round_id}"): (None, 200),
    ("put", "/rounds/{round_id}"): ({**ROUND, "version": 1}, 200),
    ("get", "/rounds/{round_id}/plans"): (None, 200),
    ("post", "/rounds/{round_id}/plans"): (PLAN, 201),
    ("put", "/rounds/{round_id}/plans/{plan_id}"): ({**PLAN, "version": 1}, 200),
    ("delete", "/rounds/{round_id}/plans/{plan_id}"): (None, 204),
    ("post", "/rounds/{round_id}/codes"): ({"count": 1}, 201),
    ("post", "/rounds/{round_id}/codes/blocked"): ({"code": "x"}, 404),
    ("post", "/rounds/{round_id}/moves"): ({"to": "voting"}, 200),
    ("post", "/rounds/{round_id}/extensions"): ({"closes_at": "2027-01-05T22:00:00+01:00", "why": "letters"}, 201),
    ("delete", "/rounds/{round_id}"): (None, 409),
}


@pytest.mark.parametrize("role", [role for role in StaffRole if SCOPES[role]])
async def test_what_each_role_may_do_with_which_round(office: Office, role: StaffRole) -> None:
    rounds = {"own": await office.round(plans=4), "foreign": await office.round(areas=(FOREIGN_BUURT,), plans=4)}
    token = await office.token(role, areas=[AREA])
    ids = {"unknown": ("a" * 26, "a" * 26)}
    async with office.database.begin() as work:
        for name, found in rounds.items():
            ids[name] = found.id, (await plans(work, found.id))[0].id
    for (method, path), (body, good) in ROUTES.items():
        answers = {}
        for name, (round_id, plan_id) in ids.items():
            address = path.format(round_id=round_id, plan_id=plan_id)
            if (method, path) == ("delete", "/rounds/{round_id}"):
                address += "?version=1"
            answers[name] = await office.api(method.upper(), address, token, json=body)
        statuses = {name: answer.status_code for name, answer in answers.items()}
        if Scope.ROUNDS not in SCOPES[role]:
            assert statuses == dict.fromkeys(statuses, 403), path
            assert len({answer.text for answer in answers.values()}) == 1
        elif "{round_id}" not in path:
            assert set(statuses.values()) == {good}
            assert rounds["foreign"].id not in answers["own"].text
        else:
            assert statuses == {"own": good, "foreign": 404, "unknown": 404}, (path, answers["own"].text)
            assert answers["foreign"].text == answers["unknown"].text


async def test_a_round_is_made_filled_and_opened(office: Office) -> None:
    token = await office.token(StaffRole.ORGANISER)
    made = (await office.api("POST", "/rounds", token, json=ROUND)).json()
    path = f"/rounds/{made['id']}"
    assert made["opens_at"] == "2026-12-01T08:00:00Z"
    assert (made["state"], made["rule"], made["tie_seed"]) == ("drafting", "most-votes-stop", "")
    added = (await office.api("POST", f"{path}/plans", token, json=PLAN)).json()
    assert (added["number"], added["title"]["ar"], added["has_photo"]) == (1, "مقاعد", False)
    assert (await office.api("GET", f"{path}/plans", token)).json() == [added]
    early = await office.api("POST", f"{path}/moves", token, json={"to": "voting"})
    assert (early.status_code, early.json()["type"]) == (409, "urn:buurtstem:problem:move-not-possible")
    codes = (await office.api("POST", f"{path}/codes", token, json={"count": 3})).json()["codes"]
    assert len({read_code(code) for code in codes} - {None}) == 3
    lost = {"code": codes[0], "replace": True}
    fresh = (await office.api("POST", f"{path}/codes/blocked", token, json=lost)).json()["code"]
    assert read_code(fresh)
    opened = (await office.api("POST", f"{path}/moves", token, json={"to": "voting"})).json()
    assert (opened["state"], len(opened["tie_seed"])) == ("voting", 32)
    assert opened["codes"] == {"made": 4, "handed_out": 4, "used": 0, "blocked": 1}
    for method, address, body in (("PUT", path, {**ROUND, "version": 1}), ("POST", f"{path}/plans", PLAN)):
        frozen = await office.api(method, address, token, json=body)
        assert (frozen.status_code, frozen.json()["type"]) == (409, "urn:buurtstem:problem:frozen")


async def test_plans_that_cost_more_than_there_is_are_named(office: Office) -> None:
    token = await office.token(StaffRole.ORGANISER)
    path = f"/rounds/{(await office.round(plans=3)).id}"
    await office.api("POST", f"{path}/plans", token, json={**PLAN, "cost_cents": 2_500_001})
    refused = (await office.api("POST", f"{path}/moves", token, json={"to": "voting"})).json()
    assert refused["detail"] == "Voting opens when no plan costs more than there is."
    assert [error["where"] for error in refused["errors"]] == ["plans.4.cost_cents"]


async def test_an_open_vote_gets_more_time_and_says_why(office: Office) -> None:
    token = await office.token(StaffRole.ORGANISER)
    found = await office.round(plans=3)
    path = f"/rounds/{found.id}"
    wanted = {"closes_at": "2027-01-05T22:00:00+01:00", "why": "outage"}
    early = await office.api("POST", f"{path}/extensions", token, json=wanted)
    assert (early.status_code, early.json()["detail"]) == (409, "Only a vote that is open gets more time.")
    await office.api("POST", f"{path}/codes", token, json={"count": 1})
    await office.api("POST", f"{path}/moves", token, json={"to": "voting"})
    for wrong, where in (({"closes_at": found.closes_at.isoformat()}, "body.closes_at"), ({"why": "lost"}, "body.why")):
        refused = await office.api("POST", f"{path}/extensions", token, json={**wanted, **wrong})
        assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, where)
    longer = (await office.api("POST", f"{path}/extensions", token, json=wanted)).json()
    assert longer["closes_at"] == "2027-01-05T21:00:00Z"
    (told,) = longer["extensions"]
    assert (told["why"], told["until"]) == ("outage", longer["closes_at"])


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"areas": ["FZ99"]}, "body.areas"),
        ({"title": {"nl": " "}}, "body.title"),
        ({"title": {"xx": "Ronde"}}, "body.title"),
        ({"choose_min": 4}, "body.choose"),
        ({"closes_at": ROUND["opens_at"]}, "body.closes_at"),
        ({"languages": ["xx"]}, "body.languages"),
        ({"opens_at": "2026-12-01T09:00:00"}, "body.opens_at"),
        ({"amount_cents": 0}, "body.amount_cents"),
        ({"closes_at": "9999-12-31T23:30:00Z"}, "body.closes_at"),
        ({"opens_at": "0001-01-01T00:00:00+14:00"}, "body.opens_at"),
    ],
)
async def test_a_mistake_is_named(office: Office, wrong: dict[str, Any], where: str) -> None:
    answer = await office.api("POST", "/rounds", await office.token(StaffRole.ADMIN), json={**ROUND, **wrong})
    assert answer.status_code == 422, answer.text
    assert [error["where"] for error in answer.json()["errors"]] == [where]
    assert "named member" not in answer.text


async def test_the_same_key_makes_a_round_and_a_plan_once_and_codes_never_twice(office: Office) -> None:
    token, headers = await office.token(StaffRole.ORGANISER), {"Idempotency-Key": "round-of-winter"}

    async def sent(path: str, body: dict[str, Any]) -> httpx.Response:
        return await office.api("POST", path, token, json=body, headers=headers)

    first, again = await sent("/rounds", ROUND), await sent("/rounds", ROUND)
    assert (first.status_code, first.json()) == (201, again.json())
    path = f"/rounds/{first.json()['id']}"
    first, again = await sent(f"{path}/plans", PLAN), await sent(f"{path}/plans", PLAN)
    assert (first.status_code, first.json()) == (201, again.json())
    assert (await sent(f"{path}/codes", {"count": 2})).status_code == 201
    refused = await sent(f"{path}/codes", {"count": 2})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:buurtstem:problem:codes-given-before")
    assert (await office.api("GET", path, token)).json()["codes"]["made"] == 2
    for address, body in (
        ("/rounds", {**ROUND, "choose_max": 2}), (f"{path}/plans", {**PLAN, "place": ""}),
        (f"{path}/codes", {"count": 3}),
    ):  # fmt: skip
        other = await sent(address, body)
        assert (other.status_code, other.json()["type"]) == (422, "urn:buurtstem:problem:key-used-before")


async def test_who_read_an_older_version_of_a_round_or_plan_is_told(office: Office) -> None:
    token = await office.token(StaffRole.ORGANISER)
    made = (await office.api("POST", "/rounds", token, json=ROUND)).json()
    path = f"/rounds/{made['id']}"
    plan = (await office.api("POST", f"{path}/plans", token, json=PLAN)).json()
    for address, body in ((path, ROUND), (f"{path}/plans/{plan['id']}", PLAN)):
        first = await office.api("PUT", address, token, json={**body, "version": 1})
        assert (first.status_code, first.json()["version"]) == (200, 2)
        second = await office.api("PUT", address, token, json={**body, "version": 1})
        assert (second.status_code, second.json()["type"]) == (409, "urn:buurtstem:problem:changed-meanwhile")
        assert (await office.api("PUT", address, token, json=body)).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "where", "said"),
    [
        ({"title": {"xx": "Plan"}}, "body.title", "nl, en, tr, ar"),
        ({"story": {"xx": "Plan"}}, "body.story", "nl, en, tr, ar"),
    ],
)
async def test_a_plan_that_can_not_be_is_refused_with_what_would_be_right(
    office: Office, wrong: dict[str, Any], where: str, said: str
) -> None:
    path = f"/rounds/{(await office.round()).id}/plans"
    answer = await office.api("POST", path, await office.token(StaffRole.ADMIN), json={**PLAN, **wrong})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:buurtstem:problem:wrong-plan")
    assert said in answer.json()["detail"]
    assert answer.json()["errors"] == [{"where": where, "why": answer.json()["detail"]}]
