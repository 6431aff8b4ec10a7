"""Amounts of euros as people write them, as integer cents."""

from __future__ import annotations

import re

# 12500 · 12.500 · 12 500 · € 12.500,00 · 12500.50 · 1250,5 · € 5.000,-
_EUROS = re.compile(r"€?\s{0,9}(\d{1,3}(?:[. ]\d{3}){1,3}|\d{1,10})(?:[.,](\d{1,2}|[-–—]{1,2}))?", re.ASCII)
# 1,000.50: only the point makes clear that the comma parts thousands.
_ENGLISH = re.compile(r"€?\s{0,9}(\d{1,3}(?:,\d{3}){1,3})\.(\d{1,2})", re.ASCII)


def cents_of(written: str) -> int | None:
    """The amount in cents, None where it is no amount.

    "€ 12.500,50" → 1250050 · "12500" → 1250000 · "12,5" → 1250 · "1,000.50" → 100050 · "1,000" → None
    """
    amount = written.strip().replace("\u00a0", " ")
    found = _EUROS.fullmatch(amount) or _ENGLISH.fullmatch(amount)
    if not found:
        return None
    cents = (found[2] or "").strip("-–—")
    return int(re.sub("[., ]", "", found[1])) * 100 + int(cents.ljust(2, "0"))


def euros_of(cents: int) -> str:
    """The amount as `cents_of` reads it: 1250050 → "12500,50"."""
    return f"{cents // 100},{cents % 100:02}" if cents % 100 else str(cents // 100)
