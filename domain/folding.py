"""Letters folded for comparing what people type: small, without accents, vowel signs and direction marks."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LONGEST_LETTER = 4


def folded(text: str) -> str:
    """The text in small letters without accents; a Turkish keyboard's i is an i like any other.

    >>> folded("BELGİËPLEİN"), folded("Dıchtersbuurt")
    ('belgieplein', 'dichtersbuurt')
    """
    small = text.casefold()
    return small if small.isascii() else "".join(map(_bare, small))


# Letter by letter: `normalize` sorts the marks of a whole text, and takes quadratic time over a long row of them.
@lru_cache(4096)
def _bare(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter).replace("ı", "i")
    bare = "".join(c for c in parts if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    # One character can stand for a sentence of 18 (U+FDFA): a text of those would grow too long to look through.
    return bare if len(bare) <= _LONGEST_LETTER else letter
