"""What reaches many or can't be undone is shown first, in the words that residents get; only drafts can be deleted."""

from __future__ import annotations

import html
import json
import re

import httpx
import pytest

from conversations.engine.spoken import spoken
from domain.budget.rounds import PlanDraft
from domain.meetings.planning import MeetingPlan
from domain.screens import Screen
from domain.staff.rights import StaffRole
from locales.texts import LANGUAGES
from services.budget import codes, round_acts
from services.budget.plans import change_plan, plans
from services.budget.rounds import NoSuchRound, round_of
from services.meetings import planning, reminders, rsvp
from storage.budget import ballots
from storage.budget.results import put_result
from storage.budget.rounds import change_round
from tests.handlers.api.office import BOT, Office, round_draft, send_form
from tests.lives import here, plan_of
from tests.opened import rows

MADE_FOR = ("rounds", "plans", "plan_photos", "code_batches", "roll", "round_keys")


async def organiser(office: Office) -> httpx.AsyncClient:
    return office.browser(await office.session(StaffRole.ORGANISER))


async def published(office: Office, guests: int) -> tuple[str, MeetingPlan]:
    """A meeting to come with so many guests; its id and plan."""
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.ORGANISER)
        plan = plan_of(work.now)
        meeting_id = await planning.plan(work, staff, plan)
        await planning.publish(work, staff, meeting_id, 1)
        for number in range(guests):
            assert await rsvp.come(work, (await here(work, 100 + number)).reach, meeting_id, 1)
    return meeting_id, plan


def shown(page: str) -> list[str]:
    """The words on the phones of a page."""
    return [html.unescape(words) for words in re.findall(r'<p class="words" dir="auto">(.*?)</p>', page, re.DOTALL)]


def words_of(screen: Screen) -> list[str]:
    """A screen's words in each language."""
    return ["\n\n".join(spoken(line, language) for line in screen.lines) for language in LANGUAGES]


@pytest.mark.parametrize("rule", ["cancelled", "moved"])
async def test_guests_get_the_very_words_that_were_seen_before(office: Office, rule: str) -> None:
    meeting_id, plan = await published(office, 7)
    page = f"/meetings/{meeting_id}"
    async with await organiser(office) as browser:
        if rule == "cancelled":
            asked = await browser.get(f"{page}/confirm?what=cancel")
            action = f"{page}/cancel"
        else:
            form = {
                "theme_nl": "Open huis", "place": "De Koperen Knoop", "address": "Plein 2",
                "starts": f"{plan.starts:%Y-%m-%dT%H:%M}", "ends": f"{plan.ends:%Y-%m-%dT%H:%M}",
            }  # fmt: skip
            action = f"{page}/change"
            asked = await send_form(browser, page, action, **form)
            assert asked.status_code == 409
        assert "Minstens 5 gasten" in asked.text
        assert "Organisator (jij)" in asked.text
        assert await office.told() == []
        held = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked.text)
        done = await browser.post(action, data={name: html.unescape(value) for name, value in held})
    assert done.status_code == 303, done.text
    async with office.database.begin() as work:
        await reminders.say_due(work)
    said = [screen for _, screen in await office.told()]
    assert len(said) == 7
    for screen in said:
        assert words_of(screen) == shown(asked.text)


async def test_the_link_for_posters_is_whole_and_drawn(office: Office) -> None:
    meeting_id, _ = await published(office, 0)
    async with await organiser(office) as browser:
        page = (await browser.get(f"/meetings/{meeting_id}")).text
    assert f'<code dir="ltr">https://t.me/{BOT}?start=meet-{meeting_id}</code>' in page
    assert '<div class="qr"><svg' in page


