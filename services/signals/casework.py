"""What staff do with one signal: answer it, move it, give it its official codes. The reporter is told neutrally."""

from __future__ import annotations

from domain.cleaning import cleaned
from domain.refusals import Changed, Invalid, NotNow
from domain.sealing import new_id, seal, seal_json
from domain.signals.workflow import (
    DOMAINS,
    ENDED,
    GROUNDS,
    NATURES,
    NUISANCE_GROUPS,
    STORY_LIMIT,
    Kind,
    Mover,
    Status,
    may_move,
    way,
    within_reach,
)
from domain.staff.rights import Scope
from locales.texts import LANGUAGES, say
from services.people import residents
from services.signals.cases import SignalCodes, possible_moves, visible
from services.signals.reporters import reporter_of, tell_news
from services.signals.sealed_places import message_place, place
from services.staff.access import note, require
from services.staff.accounts import Staff
from services.staff.repeats import made_before
from services.work import Work
from storage.engine import vault
from storage.signals import cases

# Replies that stand in every language; the text keys are `replies.standard.<name>`.
STANDARD_REPLIES = ("received", "question", "busy", "consent", "no_power", "help", "landlord", "done")
# The standard replies that are for one kind of signal alone.
_OF_KIND = {"help": Kind.DISCRIMINATION, "landlord": Kind.DAMP}


def replies_for(kind: Kind) -> tuple[str, ...]:
    """The standard replies that may be given to a signal of this kind."""
    return tuple(one for one in STANDARD_REPLIES if _OF_KIND.get(one, kind) == kind)


class ChangedMeanwhile(Changed):
    """Another member of staff, or the reporter, changed the signal first: look again before you go on."""


class MoveNotPossible(NotNow):
    """The signal can't be moved there from its state. `possible`: the states that it can be moved to."""

    def __init__(self, possible: tuple[Status, ...]) -> None:
        """Nothing was moved."""
        super().__init__("not a move of the table")
        self.possible = possible


class BadWords(Invalid):
    """An answer without words, of more than 3000 characters, in an unknown language, or an unfitting standard reply."""


class BadCodes(Invalid):
    """Codes that are not official, or belong to another kind of signal."""


async def answer(
    work: Work,
    staff: Staff,
    signal_id: str,
    *,
    words: str = "",
    language: str = "nl",
    reply: str | None = None,
    to: Status | None = None,
    version: int | None = None,
    once: str | None = None,
) -> str:
    """Answer the reporter, who gets one message that there is news; returns the id of the turn.

    words: up to 3000 characters in `language`, or reply: one of `replies_for`, which goes out in the reporter's
    language · to: the state to bring the signal to, by as many moves as that takes · version: refuse when the signal
    has changed since · once: an idempotency key; the same answer again has no second effect. Raises NotAllowed,
    UnknownSignal, BadWords, ChangedMeanwhile, RepeatedDifferently, and MoveNotPossible for a signal that was withdrawn
    or can't be brought to that state.
    """
    row = await visible(work, staff, signal_id, Scope.ANSWER, lock=True)
    if reply is not None:
        language = await _reporters_language(work, row)
        words = _standard(language, Kind(row.kind), reply)
    words = cleaned(words)
    if not words or len(words) > STORY_LIMIT or language not in LANGUAGES:
        raise BadWords
    asked = f"{signal_id}|{language}|{reply or words}" + (f"|{to}" if to else "")
    if before := await made_before(work, staff, "answer", once, asked):
        return before
    _still(row, version)
    if row.status == Status.WITHDRAWN:
        raise MoveNotPossible(())
    steps = _steps(work, staff, row, to) if to else ()
    turn = new_id()
    await made_before(work, staff, "answer", once, asked, turn)
    key = await vault.open_record(work, row.record_id)
    await cases.add_message(
        work,
        {
            "id": turn,
            "signal_id": row.id,
            "from_staff": True,
            "author_tag": staff.tag,
            "words": seal(key, words.encode(), message_place(turn)),
            "language": language,
            "day": work.today,
        },
    )
    await cases.change_signal(work, row.id, unread=False, news=row.handle is not None)
    await note(work, staff, signal_id, "answer")
    if steps:
        await _go(work, staff, row, steps)
    await tell_news(work, row, to if steps else None)
    return turn


