"""The running conversation of a chat: begin it, give it an answer, show it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conversations.engine import flow as engine
from conversations.engine.answers import Answer, Corrected, Photographed, Tapped, Unusable
from conversations.engine.flow import Flow
from conversations.engine.state import Done, State
from conversations.flows import FLOWS
from conversations.people import notices
from domain.screens import Text
from domain.sealing import new_id
from handlers.chat.tap import Tap
from services.outbox import saying


class Refused(Exception):
    """Raised by an ending whose deed can't be done now: the conversation's last question stays, below `notes`."""

    def __init__(self, *notes: Text) -> None:
        """notes: why it can't be done."""
        super().__init__("refused")
        self.notes = notes


async def begin(
    tap: Tap,
    flow: Flow,
    answers: Mapping[str, Any] | None = None,
    thread: str | None = None,
    *,
    past_first: bool = False,
) -> None:
    """Ask the first question of a conversation, in a new message. thread: one to share; None: a thread of its own."""
    seed = new_id()
    if not tap.pressed and tap.message_id is not None:
        await saying.heard(tap.work, tap.who.reach, tap.message_id, thread or seed)
    state: State | Done = engine.start(flow, thread or seed, tap.facts, answers, seed=seed)
    if past_first and isinstance(state, State):
        state = engine.advance(flow, state, Tapped(engine.SKIP), tap.facts)
    if isinstance(state, State):
        await show_state(tap, state, in_place=False)


async def hear(tap: Tap, answer: Answer) -> Done | None:
    """Give the present conversation an answer and show its next screen. Returns Done when it has ended, else None.

    The state stays in the session until `ended` is called: a deed that is refused leaves the conversation as it was.
    """
    state = tap.session.present
    if state is None:
        return None
    if not tap.pressed and tap.message_id is not None and not isinstance(answer, Corrected):
        await saying.heard(tap.work, tap.who.reach, tap.message_id, state.thread)
    stale = engine.is_stale(state, answer)
    after = engine.advance(FLOWS[state.flow], state, answer, tap.facts)
    if _says_who_reads(after):
        await tap.ask_staff()
        after = engine.advance(FLOWS[state.flow], state, answer, tap.facts)
    album = album_of(answer)
    goes_on = album is not None and album == tap.session.album
    refused = album is not None and after.answers == state.answers
    told_before = goes_on and tap.session.refused
    tap.session = replace(tap.session, album=album, refused=refused or told_before)
    if refused and told_before and not tap.urgent:
        return None  # an album is told once, not for each photo
    if goes_on and isinstance(after, State) and after.step == state.step:
        await _note(tap, state, after)
        return None
    if stale:
        tap.toast = notices.STALE
    if isinstance(after, Done) or not after.screen.ask_location:
        await put_keys_away(tap, state)
    if isinstance(after, Done):
        return after
    await show_state(tap, after, in_place=not stale or tap.message_id == tap.session.message)
    return None


def album_of(answer: Answer) -> str | None:
    """The album (several photos sent at once) that an answer is part of, or None."""
    return answer.album if isinstance(answer, Photographed | Unusable) else None


async def resume(tap: Tap, *notes: Text, in_place: bool = False) -> bool:
    """Show the present conversation again. False when there is none."""
    state = tap.session.present
    if state is None:
        return False
    if _says_who_reads(state):
        await tap.ask_staff()
    await show_state(tap, engine.again(FLOWS[state.flow], state, tap.facts), *notes, in_place=in_place)
    return True


def _says_who_reads(state: State | Done) -> bool:
    return isinstance(state, State) and state.step == engine.SUMMARY


def ended(tap: Tap, flow: str) -> None:
    """Take a conversation that is over out of the session."""
    tap.session = tap.session.without(flow)


async def show_state(tap: Tap, state: State, *notes: Text, in_place: bool) -> None:
    """Show a conversation's screen and make it the present one."""
    await tap.show(state.screen.before(*notes), in_place=in_place, thread=state.thread)
    on = tap.message_id if in_place and tap.pressed and not state.screen.ask_location else None
    tap.session = replace(tap.session.holding(state), message=on)


async def _note(tap: Tap, before: State, after: State) -> None:
    """For one more photo of an album, show only the lines about it; the screen above stays valid with its buttons."""
    asked = engine.again(FLOWS[after.flow], after, tap.facts).screen
    await tap.show(notices.only(*after.screen.lines[: -len(asked.lines)]), thread=after.thread)
    tap.session = tap.session.holding(replace(after, serial=before.serial, screen=before.screen))


async def put_keys_away(tap: Tap, before: State) -> None:
    """Remove the key that shares a place: it stands below the chat until a message without buttons takes it away."""
    if before.screen.ask_location:
        await tap.show(notices.place_key_away(), thread=before.thread)
