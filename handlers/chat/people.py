"""The deeds of the subject "people": menu, privacy, help, settings, one's own data, erasing, stopping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conversations.budget import voted
from conversations.engine.confirm import YES
from conversations.engine.state import Done
from conversations.people import menu, notices, own_data
from conversations.people.erasing import ERASE
from domain.screens import Screen
from handlers.chat import conversation
from handlers.chat.tap import ABOUT_ALL, Deed, Tap
from services.broadcasts import audience
from services.budget import shut_screens, voting
from services.meetings import rsvp
from services.people import residents
from services.rights import erasing


async def tapped_menu(tap: Tap, _value: str) -> None:
    """Shows the main menu."""
    await tap.show(menu.main(unfinished=tap.session.present is not None))


async def tapped_privacy(tap: Tap, _value: str) -> None:
    """Shows what is kept of a resident, and what is promised."""
    await tap.show(_with_resume(tap, menu.privacy(tap.deployment)))


async def tapped_help(tap: Tap, _value: str) -> None:
    """Shows what this bot does, and how."""
    await tap.show(_with_resume(tap, menu.explanation(tap.deployment)))


async def tapped_settings(tap: Tap, _value: str) -> None:
    """Shows the settings."""
    await tap.show(_with_resume(tap, menu.settings()))


async def tapped_my_data(tap: Tap, _value: str) -> None:
    """Shows everything that is kept of a resident: in short on the screen, whole in a file."""
    found = await erasing.my_data(tap.work, tap.who)
    # The answers of a half-finished conversation, without the program's own notes of where it stands.
    found["unfinished_conversation"] = [dict(state.answers) for state in tap.session.flows]
    found["unfinished_conversation"] += map(dict, tap.session.kept)
    on_its_way = any(one.get("file") == own_data.FILE for one in found["messages"]["waiting"])
    if not on_its_way:
        await _send_whole(tap, found)
    await tap.show(_with_resume(tap, own_data.in_short(found, tap.who.language, on_its_way=on_its_way)))


async def _send_whole(tap: Tap, found: Mapping[str, Any]) -> None:
    # An update that could not be handled is shown as it came: half a surrogate pair in it can't be encoded in a file.
    words = json.dumps(found, ensure_ascii=False, indent=2).encode(errors="replace").decode()
    whole = own_data.whole(words)
    if (draft := await voting.draft(tap.work, tap.who.reach)) is not None:
        # The file tells what is chosen on a ballot that is not cast.
        whole = await shut_screens.shut(tap.work, draft.round.id, whole, voted.ended())
    await tap.show(whole, thread=ABOUT_ALL)


async def tapped_erase(tap: Tap, _value: str) -> None:
    """Asks whether everything is to be erased."""
    await conversation.begin(tap, ERASE)


async def erased(tap: Tap, done: Done) -> None:
    """After "erase everything": erases all that is kept, if the answer was yes."""
    if done.outcome != YES:
        return
    await erasing.erase(tap.work, tap.who)
    tap.forgotten = True
    await tap.show(notices.erased())


async def tapped_stop(tap: Tap, _value: str) -> None:
    """No more messages and no news; a half-finished conversation is kept for its 7 days."""
    await residents.lost_contact(tap.work, tap.who.reach)
    await audience.choose(tap.work, tap.who, None)
    on_a_list = await rsvp.is_on_a_list(tap.work, tap.who.reach)
    unfinished = tap.session.present is not None
    await tap.show(_with_resume(tap, notices.stopped(on_a_list=on_a_list, unfinished=unfinished)))


async def tapped_resume(tap: Tap, _value: str) -> None:
    """Goes on with a half-finished conversation; shows the menu without one."""
    if not await conversation.resume(tap):
        await tapped_menu(tap, "")


def _with_resume(tap: Tap, screen: Screen) -> Screen:
    """The screen, with a button on top that leads back, while a conversation waits."""
    return notices.with_resume(screen, unfinished=tap.session.present is not None)


DEEDS: Mapping[str, Deed] = {
    "menu": tapped_menu,
    "privacy": tapped_privacy,
    "help": tapped_help,
    "settings": tapped_settings,
    "my_data": tapped_my_data,
    "erase": tapped_erase,
    "stop": tapped_stop,
    "resume": tapped_resume,
}
