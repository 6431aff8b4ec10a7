"""Fits a screen to a door (a way to reach people, such as Telegram): what it can't carry is said in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conversations.engine.flow import NAVIGATION
from domain.screens import Button, Line, Screen, Text, Words


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a door can carry.

    Attributes:
        text: The most characters of one message.
        buttons: The most buttons of one message; None: no limit.
        files: Whether it carries documents and photos.
        places: Whether it can show and share a place on the map.
        deletes: Whether it can remove messages that were sent.
    """

    text: int
    buttons: int | None = None
    files: bool = True
    places: bool = True
    deletes: bool = True


# For somebody whose door is not known yet.
NOTHING = Capabilities(text=0, buttons=0, files=False, places=False, deletes=False)


def fitted(screen: Screen, door: Capabilities) -> Screen:
    """The screen as a door can carry it. Nothing is refused: what it can't carry is said in words.

    Buttons over the limit become lines below the text: the resident types them. A text that is too long is sent in
    parts, see `parts_of`.
    """
    below = [*_in_words(screen, door), *_typed(screen, door)]
    flat = [button for row in screen.buttons for button in row]
    return replace(
        screen,
        lines=(*screen.lines, *below),
        buttons=screen.buttons if door.buttons is None else tuple((button,) for button in flat[: door.buttons]),
        ask_location=screen.ask_location and door.places,
        venue=screen.venue if door.places else None,
        document=screen.document if door.files else None,
        picture=screen.picture if door.files else None,
    )


def _in_words(screen: Screen, door: Capabilities) -> Iterator[Line]:
    if (venue := screen.venue) is not None and not door.places:
        yield Words(f"{venue.title}\n{venue.address}\n{venue.latitude:.5f}, {venue.longitude:.5f}")
    if screen.document is not None and not door.files:
        yield Words(screen.document.content)


def _typed(screen: Screen, door: Capabilities) -> Iterator[Line]:
    """Lines for the buttons for which there is no room, each with its number or a dot."""
    if door.buttons is None:
        return
    numbers = numbers_of(screen)
    for button in [button for row in screen.buttons for button in row][door.buttons :]:
        page = Text("screens.choice.page", {"label": button.label, "url": button.url or ""})
        label = button.label if button.url is None else page
        number = numbers.get(id(button))
        key = "screens.choice.numbered" if number else "screens.choice.plain"
        yield Text(key, {"label": label} | ({"number": number} if number else {}))


def choices(screen: Screen) -> list[Button]:
    """The buttons that have a number: all but back, skip, cancel, help and the summary."""
    return [button for row in screen.buttons for button in row if button.answer not in NAVIGATION]


def numbers_of(screen: Screen) -> dict[int, int]:
    """The number before each choice, by the id() of its button; none where the screen numbers nothing."""
    return {id(button): number for number, button in enumerate(choices(screen), 1)} if screen.numbered else {}


def parts_of(text: str, most: int) -> Iterator[str]:
    """The text in parts of at most `most` characters, cut between paragraphs, else lines, else words, where it can."""
    while len(text) > most:
        cut = next((at for mark in ("\n\n", "\n", " ") if (at := text.rfind(mark, 1, most)) > 0), most)
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text
