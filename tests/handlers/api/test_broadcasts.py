"""Invitations to many over HTTP: who may, what is refused how, and one from the draft to its report."""

from __future__ import annotations

from typing import Any

import pytest

from domain.staff.rights import SCOPES, Scope, StaffRole
from handlers.api.app import make_api
from handlers.subjects import API
from handlers.telegram.reaches import chat_of
from services.broadcasts import drafts, recipients
from tests.handlers.api.office import AREA, Office, open_office
from tests.neighbours import TEXTS, move_in

DRAFT: dict[str, Any] = {"texts": TEXTS, "neighbourhoods": ["FK01"]}
# Route -> what is sent, and what it answers for one's own broadcast.
TABLE: dict[tuple[str, str], tuple[dict[str, Any] | None, int]] = {
    ("GET", "/broadcasts"): (None, 200),
    ("POST", "/broadcasts"): (DRAFT, 201),
    ("GET", "/broadcasts/{id}"): (None, 200),
    ("PUT", "/broadcasts/{id}"): ({**DRAFT, "version": 1}, 204),
    ("POST", "/broadcasts/{id}/tests"): (None, 201),
    ("GET", "/broadcasts/{id}/preview"): (None, 422),  # there is nobody yet
    ("POST", "/broadcasts/{id}/acts"): ({"act": "send", "version": 2}, 422),
    ("DELETE", "/broadcasts/{id}?version=2"): (None, 204),
}
ROLES = [role for role in StaffRole if SCOPES[role]]


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_do_what_with_whose_broadcast(office: Office, role: StaffRole) -> None:
    everywhere = await office.token(StaffRole.ORGANISER)
    foreign = (await office.api("POST", "/broadcasts", everywhere, json={"texts": TEXTS})).json()["id"]
    own = (await office.api("POST", "/broadcasts", everywhere, json=DRAFT)).json()["id"]
    token = await office.token(role, areas=[AREA])
    for (method, path), (body, good) in TABLE.items():
        answers = {
            name: await office.api(method, path.format(id=one), token, json=body)
            for name, one in (("own", own), ("foreign", foreign), ("unknown", "a" * 26))
        }
        if Scope.INVITE not in SCOPES[role]:
            assert {answer.status_code for answer in answers.values()} == {403}
            assert len({answer.text for answer in answers.values()}) == 1
        else:
            assert answers["own"].status_code == good, (method, path, answers["own"].text)
            if "{id}" in path:
                assert answers["foreign"].status_code == 404
                assert answers["foreign"].text == answers["unknown"].text


async def _seen(office: Office, token: str, path: str) -> str:
    """What the preview of this broadcast is called."""
    return str((await office.api("GET", f"{path}/preview", token)).json()["seen"])


async def test_from_the_draft_to_the_report(office: Office) -> None:
    await move_in(office.database, range(1, 9), languages=["nl"])
    await move_in(office.database, range(9, 12), languages=["tr"])
    token = await office.token(StaffRole.ORGANISER)
    headers = {"Idempotency-Key": "of a partner's program"}
    draft = {"texts": {"nl": "Kom!"}, "neighbourhoods": ["FK01"]}
    written = [(await office.api("POST", "/broadcasts", token, json=draft, headers=headers)).json() for _ in range(2)]
    assert written[0] == written[1], "a repeat makes no second one"
    path = f"/broadcasts/{written[0]['id']}"
    found = (await office.api("GET", path, token)).json()
    assert found["undecided"] == ["en", "tr", "ar"]
    assert found["audience"] == {"total": 5, "cells": [{"neighbourhood": "FK01", "language": "nl", "readers": 5}]}
    refused = await office.api("POST", f"{path}/acts", token, json={"act": "send", "version": 1})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:buurtstem:problem:bad-broadcast")
    changed = {**draft, "missing": "dutch", "version": 1}
    assert (await office.api("PUT", path, token, json=changed)).status_code == 204
    assert (await office.api("PUT", path, token, json=changed)).status_code == 409
    audience = (await office.api("GET", path, token)).json()["audience"]
    assert (audience["total"], [cell["readers"] for cell in audience["cells"]]) == (5, [5, None])
    blind = await office.api("POST", f"{path}/acts", token, json={"act": "send", "version": 2})
    assert (blind.status_code, blind.json()["type"]) == (409, "urn:buurtstem:problem:not-seen")
    preview = (await office.api("GET", f"{path}/preview", token)).json()
    assert preview["texts"] == dict.fromkeys(("nl", "en", "tr", "ar"), "Kom!")
    assert (preview["audience"], preview["asked_by"], preview["second_person"]) == (audience, None, "")
    good = {"act": "send", "version": 2, "seen": preview["seen"]}
    sent = await office.api("POST", f"{path}/acts", token, json=good)
    assert sent.json() == {"state": "sending"}
    async with office.database.begin() as work:
        await recipients.feed(work)
    told = await office.told()
    assert sorted(chat_of(reach) for reach, _ in told) == list(range(1, 12))
    found = (await office.api("GET", path, token)).json()
    assert (found["state"], found["report"], found["next_acts"]) == ("sending", {"sending": 5}, ["pause", "stop"])
    assert [cell["recipients"] for cell in found["by_language"]] == [5, None]
    again = await office.api("POST", f"{path}/acts", token, json={"act": "send", "version": 3})
    assert (again.status_code, again.json()["possible"]) == (409, ["pause", "stop"])
    stopped = await office.api("POST", f"{path}/acts", token, json={"act": "stop", "version": 1})
    assert stopped.json() == {"state": "stopped"}


