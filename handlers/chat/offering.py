"""What somebody tells beside every question: it is kept, sealed with the session, and offered as a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from conversations.engine.answers import Answer, Photographed, Spoken, Typed, Unusable
from conversations.people import notices
from conversations.signals.report_signal import REPORT
from conversations.signals.story import tell, words_of
from handlers.chat import conversation
from handlers.chat.session import Session
from handlers.chat.tap import ABOUT_ALL, Deed, Tap
from services.outbox import saying

_FEW_WORDS = 3  # fewer are no story
_MOST = 10  # messages that are kept
_KINDS = {"typed": Typed, "spoken": Spoken, "photographed": Photographed}


def tells(answer: Answer) -> bool:
    """Whether it may be a report: a sentence, a voice message, a photo, or a sentence under something else."""
    match answer:
        case Spoken() | Photographed():
            return True
        case Typed(words) | Unusable(caption=words):
            return len(words.split()) >= _FEW_WORDS
    return False


def keep(session: Session, answer: Answer) -> Session:
    """The session, with what was told."""
    if isinstance(answer, Unusable):
        answer = Typed(answer.caption, answer.ref)
    name = next(name for name, kind in _KINDS.items() if isinstance(answer, kind))
    return replace(session, kept=(*session.kept, {"kind": name, **asdict(answer)})[-_MOST:])


def answers_of(session: Session) -> dict[str, Any]:
    """What was kept, as the answers of a report."""
    answers: dict[str, Any] = {}
    for plain in session.kept:
        told = tell(answers, _answer(plain))
        answers |= told.changes if told is not None else {}
    return answers


async def offer(tap: Tap, _value: str) -> None:
    """Asks whether what was kept is to be reported."""
    if tap.session.kept:
        await tap.show(notices.offer(words_of(answers_of(tap.session))), thread=ABOUT_ALL)
    else:
        tap.toast = notices.STALE


async def tapped_report_kept(tap: Tap, _value: str) -> None:
    """Begins a report with what was kept."""
    if not tap.session.kept:
        await conversation.begin(tap, REPORT)
        return
    answers, refs = answers_of(tap.session), [plain["ref"] for plain in tap.session.kept]
    tap.session = replace(tap.session, kept=()).without(REPORT.name)
    await conversation.begin(tap, REPORT, answers, past_first=True)
    if (state := tap.session.present) is not None:  # it goes from the phone with the report
        for ref in filter(None, refs):
            await saying.heard(tap.work, tap.who.reach, ref, state.thread)


async def tapped_drop_kept(tap: Tap, _value: str) -> None:
    """Throws away what was kept."""
    tap.session = replace(tap.session, kept=())
    await tap.show(notices.as_it_was(), in_place=True)


def _answer(plain: Mapping[str, Any]) -> Answer:
    values = {name: value for name, value in plain.items() if name != "kind"}
    found: Answer = _KINDS[plain["kind"]](**values)
    return found


DEEDS: Mapping[str, Deed] = {"offer": offer, "report_kept": tapped_report_kept, "drop_kept": tapped_drop_kept}
