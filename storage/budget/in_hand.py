"""What a tap on a ballot looks up in one statement: the draft, its round and the round's wrapped secret."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from storage.budget.ballots import DraftRow, DraftTable, RoundKeyTable, key_is_read
from storage.budget.rounds import RoundRow, RoundTable
from storage.engine.ready import Ready
from storage.engine.unit_of_work import UnitOfWork, table_of

_drafts, _rounds, _keys = table_of(DraftTable), table_of(RoundTable), table_of(RoundKeyTable)
_QUERY = (
    select(*_drafts.columns, *_rounds.columns, _keys.c.wrapped)
    .join(_rounds, _rounds.c.id == _drafts.c.round_id)
    .outerjoin(_keys, _keys.c.round_id == _rounds.c.id)
    .where(_drafts.c.draft_tag == bindparam("draft_tag"))
)
_FREE, _LOCKED = Ready(lambda _: _QUERY), Ready(lambda _: _QUERY.with_for_update(of=_drafts))
_OF_DRAFTS, _OF_ROUNDS = [one.name for one in _drafts.columns], [one.name for one in _rounds.columns]


async def draft(work: UnitOfWork, draft_tag: bytes, *, lock: bool) -> tuple[DraftRow, RoundRow] | None:
    """The draft of a chat and its round; None without a draft. lock: lock the draft's row until the work ends."""
    found = await work.ask(_LOCKED if lock else _FREE, draft_tag=draft_tag)
    if not found:
        return None
    (row,) = found
    at = len(_OF_DRAFTS)
    its_round = RoundRow.model_construct(**dict(zip(_OF_ROUNDS, row[at:-1], strict=True)))
    key_is_read(work, its_round.id, row[-1])
    return DraftRow.model_construct(**dict(zip(_OF_DRAFTS, row[:at], strict=True))), its_round
