"""The direction of a language, and keeping words of the other direction whole inside it (Unicode's isolates)."""

from __future__ import annotations

import re
from unicodedata import bidirectional

from locales.languages import ALL

_RIGHT_TO_LEFT = frozenset(one.code for one in ALL if one.right_to_left)
_ISOLATE, _END_ISOLATE, _RIGHT_MARK = "\u2068", "\u2069", "\u200f"
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def direction(language: str) -> str:
    """The direction of a language: `rtl` or `ltr`, as HTML's `dir` wants it."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def isolate(text: str) -> str:
    """The text with its own direction, whatever stands around it: U+2068 … U+2069 on each line."""
    return "\n".join(line and f"{_ISOLATE}{line}{_END_ISOLATE}" for line in text.split("\n"))


def bare(text: str) -> str:
    """The text without direction marks, to compare what is typed with what was shown."""
    return _MARKS.sub("", text)


def held(language: str, text: str) -> str:
    """The text, isolated where its direction differs from the language's. A bare number is never isolated."""
    against = {"L", "EN", "AN"} if direction(language) == "rtl" else {"R", "AL"}
    return isolate(text) if against & set(map(bidirectional, text)) and not text.isdigit() else text


def from_the_right(line: str) -> str:
    """One line of a right-to-left text, made to start from the right.

    Phones take a line's direction from its first strong letter, some of them without skipping isolates.
    """
    strong = (kind for kind in map(bidirectional, line) if kind in {"L", "R", "AL"})
    return line if not line or next(strong, "L") != "L" else _RIGHT_MARK + line
