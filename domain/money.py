"""Amounts of euros as people write them, as integer cents."""

from __future__ import annotations

import re
import unicodedata

# 12500 · 12.500 · 12 500 · 12'500 · 12.500,00 · 12500.50 · 1250,5 · 5.000,-
_EUROS = re.compile(r"(\d{1,3}(?:[. ']\d{3}){1,3}|\d{1,10})(?:[.,](\d{1,2}|-{1,2}))?", re.ASCII)
# 1,000.50: only the point makes clear that the comma separates thousands.
_ENGLISH = re.compile(r"(\d{1,3}(?:,\d{3}){1,3})\.(\d{1,2}|-{1,2})", re.ASCII)
_CURRENCY = re.compile(r"(?:€|euros?\b|eur\b)", re.IGNORECASE)
# No amount is longer: a longer text is not looked at.
_LONGEST = 60
# Equivalents in other scripts and spreadsheets: dashes, apostrophes, the Arabic decimal and thousands signs.
_SAME = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212\u2019\u066b\u066c", "------',.")


def cents_of(written: str) -> int | None:
    """The amount in cents, None where it is no amount.

    "€ 12.500,50" → 1250050 · "12500 EUR" → 1250000 · "12,5" → 1250 · "1,000.50" → 100050 · "1,000" → None
    """
    if len(written) > _LONGEST:
        return None
    amount = "".join(_plain(sign) for sign in unicodedata.normalize("NFKC", written).translate(_SAME)).strip()
    without, times = _CURRENCY.subn("", amount, count=1)
    if times and not (amount.startswith(tuple("€eE")) or amount[-1] in "€oOrRsS"):
        return None
    amount = without.strip()
    found = _EUROS.fullmatch(amount) or _ENGLISH.fullmatch(amount)
    if not found:
        return None
    cents = (found[2] or "").strip("-")
    return int(re.sub("[.,' ]", "", found[1])) * 100 + int(cents.ljust(2, "0"))


def _plain(sign: str) -> str:
    """A digit as 0-9, a blank as a space, "" for a mark of direction; any other character as it is."""
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    return " " if kind == "Zs" else "" if kind == "Cf" else sign


def euros_of(cents: int) -> str:
    """The amount as `cents_of` reads it: 1250050 → "12500,50"."""
    return f"{cents // 100},{cents % 100:02}" if cents % 100 else str(cents // 100)
