"""Words from outside, without what could mislead whoever reads them."""

from __future__ import annotations

import unicodedata

# Marks that turn the direction of what follows: they can make a text read as something that it is not.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(words: str) -> str:
    """A title, a place or a name: words as `cleaned` gives them, with a blank for every gap and line end."""
    return cleaned(" ".join(words.split()))


def cleaned(words: str) -> str:
    """Words without control characters (line ends stay), marks that turn the direction, and broken characters."""
    kept = (
        letter
        for letter in words.replace("\r\n", "\n")
        if letter == "\n" or (unicodedata.category(letter) not in ("Cc", "Cs") and letter not in _TURNING)
    )
    return "".join(kept).strip()
