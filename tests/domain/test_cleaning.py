"""Cleaning of words from outside: a text without a visible sign is empty, and signs that turn its direction go."""

import pytest

from domain.cleaning import cleaned

UNSEEN = ("", " \n", "\u200b", "\u200b\u200d \u00a0\u2003", "\ufeff", "\u00ad", "\u2800", "\u3164", "\u0301", "\ufe0f")
SEEN = ("a", "7", "?", "👍", "👩\u200d🌾", "می\u200cخواهم", "e\u0301", "1\ufe0f\u20e3", "\u0926\u094d")


@pytest.mark.parametrize("words", UNSEEN)
def test_a_text_without_one_visible_sign_is_empty(words: str) -> None:
    assert cleaned(words) == ""


@pytest.mark.parametrize("words", SEEN)
def test_a_text_with_a_visible_sign_stays_as_it_is(words: str) -> None:
    assert cleaned(f" {words}\r\n") == words


def test_what_turns_the_direction_goes() -> None:
    assert cleaned("a\u202eb\x00c\ud800\nd") == "abc\nd"
