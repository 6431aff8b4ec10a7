"""News of the neighbourhood on a phone: opting in, fewer, stop, and the test of a broadcast."""

import pytest

from domain.broadcasts.rules import Content
from domain.screens import Told
from services.broadcasts import audience, drafts, recipients
from services.broadcasts.audience import Wish
from tests.handlers.chat.phones import Bench, Phone
from tests.lives import here
from tests.neighbours import TEXTS, invite, organiser
from tests.services.meetings.test_planning import published


async def wish(bench: Bench, phone: Phone) -> Wish | None:
    """What the resident wants to hear of."""
    async with bench.database.begin() as work:
        return await audience.wish_of(work, await here(work, phone.chat))


@pytest.mark.parametrize("command", ["/nieuws", "/news", "/haberler", "/أخبار"])
async def test_who_asks_for_news_gets_it_after_two_taps(bench: Bench, phone: Phone, command: str) -> None:
    await phone.arrives()
    await phone.says(command)
    await phone.taps("Heel Nieuw-West")
    await phone.taps("2 per week")
    assert "heel Nieuw-West" in phone.last.text
    assert await wish(bench, phone) == Wish(None, fewer=False)


async def test_from_the_settings_one_neighbourhood_is_chosen_and_changed(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/settings")
    await phone.taps("Nieuws uit de buurt")
    await phone.says("Wildeman")
    await phone.says("2")  # the second choice: one a week
    assert await wish(bench, phone) == Wish("FK01", fewer=True)
    await phone.says("/nieuws")
    assert "Wildeman" in phone.last.text
    await phone.taps("Iets anders kiezen")
    await phone.taps("Heel Nieuw-West")
    await phone.taps("2 per week")
    assert await wish(bench, phone) == Wish(None, fewer=False)


async def test_under_each_message_stand_fewer_and_stop(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    async with bench.database.begin() as work:
        await audience.choose(work, await here(work, phone.chat), Wish("FK01"))
    meeting_id = await published(bench.database)
    await invite(bench.database, Content(TEXTS, go="meeting", value=meeting_id))
    await feed(bench)
    invitation = phone.last
    assert TEXTS["nl"] in invitation.text
    assert "Bekijk en geef je op" in invitation.buttons
    await phone.taps("Minder berichten", on=invitation)
    assert await wish(bench, phone) == Wish("FK01", fewer=True)
    await phone.taps("Geen nieuws meer", on=invitation)
    assert await wish(bench, phone) is None
    await phone.taps("Minder berichten", on=invitation)
    assert await wish(bench, phone) is None, "who stopped does not begin again by asking for fewer"
    assert TEXTS["nl"] in invitation.text, "the invitation stays on the phone"


async def test_who_stops_everything_hears_no_news_after_coming_back(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    async with bench.database.begin() as work:
        await audience.choose(work, await here(work, phone.chat), Wish())
    await phone.says("/stop")
    assert "/nieuws" in phone.last.text
    await phone.says("/start")
    assert await wish(bench, phone) is None


async def feed(bench: Bench) -> None:
    """A tick of the clock, and what is then said."""
    async with bench.database.begin() as work:
        await recipients.feed(work)
    await bench.speak()


async def test_a_test_is_shown_once_to_who_has_its_link(bench: Bench, phone: Phone) -> None:
    async with bench.database.begin() as work:
        me = await organiser(work, "me@office.example")
        written = await drafts.write(work, me, Content(TEXTS))
        command = await drafts.make_test(work, me, written)
    await phone.says(command)
    await phone.taps("Nederlands")
    await phone.taps("Ik snap het")
    assert phone.last.screen.lines[1] == Told(TEXTS)
    assert "Dit is een proef" in phone.last.text
    await phone.says(command)
    assert "al gebruikt" in phone.last.text
    await phone.says("/start test-")
    assert "al gebruikt" in phone.last.text


async def test_erasing_everything_takes_a_waiting_invitation_with_it(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    async with bench.database.begin() as work:
        await audience.choose(work, await here(work, phone.chat), Wish())
    await invite(bench.database)
    await phone.says("/wis")
    await phone.taps("Ja")
    messages = len(phone.messages)
    await feed(bench)
    assert len(phone.messages) == messages
