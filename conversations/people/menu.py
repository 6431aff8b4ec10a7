"""The screens around the conversations: language, warning, main menu, privacy, help, settings. Pure."""

from __future__ import annotations

from conversations.engine.choices import column
from conversations.engine.facts import Deployment
from domain.screens import Button, Screen, Text
from locales.texts import LANGUAGES, NAMES

MENU = Button(Text("screens.button.menu"), go="menu")
VOTE = Button(Text("budget.button.vote"), go="vote")
AGENDA = Button(Text("meetings.button.all"), go="agenda")
RESUME = Button(Text("screens.button.resume"), go="resume")


def language_choice(first: str, deployment: Deployment | None = None) -> Screen:
    """Every language in its own script, `first` on top; the question stands there in all of them.

    deployment: where given, every language also has a line of welcome in its name.
    """
    order = sorted(LANGUAGES, key=lambda language: language != first)
    lines = []
    for language in order:
        if deployment is not None:
            lines.append(Text("people.language.welcome", {"name": deployment.responsible_name}, language=language))
        lines.append(Text("people.language.ask", language=language))
    buttons = [Button(NAMES[language], go="language", value=language) for language in order]
    return Screen(tuple(lines), column(buttons), numbered=True)


def warning(deployment: Deployment) -> Screen:
    """What can't be promised, said before anything is asked."""
    lines = (
        Text("people.warning.telegram"),
        Text("people.warning.staff"),
        Text("people.warning.computer"),
        Text("people.warning.police"),
        Text("people.warning.responsible", deployment.responsible),
        Text("people.warning.danger", {"now": deployment.danger_now}),
    )
    return Screen(lines, ((Button(Text("people.button.understood"), go="accept"),),), numbered=True)


def main(*, unfinished: bool) -> Screen:
    """The main menu, six choices at most. unfinished: a conversation waits; it has a help button of its own."""
    buttons = [RESUME] if unfinished else []
    buttons += [
        Button(Text("people.button.report"), go="report"),
        Button(Text("people.button.mine"), go="mine"),
        Button(Text("meetings.button.agenda"), go="agenda"),
        VOTE,
        Button(Text("people.button.settings"), go="settings"),
    ]
    if not unfinished:
        buttons.append(Button(Text("screens.button.help"), go="help"))
    return Screen((Text("people.menu.ask"), Text("people.menu.how")), column(buttons), numbered=True)


def unfinished() -> Screen:
    """A report waits while another one is asked for."""
    buttons = (RESUME, Button(Text("screens.button.restart"), go="restart"))
    return Screen((Text("screens.resume.question"),), column(buttons), numbered=True)


def privacy(deployment: Deployment) -> Screen:
    """What is kept, how long, who answers for it, and what everybody may do about it."""
    lines = (
        Text("people.privacy.kept"),
        Text("budget.privacy.kept"),
        Text("people.privacy.sealed"),
        Text("people.warning.telegram"),
        Text("people.privacy.how_long"),
        Text("meetings.privacy.kept"),
        Text("news.privacy.kept"),
        Text("people.privacy.rights"),
        Text("people.privacy.age", {"child": deployment.children}),
        Text("people.warning.responsible", deployment.responsible),
    )
    return Screen(lines, column((*_rights(), MENU)), numbered=True)


def explanation(deployment: Deployment) -> Screen:
    """What this bot does, how to use it, the commands, the numbers for danger, another way."""
    lines = (
        Text("people.help.what"),
        Text("people.help.how"),
        Text("people.help.commands"),
        Text("people.help.other_way", deployment.responsible),
        deployment.danger[0],
    )
    return Screen(lines, ((MENU,),), numbered=True)


def settings() -> Screen:
    """What a resident can set."""
    privacy = Button(Text("people.button.privacy"), go="privacy")
    news = Button(Text("news.button.settings"), go="news")
    buttons = (Button(Text("people.button.language"), go="language"), news, privacy, *_rights(), MENU)
    return Screen((Text("people.settings.ask"),), column(buttons), numbered=True)


def _rights() -> tuple[Button, ...]:
    return (
        Button(Text("people.button.my_data"), go="my_data"),
        Button(Text("people.button.erase"), go="erase"),
    )