async def test_from_a_number_on_another_person_approves(office: Office) -> None:
    await move_in(office.database, range(1, 501))
    mine, other = await office.token(StaffRole.ORGANISER), await office.token(StaffRole.ORGANISER)
    one = f"/broadcasts/{(await office.api('POST', '/broadcasts', mine, json={'texts': TEXTS})).json()['id']}"
    path, good = f"{one}/acts", {"act": "send", "version": 1, "seen": await _seen(office, mine, one)}
    untried = await office.api("POST", path, mine, json=good)
    assert (untried.status_code, "on a phone first" in untried.json()["detail"]) == (422, True)
    command = (await office.api("POST", f"{one}/tests", mine)).json()["command"]
    async with office.database.begin() as work:
        assert await drafts.tried(work, command.removeprefix("/start test-"))
    asked = await office.api("POST", path, mine, json=good)
    assert asked.json() == {"state": "asked"}
    preview = (await office.api("GET", f"{one}/preview", other)).json()
    assert preview["asked_by"] == {"role": "organiser", "organisation": "none"}
    assert (preview["second_person"], preview["audience"]["total"]) == ("many", 500)
    assert (await office.api("DELETE", f"{one}?version=2", mine)).status_code == 409
    good = {"act": "approve", "version": 2, "seen": preview["seen"]}
    refused = await office.api("POST", path, mine, json=good)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:buurtstem:problem:second-person-needed")
    approved = await office.api("POST", path, other, json=good)
    assert approved.json() == {"state": "sending"}


async def test_a_deployment_may_set_from_which_number_on_that_is(database_url: str) -> None:
    async with open_office(database_url, approval_from=8) as office:
        await move_in(office.database, range(1, 9), languages=["nl"])
        await move_in(office.database, range(9, 12), languages=["nl"], neighbourhood="FK02")
        mine = await office.token(StaffRole.ORGANISER)
        for where, state in (("FK01", "asked"), ("FK02", "sending")):
            draft = {"texts": TEXTS, "neighbourhoods": [where]}
            path = f"/broadcasts/{(await office.api('POST', '/broadcasts', mine, json=draft)).json()['id']}"
            good = {"act": "send", "version": 1, "seen": await _seen(office, mine, path)}
            sent = await office.api("POST", f"{path}/acts", mine, json=good)
            assert sent.json() == {"state": state}


def test_every_route_has_its_row() -> None:
    described = make_api(lambda: pytest.fail("nothing is opened"), API).openapi()
    routes = {
        (method.upper(), path.replace("{broadcast_id}", "{id}"))
        for path, operations in described["paths"].items()
        for method in operations
        if path.startswith("/broadcasts")
    }
    assert routes == {(method, path.partition("?")[0]) for method, path in TABLE}
