"""Signals, their dialogue, their moves and files: sealed words, plain states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, Table, bindparam, delete, func, select, update
from sqlmodel import Field, SQLModel

from domain.sealing import new_id
from storage.engine.columns import WITHOUT_ROWID, blob
from storage.engine.ready import ready_insert
from storage.engine.unit_of_work import UnitOfWork, table_of


class SignalRow(SQLModel):
    """A signal as it is kept. Days, never minutes: nobody who watches a phone may find its report by the time.

    details: sealed JSON (place, point, when, why) · codes: sealed JSON of the official codes ·
    code: sealed text · handle: sealed JSON (reach) under a record key of its own · danger: words of it
    point to danger, until somebody of the staff has looked.
    """

    id: str = Field(primary_key=True, max_length=26)
    record_id: str = Field(max_length=26, unique=True)
    kind: str = Field(max_length=20)
    status: str = Field(max_length=24, index=True)
    version: int = 1
    language: str = Field(max_length=8)
    neighbourhood: str | None = Field(default=None, max_length=8, index=True)
    role: str = Field(max_length=12)
    about: str = Field(max_length=16)
    wants_help: bool = False
    received_on: date
    moved_on: date
    ended_on: date | None = None
    details: bytes = blob()
    codes: bytes | None = blob(default=None, nullable=True)
    code: bytes = blob()
    code_tag: bytes = blob(unique=True)
    reporter_tag: bytes | None = blob(default=None, nullable=True, index=True)
    handle_record_id: str | None = Field(default=None, max_length=26)
    handle: bytes | None = blob(default=None, nullable=True)
    news: bool = False
    unread: bool = True
    reads: int = 0
    last_read_on: date | None = None
    danger: bool = False


class SignalTable(SignalRow, table=True):
    """The table of signals."""

    __tablename__ = "signals"
    __table_args__ = WITHOUT_ROWID


class MessageRow(SQLModel):
    """One turn of the dialogue. words: sealed under the signal's record key; may be empty when a file speaks."""

    id: str = Field(primary_key=True, max_length=26)
    signal_id: str = Field(max_length=26, index=True)
    turn: int
    from_staff: bool
    author_tag: bytes | None = blob(default=None, nullable=True)
    words: bytes = blob()
    language: str = Field(max_length=8)
    day: date


class SignalMessageTable(MessageRow, table=True):
    """The table of the dialogues."""

    __tablename__ = "signal_messages"
    __table_args__ = WITHOUT_ROWID


class AttachmentRow(SQLModel):
    """A photo or voice message. While `waiting`, content is the sealed file_id; once `kept`, the sealed file."""

    id: str = Field(primary_key=True, max_length=26)
    signal_id: str = Field(max_length=26, index=True)
    message_id: str = Field(max_length=26)
    kind: str = Field(max_length=8)
    seconds: int = 0
    state: str = Field(default="waiting", max_length=8, index=True)
    attempts: int = 0
    media_type: str = Field(default="", max_length=40)
    content: bytes = blob()


class AttachmentTable(AttachmentRow, table=True):
    """The table of files."""

    __tablename__ = "attachments"


class SignalMoveTable(SQLModel, table=True):
    """One move of a signal: history is appended, never edited."""

    __tablename__ = "signal_moves"
    __table_args__ = WITHOUT_ROWID

    id: str = Field(primary_key=True, max_length=26)
    signal_id: str = Field(max_length=26, index=True)
    turn: int
    begin: str = Field(max_length=24)
    end: str = Field(max_length=24)
    mover: str = Field(max_length=10)
    author_tag: bytes | None = blob(default=None, nullable=True)
    day: date


class OpenerTable(SQLModel, table=True):
    """Somebody who opened a signal by its code, on this or another phone; for 7 days."""

    __tablename__ = "openers"
    __table_args__ = WITHOUT_ROWID

    signal_id: str = Field(primary_key=True, max_length=26)
    opener_tag: bytes = blob(primary_key=True)
    day: date = Field(index=True)


