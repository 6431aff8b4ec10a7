"""What a reporter can do: report, follow by phone or by code, add, withdraw, reopen, cut the line, erase.

Reporters are pseudonyms. What they wrote is sealed under the signal's record key; how they can be reached is
sealed under a second one, so that cutting the line destroys that key alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from domain.codes import new_code, read_code
from domain.sealing import KeyRing, Place, new_id, seal, seal_json, unseal, unseal_json
from domain.signals import (
    ENDED,
    REPORTS_AN_HOUR,
    Given,
    Mover,
    Report,
    Status,
    may_move,
    status_after_reply,
)
from services.outbox import about_tag, forget_on_phone
from services.work import Work
from storage import outbox, rates, signals, vault

CODE_OPENS_FOR = timedelta(days=7)
GUESSES_AN_HOUR = 10


class Reporter(Protocol):
    """Whom a signal comes from: a resident, as services/people.py knows them."""

    @property
    def telegram_id(self) -> int:
        """Telegram's number of the person."""

    @property
    def chat_id(self) -> int:
        """Where they can be answered."""


class TooMany(Exception):
    """Too many reports, or too many wrong codes, in one hour. `until`: when it is possible again (aware UTC)."""

    def __init__(self, until: datetime) -> None:
        """Nothing was kept."""
        super().__init__("too many in an hour")
        self.until = until


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a reporter gets: the signal's id and the code to follow it with."""

    signal_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A line in the list of one's own signals."""

    signal_id: str
    kind: str
    status: str
    received_on: date
    news: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the dialogue. attachments: (kind, attachment id, state)."""

    from_staff: bool
    words: str
    language: str
    day: date
    attachments: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """A signal as its reporter sees it."""

    signal_id: str
    code: str
    kind: str
    status: str
    received_on: date
    mine: bool
    line_cut: bool
    reads: int
    last_read: date | None
    about: str
    role: str
    neighbourhood: str | None
    details: dict[str, Any]
    turns: tuple[Turn, ...]
    may_withdraw: bool
    may_reopen: bool


def reporter_tag(keys: KeyRing, telegram_id: int) -> bytes:
    """A reporter's pseudonym in the table of signals: another one than in the table of people."""
    return keys.tag("signals", f"telegram:{telegram_id}")


def opener_tag(keys: KeyRing, telegram_id: int) -> bytes:
    """The pseudonym of who opened a signal by its code: another one again, lest it tell whose cut line that was."""
    return keys.tag("openers", f"telegram:{telegram_id}")


def rate_tag(keys: KeyRing, what: str, telegram_id: int) -> bytes:
    """The pseudonym under which is counted how often somebody did `what` ("report", "guess")."""
    return keys.tag("rates", f"{what}:{telegram_id}")


async def report(work: Work, resident: Reporter, given: Report, signal_id: str | None = None) -> Receipt:
    """Keep a report. Raises TooMany above 5 an hour from one resident.

    signal_id: the conversation it was told in, so that one name removes both from a phone.
    """
    tag = reporter_tag(work.keys, resident.telegram_id)
    await _count(work, "report", resident.telegram_id, REPORTS_AN_HOUR)
    record, key = await vault.new_record(work)
    handle_record, handle_key = await vault.new_record(work)
    signal_id, code = signal_id or new_id(), new_code()
    handle = {"telegram_id": resident.telegram_id, "chat_id": resident.chat_id}
    details = {"place": given.place, "point": given.point, "when": given.when, "why": given.why}
    await signals.add_signal(
        work,
        {
            "id": signal_id, "record_id": record, "kind": given.kind, "status": Status.RECEIVED,
            "language": given.language, "neighbourhood": given.neighbourhood, "role": given.role,
            "about": given.about, "wants_help": given.wants_help,
            "received_on": work.now.date(), "moved_on": work.now.date(),
            "details": seal_json(key, details, place(signal_id, "details")),
            "code": seal(key, code.encode(), place(signal_id, "code")), "code_tag": code_tag(work.keys, code),
            "reporter_tag": tag, "handle_record_id": handle_record,
            "handle": seal_json(handle_key, handle, place(signal_id, "handle")),
        },
    )  # fmt: skip
    await _say(work, signal_id, key, given.story, given.language, given.given)
    return Receipt(signal_id, code)


