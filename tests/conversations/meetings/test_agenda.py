"""The screens of meetings: the lines and buttons of a meeting in each of its states."""

from dataclasses import replace

import pytest

from conversations.meetings import agenda
from domain.meetings.planning import Details
from domain.screens import Screen, Text, Told
from tests.conversations.test_screens import Meeting, Mine

OPEN = Meeting(details=Details({"nl": "theme"}, "De Plek", "Straat 1", {"nl": "about"}, {"nl": "access"}, (52.3, 4.8)))
PLACE = ["meetings.one.when", "meetings.one.where", "access", "about"]
AROUND = ["calendar", "agenda", "menu"]
ALL = ["come", "stay_away", "venue", *AROUND]


def said(screen: Screen) -> list[str]:
    """The text key of each line; the Dutch words of a line that staff wrote."""
    found = []
    for line in screen.lines:
        assert isinstance(line, Text | Told)
        found.append(line.key if isinstance(line, Text) else line.spoken("nl"))
    return found


def offered(screen: Screen) -> list[str | None]:
    """The deed (`go`) of each button."""
    return [button.go for row in screen.buttons for button in row]


@pytest.mark.parametrize(
    ("changed", "lines", "buttons"),
    [
        ({}, [*PLACE, "meetings.one.free"], ALL),
        ({"free": 0}, [*PLACE, "meetings.one.full"], ALL),
        ({"free": None}, PLACE, ALL),
        ({"mine": Mine(waiting=False)}, [*PLACE, "meetings.rsvp.coming"], ALL),
        ({"mine": Mine(place=2)}, [*PLACE, "meetings.rsvp.waiting"], ALL),
        ({"mine": Mine(place=1)}, [*PLACE, "meetings.rsvp.waiting", "meetings.one.free"], ALL),
        ({"mine": Mine(fits=False)}, [*PLACE, "meetings.rsvp.no_fit"], ALL),
        ({"over": True, "mine": Mine()}, ["meetings.one.over", *PLACE], ["venue", *AROUND]),
        ({"cancelled": True, "mine": Mine()}, ["meetings.one.cancelled", *PLACE], AROUND),
    ],
    ids=["open", "full", "unlimited", "mine", "waiting", "head of the line", "no_fit", "over", "cancelled"],
)  # fmt: skip
def test_a_meeting_shows_what_its_state_allows(
    changed: dict[str, object], lines: list[str], buttons: list[str]
) -> None:
    screen = agenda.meeting(replace(OPEN, **changed))  # type: ignore[arg-type]
    assert said(screen) == ["theme", *lines]
    assert offered(screen) == buttons


def test_the_list_says_which_meetings_do_not_take_place() -> None:
    screen = agenda.agenda([OPEN, replace(OPEN, cancelled=True)], 0)
    assert said(screen) == ["meetings.agenda.list", "meetings.agenda.one", "meetings.agenda.cancelled"]
    assert offered(screen) == ["meeting", "meeting", "menu"]
