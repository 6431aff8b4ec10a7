"""Words from outside, without what could mislead whoever reads them."""

from __future__ import annotations

import unicodedata

# Marks that turn the direction of what follows: they can make a text read as something that it is not.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Categories whose characters nobody sees by themselves, and letters that are drawn as nothing.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def one_line(words: str) -> str:
    """A title, a place or a name: words as `cleaned` gives them, with a blank for every gap and line end."""
    return cleaned(" ".join(words.split()))


def cleaned(words: str) -> str:
    """Words without control characters (line ends stay), marks that turn the direction, and broken characters.

    Empty where nobody would see one sign of them: no name may consist of a zero-width space.
    """
    kept = [
        letter
        for letter in words.replace("\r\n", "\n")
        if letter == "\n" or (unicodedata.category(letter) not in ("Cc", "Cs") and letter not in _TURNING)
    ]
    return "".join(kept).strip() if any(map(_is_seen, kept)) else ""


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in _UNSEEN and letter not in _BLANK
