"""A sentence at the menu is kept and offered as a report; wishes in plain words open what they mean; captions count."""

import pytest

from storage.signals import cases
from tests.handlers.chat.phones import Bench, Phone
from tests.handlers.chat.test_following import reports
from tests.handlers.chat.test_meetings import planned

STORY = "De brommers op het plein maken elke avond lawaai"
PHOTO = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
VIDEO = {"file_id": "v", "file_unique_id": "v", "width": 9, "height": 9, "duration": 3}


async def test_a_sentence_at_the_menu_is_offered_and_becomes_the_story(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    await phone.says(STORY)
    assert "Wil je dit melden?" in phone.last.text
    assert STORY in phone.last.text
    await phone.says("ja")
    assert "Waar gaat het over" in phone.last.text
    for label in ("Overlast", "overzicht"):
        await phone.taps(label)
    assert STORY in phone.last.text
    await phone.taps("Versturen")
    assert len(await phone.signals()) == 1


async def test_more_sentences_are_kept_together_and_all_of_it_goes_from_the_phone_with_the_report(phone: Phone) -> None:
    await phone.arrives()
    first = await phone.says(STORY)
    second = await phone.says("En er ligt ook afval bij de speeltuin")
    assert phone.last.text.count("plein") == phone.last.text.count("speeltuin") == 1
    await phone.taps("Ja, dit melden")
    for label in ("Overlast", "overzicht", "Versturen", "Weg van deze telefoon"):
        await phone.taps(label)
    assert {first, second} <= phone.removed


async def test_what_is_not_to_be_reported_is_thrown_away(phone: Phone) -> None:
    await phone.arrives()
    await phone.says(STORY)
    await phone.says("nee")
    assert "niets veranderd" in phone.last.text or "Er is niets" in phone.last.text
    await phone.says("/melden")
    assert STORY not in phone.last.text


async def test_before_the_warning_a_sentence_waits_until_it_was_read(phone: Phone) -> None:
    await phone.says(STORY)
    assert "Kies je taal" in phone.last.text
    await phone.taps("Nederlands")
    assert STORY not in phone.last.text
    await phone.taps("Ik snap het")
    assert STORY in phone.last.text
    assert "Wil je dit melden?" in phone.last.text


async def test_a_photo_with_words_and_a_voice_message_at_the_menu_are_offered_too(phone: Phone) -> None:
    await phone.arrives()
    await phone.sends(photo=PHOTO, caption="Er liggen hier weer vuilniszakken")
    await phone.sends(voice={"file_id": "v", "file_unique_id": "v", "duration": 9})
    assert "Wil je dit melden?" in phone.last.text
    await phone.taps("Ja, dit melden")
    for label in ("Overlast", "overzicht"):
        await phone.taps(label)
    assert "Er liggen hier weer vuilniszakken" in phone.last.text
    assert "1 foto" in phone.last.text
    assert "1 spraakbericht" in phone.last.text


async def test_all_photos_of_an_album_at_the_menu_are_kept_and_it_is_said_once(phone: Phone) -> None:
    await phone.arrives()
    answers = phone.answers
    for _ in range(3):
        await phone.sends(photo=PHOTO, media_group_id="album")
    assert phone.answers == answers + 1
    await phone.taps("Ja, dit melden")
    for label in ("Overlast", "overzicht"):
        await phone.taps(label)
    assert "3 foto" in phone.last.text


async def test_danger_in_a_sentence_at_the_menu_shows_the_numbers_and_the_offer(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("Help, hij staat voor mijn deur met een mes")
    assert "112" in phone.last.text
    assert "Wil je dit melden?" in phone.last.text


@pytest.mark.parametrize(
    "medium", [{"video": VIDEO}, {"photo": PHOTO}, {"document": {"file_id": "d", "file_unique_id": "d"}}]
)
async def test_words_under_anything_point_to_danger(phone: Phone, medium: dict[str, object]) -> None:
    await phone.arrives()
    await phone.sends(**medium, caption="Help, hij staat voor mijn deur met een mes")
    assert "112" in phone.last.text


async def test_words_under_a_video_that_is_not_taken_are_part_of_the_story(phone: Phone) -> None:
    await phone.arrives()
    await phone.taps("Iets melden")
    await phone.sends(video=VIDEO, caption="Derde keer deze week dat de vuilnis op straat ligt")
    assert "video" in phone.last.text.lower()
    await phone.says("Dit is bij de speeltuin")
    for label in ("Iets anders", "overzicht"):
        await phone.taps(label)
    assert "Derde keer" in phone.last.text
    assert "speeltuin" in phone.last.text


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("ik wil graag stemmen over de plannen voor de buurt", "stem"),
        ("wanneer is het volgende open huis", "bijeenkomst"),
        ("hoe werkt deze bot eigenlijk", "Hier kun je discriminatie"), ("wie kan lezen wat ik schrijf", "bewaren"),
    ],
)  # fmt: skip
async def test_a_wish_in_plain_words_opens_what_it_means(phone: Phone, words: str, seen: str) -> None:
    await phone.arrives()
    await phone.says(words)
    assert seen in phone.last.text
    assert "Wil je dit melden?" not in phone.last.text


async def test_what_is_kept_and_not_yet_reported_is_among_ones_own_data(phone: Phone) -> None:
    await phone.arrives()
    await phone.says(STORY)
    await phone.says("/mijngegevens")
    files = [message.screen.document for message in phone.messages if message.screen.document is not None]
    assert STORY in files[-1].content


@pytest.mark.parametrize(
    "said", [{"text": "Het was weer zo, ook afgelopen nacht"}, {"photo": PHOTO, "caption": "Zo ziet het eruit"}]
)
async def test_what_comes_while_a_signal_is_shown_adds_to_it_after_one_send(
    phone: Phone, said: dict[str, object]
) -> None:
    await reports(phone)
    (signal_id,) = await phone.signals()
    await phone.presses(f"g:follow:{signal_id}", phone.last.id)
    await phone.sends(**said)
    assert "Versturen" in " ".join(phone.last.buttons)
    await phone.taps("Versturen")
    await phone.presses(f"g:follow:{signal_id}", phone.last.id)
    assert str(said.get("text") or said["caption"]) in phone.last.text


@pytest.mark.parametrize("words", ["Ik kom niet meer", "ik kom niet"])
async def test_the_button_of_a_reminder_can_be_typed_later(bench: Bench, phone: Phone, words: str) -> None:
    meeting_id = await planned(bench)
    await phone.arrives()
    await phone.presses(f"g:come:{meeting_id}", phone.last.id)
    await phone.taps("alleen")
    await phone.says("/start")
    await phone.says(words)
    assert "g:stay_away" not in " ".join(phone.last.buttons.values())
    assert "begrijp ik niet" not in phone.last.text
    assert "Wil je dit melden" not in phone.last.text


@pytest.mark.parametrize("words", ["Bekijk het", "bekijk", "BEKIJK HET!"])
async def test_the_button_under_news_of_a_signal_can_be_typed(bench: Bench, phone: Phone, words: str) -> None:
    code = await reports(phone)
    (signal_id,) = await phone.signals()
    async with bench.database.begin() as work:
        await cases.change_signal(work, signal_id, news=True)
    await phone.says("/agenda")
    await phone.says(words)
    assert code in phone.last.text
