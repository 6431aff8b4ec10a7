"""Short answers that belong to no subject: stopped, put aside, not understood, erased, sorry. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conversations.engine.choices import column
from conversations.people import menu
from conversations.people.menu import MENU, RESUME
from domain.refusals import Changed, Invalid, NotAllowed, NotNow, NotThere, Refusal, TooMany
from domain.screens import Button, Line, Moment, Screen, Text, Words

# Lines that somebody in danger must not read: that they were not understood, or mistyped something.
_NOT_UNDERSTOOD = frozenset({
    "people.menu.unclear", "screens.choice.unclear", "screens.question.unclear", "report.where.unknown",
    "budget.code.wrong",
})  # fmt: skip
REFUSALS: Mapping[type[Refusal], Text] = {
    NotThere: Text("screens.refusal.not_there"),
    Changed: Text("screens.refusal.changed"),
    NotAllowed: Text("screens.refusal.not_allowed"),
    Invalid: Text("screens.refusal.invalid"),
    TooMany: Text("screens.refusal.too_many"),
    NotNow: Text("screens.refusal.not_now"),
}
# The answer to a press of a button whose time is over.
STALE = Text("screens.stale.toast")


def sorry() -> Screen:
    """A message could not be handled."""
    return Screen((Text("screens.sorry.text"),), ((MENU,),))


def group() -> Screen:
    """One line in a group, before the bot leaves it."""
    return Screen((Text("screens.group.text"),))


def another_waits() -> Screen:
    """One conversation is over, and another one still waits."""
    return Screen((Text("screens.resume.other"),), ((RESUME,), (MENU,)))


def not_sent(thread: str) -> Screen:
    """What the resident told was not sent; a button removes it from the phone too."""
    wipe = Button(Text("signals.button.wipe"), go="wipe", value=thread)
    return Screen((Text("screens.cancelled.text"),), ((wipe,), (MENU,)))


def as_it_was() -> Screen:
    """Nothing was changed."""
    return Screen((Text("people.kept.text"),), ((MENU,),))


def nothing_to_cancel() -> Screen:
    """There is nothing that could be stopped."""
    return menu.main(unfinished=False).before(Text("people.cancel.nothing"))


def unclear(*, reporting: bool) -> Screen:
    """A message came while nothing was asked. reporting: it was a file or a place, so say how to begin a report."""
    first = Text("people.menu.report_first", {"report": Text("people.button.report")})
    return menu.main(unfinished=False).before(first if reporting else Text("people.menu.unclear"))


def offer(words: str) -> Screen:
    """What was told beside every question is kept: whether it is to be reported. words: those that were typed."""
    buttons = (
        Button(Text("people.button.report_this"), go="report_kept"),
        Button(Text("people.button.not_this"), go="drop_kept"),
        MENU,
    )
    told = (Words(words),) if words else ()
    return Screen((Text("people.menu.story_kept"), *told), column(buttons), numbered=True)


def not_corrected() -> Screen:
    """A message was changed after it was used: the change is not."""
    return Screen((Text("people.menu.not_corrected"),), ((MENU,),))


def erased() -> Screen:
    """Everything was erased; what stays, and what only the resident can remove."""
    return Screen((Text("people.erase.done"), Text("people.erase.stays"), Text("people.erase.chat")))


def stopped(*, on_a_list: bool, unfinished: bool) -> Screen:
    """After /stop: what stops and what stays. on_a_list: a meeting still counts on them."""
    lines, buttons = [Text("people.stop.done")], [MENU]
    if on_a_list:
        lines.append(Text("people.stop.meetings"))
        buttons.insert(0, menu.AGENDA)
    if unfinished:
        lines.append(Text("people.stop.kept"))
    lines.append(Text("people.stop.more"))
    return Screen(tuple(lines), column(buttons))


def place_key_away() -> Screen:
    """A message without buttons: it takes the key that shares a place away from below the chat."""
    return Screen((Text("report.where.thanks"),))


def with_resume(screen: Screen, *, unfinished: bool) -> Screen:
    """The screen; while a conversation waits, with a button back to it on top."""
    return replace(screen, buttons=((RESUME,), *screen.buttons)) if unfinished else screen


def words_of(refusal: Refusal) -> Text:
    """Why something is refused. Most refusals have words of their own where they arise; these are for the others."""
    said = next(text for kind, text in REFUSALS.items() if isinstance(refusal, kind))
    return replace(said, values={"until": Moment(refusal.until)}) if isinstance(refusal, TooMany) else said


def refused(refusal: Refusal) -> Screen:
    """What was asked is not done, and why."""
    return Screen((words_of(refusal),), ((MENU,),))


def only(*lines: Line) -> Screen:
    """These lines, and no button."""
    return Screen(lines)


def urgent_first(screen: Screen, urgent: tuple[Text, ...]) -> Screen:
    """The screen with urgent lines on top, and without a word about not having understood."""
    sure = urgent[0].key == "screens.danger.numbers"
    hidden = _NOT_UNDERSTOOD if sure else frozenset()
    lines = tuple(line for line in screen.lines if not (isinstance(line, Text) and line.key in hidden))
    return replace(screen, lines=lines if urgent[0] in lines else (*urgent, *lines))