async def mine(work: Work, resident: Reporter) -> list[Brief]:
    """The resident's own signals whose line was not cut, newest first."""
    rows = await signals.signals_of(work, reporter_tag(work.keys, resident.telegram_id))
    return [Brief(row.id, row.kind, row.status, row.received_on, row.news) for row in rows]


async def open_by_code(work: Work, resident: Reporter, typed: str) -> str | None:
    """The signal that a code belongs to; who knew it may open the signal for 7 days.

    Raises TooMany after 10 wrong codes in an hour: right ones are not looked at either then.
    """
    guesses = rate_tag(work.keys, "guess", resident.telegram_id)
    if await rates.times_this_hour(work, guesses) >= GUESSES_AN_HOUR:
        raise TooMany(_next_hour(work.now))
    code = read_code(typed)
    found = await signals.id_by_code(work, code_tag(work.keys, code)) if code else None
    if found is None:
        await rates.once_more(work, guesses)
        return None
    await signals.remember_opener(work, found, opener_tag(work.keys, resident.telegram_id))
    return found


async def follow(work: Work, resident: Reporter, signal_id: str) -> Followed | None:
    """The signal with its dialogue; None when it is unknown or not theirs. News counts as seen."""
    row = await _theirs(work, resident, signal_id)
    if row is None:
        return None
    key = await vault.open_record(work, row.record_id)
    if row.news:
        await signals.news_seen(work, signal_id)
    return Followed(
        signal_id=row.id,
        code=unseal(key, row.code, place(row.id, "code")).decode(),
        kind=row.kind,
        status=row.status,
        received_on=row.received_on,
        mine=row.reporter_tag == reporter_tag(work.keys, resident.telegram_id),
        line_cut=row.handle is None,
        reads=row.reads,
        last_read=row.last_read_on,
        about=row.about,
        role=row.role,
        neighbourhood=row.neighbourhood,
        details=unseal_json(key, row.details, place(row.id, "details")),
        turns=await dialogue(work, row.id, key),
        may_withdraw=_may(work, row, Status.WITHDRAWN),
        may_reopen=_may(work, row, Status.IN_REVIEW),
    )


async def add(work: Work, resident: Reporter, signal_id: str, words: str, given: tuple[Given, ...]) -> bool:
    """Add a turn. False when the signal is not theirs or has been withdrawn."""
    row = await _theirs(work, resident, signal_id, lock=True)
    if row is None or row.status == Status.WITHDRAWN:
        return False
    key = await vault.open_record(work, row.record_id)
    await _say(work, row.id, key, words, row.language, given)
    status = status_after_reply(Status(row.status))
    if status != row.status:
        await _move(work, row, status)
    return await signals.change_signal(work, row.id, unread=True)


async def withdraw(work: Work, resident: Reporter, signal_id: str) -> bool:
    """Withdraw: staff see that it was, and work on it ends. False when it is not theirs or already ended."""
    row = await _theirs(work, resident, signal_id, lock=True)
    if row is None or not _may(work, row, Status.WITHDRAWN):
        return False
    await _move(work, row, Status.WITHDRAWN)
    return True


async def reopen(work: Work, resident: Reporter, signal_id: str, reason: str) -> bool:
    """Take it up again within 30 days of its end, with a reason. False when that is not possible."""
    row = await _theirs(work, resident, signal_id, lock=True)
    if row is None or not _may(work, row, Status.IN_REVIEW):
        return False
    key = await vault.open_record(work, row.record_id)
    await _say(work, row.id, key, reason, row.language, ())
    await _move(work, row, Status.IN_REVIEW)
    return await signals.change_signal(work, row.id, unread=True)


async def cut_line(work: Work, resident: Reporter, signal_id: str) -> bool:
    """Destroy what leads to the reporter: from now on only the code opens the signal. False: not theirs, or cut."""
    row = await _theirs(work, resident, signal_id, lock=True)
    if row is None or row.handle_record_id is None:
        return False
    if row.reporter_tag != reporter_tag(work.keys, resident.telegram_id):
        return False
    await vault.destroy_record(work, row.handle_record_id, "line")
    await outbox.drop_about(work, about_tag(work.keys, row.id))
    await forget_on_phone(work, resident.chat_id, row.id)
    await signals.drop_opener(work, opener_tag(work.keys, resident.telegram_id), row.id)
    return await signals.change_signal(work, row.id, handle=None, handle_record_id=None, reporter_tag=None, news=False)


