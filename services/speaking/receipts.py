"""Receipts: a subject that asked for one, `subject:id`, is told what became of its message in the outbox."""

from __future__ import annotations

import logging

from services.broadcasts import recipients
from services.outbox import saying
from services.subjects import NOTES, RETURNS
from services.work import Work

SENT, BLOCKED, FAILED, UNCERTAIN, EXPIRED = "sent", "blocked", "failed", "uncertain", "expired"
# Since the message was put into the outbox its reader has left or said stop; or wants no more news.
UNWANTED, STOPPED = "unwanted", "stopped"
log = logging.getLogger("buurtstem.receipts")


def unwanted(receipt: str | None, *, reachable: bool, wants_news: bool) -> str | None:
    """Why an unasked message must not be sent to its reader any more: UNWANTED or STOPPED; None when it may."""
    if not reachable:
        return UNWANTED
    return STOPPED if not wants_news and (receipt or "").startswith(f"{recipients.RECEIPT}:") else None


async def note(work: Work, receipt: str | None, state: str) -> None:
    """Tell the subject what became of its message; nobody where there is no receipt, or NEWS."""
    if receipt is None:
        return
    subject, _, about = receipt.partition(":")
    if receipt == saying.NEWS:
        return
    if subject in NOTES:
        await NOTES[subject](work, about, state)
    else:  # of another version: other messages must not wait for it
        log.error("a receipt of no known subject")


async def returned(work: Work, receipt: str | None) -> None:
    """Tell the subject, if it wants to know, that its message was not sent and waits again."""
    subject, _, about = (receipt or "").partition(":")
    if subject in RETURNS:
        await RETURNS[subject](work, about)
