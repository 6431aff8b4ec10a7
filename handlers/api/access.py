"""The access log over HTTP, for auditors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from handlers.api.auth import OpenWork, TokenHolder
from handlers.api.schemas.access import AccessLine, AccessLog
from services.staff.access import log

router = APIRouter(tags=["access log"])


@router.get("/access-log")
async def asked_for_access_log(
    work: OpenWork,
    staff: TokenHolder,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="The number that the page follows.")] = 0,
) -> AccessLog:
    """Who did what to which signal, as tags, each entry chained to the one before."""
    found = await log(work, staff, after)
    entries = [
        AccessLine(
            number=entry.number,
            at=entry.at,
            staff=entry.staff_tag.hex(),
            signal=entry.signal_tag.hex(),
            act=entry.act,
            reason=entry.reason,
            hash=entry.hash.hex(),
        )
        for entry in found.entries
    ]
    return AccessLog(
        entries=entries,
        start_number=found.head.start_number,
        start_hash=found.head.start_hash.hex(),
        head_number=found.head.number,
        head_hash=found.head.hash.hex(),
    )
