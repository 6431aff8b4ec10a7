"""Somebody who only types: commands without a slash, numbers in any form, beginnings of buttons, codes and links."""

from collections.abc import Sequence

import pytest

from domain.budget.ballot_codes import shown
from tests.handlers.chat.phones import Bench, Phone
from tests.rounds import open_round

HERE = "Vertel wat er is gebeurd"  # the first question of a report


async def _codes(bench: Bench, voters: int = 2) -> Sequence[str]:
    async with bench.database.begin() as work:
        return (await open_round(work, voters, 6))[1]


@pytest.mark.parametrize(
    "number",
    ["1", "1.", "(1)", "#1", "1,", "1\ufe0f\u20e3", "①", "１", "١", "nummer 1", "Nr. 1", "number one", "een", "رقم ١"],
)
async def test_a_number_in_any_form_presses_its_button(phone: Phone, number: str) -> None:
    await phone.arrives()
    await phone.says(number)
    assert HERE in phone.last.text


@pytest.mark.parametrize("number", ["0", "77", "112", "1 of 2 keer", "1e", "2026"])
async def test_what_is_no_number_of_a_button_presses_none(phone: Phone, number: str) -> None:
    await phone.arrives()
    await phone.says(number)
    assert HERE not in phone.last.text


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("menu", "Wat wil je doen"), ("TAAL", "Kies je taal"), ("hulp!", "Hier kun je discriminatie"), ("wis", "alles"),
        ("english", "What do you want to do"), ("Turks", "Ne yapmak"), ("العربية", "ماذا تريدون"),
        ("iets mel", HERE), ("/taal engels", "What do you want to do"),
    ],
)  # fmt: skip
async def test_bare_words_open_what_they_name(phone: Phone, words: str, seen: str) -> None:
    await phone.arrives()
    await phone.says(words)
    assert seen in phone.last.text


@pytest.mark.parametrize("words", ["ja", "JA.", "Ja, haal", "yes"])
async def test_yes_is_an_answer_to_a_question_of_yes_or_no(phone: Phone, words: str) -> None:
    await phone.arrives()
    await phone.says("/wis")
    await phone.says(words)
    assert "Wat we van je konden vinden, is weg" in phone.last.text


@pytest.mark.parametrize(
    ("words", "kind"), [("overlast", "Overlast"), ("schimmel", "Vocht"), ("Discriminatie", "Discrim")]
)
async def test_a_word_of_a_choice_chooses_it_and_is_no_part_of_the_story(phone: Phone, words: str, kind: str) -> None:
    await phone.arrives()
    await phone.says("/melden Elke nacht lawaai op het plein")
    await phone.says(words)
    assert "In welke buurt" in phone.last.text
    await phone.taps("overzicht")
    assert kind in phone.last.text
    assert f"\n{words}\n" not in phone.last.text


async def test_words_behind_the_command_are_the_story(phone: Phone) -> None:
    await phone.arrives()
    await phone.says("/melden Er ligt afval bij de speeltuin")
    assert "Waar gaat het over" in phone.last.text


@pytest.mark.parametrize(
    "typed",
    ["/stem {}", "mijn code is {}", "{}", "_{}_", "https://t.me/some_bot?start=vote-{}", "t.me/x_bot?start=vote-{}"],
)
async def test_a_voting_code_opens_the_ballot_however_it_comes(bench: Bench, phone: Phone, typed: str) -> None:
    code = (await _codes(bench))[0]
    await phone.arrives()
    await phone.says(typed.format(code if "vote-" in typed else shown(code)))
    assert "nog niets gekozen" in phone.last.text


@pytest.mark.parametrize(
    "alike",
    [
        str.lower,
        lambda code: "".join(chr(ord(c) + 0xFEE0) for c in code),
        lambda code: code.replace("A", "\u0410").replace("K", "\u041a"),
    ],
)
async def test_a_code_in_other_letters_is_the_same_code(bench: Bench, phone: Phone, alike: object) -> None:
    code = (await _codes(bench))[0]
    await phone.arrives()
    await phone.says(alike(code))  # type: ignore[operator]
    assert "nog niets gekozen" in phone.last.text


async def test_the_same_code_again_goes_on_with_what_was_chosen_and_another_begins_anew(
    bench: Bench, phone: Phone
) -> None:
    one, other = await _codes(bench)
    await phone.arrives()
    await phone.says(one)
    await phone.taps("Plan")
    for again in (one, shown(one).lower(), f"/start vote-{one}"):
        await phone.says(again)
        assert "Jouw keuze, 1 van 5" in phone.last.text
        assert "opnieuw" not in phone.last.text
    await phone.says(other)
    assert "nog niets gekozen" in phone.last.text


@pytest.mark.parametrize("typed", ["1,3", "1 en 3", "1 3", "1+3", "nummer 1 en nummer 3", "one and three", "١ و ٣"])
async def test_several_numbers_choose_several_plans(bench: Bench, phone: Phone, typed: str) -> None:
    code = (await _codes(bench))[0]
    await phone.arrives()
    await phone.says(code)
    shown_first = [label.split("Plan ")[1] for label in phone.last.buttons if "Plan " in label]
    await phone.says(typed)
    assert "Jouw keuze, 2 van 5" in phone.last.text
    for title in (shown_first[0], shown_first[2]):
        assert f"Plan {title}" in phone.last.text.split("Jouw keuze")[1]
    await phone.says(typed)  # once more takes none out again
    assert "Jouw keuze, 2 van 5" in phone.last.text


async def test_more_numbers_than_may_be_chosen_choose_the_first_and_say_so(bench: Bench, phone: Phone) -> None:
    async with bench.database.begin() as work:
        _, (code, _) = await open_round(work, 2, 6, choose_min=1, choose_max=2)
    await phone.arrives()
    await phone.says(code)
    await phone.says("1,2,3")
    assert "2 plannen" in phone.last.text
    assert "Jouw keuze, 2 van 2" in phone.last.text


async def test_a_wrong_code_that_is_mended_by_editing_the_message_opens_the_ballot(bench: Bench, phone: Phone) -> None:
    code = (await _codes(bench))[0]
    await phone.arrives()
    await phone.says("/stem")
    number = await phone.says(code[:-1] + ("0" if code[-1] != "0" else "1"))
    await phone.corrects(number, shown(code))
    assert "nog niets gekozen" in phone.last.text


async def test_who_changes_a_message_that_was_used_is_told_that_it_is_not_used_again(phone: Phone) -> None:
    await phone.arrives()
    number = await phone.says("/agenda")
    await phone.corrects(number, "ik bedoel iets anders")
    assert "Die verandering gebruiken we niet" in phone.last.text
