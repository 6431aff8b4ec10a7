"""The written languages, one line each; all else about a language is in its folder of catalogues."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A language.

    Attributes:
        code: ISO 639, and the name of its folder.
        name: Its name in the language itself.
        locale: Babel's name for it: decides how days, numbers and lists are written.
        plurals: gettext's header `Plural-Forms`. Babel's own for Arabic differs from everybody else's.
        right_to_left: Whether it is written from right to left.
    """

    code: str
    name: str
    locale: str
    plurals: str
    right_to_left: bool = False


_TWO = "nplurals=2; plural=(n != 1);"
_SIX = "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
# Dutch first: it is the source of meaning.
ALL = (
    Language("nl", "Nederlands", "nl_NL", _TWO),
    Language("en", "English", "en_GB", _TWO),
    Language("tr", "Türkçe", "tr_TR", "nplurals=1; plural=0;"),
    Language("ar", "العربية", "ar_MA", _SIX, right_to_left=True),
)
# Spoken more than written: recordings only.
SPOKEN = {"rif": "Tarifit", "ary": "Darija"}
