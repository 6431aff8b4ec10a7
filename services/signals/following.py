"""What a reporter sees: the list of their own signals, a signal that a code opens, and its dialogue."""

from __future__ import annotations

from datetime import timedelta

from domain.codes import read_code
from domain.reach import Reach
from domain.refusals import TooMany
from domain.sealing import unseal, unseal_json
from domain.signals.workflow import File, Followed, Mover, SignalBrief, Status, Turn, may_move
from domain.wall_clock import day_of
from services.people.residents import rate_tag
from services.signals.sealed_places import code_tag, message_place, opener_tag, place, reporter_tag
from services.work import Work
from storage.engine import vault
from storage.people import rates
from storage.signals import cases

CODE_OPENS_FOR = timedelta(days=7)
GUESSES_AN_HOUR = 10


class TooManyThisHour(TooMany):
    """Too many reports, or too many wrong codes, in one hour."""


async def mine(work: Work, reach: Reach) -> list[SignalBrief]:
    """The resident's own signals whose line was not cut, newest first."""
    rows = await cases.signals_of(work, reporter_tag(work.keys, reach))
    return [SignalBrief(row.id, row.kind, row.status, row.received_on, row.news) for row in rows]


async def open_by_code(work: Work, reach: Reach, typed: str) -> str | None:
    """The id of the signal that a code belongs to, which the resident may then open for 7 days; None: a wrong code.

    Raises TooManyThisHour after 10 wrong codes in an hour: right ones are refused then too.
    """
    guesses = rate_tag(work.keys, "guess", reach)
    if until := await rates.full_until(work, guesses, GUESSES_AN_HOUR):
        raise TooManyThisHour(until)
    code = read_code(typed)
    found = await cases.id_by_code(work, code_tag(work.keys, code)) if code else None
    if found is None:
        await rates.once_more(work, guesses)
        return None
    await cases.remember_opener(work, found, opener_tag(work.keys, reach))
    return found


async def follow(work: Work, reach: Reach, signal_id: str) -> Followed | None:
    """The signal with its dialogue; None when it is unknown or not theirs. News counts as seen."""
    row = await theirs(work, reach, signal_id)
    if row is None:
        return None
    key = await vault.open_record(work, row.record_id)
    if row.news:
        await cases.news_seen(work, signal_id)
    return Followed(
        signal_id=row.id,
        code=unseal(key, row.code, place(row.id, "code")).decode(),
        kind=row.kind,
        status=row.status,
        received_on=row.received_on,
        mine=row.reporter_tag == reporter_tag(work.keys, reach),
        line_cut=row.handle is None,
        reads=row.reads,
        last_read=row.last_read_on,
        about=row.about,
        role=row.role,
        neighbourhood=row.neighbourhood,
        details=unseal_json(key, row.details, place(row.id, "details")),
        turns=await dialogue(work, row.id, key),
        may_withdraw=allowed(work, row, Status.WITHDRAWN),
        may_reopen=allowed(work, row, Status.IN_REVIEW),
    )


async def theirs(work: Work, reach: Reach, signal_id: str, *, lock: bool = False) -> cases.SignalRow | None:
    """The signal, if the resident reported it or gave its code within the last 7 days; None for anybody else."""
    row = await cases.signal_by_id(work, signal_id, lock=lock)
    if row is None:
        return None
    tag = reporter_tag(work.keys, reach)
    if row.reporter_tag == tag:
        return row
    since = day_of(work.now - CODE_OPENS_FOR)
    knew_code = opener_tag(work.keys, reach)
    return row if await cases.opened_since(work, signal_id, knew_code, since) else None


def allowed(work: Work, row: cases.SignalRow, end: Status) -> bool:
    """Whether its reporter may move the signal to `end` today."""
    return may_move(Status(row.status), end, Mover.REPORTER, row.ended_on, work.today)


async def dialogue(work: Work, signal_id: str, key: bytes) -> tuple[Turn, ...]:
    """All turns in order, for somebody who may read them. key: of the signal's record."""
    files = await cases.attachments_of(work, signal_id)
    return tuple(
        Turn(
            row.from_staff,
            unseal(key, row.words, message_place(row.id)).decode(),
            row.language,
            row.day,
            tuple(
                File(file.id, file.kind, file.seconds, file.state, file.media_type)
                for file in files
                if file.message_id == row.id
            ),
        )
        for row in await cases.messages_of(work, signal_id)
    )
