"""Codes that residents copy: SNW-XXXX-XXXX, without look-alike letters, the last character a check."""

from __future__ import annotations

import re
import secrets

from domain.folding import latin

# 32 letters and digits; 0 O 1 I are left out because people mix them up.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PREFIX = "SNW"
# Between the parts any signs but letters and digits may stand: phones type long dashes, people blanks and dots.
# At most 20 of them, so that no text can make the search slow.
_IN_SENTENCE = re.compile(rf"(?<![0-9A-Z]){PREFIX}[\W_]{{0,20}}[0-9A-Z]{{4}}[\W_]{{0,20}}[0-9A-Z]{{4}}(?![0-9A-Z])")
_LONGEST = 100  # characters of a text that may be one code, with the signs around and between its parts
_FORM = re.compile(rf"[\W_]{{0,20}}({PREFIX})?[\W_]{{0,20}}([0-9A-Z]{{4}})([\W_]{{0,20}})([0-9A-Z]{{4}})[\W_]{{0,20}}")


def new_code() -> str:
    """A random code of 35 bits and a check character, as it is shown: `SNW-7K2M-Q9RX`."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(7))
    return _shown(body + _check(body))


def read_code(typed: str) -> str | None:
    """The code as it is shown, or None where the text is no code or its check character is wrong.

    Small letters, spaces, dashes, marks of direction and the digits of other scripts are forgiven. Without `SNW` the
    code must be in two pieces that can't be just two words: with a digit, or with more than a blank between them.
    """
    found = _form(typed)
    if not found:
        return None
    prefix, first, gap, second = found.groups()
    letters = first + second
    if not prefix and not gap.strip() and not (gap and any(map(str.isdigit, letters))):
        return None
    if any(letter not in ALPHABET for letter in letters) or _check(letters[:7]) != letters[7]:
        return None
    return _shown(letters)


def looks_like_code(typed: str) -> bool:
    """Whether somebody meant a code: with `SNW` even a wrong one, without it only a valid one."""
    found = _form(typed)
    return bool(found and found[1]) or read_code(typed) is not None


def code_in(said: str) -> str | None:
    """The code, as it is shown, that stands with its `SNW` somewhere in a sentence; None where none does."""
    found = (read_code(one) for one in _IN_SENTENCE.findall(latin(said).upper()))
    return next(filter(None, found), None)


def _form(typed: str) -> re.Match[str] | None:
    return _FORM.fullmatch(latin(typed).upper()) if len(typed) <= _LONGEST else None


def _shown(letters: str) -> str:
    return f"{PREFIX}-{letters[:4]}-{letters[4:]}"


def _check(body: str) -> str:
    # Odd weights are invertible modulo 32, so one wrong character is always found, and most swaps.
    return ALPHABET[sum((2 * place + 1) * ALPHABET.index(letter) for place, letter in enumerate(body)) % 32]
