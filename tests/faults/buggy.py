"""The real program with one bug in it: `python -m tests.faults.buggy BUG run`. The invariants must notice."""

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import update

from bot.__main__ import main
from bot.listening import listener
from bot.listening.in_hand import InHand
from bot.speaking.sender import Sender
from domain.codes import new_code
from domain.reach import Reach
from domain.screens import Text
from domain.sealing import new_id
from domain.signals.workflow import Report
from services.outbox import saying
from services.people import updates
from services.signals import cutting, reporting
from services.speaking.delivering import Fate, Sending, SendResult
from services.work import Work
from storage.engine.unit_of_work import table_of
from storage.outbox import queue


async def _always_the_first_time(work: Work, door: str, update_id: int) -> bool:
    await _first_time(work, door, update_id)
    return True


async def _kept_nowhere(*_: Any) -> reporting.Receipt:
    return reporting.Receipt(new_id(), new_code())


async def _kept_twice(work: Work, reach: Reach, given: Report, name: str | None = None) -> reporting.Receipt:
    await _report(work, reach, given)
    return await _report(work, reach, given, name)


async def _silent_about_receipts(self: Sender, row: Sending) -> SendResult:
    screen = row.envelope.screen
    line = screen.lines[0] if screen else None
    if isinstance(line, Text) and line.key.startswith("signals.receipt."):
        return SendResult(row, Fate.SAID)
    return await _send(self, row)


async def _kept_after_a_while(self: listener.Listener, raw: dict[str, Any]) -> bool:
    await asyncio.sleep(3)
    return await _until_kept(self, raw)


def _confirms_too_early() -> None:
    """Confirm as aiogram's own polling does: the offset moves first and the work begins later, here after 3 seconds."""
    InHand.offset = property(lambda hand: hand._after)  # type: ignore[method-assign,assignment]
    InHand.has_room = property(lambda _hand: True)  # type: ignore[method-assign,assignment]
    listener.Listener._until_kept = _kept_after_a_while  # type: ignore[method-assign]


async def _waits_again(work: Work, _now: datetime, *, all_of_them: bool = False) -> list[str]:
    under_way = update(table_of(queue.OutboxTable)).where(table_of(queue.OutboxTable).c.lease_until.is_not(None))
    await work.run(under_way.values(state="waiting", owner=None, lease_until=None))
    return []


async def _told_at_once(work: Work, reach: Reach, signal_id: str, **said: Any) -> bool:
    await saying.show(work, reach, said["cut"], edit=said["edit"], thread=said["thread"])
    return await _ask(work, reach, signal_id, **said)


async def _later(work: Work) -> None:
    """Stands in for the moment that cuts lines: it never cuts one."""
    assert work


def _tells_cuts_too_early() -> None:
    cutting.ask = _told_at_once
    cutting.cut_asked = _later


_ask = cutting.ask
_first_time, _send, _until_kept = updates.first_time, Sender.send, listener.Listener._until_kept
_report = reporting.report

BUGS: dict[str, Callable[[], None]] = {
    "acts_on_each_delivery": lambda: setattr(updates, "first_time", _always_the_first_time),
    "keeps_no_signal": lambda: setattr(reporting, "report", _kept_nowhere),
    "keeps_signals_twice": lambda: setattr(reporting, "report", _kept_twice),
    "silent_about_receipts": lambda: setattr(Sender, "send", _silent_about_receipts),
    "says_invitations_again": lambda: setattr(queue, "take_over", _waits_again),
    "tells_cuts_too_early": _tells_cuts_too_early,
    "confirms_too_early": _confirms_too_early,
}

if __name__ == "__main__":
    BUGS[sys.argv[1]]()
    sys.exit(main(sys.argv[2:]))
