"""How the reporter of a signal is reached and told something."""

from __future__ import annotations

from conversations.signals import notices
from domain.reach import Reach, unseal_reach
from domain.screens import Screen
from domain.signals.workflow import Status
from services.outbox import saying
from services.people import residents
from services.signals.sealed_places import place
from services.work import Work
from storage.engine import vault
from storage.signals import cases


async def reporter_of(work: Work, row: cases.SignalRow) -> Reach | None:
    """Where the reporter is reached; None when the line was cut."""
    if row.handle is None or row.handle_record_id is None:
        return None
    key = await vault.open_record(work, row.handle_record_id)
    return unseal_reach(key, row.handle, place(row.id, "handle"))


async def tell_news(work: Work, row: cases.SignalRow, status: Status | None = None) -> None:
    """Tell the reporter that there is news. status: the signal's new state, to be told too."""
    await tell(work, row, notices.news(row.id, status))


async def tell(work: Work, row: cases.SignalRow, screen: Screen) -> None:
    """Tell the reporter something; nothing when the line was cut or they said stop."""
    reporter = await reporter_of(work, row)
    if reporter is not None and await residents.wants_to_hear(work, reporter):
        await saying.show(work, reporter, screen, thread=row.id, about=row.id, receipt=saying.NEWS)
