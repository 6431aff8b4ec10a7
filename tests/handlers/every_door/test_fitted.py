"""A screen that a door can't carry whole: what is left out is said in words, and nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conversations.engine.fitting import Capabilities, fitted, parts_of
from domain.screens import Button, Document, Screen, Text, Venue, Words
from handlers.chat.buttons import button_of
from handlers.telegram.routing import CAPABILITIES as TELEGRAM
from tests.handlers.every_door.plain import CAPABILITIES as PLAIN
from tests.handlers.every_door.plain import render

WORDS = Words("Hallo")


def test_a_door_that_can_carry_it_gets_the_screen_as_it_is() -> None:
    buttons = ((Button("a", "a"), Button("b", "b")), (Button("c", "c"),))
    venue = Venue(52.36, 4.79, "De Honingraat", "Osdorpplein 1")
    screen = Screen((WORDS,), buttons, True, 3, True, Document("a.json", "{}"), venue, "plan")
    assert fitted(screen, TELEGRAM) == screen


def test_buttons_that_are_too_many_stand_below_with_their_number_and_can_be_typed() -> None:
    rows = tuple((Button(label, label),) for label in ("Een", "Twee", "Drie", "Vier"))
    screen = Screen((WORDS,), (*rows, (Button(Text("screens.button.back"), "_back"),)), numbered=True)
    (message,) = render(screen, "nl")
    assert message.text.splitlines()[2::2] == ["3. Drie", "4. Vier", "• Terug"]
    assert list(message.buttons) == ["1. Een", "2. Twee"]
    for typed, answer in (("3", "Drie"), ("vier", "Vier"), ("terug", "_back"), ("4. Vier", "Vier")):
        found = button_of(typed, screen, "nl")
        assert found is not None
        assert found.answer == answer


def test_a_page_a_place_and_a_file_are_words_where_the_door_has_none() -> None:
    rows = tuple((Button(label, label),) for label in ("a", "b"))
    page = (Button("Uitslag", url="https://voorbeeld.example/1"),)
    venue = Venue(52.3601, 4.79, "De Honingraat", "Osdorpplein 1")
    (message,) = render(Screen((), (*rows, page), venue=venue, document=Document("x.txt", "Inhoud")), "nl")
    for words in ("De Honingraat\nOsdorpplein 1\n52.36010, 4.79000", "Inhoud", "Uitslag: https://voorbeeld.example/1"):
        assert words in message.text


def test_the_buttons_stand_under_the_last_part_of_a_long_text() -> None:
    sent = render(Screen((Words("woord " * 300),), ((Button("Ja", "yes"),),)), "nl")
    assert len(sent) > 3
    assert [bool(one.buttons) for one in sent] == [*[False] * (len(sent) - 1), True]


@given(st.text(alphabet="ab \n", max_size=300), st.integers(1, 40))
def test_parts_hold_every_letter_in_order_and_none_is_too_long(text: str, most: int) -> None:
    parts = list(parts_of(text, most))
    assert all(len(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.integers(0, 9), st.integers(0, 5), st.booleans())
def test_every_button_is_pressed_or_typed(many: int, most: int, numbered: bool) -> None:
    labels = [f"knop {chr(97 + one)}" for one in range(many)]
    screen = Screen((), tuple((Button(label, label),) for label in labels), numbered)
    seen = fitted(screen, Capabilities(text=PLAIN.text, buttons=most))
    pressed = [button.answer for row in seen.buttons for button in row]
    typed = [line.values["label"] for line in seen.lines if isinstance(line, Text)]
    assert pressed + typed == labels
