"""Every journey of residents at every door, in Dutch and in Arabic."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.staff.rights import StaffRole
from services.broadcasts import recipients
from services.budget import publishing
from services.meetings import planning
from services.signals import casework, following
from tests.handlers.chat.phones import Bench
from tests.handlers.chat.test_meetings import planned
from tests.handlers.every_door.talks import DOORS, Talk, talk
from tests.lives import somebody_of_the_staff
from tests.neighbours import TEXTS, invite
from tests.opened import rows
from tests.rounds import open_round, vote
from tests.ticks import tick

CODE = r"SNW-\w{4}-\w{4}"
TOLD = {"nl": "Elke nacht harde muziek op het plein.", "ar": "موسيقى صاخبة كل ليلة في الساحة."}
MORE = {"nl": "Het is nu nog harder.", "ar": "صار الصوت أعلى الآن."}
ANSWER = {"nl": "Wij sturen vanavond een handhaver.", "ar": "سنرسل مراقبا هذا المساء."}
OPEN_HOUSE = "Open huis"


@pytest.fixture(params=[(door, language) for door in DOORS for language in ("nl", "ar")], ids="-".join)
def me(bench: Bench, request: pytest.FixtureRequest) -> Talk:
    """Give a resident, who has not come in yet."""
    door, language = request.param
    return talk(bench, door, language)


def other(bench: Bench, me: Talk) -> Talk:
    """Another resident at the same door."""
    return talk(bench, me.phone.reach.door, me.language, 2)


async def reports(me: Talk, kind: str = "nuisance") -> str:
    """From the menu to a receipt; the code."""
    await me.chooses("people.button.report")
    me.sees("report.story.ask")
    await me.says(TOLD[me.language])
    await me.chooses(f"report.button.{kind}")
    await me.chooses("screens.button.summary")
    me.sees_words(TOLD[me.language])
    await me.chooses("screens.button.send")
    me.sees("signals.receipt.received")
    return me.found(CODE)


async def staff_answers(bench: Bench, me: Talk) -> None:
    """A handler answers the one signal of this resident."""
    signal_id = await the_signal(bench, me)
    async with bench.database.begin() as work:
        staff = await somebody_of_the_staff(work, StaffRole.HANDLER)
        await casework.answer(work, staff, signal_id, words=ANSWER[me.language], language=me.language)
    await bench.answer()


async def the_signal(bench: Bench, me: Talk) -> str:
    """The id of the one signal of this resident."""
    async with bench.database.reading() as work:
        (brief,) = await following.mine(work, me.phone.reach)
    return brief.signal_id


async def test_a_report_with_a_place_and_a_day(me: Talk) -> None:
    await me.arrives()
    await me.chooses("people.button.report")
    await me.says(TOLD[me.language])
    await me.chooses("report.button.nuisance")
    await me.says("Wildemanbuurt")
    await me.chooses("report.button.yesterday")
    me.sees_words("Wildeman")
    await me.chooses("screens.button.change")
    await me.chooses("report.button.story")
    await me.says(MORE[me.language])
    me.sees_words(MORE[me.language])
    await me.chooses("screens.button.send")
    me.sees("signals.receipt.code", code="…")


async def test_a_report_of_discrimination_says_who_reads_it(me: Talk) -> None:
    await me.arrives()
    await me.chooses("people.button.report")
    await me.says(TOLD[me.language])
    await me.chooses("report.button.discrimination")
    await me.chooses("screens.button.unknown")
    await me.chooses("report.button.today")
    await me.chooses("report.button.victim")
    await me.chooses("report.button.school")
    await me.chooses("report.button.origin")
    await me.chooses("report.button.want_help")
    me.sees_words(TOLD[me.language])
    await me.chooses("screens.button.send")
    me.sees("signals.receipt.received")


async def test_an_answer_is_told_read_and_answered_again(bench: Bench, me: Talk) -> None:
    await me.arrives()
    code = await reports(me)
    await staff_answers(bench, me)
    me.sees("signals.news.title")
    await me.chooses("signals.news.open")
    me.sees_words(ANSWER[me.language])
    me.sees_words(code)
    await me.chooses("signals.button.add")
    await me.says(MORE[me.language])
    await me.chooses("screens.button.send")
    me.sees("signals.add.done")


async def test_a_signal_is_withdrawn_and_taken_up_again(me: Talk) -> None:
    await me.arrives()
    await reports(me)
    await me.chooses("signals.button.follow")
    await me.chooses("signals.button.choices")
    await me.chooses("signals.button.withdraw")
    await me.chooses("signals.button.withdraw_yes")
    me.sees("signals.withdraw.done")
    await me.says("/mijn")
    await me.chooses_words(me.words("signals.kind.nuisance"))
    me.sees("signals.status.withdrawn")


async def test_a_cut_line_is_told_and_only_the_code_opens_it(bench: Bench, me: Talk) -> None:
    await me.arrives()
    code = await reports(me)
    await me.chooses("signals.button.follow")
    await me.chooses("signals.button.choices")
    await me.chooses("signals.button.cut")
    me.sees("signals.cut.code", code=code)
    await me.chooses("signals.button.cut_yes")
    me.sees("signals.cut.done")
    await me.says("/mijn")
    me.sees("signals.mine.none")
    stranger = other(bench, me)
    await stranger.arrives()
    await stranger.says(code.lower())
    stranger.sees_words(TOLD[me.language])
    stranger.sees("signals.head.cut")


async def test_messages_go_from_the_phone_or_it_is_said_that_they_stay(me: Talk) -> None:
    await me.arrives()
    await reports(me)
    await me.chooses("signals.button.wipe")
    me.sees("signals.wipe.done" if me.phone.reach.door == "telegram" else "screens.phone.yourself")


async def test_words_of_danger_bring_the_numbers(me: Talk) -> None:
    await me.arrives()
    await me.chooses("people.button.report")
    await me.says({"nl": "Mijn man slaat mij", "ar": "زوجي يضربني"}[me.language])
    me.sees("report.danger.heard")
    me.sees_words("112")
    await me.chooses("report.button.go_on")
    me.sees("report.kind.ask")


async def test_a_meeting_from_the_list_to_a_place_and_away_again(bench: Bench, me: Talk) -> None:
    await planned(bench)
    await me.arrives()
    await me.chooses("meetings.button.agenda")
    await me.chooses_words(OPEN_HOUSE)
    me.sees("meetings.one.free", 8)
    await me.chooses("meetings.button.come")
    await me.says("3")
    me.sees("meetings.rsvp.coming", 3)
    await me.chooses("meetings.button.change")
    await me.chooses("meetings.button.people", 1)
    me.sees("meetings.rsvp.coming", 1)
    await me.chooses("meetings.button.venue")
    await me.says("/agenda")
    await me.chooses_words(OPEN_HOUSE)
    await me.chooses("meetings.button.calendar")
    await me.says("/agenda")
    await me.chooses_words(OPEN_HOUSE)
    await me.chooses("meetings.button.leave")
    me.sees("meetings.rsvp.left")


async def test_a_cancelled_meeting_is_told(bench: Bench, me: Talk) -> None:
    meeting_id = await planned(bench)
    await me.arrives()
    await me.chooses("meetings.button.agenda")
    await me.chooses_words(OPEN_HOUSE)
    await me.chooses("meetings.button.come")
    await me.chooses("meetings.button.people", 1)
    async with bench.database.begin() as work:
        await planning.cancel(work, await somebody_of_the_staff(work, StaffRole.ORGANISER), meeting_id, 2)
    await tick(bench.database, "reminders_are_due")
    await bench.answer()
    me.sees("meetings.news.cancelled")


async def test_a_vote_is_cast_changed_and_read_in_the_result(bench: Bench, me: Talk) -> None:
    async with bench.database.begin() as work:
        made, (code, *others) = await open_round(work, 12)
        for number, one in enumerate(others, 1000):
            await vote(work, number, one, [1, 2, 3])
    await me.arrives()
    await me.chooses("budget.button.vote")
    me.sees("budget.code.ask")
    await me.says(code)
    me.sees("budget.ballot.nothing")
    await me.chooses("budget.button.read")
    await chooses_plan(me, 2)
    me.sees("budget.plan.place", place="…")
    await me.chooses("budget.button.choose")
    await me.chooses("budget.button.plans")
    for number in (1, 3):
        await chooses_plan(me, number)
    await me.chooses("budget.button.look")
    me.sees("budget.choice.not_yet", cast="…")
    await me.chooses("budget.button.cast")
    me.sees("budget.cast.done")
    await me.chooses("budget.button.receipt")
    receipt = me.found(r"[0-9A-Z]{5}-[0-9A-Z]{5}")
    await me.says(code)
    me.sees("budget.ballot.voted")
    for number in (4, 5, 6):
        await chooses_plan(me, number)
    await me.chooses("budget.button.look")
    await me.chooses("budget.button.cast")
    me.sees("budget.cast.changed")
    bench.now = made.closes_at + timedelta(seconds=1)
    await tick(bench.database, "votes_are_due")
    async with bench.database.begin() as work:
        await publishing.keep(work, publishing.published(*await publishing.closed(work, made.id)))
        counted = {row["receipt"] for row in await rows(work, "counted_ballots")}
    assert len(counted) == 12
    assert receipt not in counted, "only the last vote with a code counts"
    await me.says("/stem")
    await me.chooses_words("Buurtbudget" if me.language == "nl" else "ميزانية الحي")
    me.sees("budget.result.ballots", 12)


async def chooses_plan(me: Talk, number: int) -> None:
    """Chooses a plan by its title, on whichever page it stands."""
    if not me.offers(f"Plan {number}"):
        await me.chooses("budget.button.more")
    await me.chooses_words(f"Plan {number}")


async def test_news_is_chosen_comes_and_stops(bench: Bench, me: Talk) -> None:
    await me.arrives()
    await me.says("/nieuws")
    await me.says("Wildeman")
    await me.chooses("news.button.usual")
    me.sees("news.often.usual")
    await invite(bench.database)
    async with bench.database.begin() as work:
        await recipients.feed(work)
    await bench.answer()
    me.sees_words(TEXTS.get(me.language, TEXTS["nl"]))
    await me.chooses("news.button.fewer")
    me.sees("news.often.fewer")
    await me.says("/nieuws")
    await me.chooses("news.button.stop")
    me.sees("news.stopped.text")


async def test_what_is_kept_is_shown_and_goes(bench: Bench, me: Talk) -> None:
    await me.arrives()
    await reports(me)
    await me.says("/mijngegevens")
    me.sees("people.data.erase")
    await me.says("/wis")
    me.sees("people.erase.ask")
    await me.chooses("people.button.erase_yes")
    me.sees("people.erase.done")
    async with bench.database.reading() as work:
        assert await following.mine(work, me.phone.reach) == []


async def test_stop_is_said_and_then_nothing_comes(bench: Bench, me: Talk) -> None:
    await me.arrives()
    await reports(me)
    await me.says("/stop")
    me.sees("people.stop.done")
    await staff_answers(bench, me)
    me.sees("people.stop.done")
    await me.says("/start")
    me.sees("people.menu.ask")


async def test_another_language_keeps_the_step(me: Talk) -> None:
    await me.arrives()
    await me.chooses("people.button.report")
    await me.says(TOLD[me.language])
    await me.says("/taal")
    await me.chooses_words("English")
    Talk(me.phone, "en").sees("report.kind.ask")


async def test_settings_privacy_help_and_the_end_of_a_report(me: Talk) -> None:
    await me.arrives()
    await me.chooses("screens.button.help")
    me.sees("people.help.how")
    await me.chooses("screens.button.menu")
    await me.chooses("people.button.report")
    await me.says(TOLD[me.language])
    await me.chooses("screens.button.cancel")
    me.sees("screens.cancelled.text")
    await me.says("/settings")
    await me.chooses("people.button.privacy")
    me.sees("people.privacy.rights")
    await me.says("?")
    me.sees("people.menu.unclear")
