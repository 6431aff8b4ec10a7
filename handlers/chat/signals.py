"""The deeds of a reporter: report, follow, add, withdraw, reopen, cut the line, remove from the phone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conversations.engine.answers import Answer
from conversations.engine.flow import Flow
from conversations.engine.state import Done, State
from conversations.people import menu
from conversations.signals import followed, outcomes
from conversations.signals.add_to_signal import ADD
from conversations.signals.danger import points_to_danger
from conversations.signals.report_signal import REPORT, report_of
from conversations.signals.report_summary import who_reads
from conversations.signals.story import files_of, tell, tells_nothing, words_of
from conversations.signals.undoing import CUT_LINE, REOPEN, WITHDRAW
from domain.codes import read_code
from domain.screens import Text
from domain.signals.workflow import About, Kind
from handlers.chat import conversation
from handlers.chat.tap import ABOUT_ALL, Deed, Ending, Tap
from services.outbox import saying
from services.signals import cutting, following, reporting


async def tapped_report(tap: Tap, _value: str) -> None:
    """Begins a report, or asks what to do with a half-finished one."""
    waiting = next((state for state in tap.session.flows if state.flow == REPORT.name), None)
    if waiting is None or not _something_in(waiting.answers):
        await _begin_report(tap)
    else:
        tap.session = tap.session.holding(waiting)
        await tap.show(menu.unfinished())


async def tapped_restart(tap: Tap, _value: str) -> None:
    """A new report in place of the half-finished one."""
    conversation.ended(tap, REPORT.name)
    await _begin_report(tap)


async def _begin_report(tap: Tap) -> None:
    code = tap.session.neighbourhood
    tap.session = replace(tap.session, neighbourhood=None)
    await conversation.begin(tap, REPORT, {"neighbourhood": code, "linked": True} if code else None)


def _something_in(answers: Mapping[str, object]) -> bool:
    return bool(set(answers) - {"neighbourhood", "linked"})


async def reported(tap: Tap, done: Done) -> None:
    """After "Send" of a report. Raises Refused when there were too many in this hour."""
    report = report_of(done.answers, tap.who.language)
    try:
        receipt = await reporting.report(tap.work, tap.who.reach, report, done.thread)
    except following.TooManyThisHour as error:
        raise conversation.Refused(outcomes.too_many_reports(error.until)) from error
    screen = followed.receipt(
        receipt.signal_id,
        receipt.code,
        done.thread,
        await tap.reader(report.kind, report.neighbourhood, report.about),
        tap.deployment,
        wants_help=report.wants_help and report.kind == Kind.DISCRIMINATION,
        shut_out=report.about != About.NOBODY,
    )
    await tap.show(screen, in_place=True, thread=done.thread, about=receipt.signal_id)


async def tapped_mine(tap: Tap, value: str) -> None:
    """Shows the resident's own signals. value: the page."""
    found = await following.mine(tap.work, tap.who.reach)
    screen = followed.my_signals(found, int(value) if value.isdecimal() else 0)
    await tap.show(screen, in_place=bool(value), thread=ABOUT_ALL)


async def typed_code(tap: Tap, typed: str) -> None:
    """Opens the signal that a code belongs to."""
    if read_code(typed) is None:
        await tap.show(outcomes.mistyped_code())
        return
    try:
        found = await following.open_by_code(tap.work, tap.who.reach, typed)
    except following.TooManyThisHour as error:
        await tap.show(outcomes.too_many_codes(error.until))
        return
    if found is None:
        await tap.show(outcomes.unknown_code())
        return
    if tap.message_id is not None:
        await saying.heard(tap.work, tap.who.reach, tap.message_id, found)
    await tapped_follow(tap, found)


async def tapped_follow(tap: Tap, value: str) -> None:
    """Shows one signal with its dialogue. value: its id, then perhaps a point and a page."""
    signal_id, _, page = value.partition(".")
    found = await following.follow(tap.work, tap.who.reach, signal_id)
    if found is None:
        await _unknown(tap)
        return
    lines = []
    if found.about != About.NOBODY:
        reads = await tap.reader(Kind(found.kind), found.neighbourhood, About(found.about))
        lines = [outcomes.SHUT_OUT, who_reads(reads, tap.deployment)]
    screen = followed.signal(found, int(page) if page.isdecimal() else 0, lines)
    await tap.show(screen, in_place=True, thread=signal_id, about=signal_id)


async def tapped_choices(tap: Tap, signal_id: str) -> None:
    """Shows what else can be done with a signal."""
    found = await following.follow(tap.work, tap.who.reach, signal_id)
    if found is None:
        await _unknown(tap)
        return
    await tap.show(followed.choices(found), in_place=True, thread=signal_id, about=signal_id)


def _asking(flow: Flow) -> Deed:
    async def tapped(tap: Tap, signal_id: str) -> None:
        found = await following.follow(tap.work, tap.who.reach, signal_id)
        if found is None:
            await _unknown(tap)
            return
        await conversation.begin(tap, flow, {"signal": signal_id, "code": found.code}, thread=signal_id)

    return tapped


