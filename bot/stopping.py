"""What the parts that run until they are stopped have in common: they wait, but not longer than until then."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until we are to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


async def done_first(act: asyncio.Future[Any], stopping: asyncio.Event) -> bool:
    """Wait until `act` is done or we are to stop; whether it is done."""
    told = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({act, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    return act.done()
