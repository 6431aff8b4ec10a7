"""Every message and press of a resident comes in here, and goes to its deed or to the conversation.

Only privacy, help, language, settings, one's own data, erasing and stopping open before the resident has chosen a
language and read the warning; any other deed that was asked for waits until then, if it is in _WAITS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from conversations.budget import vote
from conversations.engine.answers import (
    Answer,
    Corrected,
    Photographed,
    Pinned,
    Spoken,
    Tapped,
    Typed,
    Unusable,
    words_in,
)
from conversations.engine.flow import CANCELLED
from conversations.engine.state import Done, State
from conversations.meaning.hearing import meaning_of
from conversations.people import menu, notices
from conversations.signals.danger import whom_to_call
from domain import codes
from domain.budget import ballot_codes
from domain.refusals import Refusal
from domain.screens import Button
from handlers.chat import budget, conversation, offering, signals, unasked
from handlers.chat.buttons import button_of, buttons_of, numbers_in
from handlers.chat.commands import command_of, language_named
from handlers.chat.links import link_of
from handlers.chat.tap import ABOUT_ALL, Deed, Tap
from locales.texts import LANGUAGES
from services.broadcasts.drafts import TEST_LINK
from services.budget import shut_screens
from services.outbox import saying
from services.people.residents import accept_warning, choose_language

_OPEN = frozenset({"language", "accept", "privacy", "help", "settings", "my_data", "erase", "stop"})
# Deeds that are kept with their value until language and warning are settled. None of them may tie a vote to a person
# later: a receipt stands in its button's value, and the same receipt is published with its ballot.
_WAITS = frozenset({
    "vote", "round", "result", "secret", "meeting", "agenda", "report", "mine", "code", "news", "news_test", "offer",
})  # fmt: skip
# What somebody may want in plain words -> the deed.
WISHES = {
    "report": "report", "mine": "mine", "agenda": "agenda", "vote": "vote", "news": "news", "stop": "stop",
    "language": "language", "erase": "erase", "privacy": "privacy", "my_data": "my_data", "help": "help",
    "person": "help", "menu": "menu",
}  # fmt: skip


async def heard(tap: Tap, answer: Answer) -> None:
    """A message: a command, a code, the words of a button, or an answer to the conversation."""
    _heed(tap, answer)
    if isinstance(answer, Typed):
        if not answer.text:
            answer = Unusable("other")
        elif await _meant_otherwise(tap, answer.text):
            return
    elif (words := words_in(answer)) and (code := _code_in(tap, words)) is not None:
        await run(tap, *code)
        return
    await _converse(tap, answer)


async def corrected(tap: Tap, answer: Answer) -> None:
    """A message that was changed: it corrects an answer in a conversation, and is never a command."""
    if not isinstance(answer, Corrected):
        return
    _heed(tap, answer)
    if tap.session.present is not None:
        await _converse(tap, answer)
    elif (code := _code_in(tap, answer.text)) is not None:  # one that was mistyped
        await run(tap, *code)
    elif _settled(tap):
        await tap.show(notices.not_corrected())


async def pressed(tap: Tap, answer: Tapped) -> None:
    """A button of a conversation."""
    if tap.session.present is None:
        tap.toast = notices.STALE
        return
    await _converse(tap, answer)


async def run(tap: Tap, deed: str, value: str = "") -> None:
    """Do a deed, or keep it in mind until language and warning are settled."""
    act = tap.deeds.get(deed)
    if act is None:
        tap.toast = notices.STALE
        return
    if deed != "language":  # which shows the open question again in the new language
        tap.session = tap.session.without_questions()
    if deed in _OPEN or _settled(tap):
        try:
            await act(tap, value)
        except Refusal as refused:
            await tap.show(notices.refused(refused))
    else:
        if deed in _WAITS:
            tap.session = replace(tap.session, wanted=(deed, value))
        await _first_contact(tap, in_place=False)


def _heed(tap: Tap, answer: Answer) -> None:
    """When words point to danger, put the lines about help first, whatever was asked, even before first contact."""
    if words := words_in(answer):
        tap.urgent = whom_to_call(words, tap.deployment)


async def _meant_otherwise(tap: Tap, text: str) -> bool:
    """Do what a text means as a command, a code, or a button's number or words. False when it is none of these."""
    if (command := command_of(text)) is not None:
        await _commanded(tap, *command)
    elif tap.session.present is None and (language := language_named(text)) is not None:
        await run(tap, "language", language)
    elif codes.looks_like_code(text):
        await run(tap, "code", text)
    elif ballot_codes.looks_like_code(text):
        await run(tap, "vote", text)
    elif chosen := await _plans_meant(tap, text):
        await budget.choose_several(tap, chosen)
    elif (button := await _button_meant(tap, text)) is None:
        code = _code_in(tap, text)
        if code is None:
            return False
        await run(tap, *code)
    elif button.go is not None:
        await run(tap, button.go, button.value)
    elif button.answer is not None:
        await _converse(tap, Tapped(button.answer))
    return True


