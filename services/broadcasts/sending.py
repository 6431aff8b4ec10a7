"""What staff do with invitations to many: count, send, approve, pause, resume, stop, and see the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.broadcasts import rules
from domain.broadcasts.rules import ACTS, APPROVAL_FROM, Act, AudienceCounts, BadBroadcast, BroadcastState, Content
from domain.refusals import Changed, NotNow, NotThere
from domain.sealing import is_id
from domain.staff.rights import Scope
from locales.texts import LANGUAGES
from services.broadcasts import census, recipients
from services.broadcasts.outlook import Outlook, outlook
from services.budget import results, rounds
from services.meetings import rsvp
from services.staff.access import note, require
from services.staff.accounts import Staff
from services.work import Work
from storage.broadcasts import invitations
from storage.broadcasts.invitations import BroadcastRow

__all__ = ["ActNotPossible", "BadBroadcast", "NotSeen", "SecondPersonNeeded", "UnknownBroadcast", "WrittenMeanwhile"]
_LISTED = 100


class UnknownBroadcast(NotThere):
    """No broadcast has this id, or it is outside the mandate."""


class WrittenMeanwhile(Changed):
    """The broadcast has changed since it was read."""


class SecondPersonNeeded(NotNow):
    """The person who asked for approval can't give it: a second person must."""


class NotSeen(Changed):
    """What would be sent, or to whom, is not what staff looked at: look again first."""


class ActNotPossible(NotNow):
    """The broadcast's state does not allow this act. possible: the acts it allows."""

    def __init__(self, possible: tuple[Act, ...]) -> None:
        """possible: the acts of its state."""
        super().__init__(", ".join(possible))
        self.possible = possible


@dataclass(frozen=True, slots=True)
class BroadcastBrief:
    """A line of the list. words: the beginning of a text, at most 120 characters."""

    broadcast_id: str
    state: BroadcastState
    made_on: date
    words: str


@dataclass(frozen=True, slots=True)
class Overview:
    """One broadcast as staff see it.

    undecided: languages without a text · mine: the member of staff who looks asked for approval, so another must give
    it · counts: the audience before it is sent, None afterwards · report: state -> recipients that are shown, None
    where all are hidden · by_language: (language, state) -> recipients, None where a small group is hidden.
    """

    broadcast_id: str
    version: int
    state: BroadcastState
    content: Content
    acts: tuple[Act, ...]
    undecided: tuple[str, ...]
    tested: bool
    mine: bool
    counts: AudienceCounts | None
    report: Mapping[str, int | None]
    by_language: Mapping[tuple[str, str], int | None]

    @property
    def editable(self) -> bool:
        """Whether it can still be changed or deleted."""
        return self.state == BroadcastState.DRAFT


async def listed(work: Work, staff: Staff) -> list[BroadcastBrief]:
    """Those of the 100 newest broadcasts that are within the mandate. Raises NotAllowed."""
    require(staff, Scope.INVITE)
    found = [(row, recipients.content_of(row)) for row in await invitations.newest(work, _LISTED)]
    return [
        BroadcastBrief(
            row.id, BroadcastState(row.state), row.made_on, next(filter(None, content.texts.values()), "")[:120]
        )
        for row, content in found
        if rules.may_reach(staff.mandate, content.buurten)
    ]


async def overview(work: Work, staff: Staff, broadcast_id: str) -> Overview:
    """One broadcast, with its audience before it is sent, else its report. Raises NotAllowed, UnknownBroadcast."""
    row = await visible(work, staff, broadcast_id, lock=False)
    content, state = recipients.content_of(row), BroadcastState(row.state)
    before = state in (BroadcastState.DRAFT, BroadcastState.ASKED)
    tallied = {} if before else await invitations.tallied(work, row.id)
    # A tally that an older version kept holds small numbers too.
    report = rules.without_small(json.loads(row.tally)) if row.tally else recipients.by_state(tallied)
    return Overview(
        row.id, row.version, state, content, ACTS[state], tuple(rules.undecided(content, LANGUAGES)), row.tested,
        row.asked_tag == staff.tag,
        rules.shown(await census.counted(work, content)) if before else None,
        report,
        rules.shown(tallied).cells,
    )  # fmt: skip


