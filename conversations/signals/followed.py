"""The screens of signals that were sent: the receipt, the resident's list, and one with its dialogue. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from conversations.engine.choices import MOST, column
from conversations.engine.facts import Deployment
from conversations.people.menu import MENU
from conversations.signals.report_summary import who_reads
from domain.screens import Button, Day, Screen, Text, Told, Value, Words
from domain.signals.workflow import About, Followed, Kind, SignalBrief, Status, Turn
from domain.staff.promises import ReportReader
from locales.texts import language_names

KINDS = {
    Kind.DISCRIMINATION: Text("signals.kind.discrimination"),
    Kind.NUISANCE: Text("signals.kind.nuisance"),
    Kind.DAMP: Text("signals.kind.damp"),
    Kind.OTHER: Text("signals.kind.other"),
}
STATUSES = {
    Status.RECEIVED: Text("signals.status.received"),
    Status.IN_REVIEW: Text("signals.status.in_review"),
    Status.IN_PROGRESS: Text("signals.status.in_progress"),
    Status.WAITING_FOR_REPORTER: Text("signals.status.waiting_for_reporter"),
    Status.PASSED_ON: Text("signals.status.passed_on"),
    Status.RESOLVED: Text("signals.status.resolved"),
    Status.NOT_RESOLVED: Text("signals.status.not_resolved"),
    Status.WITHDRAWN: Text("signals.status.withdrawn"),
    Status.DUPLICATE: Text("signals.status.duplicate"),
    Status.CLOSED: Text("signals.status.closed"),
}
# Turns on one page, in characters: with everything around them they stay under Telegram's 4096.
PAGE = 3000


def receipt(
    signal_id: str,
    code: str,
    thread: str,
    reads: ReportReader,
    deployment: Deployment,
    *,
    wants_help: bool,
    shut_out: bool,
) -> Screen:
    """After sending: the code, what happens next, and how to remove the conversation from this phone."""
    lines = [
        Text("signals.receipt.received"),
        Text("signals.receipt.code", {"code": code}),
        Text("signals.receipt.keep"),
        who_reads(reads, deployment),
    ]
    read = reads in (ReportReader.TEAM, ReportReader.CONFIDANT)
    if read:
        lines.append(Text("signals.receipt.next"))
    if shut_out:
        lines.append(Text("report.about.shut_out"))
    if wants_help:
        helps = {"discrimination": deployment.discrimination}
        lines.append(Text("signals.receipt.help", helps) if read else Text("signals.receipt.help_self", helps))
    buttons = (
        Button(Text("signals.button.follow"), go="follow", value=signal_id),
        Button(Text("signals.button.wipe"), go="wipe", value=thread),
        MENU,
    )
    return Screen(tuple(lines), column(buttons), numbered=True)


def my_signals(found: Sequence[SignalBrief], page: int) -> Screen:
    """The resident's own signals, newest first, four on a page; a code opens those of another phone."""
    if not found:
        start = Button(Text("people.button.report"), go="report")
        return Screen((Text("signals.mine.none"), Text("signals.mine.code")), column((start, MENU)), numbered=True)
    size = MOST - 2
    shown = found[page * size : (page + 1) * size] or found[:size]
    buttons = [_listed(brief) for brief in shown]
    if len(found) > size:
        after = page + 1 if (page + 1) * size < len(found) else 0
        buttons.append(Button(Text("screens.button.more"), go="mine", value=str(after)))
    return Screen((Text("signals.mine.list"), Text("signals.mine.code")), column((*buttons, MENU)), numbered=True)


def _listed(brief: SignalBrief) -> Button:
    values: dict[str, Value] = {"kind": KINDS[Kind(brief.kind)], "day": Day(brief.received_on)}
    label = Text("signals.button.with_news", values) if brief.news else Text("signals.button.listed", values)
    return Button(label, go="follow", value=brief.signal_id)


def signal(followed: Followed, page: int = 0, readers: Sequence[Text] = ()) -> Screen:
    """A signal with its dialogue. Page 0 shows the newest turns; `page` counts back.

    readers: lines about who may and who may not read it, where that must be said.
    """
    pages = _pages(followed.turns)
    here = min(page, len(pages) - 1)
    buttons = []
    if followed.status != Status.WITHDRAWN:
        buttons.append(Button(Text("signals.button.add"), go="add", value=followed.signal_id))
    if here + 1 < len(pages):
        buttons.append(Button(Text("signals.button.earlier"), go="follow", value=f"{followed.signal_id}.{here + 1}"))
    if here:
        buttons.append(Button(Text("signals.button.later"), go="follow", value=f"{followed.signal_id}.{here - 1}"))
    buttons += [Button(Text("signals.button.choices"), go="choices", value=followed.signal_id), MENU]
    return Screen((*_head(followed), *readers, *_told(pages[here], followed.about)), column(buttons), numbered=True)


def choices(followed: Followed) -> Screen:
    """What the reporter can do with a signal beside answering."""
    own = followed.signal_id
    buttons = []
    if followed.may_withdraw:
        buttons.append(Button(Text("signals.button.withdraw"), go="withdraw", value=own))
    if followed.may_reopen:
        buttons.append(Button(Text("signals.button.reopen"), go="reopen", value=own))
    if followed.mine and not followed.line_cut:
        buttons.append(Button(Text("signals.button.cut"), go="cut_line", value=own))
    buttons.append(Button(Text("signals.button.wipe"), go="wipe", value=own))
    buttons.append(Button(Text("screens.button.back"), go="follow", value=own))
    return Screen((Text("signals.choices.ask"), Text("signals.choices.how")), column(buttons), numbered=True)


def _head(followed: Followed) -> Iterator[Text]:
    yield Text("signals.head.which", {"kind": KINDS[Kind(followed.kind)], "code": followed.code})
    yield STATUSES[Status(followed.status)]
    if followed.reads and followed.last_read:
        day = {"day": Day(followed.last_read)}
        team = followed.about == About.NOBODY
        key = "signals.head.reads" if team else "signals.head.reads_confidant"
        yield Text(key, day, followed.reads)
    if followed.line_cut:
        yield Text("signals.head.cut")


def _told(turns: Sequence[Turn], about: str) -> Iterator[Text | Words]:
    for turn in turns:
        if turn.from_staff:
            key = "signals.turn.team" if about == About.NOBODY else "signals.turn.confidant"
            yield Text(key, {"day": Day(turn.day), "language": Told(language_names(turn.language))})
        else:
            yield Text("signals.turn.you", {"day": Day(turn.day)})
        if turn.words:
            yield Words(turn.words)
        here = Counter(file.kind for file in turn.files if file.is_here)
        if photos := here["photo"]:
            yield Text("signals.turn.photos", count=photos)
        if voices := here["voice"]:
            yield Text("signals.turn.voices", count=voices)
        if lost := len(turn.files) - here.total():
            yield Text("signals.files.lost", count=lost)


def _pages(turns: Sequence[Turn]) -> list[list[Turn]]:
    """The turns in pages, the newest page first; within a page the oldest stands on top."""
    pages: list[list[Turn]] = [[]]
    for turn in reversed(turns):
        if pages[-1] and sum(len(one.words) + 80 for one in (turn, *pages[-1])) > PAGE:
            pages.append([])
        pages[-1].insert(0, turn)
    return pages