async def _plans_meant(tap: Tap, text: str) -> list[str]:
    """The values of the plans whose numbers were typed, where a ballot is shown and there are several; else []."""
    shown = tap.session.shown
    if shown is None or len({*numbers_in(text)}) < 2:
        return []
    buttons = buttons_of(text, await shut_screens.opened(tap.work, shown))
    return [button.value for button in buttons] if {button.go for button in buttons} == {"choose"} else []


def _code_in(tap: Tap, text: str) -> tuple[str, str] | None:
    """(Deed, code) for a code in a sentence, or any text if a voting code is asked for; None while a story is told."""
    present, shown = tap.session.present, tap.session.shown
    if shown is None and present is not None and present.flow in signals.STORIES:
        return None
    if (code := codes.code_in(text)) is not None:
        return "code", code
    if (code := ballot_codes.code_word(text)) is not None:
        return "vote", code
    return ("vote", text) if vote.asks_code(shown) else None


async def _button_meant(tap: Tap, text: str) -> Button | None:
    present = tap.session.present
    for kept in (tap.session.shown, present.screen if present else None):
        screen = await shut_screens.opened(tap.work, kept) if kept else None
        loosely = kept is not tap.session.shown
        button = button_of(text, screen, tap.who.language, loosely=loosely) if screen is not None else None
        if button is not None:
            return button
    return None


async def _commanded(tap: Tap, deed: str, rest: str) -> None:
    if deed == "start":
        await _started(tap, rest)
    elif deed == "cancel":
        await _cancel(tap)
    elif deed == "language" and (language := language_named(rest)) is not None:
        await run(tap, deed, language)
    elif deed in {"mine", "vote"} and (code := _code_in(tap, rest)) is not None:
        await run(tap, *code)
    else:
        await run(tap, deed)
        if (
            deed == "report"
            and rest
            and tap.session.present is not None
            and tap.session.present.flow in signals.TELLING
        ):
            await _converse(tap, Typed(rest, tap.message_id))


async def _started(tap: Tap, payload: str) -> None:
    """`/start`, perhaps with the payload of a poster's link."""
    if payload.startswith(TEST_LINK):
        await run(tap, "news_test", payload.removeprefix(TEST_LINK))
        return
    link = link_of(payload)
    if link.language is not None:
        tap.resident = await choose_language(tap.work, tap.who, link.language)
    if link.neighbourhood is not None:
        tap.session = replace(tap.session, neighbourhood=link.neighbourhood)
    await run(tap, link.deed or "menu", link.value)


async def _converse(tap: Tap, answer: Answer) -> None:
    state = tap.session.present
    if state is None:
        await _not_understood(tap, answer)
        return
    done = await conversation.hear(tap, answer)
    if done is not None:
        await _finish(tap, state, done)