async def preview(work: Work, staff: Staff, broadcast_id: str, approval_from: int = APPROVAL_FROM) -> Outlook:
    """What happens when it is sent or approved now.

    Raises NotAllowed, UnknownBroadcast, ActNotPossible, BadBroadcast where it can't be sent as it is.
    """
    row = await visible(work, staff, broadcast_id, lock=False)
    if not {Act.SEND, Act.APPROVE} & set(ACTS[BroadcastState(row.state)]):
        raise ActNotPossible(ACTS[BroadcastState(row.state)])
    content = recipients.content_of(row)
    await _check_ready(work, content)
    found = await outlook(work, row, content, approval_from)
    if not found.counts.cells:
        raise BadBroadcast("nobody")
    return found


async def act(
    work: Work,
    staff: Staff,
    broadcast_id: str,
    what: Act,
    version: int,
    approval_from: int = APPROVAL_FROM,
    *,
    seen: str,
) -> BroadcastState:
    """Send, approve, withdraw, pause, resume or stop; the new state.

    approval_from: from so many recipients a second person approves · seen: `seen` of the preview that staff looked at,
    checked when sending and approving. Raises NotAllowed, UnknownBroadcast, WrittenMeanwhile, ActNotPossible,
    BadBroadcast, SecondPersonNeeded, NotSeen.
    """
    # Pausing and stopping must not wait for a fresh look at the page.
    row = await visible(work, staff, broadcast_id, None if what in (Act.PAUSE, Act.STOP) else version)
    if what not in ACTS[BroadcastState(row.state)]:
        raise ActNotPossible(ACTS[BroadcastState(row.state)])
    if what == Act.APPROVE and row.asked_tag == staff.tag:
        raise SecondPersonNeeded
    if what in (Act.SEND, Act.APPROVE):
        state = await _send(work, staff, row, what, approval_from, seen)
    else:
        state = await _act(work, row, what)
    await note(work, staff, row.id, what)
    return state


async def _act(work: Work, row: BroadcastRow, what: Act) -> BroadcastState:
    match what:
        case Act.WITHDRAW:
            return await _to(work, row, BroadcastState.DRAFT, asked_tag=None)
        case Act.RESUME:
            return await _to(work, row, BroadcastState.SENDING)
        case Act.PAUSE:
            state = await _to(work, row, BroadcastState.PAUSED)
        case _:
            state = await _to(work, row, BroadcastState.STOPPED, ended_at=work.now)
    await recipients.take_back(work, row.id, state)
    return state


async def _send(
    work: Work, staff: Staff, row: BroadcastRow, what: Act, approval_from: int, seen: str
) -> BroadcastState:
    found = await preview(work, staff, row.id, approval_from)
    if found.needs_test:
        raise BadBroadcast("no_test")
    if found.seen != seen:
        raise NotSeen
    approved = what == Act.APPROVE
    if found.second_person and not approved:
        return await _to(work, row, BroadcastState.ASKED, asked_tag=staff.tag)
    begun = await recipients.start(work, row) | {"most": found.counts.most}
    who = {} if approved else {"asked_tag": staff.tag}
    changes = {"started_at": work.now, "test_hash": None, "test_until": None, "approved": approved, **begun, **who}
    return await _to(work, row, BroadcastState.SENDING, **changes)


async def _check_ready(work: Work, content: Content) -> None:
    """Raises BadBroadcast when this content may not be sent now."""
    rules.check_ready(content, LANGUAGES)
    if content.go and not await _leads_somewhere(work, content.go, content.value):
        raise BadBroadcast("closed_button")


async def _leads_somewhere(work: Work, go: str, value: str) -> bool:
    """Whether the button leads to something: a meeting that is to come, or a vote that is open or was published."""
    if go == "meeting":
        return await rsvp.is_open(work, value)
    is_open = any(one.id == value for one in await rounds.open_rounds(work))
    return is_open or await results.result_of(work, value) is not None


async def _to(work: Work, row: BroadcastRow, state: BroadcastState, **more: Any) -> BroadcastState:
    await invitations.change(work, row.id, state=state, **more)
    return state


async def visible(
    work: Work, staff: Staff, broadcast_id: str, version: int | None = None, *, lock: bool = True
) -> BroadcastRow:
    """The row of a broadcast within the mandate.

    version: the one that staff have seen, None to accept any. Raises NotAllowed, UnknownBroadcast, WrittenMeanwhile.
    """
    require(staff, Scope.INVITE)
    row = await invitations.by_id(work, broadcast_id, lock=lock) if is_id(broadcast_id) else None
    if row is None or not rules.may_reach(staff.mandate, frozenset(row.buurten.split())):
        raise UnknownBroadcast
    if version is not None and version != row.version:
        raise WrittenMeanwhile
    return row
