"""A point on the map as people paste it: two numbers, degrees with N and E, or the address of a map's page."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

_LONGEST = 2000
_LONGEST_PAIR = 100
_NUMBER = r"[+-]?\d{1,3}(?:[.,]\d{1,20})?"
# _ONE and _TWO read what _plain() gives: one blank at most in a row, so that no text matches in two ways.
_ONE = re.compile(rf"([NSEWO])? ?({_NUMBER}) ?°? ?([NSEWO])?", re.IGNORECASE)
# A bare comma separates two numbers with decimal points (52.36,4.80), never two with decimal commas.
_TWO = re.compile(
    r"([NS]? ?[+-]?\d{1,3}\.\d{1,20} ?°? ?[NS]?)(?: ?[,;] ?| )([EWO]? ?[+-]?\d{1,3}\.\d{1,20} ?°? ?[EWO]?)"
    r"|([NS]? ?[+-]?\d{1,3},\d{1,20} ?°? ?[NS]?)(?: ?; ?|, | )([EWO]? ?[+-]?\d{1,3},\d{1,20} ?°? ?[EWO]?)",
    re.IGNORECASE,
)
_IN_LINK = (
    re.compile(r"[@/=:](-?\d{1,2}\.\d{1,20}),\s?\+?(-?\d{1,3}\.\d{1,20})"),  # @52.36,4.80 · ?q= · ?ll= · geo:
    re.compile(r"#map=[\d.]{1,6}/(-?\d{1,2}\.\d{1,20})/(-?\d{1,3}\.\d{1,20})"),
    re.compile(r"mlat=(-?\d{1,2}\.\d{1,20})&mlon=(-?\d{1,3}\.\d{1,20})"),
)


def point_of(latitude: str, longitude: str) -> tuple[float, float]:
    """The latitude and longitude that two fields hold, or one of them alone. Raises ValueError for anything else.

    ("52.36", "4.80") · ("52.36, 4.80", "") · ("52,36; 4,80", "") · ("52.36° N, 4.80° E", "") ·
    ("https://maps.example/@52.36,4.80,17z", "")
    """
    first, second = _plain(latitude), _plain(longitude)
    if first and second:
        return _degrees(first), _degrees(second)
    both = first or second
    if ":" in both or both.lower().startswith("www."):
        link = unquote(both)
        found = next((match for form in reversed(_IN_LINK) if (match := form.search(link))), None)
        if found is None:
            raise ValueError("no point in this address")
        return float(found[1]), float(found[2])
    pair = _TWO.fullmatch(both) if len(both) <= _LONGEST_PAIR else None
    if pair is None:
        raise ValueError("not two numbers")
    return _degrees(pair[1] or pair[3]), _degrees(pair[2] or pair[4])


def _degrees(written: str) -> float:
    found = _ONE.fullmatch(written.strip())
    if found is None or (found[1] and found[3]):
        raise ValueError("no number of degrees")
    degrees = float(found[2].replace(",", "."))
    return -degrees if (found[1] or found[3] or "").upper() in {"S", "W"} else degrees


def _plain(written: str) -> str:
    """The text with one form of digits, blanks and minus, without brackets around it and marks of direction."""
    folded = unicodedata.normalize("NFKC", written[:_LONGEST])[:_LONGEST]  # one character may unfold to eighteen
    folded = folded.replace("\u2212", "-").replace("\u066b", ".")
    signs = (str(unicodedata.decimal(sign, sign)) for sign in folded if unicodedata.category(sign) != "Cf")
    return " ".join("".join(signs).split()).strip("()[] ")
