"""What a reporter is told after a deed: what was done, or what can't be done and why. Pure."""

from __future__ import annotations

from datetime import datetime

from conversations.people.menu import MENU
from domain.screens import Moment, Screen, Text

ADDED = Text("signals.add.done")
WITHDRAWN = Text("signals.withdraw.done")
REOPENED = Text("signals.reopen.done")
IMPOSSIBLE = Text("signals.deed.impossible")
# What the resident had begun to add to the signal could not be sent any more.
DROPPED = Text("signals.add.dropped")
SHUT_OUT = Text("report.about.shut_out")


def done(*lines: Text) -> Screen:
    """These lines, and the way to the menu."""
    return Screen(lines, ((MENU,),))


def cut(*more: Text) -> Screen:
    """The line was cut: the link from the signal back to its reporter is gone."""
    return done(Text("signals.cut.done"), *more)


def wiped(*, removed: bool) -> Screen:
    """The messages were removed from this phone, as far as Telegram allows. removed: False where the door can't."""
    if not removed:
        return done(Text("screens.phone.yourself"))
    return done(Text("signals.wipe.done"), Text("signals.wipe.rest"))


def unknown() -> Screen:
    """There is no such signal, or not for this resident."""
    return done(Text("signals.follow.unknown"))


def mistyped_code() -> Screen:
    """The code can't be right."""
    return done(Text("signals.code.mistyped"))


def unknown_code() -> Screen:
    """No signal belongs to the code."""
    return done(Text("signals.code.unknown"))


def too_many_codes(until: datetime) -> Screen:
    """Too many wrong codes were typed; until when no other is taken."""
    return done(Text("signals.code.too_many", {"until": Moment(until)}))


def too_many_reports(until: datetime) -> Text:
    """Too many reports were sent; until when no other is taken."""
    return Text("report.sent.too_many", {"until": Moment(until)})
