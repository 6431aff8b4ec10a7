"""What became of one of many: the outbox tells the subject that asked for a receipt `subject:id`."""

from __future__ import annotations

import logging

from services.broadcasts import recipients
from services.outbox import saying
from services.subjects import NOTES, RETURNS
from services.work import Work

SENT, BLOCKED, FAILED, UNCERTAIN, EXPIRED = "sent", "blocked", "failed", "uncertain", "expired"
# They are gone or said stop, and they want no more news: since the message was put into the outbox.
UNWANTED, STOPPED = "unwanted", "stopped"
log = logging.getLogger("buurtstem.receipts")


def unwanted(receipt: str | None, *, reachable: bool, wants_news: bool) -> str | None:
    """The state of what is said by itself to somebody who does not want it any more; None: they do."""
    if not reachable:
        return UNWANTED
    return STOPPED if not wants_news and (receipt or "").startswith(f"{recipients.RECEIPT}:") else None


async def note(work: Work, receipt: str | None, state: str) -> None:
    """Tell the subject, if the row had asked for it."""
    if receipt is None:
        return
    subject, _, about = receipt.partition(":")
    if receipt == saying.NEWS:
        return
    if subject in NOTES:
        await NOTES[subject](work, about, state)
    else:  # of another version: what is said must not wait for it
        log.error("a receipt of no known subject")


async def returned(work: Work, receipt: str | None) -> None:
    """Tell the subject that the row waits again, if it wants to know."""
    subject, _, about = (receipt or "").partition(":")
    if subject in RETURNS:
        await RETURNS[subject](work, about)
