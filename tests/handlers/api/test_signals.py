"""A partner's program reads, answers, moves and codes a signal over HTTP."""

from __future__ import annotations

from domain.staff.rights import StaffRole
from handlers.telegram.reaches import reach_of
from services.signals.following import follow
from tests.handlers.api.office import STORY, Office

REPORTER = reach_of(4711)


async def test_a_signal_travels_from_the_worklist_to_an_answer(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    token = await office.token(StaffRole.HANDLER)
    (line,) = (await office.api("GET", "/signals", token)).json()["signals"]
    assert (line["id"], line["unread"], line["area"], line["unanswered"]) == (signal, True, "Osdorp", 1)
    assert STORY not in str(line)
    read = (await office.api("GET", f"/signals/{signal}?reason=handling", token)).json()
    assert read["turns"][0]["words"] == STORY
    assert read["next_moves"] == ["in_review", "duplicate"]
    move = {"to": "in_review", "version": read["version"]}
    assert (await office.api("POST", f"/signals/{signal}/moves", token, json=move)).status_code == 204
    sent = await office.api("POST", f"/signals/{signal}/answers", token, json={"words": "Dank je.", "language": "nl"})
    assert sent.status_code == 201
    async with office.database.begin() as work:
        followed = await follow(work, REPORTER, signal)
    assert followed
    assert (followed.status, followed.turns[-1].words) == ("in_review", "Dank je.")
    assert len(await office.told()) == 2


async def test_without_a_reason_the_words_stay_shut(office: Office) -> None:
    signal = await office.report()
    token = await office.token(StaffRole.HANDLER)
    refused = await office.api("GET", f"/signals/{signal}", token)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:buurtstem:problem:reason-needed"
    assert STORY not in refused.text
    assert (await office.api("GET", f"/signals/{signal}?reason=curiosity", token)).status_code == 422
    assert (await office.api("GET", f"/signals/{signal}?reason=supervision", token)).json()["reason"] == "supervision"
    assert (await office.api("GET", f"/signals/{signal}", token)).json()["reason"] == "supervision"


async def test_who_is_second_gets_a_409_that_says_what_to_do(office: Office) -> None:
    signal = await office.report()
    first, second = await office.token(StaffRole.HANDLER), await office.token(StaffRole.HANDLER)
    move = {"to": "in_review", "version": 1}
    assert (await office.api("POST", f"/signals/{signal}/moves", first, json=move)).status_code == 204
    refused = await office.api("POST", f"/signals/{signal}/moves", second, json=move)
    assert refused.status_code == 409
    assert "Read it again" in refused.json()["detail"]


async def test_a_move_that_is_not_in_the_table_names_those_that_are(office: Office) -> None:
    signal = await office.report()
    token = await office.token(StaffRole.HANDLER)
    refused = await office.api("POST", f"/signals/{signal}/moves", token, json={"to": "resolved", "version": 1})
    assert refused.status_code == 409
    assert refused.json()["possible"] == ["in_review", "duplicate"]


async def test_a_repeated_request_has_one_effect(office: Office) -> None:
    signal = await office.report(resident=REPORTER)
    token = await office.token(StaffRole.HANDLER)
    key = {"Idempotency-Key": "a-key-of-my-own"}
    path = f"/signals/{signal}/answers"
    answers = [await office.api("POST", path, token, json={"words": "Dank je."}, headers=key) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await office.told()) == 1
    other = await office.api("POST", path, token, json={"words": "Iets anders."}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "urn:buurtstem:problem:key-used-before")


async def test_an_answer_is_words_or_a_standard_reply_not_both(office: Office) -> None:
    signal = await office.report()
    token = await office.token(StaffRole.HANDLER)
    path = f"/signals/{signal}/answers"
    assert (await office.api("POST", path, token, json={"reply": "received"})).status_code == 201
    for wrong in ({}, {"words": "x", "reply": "received"}, {"reply": "nothing"}, {"words": "x", "name": "Jan"}):
        assert (await office.api("POST", path, token, json=wrong)).status_code == 422, wrong


async def test_official_codes_are_put_and_read(office: Office) -> None:
    signal = await office.report()
    token = await office.token(StaffRole.HANDLER)
    codes = {"grounds": ["godsdienst"], "domains": ["onderwijs"], "natures": ["bedreiging"]}
    put = await office.api("PUT", f"/signals/{signal}/codes", token, json={**codes, "version": 1})
    assert put.status_code == 204
    read = (await office.api("GET", f"/signals/{signal}?reason=handling", token)).json()
    assert read["codes"] == {**codes, "group": None}
    wrong = {"grounds": ["faith"], "version": read["version"]}
    assert (await office.api("PUT", f"/signals/{signal}/codes", token, json=wrong)).status_code == 422


async def test_an_auditor_follows_the_chain_page_by_page(office: Office) -> None:
    signal = await office.report()
    handler, auditor = await office.token(StaffRole.HANDLER), await office.token(StaffRole.AUDITOR)
    for _ in range(3):
        await office.api("GET", f"/signals/{signal}?reason=handling", handler)
    log = (await office.api("GET", "/access-log?after=1", auditor)).json()
    assert [entry["number"] for entry in log["entries"]] == [2, 3]
    assert log["head_hash"] == log["entries"][-1]["hash"]
    assert signal not in str(log)


async def test_what_is_read_is_never_stored_on_the_way(office: Office) -> None:
    signal = await office.report()
    token = await office.token(StaffRole.HANDLER)
    for path in ("/signals", f"/signals/{signal}?reason=handling", "/me", "/nothing"):
        assert (await office.api("GET", path, token)).headers["cache-control"] == "no-store"
