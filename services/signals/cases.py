"""What staff see of one signal: its words behind a reason, each reading counted and written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.refusals import NotAllowed, NotNow, NotThere
from domain.sealing import is_id, unseal_json
from domain.signals.workflow import About, Kind, Mover, Role, Status, Turn, next_moves, within_reach
from domain.staff.rights import Reason, Scope, may_see
from services.signals.attachments import StoredFile, opened
from services.signals.following import dialogue
from services.signals.sealed_places import place
from services.signals.worklist import area_of
from services.staff.access import note, reason_today, require
from services.staff.accounts import Staff
from services.work import Work
from storage.engine import vault
from storage.signals import cases
from storage.signals.worklist import count_read


class UnknownSignal(NotThere):
    """No such signal, or not for this member of staff: both alike."""


class ReasonNeeded(NotAllowed):
    """Nobody opens a resident's words without a reason; it is asked once per case per day."""


class NotHereYet(NotNow):
    """The file is still on its way from Telegram, or did not arrive."""


@dataclass(frozen=True, slots=True)
class SignalCodes:
    """The official words of a signal: for discrimination grounds, domains and natures; for nuisance its group."""

    grounds: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    natures: tuple[str, ...] = ()
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A signal as staff see it. details: place, point (longitude, latitude) or None, when, why.

    next_moves: the states that one move leads to · reachable: those that an answer may bring it to, by several moves.
    """

    signal_id: str
    version: int
    kind: Kind
    status: Status
    about: About
    role: Role
    language: str
    neighbourhood: str | None
    area: str | None
    wants_help: bool
    danger: bool
    line_cut: bool
    received_on: date
    moved_on: date
    ended_on: date | None
    details: dict[str, Any]
    codes: SignalCodes
    turns: tuple[Turn, ...]
    next_moves: tuple[Status, ...]
    reachable: tuple[Status, ...]
    reason: Reason


async def open_signal(work: Work, staff: Staff, signal_id: str, reason: Reason | None = None) -> Case:
    """The signal with its dialogue. The reading is counted for the reporter and written into the access log.

    Raises NotAllowed, UnknownSignal, and ReasonNeeded when no reason is given and none was given today.
    """
    row = await visible(work, staff, signal_id, Scope.READ)
    reason = reason or await reason_today(work, staff, signal_id)
    if reason is None:
        raise ReasonNeeded
    # Lock the signal's row before the log's head, as everywhere: in the other order two transactions could deadlock.
    await count_read(work, signal_id)
    await note(work, staff, signal_id, "read", reason)
    key = await vault.open_record(work, row.record_id)
    return Case(
        signal_id=row.id,
        version=row.version,
        kind=Kind(row.kind),
        status=Status(row.status),
        about=About(row.about),
        role=Role(row.role),
        language=row.language,
        neighbourhood=row.neighbourhood,
        area=area_of(row.neighbourhood),
        wants_help=row.wants_help,
        danger=row.danger,
        line_cut=row.handle is None,
        received_on=row.received_on,
        moved_on=row.moved_on,
        ended_on=row.ended_on,
        details=unseal_json(key, row.details, place(row.id, "details")),
        codes=_codes(row, key),
        turns=await dialogue(work, row.id, key),
        next_moves=possible_moves(work, row),
        reachable=within_reach(Status(row.status), row.ended_on, work.today),
        reason=reason,
    )


async def open_file(work: Work, staff: Staff, signal_id: str, attachment_id: str) -> StoredFile:
    """A photo or voice message. A look at it is written into the access log.

    Raises NotAllowed, UnknownSignal, ReasonNeeded (the case was not opened today) and NotHereYet.
    """
    row = await visible(work, staff, signal_id, Scope.READ)
    found = await cases.attachment_by_id(work, attachment_id) if is_id(attachment_id) else None
    if found is None or found.signal_id != row.id:
        raise UnknownSignal
    reason = await reason_today(work, staff, signal_id)
    if reason is None:
        raise ReasonNeeded
    kept = await opened(work, found)
    if kept is None:
        raise NotHereYet
    await note(work, staff, signal_id, "file", reason)
    return kept


async def visible(work: Work, staff: Staff, signal_id: str, scope: Scope, *, lock: bool = False) -> cases.SignalRow:
    """The row of a signal that this member of staff may see. Raises NotAllowed, UnknownSignal."""
    require(staff, scope)
    row = await cases.signal_by_id(work, signal_id, lock=lock) if is_id(signal_id) else None
    if row is None or not may_see(staff.mandate, Kind(row.kind), area_of(row.neighbourhood), About(row.about)):
        raise UnknownSignal
    return row


def possible_moves(work: Work, row: cases.SignalRow) -> tuple[Status, ...]:
    """The states that staff may move a signal to today."""
    return next_moves(Status(row.status), Mover.STAFF, row.ended_on, work.today)


def _codes(row: cases.SignalRow, key: bytes) -> SignalCodes:
    if row.codes is None:
        return SignalCodes()
    plain = unseal_json(key, row.codes, place(row.id, "codes"))
    return SignalCodes(tuple(plain["grounds"]), tuple(plain["domains"]), tuple(plain["natures"]), plain["group"])
