"""What staff do with invitations to many: write, count, try, send, approve, pause, resume, stop, and see the report."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from domain import broadcasts as rules
from domain.broadcasts import ACTS, APPROVAL_FROM, Act, BadBroadcast, Content, Counts, State
from domain.cleaning import cleaned
from domain.neighbourhoods import ALL
from domain.screens import Screen, Text
from domain.sealing import is_id, new_id
from domain.staff import Mandate, Scope
from locales.texts import LANGUAGES
from services import audience, budget, recipients, results, rsvp
from services.access import note, require
from services.repeats import made_before
from services.staff import Staff, hashed
from services.work import Work
from storage import broadcasts
from storage.broadcasts import BroadcastRow

__all__ = ["ActNotPossible", "BadBroadcast", "SecondPersonNeeded", "UnknownBroadcast", "WrittenMeanwhile"]
TEST_LASTS = timedelta(hours=1)
# What a one-time link to the test of a broadcast begins with.
TEST_LINK = "test-"
_LISTED = 100


class UnknownBroadcast(LookupError):
    """There is none with this id, or it is not yours to see."""


class WrittenMeanwhile(Exception):
    """It has changed since it was read."""


class SecondPersonNeeded(Exception):
    """Who asked for it can't approve it."""


class ActNotPossible(Exception):
    """From where it stands this can't be done. possible: what can."""

    def __init__(self, possible: tuple[Act, ...]) -> None:
        """possible: the acts of its state."""
        super().__init__(", ".join(possible))
        self.possible = possible


@dataclass(frozen=True, slots=True)
class Brief:
    """A line of the list."""

    broadcast_id: str
    state: State
    made_on: date
    words: str


@dataclass(frozen=True, slots=True)
class Overview:
    """One broadcast. undecided: languages without a text · counts: of a draft, before it is sent ·

    report: state -> recipients that are shown, None where all are hidden · by_language: (language, state) ->
    recipients, None where a small group is hidden ·
    mine: who looks asked for it, so another must approve.
    """

    broadcast_id: str
    version: int
    state: State
    content: Content
    acts: tuple[Act, ...]
    undecided: tuple[str, ...]
    tested: bool
    mine: bool
    counts: Counts | None
    report: Mapping[str, int | None]
    by_language: Mapping[tuple[str, str], int | None]


async def write(work: Work, staff: Staff, content: Content, once: str | None = None) -> str:
    """Keep a new draft; its id. once: an idempotency key. Raises NotAllowed, BadBroadcast, RepeatedDifferently."""
    content = _checked(staff, content)
    broadcast_id, columns = new_id(), _columns(content)
    if before := await made_before(work, staff, "broadcast", once, json.dumps(columns, sort_keys=True), broadcast_id):
        return before
    await broadcasts.add(
        work,
        {
            "id": broadcast_id,
            "version": 1,
            "state": State.DRAFT,
            "made_on": work.now.date(),
            "tested": False,
            **columns,
        },
    )
    await note(work, staff, broadcast_id, "write")
    return broadcast_id


async def rewrite(work: Work, staff: Staff, broadcast_id: str, content: Content, version: int) -> None:
    """Change a draft. Raises NotAllowed, UnknownBroadcast, BadBroadcast, WrittenMeanwhile, ActNotPossible."""
    row = await _visible(work, staff, broadcast_id, version)
    content = _checked(staff, content)
    if row.state != State.DRAFT:
        raise ActNotPossible(ACTS[State(row.state)])
    await broadcasts.change(work, row.id, tested=False, **_columns(content))
    await note(work, staff, row.id, "rewrite")


async def listed(work: Work, staff: Staff) -> list[Brief]:
    """The newest broadcasts that one may see. Raises NotAllowed."""
    require(staff, Scope.INVITE)
    found = [(row, recipients.content_of(row)) for row in await broadcasts.newest(work, _LISTED)]
    return [
        Brief(row.id, State(row.state), row.made_on, next(filter(None, content.texts.values()), "")[:120])
        for row, content in found
        if rules.may_reach(staff.mandate, content.buurten)
    ]


async def overview(work: Work, staff: Staff, broadcast_id: str) -> Overview:
    """One broadcast, with whom it would reach or what became of it. Raises NotAllowed, UnknownBroadcast."""
    row = await _visible(work, staff, broadcast_id, lock=False)
    content, state = recipients.content_of(row), State(row.state)
    before = state in (State.DRAFT, State.ASKED)
    tallied = {} if before else await broadcasts.tallied(work, row.id)
    # A tally that an older version kept holds small numbers too.
    report = rules.without_small(json.loads(row.tally)) if row.tally else recipients.by_state(tallied)
    return Overview(
        row.id, row.version, state, content, ACTS[state], tuple(rules.undecided(content, LANGUAGES)), row.tested,
        row.asked_tag == staff.tag,
        rules.shown(await audience.counted(work, content)) if before else None,
        report,
        rules.shown(tallied).cells,
    )  # fmt: skip


async def act(
    work: Work, staff: Staff, broadcast_id: str, what: Act, version: int, approval_from: int = APPROVAL_FROM
) -> State:
    """Send, approve, withdraw, pause, resume or stop; the new state.

    approval_from: from so many recipients a second person approves. Raises NotAllowed, UnknownBroadcast,
    WrittenMeanwhile, ActNotPossible, BadBroadcast, SecondPersonNeeded.
    """
    # What stops must not wait for a fresh look at the page.
    row = await _visible(work, staff, broadcast_id, None if what in (Act.PAUSE, Act.STOP) else version)
    if what not in ACTS[State(row.state)]:
        raise ActNotPossible(ACTS[State(row.state)])
    state = await _act(work, staff, row, what, approval_from)
    await note(work, staff, row.id, what)
    return state


