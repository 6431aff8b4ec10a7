"""A screen on a phone: escaped, within the limits, numbered, isolated, and typed answers matched."""

from datetime import UTC, date, datetime
from html import unescape
from re import sub

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.engine.spoken import spoken
from domain.screens import Button, Day, Document, Listing, Moment, Money, Screen, Text, Words
from handlers.chat.buttons import button_of
from handlers.telegram.render import CAPTION_LIMIT, MESSAGE_LIMIT, render

CHOICES = ((Button(Text("screens.button.yes"), "yes"),), (Button(Text("report.button.today"), "today"),))
BACK = ((Button(Text("screens.button.back"), "_back"),),)
SCREEN = Screen((Text("report.when.ask"),), CHOICES + BACK, numbered=True, serial=7)


def read(html: str) -> str:
    return unescape(sub(r"</?[a-z]+>", "", html))


def test_choices_are_numbered_and_navigation_is_not() -> None:
    rows = render(SCREEN, "nl").keyboard
    assert [button["text"] for row in rows for button in row] == ["1. Ja", "2. Vandaag", "Terug"]
    assert rows[0][0]["callback_data"] == "a:7:yes"


def test_a_residents_own_words_are_quoted_and_escaped() -> None:
    assert render(Screen((Words("Ali <3 & co"),)), "nl").html == "<blockquote>Ali &lt;3 &amp; co</blockquote>"


def test_a_code_can_be_copied_with_a_touch() -> None:
    shown = render(Screen((Text("signals.receipt.code", {"code": "SNW-2345-6789"}),)), "ar")
    assert "<code>SNW-2345-6789</code>" in shown.html
    assert "\u2068" in shown.html


@given(st.lists(st.text(max_size=5000), min_size=1, max_size=4), st.sampled_from([MESSAGE_LIMIT, CAPTION_LIMIT]))
def test_a_message_never_exceeds_telegrams_limit_and_keeps_our_own_words(words: list[str], limit: int) -> None:
    document = Document("a.json", "{}") if limit == CAPTION_LIMIT else None
    screen = Screen((*map(Words, words), Text("report.summary.check")), document=document)
    html = render(screen, "nl").html
    assert len(read(html)) <= limit
    assert html.endswith("Klopt dit?")
    assert html.count("<blockquote>") == html.count("</blockquote>") <= len(words)


def test_a_cut_never_falls_within_an_entity() -> None:
    html = render(Screen((Words("&" * 6000),)), "nl").html
    assert html.startswith("<blockquote>&amp;")
    assert html.endswith("&amp;…</blockquote>")
    assert len(read(html)) == MESSAGE_LIMIT


def test_values_are_shown_as_each_language_shows_them() -> None:
    assert spoken(Day(date(2026, 11, 21)), "nl") == "21 november 2026"
    assert spoken(Day(date(2026, 11, 21)), "tr") == "21 Kasım 2026"
    assert "نونبر" in spoken(Day(date(2026, 11, 21)), "ar")
    assert "15:30" in spoken(Moment(datetime(2026, 7, 1, 13, 30, tzinfo=UTC)), "nl")
    assert "12,50" in spoken(Money(1250), "nl")
    assert spoken(Listing(("a", Text("screens.button.yes"))), "nl") == "a en Ja"
    assert spoken(1234, "nl") == "1.234"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("1", "yes"), (" 2. ", "today"), ("٢", "today"), ("ja", "yes"), ("JA!", "yes"), ("2. Vandaag", "today"),
        ("evet", "yes"), ("نعم", "yes"), ("Today", "today"), ("terug", "_back"),
    ],
)  # fmt: skip
def test_a_typed_answer_finds_its_button(typed: str, answer: str) -> None:
    button = button_of(typed, SCREEN, "nl")
    assert button is not None
    assert button.answer == answer


@pytest.mark.parametrize("typed", ["3", "0", "99", "jaja", "ja dat was zo", "", "…", "12 uur"])
def test_other_words_find_no_button(typed: str) -> None:
    assert button_of(typed, SCREEN, "nl") is None


def test_a_number_is_no_button_where_free_words_are_asked() -> None:
    assert button_of("1", Screen(SCREEN.lines, SCREEN.buttons), "nl") is None


def test_a_screen_that_asks_for_a_place_has_a_key_for_it_and_one_without_buttons_takes_keys_away() -> None:
    asking = render(Screen((Text("report.where.locate"),), BACK, ask_location=True), "nl")
    assert asking.share_location == "📍 Stuur mijn plek"
    assert not asking.remove_keyboard
    assert render(Screen((Text("report.where.thanks"),)), "nl").remove_keyboard


def test_a_page_can_be_opened_by_a_button() -> None:
    shown = render(Screen((), ((Button("Meer", url="https://example.org"),),)), "nl")
    assert shown.keyboard == (({"text": "Meer", "url": "https://example.org"},),)
