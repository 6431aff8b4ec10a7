"""Forgetting by the clock: how long each kind of thing is kept. The terms: docs/processing.md."""

from __future__ import annotations

import logging
from datetime import timedelta

from domain.sealing import CannotOpen
from domain.signals.workflow import Mover, Status
from domain.wall_clock import day_of
from services.outbox.saying import DELETABLE
from services.people.residents import CONVERSATION_KEPT
from services.signals.following import CODE_OPENS_FOR
from services.signals.reporters import tell_news
from services.signals.reporting import erase_signal
from services.staff import access
from services.work import Work
from storage.outbox import pace, queue
from storage.people import phone_messages, rates, residents, updates
from storage.signals import cases

SIGNAL_KEPT = timedelta(days=365)
SILENCE = timedelta(days=60)
READING_KEPT = timedelta(days=730)
DEAD_LETTER_KEPT = timedelta(days=7)
# How long the counts still show that a message (never which) could not be said.
UNSAID_KEPT = timedelta(days=7)
# Telegram redelivers for 24 hours; local Telegrams and restored queues may be slower.
MARK_KEPT = timedelta(days=8)
AT_ONCE = 200
log = logging.getLogger("buurtstem.retention")


async def forget_conversations(work: Work) -> None:
    """Forget unfinished conversations after 7 days."""
    await residents.drop_states_before(work, work.now - CONVERSATION_KEPT)


async def forget_signals(work: Work) -> None:
    """Erase signals 12 months after they ended, a few at a time so that nobody waits."""
    for row in await cases.ended_before(work, day_of(work.now - SIGNAL_KEPT), AT_ONCE):
        await erase_signal(work, row, "retention")


async def close_silent(work: Work) -> None:
    """Close signals whose reporter was asked something and did not answer for 60 days."""
    today = work.today
    for row in await cases.waiting_since(work, day_of(work.now - SILENCE), AT_ONCE):
        closed = {"status": Status.CLOSED, "moved_on": today, "ended_on": today, "news": row.handle is not None}
        if not await cases.change_signal(work, row.id, version=row.version, **closed):
            continue  # its reporter wrote at this very moment
        await cases.add_move(work, row, Status.CLOSED, Mover.CLOCK)
        try:
            await tell_news(work, row, Status.CLOSED)
        except CannotOpen:
            log.warning("a signal was closed whose reporter can't be told: the line can't be opened")


async def forget_readings(work: Work) -> None:
    """Forget who read what after 24 months; the rest of the chain still verifies."""
    await access.forget_before(work, work.now - READING_KEPT)


async def forget_traces(work: Work) -> None:
    """Forget marks of updates, dead letters, counts and other traces that serve nothing any more."""
    await updates.drop_marks_before(work, day_of(work.now - MARK_KEPT))
    await updates.drop_dead_letters(work, before=work.now - DEAD_LETTER_KEPT)
    await rates.drop_rates_before(work, work.now - timedelta(days=1))
    await queue.drop_ended(work, day_of(work.now - UNSAID_KEPT))
    await phone_messages.drop_before(work, day_of(work.now - DELETABLE))
    await pace.drop_before(work, await work.database_now() - timedelta(hours=1))
    await cases.drop_openers_before(work, day_of(work.now - CODE_OPENS_FOR))
