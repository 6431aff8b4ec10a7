"""Following a signal: from the list, by code, on another phone; adding, withdrawing, cutting the line."""

import re

import pytest

from services.signals import reporting
from tests.handlers.chat.phones import Bench, Phone


async def reports(phone: Phone) -> str:
    """From the first contact to a signal that was sent; its code."""
    await phone.arrives()
    await phone.says("/melden")
    await phone.says("Harde muziek")
    for label in ("Overlast", "overzicht", "Versturen"):
        await phone.taps(label)
    found = re.search(r"SNW-\w{4}-\w{4}", phone.last.text)
    assert found
    return found[0]


async def test_the_own_list_leads_to_the_signal_and_its_dialogue(phone: Phone) -> None:
    code = await reports(phone)
    await phone.says("/mijn")
    await phone.taps("Overlast, 21 november 2026")
    assert code in phone.last.text
    assert "Harde muziek" in phone.last.text


async def test_a_code_opens_the_signal_on_another_phone(bench: Bench, phone: Phone) -> None:
    code = await reports(phone)
    other = bench.phone(2, "en")
    await other.says("/start")
    await other.taps("English")
    await other.taps("I understand")
    await other.says(code.lower().replace("-", " "))
    assert "Harde muziek" in other.last.text
    await other.taps("What else")
    assert "Cut the line" not in " ".join(other.last.buttons)


async def test_a_code_opens_also_where_the_story_is_asked(phone: Phone) -> None:
    code = await reports(phone)
    await phone.says("/melden")
    await phone.says(code)
    assert "Harde muziek" in phone.last.text
    await phone.says("/start")
    assert "Verder gaan" in " ".join(phone.last.buttons)


