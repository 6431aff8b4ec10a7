"""What residents may do about themselves: see everything, erase everything, stop."""

import json

from handlers.telegram.reaches import reach_of
from services.people import updates
from tests.handlers.chat.phones import Bench, Phone


async def _has_reported(phone: Phone, story: str = "Harde muziek") -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says(story)
    for label in ("Overlast", "overzicht", "Versturen"):
        await phone.taps(label)


async def test_my_data_is_shown_and_comes_as_a_file(phone: Phone) -> None:
    await _has_reported(phone)
    await phone.says("/melden")
    await phone.says("Nog iets anders")
    await phone.says("/mydata")
    assert "Meldingen: 1\n" in phone.last.text
    document = phone.messages[-2].screen.document
    assert document is not None
    kept = json.loads(document.content)
    assert kept["reach"] == phone.reach.plain
    assert "Harde muziek" in json.dumps(kept["signals"])
    assert "Nog iets anders" in json.dumps(kept["unfinished_conversation"])


async def test_half_a_character_in_what_could_not_be_handled_spoils_no_file(bench: Bench, phone: Phone) -> None:
    await phone.arrives()
    async with bench.database.begin() as work:
        await updates.bury(work, {"update_id": 7, "message": {"text": "half \ud83d"}}, reach_of(phone.chat), "KeyError")
    await phone.says("/mijngegevens")
    document = phone.messages[-2].screen.document
    assert document is not None
    assert b"half ?" in document.content.encode()


async def test_erasing_is_asked_once_more_and_then_nothing_is_left(phone: Phone) -> None:
    await _has_reported(phone)
    await phone.says("/wis")
    await phone.taps("Nee")
    assert "niets veranderd" in phone.last.text
    await phone.says("/delete")
    await phone.taps("Ja")
    assert "is weg" in phone.messages[-1].text
    await phone.says("/start")
    assert "Kies je taal" in phone.last.text
    await phone.says("1")
    await phone.says("Ik snap het")
    await phone.says("/mijn")
    assert "geen meldingen" in phone.last.text


async def test_erasing_in_the_middle_of_a_report_takes_the_draft_along(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await phone.says("/wis")
    await phone.says("2")
    await phone.arrives()
    assert "Verder gaan" not in " ".join(phone.last.buttons)


async def test_no_to_erasing_leads_back_to_the_report(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await phone.says("/wis")
    await phone.says("1")
    await phone.taps("Verder gaan")
    assert "Waar gaat het over?" in phone.last.text


async def test_an_old_yes_button_erases_nothing(phone: Phone) -> None:
    await _has_reported(phone)
    await phone.says("/wis")
    asked = phone.last
    yes = next(data for label, data in asked.buttons.items() if "Ja" in label)
    await phone.says("nee")
    await phone.says("/wis")
    await phone.says("nee")
    await phone.presses(yes, asked.id)
    await phone.says("/mijn")
    assert "Overlast" in " ".join(phone.last.buttons)


async def test_stopping_says_how_to_come_back(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/stop")
    assert "geen berichten meer" in phone.last.text
    assert "/wis" in phone.last.text
    assert "7 dagen" not in phone.last.text
    await phone.taps("Naar het begin")
    assert "Iets melden" in " ".join(phone.last.buttons)


async def test_stopping_in_the_middle_of_a_report_keeps_what_was_told(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await phone.says("/stop")
    assert "7 dagen" in phone.last.text
    await phone.taps("Verder gaan")
    await phone.taps("Overlast")
    await phone.taps("overzicht")
    assert "Harde muziek" in phone.last.text


async def test_who_walks_away_from_the_question_to_erase_is_not_led_back_to_it(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    await phone.says("/wis")
    await phone.says("/start")
    await phone.says("ja, haal alles weg")
    assert "is weg" not in phone.last.text
    await phone.says("/start")
    await phone.taps("Verder gaan")
    assert "Waar gaat het over?" in phone.last.text


async def test_another_language_asks_the_question_to_erase_in_that_language(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/wis")
    await phone.says("/taal")
    await phone.taps("English")
    assert "remove everything?" in phone.last.text
