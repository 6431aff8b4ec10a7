"""The entrance that all doors share: find the resident and their session, do what was meant, keep the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.engine.answers import Corrected, Tapped
from conversations.engine.facts import Deployment
from conversations.engine.fitting import Capabilities
from conversations.people import notices
from handlers.chat import front
from handlers.chat.door import Came, Listened, Nonsense, Went
from handlers.chat.session import Session
from handlers.chat.tap import Deed, Ending, Tap
from locales.texts import has
from services.people import residents


@dataclass(frozen=True, slots=True)
class Entrance:
    """Handles what comes in, the same for every door.

    Attributes:
        deployment: What the deployment says about itself.
        deeds: Name of a deed -> what it does, for buttons and commands.
        endings: Name of a conversation -> what follows when it was held to its end.
    """

    deployment: Deployment
    deeds: Mapping[str, Deed]
    endings: Mapping[str, Ending]

    async def enter(self, tap: Tap, came: Came, door: Capabilities) -> None:
        """Do what a resident meant by a message or press, in the tap's unit of work. door: what the door can carry."""
        tap.deployment, tap.deeds, tap.endings, tap.door = self.deployment, self.deeds, self.endings, door
        tap.message_id, tap.pressed = came.message, came.pressed
        tap.resident = await residents.arrive(tap.work, came.reach, came.language)
        before = tap.session = _session(residents.conversation(tap.resident))
        await _do(tap, came)
        if tap.session == before or tap.forgotten:
            return
        if plain := tap.session.to_plain():
            await residents.keep_conversation(tap.work, tap.who, plain)
        else:
            await residents.end_conversation(tap.work, tap.who)


async def _do(tap: Tap, came: Came) -> None:
    match came.what:
        case Tapped() as answer:
            await front.pressed(tap, answer)
        case Went(deed, value):
            await front.run(tap, deed, value)
        case Listened(key) if has(key):
            tap.listen = key
        case Listened() | Nonsense():
            tap.toast = notices.STALE
        case Corrected() as answer:
            await front.corrected(tap, answer)
        case answer:
            await front.heard(tap, answer)


def _session(plain: dict[str, Any] | None) -> Session:
    try:
        return Session.from_plain(plain)
    except (KeyError, TypeError, ValueError):
        # Another version of the program kept it in another form: a chat must never be stuck on that.
        return Session()
