"""Messages that the bot sends to reporters unasked, always neutral: phones are shared. Pure."""

from __future__ import annotations

from conversations.signals.followed import STATUSES
from domain.screens import Button, Screen, Text
from domain.signals.workflow import Status


def news(signal_id: str, status: Status | None = None) -> Screen:
    """There is news about a signal, with its new status where one is given; the theme is never named."""
    return _notice(signal_id, Text("signals.news.title"), *((STATUSES[status],) if status else ()))


def files_lost(signal_id: str, count: int) -> Screen:
    """`count` photos or voice messages could not be kept."""
    return _notice(signal_id, Text("signals.files.lost", count=count), Text("signals.files.again"))


def _notice(signal_id: str, *lines: Text) -> Screen:
    return Screen(lines, ((Button(Text("signals.news.open"), go="follow", value=signal_id),),))
