"""A tap or a message becomes an answer."""

from __future__ import annotations

from conversations.people.menu import MENU
from domain.screens import Screen, Text
from handlers.telegram.routing import routers

__all__ = ["apology", "routers"]


def apology() -> Screen:
    """What is said when an update could not be handled."""
    return Screen((Text("screens.sorry.text"),), ((MENU,),))
