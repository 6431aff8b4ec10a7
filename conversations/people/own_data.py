"""What is kept of a resident, shown to them: in short on the screen, whole in a file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from conversations.people.menu import MENU
from domain.screens import Button, Day, Document, Screen, Text, Value
from locales.texts import NAMES

FILE = "buurtstem.json"


def in_short(found: Mapping[str, Any], language: str, *, on_its_way: bool) -> Screen:
    """How much is kept.

    Args:
        found: what `services.rights.erasing.my_data` gives.
        language: the resident's own, as a code.
        on_its_way: an earlier file was not delivered yet, so no other is sent.
    """
    values: dict[str, Value] = {
        "language": NAMES[language],
        "since": Day(date.fromisoformat(found["since"])),
        "signals": len(found["signals"]),
        "meetings": len(found["meetings"]),
        "news": Text("screens.button.yes" if found["news"]["wanted"] else "screens.button.no"),
    }
    ballot = (Text("people.data.ballot"),) if found["unfinished_ballot"] else ()
    later = (Text("people.data.on_its_way"),) if on_its_way else ()
    lines = (Text("people.data.kept", values), *ballot, Text("people.data.erase"), *later)
    return Screen(lines, ((Button(Text("people.button.erase"), go="erase"),), (MENU,)))


def whole(content: str) -> Screen:
    """All of it as a file. content: JSON."""
    return Screen((Text("people.data.file"),), document=Document(FILE, content))
