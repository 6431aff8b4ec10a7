"""What a resident may see of themselves: all that the tables hold about them, in plain words and JSON-able."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.screens import Screen, to_plain
from domain.sealing import unseal, unseal_json
from domain.signals.workflow import Turn
from services.budget import shut_screens
from services.budget.round_keys import draft_tag, opened_draft, round_keys
from services.budget.rounds import round_of
from services.outbox.saying import chat_tag, opened
from services.people.residents import rate_tag
from services.signals.following import dialogue
from services.signals.sealed_places import asker_tag, opener_tag, place, reporter_tag
from services.work import Work
from storage.budget import ballots
from storage.engine import vault
from storage.outbox import pace, queue
from storage.people import phone_messages, rates
from storage.signals import cases, line_cuts


async def signals_of(work: Work, telegram_id: int) -> list[dict[str, Any]]:
    """All signals of a reporter whose line was not cut, newest first."""
    return [await _signal(work, row) for row in await cases.signals_of(work, reporter_tag(work.keys, telegram_id))]


async def opened_on(work: Work, telegram_id: int) -> list[str]:
    """The days on which somebody opened signals by their codes, as long as that is remembered."""
    return [day.isoformat() for day in await cases.opened_by(work, opener_tag(work.keys, telegram_id))]


async def being_cut(work: Work, telegram_id: int) -> int:
    """How many lines somebody asked to cut that are not cut yet: a matter of seconds."""
    return len(await line_cuts.asked(work, asker_tag=asker_tag(work.keys, telegram_id)))


async def ballot_of(work: Work, telegram_id: int) -> dict[str, Any] | None:
    """The ballot that somebody has begun and not cast. What was cast can't be found by a person, only by its code."""
    row = await ballots.draft_by_tag(work, draft_tag(work.keys, telegram_id))
    if row is None:
        return None
    content = opened_draft(await round_keys(work, row.round_id), row)
    title = (await round_of(work, row.round_id)).title
    return {"round": title, "code": content["code"], "plans": content["choices"], "reminded": row.reminded or "no"}


async def counts_of(work: Work, telegram_id: int) -> dict[str, dict[str, int]]:
    """How often somebody reported, and guessed codes of signals and votes, in each hour that is still counted."""
    found = {
        what: await rates.counted(work, rate_tag(work.keys, what, telegram_id)) for what in ("report", "guess", "vote")
    }
    return {what: {hour.isoformat(): times for hour, times in hours} for what, hours in found.items()}


async def messages_of(work: Work, chat_id: int) -> dict[str, Any]:
    """What is still to be said to a chat, what could not be, and which messages on the phone we could delete.

    Of a file that waits only its name is shown: a file in a file in a file would grow without end.
    """
    tag = chat_tag(work.keys, chat_id)
    rows = await queue.unsaid_to(work, tag)
    envelopes = [opened(work.keys, envelope, wrapped) for _, _, envelope, wrapped in rows if envelope]
    used = (await pace.paces(work, [tag])).get(tag)
    return {
        "waiting": [await _waiting(work, one.screen) for one in envelopes if one.screen],
        "not_said": sum(not envelope for _, _, envelope, _ in rows),
        "on_your_phone": await phone_messages.on_phone(work, tag),
        "pace_used_until": used.isoformat() if used else None,
    }


async def _waiting(work: Work, screen: Screen) -> dict[str, Any]:
    plain = to_plain(replace(screen, document=None, shut=None))
    if (file := (await shut_screens.opened(work, screen)).document) is not None:
        plain["file"] = file.name
    return plain


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
