"""The screens of meetings: the list of those to come, one meeting, where it is, and the outcome of an RSVP. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conversations.engine.choices import MOST, column
from conversations.people.menu import AGENDA, MENU
from domain.meetings.planning import Mine, Shown
from domain.screens import Button, Document, Line, Moment, Screen, Text, Told, Value, Venue


def agenda(found: Sequence[Shown], page: int) -> Screen:
    """The meetings to come, four on a page, soonest first."""
    if not found:
        return Screen((Text("meetings.agenda.none"),), ((MENU,),), numbered=True)
    size = MOST - 2
    shown = found[page * size : (page + 1) * size] or found[:size]
    lines: list[Line] = [Text("meetings.agenda.list")]
    for one in shown:
        values: dict[str, Value] = {
            "theme": Told(one.details.theme), "start": Moment(one.starts_at), "place": one.details.place,
        }  # fmt: skip
        lines.append(Text("meetings.agenda.cancelled" if one.cancelled else "meetings.agenda.one", values))
    buttons = [Button(Told(one.details.theme), go="meeting", value=one.meeting_id) for one in shown]
    if len(found) > size:
        after = page + 1 if (page + 1) * size < len(found) else 0
        buttons.append(Button(Text("screens.button.more"), go="agenda", value=str(after)))
    return Screen(tuple(lines), column((*buttons, MENU)), numbered=True)


def meeting(one: Shown) -> Screen:
    """One meeting, with what can be done about it."""
    return Screen(tuple(_told(one)), column(tuple(_choices(one))), numbered=True)


def unknown() -> Screen:
    """There is no such meeting, or it is not public yet."""
    return Screen((Text("meetings.unknown.text"),), column((AGENDA, MENU)), numbered=True)


def venue(one: Shown) -> Screen:
    """Where the meeting is: on the map, or in words where staff gave no point."""
    details, back = one.details, column((_look(one), MENU))
    if details.point is None:
        return Screen((_where(one), *_access(one)), back, numbered=True)
    return Screen((), back, numbered=True, venue=Venue(*details.point, details.place, details.address))


def calendar(one: Shown, content: str) -> Screen:
    """The file for the phone's own calendar."""
    how = Text("meetings.calendar.gone" if one.cancelled else "meetings.calendar.how")
    return Screen((how,), ((_look(one),),), document=Document("buurtstem.ics", content))


def answered(one: Shown, mine: Mine, *, kept: bool) -> Screen:
    """The outcome of "I am coming". kept: there was no room for more people, so the former RSVP stays."""
    said: list[Line] = [*_mine(one, mine)]
    if kept:
        said.insert(0, Text("meetings.rsvp.kept"))
    elif not mine.waiting and one.reminded:
        said.append(Text("meetings.rsvp.reminded"))
    lines = (Told(one.details.theme), *said, _when(one), _where(one))
    return Screen(lines, column(tuple(_choices(one))), numbered=True)


def too_many(one: Shown, most: int) -> tuple[Text, ...]:
    """More people than the room holds: how many fit, and what the resident has said before."""
    return Text("meetings.rsvp.too_many", count=most), *(_mine(one, one.mine) if one.mine else ())


def away(*, said_before: bool) -> Screen:
    """After "I am not coming"."""
    said = Text("meetings.rsvp.left" if said_before else "meetings.rsvp.not_coming")
    return Screen((said,), column((AGENDA, MENU)), numbered=True)


def closed() -> Screen:
    """The meeting was cancelled or is over: nobody can say any more that they come."""
    return Screen((Text("meetings.rsvp.closed"),), column((AGENDA, MENU)), numbered=True)


def _told(one: Shown) -> Iterator[Line]:
    yield Told(one.details.theme)
    if one.cancelled:
        yield Text("meetings.one.cancelled")
    elif one.over:
        yield Text("meetings.one.over")
    yield _when(one)
    yield _where(one)
    yield from _access(one)
    if one.details.about:
        yield Told(one.details.about)
    if one.cancelled or one.over:
        return
    if one.mine is not None:
        yield from _mine(one, one.mine)
    elif one.free is not None:
        yield Text("meetings.one.free", count=one.free) if one.free else Text("meetings.one.full")


def _choices(one: Shown) -> Iterator[Button]:
    own = one.meeting_id
    if not one.cancelled and not one.over:
        if one.mine is None:
            yield Button(Text("meetings.button.come"), go="come", value=own)
            yield Button(Text("meetings.button.not_coming"), go="stay_away", value=own)
        else:
            yield Button(Text("meetings.button.change"), go="come", value=own)
            yield Button(Text("meetings.button.leave"), go="stay_away", value=own)
    if not one.cancelled:
        yield Button(Text("meetings.button.venue"), go="venue", value=own)
    label = "meetings.button.calendar_out" if one.cancelled else "meetings.button.calendar"
    yield Button(Text(label), go="calendar", value=own)
    yield AGENDA
    yield MENU


def _look(one: Shown) -> Button:
    return Button(Text("meetings.button.look"), go="meeting", value=one.meeting_id)


def _when(one: Shown) -> Text:
    return Text("meetings.one.when", {"start": Moment(one.starts_at), "end": Moment(one.ends_at)})


def _where(one: Shown) -> Text:
    return Text("meetings.one.where", {"place": one.details.place, "address": one.details.address})


def _access(one: Shown) -> Iterator[Line]:
    if one.details.access:
        yield Told(one.details.access)


def _mine(one: Shown, mine: Mine) -> Iterator[Text]:
    if not mine.fits:
        yield Text("meetings.rsvp.no_fit", count=mine.people)
    elif mine.waiting:
        yield Text("meetings.rsvp.waiting", {"place": mine.place}, mine.people)
        # Places are given in the order of the line: only its head can have what is left, by coming with fewer.
        if one.left and mine.place == 1:
            yield Text("meetings.one.free", count=one.left)
    else:
        yield Text("meetings.rsvp.coming", count=mine.people)
