"""What a reporter can do: report, add, withdraw, reopen, cut the line, erase.

Reporters are pseudonyms. What they wrote is sealed under the signal's record key; how they can be reached is
sealed under a second one, so that cutting the line destroys that key alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.codes import new_code
from domain.reach import Reach, seal_reach
from domain.sealing import new_id, seal, seal_json
from domain.signals.workflow import ENDED, REPORTS_AN_HOUR, GivenFile, Mover, Report, Status, status_after_reply
from services.outbox.envelopes import about_tag
from services.outbox.saying import forget_on_phone
from services.people.residents import rate_tag
from services.signals.following import TooManyThisHour, allowed, theirs
from services.signals.sealed_places import (
    asker_tag,
    attachment_place,
    code_tag,
    message_place,
    opener_tag,
    place,
    reporter_tag,
)
from services.work import Work
from storage.engine import vault
from storage.outbox import queue
from storage.people import rates
from storage.signals import cases, line_cuts


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a reporter gets: the signal's id and the code to follow it with."""

    signal_id: str
    code: str


async def report(work: Work, reach: Reach, given: Report, signal_id: str | None = None) -> Receipt:
    """Keep a report. Raises TooManyThisHour above 5 an hour from one resident.

    signal_id: the id of the conversation it was told in, which the signal gets too, so that one name removes both from
    a phone; None: a new one.
    """
    tag, reports = reporter_tag(work.keys, reach), rate_tag(work.keys, "report", reach)
    if until := await rates.full_until(work, reports, REPORTS_AN_HOUR):
        raise TooManyThisHour(until)
    await rates.once_more(work, reports)
    record, key = await vault.new_record(work)
    handle_record, handle_key = await vault.new_record(work)
    signal_id, code = signal_id or new_id(), new_code()
    details = {
        "place": given.place,
        "point": given.point,
        "when": given.when,
        "why": given.why,
    }
    await cases.add_signal(
        work,
        {
            "id": signal_id, "record_id": record, "kind": given.kind, "status": Status.RECEIVED,
            "language": given.language, "neighbourhood": given.neighbourhood, "role": given.role,
            "about": given.about, "wants_help": given.wants_help, "danger": given.danger,
            "received_on": work.today, "moved_on": work.today,
            "details": seal_json(key, details, place(signal_id, "details")),
            "code": seal(key, code.encode(), place(signal_id, "code")), "code_tag": code_tag(work.keys, code),
            "reporter_tag": tag, "handle_record_id": handle_record,
            "handle": seal_reach(handle_key, reach, place(signal_id, "handle")),
        },
    )  # fmt: skip
    await _say(work, signal_id, key, given.story, given.language, given.given)
    return Receipt(signal_id, code)


async def add(
    work: Work, reach: Reach, signal_id: str, words: str, given: tuple[GivenFile, ...], *, danger: bool = False
) -> bool:
    """Add a turn. danger: its words point to danger. False when the signal is not theirs or has been withdrawn."""
    row = await theirs(work, reach, signal_id, lock=True)
    if row is None or row.status == Status.WITHDRAWN:
        return False
    key = await vault.open_record(work, row.record_id)
    await _say(work, row.id, key, words, row.language, given)
    status = status_after_reply(Status(row.status))
    if status != row.status:
        await _move(work, row, status)
    return await cases.change_signal(work, row.id, unread=True, danger=row.danger or danger)


async def withdraw(work: Work, reach: Reach, signal_id: str) -> bool:
    """Withdraw a signal: staff see that, and work on it ends. False when it is not theirs or already ended."""
    row = await theirs(work, reach, signal_id, lock=True)
    if row is None or not allowed(work, row, Status.WITHDRAWN):
        return False
    await _move(work, row, Status.WITHDRAWN)
    return True


