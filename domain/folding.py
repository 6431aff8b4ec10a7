"""Letters folded for comparing what people type: small, without accents, vowel signs and direction marks."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """The text in small letters without accents; a Turkish keyboard's i is an i like any other.

    >>> folded("BELGİËPLEİN"), folded("Dıchtersbuurt")
    ('belgieplein', 'dichtersbuurt')
    """
    bare = unicodedata.normalize("NFKD", text.casefold()).replace("ı", "i")
    return "".join(c for c in bare if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
