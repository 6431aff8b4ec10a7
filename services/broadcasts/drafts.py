"""What staff do with a draft of an invitation: write it, change it, try it on one's own phone."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from conversations.broadcasts import notices
from domain.broadcasts import rules
from domain.broadcasts.rules import ACTS, BadBroadcast, BroadcastState, Content
from domain.cleaning import cleaned
from domain.neighbourhoods import ALL
from domain.screens import Screen
from domain.sealing import new_id
from domain.staff.rights import Mandate, Scope
from locales.texts import LANGUAGES
from services.broadcasts import recipients
from services.broadcasts.sending import ActNotPossible, visible
from services.staff.access import note, require
from services.staff.accounts import Staff, hashed
from services.staff.repeats import made_before
from services.work import Work
from storage.broadcasts import invitations
from storage.people import rates

TEST_LASTS = timedelta(hours=1)
# What a one-time link to the test of a broadcast begins with.
TEST_LINK = "test-"


async def write(work: Work, staff: Staff, content: Content, once: str | None = None) -> str:
    """Keep a new draft; its id. once: an idempotency key. Raises NotAllowed, BadBroadcast, RepeatedDifferently."""
    content = _checked(staff, content)
    broadcast_id, columns = new_id(), _columns(content)
    if before := await made_before(work, staff, "broadcast", once, json.dumps(columns, sort_keys=True), broadcast_id):
        return before
    await _one_more_audience(work, staff)
    await invitations.add(
        work,
        {
            "id": broadcast_id,
            "version": 1,
            "state": BroadcastState.DRAFT,
            "made_on": work.today,
            "tested": False,
            **columns,
        },
    )
    await note(work, staff, broadcast_id, "write")
    return broadcast_id


async def rewrite(work: Work, staff: Staff, broadcast_id: str, content: Content, version: int) -> None:
    """Change a draft. Raises NotAllowed, UnknownBroadcast, BadBroadcast, WrittenMeanwhile, ActNotPossible."""
    row = await visible(work, staff, broadcast_id, version)
    content = _checked(staff, content)
    if row.state != BroadcastState.DRAFT:
        raise ActNotPossible(ACTS[BroadcastState(row.state)])
    columns = _columns(content)
    if _slice_of(columns) != _slice_of(_columns(recipients.content_of(row))):
        await _one_more_audience(work, staff)
    await invitations.change(work, row.id, tested=False, **columns)
    await note(work, staff, row.id, "rewrite")


async def discard(work: Work, staff: Staff, broadcast_id: str, version: int) -> None:
    """Delete a draft with its texts.

    Raises NotAllowed, UnknownBroadcast, WrittenMeanwhile, and ActNotPossible once it was sent or asked to be approved.
    """
    row = await visible(work, staff, broadcast_id, version)
    if row.state != BroadcastState.DRAFT:
        raise ActNotPossible(ACTS[BroadcastState(row.state)])
    await invitations.drop(work, row.id)
    await note(work, staff, row.id, "delete")


async def make_test(work: Work, staff: Staff, broadcast_id: str) -> str:
    """A one-time command for the bot, good for an hour, that shows the message on the sender's own phone.

    Raises NotAllowed, UnknownBroadcast, ActNotPossible.
    """
    row = await visible(work, staff, broadcast_id)
    if row.state != BroadcastState.DRAFT:
        raise ActNotPossible(ACTS[BroadcastState(row.state)])
    token = secrets.token_urlsafe(24)
    await invitations.note_test(work, row.id, test_hash=hashed(token), test_until=work.now + TEST_LASTS)
    await note(work, staff, row.id, "test")
    return f"/start {TEST_LINK}{token}"


async def tried(work: Work, token: str) -> Screen | None:
    """The message that a one-time token shows; None when it is unknown, used or too old."""
    row = await invitations.by_test(work, hashed(token))
    if row is None or row.test_until is None or row.test_until < work.now:
        return None
    await invitations.note_test(work, row.id, test_hash=None, test_until=None, tested=True)
    return notices.trial(recipients.content_of(row))


async def _one_more_audience(work: Work, staff: Staff) -> None:
    """Count one more audience of this member of staff. Raises BadBroadcast above rules.AUDIENCES_AN_HOUR."""
    tag = work.keys.tag("audiences", staff.staff_id)
    if await rates.full_until(work, tag, rules.AUDIENCES_AN_HOUR):
        raise BadBroadcast("too_often")
    await rates.once_more(work, tag)


def _slice_of(columns: dict[str, Any]) -> tuple[Any, ...]:
    """The parts of a draft that decide who its audience is."""
    with_text = tuple(language for language, words in json.loads(columns["texts"]).items() if words)
    return (columns["buurten"], columns["languages"], columns["missing"], with_text)


def _checked(staff: Staff, content: Content) -> Content:
    """The content as it may be kept: cleaned, within the writer's mandate. Raises NotAllowed, BadBroadcast."""
    require(staff, Scope.INVITE)
    texts = {language: words for language in LANGUAGES if (words := cleaned(content.texts.get(language, "")).strip())}
    if not content.languages <= set(LANGUAGES):
        raise BadBroadcast("bad_audience")  # leaving an unknown language out may leave none, which means all
    buurten = content.buurten or _all_within(staff.mandate)
    value = content.value if content.go else ""
    content = replace(content, texts=texts, buurten=buurten, value=value)
    rules.check(content)
    if not rules.may_reach(staff.mandate, buurten):
        raise BadBroadcast("bad_audience")
    return content


def _all_within(mandate: Mandate) -> frozenset[str]:
    if mandate.areas is None:
        return frozenset()
    return frozenset(one.code for one in ALL if one.area in mandate.areas)


def _columns(content: Content) -> dict[str, Any]:
    return {
        "texts": json.dumps(dict(content.texts), ensure_ascii=False),
        "missing": content.missing,
        "go": content.go,
        "value": content.value,
        "buurten": " ".join(sorted(content.buurten)),
        "languages": " ".join(sorted(content.languages)),
    }