_signals = table_of(SignalTable)
_messages = table_of(SignalMessageTable)
_attachments = table_of(AttachmentTable)
_moves = table_of(SignalMoveTable)
_openers = table_of(OpenerTable)
_ADD = ready_insert(_signals)


def _next_turn(table: Table) -> ScalarSelect[Any]:
    mine = table.c.signal_id == bindparam("signal_id")
    return select(func.coalesce(func.max(table.c.turn), 0) + 1).where(mine).scalar_subquery()


_ADD_MESSAGE = ready_insert(_messages, turn=_next_turn(_messages))
_ADD_MOVE = ready_insert(_moves, turn=_next_turn(_moves))


async def add_signal(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Keep a new signal."""
    await work.ask(_ADD, **values)


async def signal_by_id(work: UnitOfWork, signal_id: str, *, lock: bool = False) -> SignalRow | None:
    """The signal, or None. lock: lock its row until the work ends, for callers that will change it."""
    query = select(_signals).where(_signals.c.id == signal_id)
    row = (await work.run(query.with_for_update() if lock else query)).mappings().one_or_none()
    return SignalRow.model_construct(**row) if row else None


async def id_by_code(work: UnitOfWork, code_tag: bytes) -> str | None:
    """The id of the signal that a code belongs to, or None."""
    query = select(_signals.c.id).where(_signals.c.code_tag == code_tag)
    found: str | None = (await work.run(query)).scalar_one_or_none()
    return found


async def signals_of(work: UnitOfWork, reporter_tag: bytes) -> list[SignalRow]:
    """A reporter's own signals, newest day first."""
    query = select(_signals).where(_signals.c.reporter_tag == reporter_tag)
    rows = (await work.run(query.order_by(_signals.c.received_on.desc(), _signals.c.id))).mappings()
    return [SignalRow.model_construct(**row) for row in rows]


async def change_signal(work: UnitOfWork, signal_id: str, *, version: int | None = None, **values: object) -> bool:
    """Change columns and count the version up. False when the signal is gone, or no longer at `version`."""
    where = [_signals.c.id == signal_id]
    if version is not None:
        where.append(_signals.c.version == version)
    changed = await work.run(update(_signals).where(*where).values(version=_signals.c.version + 1, **values))
    return changed.rowcount == 1


async def news_seen(work: UnitOfWork, signal_id: str) -> None:
    """Note that the reporter has looked. The version stays, so that no move of staff is refused for it."""
    await work.run(update(_signals).where(_signals.c.id == signal_id).values(news=False))


async def add_message(work: UnitOfWork, values: Mapping[str, Any]) -> None:
    """Add a turn to a dialogue; `turn` is counted here. The caller holds the signal's lock."""
    await work.ask(_ADD_MESSAGE, **values)


async def messages_of(work: UnitOfWork, signal_id: str) -> list[MessageRow]:
    """The dialogue in order."""
    rows = await work.run(select(_messages).where(_messages.c.signal_id == signal_id).order_by(_messages.c.turn))
    return [MessageRow.model_construct(**row) for row in rows.mappings()]


async def add_move(work: UnitOfWork, signal: SignalRow, end: str, mover: str, author_tag: bytes | None = None) -> None:
    """Write a move of today, from the signal's present status to `end`, into the history; `turn` is counted here."""
    move = {"id": new_id(), "signal_id": signal.id, "begin": signal.status, "end": end, "mover": mover}
    await work.ask(_ADD_MOVE, **move, author_tag=author_tag, day=work.today)


async def moves_of(work: UnitOfWork, signal_id: str) -> list[tuple[str, str, str, date]]:
    """The history of one signal in order: (begin, end, mover, day)."""
    query = select(_moves.c.begin, _moves.c.end, _moves.c.mover, _moves.c.day)
    rows = await work.run(query.where(_moves.c.signal_id == signal_id).order_by(_moves.c.turn))
    return [(row.begin, row.end, row.mover, row.day) for row in rows]


async def add_attachments(work: UnitOfWork, rows: list[dict[str, Any]]) -> None:
    """Keep files that are still with Telegram."""
    if rows:
        await work.run(_attachments.insert(), rows)


async def attachments_of(work: UnitOfWork, signal_id: str) -> list[AttachmentRow]:
    """The files of one signal."""
    rows = await work.run(select(_attachments).where(_attachments.c.signal_id == signal_id).order_by(_attachments.c.id))
    return [AttachmentRow.model_construct(**row) for row in rows.mappings()]


async def attachment_by_id(work: UnitOfWork, attachment_id: str) -> AttachmentRow | None:
    """The file with this id, or None."""
    row = (await work.run(select(_attachments).where(_attachments.c.id == attachment_id))).mappings().one_or_none()
    return AttachmentRow.model_construct(**row) if row else None


async def waiting_attachments(work: UnitOfWork, most: int) -> list[AttachmentRow]:
    """Files that are still with Telegram, those tried least first."""
    query = select(_attachments).where(_attachments.c.state == "waiting").order_by(_attachments.c.attempts)
    return [AttachmentRow.model_construct(**row) for row in (await work.run(query.limit(most))).mappings()]


async def change_waiting_attachment(work: UnitOfWork, attachment_id: str, **values: object) -> None:
    """Change columns of a file that is still with Telegram; nothing when it no longer is: another process was first."""
    waiting = (_attachments.c.id == attachment_id, _attachments.c.state == "waiting")
    await work.run(update(_attachments).where(*waiting).values(**values))


async def remember_opener(work: UnitOfWork, signal_id: str, opener_tag: bytes) -> None:
    """Remember that somebody knew the code."""
    insert = work.insert(OpenerTable).values(signal_id=signal_id, opener_tag=opener_tag, day=work.today)
    keys = [_openers.c.signal_id, _openers.c.opener_tag]
    await work.run(insert.on_conflict_do_update(index_elements=keys, set_={"day": work.today}))


async def opened_since(work: UnitOfWork, signal_id: str, opener_tag: bytes, day: date) -> bool:
    """Whether somebody opened this signal by its code on `day` or later."""
    query = select(_openers.c.day).where(
        _openers.c.signal_id == signal_id, _openers.c.opener_tag == opener_tag, _openers.c.day >= day
    )
    return (await work.run(query)).first() is not None


async def opened_by(work: UnitOfWork, opener_tag: bytes) -> list[date]:
    """The days on which somebody opened signals by their codes."""
    query = select(_openers.c.day).where(_openers.c.opener_tag == opener_tag).order_by(_openers.c.day)
    return list((await work.run(query)).scalars())


async def drop_openers_before(work: UnitOfWork, day: date) -> None:
    """Forget who opened what before `day`."""
    await work.run(delete(_openers).where(_openers.c.day < day))


async def drop_opener(work: UnitOfWork, opener_tag: bytes, signal_id: str | None = None) -> None:
    """Forget that somebody opened this signal, or any."""
    where = [_openers.c.opener_tag == opener_tag]
    if signal_id is not None:
        where.append(_openers.c.signal_id == signal_id)
    await work.run(delete(_openers).where(*where))


async def ended_before(work: UnitOfWork, day: date, most: int) -> list[SignalRow]:
    """Up to `most` signals that ended before `day`."""
    query = select(_signals).where(_signals.c.ended_on < day).limit(most)
    return [SignalRow.model_construct(**row) for row in (await work.run(query)).mappings()]


async def drop_signal(work: UnitOfWork, signal_id: str) -> None:
    """Remove a signal and all that hangs on it. The record keys are destroyed by the caller."""
    for table in (_messages, _attachments, _moves, _openers):
        await work.run(delete(table).where(table.c.signal_id == signal_id))
    await work.run(delete(_signals).where(_signals.c.id == signal_id))


async def waiting_since(work: UnitOfWork, day: date, most: int) -> list[SignalRow]:
    """Up to `most` signals that have waited for their reporter since before `day`."""
    query = select(_signals).where(_signals.c.status == "waiting_for_reporter", _signals.c.moved_on < day)
    return [SignalRow.model_construct(**row) for row in (await work.run(query.limit(most))).mappings()]
