"""Cleans words from outside: takes out characters that could mislead a reader."""

from __future__ import annotations

import unicodedata

# Marks that change the direction of the text after them: they can make a text look like another one.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Categories of characters that are invisible by themselves, and letters that are drawn as nothing.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def one_line(words: str) -> str:
    """The words as `cleaned` gives them, with one blank for every gap and line end: for titles, places and names."""
    return cleaned(" ".join(words.split()))


def cleaned(words: str) -> str:
    """The words without control characters (line ends stay), direction marks, and broken characters (lone surrogates).

    Empty where no visible character is left: no name may consist of a zero-width space.
    """
    kept = [
        letter
        for letter in words.replace("\r\n", "\n")
        if letter == "\n" or (unicodedata.category(letter) not in ("Cc", "Cs") and letter not in _TURNING)
    ]
    return "".join(kept).strip() if any(map(_is_seen, kept)) else ""


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in _UNSEEN and letter not in _BLANK
