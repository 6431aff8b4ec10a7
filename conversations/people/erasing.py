"""The question that comes before everything of a resident is erased. Pure."""

from __future__ import annotations

from conversations.engine.confirm import yes_or_no
from conversations.engine.flow import Flow
from domain.screens import Text

_ASK = (Text("people.erase.ask"), Text("people.erase.stays"))
ERASE = Flow("erase", 1, (yes_or_no(lambda _: _ASK, Text("people.button.erase_yes")),))
