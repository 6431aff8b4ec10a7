"""Finds the button that somebody means by typing its number or its words."""

from __future__ import annotations

import re

from conversations.engine.fitting import choices
from conversations.engine.spoken import spoken
from domain.folding import folded
from domain.screens import Button, Screen
from locales import texts

_NUMBER = re.compile(r"(\d{1,2}) ?[.)]?")
_LONGEST_LABEL = 1000  # characters: a longer text can't be the words of a button


def answer_of(typed: str, screen: Screen, language: str) -> Button | None:
    """The button that was meant by its number, where the screen numbers its choices, or by its words; or None.

    Its words count in every language, the reader's own first: the language may have changed since.
    """
    if len(typed) > _LONGEST_LABEL:
        return None
    if screen.numbered and (number := _NUMBER.fullmatch(" ".join(typed.split()))):
        numbered = choices(screen)
        place = int(number[1])
        return numbered[place - 1] if 1 <= place <= len(numbered) else None
    wanted = _words(typed)
    for tried in (language, *texts.LANGUAGES):
        for button in (button for row in screen.buttons for button in row):
            if wanted and _words(label_of(button, tried)) == wanted:
                return button
    return None


def label_of(button: Button, language: str) -> str:
    """The words on a button."""
    return spoken(button.label, language)


def _words(text: str) -> str:
    """The letters and digits of a text in lower case, to compare: no marks, icons or signs, no number in front."""
    words = "".join(c if c.isalnum() else " " for c in folded(text)).split()
    return " ".join(words[1:] if len(words) > 1 and words[0].isdecimal() else words)
