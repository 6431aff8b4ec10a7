"""Danger is answered wherever somebody tells of it: in every conversation, beside them, and at the first contact."""

import re

import pytest

from conversations.flows import FLOWS
from storage.signals.cases import signal_by_id
from tests.handlers.chat.phones import Bench, Phone
from tests.handlers.chat.test_following import reports
from tests.handlers.chat.test_meetings import planned
from tests.rounds import open_round

NUMBERS = ("112", "0900-8844", "0800-2000", "0800-7000", "0800-0113")


def told_whom_to_call(phone: Phone) -> bool:
    """Whether the newest message names every number, once."""
    text = re.sub(r"\b[0-9a-f]{64}\b", "", phone.last.text)  # the head of a vote may hold 112 by chance
    return all(text.count(number) == 1 for number in NUMBERS)


async def test_what_points_to_danger_is_a_mark_on_the_signal(bench: Bench, phone: Phone) -> None:
    await reports(phone)
    (signal_id,) = await phone.signals()

    async def marked() -> bool:
        async with bench.database.reading() as work:
            row = await signal_by_id(work, signal_id)
        assert row is not None
        return row.danger

    assert not await marked(), "loud music is no danger"
    await phone.presses(f"g:add:{signal_id}", phone.last.id)
    await phone.says("nu heeft hij een mes")
    await phone.taps("Versturen")
    assert await marked()


async def test_a_report_that_tells_of_danger_is_marked(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("De buurman bedreigt mij met een mes")
    for label in ("Verder met mijn melding", "Overlast", "overzicht", "Versturen"):
        await phone.taps(label)
    (signal_id,) = await phone.signals()
    async with bench.database.reading() as work:
        row = await signal_by_id(work, signal_id)
    assert row is not None
    assert row.danger


@pytest.mark.parametrize("command", ["/start", "/help", "/nieuws", "/melden", "/agenda", "/wis", "/settings"])
async def test_danger_is_answered_after_every_command(phone: Phone, command: str) -> None:
    await phone.arrives()
    await phone.says(command)
    await phone.says("iemand bedreigt mij met een mes")
    assert told_whom_to_call(phone)
    assert "begrijp ik niet" not in phone.last.text


@pytest.mark.parametrize("name", sorted(set(FLOWS) - {"rsvp", "news", "erase", "report"}))
async def test_danger_is_answered_in_every_conversation_about_a_signal(phone: Phone, name: str) -> None:
    await reports(phone)
    (signal_id,) = await phone.signals()
    await phone.presses(f"g:{name}:{signal_id}", phone.last.id)
    await phone.says("hij slaat mij")
    assert told_whom_to_call(phone)


async def test_danger_is_answered_where_the_number_of_guests_is_asked(bench: Bench, phone: Phone) -> None:
    meeting_id = await planned(bench)
    await phone.arrives()
    await phone.presses(f"g:come:{meeting_id}", phone.last.id)
    await phone.says("help hij heeft een mes")
    assert told_whom_to_call(phone)
    assert "begrijp ik niet" not in phone.last.text
    assert "Met hoeveel mensen" in phone.last.text


async def test_danger_is_answered_where_a_voting_code_is_asked(bench: Bench, phone: Phone) -> None:
    async with bench.database.begin() as work:
        await open_round(work, 3)
    await phone.arrives()
    await phone.says("/stem")
    await phone.says("iemand bedreigt mij met een mes")
    assert "Deze code klopt niet" not in phone.last.text
    assert "Typ hier de stemcode" in phone.last.text
    assert told_whom_to_call(phone)


async def test_danger_is_answered_also_where_a_report_has_no_use_for_the_words(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await phone.taps("Discriminatie")
    await phone.says("help hij slaat mij")
    assert "Deze buurt ken ik niet" not in phone.last.text
    assert told_whom_to_call(phone)
    await phone.taps("Verder met mijn melding")
    assert "In welke buurt" in phone.last.text


async def test_danger_is_answered_before_a_ballot_that_is_opened_by_a_code_among_the_words(
    bench: Bench, phone: Phone
) -> None:
    async with bench.database.begin() as work:
        _, (code,) = await open_round(work, 1)
    await phone.arrives()
    await phone.says(f"hij slaat mij, hij wil {code}")
    assert "nog niets gekozen" in phone.last.text
    assert all(number in phone.messages[-2].text for number in NUMBERS)


@pytest.mark.parametrize(("code", "number"), [("nl", "gevaar"), ("en", "danger"), ("tr", "tehlike"), ("ar", "خطر")])
async def test_danger_is_answered_in_the_phones_language_before_the_first_contact(
    phone: Phone, code: str, number: str
) -> None:
    phone.language_code = code
    await phone.says("help mijn man slaat mij")
    assert told_whom_to_call(phone)
    assert number in phone.last.text
    assert "Kies je taal" in phone.last.text


async def test_danger_under_a_photo_or_in_a_changed_message_is_answered(phone: Phone) -> None:
    await phone.arrives()
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
    await phone.sends(photo=photo, caption="hij heeft een mes")
    assert told_whom_to_call(phone)
    await phone.says("/wis")
    message = await phone.says("wat is dit")
    assert not told_whom_to_call(phone)
    await phone.corrects(message, "hij heeft een mes")
    assert told_whom_to_call(phone)


async def test_after_the_numbers_the_conversation_goes_on_without_them(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/nieuws")
    await phone.says("hij slaat mij")
    await phone.says("Wildeman")
    assert "112" not in phone.last.text
    assert "Hoe vaak" in phone.last.text