async def test_staff_see_who_won_and_by_how_many_votes(office: Office) -> None:
    found = await office.round(plans=2)
    named = ({"title": {"nl": name}, "cost_cents": 1_000_000, "reason": "most-votes"} for name in ("Bankjes", "Bomen"))
    result = {
        "round": {"title": {"nl": "Budget"}, "amount_cents": 2_500_000},
        "result": {"spent_cents": 1_000_000, "satisfied": 20},
        "ballots": {"counted": 30},
        "plans": [
            {**one, "number": number, "votes": 30 // number, "funded": number == 1}
            for number, one in enumerate(named, 1)
        ],
    }
    async with office.database.begin() as work:
        await change_round(work, found.id, state="published")
        await put_result(work, found.id, json.dumps(result))
    async with await organiser(office) as browser:
        page = (await browser.get(f"/rounds/{found.id}")).text
    assert "De uitslag: 1 plan krijgt geld" in page
    assert 'max="30" value="15"' in page
    assert page.index("Bankjes") < page.index("Krijgt geld") < page.index("Bomen")


async def test_a_change_that_tells_nobody_is_not_asked_about(office: Office) -> None:
    meeting_id, plan = await published(office, 1)
    form = {
        "theme_nl": "Andere naam", "place": plan.details.place, "address": plan.details.address,
        "starts": f"{plan.starts:%Y-%m-%dT%H:%M}", "ends": f"{plan.ends:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    if plan.details.point:
        form |= dict(zip(("latitude", "longitude"), map(str, plan.details.point), strict=True))
    async with await organiser(office) as browser:
        done = await send_form(browser, f"/meetings/{meeting_id}", f"/meetings/{meeting_id}/change", **form)
    assert done.headers["location"].endswith("?done=changed")


async def test_a_draft_of_a_meeting_is_deleted_after_a_look_and_nothing_else_is(office: Office) -> None:
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.ORGANISER)
        draft = await planning.plan(work, staff, plan_of(work.now))
    shut, _ = await published(office, 0)
    async with await organiser(office) as browser:
        confirm = f"/meetings/{draft}/confirm?what=delete"
        assert confirm in (await browser.get(f"/meetings/{draft}")).text
        stale = await browser.post(
            f"/meetings/{draft}/delete", data=_held((await browser.get(confirm)).text, version="7")
        )
        assert (stale.status_code, "Iemand anders" in stale.text) == (409, True)
        gone = await send_form(browser, confirm, f"/meetings/{draft}/delete")
        assert gone.headers["location"] == "/meetings"
        assert (await browser.get(f"/meetings/{draft}")).status_code == 404
        assert "what=delete" not in (await browser.get(f"/meetings/{shut}")).text
        refused = await send_form(browser, f"/meetings/{shut}/confirm?what=cancel", f"/meetings/{shut}/delete")
        assert (refused.status_code, "Dat kan niet meer" in refused.text) == (409, True)
        assert (await browser.get(f"/meetings/{shut}")).status_code == 200


async def test_a_draft_of_a_round_is_deleted_with_all_that_was_made_for_it(office: Office) -> None:
    kept, draft = await office.round(plans=1), await office.round(plans=2)
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.ORGANISER)
        before = {table: len(await rows(work, table)) for table in MADE_FOR}
        made = await codes.make_codes(work, staff, draft.id, 2)
    page = f"/rounds/{draft.id}"
    async with await organiser(office) as browser:
        confirm = f"{page}/confirm?what=delete"
        assert confirm in (await browser.get(page)).text
        held = _held((await browser.get(f"/rounds/{kept.id}/confirm?what=delete")).text)
        for answer in (await browser.get(confirm), await browser.post(f"{page}/delete", data=held)):
            assert (answer.status_code, "Er zijn codes uitgedeeld" in answer.text) == (409, True)
        async with office.database.begin() as work:
            await codes.set_handed_out(work, staff, draft.id, made.batch_id, 0)
        asked = await browser.get(confirm)
        assert '<dt>Aantal plannen</dt><dd dir="auto">2</dd>' in asked.text
        async with office.database.begin() as work:
            await round_acts.change_round(work, staff, draft.id, round_draft(work.now), 1)
        late = await browser.post(f"{page}/delete", data=_held(asked.text))
        assert (late.status_code, "Iemand anders" in late.text) == (409, True)
        gone = await browser.post(f"{page}/delete", data=_held(late.text))
        assert gone.headers["location"] == "/rounds"
        assert (await browser.get(page)).status_code == 404
    async with office.database.begin() as work:
        with pytest.raises(NoSuchRound):
            await round_of(work, draft.id)
        left = {table: len(await rows(work, table)) for table in MADE_FOR}
        assert left == {**before, "rounds": 1, "plans": 1, "round_keys": 1}
        assert await ballots.on_roll(work, codes.code_tag(work.keys, made.codes[0])) is None
        assert (await round_of(work, kept.id)).title == kept.title


async def test_a_round_that_has_begun_is_not_deleted(office: Office) -> None:
    found = await office.round(plans=3)
    page = f"/rounds/{found.id}"
    async with await organiser(office) as browser:
        asked = await browser.get(f"{page}/confirm?what=collecting")
        assert "Je kunt daarna niet terug" in asked.text
        done = await browser.post(f"{page}/move", data=_held(asked.text))
        assert done.headers["location"] == f"{page}?done=moved"
        assert "what=delete" not in (await browser.get(page)).text
        for answer in (
            await browser.get(f"{page}/confirm?what=delete"),
            await browser.post(f"{page}/delete", data=_held(asked.text, version="2")),
        ):
            assert (answer.status_code, "Alleen een concept kan weg" in answer.text) == (409, True)


async def test_a_vote_opens_only_as_it_was_seen(office: Office) -> None:
    found = await office.round(plans=3)
    page = f"/rounds/{found.id}"
    async with office.database.begin() as work:
        staff = await office.acting(work, StaffRole.ORGANISER)
        await codes.make_codes(work, staff, found.id, 9)
    async with await organiser(office) as browser:
        asked = await browser.get(f"{page}/confirm?what=voting")
        assert "€\u00a025.000" in asked.text
        assert "Plan 3" in asked.text
        assert "Niet elk plan heeft een tekst in" in asked.text
        assert len(shown(asked.text)) == 2 * len(LANGUAGES)
        unseen = await browser.post(f"{page}/move", data={**_held(asked.text), "seen": ""})
        assert (unseen.status_code, "Iemand anders" in unseen.text) == (409, False)
        async with office.database.begin() as work:
            (first, *_) = await plans(work, found.id)
            dearer = PlanDraft(first.title, first.story, first.place, first.cost_cents + 1)
            await change_plan(work, staff, found.id, first.id, dearer, first.version)
        late = await browser.post(f"{page}/move", data=_held(asked.text))
        assert (late.status_code, "Iemand anders" in late.text) == (409, True)
        async with office.database.reading() as work:
            assert (await round_of(work, found.id)).state == "drafting"
        assert (await browser.post(f"{page}/move", data=_held(late.text))).status_code == 303
        assert (await browser.get(f"{page}/confirm?what=voting")).status_code == 409, "it is open"


def _held(page: str, **changed: str) -> dict[str, str]:
    """What the form of a confirming page sends."""
    return {**dict(re.findall(r'name="(csrf|to|version|seen)" value="([^"]*)"', page)), **changed}
