"""A broadcast as its readers get it. Pure."""

from __future__ import annotations

from domain.broadcasts.rules import Content
from domain.screens import Button, Screen, Text, Told

_LABELS = {"meeting": Text("news.button.meeting"), "round": Text("news.button.round")}


def invitation(content: Content) -> Screen:
    """The message that each recipient gets, with "fewer" and "stop" under it."""
    opens = [(Button(_LABELS[content.go], go=content.go, value=content.value),)] if content.go else []
    fewer = Button(Text("news.button.fewer"), go="news_fewer")
    stop = Button(Text("news.button.stop"), go="news_stop")
    texts = {language: words for language, words in content.texts.items() if words}
    return Screen((Told(texts),), (*opens, (fewer, stop)))


def trial(content: Content) -> Screen:
    """The same message for a test on one's own phone, with a line that says so."""
    return invitation(content).before(Text("news.test.note"))


def labels(content: Content) -> list[Text]:
    """The labels of its buttons, from top to bottom."""
    buttons = (button for row in invitation(content).buttons for button in row)
    return [button.label for button in buttons if isinstance(button.label, Text)]