async def erase_all(work: Work, telegram_id: int) -> None:
    """Erase all signals of a reporter."""
    for row in await signals.signals_of(work, reporter_tag(work.keys, telegram_id)):
        await erase_signal(work, row, "person")


async def erase_signal(work: Work, row: signals.SignalRow, reason: str) -> None:
    """Erase one signal: both record keys, all rows, and what was still to be said about it."""
    # Its lock first: what somebody is adding at this very moment must be there when all of it goes.
    await signals.signal_by_id(work, row.id, lock=True)
    await vault.destroy_record(work, row.record_id, reason)
    if row.handle_record_id is not None:
        await vault.destroy_record(work, row.handle_record_id, reason)
    await outbox.drop_about(work, about_tag(work.keys, row.id))
    await signals.drop_signal(work, row.id)


def place(signal_id: str, field: str) -> Place:
    """Where a sealed field of a signal stands."""
    return Place("signals", signal_id, field)


def message_place(message_id: str) -> Place:
    """Where the sealed words of a turn stand."""
    return Place("signal_messages", message_id, "words")


def attachment_place(attachment_id: str, state: str) -> Place:
    """Where a sealed file stands: a file_id (`waiting`) can't be taken for a file (`kept`)."""
    return Place("attachments", attachment_id, state)


def code_tag(keys: KeyRing, code: str) -> bytes:
    """What is kept of a code to find it by."""
    return keys.tag("codes", code)


async def _theirs(work: Work, resident: Reporter, signal_id: str, *, lock: bool = False) -> signals.SignalRow | None:
    row = await signals.signal_by_id(work, signal_id, lock=lock)
    if row is None:
        return None
    tag = reporter_tag(work.keys, resident.telegram_id)
    if row.reporter_tag == tag:
        return row
    since = (work.now - CODE_OPENS_FOR).date()
    knew_code = opener_tag(work.keys, resident.telegram_id)
    return row if await signals.opened_since(work, signal_id, knew_code, since) else None


async def _say(work: Work, signal_id: str, key: bytes, words: str, language: str, given: tuple[Given, ...]) -> None:
    message = new_id()
    await signals.add_message(
        work,
        {
            "id": message, "signal_id": signal_id, "from_staff": False, "author_tag": None,
            "words": seal(key, words.encode(), message_place(message)), "language": language, "day": work.now.date(),
        },
    )  # fmt: skip
    rows = [_attachment(signal_id, message, key, one) for one in given]
    await signals.add_attachments(work, rows)


def _attachment(signal_id: str, message: str, key: bytes, given: Given) -> dict[str, Any]:
    attachment = new_id()
    content = seal_json(key, {"file_id": given.file_id}, attachment_place(attachment, "waiting"))
    return {
        "id": attachment, "signal_id": signal_id, "message_id": message, "kind": given.kind,
        "seconds": given.seconds, "state": "waiting", "content": content,
    }  # fmt: skip


async def dialogue(work: Work, signal_id: str, key: bytes) -> tuple[Turn, ...]:
    """All turns in order, for somebody who may read them. key: of the signal's record."""
    files = await signals.attachments_of(work, signal_id)
    return tuple(
        Turn(
            row.from_staff,
            unseal(key, row.words, message_place(row.id)).decode(),
            row.language,
            row.day,
            tuple((file.kind, file.id, file.state) for file in files if file.message_id == row.id),
        )
        for row in await signals.messages_of(work, signal_id)
    )


def _may(work: Work, row: signals.SignalRow, end: Status) -> bool:
    return may_move(Status(row.status), end, Mover.REPORTER, row.ended_on, work.now.date())


async def _move(work: Work, row: signals.SignalRow, end: Status) -> None:
    today = work.now.date()
    await signals.add_move(work, row, end, Mover.REPORTER)
    ended = today if end in ENDED else None
    await signals.change_signal(work, row.id, status=end, moved_on=today, ended_on=ended)


async def _count(work: Work, what: str, telegram_id: int, most: int) -> None:
    tag = rate_tag(work.keys, what, telegram_id)
    if await rates.times_this_hour(work, tag) >= most:
        raise TooMany(_next_hour(work.now))
    await rates.once_more(work, tag)


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
