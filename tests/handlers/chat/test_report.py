"""A report from the first contact to its receipt, on real services."""

import re

import pytest

from services.signals import following
from tests.handlers.chat.phones import Bench, Phone


def code_on(phone: Phone) -> str:
    found = re.search(r"SNW-\w{4}-\w{4}", phone.last.text)
    assert found, phone.last.text
    return found[0]


async def test_a_simple_report_takes_eight_taps_or_fewer(phone: Phone) -> None:
    taps = 1
    await phone.says("/start")
    for label in ("Nederlands", "Ik snap het", "Iets melden"):
        await phone.taps(label)
        taps += 1
    await phone.says("Elke nacht harde muziek op het plein.")
    await phone.taps("Overlast")
    await phone.says("wildemanbuurt")
    await phone.taps("Vandaag")
    await phone.taps("Versturen")
    taps += 3
    assert "ontvangen" in phone.last.text
    assert code_on(phone)
    assert taps <= 8


async def test_what_was_reported_is_kept_for_the_team(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    await phone.taps("Iets melden")
    await phone.says("Ze lieten mij <niet> binnen & lachten")
    await phone.sends(photo=[{"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60},
                             {"file_id": "large", "file_unique_id": "l", "width": 900, "height": 600}])  # fmt: skip
    for label in ("Discriminatie", "overzicht", "Versturen"):
        await phone.taps(label)
    (signal_id,) = await phone.signals()
    async with bench.database.begin() as work:
        found = await following.follow(work, phone.reach, signal_id)
    assert found is not None
    assert found.kind == "discrimination"
    assert found.turns[0].words == "Ze lieten mij <niet> binnen & lachten"
    assert [file.kind for file in found.turns[0].files] == ["photo"]


async def test_everything_can_be_typed_instead_of_pressed(phone: Phone) -> None:
    await phone.says("/start")
    for text in ("1", "Ik snap het", "1", "Fietswrakken voor de deur", "2", "Reimerswaal", "gisteren", "versturen!"):
        await phone.says(text)
    assert code_on(phone)


async def test_the_language_changes_in_the_middle_without_losing_a_step(phone: Phone) -> None:
    await phone.arrives()
    await phone.taps("Iets melden")
    await phone.says("Harde muziek")
    await phone.taps("Overlast")
    await phone.says("/taal")
    await phone.taps("Türkçe")
    assert "Hangi mahallede" in phone.last.text
    for text in ("Wildeman", "Bugün"):
        await phone.says(text)
    assert "Harde muziek" in phone.last.text
    await phone.taps("Gönder")
    assert "Kodunuz: SNW-" in phone.last.text


async def test_a_word_of_another_language_is_understood_on_a_button(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("Report something")
    assert "Vertel wat er is gebeurd" in phone.last.text


async def test_a_command_keeps_the_conversation_and_offers_it_again(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    for command in ("/help", "/privacy", "/settings", "/start", "/mijn"):
        await phone.says(command)
    await phone.says("/start")
    await phone.taps("Verder gaan")
    assert "Waar gaat het over?" in phone.last.text
    await phone.says("/melden")
    await phone.taps("Verder gaan")
    assert "Waar gaat het over?" in phone.last.text


async def sends_album(phone: Phone, size: int, caption: str = "", number: int = 13) -> list[str]:
    """An album as Telegram sends it, one message a photo; what the bot said to each."""
    before = len(phone.messages)
    for place in range(size):
        photo = [{"file_id": f"p{place}", "file_unique_id": f"u{place}", "width": 9, "height": 9}]
        text = {"caption": caption} if caption and not place else {}
        await phone.sends(photo=photo, media_group_id=str(number), **text)
    return [message.text for message in phone.messages[before:]]


async def test_an_album_is_answered_with_one_screen_and_then_a_line_for_each_photo(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    first, second, third = await sends_album(phone, 3)
    assert "112" in first
    assert second == "We hebben 2 foto's van je. Je kunt 5 foto's sturen."
    assert third == "We hebben 3 foto's van je. Je kunt 5 foto's sturen."
    await phone.says("Fietswrakken")
    await phone.taps("Overlast")
    await phone.taps("overzicht")
    assert "3 foto" in phone.last.text


async def test_the_buttons_above_an_album_go_on_working_and_what_does_not_fit_is_told(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    screen = len(phone.messages)
    said = await sends_album(phone, 6, "Fietswrakken")
    assert said[-1] == "Je kunt 5 foto's sturen. Meer kan niet."
    await phone.taps("Verder", on=phone.messages[screen])
    assert "Waar gaat het over" in phone.messages[screen].text
    assert phone.toasts == []


async def test_what_does_not_fit_is_told_once_for_a_whole_album(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    said = await sends_album(phone, 8)
    assert ["Meer kan niet" in one for one in said] == [False] * 5 + [True]
    said = await sends_album(phone, 2, number=14)
    assert ["Meer kan niet" in one for one in said] == [True]


async def test_danger_told_under_a_later_photo_of_an_album_is_answered(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await sends_album(phone, 1)
    await phone.sends(
        photo=[{"file_id": "q", "file_unique_id": "q", "width": 9, "height": 9}],
        caption="hij heeft een mes",
        media_group_id="13",
    )
    assert "112" in phone.last.text
    assert "Verder met mijn melding" in " ".join(phone.last.buttons)


async def test_a_new_report_can_take_the_place_of_a_half_finished_one(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await phone.says("/melden")
    await phone.taps("Opnieuw beginnen")
    await phone.says("Iets anders")
    await phone.taps("Overlast")
    await phone.taps("overzicht")
    assert "Harde muziek" not in phone.last.text
    assert "Iets anders" in phone.last.text


async def test_a_half_finished_report_waits_seven_days_and_no_longer(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    bench.now = bench.now.replace(day=27)
    await phone.says("/start")
    assert "Verder gaan" in " ".join(phone.last.buttons)
    bench.now = bench.now.replace(month=12, day=5)
    await phone.says("/start")
    assert "Verder gaan" not in " ".join(phone.last.buttons)


async def test_a_story_corrected_before_sending_is_sent_as_corrected(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    message = await phone.says("Harde muzik")
    await phone.taps("Overlast")
    await phone.corrects(message, "Harde muziek")
    await phone.taps("overzicht")
    assert "Harde muziek" in phone.last.text
    assert "muzik" not in phone.last.text


async def test_an_old_button_says_so_and_loses_nothing(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    old = phone.last
    data = next(iter(old.buttons.values()))
    await phone.says("/help")
    await phone.says("overlast in de buurt")
    assert "In welke buurt" in phone.last.text
    tap = await phone.presses(data, old.id)
    assert tap.toast is not None
    assert phone.toasts == ["screens.stale.toast"]
    assert "In welke buurt" in phone.last.text


async def test_pressing_send_twice_reports_once(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await phone.taps("Overlast")
    await phone.taps("overzicht")
    summary = phone.last
    send = next(data for label, data in summary.buttons.items() if "Versturen" in label)
    await phone.presses(send, summary.id)
    await phone.presses(send, summary.id)
    assert len(await phone.signals()) == 1
    assert "SNW-" in phone.last.text


async def test_the_sixth_report_in_an_hour_waits_without_being_lost(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    for number in range(6):
        await phone.says("/melden")
        await phone.says(f"Melding nummer {number}, harde muziek")
        await phone.taps("Overlast")
        await phone.taps("overzicht")
        await phone.taps("Versturen")
    assert "al veel verstuurd" in phone.last.text
    assert "Melding nummer 5" in phone.last.text
    bench.now = bench.now.replace(hour=14)
    await phone.taps("Versturen")
    assert "ontvangen" in phone.last.text
    assert len(await phone.signals()) == 6


async def test_cancelling_forgets_the_story_and_can_remove_it_from_the_phone(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    story = await phone.says("Harde muziek")
    asked = phone.last.id
    await phone.says("/cancel")
    assert "Er is niets verstuurd" in phone.last.text
    await phone.taps("Weg van deze telefoon")
    assert {story, asked} <= phone.removed


async def test_the_key_that_shares_a_place_goes_away_again(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await phone.taps("Overlast")
    await phone.taps("plek")
    assert phone.last.shown.share_location
    await phone.sends(location={"latitude": 52.3621, "longitude": 4.8013})
    assert phone.messages[-2].shown.remove_keyboard
    assert "Wildeman" in phone.last.text


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ({"contact": {"phone_number": "+31 0", "first_name": "x"}}, "telefoonnummer heb ik niet nodig"),
        ({"document": {"file_id": "d", "file_unique_id": "d", "mime_type": "application/pdf"}}, "bestand kan ik niet"),
        (
            {"document": {"file_id": "d", "file_unique_id": "d", "mime_type": "image/jpeg", "file_size": 20_000_000}},
            "foto is te groot",
        ),
        ({"document": {"file_id": "d", "file_unique_id": "d", "mime_type": "image/heic"}}, "soort foto kan ik niet"),
        ({"document": {"file_id": "d", "file_unique_id": "d", "file_name": "IMG_0048.HEIC"}}, "soort foto kan ik niet"),
        ({"audio": {"file_id": "d", "file_unique_id": "d", "duration": 9}}, "bestand kan ik niet"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "kan ik niet lezen"),
        ({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 301}}, "spraakbericht is te lang"),
        ({"text": "a" * 3001}, "te lang"),
        ({"text": "\u202e\u0000"}, "kan ik niet lezen"),
    ],
)
async def test_what_can_not_be_taken_is_answered_clearly_and_the_question_stays(
    phone: Phone, content: dict[str, object], answer: str
) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.sends(**content)
    assert answer in phone.last.text
    assert "Vertel wat er is gebeurd" in phone.last.text


@pytest.mark.parametrize(
    "file",
    [
        {"mime_type": "image/webp"},
        {"mime_type": "image/gif", "file_name": "x"},
        {"mime_type": "IMAGE/JPEG"},
        {"mime_type": "application/octet-stream", "file_name": "foto.JPG"},
        {"file_name": "scan van de brief.jpeg"},
        {"file_name": "a" * 250 + ".png"},
    ],
)
async def test_an_image_that_came_as_a_file_is_taken_by_its_type_or_its_name(
    phone: Phone, file: dict[str, str]
) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.sends(document={"file_id": "d", "file_unique_id": "d", **file})
    assert "1 foto" in phone.last.text


@pytest.mark.parametrize(
    "content",
    [
        {"location": {"latitude": 52.3621, "longitude": 4.8013}},
    ],
)
async def test_who_sends_a_place_before_anything_was_asked_hears_how_to_report(
    phone: Phone, content: dict[str, object]
) -> None:
    await phone.arrives()
    await phone.sends(**content)
    assert "niet bewaard" in phone.last.text
    assert "“Iets melden”" in phone.last.text
