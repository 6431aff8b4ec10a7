"""Messages that the bot sends to voters unasked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.screens import Button, Moment, Screen, Text, Told


def not_cast(title: Mapping[str, str], closes_at: datetime) -> Screen:
    """The reminder that a ballot was begun and not cast, and voting closes soon."""
    line = Text("ballots.reminder.open", {"round": Told(title), "closes": Moment(closes_at)})
    counts = Text("ballots.reminder.counts", {"cast": Text("budget.button.cast")})
    return Screen((line, counts), ((Button(Text("ballots.button.finish"), go="vote"),),))
