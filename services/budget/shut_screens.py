"""Screens that tell what somebody chose: sealed as a whole under a key of the round that is destroyed at the close.

They wait in the outbox and are kept as "shown last" like others, but neither a backup nor what stays on a disk
afterwards can tell what was in them. Opened in memory only: when one is sent, and when its buttons are typed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace

from domain.screens import Screen, Shut, from_plain, to_plain
from domain.sealing import CannotOpen, Place, seal_json, unseal_json
from services.budget.round_keys import round_keys
from services.work import Work


async def shut(work: Work, round_id: str, screen: Screen, instead: Screen) -> Screen:
    """`instead`, with `screen` sealed in it; `instead` alone where the round has no keys (any more)."""
    try:
        keys = await round_keys(work, round_id)
    except LookupError:
        return instead
    content = b64encode(seal_json(keys.drafts, to_plain(screen), _place(round_id))).decode()
    return replace(instead, shut=Shut(round_id, content))


async def opened(work: Work, screen: Screen) -> Screen:
    """The screen that was sealed in this one; the outer one when there was none, or it can't be opened any more."""
    if screen.shut is None:
        return screen
    try:
        keys = await round_keys(work, screen.shut.round_id)
        return from_plain(unseal_json(keys.drafts, b64decode(screen.shut.content), _place(screen.shut.round_id)))
    except (LookupError, ValueError, TypeError, CannotOpen):
        return replace(screen, shut=None)


def _place(round_id: str) -> Place:
    return Place("screens", round_id, "shut")
