"""Letters and digits folded for comparing what people type: the one fold of the program."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LONGEST_LETTER = 4
# Letters of other scripts that look like Latin ones, folded: capitals look alike where small letters do not.
_LOOK_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u04bb"  # Cyrillic
    "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7",  # Greek
    "abekmhopctyxsijhabezhikmvoptux",
)
_OTHER_SCRIPT = re.compile("[\u0370-\u04ff]")
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[a-z]")


def folded(text: str) -> str:
    """The text in small letters, without accents, vowel signs, marks of direction and drawn-out letters (kashida).

    A Turkish keyboard's i is an i like any other. Digits of all scripts become 0-9. A letter of another script that
    looks like a Latin one is that one, in a word that has Latin letters too.

    >>> folded("BELGİËPLEİN"), folded("Dıchtersbuurt"), folded("１٢"), folded("m\u0435s")
    ('belgieplein', 'dichtersbuurt', '12', 'mes')
    """
    small = text.casefold()
    if small.isascii():
        return small
    plain = "".join(map(_bare, small))
    return _WORD.sub(_of_one_script, plain) if _OTHER_SCRIPT.search(plain) else plain


def latin(text: str) -> str:
    """The folded text for where only Latin letters and digits can be meant, such as in codes.

    >>> latin("SNW-７К2М")
    'snw-7k2m'
    """
    return folded(text).translate(_LOOK_ALIKE)


def _of_one_script(word: re.Match[str]) -> str:
    return word[0].translate(_LOOK_ALIKE) if _LATIN.search(word[0]) else word[0]


# Letter by letter: `normalize` sorts the marks of a whole text, and takes quadratic time over a long row of them.
@lru_cache(4096)
def _bare(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter).casefold().replace("ı", "i").replace("\u0640", "")
    bare = "".join(str(unicodedata.decimal(c, c)) for c in parts if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
    # One character can stand for a sentence of 18 (U+FDFA): a text of those would grow too long to look through.
    return bare if len(bare) <= _LONGEST_LETTER else letter
