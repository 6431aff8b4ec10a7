"""What reporters are told by the bot itself, always neutrally: phones are shared. Pure."""

from __future__ import annotations

from conversations.signals.followed import STATUSES
from domain.screens import Button, Screen, Text
from domain.signals.workflow import Status


def news(signal_id: str, status: Status | None = None) -> Screen:
    """There is news, and perhaps what the signal's state is now; the theme is never named."""
    return _notice(signal_id, Text("signals.news.title"), *((STATUSES[status],) if status else ()))


def files_lost(signal_id: str, count: int) -> Screen:
    """So many photos or voice messages could not be kept."""
    return _notice(signal_id, Text("signals.files.lost", count=count), Text("signals.files.again"))


def _notice(signal_id: str, *lines: Text) -> Screen:
    return Screen(lines, ((Button(Text("signals.news.open"), go="follow", value=signal_id),),))