async def test_a_wrong_code_is_told_and_ten_guesses_are_enough(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("SNW-2345-6788")
    assert "klopt niet" in phone.last.text
    for _ in range(10):
        await phone.says("SNW-2222-2222")
        assert "vind ik geen melding" in phone.last.text
    await phone.says("SNW-2222-2222")
    assert "te veel verkeerde codes" in phone.last.text


async def test_a_foreign_signal_answers_like_an_unknown_one(bench: Bench, phone: Phone) -> None:
    await reports(phone)
    other = bench.phone(2)
    await other.arrives()
    said = set()
    for signal_id in (*await phone.signals(), "a" * 26):
        for deed in ("follow", "choices", "add", "withdraw", "reopen", "cut_line"):
            await other.presses(f"g:{deed}:{signal_id}", other.last.id)
            said.add(other.last.text)
    assert said == {"Deze melding kan ik hier niet openen. Heb je de code? Typ die."}


async def test_an_addition_is_sent_after_it_was_looked_at(phone: Phone) -> None:
    await reports(phone)
    await phone.taps("Melding volgen")
    await phone.taps("Antwoord")
    await phone.says("Het was om elf uur")
    assert "Klopt dit?" in phone.last.text
    await phone.says("versturen")
    assert "verstuurd" in phone.last.text
    await phone.says("/mijn")
    await phone.says("1")
    assert "Het was om elf uur" in phone.last.text


async def test_withdrawing_is_asked_once_more(phone: Phone) -> None:
    await reports(phone)
    await phone.taps("Melding volgen")
    await phone.taps("Wat kan ik")
    await phone.taps("intrekken")
    await phone.taps("Nee")
    assert "niets veranderd" in phone.last.text
    await phone.says("/mijn")
    await phone.says("1")
    await phone.taps("Wat kan ik")
    await phone.taps("intrekken")
    await phone.taps("Ja")
    assert "ingetrokken" in phone.last.text


async def test_after_the_line_is_cut_only_the_code_opens_the_signal(phone: Phone) -> None:
    code = await reports(phone)
    await phone.taps("Melding volgen")
    await phone.taps("Wat kan ik")
    await phone.taps("Geen berichten")
    assert code in phone.last.text
    await phone.taps("Ja")
    await phone.says("/mijn")
    assert "geen meldingen" in phone.last.text
    await phone.says(code)
    assert "Harde muziek" in phone.last.text


@pytest.mark.parametrize(("ending", "done"), [("Geen berichten", "geen berichten meer"), ("intrekken", "ingetrokken")])
async def test_what_can_no_longer_be_sent_is_not_offered_again_and_that_is_told(
    phone: Phone, ending: str, done: str
) -> None:
    await reports(phone)
    await phone.taps("Melding volgen")
    signal = phone.last
    await phone.taps("Antwoord")
    await phone.says("Het was om elf uur")
    await phone.taps("Wat kan ik", on=signal)
    await phone.taps(ending, on=signal)
    await phone.taps("Ja")
    assert done in phone.last.text
    assert "niet verstuurd" in phone.last.text
    assert "Verder gaan" not in " ".join(phone.last.buttons)
    await phone.says("/start")
    assert "Verder gaan" not in " ".join(phone.last.buttons)


async def test_an_addition_to_another_signal_is_kept_when_the_line_of_one_is_cut(phone: Phone) -> None:
    await reports(phone)
    await phone.taps("Melding volgen")
    first = phone.last
    await phone.says("/melden")
    await phone.says("Fietswrakken")
    for label in ("Overlast", "overzicht", "Versturen", "Melding volgen", "Antwoord"):
        await phone.taps(label)
    await phone.says("Bij de ingang")
    for label in ("Wat kan ik", "Geen berichten"):
        await phone.taps(label, on=first)
    await phone.taps("Ja")
    assert "niet verstuurd" not in phone.messages[-2].text
    await phone.taps("Verder gaan")
    assert "Bij de ingang" in phone.last.text


async def test_a_code_without_its_first_letters_is_understood(phone: Phone) -> None:
    code = await reports(phone)
    await phone.says("/mijn")
    await phone.says(code.removeprefix("SNW-"))
    assert "Harde muziek" in phone.last.text


async def test_delete_from_this_phone_removes_the_conversation_and_keeps_the_signal(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden")
    asked = phone.last.id
    story = await phone.says("Harde muziek")
    for label in ("Overlast", "overzicht", "Versturen"):
        await phone.taps(label)
    receipt = phone.last.id
    await phone.taps("Weg van deze telefoon")
    assert {asked, story, receipt} <= phone.removed
    assert phone.last.id not in phone.removed
    await phone.says("/mijn")
    assert "Overlast" in " ".join(phone.last.buttons)


async def test_delete_from_this_phone_takes_the_list_of_signals_and_the_file_along(phone: Phone) -> None:
    await reports(phone)
    await phone.says("/mijngegevens")
    file = phone.messages[-2]
    assert file.screen.document
    assert "Meldingen: 1\nBijeenkomsten: 0\nNieuws uit de buurt: Nee" in phone.last.text
    await phone.says("/mijn")
    older = phone.last.id
    await phone.says("/mijn")
    await phone.taps("Overlast")
    await phone.taps("Wat kan ik nog meer")
    newer = phone.last.id
    await phone.taps("Weg van deze telefoon")
    assert {file.id, older, newer} <= phone.removed


async def test_a_file_that_has_not_left_yet_is_neither_made_again_nor_within_another(
    bench: Bench, phone: Phone
) -> None:
    await reports(phone)
    bench.silent = True
    for _ in range(5):
        await phone.says("/mijngegevens")
    bench.silent = False
    await bench.speak()
    files = [one for one in phone.messages if one.screen.document]
    assert len(files) == 1
    assert "Je bestand is onderweg" in phone.last.text
    await phone.says("/mijngegevens")
    assert phone.messages[-2].screen.document


async def test_a_long_dialogue_comes_in_pages_newest_first(bench: Bench, phone: Phone) -> None:
    await reports(phone)
    (signal_id,) = await phone.signals()
    for number in range(4):
        async with bench.database.begin() as work:
            assert await reporting.add(work, phone.reach, signal_id, f"{number}" + "x" * 1400, ())
    await phone.presses(f"g:follow:{signal_id}", phone.last.id)
    assert "3xxx" in phone.last.text
    assert "Harde muziek" not in phone.last.text
    await phone.taps("Eerdere")
    await phone.taps("Eerdere")
    assert "Harde muziek" in phone.last.text
    await phone.taps("Latere")
    assert "Harde muziek" not in phone.last.text


async def test_questions_one_walked_away_from_do_not_come_back_and_what_was_told_does(phone: Phone) -> None:
    await reports(phone)
    (signal_id,) = await phone.signals()
    await phone.presses(f"g:add:{signal_id}", phone.last.id)
    await phone.says("Gisteren weer")
    await phone.says("/wis")
    await phone.presses(f"g:cut_line:{signal_id}", phone.last.id)
    await phone.says("/start")
    await phone.taps("Verder gaan")
    assert "Gisteren weer" in phone.last.text
    await phone.taps("Stoppen")
    assert "Verder gaan" not in " ".join(phone.last.buttons)


async def test_a_reason_that_was_told_waits_and_a_bare_question_to_reopen_does_not(bench: Bench, phone: Phone) -> None:
    await reports(phone)
    (signal_id,) = await phone.signals()
    for said in ((), ("Het is weer mis",)):
        await phone.presses(f"g:reopen:{signal_id}", phone.last.id)
        for words in said:
            await phone.says(words)
        await phone.says("/start")
        assert ("Verder gaan" in " ".join(phone.last.buttons)) == bool(said)


async def test_a_code_is_found_in_a_sentence_and_not_in_what_somebody_tells(bench: Bench, phone: Phone) -> None:
    code = await reports(phone)
    other = bench.phone(2)
    await other.arrives()
    await other.says(f"mijn code is {code}.")
    assert "Overlast" in other.last.text
    await other.says("/melden")
    await other.says(f"Het gaat over {code}, nog steeds")
    assert "Waar gaat het over?" in other.last.text
