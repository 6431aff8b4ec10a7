"""Reads what the link on a poster or in a letter asks for: the part after `?start=`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.neighbourhoods import BY_CODE
from domain.sealing import is_id
from locales.texts import LANGUAGES

_OPENS = {
    "report": "report", "melden": "report", "mine": "mine", "mijn": "mine", "vote": "vote", "stem": "vote",
    "privacy": "privacy", "help": "help", "agenda": "agenda", "meet": "meeting",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeepLink:
    """What a deep link asks for: a language, a neighbourhood's code, a deed, and the code or id it is about."""

    language: str | None = None
    neighbourhood: str | None = None
    deed: str | None = None
    value: str = ""


def link_of(payload: str) -> DeepLink:
    """Reads a `/start` payload: `lang-tr`, `buurt-FA08`, `report`, `tr-FA08-report`, `meet-ID`, `vote-7K2MQ9RX4TAB2C`.

    Parts that mean nothing are left out.
    """
    language = neighbourhood = deed = None
    value = ""
    for part in re.split("[-_]", payload[:64]):
        if part.lower() in LANGUAGES:
            language = part.lower()
        elif part.upper() in BY_CODE:
            neighbourhood = part.upper()
        elif part.lower() in _OPENS:
            deed = _OPENS[part.lower()]
        elif deed == "vote":
            value += part
        elif is_id(part):
            value = part
    return DeepLink(language, neighbourhood, deed, value)
