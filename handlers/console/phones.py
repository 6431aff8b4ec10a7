"""Screens as residents' phones show them, for pages on which staff look before they confirm an act."""

from __future__ import annotations

from dataclasses import dataclass

from conversations.engine.spoken import spoken
from domain.screens import Screen
from locales.texts import LANGUAGES


@dataclass(frozen=True, slots=True)
class Phone:
    """One screen in one language: its words, and the labels of its buttons from top to bottom."""

    language: str
    words: str
    buttons: tuple[str, ...]


def phones(*screens: Screen) -> list[Phone]:
    """These screens in each language, one language after the other."""
    return [_phone(screen, language) for language in LANGUAGES for screen in screens]


def _phone(screen: Screen, language: str) -> Phone:
    words = (spoken(line, language) for line in screen.lines)
    buttons = (spoken(button.label, language) for row in screen.buttons for button in row)
    return Phone(language, "\n\n".join(filter(None, words)), tuple(buttons))