async def reopen(work: Work, reach: Reach, signal_id: str, reason: str, *, danger: bool = False) -> bool:
    """Reopen a signal within 30 days of its end. danger: the reason points to danger. False when it can't be done."""
    row = await theirs(work, reach, signal_id, lock=True)
    if row is None or not allowed(work, row, Status.IN_REVIEW):
        return False
    key = await vault.open_record(work, row.record_id)
    await _say(work, row.id, key, reason, row.language, ())
    await _move(work, row, Status.IN_REVIEW)
    return await cases.change_signal(work, row.id, unread=True, danger=row.danger or danger)


async def may_cut(work: Work, reach: Reach, signal_id: str) -> bool:
    """Whether the signal has a line that leads to this resident."""
    row = await cases.signal_by_id(work, signal_id)
    return row is not None and row.reporter_tag == reporter_tag(work.keys, reach)


async def cut_line(work: Work, reach: Reach, signal_id: str) -> bool:
    """Destroy what leads to the reporter: from now on only the code opens the signal. False: not theirs, or cut.

    Only together with what services/signals/cutting.py does around it does nothing on disk link the two any more.
    """
    row = await theirs(work, reach, signal_id, lock=True)
    if row is None or row.handle_record_id is None or row.reporter_tag != reporter_tag(work.keys, reach):
        return False
    await vault.destroy_record(work, row.handle_record_id, "line")
    await queue.drop_about(work, about_tag(work.keys, row.id))
    await forget_on_phone(work, reach, row.id)
    await cases.drop_opener(work, opener_tag(work.keys, reach), row.id)
    return await cases.change_signal(work, row.id, handle=None, handle_record_id=None, reporter_tag=None, news=False)


async def erase_all(work: Work, reach: Reach) -> None:
    """Erase all signals of a reporter."""
    for row in await cases.signals_of(work, reporter_tag(work.keys, reach)):
        await erase_signal(work, row, "person")


async def forget_traces(work: Work, reach: Reach) -> None:
    """Forget which signals a resident opened by code, and the lines that they asked to cut and that are not cut yet."""
    await cases.drop_opener(work, opener_tag(work.keys, reach))
    await line_cuts.drop_of(work, asker_tag(work.keys, reach))


async def erase_signal(work: Work, row: cases.SignalRow, reason: str) -> None:
    """Erase one signal: both record keys, all rows, and what was still to be said about it."""
    # Lock the signal first: what somebody is adding at this very moment must be there when all of it is erased.
    await cases.signal_by_id(work, row.id, lock=True)
    await vault.destroy_record(work, row.record_id, reason)
    if row.handle_record_id is not None:
        await vault.destroy_record(work, row.handle_record_id, reason)
    await queue.drop_about(work, about_tag(work.keys, row.id))
    await cases.drop_signal(work, row.id)


async def _say(work: Work, signal_id: str, key: bytes, words: str, language: str, given: tuple[GivenFile, ...]) -> None:
    message = new_id()
    await cases.add_message(
        work,
        {
            "id": message, "signal_id": signal_id, "from_staff": False, "author_tag": None,
            "words": seal(key, words.encode(), message_place(message)), "language": language, "day": work.today,
        },
    )  # fmt: skip
    rows = [_attachment(signal_id, message, key, one) for one in given]
    await cases.add_attachments(work, rows)


def _attachment(signal_id: str, message: str, key: bytes, given: GivenFile) -> dict[str, Any]:
    attachment = new_id()
    content = seal_json(key, {"file_id": given.file_id}, attachment_place(attachment, "waiting"))
    return {
        "id": attachment, "signal_id": signal_id, "message_id": message, "kind": given.kind,
        "seconds": given.seconds, "state": "waiting", "content": content,
    }  # fmt: skip


async def _move(work: Work, row: cases.SignalRow, end: Status) -> None:
    today = work.today
    await cases.add_move(work, row, end, Mover.REPORTER)
    ended = today if end in ENDED else None
    await cases.change_signal(work, row.id, status=end, moved_on=today, ended_on=ended)
