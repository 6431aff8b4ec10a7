"""What a resident may see of their signals: all that the tables hold, in plain words and JSON-able."""

from __future__ import annotations

from typing import Any

from domain.reach import Reach
from domain.sealing import unseal, unseal_json
from domain.signals.workflow import Turn
from services.signals.following import dialogue
from services.signals.sealed_places import asker_tag, opener_tag, place, reporter_tag
from services.work import Work
from storage.engine import vault
from storage.signals import cases, line_cuts


async def signals_of(work: Work, reach: Reach) -> list[dict[str, Any]]:
    """All signals of a reporter whose line was not cut, newest first."""
    return [await _signal(work, row) for row in await cases.signals_of(work, reporter_tag(work.keys, reach))]


async def opened_on(work: Work, reach: Reach) -> list[str]:
    """The days on which somebody opened signals by their codes, as long as that is remembered."""
    return [day.isoformat() for day in await cases.opened_by(work, opener_tag(work.keys, reach))]


async def being_cut(work: Work, reach: Reach) -> int:
    """How many lines somebody asked to cut that are not cut yet: a matter of seconds."""
    return len(await line_cuts.asked(work, asker_tag=asker_tag(work.keys, reach)))


async def _signal(work: Work, row: cases.SignalRow) -> dict[str, Any]:
    key = await vault.open_record(work, row.record_id)
    moves = await cases.moves_of(work, row.id)
    return {
        "code": unseal(key, row.code, place(row.id, "code")).decode(),
        "kind": row.kind,
        "status": row.status,
        "received_on": row.received_on.isoformat(),
        "moved_on": row.moved_on.isoformat(),
        "ended_on": row.ended_on.isoformat() if row.ended_on else None,
        "language": row.language,
        "neighbourhood": row.neighbourhood,
        "role": row.role,
        "about": row.about,
        "wants_help": row.wants_help,
        "words_point_to_danger": row.danger,
        "details": unseal_json(key, row.details, place(row.id, "details")),
        "official_codes": unseal_json(key, row.codes, place(row.id, "codes")) if row.codes else None,
        "can_be_answered": row.handle is not None,
        "news_for_you": row.news,
        "news_for_the_team": row.unread,
        "opened_by_the_team": row.reads,
        "last_opened_on": row.last_read_on.isoformat() if row.last_read_on else None,
        "dialogue": [_turn(turn) for turn in await dialogue(work, row.id, key)],
        "moves": [{"from": begin, "to": end, "by": mover, "day": day.isoformat()} for begin, end, mover, day in moves],
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "from": "team" if turn.from_staff else "you",
        "words": turn.words,
        "language": turn.language,
        "day": turn.day.isoformat(),
        "files": [
            {"kind": one.kind, "seconds": one.seconds, "state": one.state, "media_type": one.media_type}
            for one in turn.files
        ],
    }