async def move(work: Work, staff: Staff, signal_id: str, to: Status, version: int) -> None:
    """Bring the signal to another state; the reporter is told which.

    Raises NotAllowed, UnknownSignal, ChangedMeanwhile and MoveNotPossible.
    """
    row = await visible(work, staff, signal_id, Scope.MOVE, lock=True)
    _still(row, version)
    today = work.today
    if not may_move(Status(row.status), to, Mover.STAFF, row.ended_on, today):
        raise MoveNotPossible(possible_moves(work, row))
    await _go(work, staff, row, (to,))
    await tell_news(work, row, to)


async def clear_danger(work: Work, staff: Staff, signal_id: str, version: int) -> None:
    """Note that somebody has looked whether help is needed now: the mark of danger goes.

    Raises NotAllowed, UnknownSignal and ChangedMeanwhile.
    """
    row = await visible(work, staff, signal_id, Scope.MOVE, lock=True)
    _still(row, version)
    await cases.change_signal(work, row.id, danger=False)
    await note(work, staff, signal_id, "calm")


async def set_codes(work: Work, staff: Staff, signal_id: str, codes: SignalCodes, version: int) -> None:
    """Give the signal its official codes. Raises NotAllowed, UnknownSignal, ChangedMeanwhile and BadCodes."""
    row = await visible(work, staff, signal_id, Scope.CODE, lock=True)
    _still(row, version)
    if not _official(Kind(row.kind), codes):
        raise BadCodes
    key = await vault.open_record(work, row.record_id)
    plain = {"grounds": codes.grounds, "domains": codes.domains, "natures": codes.natures, "group": codes.group}
    await cases.change_signal(work, row.id, codes=seal_json(key, plain, place(row.id, "codes")))
    await note(work, staff, signal_id, "codes")


def _steps(work: Work, staff: Staff, row: cases.SignalRow, to: Status) -> tuple[Status, ...]:
    """The moves that lead to `to`, in order. Raises NotAllowed, MoveNotPossible."""
    require(staff, Scope.MOVE)
    today = work.today
    steps = way(Status(row.status), to, row.ended_on, today)
    if not steps:
        raise MoveNotPossible(within_reach(Status(row.status), row.ended_on, today))
    return steps


async def _go(work: Work, staff: Staff, row: cases.SignalRow, steps: tuple[Status, ...]) -> None:
    """Make these moves and write each into the history; the caller tells the reporter."""
    today = work.today
    for step in steps:
        await cases.add_move(work, row, step, Mover.STAFF, staff.tag)
        row.status = step
    ended = today if row.status in ENDED else None
    told = row.handle is not None
    await cases.change_signal(work, row.id, status=row.status, moved_on=today, ended_on=ended, news=told)
    await note(work, staff, row.id, "move")


def _still(row: cases.SignalRow, version: int | None) -> None:
    if version is not None and row.version != version:
        raise ChangedMeanwhile


def _standard(language: str, kind: Kind, reply: str) -> str:
    if reply not in replies_for(kind):
        raise BadWords
    return say(language, f"replies.standard.{reply}")


def _official(kind: Kind, codes: SignalCodes) -> bool:
    if kind == Kind.DISCRIMINATION:
        chosen = ((codes.grounds, GROUNDS), (codes.domains, DOMAINS), (codes.natures, NATURES))
        return codes.group is None and all(set(given) <= set(official) for given, official in chosen)
    if codes.grounds or codes.domains or codes.natures:
        return False
    return codes.group is None or (kind == Kind.NUISANCE and codes.group in NUISANCE_GROUPS)


async def _reporters_language(work: Work, row: cases.SignalRow) -> str:
    reporter = await reporter_of(work, row)
    if reporter is None:
        return row.language
    languages = await residents.languages(work, [reporter])
    return languages.get(reporter, row.language)
