"""Cutting the line that leads from a signal to its reporter: asked for, done and told in three units of work.

Rows that one transaction wrote can be seen to belong together, so the cut shares none with an act of the resident. The
request is a row: a kill in between loses neither the cut nor its telling, and nothing says "cut" before it is.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from domain.reach import Reach, reach_in
from domain.screens import Screen, from_plain, to_plain
from domain.sealing import CannotOpen, KeyRing, Place, new_id, new_key, seal_json, unseal_json
from services.outbox import saying
from services.people import residents
from services.signals import reporting
from services.signals.sealed_places import asker_tag
from services.work import Held, Work
from storage.signals import line_cuts
from storage.signals.line_cuts import LineCutRow

_AT_ONCE = 100
_told_once = lru_cache(maxsize=1)(logging.getLogger("buurtstem.cutting").warning)
log = logging.getLogger("buurtstem.cutting")


async def ask(
    work: Work, reach: Reach, signal_id: str, *, cut: Screen, failed: Screen, edit: int | None, thread: str
) -> bool:
    """Note that the line is to be cut. False, and nothing noted: the signal is not theirs, or its line is cut already.

    cut, failed: what the resident sees once it is done, or can't be done any more · edit: the message to show it in
    place of · thread: the conversation with which it is removed from the phone, never the signal's own.
    """
    if not await reporting.may_cut(work, reach, signal_id):
        return False
    tag = asker_tag(work.keys, reach)
    if any(row.signal_id == signal_id for row in await line_cuts.asked(work, asker_tag=tag)):
        return True
    content = {
        "reach": reach.plain, "edit": edit, "thread": thread,
        "cut": to_plain(cut), "failed": to_plain(failed),
    }  # fmt: skip
    cut_id = new_id()
    await line_cuts.add(
        work, {"id": cut_id, "asker_tag": tag, "signal_id": signal_id, **_sealed(work.keys, cut_id, content)}
    )
    return True


async def cut_asked(work: Work) -> None:
    """Cut the lines asked for, in a unit of work without any act of a resident; on PostgreSQL not during a backup."""
    if not await line_cuts.asked(work, 1):
        return
    try:
        async with work.part():
            await line_cuts.hold_tables(work)
            await _cut_all(work)
    except Held:
        _told_once("lines that were asked to be cut wait until nobody reads the tables any more: does a backup run?")


async def _cut_all(work: Work) -> None:
    cut = []
    for row in await line_cuts.asked(work, _AT_ONCE):
        if (asked := await _opened_or_dropped(work, row)) is None:
            continue
        reach, content = asked
        signal_id = str(row.signal_id)
        # A message about it that is being sent now will be noted with the signal's name: leave it to the next look.
        if not await saying.drop_thread(work, reach, signal_id):
            continue
        done = await reporting.cut_line(work, reach, signal_id)
        await residents.forget_in_conversation(work, reach, signal_id)
        said = content["cut" if done else "failed"]
        told = {"reach": reach.plain, "edit": content["edit"], "thread": content["thread"], "say": said}
        await line_cuts.done(work, row.id, _sealed(work.keys, row.id, told))
        cut.append(signal_id)
    if cut:
        await line_cuts.mix(work, cut)


async def tell_cut(work: Work) -> None:
    """Tell the residents who asked that it is done, and forget their requests."""
    for row in await line_cuts.untold(work, _AT_ONCE):
        if (done := await _opened_or_dropped(work, row)) is not None:
            reach, told = done
            await saying.show(work, reach, from_plain(told["say"]), edit=told["edit"], thread=told["thread"])
            await line_cuts.drop(work, row.id)


def _place(cut_id: str) -> Place:
    return Place("line_cuts", cut_id, "content")


def _sealed(keys: KeyRing, cut_id: str, content: dict[str, Any]) -> dict[str, bytes]:
    key = new_key()
    return {"content": seal_json(key, content, _place(cut_id)), "wrapped": keys.wrap(key, cut_id)}


async def _opened_or_dropped(work: Work, row: LineCutRow) -> tuple[Reach, dict[str, Any]] | None:
    """Who asked, and the request's content; one that can't be opened is dropped (None), so as not to hold up others."""
    try:
        content: dict[str, Any] = unseal_json(work.keys.unwrap(row.wrapped, row.id), row.content, _place(row.id))
        return reach_in(content), content
    except CannotOpen:
        log.warning("somebody asked to cut a line and it can't be opened any more: `keys check` says more")
        await line_cuts.drop(work, row.id)
        return None
