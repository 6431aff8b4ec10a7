"""What the bot said by itself: its buttons can be typed like those of an answer, while nothing is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator

from conversations.broadcasts import notices as news_notices
from conversations.meetings import notices as meeting_notices
from conversations.signals import notices as signal_notices
from domain.broadcasts.rules import Content
from domain.meetings.reminders import ReminderRule
from domain.screens import Button, Screen
from handlers.chat.buttons import button_of
from handlers.chat.tap import Tap
from services.broadcasts import audience
from services.meetings import rsvp
from services.signals import following

_LONGEST = 60  # characters of a button's words


async def button_told(tap: Tap, text: str) -> Button | None:
    """The button of a message that came by itself, whose words were typed: news, a reminder, an invitation."""
    if len(text) > _LONGEST:
        return None
    async for screen in _told(tap):
        if (button := button_of(text, screen, tap.who.language)) is not None:
            return button
    return None


async def _told(tap: Tap) -> AsyncIterator[Screen]:
    """The screens that may stand on the phone, made anew."""
    for brief in await following.mine(tap.work, tap.who.reach):
        if brief.news:
            yield signal_notices.news(brief.signal_id)
    for one in await rsvp.coming_to(tap.work, tap.who.reach):
        yield meeting_notices.news(ReminderRule.PLACE, one.meeting_id, one.starts_at, one.details)
    if await audience.wish_of(tap.work, tap.who) is not None:
        yield news_notices.invitation(Content({}))