async def _finish(tap: Tap, state: State, done: Done) -> None:
    """Do the deed that the conversation was held for. When it is refused, the conversation stays open."""
    if done.outcome == CANCELLED:
        await _say_cancelled(tap, state, done)
    else:
        try:
            await tap.endings[state.flow](tap, done)
        except conversation.Refused as refused:
            await conversation.resume(tap, *refused.notes, in_place=True)
            return
        except Refusal as refused:
            await conversation.resume(tap, notices.words_of(refused), in_place=True)
            return
    conversation.ended(tap, state.flow)
    if tap.session.present is not None and not tap.forgotten:
        await tap.show(notices.another_waits())


async def _say_cancelled(tap: Tap, state: State, done: Done) -> None:
    telling = state.flow in signals.TELLING
    screen = notices.not_sent(done.thread) if telling else notices.as_it_was()
    await tap.show(screen, in_place=True, thread=done.thread)


async def _cancel(tap: Tap) -> None:
    state = tap.session.present
    if state is None:
        if not await budget.dropped(tap):
            await tap.show(notices.nothing_to_cancel())
    else:
        await conversation.put_keys_away(tap, state)
        await _finish(tap, state, Done(CANCELLED, state.answers, state.thread))


async def _not_understood(tap: Tap, answer: Answer) -> None:
    """Answer something that came while nothing was asked; once for a whole album."""
    album = conversation.album_of(answer)
    goes_on = album is not None and album == tap.session.album
    tap.session = replace(tap.session, album=album, refused=album is not None)
    if goes_on and not tap.urgent:
        if tap.session.kept and offering.tells(answer):
            tap.session = offering.keep(tap.session, answer)
        return
    if isinstance(answer, Typed) and ballot_codes.looks_like_receipt(answer.text) and _settled(tap):
        await budget.typed_receipt(tap)
        return
    if isinstance(answer, Typed) and (button := await unasked.button_told(tap, answer.text)) is not None:
        await run(tap, button.go or "", button.value)
        return
    if await signals.answered_beside(tap, answer):
        return
    if isinstance(answer, Typed) and not tap.urgent and (deed := WISHES.get(meaning_of(answer.text).wish)) is not None:
        await run(tap, deed)
        return
    if offering.tells(answer):
        tap.session = offering.keep(tap.session, answer)
        await run(tap, "offer")
        return
    if not _settled(tap):
        await run(tap, "menu")
        return
    if tap.message_id is not None:  # a message that was not understood leaves the phone with the others
        await saying.heard(tap.work, tap.who.reach, tap.message_id, ABOUT_ALL)
    # Somebody who sends a voice message, photo or place wants to report: a report begins with the button, not the file.
    await tap.show(notices.unclear(reporting=isinstance(answer, Spoken | Photographed | Pinned)))


# First contact


def _settled(tap: Tap) -> bool:
    return tap.who.language_chosen and tap.who.warned


async def _first_contact(tap: Tap, *, in_place: bool) -> None:
    if not tap.who.language_chosen:
        await tap.show(menu.language_choice(tap.who.language, tap.deployment), in_place=in_place)
    else:
        await tap.show(menu.warning(tap.deployment), in_place=in_place)


async def _onward(tap: Tap) -> None:
    """After language or warning: ask for the other one, or do the deed that waits."""
    if not _settled(tap):
        await _first_contact(tap, in_place=True)
        return
    deed, value = tap.session.wanted or ("menu", "")
    tap.session = replace(tap.session, wanted=None)
    await run(tap, deed, value)


async def tapped_language(tap: Tap, value: str) -> None:
    """Shows the languages, or changes to the chosen one; a conversation goes on where it was."""
    if value not in LANGUAGES:
        await tap.show(menu.language_choice(tap.who.language))
        return
    was_settled = _settled(tap)
    tap.resident = await choose_language(tap.work, tap.who, value)
    if not was_settled or not await conversation.resume(tap, in_place=True):
        await _onward(tap)


async def tapped_accept(tap: Tap, _value: str) -> None:
    """The warning was read."""
    tap.resident = await accept_warning(tap.work, tap.who)
    await _onward(tap)


DEEDS: Mapping[str, Deed] = {
    "language": tapped_language,
    "accept": tapped_accept,
}