async def answered_beside(tap: Tap, answer: Answer) -> bool:
    """Words, a voice message or a photo that come while a signal is shown add to it, after one "Send"."""
    shown = tap.session.shown
    buttons = (button for row in (shown.buttons if shown is not None else ()) for button in row)
    signal_id = next((button.value for button in buttons if button.go == ADD.name), None)
    told = tell({}, answer) if signal_id is not None else None
    found = await following.follow(tap.work, tap.who.reach, signal_id) if signal_id and told and told.changes else None
    if found is None or told is None:
        return False
    await conversation.begin(tap, ADD, {"signal": signal_id, "code": found.code, **told.changes}, thread=signal_id)
    return True


async def added(tap: Tap, done: Done) -> None:
    """After "Send" of an addition."""
    words, files = words_of(done.answers), files_of(done.answers)
    danger = points_to_danger(words)
    kept = await reporting.add(tap.work, tap.who.reach, done.answers["signal"], words, files, danger=danger)
    await _told(tap, done, outcomes.ADDED if kept else None)


async def withdrawn(tap: Tap, done: Done) -> None:
    """After "withdraw": yes."""
    kept = await reporting.withdraw(tap.work, tap.who.reach, done.answers["signal"])
    await _closed(tap, done, outcomes.WITHDRAWN if kept else None)


async def line_cut(tap: Tap, done: Done) -> None:
    """After "cut the line": yes."""
    begun = _begun(tap, done)
    cut = outcomes.cut(*_dropped(begun))
    failed = outcomes.done(outcomes.IMPOSSIBLE)
    place = tap.message_id if tap.pressed else None
    signal_id = done.answers["signal"]
    # The resident is told once it is done (services/signals/cutting.py); not in the signal's thread, it would name it.
    asked = await cutting.ask(tap.work, tap.who.reach, signal_id, cut=cut, failed=failed, edit=place, thread=ABOUT_ALL)
    if not asked:
        await tap.show(failed, in_place=True, thread=done.thread)
        return
    for state in begun:
        conversation.ended(tap, state.flow)
    tap.session = replace(tap.session, shown=cut)


async def reopened(tap: Tap, done: Done) -> None:
    """After "take it up again": yes."""
    signal_id, files = done.answers["signal"], files_of(done.answers)
    words = words_of(done.answers)
    kept = await reporting.reopen(tap.work, tap.who.reach, signal_id, words, danger=points_to_danger(words))
    if kept and files:
        await reporting.add(tap.work, tap.who.reach, signal_id, "", files)
    await _told(tap, done, outcomes.REOPENED if kept else None)


async def tapped_wipe(tap: Tap, thread: str) -> None:
    """Removes the messages of a conversation from this phone, as far as the door still allows."""
    removed = [await tap.erase_from_phone(one) for one in (thread, ABOUT_ALL)]
    tap.session = replace(tap.session, flows=tuple(state for state in tap.session.flows if state.thread != thread))
    await tap.show(outcomes.wiped(removed=all(removed)))


async def _closed(tap: Tap, done: Done, said: Text | None) -> None:
    """Tell that a signal is closed. Conversations about it can no longer be sent: they end too, and that is told."""
    begun = _begun(tap, done) if said is not None else []
    for state in begun:
        conversation.ended(tap, state.flow)
    await _told(tap, done, said, *_dropped(begun))


def _begun(tap: Tap, done: Done) -> list[State]:
    later = (state for state in tap.session.flows if state.flow in _LATER)
    return [state for state in later if state.answers["signal"] == done.answers["signal"]]


def _dropped(begun: list[State]) -> tuple[Text, ...]:
    lost = not all(tells_nothing(state.answers) for state in begun)
    return (outcomes.DROPPED,) if lost else ()


async def _told(tap: Tap, done: Done, said: Text | None, *more: Text) -> None:
    screen = outcomes.done(said or outcomes.IMPOSSIBLE, *more)
    await tap.show(screen, in_place=True, thread=done.thread)


async def _unknown(tap: Tap) -> None:
    await tap.show(outcomes.unknown())


# The conversations in which something is told that may have to be removed from the phone.
TELLING = frozenset({REPORT.name, ADD.name})
# The conversations that take words of any kind.
STORIES = TELLING | {REOPEN.name}
# The conversations that tell more of a signal that was sent.
_LATER = frozenset({ADD.name, REOPEN.name})
DEEDS: Mapping[str, Deed] = {
    "code": typed_code,
    "report": tapped_report,
    "restart": tapped_restart,
    "mine": tapped_mine,
    "follow": tapped_follow,
    "choices": tapped_choices,
    "add": _asking(ADD),
    "withdraw": _asking(WITHDRAW),
    "reopen": _asking(REOPEN),
    "cut_line": _asking(CUT_LINE),
    "wipe": tapped_wipe,
}
ENDINGS: Mapping[str, Ending] = {
    REPORT.name: reported,
    ADD.name: added,
    WITHDRAW.name: withdrawn,
    CUT_LINE.name: line_cut,
    REOPEN.name: reopened,
}
