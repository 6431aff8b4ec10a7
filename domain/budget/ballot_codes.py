"""Voting codes: 13 random characters of 32 (65 bits) and a check character; whoever holds one may vote once.

The alphabet is Crockford's, without I, L, O and U: a typed O, I or L can only mean 0 or 1.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

from domain.folding import latin

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 14
_LONGEST = 100  # characters of a text that may be one code or receipt, with the signs around and between its parts
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_LOOK_ALIKES = str.maketrans("OIL", "011")
_BETWEEN = re.compile(r"[\W_]+")
_WORDS = re.compile(r"[\w\u2010-\u2015-]+")  # the long dashes of phones too
_WRITTEN = ([LENGTH], [5, 5, 4])
_RECEIPT_WRITTEN = ([10], [5, 5])


def new_code() -> str:
    """A random code as it is kept on paper and in links: 14 characters without dashes, at least one of them a digit.

    So a sentence of 14 letters is never taken for a code (`looks_like_code`).
    """
    while True:
        number = secrets.randbits(5 * (LENGTH - 1))  # one call a code: hundreds of thousands are made in one go
        body = "".join(ALPHABET[number >> place & 31] for place in range(0, 5 * (LENGTH - 1), 5))
        code = body + _check(body)
        if not code.isalpha():
            return code


def read_code(typed: str) -> str | None:
    """The code (14 characters), or None where the text is no code or its check character is wrong.

    `7k2mq 9rx4t-ab2c` → `7K2MQ9RX4TAB2C`. Small letters, blanks, dashes, marks of direction, the digits of other
    scripts, and O, I and L for 0 and 1 are forgiven.
    """
    if len(typed) > _LONGEST:
        return None
    letters = _letters(typed)
    if not _has_form(letters) or _check(letters[:-1]) != letters[-1]:
        return None
    return letters


def looks_like_code(typed: str) -> bool:
    """Whether somebody meant a code: in one piece or as `shown`, even a wrong one; grouped otherwise, only a valid one.

    It must hold a digit. Any other text of that length may be a sentence ("Het verhaal van 5").
    """
    return (
        len(typed) <= _LONGEST
        and _has_digit(typed)
        and (read_code(typed) is not None or (_lengths(typed) in _WRITTEN and _has_form(_letters(typed))))
    )


def code_in(said: str) -> str | None:
    """The code (14 characters) that stands somewhere in a sentence, with a digit among it; None where none does."""
    pieces = [_capitals(piece) for piece in _BETWEEN.split(latin(said)) if piece]
    # Words beside a code may form a code by chance: try the fewest pieces first, and of those the last.
    for start, end in sorted(_of_length(pieces), key=lambda run: (run[1] - run[0], -run[0])):
        run = "".join(pieces[start:end])
        if not run.isalpha() and _has_form(run) and _check(run[:-1]) == run[-1]:
            return run
    return None


def _of_length(pieces: list[str]) -> Iterator[tuple[int, int]]:
    """The (start, end) of each run of adjacent pieces that together have the length of a code, in one pass."""
    start = length = 0
    for end, piece in enumerate(pieces, 1):
        length += len(piece)
        while length > LENGTH:
            length -= len(pieces[start])
            start += 1
        if length == LENGTH:
            yield start, end


def code_word(said: str) -> str | None:
    """The code (14 characters) that is one word of a sentence, dashes in it or not; None where none is.

    For texts that nobody asked for a code in: there, adjacent words may form one by chance ("vanaf april 2026").
    """
    words = (word for word in _WORDS.findall(said) if LENGTH <= len(word) <= _LONGEST and _has_digit(word))
    return next(filter(None, map(read_code, words)), None)


def shown(code: str) -> str:
    """A code as people read it: `7K2MQ-9RX4T-AB2C`."""
    return f"{code[:5]}-{code[5:10]}-{code[10:]}"


def new_receipt() -> str:
    """A random receipt of nearly 50 bits: `7K2MQ-9RX4T`. A voter may note it to find their ballot when published.

    It always holds digits and letters, so that neither words nor a telephone number is taken for a receipt.
    """
    while True:
        letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
        if not letters.isalpha() and not letters.isdecimal():
            return f"{letters[:5]}-{letters[5:]}"


def looks_like_receipt(typed: str) -> bool:
    """Whether somebody may have typed a receipt: in one piece or as it is shown."""
    if len(typed) > _LONGEST:
        return False
    letters = _letters(typed)
    mixed = _has_digit(typed) and not letters.isdecimal()
    return mixed and _lengths(typed) in _RECEIPT_WRITTEN and all(letter in _VALUES for letter in letters)


def _has_digit(typed: str) -> bool:
    return any(map(str.isdecimal, latin(typed)))


def _lengths(typed: str) -> list[int]:
    return [len(piece) for piece in _BETWEEN.split(latin(typed)) if piece]


def _letters(typed: str) -> str:
    return _capitals(_BETWEEN.sub("", latin(typed)))


def _capitals(piece: str) -> str:
    return piece.upper().translate(_LOOK_ALIKES)


def _has_form(letters: str) -> bool:
    return len(letters) == LENGTH and _VALUES.keys() >= set(letters)


def _check(body: str) -> str:
    """The sum of value × 2^place in the field of 32 elements: finds each wrong character and each swap of two."""
    total = 0
    for letter in reversed(body):
        total = _DOUBLED[total ^ _VALUES[letter]]
    return ALPHABET[total]


# 2 × value in GF(32), by the polynomial x⁵ + x² + 1.
_DOUBLED = tuple((value << 1) ^ (0b100101 if value & 16 else 0) for value in range(32))