async def _act(work: Work, staff: Staff, row: BroadcastRow, what: Act, approval_from: int) -> State:
    match what:
        case Act.SEND:
            return await _send(work, staff, row, approval_from)
        case Act.APPROVE:
            if row.asked_tag == staff.tag:
                raise SecondPersonNeeded
            return await _start(work, row)
        case Act.WITHDRAW:
            return await _to(work, row, State.DRAFT, asked_tag=None)
        case Act.RESUME:
            return await _to(work, row, State.SENDING)
        case Act.PAUSE:
            state = await _to(work, row, State.PAUSED)
        case Act.STOP:
            state = await _to(work, row, State.STOPPED, ended_at=work.now)
    await recipients.take_back(work, row.id, state)
    return state


async def make_test(work: Work, staff: Staff, broadcast_id: str) -> str:
    """A one-time command, good for an hour, that shows the message.

    Raises NotAllowed, UnknownBroadcast, ActNotPossible.
    """
    row = await _visible(work, staff, broadcast_id)
    if row.state != State.DRAFT:
        raise ActNotPossible(ACTS[State(row.state)])
    token = secrets.token_urlsafe(24)
    await broadcasts.note_test(work, row.id, test_hash=hashed(token), test_until=work.now + TEST_LASTS)
    await note(work, staff, row.id, "test")
    return f"/start {TEST_LINK}{token}"


async def tried(work: Work, token: str) -> Screen | None:
    """The message that a one-time token shows; None when it is unknown, used or too old."""
    row = await broadcasts.by_test(work, hashed(token))
    if row is None or row.test_until is None or row.test_until < work.now:
        return None
    await broadcasts.note_test(work, row.id, test_hash=None, test_until=None, tested=True)
    return recipients.message(recipients.content_of(row)).before(Text("news.test.note"))


async def _send(work: Work, staff: Staff, row: BroadcastRow, approval_from: int) -> State:
    content = recipients.content_of(row)
    await _check_ready(work, content)
    total = (await audience.counted(work, content)).total()
    if not total:
        raise BadBroadcast("nobody")
    if total >= approval_from:
        return await _to(work, row, State.ASKED, asked_tag=staff.tag)
    return await _start(work, row, asked_tag=staff.tag)


async def _start(work: Work, row: BroadcastRow, **more: Any) -> State:
    await _check_ready(work, recipients.content_of(row))
    await recipients.start(work, row)
    return await _to(work, row, State.SENDING, started_at=work.now, test_hash=None, test_until=None, **more)


async def _check_ready(work: Work, content: Content) -> None:
    """Whether it may be sent now. Raises BadBroadcast."""
    rules.check_ready(content, LANGUAGES)
    if content.go and not await _leads_somewhere(work, content.go, content.value):
        raise BadBroadcast("closed_button")


async def _leads_somewhere(work: Work, go: str, value: str) -> bool:
    """Whether residents find something there: a meeting that is to come, or a vote that is open or was published."""
    if go == "meeting":
        return await rsvp.is_open(work, value)
    is_open = any(one.id == value for one in await budget.open_rounds(work))
    return is_open or await results.result_of(work, value) is not None


async def _to(work: Work, row: BroadcastRow, state: State, **more: Any) -> State:
    await broadcasts.change(work, row.id, state=state, **more)
    return state


async def _visible(
    work: Work, staff: Staff, broadcast_id: str, version: int | None = None, *, lock: bool = True
) -> BroadcastRow:
    require(staff, Scope.INVITE)
    row = await broadcasts.by_id(work, broadcast_id, lock=lock) if is_id(broadcast_id) else None
    if row is None or not rules.may_reach(staff.mandate, frozenset(row.buurten.split())):
        raise UnknownBroadcast
    if version is not None and version != row.version:
        raise WrittenMeanwhile
    return row


def _checked(staff: Staff, content: Content) -> Content:
    """The content as it may be kept: cleaned, within the mandate of who writes it."""
    require(staff, Scope.INVITE)
    texts = {language: words for language in LANGUAGES if (words := cleaned(content.texts.get(language, "")).strip())}
    if not content.languages <= set(LANGUAGES):
        raise BadBroadcast("bad_audience")  # left out, it would be a message to all
    buurten = content.buurten or _all_within(staff.mandate)
    value = content.value if content.go else ""
    content = replace(content, texts=texts, buurten=buurten, value=value)
    rules.check(content)
    if not rules.may_reach(staff.mandate, buurten):
        raise BadBroadcast("bad_audience")
    return content


def _all_within(mandate: Mandate) -> frozenset[str]:
    if mandate.areas is None:
        return frozenset()
    return frozenset(one.code for one in ALL if one.area in mandate.areas)


def _columns(content: Content) -> dict[str, Any]:
    return {
        "texts": json.dumps(dict(content.texts), ensure_ascii=False),
        "missing": content.missing,
        "go": content.go,
        "value": content.value,
        "buurten": " ".join(sorted(content.buurten)),
        "languages": " ".join(sorted(content.languages)),
    }
